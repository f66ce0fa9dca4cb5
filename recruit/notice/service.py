"""The privacy notice in force and every one before it, as people were shown them.

Guards that the notice is never older than what it speaks of (it is made on every request from the versions in force),
and that what somebody was shown can be shown again: whenever it says something else than the newest stored version, it
is stored as the next one, in both languages. A stored version is never changed.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from recruit import employer
from recruit.employer import EmployerUnknown
from recruit.errors import NotFound
from recruit.i18n import LANGUAGES, Language, translator
from recruit.notice import record, writing
from recruit.notice.writing import Facts, Text
from recruit.site import Site

Texts = dict[Language, Text]


@dataclass(frozen=True)
class Version:
    """A notice: its number, since when it is in force, and its words in both languages."""

    number: int
    since: datetime
    body: str

    @property
    def texts(self) -> Texts:
        return msgspec.json.decode(self.body, type=Texts)


async def facts(site: Site) -> Facts:
    """What the notice is made of as of now. EmployerUnknown before the first run."""
    who = await employer.current(site)
    if who is None:
        raise EmployerUnknown()
    return Facts(
        employer=who,
        policy=await employer.policy(site),
        strict=site.settings.backup_mode == "strict",
        secure=site.settings.secure,
        entries=tuple((kept.key, kept.entry) for kept in await record.entries(site)),
    )


async def in_force(site: Site, now: datetime) -> Version:
    """The notice in force; stored as the next version if it says something new. Not inside a transaction."""
    body, digest = written(await facts(site))
    newest = await _newest(site)
    if newest is None or newest["digest"] != digest:
        await _store(site, body, digest, now)
        newest = await _newest(site)
        assert newest is not None
    return _version(newest)


async def number_in_force(site: Site, now: datetime) -> int:
    """The number alone, for whoever records which notice a person was shown."""
    return (await in_force(site, now)).number


async def version(site: Site, number: int) -> Version:
    """A notice that was in force; NotFound if there never was one of that number."""
    rows = await site.records.run_sql("SELECT * FROM notice_version WHERE number = ?", number)
    if not rows:
        raise NotFound()
    return _version(rows[0])


async def versions(site: Site) -> list[tuple[int, datetime]]:
    """The numbers of all, and since when each was in force, the newest first."""
    rows = await site.records.run_sql("SELECT number, since FROM notice_version ORDER BY number DESC")
    return [(row["number"], row["since"]) for row in rows]


@lru_cache(maxsize=4)
def written(made_of: Facts) -> tuple[str, str]:
    """Both languages as they are stored, and their digest."""
    body = msgspec.json.encode({lang: writing.notice(made_of, translator(lang)) for lang in LANGUAGES})
    return body.decode(), hashlib.sha256(body).hexdigest()


async def _newest(site: Site) -> dict[str, Any] | None:
    rows = await site.records.run_sql("SELECT * FROM notice_version ORDER BY number DESC LIMIT 1")
    return rows[0] if rows else None


async def _store(site: Site, body: str, digest: str, now: datetime) -> None:
    """The next version, in force since what changed it was decided; of two at once the first one stays."""
    async with site.records.transaction():
        newest = await _newest(site)
        if newest is not None and newest["digest"] == digest:
            return
        decided = await _decided(site)
        since = decided if decided and (newest is None or decided > newest["since"]) else now
        await site.records.run_sql(
            "INSERT INTO notice_version (number, since, digest, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (number) DO NOTHING",
            *(newest["number"] + 1 if newest else 1, since, digest, body),
        )


async def _decided(site: Site) -> datetime | None:
    """When the employer last decided anything that the notice speaks of; a new text of the program is no decision."""
    found = []
    for table in ("employer", "policy_version", "processing_activity"):
        where = "WHERE state = 'taken'" if table == "policy_version" else ""
        found += await site.records.run_sql(f"SELECT since FROM {table} {where} ORDER BY number DESC LIMIT 1")
    return max((row["since"] for row in found if row["since"]), default=None)


def _version(row: dict[str, Any]) -> Version:
    return Version(row["number"], row["since"], row["body"])
