"""Which processes are up, and what each of them has forgotten.

Guards that an erasure is honoured in every process before its receipt is issued: what a process keeps in memory (the
epoch key, the words that are searched) is let go of at each beat, and only then the beat says up to which epoch. A
purge waits for those who lag behind, and takes who has not beaten for a while for dead. A dead worker's job is taken
over for the same reason (`jobs.run_job`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from recruit.site import Site

BEAT = 5.0
"""Seconds between two beats of a process."""
SILENT = 30.0
"""Seconds without a beat after which a purge no longer waits for a process."""
DEAD = timedelta(seconds=60)
"""How old a last beat is when others may take over what the process was at."""

Forget = Callable[[Site], Awaitable[None]]

_FORGETTERS: "WeakKeyDictionary[Site, list[Forget]]" = WeakKeyDictionary()
_NUMBERS: "WeakKeyDictionary[Site, UUID]" = WeakKeyDictionary()


def on_beat(site: Site, forget: Forget) -> None:
    """Have something forget what was erased, at every beat of this process."""
    _FORGETTERS.setdefault(site, []).append(forget)


def number_of(site: Site) -> UUID | None:
    """This process's number while it is present."""
    return _NUMBERS.get(site)


async def beat(site: Site, now: datetime, works: bool = False) -> None:
    """Forget, then say so. The first beat enters the process, and says whether the scheduled jobs run in it."""
    number = _NUMBERS.setdefault(site, uuid4())
    oldest = await site.keyring.refresh()
    for forget in _FORGETTERS.get(site, ()):
        await forget(site)
    await site.records.run_sql(
        "INSERT INTO process (id, epoch, works, beats, seen_at) VALUES (?, ?, ?, 1, ?) ON CONFLICT (id) DO UPDATE "
        "SET epoch = excluded.epoch, beats = process.beats + 1, seen_at = excluded.seen_at",
        *(number, oldest, works, now),
    )


async def leave(site: Site) -> None:
    """This process ends in good order."""
    await site.records.run_sql("DELETE FROM process WHERE id = ?", _NUMBERS.pop(site))


async def present(site: Site, now: datetime) -> dict[str, int]:
    """How many processes are up: those that serve only, and those in which the scheduled jobs run."""
    rows = await site.records.run_sql(
        "SELECT works, count(*) AS n FROM process WHERE seen_at > ? GROUP BY works", now - DEAD
    )
    each = {bool(row["works"]): row["n"] for row in rows}
    return {"serve": each.get(False, 0), "worker": each.get(True, 0)}


async def wait_for_the_others(site: Site, now: datetime) -> None:
    """Return once every process has forgotten what was erased before the present epoch, or has fallen silent."""
    if site in _NUMBERS:
        await beat(site, now)
    heard: dict[UUID, int] = {}
    left = SILENT
    while lagging := await _lagging(site):
        if any(heard.get(number) != beats for number, beats in lagging.items()):
            heard, left = lagging, SILENT
        if left <= 0:
            await _forget_the_dead(site, lagging)
            return
        await asyncio.sleep(min(BEAT / 5, left))
        left -= BEAT / 5


async def _lagging(site: Site) -> dict[UUID, int]:
    rows = await site.records.run_sql("SELECT id, beats FROM process WHERE epoch < ?", site.keyring.epoch)
    return {row["id"]: row["beats"] for row in rows}


async def _forget_the_dead(site: Site, silent: dict[UUID, int]) -> None:
    async with site.records.transaction():
        await site.records.run_many("DELETE FROM process WHERE id = ? AND beats = ?", list(silent.items()))
