"""The epoch key: what wraps all data keys, and what dies when the epoch ends.

Guards that everything which could outlive an erasure (wrapped keys, look-ups of addresses, pseudonyms) hangs on the one
key that a rotation destroys. Pure: keys and bytes in, bytes out.
"""

import hashlib
import hmac
import os
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

    def pseudonym(self, text: str) -> str:
        return hmac.digest(self._pseudonym, text.encode(), "sha256").hex()

    def lookup(self, digest: bytes) -> bytes | None:
        return hmac.digest(self._lookup, digest, "sha256") if digest else None


def rewrap(old: EpochKey, new: EpochKey, rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Every living data key under the new epoch, as parameters: wrapped, look-up, epoch, unit."""
    out = []
    for row in rows:
        payload = old.unwrap(row["id"], bytes(row["wrapped"]))
        out.append((new.wrap(row["id"], payload), new.lookup(payload[_SECRET:]), new.number, str(row["id"])))
    return out
