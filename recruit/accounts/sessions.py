"""Sessions: server-side, named by a cookie of which only the hash is kept.

Guards against fixation (an id from outside is never adopted: signing in always makes a new one) and against a session
that outlives its person: erasing a candidate or closing an account deletes the rows.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from litestar.datastructures import Cookie

from recruit import audit
from recruit.accounts.guards import Me
from recruit.site import Site
from recruit.tables import Person, StaffSecrets
from recruit.vault.sealing import unseal

_LIFE = {"staff": timedelta(hours=12), "candidate": timedelta(hours=2)}


def hashed(token: str) -> str:
    """How a secret that was handed out is remembered."""
    return hashlib.sha256(token.encode()).hexdigest()


def cookie_name(site: Site) -> str:
    """`__Host-` ties the cookie to this host and to TLS, where there is TLS."""
    return "__Host-recruit" if site.settings.secure else "recruit"


def cookie(site: Site, token: str, kind: str) -> Cookie:
    return _cookie(site, token, _LIFE[kind])


def no_cookie(site: Site) -> Cookie:
    """Takes the cookie away; it names the same host and TLS, or browsers would keep the `__Host-` one."""
    return _cookie(site, "", timedelta(0))


def _cookie(site: Site, value: str, life: timedelta) -> Cookie:
    return Cookie(
        key=cookie_name(site),
        value=value,
        max_age=int(life.total_seconds()),
        httponly=True,
        secure=site.settings.secure,
        samesite="lax",
        path="/",
    )


async def begin(
    site: Site, kind: str, person: UUID, now: datetime, replaces: str | None = None, second_factor: bool = False
) -> str:
    """A new session, and the end of the one that the browser had. Returns the cookie's value."""
    token = secrets.token_urlsafe(32)
    async with site.records.transaction():
        await site.records.run_sql("DELETE FROM session WHERE id = ? OR expires_at < ?", replaces, now)
        await site.records.run_sql(
            "INSERT INTO session (id, kind, person, created_at, expires_at, second_factor) VALUES (?, ?, ?, ?, ?, ?)",
            *(hashed(token), kind, person, now, now + _LIFE[kind], second_factor),
        )
        if kind == "staff":
            await audit.record("staff.signed_in", now, person, second_factor=second_factor)
    return token


async def end(site: Site, session: str) -> None:
    await site.records.run_sql("DELETE FROM session WHERE id = ?", session)


async def end_all(site: Site, person: UUID) -> None:
    """Everywhere this person is signed in: after a new password, or when the account is closed."""
    await site.records.run_sql("DELETE FROM session WHERE person = ?", person)


async def places(site: Site, person: UUID, now: datetime) -> list[datetime]:
    """Since when this person is signed in, at each place; the newest first."""
    rows = await site.records.run_sql(
        "SELECT created_at FROM session WHERE person = ? AND expires_at > ? ORDER BY created_at DESC", person, now
    )
    return [row["created_at"] for row in rows]


async def had_second_factor(site: Site, session: str) -> bool:
    """Whether this session began with a code."""
    rows = await site.records.run_sql("SELECT second_factor FROM session WHERE id = ?", session)
    return bool(rows and rows[0]["second_factor"])


async def who(site: Site, token: str, now: datetime) -> Me | None:
    """The person behind a cookie, or None if the session is over or the person's key is gone."""
    rows = await site.records.run_sql("SELECT * FROM session WHERE id = ? AND expires_at > ?", hashed(token), now)
    if not rows:
        return None
    person: UUID = rows[0]["person"]
    key = (await site.keyring.keys([person])).get(person)
    if key is None:
        return None
    if rows[0]["kind"] == "staff":
        found = await site.records.run_sql("SELECT * FROM staff WHERE id = ? AND active", person)
        if not found:
            return None
        account = unseal(key, "staff", person, bytes(found[0]["sealed"]), StaffSecrets)
        roles = frozenset(found[0]["roles"].split(","))
        return Me("staff", person, account.name, rows[0]["id"], found[0]["language"], roles)
    found = await site.records.run_sql("SELECT * FROM candidate WHERE id = ?", person)
    if not found:
        return None
    profile = unseal(key, "candidate", person, bytes(found[0]["sealed"]), Person)
    return Me("candidate", person, profile.name, rows[0]["id"], found[0]["language"])
