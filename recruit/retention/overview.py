"""What the privacy contact's desk shows of holds, purge, scheduled jobs and logs: ids, dates, states and counts only.

Guards that the desk's lists name nobody; to see whom something is about takes a case, and a look that is written. Reads
only.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from recruit import audit, employer, paging
from recruit.accounts.guards import DPO
from recruit.clock import day
from recruit.errors import NotFound
from recruit.i18n import Translate
from recruit.receipts.service import path_of
from recruit.retention import purge, reminding, restrictions
from recruit.retention.facts import Clock, clocks
from recruit.retention.holds import Hold, one
from recruit.retention.purge import Preview
from recruit.site import Site

JOBS = {
    "purge": "Purge",
    "backup": "Backup",
    "trial_restore": "Restoring on trial",
    "reminders": "Reminders and notices",
    "alarms": "Mail about alarms",
    "news": "Mail about new applications",
    "upkeep": "Tidying up",
}
"""What each scheduled job is called on the desk (message ids)."""

LATE = timedelta(hours=26)
_STUCK = timedelta(hours=1)


@dataclass(frozen=True)
class LastRun:
    """The last run of a job: `alarm` is a sentence (message id), or empty."""

    job: str
    name: str
    started_at: datetime
    ended_at: datetime | None
    alarm: str


@dataclass(frozen=True)
class HoldRow:
    """A hold as the desk lists it: no reason, no name. `document`: the one that is held alone."""

    id: UUID
    application: UUID | None
    document: UUID | None
    placed_on: date
    review_on: date
    asked_on: date | None
    released_on: date | None
    past_review: bool


@dataclass(frozen=True)
class Overview:
    """What waits on the desk."""

    preview: Preview
    past_review: list[HoldRow]
    standing: int
    asked: int
    restrictions: int
    restrictions_past_review: int
    stale: int
    runs: list[LastRun]
    never_purged: bool


async def of_now(site: Site, now: datetime) -> Overview:
    standing = await holds(site, day(now))
    runs = await last_runs(site, now)
    return Overview(
        preview=await purge.preview(site, now),
        past_review=[row for row in standing if row.past_review],
        standing=len(standing),
        asked=sum(row.asked_on is not None for row in standing),
        restrictions=len(await restrictions.standing(site)),
        restrictions_past_review=await restrictions.past_review(site, day(now)),
        stale=await stale(site, day(now)),
        runs=runs,
        never_purged=all(run.job != "purge" for run in runs),
    )


_HOLDS = "SELECT id, application, document, placed_on, review_on, asked_on, released_on FROM legal_hold"


async def holds(site: Site, today: date) -> list[HoldRow]:
    """All holds that stand, by review date."""
    rows = await site.records.run_sql(f"{_HOLDS} WHERE released_on IS NULL ORDER BY review_on, id")
    return [HoldRow(**row, past_review=today > row["review_on"]) for row in rows]


async def released_holds(site: Site, number: int) -> paging.Page:
    """Those that were released, the last first."""
    found = await paging.read(
        site.records, number, f"{_HOLDS} WHERE released_on IS NOT NULL ORDER BY released_on DESC, id"
    )
    return replace(found, rows=[HoldRow(**row, past_review=False) for row in found.rows])


async def hold_case(site: Site, hold: UUID, by: UUID, now: datetime) -> Hold:
    """One hold with its reason: a look, written before it is shown. NotFound if there is none, or none any more."""
    rows = await site.records.run_sql(
        "SELECT coalesce(application, document) AS unit FROM legal_hold WHERE id = ?", hold
    )
    if not rows:
        raise NotFound()
    await audit.look(by, DPO, [rows[0]["unit"]], "hold", now)
    return await one(site, hold)


async def clock_of(site: Site, application: UUID, now: datetime, tr: Translate) -> Clock:
    """The clock of one application, in the voice for staff."""
    return (await clocks(site, [application], now, tr, "staff"))[application]


async def stale(site: Site, today: date) -> int:
    """How many processes have run for too long without any activity (L2)."""
    return len(await reminding.stale_applications(site, await employer.policy(site), today))


async def last_runs(site: Site, now: datetime) -> list[LastRun]:
    """The last run of each scheduled job, with what is wrong with it."""
    found = []
    for job, name in sorted(JOBS.items()):
        for row in await site.records.run_sql("SELECT * FROM run WHERE job = ? ORDER BY started_at DESC LIMIT 1", job):
            found.append(LastRun(job, name, row["started_at"], row["ended_at"], _alarm(row, now)))
    return found


def _alarm(row: dict[str, Any], now: datetime) -> str:
    if row["error"]:
        return "The last run failed. The log names the place; the next run tries again."
    if row["ended_at"] is None and now - row["started_at"] > _STUCK:
        return "The last run has not ended."
    if row["job"] == "purge" and now - row["started_at"] > LATE:
        return "The purge has not run for more than 26 hours. Is the worker running?"
    return ""


# --- long lists -----------------------------------------------------------------------------------------------------


async def receipt(site: Site, number: UUID) -> bytes:
    """One issued receipt, as it was signed; NotFound if there is none of that number."""
    rows = await site.keyring.engine.run_sql("SELECT id FROM purge WHERE id = ? AND state = 'issued'", number)
    if not rows:
        raise NotFound()
    return await site.documents.get(path_of(number))


async def receipts(site: Site, number: int) -> paging.Page:
    """Issued receipts, newest first: purge id, when, under which rule."""
    found = await paging.read(
        site.keyring.engine,
        number,
        "SELECT id, erased_at, verified_at, inventory FROM purge WHERE state = 'issued' ORDER BY entry DESC",
    )
    return replace(found, rows=[{**row, "facts": msgspec.json.decode(row["inventory"])} for row in found.rows])
