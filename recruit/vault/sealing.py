"""Sealing: how one value or one document is encrypted under the key of its unit.

Guards that nothing about a person is stored readable, and that a sealed value can't be moved to another place: its
table, column, row and unit are authenticated with it. Values: `version | algorithm | key id | nonce | ciphertext`,
AES-256-GCM. Documents: libsodium's secretstream in segments, so that cutting, reordering or swapping segments fails.
"""

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from recruit.errors import RecruitError

T = TypeVar("T")

VERSION = 1
AES_GCM = 1
SECRETSTREAM = 2
SEGMENT = 64 * 1024
_HEADER = 2 + 16
_NONCE = 12
_SEGMENT_SEALED = SEGMENT + sodium.crypto_secretstream_xchacha20poly1305_ABYTES
_STREAM_HEADER = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES


class SealBroken(RecruitError):
    """A sealed value does not open: wrong key, wrong place, or changed bytes."""

    text = "A stored value can't be opened. An administrator has to look at it; nothing was changed."


@dataclass(frozen=True, repr=False)
class UnitKey:
    """The data key of one unit (32 bytes), and the unit's id, which stands in front of everything sealed under it."""

    unit: UUID
    secret: bytes

    def derived(self, purpose: str) -> bytes:
        return hashlib.blake2b(key=self.secret, person=purpose.encode(), digest_size=32).digest()


def new_secret() -> bytes:
    """32 random bytes from the operating system."""
    return os.urandom(32)


def _place(table: str, row: UUID, unit: UUID) -> bytes:
    return f"{table}.sealed".encode() + row.bytes + unit.bytes


def seal(key: UnitKey, table: str, row: UUID, value: msgspec.Struct) -> bytes:
    """Seal a struct for the `sealed` column of one row."""
    nonce = os.urandom(_NONCE)
    body = AESGCM(key.derived("value")).encrypt(nonce, msgspec.msgpack.encode(value), _place(table, row, key.unit))
    return bytes((VERSION, AES_GCM)) + key.unit.bytes + nonce + body


def unseal(key: UnitKey, table: str, row: UUID, blob: bytes, kind: type[T]) -> T:
    """Open what `seal` made; SealBroken if anything about it differs."""
    if blob[:2] != bytes((VERSION, AES_GCM)) or blob[2:_HEADER] != key.unit.bytes:
        raise SealBroken()
    nonce, body = blob[_HEADER : _HEADER + _NONCE], blob[_HEADER + _NONCE :]
    try:
        plain = AESGCM(key.derived("value")).decrypt(nonce, body, _place(table, row, key.unit))
        return msgspec.msgpack.decode(plain, type=kind)
    except (InvalidTag, ValueError) as error:
        raise SealBroken() from error


class StreamSealer:
    """Seals a document as it streams by: `push` bytes as they come, `finish` once; memory stays at one segment."""

    def __init__(self, key: UnitKey, document: UUID) -> None:
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        stream_header = sodium.crypto_secretstream_xchacha20poly1305_init_push(self._state, key.derived("document"))
        self._out = [bytes((VERSION, SECRETSTREAM)) + key.unit.bytes + stream_header]
        self._waiting = bytearray()
        self._document = document.bytes

    def push(self, data: bytes) -> bytes:
        """Take plain bytes, give the sealed bytes that are ready (may be none)."""
        self._waiting += data
        while len(self._waiting) > SEGMENT:
            self._segment(bytes(self._waiting[:SEGMENT]), sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE)
            del self._waiting[:SEGMENT]
        return self._ready()

    def finish(self) -> bytes:
        """The last sealed bytes; without them the document does not open."""
        self._segment(bytes(self._waiting), sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL)
        self._waiting.clear()
        return self._ready()

    def _segment(self, plain: bytes, tag: int) -> None:
        self._out.append(sodium.crypto_secretstream_xchacha20poly1305_push(self._state, plain, self._document, tag))

    def _ready(self) -> bytes:
        ready = b"".join(self._out)
        self._out.clear()
        return ready


async def open_stream(key: UnitKey, document: UUID, sealed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The plain bytes of a sealed document, segment by segment; SealBroken if it was cut, reordered or swapped."""
    waiting = bytearray()
    state = None
    final = False
    async for piece in sealed:
        waiting += piece
        if state is None:
            if len(waiting) < _HEADER + _STREAM_HEADER:
                continue
            state = _open_state(key, waiting)
        while len(waiting) > _SEGMENT_SEALED:
            plain, final = _pull(state, bytes(waiting[:_SEGMENT_SEALED]), document)
            del waiting[:_SEGMENT_SEALED]
            yield plain
            if final:
                raise SealBroken()
    if state is None:
        raise SealBroken()
    plain, final = _pull(state, bytes(waiting), document)
    if not final:
        raise SealBroken()
    yield plain


def _open_state(key: UnitKey, waiting: bytearray) -> sodium.crypto_secretstream_xchacha20poly1305_state:
    if waiting[:2] != bytes((VERSION, SECRETSTREAM)) or waiting[2:_HEADER] != key.unit.bytes:
        raise SealBroken()
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    header = bytes(waiting[_HEADER : _HEADER + _STREAM_HEADER])
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key.derived("document"))
    del waiting[: _HEADER + _STREAM_HEADER]
    return state


def _pull(
    state: sodium.crypto_secretstream_xchacha20poly1305_state, segment: bytes, document: UUID
) -> tuple[bytes, bool]:
    try:
        plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, segment, document.bytes)
    except (CryptoError, ValueError) as error:
        raise SealBroken() from error
    return plain, tag == sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
