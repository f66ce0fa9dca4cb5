"""Links that are sent by mail: random, remembered only as a hash, for one purpose.

Guards that a stolen database opens nothing, that a sign-in link works once and briefly, and that guessing its six-digit
code ends after five attempts. GET never uses a link up: mail scanners follow every address they see.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from recruit.accounts.sessions import hashed
from recruit.errors import RecruitError
from recruit.site import Site

CODE_ATTEMPTS = 5


class LinkDead(RecruitError):
    """Unknown, used, or too old: the page offers a fresh one."""

    status = 410
    text = "This link has been used or is too old. Ask for a new one."


@dataclass(frozen=True)
class Found:
    """A living link: whom it speaks for (a unit) and what it is about."""

    id: str
    person: UUID
    target: UUID | None


async def make(
    site: Site, purpose: str, person: UUID, now: datetime, life: timedelta | None = None, target: UUID | None = None
) -> str:
    """A new link's token; without `life` it lives as long as its person. Runs in the caller's transaction, if any."""
    token = secrets.token_urlsafe(24)
    await site.records.run_sql(
        "INSERT INTO link (id, purpose, person, target, code, attempts, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, '', 0, ?, ?)",
        *(hashed(token), purpose, person, target, now, now + life if life else None),
    )
    return token


async def find(site: Site, token: str, purpose: str, now: datetime) -> Found:
    """Look a link up without using it; LinkDead if it can't be used."""
    rows = await site.records.run_sql(
        "SELECT id, person, target FROM link WHERE id = ? AND purpose = ? AND used_at IS NULL "
        "AND (expires_at IS NULL OR expires_at > ?)",
        *(hashed(token), purpose, now),
    )
    if not rows:
        raise LinkDead()
    return Found(rows[0]["id"], rows[0]["person"], rows[0]["target"])


async def use(site: Site, token: str, purpose: str, now: datetime) -> Found:
    """Use a link up: of two that try at once, one gets it and the other LinkDead."""
    found = await find(site, token, purpose, now)
    await _spend(site, found.id, now)
    return found


async def spend_all(site: Site, purpose: str, person: UUID, now: datetime) -> None:
    """Every living link of a person for a purpose is used up: after a new password, or when an account is closed."""
    await site.records.run_sql(
        "UPDATE link SET used_at = ? WHERE purpose = ? AND person = ? AND used_at IS NULL", now, purpose, person
    )


async def add_code(site: Site, token: str) -> str:
    """A six-digit code beside the link, for who reads mail on another device."""
    code = f"{secrets.randbelow(1_000_000):06}"
    await site.records.run_sql("UPDATE link SET code = ? WHERE id = ?", _code_hash(hashed(token), code), hashed(token))
    return code


async def use_code(site: Site, purpose: str, person: UUID, code: str, now: datetime) -> Found:
    """Use the newest link of a person by its code; every wrong guess counts against it."""
    rows = await site.records.run_sql(
        "UPDATE link SET attempts = attempts + 1 WHERE id = (SELECT id FROM link WHERE purpose = ? AND person = ? AND "
        "used_at IS NULL AND code <> '' AND expires_at > ? ORDER BY created_at DESC LIMIT 1) "
        "RETURNING id, person, target, code, attempts",
        *(purpose, person, now),
    )
    if not rows or rows[0]["attempts"] > CODE_ATTEMPTS:
        raise LinkDead()
    if not hmac.compare_digest(rows[0]["code"], _code_hash(rows[0]["id"], code)):
        raise LinkDead()
    await _spend(site, rows[0]["id"], now)
    return Found(rows[0]["id"], rows[0]["person"], rows[0]["target"])


async def _spend(site: Site, link: str, now: datetime) -> None:
    spent = await site.records.run_sql(
        "UPDATE link SET used_at = ? WHERE id = ? AND used_at IS NULL RETURNING id", now, link
    )
    if not spent:
        raise LinkDead()


def _code_hash(link: str, code: str) -> str:
    return hashlib.scrypt(code.encode(), salt=link.encode(), n=2**12, r=8, p=1, dklen=32).hex()


async def forget_old(site: Site, now: datetime) -> None:
    """Remove links that can't be used any more: spent or expired over a day ago."""
    past = now - timedelta(days=1)
    await site.records.run_sql("DELETE FROM link WHERE used_at < ? OR expires_at < ?", past, past)
