"""The access log: searched, exported, and its own end, since its rows go after the period of the policy (L34).

Guards that the notice's word about the access log is kept, that a row never goes early, and that a search names nobody:
rows hold random ids, and a colleague is named to whoever answers for privacy alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from recruit import audit, employer
from recruit.accounts import staff
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.retention import recipients, unusual
from recruit.retention.overview import PAGE, Page, place
from recruit.retention.remembered import remember
from recruit.retention.rules import DAY, Policy, add_months, end_of_local_day
from recruit.retention.unusual import LookFact, Oddity
from recruit.site import Site

LOOKS_BACK = 90
POINTED_OUT = 30
MOST = 50_000
"""So many rows leave in one file."""


@dataclass(frozen=True)
class Search:
    """What is searched for; None: anything. `case` is the id of an application, a profile, a request or a hold."""

    staff: UUID | None = None
    role: str = ""
    purpose: str = ""
    first: date | None = None
    last: date | None = None
    case: UUID | None = None


def search_of(form: Mapping[str, str]) -> tuple[Search, dict[str, str]]:
    """What a form asks for, and what of it can't be read (English message ids, by field)."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name in ("staff", "case"):
        values[name] = _read(form.get(name, ""), UUID, "Paste the whole random id, or leave it empty.", name, errors)
    for name in ("first", "last"):
        values[name] = _read(form.get(name, ""), date.fromisoformat, "Write the day as 2026-11-22.", name, errors)
    return Search(role=form.get("role", ""), purpose=form.get("purpose", ""), **values), errors


def _read(text: str, kind: Any, wrong: str, name: str, errors: dict[str, str]) -> Any:
    try:
        return kind(text) if text else None
    except ValueError:
        errors[name] = wrong
        return None


async def found(site: Site, search: Search, number: int) -> tuple[Page, int]:
    """One page of what is found, newest first, and how many there are in all."""
    where, params = await _where(site, search)
    total = (await site.records.run_sql(f"SELECT count(*) AS n FROM look WHERE {where}", *params))[0]["n"]
    at, pages = place(number, total)
    rows = await site.records.run_sql(
        f"SELECT at, staff, role, purpose, unit FROM look WHERE {where} ORDER BY at DESC, id LIMIT ? OFFSET ?",
        *(*params, PAGE, (at - 1) * PAGE),
    )
    return Page(rows, at, pages), total


async def everything(site: Site, search: Search, by: UUID, now: datetime) -> list[dict[str, Any]]:
    """All that is found, for a file; that it left is written into the audit."""
    where, params = await _where(site, search)
    rows = await site.records.run_sql(
        f"SELECT at, staff, role, purpose, unit FROM look WHERE {where} ORDER BY at DESC, id LIMIT ?", *params, MOST
    )
    async with site.records.transaction():
        await audit.record("access_log.exported", now, by, rows=len(rows))
    return rows


async def _where(site: Site, search: Search) -> tuple[str, list[Any]]:
    tests: list[tuple[str, Any]] = [
        ("staff = ?", search.staff),
        ("role = ?", search.role or None),
        ("purpose = ?", search.purpose or None),
        ("at >= ?", end_of_local_day(search.first - DAY) if search.first else None),
        ("at < ?", end_of_local_day(search.last) if search.last else None),
        (f"unit IN {IDS}", ids(await _units(site, search.case)) if search.case else None),
    ]
    wanted = [(sql, value) for sql, value in tests if value is not None]
    return " AND ".join(["1 = 1", *(sql for sql, _ in wanted)]), [value for _, value in wanted]


async def _units(site: Site, case: UUID) -> set[UUID]:
    """The units that an id leads to: itself, the applications of a profile, what a request or a hold is about."""
    rows = await site.records.run_sql(
        "SELECT a.id FROM application a WHERE a.candidate = ? UNION SELECT coalesce(h.application, "
        "h.document) FROM legal_hold h WHERE h.id = ? UNION SELECT r.candidate FROM rights_request r WHERE r.id = ? "
        "UNION SELECT a.id "
        "FROM rights_request r JOIN application a ON a.candidate = r.candidate AND (r.whole OR a.id = r.application) "
        "WHERE r.id = ?",
        *(case, case, case, case),
    )
    return {case, *(row["id"] for row in rows)}


async def names(site: Site) -> dict[UUID, str]:
    """Whose account it is: for whoever answers for privacy."""
    return {account.id: account.secrets.name for account in await staff.listed(site)}


# --- what stands out --------------------------------------------------------------------------------------------------


async def oddities(site: Site, now: datetime, days: int = POINTED_OUT) -> list[Oddity]:
    """The last days' look-ups that stand out, judged against each person's own months before, newest first."""
    found: list[Oddity] = []
    for row in await site.records.run_sql("SELECT DISTINCT staff FROM look"):
        found += unusual.unusual(await _looks_of(site, row["staff"], now), day(now) - (days - 1) * DAY)
    return sorted(found, key=lambda odd: (odd.day, str(odd.staff)), reverse=True)


async def count_oddities(site: Site, now: datetime) -> None:
    """How many days stand out, for the desk: every look of the last months is judged, so it is done at night."""
    await remember(site, "odd_days", len(await oddities(site, now)))


async def _looks_of(site: Site, who: UUID, now: datetime) -> list[LookFact]:
    rows = await site.records.run_sql(
        "SELECT l.at, l.staff, l.role, l.purpose, l.unit, a.closed_on, a.vacancy, a.candidate FROM look l "
        "LEFT JOIN application a ON a.id = l.unit WHERE l.staff = ? AND l.at >= ?",
        *(who, end_of_local_day(day(now) - LOOKS_BACK * DAY)),
    )
    teams = await site.records.run_sql("SELECT vacancy, staff FROM team_member WHERE staff = ?", who)
    inside = {(row["vacancy"], row["staff"]) for row in teams}
    ended = {row["candidate"] for row in rows if row["closed_on"]}
    acts = await site.records.run_sql(
        f"SELECT candidate, given FROM consent WHERE candidate IN {IDS} ORDER BY at", ids(ended)
    )
    pool = {who for who, given in {row["candidate"]: row["given"] for row in acts}.items() if given}
    return [_fact(row, inside, pool) for row in rows]


def _fact(row: dict[str, Any], inside: set[tuple[UUID, UUID]], pool: set[UUID]) -> LookFact:
    """Whoever consented is kept to be found again: that their process has ended is no reason to leave them alone."""
    vacancy, candidate = row.pop("vacancy"), row.pop("candidate")
    closed_on = None if candidate in pool else row.pop("closed_on")
    known = {name: row[name] for name in ("at", "staff", "role", "purpose", "unit")}
    return LookFact(**known, closed_on=closed_on, in_team=(vacancy, row["staff"]) in inside if vacancy else None)


# --- its end ----------------------------------------------------------------------------------------------------------


async def forget_old(site: Site, now: datetime) -> int:
    """Remove the rows whose period is over; how many."""
    first = end_of_local_day(first_kept(day(now), await employer.policy(site)) - DAY)
    await recipients.forget_old(site, first)
    return len(await site.records.run_sql("DELETE FROM look WHERE at < ? RETURNING id", first))


def first_kept(today: date, policy: Policy) -> date:
    """The oldest day whose rows are still kept; at the end of a short month some days late, never early."""
    return add_months(today, -policy.access_log_months)
