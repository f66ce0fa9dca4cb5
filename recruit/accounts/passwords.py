"""Passwords: which are taken, and how they are remembered.

Guards that a stolen database gives no password away (Argon2id with the library's parameters, renewed when those
change), that an unknown account takes as long to refuse as a known one, and that the event loop never waits for a hash.
"""

import asyncio
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200

TOO_SHORT = "Use at least 12 characters. Several words in a row are easy to remember."
TOO_LONG = "Use at most 200 characters."
IS_THE_EMAIL = "The password may not be the e-mail address."
TOO_COMMON = "Many people use this password, so it is guessed first. Choose another one."

_GUESSED_FIRST = """
    123456789012 1234567890123 12345678901234 123456123456 123123123123 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5y6
    qwertyuiop12 qwertyuiop123 qwertyuiopå qwertyuiopåæ qwerty123456 qwertyqwerty asdfghjkløæ asdfghjkl123 zxcvbnm12345
    passord12345 passord123456 passordpassord mittpassord1 mittpassord123 nyttpassord123 passord2024! passord2025!
    passord2026! password1234 password12345 password123456 passwordpassword mypassword123 password2024! password2025!
    password2026! administrator administrator1 adminadminadmin admin1234567 letmeinletmein iloveyou1234 welcome12345
    welcome123456 velkommen123 velkommen1234 velkommen2026 sommeren2025 sommeren2026 vinteren2026 hemmelig1234
    hemmelighemmelig changeme1234 changemechangeme testtesttest test12345678 abcdefghijkl abcdefghijklm abc123abc123
    a1b2c3d4e5f6 trustno1trustno1 correcthorsebatterystaple
"""
_COMMON = frozenset(_GUESSED_FIRST.split()) | {"correct horse battery staple"}

HASHER = PasswordHasher()


def problem(password: str, email: str) -> str | None:
    """Why a new password is not taken (an English message id), or None."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        return TOO_SHORT
    if len(plain) > LONGEST:
        return TOO_LONG
    if plain.casefold() == email.strip().casefold():
        return IS_THE_EMAIL
    if plain.casefold() in _COMMON or len(set(plain)) < 4:
        return TOO_COMMON
    return None


async def remember(password: str) -> str:
    """The hash that is stored."""
    return await asyncio.to_thread(HASHER.hash, _normal(password))


async def matches(stored: str, password: str) -> bool:
    """Whether it is the password; without a stored hash just as slowly no."""
    found = await asyncio.to_thread(_verify, stored, _normal(password)[: LONGEST + 1])
    return found and bool(stored)


def outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return HASHER.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    nobodys = _nobodys()
    try:
        return HASHER.verify(stored or nobodys, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    """A hash that belongs to no account, made with the parameters of today."""
    return HASHER.hash("nobody's")


def _normal(password: str) -> str:
    """The same letters whichever keyboard they were typed on."""
    return unicodedata.normalize("NFKC", password)
