"""What the privacy contact's desk shows of holds, purge, scheduled jobs and logs: ids, dates, states and counts only.

Guards that the desk's lists name nobody; to see whom something is about takes a case, and a look that is written. Reads
only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from recruit import audit, employer
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
from recruit.vault.ledger import Entry, first_fault

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

PAGE = 50
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


@dataclass(frozen=True)
class Page:
    """One page of a long list; `pages` is at least 1."""

    rows: list[Any]
    number: int
    pages: int


async def of_now(site: Site, now: datetime) -> Overview:
    standing = [row for row in await holds(site, day(now)) if row.released_on is None]
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


async def holds(site: Site, today: date) -> list[HoldRow]:
    """All holds, those that stand first, by review date."""
    rows = await site.records.run_sql(
        "SELECT id, application, document, placed_on, review_on, asked_on, released_on FROM legal_hold "
        "ORDER BY released_on IS NOT NULL, review_on"
    )
    return [HoldRow(**row, past_review=row["released_on"] is None and today > row["review_on"]) for row in rows]


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
    rows = await site.records.run_sql(
        "SELECT * FROM run WHERE started_at = (SELECT max(r.started_at) FROM run r WHERE r.job = run.job) ORDER BY job"
    )
    return [
        LastRun(row["job"], JOBS.get(row["job"]) or row["job"], row["started_at"], row["ended_at"], _alarm(row, now))
        for row in rows
    ]


def _alarm(row: dict[str, Any], now: datetime) -> str:
    if row["error"]:
        return "The last run failed. The log names the place; the next run tries again."
    if row["ended_at"] is None and now - row["started_at"] > _STUCK:
        return "The last run has not ended."
    if row["job"] == "purge" and now - row["started_at"] > LATE:
        return "The purge has not run for more than 26 hours. Is the worker running?"
    return ""


# --- long lists -----------------------------------------------------------------------------------------------------


async def ledger(site: Site, number: int) -> tuple[Page, str | None]:
    """The ledger, newest first, and the first fault of its chain (None: whole)."""
    entries = await site.keyring.entries()
    return _page(entries, number), first_fault(entries)


async def audited(number: int) -> tuple[Page, str | None]:
    """The audit, newest first, and the first fault of its chain (None: whole)."""
    entries = await audit.entries()
    return _page(entries, number), first_fault(entries)


async def receipt(site: Site, number: UUID) -> bytes:
    """One issued receipt, as it was signed; NotFound if there is none of that number."""
    rows = await site.keyring.engine.run_sql("SELECT id FROM purge WHERE id = ? AND state = 'issued'", number)
    if not rows:
        raise NotFound()
    return await site.documents.get(path_of(number))


async def receipts(site: Site, number: int) -> Page:
    """Issued receipts, newest first: purge id, when, under which rule."""
    rows = await site.keyring.engine.run_sql(
        "SELECT id, erased_at, verified_at, inventory FROM purge WHERE state = 'issued' ORDER BY entry DESC"
    )
    at, pages = place(number, len(rows))
    shown = rows[(at - 1) * PAGE : at * PAGE]
    return Page([{**row, "facts": msgspec.json.decode(row["inventory"])} for row in shown], at, pages)


def _page(entries: Sequence[Entry], number: int) -> Page:
    at, pages = place(number, len(entries))
    newest = list(reversed(entries))
    return Page(newest[(at - 1) * PAGE : at * PAGE], at, pages)


def place(number: int, total: int) -> tuple[int, int]:
    """Which page is shown of those that there are, and how many there are."""
    pages = max(1, -(-total // PAGE))
    return min(max(1, number), pages), pages
