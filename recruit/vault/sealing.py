"""Sealing: how one value or one document is encrypted under the key of its unit.

Guards that nothing about a person is stored readable, and that a sealed value can't be moved to another place: its
table, column, row and unit are authenticated with it. Values: `version | algorithm | key id | nonce | ciphertext`,
AES-256-GCM. Documents: libsodium's secretstream in segments, so that cutting, reordering or swapping segments fails.
"""

import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
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
    """The data key of one unit (32 bytes), and the unit's id, which stands in front of everything sealed under it.

    `former`: while a part of the unit is erased by itself, what was not sealed anew yet opens with these. `parts` are
    the keys of what lives apart under ids of its own. Sealing knows neither: whatever is new is under `secret`.
    """

    unit: UUID
    secret: bytes
    former: tuple[bytes, ...] = field(default=(), compare=False)
    parts: Mapping[UUID, "UnitKey"] = field(default_factory=dict, compare=False)

    def derived(self, purpose: str) -> bytes:
        return _derived(self.secret, purpose)

    def opening(self, unit: UUID, purpose: str) -> list[bytes]:
        """What may open something that has this unit in front, the present key first."""
        own = self if unit == self.unit else self.parts.get(unit)
        return [_derived(secret, purpose) for secret in (own.secret, *own.former)] if own else []


def _derived(secret: bytes, purpose: str) -> bytes:
    return hashlib.blake2b(key=secret, person=purpose.encode(), digest_size=32).digest()


def new_secret() -> bytes:
    """32 random bytes from the operating system."""
    return os.urandom(32)


def _place(table: str, row: UUID, unit: UUID) -> bytes:
    return f"{table}.sealed".encode() + row.bytes + unit.bytes


def seal(key: UnitKey, table: str, row: UUID, value: msgspec.Struct) -> bytes:
    """Seal a struct for the `sealed` column of one row."""
    return _seal(key, table, row, msgspec.msgpack.encode(value))


def _seal(key: UnitKey, table: str, row: UUID, plain: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    body = AESGCM(key.derived("value")).encrypt(nonce, plain, _place(table, row, key.unit))
    return bytes((VERSION, AES_GCM)) + key.unit.bytes + nonce + body


def unseal(key: UnitKey, table: str, row: UUID, blob: bytes, kind: type[T]) -> T:
    """Open what `seal` made; SealBroken if anything about it differs."""
    _, plain = _unseal(key, table, row, blob)
    try:
        return msgspec.msgpack.decode(plain, type=kind)
    except ValueError as error:
        raise SealBroken() from error


def _unseal(key: UnitKey, table: str, row: UUID, blob: bytes) -> tuple[int, bytes]:
    """The plain bytes, and the place of the secret that opened it: 0 is the present one."""
    if blob[:2] != bytes((VERSION, AES_GCM)) or len(blob) < _HEADER + _NONCE:
        raise SealBroken()
    unit = unit_of(blob)
    nonce, body = blob[_HEADER : _HEADER + _NONCE], blob[_HEADER + _NONCE :]
    for place, secret in enumerate(key.opening(unit, "value")):
        with contextlib.suppress(InvalidTag):
            return place, AESGCM(secret).decrypt(nonce, body, _place(table, row, unit))
    raise SealBroken()


def unit_of(blob: bytes) -> UUID:
    """The unit under whose key something was sealed, as it says itself."""
    return UUID(bytes=blob[2:_HEADER])


def reseal(key: UnitKey, table: str, row: UUID, blob: bytes) -> bytes | None:
    """The same content under the unit's present key; None if it is under that one already."""
    place, plain = _unseal(key, table, row, blob)
    return None if place == 0 and unit_of(blob) == key.unit else _seal(key, table, row, plain)


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
    async for piece in sealed:
        waiting += piece
        while len(waiting) > _SEGMENT_SEALED + (0 if state else _HEADER + _STREAM_HEADER):
            state = state or _open_state(key, document, waiting, last=False)
            plain, final = _pull(state, bytes(waiting[:_SEGMENT_SEALED]), document)
            del waiting[:_SEGMENT_SEALED]
            yield plain
            if final:
                raise SealBroken()
    state = state or _open_state(key, document, waiting, last=True)
    plain, final = _pull(state, bytes(waiting), document)
    if not final:
        raise SealBroken()
    yield plain


_State = sodium.crypto_secretstream_xchacha20poly1305_state


def _open_state(key: UnitKey, document: UUID, waiting: bytearray, last: bool) -> _State:
    """The state behind the header, which is taken off; of several secrets the one that opens the first segment."""
    if waiting[:2] != bytes((VERSION, SECRETSTREAM)) or len(waiting) < _HEADER + _STREAM_HEADER:
        raise SealBroken()
    header = bytes(waiting[_HEADER : _HEADER + _STREAM_HEADER])
    secrets = key.opening(unit_of(bytes(waiting)), "document")
    del waiting[: _HEADER + _STREAM_HEADER]
    segment = bytes(waiting) if last else bytes(waiting[:_SEGMENT_SEALED])
    for secret in secrets[:-1]:
        with contextlib.suppress(SealBroken):
            _pull(_begun(header, secret), segment, document)
            return _begun(header, secret)
    if not secrets:
        raise SealBroken()
    return _begun(header, secrets[-1])


def _begun(header: bytes, secret: bytes) -> _State:
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, secret)
    return state


def _pull(state: _State, segment: bytes, document: UUID) -> tuple[bytes, bool]:
    try:
        plain, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, segment, document.bytes)
    except (CryptoError, ValueError) as error:
        raise SealBroken() from error
    return plain, tag == sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
