"""The record of processing (art. 30): its entries, each in versions, and what happened to them.

Guards that nothing on the record is changed in place, and that an entry about what the program does can't be taken off.
Each act is one records transaction with its audit entry.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from recruit import audit
from recruit.errors import NotFound, RecruitError
from recruit.notice.activities import ALWAYS, ORDER, Entry
from recruit.notice.starting import initial
from recruit.site import Site


class EntryStays(RecruitError):
    """What the program itself does stands on the record for as long as it does it."""

    status = 409
    text = "The program does this itself, so the entry can't be taken off the record."


@dataclass(frozen=True)
class Kept:
    """An entry as it stands; `number` 0 and no `since`: nobody has changed it, it is as the program brings it."""

    key: str
    entry: Entry
    number: int = 0
    since: datetime | None = None
    standing: bool = True


async def entries(site: Site) -> list[Kept]:
    """What stands on the record, in the order of the notice; the employer's own entries last, as they came."""
    newest: dict[str, Kept] = {}
    for kept in await _rows(site, ""):
        newest[kept.key] = kept
    for key in ALWAYS:
        newest.setdefault(key, Kept(key, initial(key)))
    own = [key for key in newest if key not in ORDER]
    return [newest[key] for key in (*ORDER, *own) if key in newest and newest[key].standing]


async def entry(site: Site, key: str) -> Kept:
    """One entry that stands on the record; NotFound for any other."""
    for kept in await entries(site):
        if kept.key == key:
            return kept
    raise NotFound()


async def history(site: Site, key: str) -> list[Kept]:
    """All versions of an entry, the oldest first; NotFound if it never was on the record."""
    found = await _rows(site, "WHERE activity = ?", key)
    if not found and key not in ALWAYS:
        raise NotFound()
    return found


async def missing(site: Site) -> list[str]:
    """The entries that the program has a starting point for, and that are not on the record."""
    standing = {kept.key for kept in await entries(site)}
    return [key for key in ORDER if key not in standing]


def own_key() -> str:
    """The key of an entry that only this employer has."""
    return f"own-{uuid4().hex[:8]}"


async def save(site: Site, key: str, wanted: Entry, by: UUID, now: datetime) -> bool:
    """A new version of an entry, or its first; False if it stands like that already."""
    async with site.records.transaction():
        if any(kept.key == key and kept.number and kept.entry == wanted for kept in await entries(site)):
            return False
        await _write(site, key, wanted, True, by, now)
    return True


async def take_off(site: Site, key: str, by: UUID, now: datetime) -> None:
    """The employer does not do this any more; the versions stay. EntryStays for what the program does."""
    if key in ALWAYS:
        raise EntryStays()
    async with site.records.transaction():
        kept = await entry(site, key)
        await _write(site, key, kept.entry, False, by, now)


async def _write(site: Site, key: str, wanted: Entry, standing: bool, by: UUID, now: datetime) -> None:
    rows = await site.records.run_sql("SELECT coalesce(max(number), 0) + 1 AS n FROM processing_activity")
    number = int(rows[0]["n"])
    await site.records.run_sql(
        "INSERT INTO processing_activity (number, activity, since, decided_by, standing, body) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        *(number, key, now, by, standing, msgspec.json.encode(wanted).decode()),
    )
    await audit.record("record.changed", now, by, activity=key, version=number, standing=standing)


async def _rows(site: Site, where: str, *values: str) -> list[Kept]:
    rows = await site.records.run_sql(
        f"SELECT number, activity, since, standing, body FROM processing_activity {where} ORDER BY number", *values
    )
    return [
        Kept(
            row["activity"], msgspec.json.decode(row["body"], type=Entry), row["number"], row["since"], row["standing"]
        )
        for row in rows
    ]
