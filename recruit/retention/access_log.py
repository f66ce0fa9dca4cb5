"""The access log: searched, exported, and its own end, since its rows go after the period of the policy (L34).

Guards that the notice's word about the access log is kept, that a row never goes early, and that a search names nobody:
rows hold random ids, and a colleague is named to whoever answers for privacy alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from recruit import audit, employer, paging
from recruit.accounts import staff
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.paging import Page
from recruit.retention import recipients, unusual
from recruit.retention.remembered import Counted, recall_counted, remember_counted
from recruit.retention.rules import DAY, Policy, add_months, end_of_local_day
from recruit.retention.unusual import LookFact, Oddity
from recruit.site import Site

LOOKS_BACK = 90
POINTED_OUT = 30
MOST = 50_000
"""So many rows leave in one file."""
SIFTED = 5000
Test = tuple[str, Any]
"""What a row must fulfil: SQL, and its parameter."""


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


async def found(site: Site, search: Search, number: int) -> tuple[Page, datetime | None]:
    """One page of what is found, newest first. Where no index finds it, the newest SIFTED looks are looked through; if
    there are more, the instant back to which that was.
    """
    by_index, sifted = await _tests(site, search)
    where, params = _all_of(by_index)
    newest = f"SELECT * FROM look WHERE {where} ORDER BY at DESC, id DESC"
    if not sifted:
        return await paging.read(site.records, number, newest, *params), None
    beyond = await site.records.run_sql(f"{newest} LIMIT 1 OFFSET ?", *params, SIFTED)
    fits, more = _all_of(sifted)
    fitting = f"SELECT * FROM ({newest} LIMIT ?) AS l WHERE {fits} ORDER BY at DESC, id DESC"
    page = await paging.read(site.records, number, fitting, *params, SIFTED, *more)
    return page, beyond[0]["at"] if beyond else None


async def everything(site: Site, search: Search, by: UUID, now: datetime) -> list[dict[str, Any]]:
    """All that is found, for a file; that it left is written into the audit."""
    by_index, sifted = await _tests(site, search)
    where, params = _all_of([*by_index, *sifted])
    rows = await site.records.run_sql(
        f"SELECT at, staff, role, purpose, unit FROM look WHERE {where} ORDER BY at DESC, id DESC LIMIT ?",
        *params,
        MOST,
    )
    async with site.records.transaction():
        await audit.record("access_log.exported", now, by, rows=len(rows))
    return rows


async def _tests(site: Site, search: Search) -> tuple[list[Test], list[Test]]:
    """What an index finds, and what the rows are sifted by: an index is by colleague or by case."""
    case = ids(await _units(site, search.case)) if search.case else None
    by_index: list[Test] = [
        ("staff = ?", search.staff),
        ("at >= ?", end_of_local_day(search.first - DAY) if search.first else None),
        ("at < ?", end_of_local_day(search.last) if search.last else None),
        (f"unit IN {IDS}", None if search.staff else case),
    ]
    sifted: list[Test] = [
        ("role = ?", search.role or None),
        ("purpose = ?", search.purpose or None),
        (f"unit IN {IDS}", case if search.staff else None),
    ]
    return [test for test in by_index if test[1] is not None], [test for test in sifted if test[1] is not None]


def _all_of(tests: list[Test]) -> tuple[str, list[Any]]:
    return " AND ".join(sql for sql, _ in tests) or "1 = 1", [value for _, value in tests]


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


async def oddities(site: Site) -> Counted[list[Oddity]] | None:
    """The days that stood out when the log was judged last, newest first; None before the first night."""
    return await recall_counted(site, "oddities", list[Oddity])


async def judge(site: Site, now: datetime) -> None:
    """Judge the last days' look-ups against each person's own months before: at night, a day of one at a time."""
    since = end_of_local_day(day(now) - LOOKS_BACK * DAY)
    odd: list[Oddity] = []
    for row in await site.records.run_sql("SELECT DISTINCT staff FROM look WHERE at >= ?", since):
        odd += await _oddities_of(site, row["staff"], day(now))
    odd.sort(key=lambda each: (each.day, str(each.staff)), reverse=True)
    await remember_counted(site, "oddities", odd, now)


async def _oddities_of(site: Site, who: UUID, today: date) -> list[Oddity]:
    rows = await site.records.run_sql("SELECT vacancy FROM team_member WHERE staff = ?", who)
    teams, own = {row["vacancy"] for row in rows}, unusual.Judge(who)
    days = [today - n * DAY for n in reversed(range(LOOKS_BACK))]
    judged = [own.day(on, await _looks_of(site, who, on, teams)) for on in days]
    return [odd for odd in judged[-POINTED_OUT:] if odd]


async def _looks_of(site: Site, who: UUID, on: date, teams: set[UUID]) -> list[LookFact]:
    rows = await site.records.run_sql(
        "SELECT l.at, l.role, l.purpose, l.unit, a.closed_on, a.vacancy, a.candidate FROM look l "
        "LEFT JOIN application a ON a.id = l.unit WHERE l.staff = ? AND l.at >= ? AND l.at < ?",
        *(who, end_of_local_day(on - DAY), end_of_local_day(on)),
    )
    ended = {row["candidate"] for row in rows if row["closed_on"]}
    pool = await _in_pool(site, ended) if ended else set()
    return [_fact(row, teams, pool) for row in rows]


async def _in_pool(site: Site, candidates: set[UUID]) -> set[UUID]:
    """Whose last word on consent is yes."""
    acts = await site.records.run_sql(
        f"SELECT candidate, given FROM consent WHERE candidate IN {IDS} ORDER BY at", ids(candidates)
    )
    return {who for who, given in {row["candidate"]: row["given"] for row in acts}.items() if given}


def _fact(row: dict[str, Any], teams: set[UUID], pool: set[UUID]) -> LookFact:
    """Whoever consented is kept to be found again: that their process has ended is no reason to leave them alone."""
    known = {name: row[name] for name in ("at", "role", "purpose", "unit")}
    closed_on = None if row["candidate"] in pool else row["closed_on"]
    return LookFact(**known, closed_on=closed_on, in_team=row["vacancy"] in teams if row["vacancy"] else None)


# --- its end ----------------------------------------------------------------------------------------------------------


async def forget_old(site: Site, now: datetime) -> int:
    """Remove the rows whose period is over; how many."""
    first = end_of_local_day(first_kept(day(now), await employer.policy(site)) - DAY)
    await recipients.forget_old(site, first)
    return len(await site.records.run_sql("DELETE FROM look WHERE at < ? RETURNING id", first))


def first_kept(today: date, policy: Policy) -> date:
    """The oldest day whose rows are still kept; at the end of a short month some days late, never early."""
    return add_months(today, -policy.access_log_months)
