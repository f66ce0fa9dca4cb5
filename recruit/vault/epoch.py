"""The epoch key: what wraps all data keys, and what dies when the epoch ends.

Guards that everything which could outlive an erasure (wrapped keys, look-ups of addresses, pseudonyms) hangs on the one
key that a rotation destroys. Pure: keys and bytes in, bytes out.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recruit.vault.sealing import SealBroken

_NONCE = 12
_SECRET = 32


def address_digest(kind: str, email: str) -> bytes:
    """What an e-mail address is recognised by; it is only ever stored under the epoch key."""
    return hashlib.sha256(f"{kind}:{email.strip().casefold()}".encode()).digest()


class EpochKey:
    """An epoch's number and what is derived from its key (32 bytes). `check` recognises the key."""

    def __init__(self, number: int, key: bytes) -> None:
        self.number, self.key = number, key
        self._wrap = AESGCM(self._derive("wrap"))
        self._lookup = self._derive("lookup")
        self._pseudonym = self._derive("pseudonym")
        self.check = self._derive("check")

    def _derive(self, purpose: str) -> bytes:
        return hashlib.blake2b(key=self.key, person=purpose.encode(), digest_size=32).digest()

    def _place(self, unit: UUID) -> bytes:
        return unit.bytes + self.number.to_bytes(8, "big")

    def wrap(self, unit: UUID, payload: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._wrap.encrypt(nonce, payload, self._place(unit))

    def unwrap(self, unit: UUID, wrapped: bytes) -> bytes:
        try:
            return self._wrap.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], self._place(unit))
        except InvalidTag as error:
            raise SealBroken() from error

    def opens(self, unit: UUID, wrapped: bytes) -> bool:
        try:
            return bool(self.unwrap(unit, wrapped))
        except SealBroken:
            return False

    def pseudonym(self, text: str) -> str:
        return hmac.digest(self._pseudonym, text.encode(), "sha256").hex()

    def lookup(self, digest: bytes) -> bytes | None:
        return hmac.digest(self._lookup, digest, "sha256") if digest else None


class Epochs:
    """The epoch keys in use, at least one: the present one, and those that a rotation is leaving."""

    def __init__(self, keys: Iterable[EpochKey]) -> None:
        self._keys = {key.number: key for key in keys}
        self.present = self._keys[max(self._keys)]

    @property
    def numbers(self) -> set[int]:
        return set(self._keys)

    @property
    def each(self) -> tuple[EpochKey, ...]:
        return tuple(self._keys.values())

    def __contains__(self, number: int) -> bool:
        return number in self._keys

    def get(self, number: int) -> EpochKey | None:
        return self._keys.get(number)

    def unwrap(self, row: dict[str, Any]) -> bytes:
        """The payload of a row with `id`, `epoch` and `wrapped`; KeyError if its epoch is not in use."""
        return self._keys[row["epoch"]].unwrap(row["id"], bytes(row["wrapped"]))

    def rewrap(self, rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
        """Data keys under the present epoch, as parameters: wrapped, look-up, epoch, unit."""
        new, out = self.present, []
        for row in rows:
            payload = self.unwrap(row)
            out.append((new.wrap(row["id"], payload), new.lookup(payload[_SECRET:]), new.number, str(row["id"])))
        return out
