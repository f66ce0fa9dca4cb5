"""Vacancies: written, published, staffed with a hiring team, closed and reopened.

Guards that nothing is collected before the employer, the policy and the privacy contact stand (art. 13), and that
closing closes all of it or can be repeated: the vacancy first, so that no application comes in behind it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from recruit import audit, employer
from recruit.accounts.guards import INTERVIEWER, MANAGER, RECRUITER, Me
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import rules
from recruit.hiring.forms import VacancyForm
from recruit.hiring.rules import Plan
from recruit.retention import service as retention
from recruit.retention.facts import of_applications
from recruit.retention.rules import Facts, add_months
from recruit.site import Site
from recruit.tables import StaffSecrets, TeamMember, Vacancy
from recruit.vault.keyring import TooLate
from recruit.vault.sealing import unseal
from recruit.visible import APPLICATIONS


@dataclass(frozen=True)
class Line:
    """A vacancy in the list, with the counts that say where something is waiting."""

    row: dict[str, Any]
    new: int
    running: int
    ended: int
    stale: int


async def listed(site: Site, me: Me, today: date) -> list[Line]:
    """The vacancies that this person works with: the newest first, drafts and published before closed."""
    mine = "" if me.has(RECRUITER) else " WHERE id IN (SELECT vacancy FROM team_member WHERE staff = ?)"
    rows = await site.records.run_sql(
        f"SELECT * FROM vacancy{mine} ORDER BY state = 'closed', created_at DESC", *([me.id] if mine else [])
    )
    stale_before = add_months(today, -(await employer.policy(site)).stale_months)
    counts = await _counts(site, [row["id"] for row in rows], stale_before)
    return [Line(row, *counts.get(row["id"], (0, 0, 0, 0))) for row in rows]


async def _counts(site: Site, vacancies: list[UUID], stale_before: date) -> dict[UUID, tuple[int, int, int, int]]:
    rows = await site.records.run_sql(
        "SELECT vacancy, count(*) FILTER (WHERE outcome IS NULL AND stage = 'received') AS fresh, "
        "count(*) FILTER (WHERE outcome IS NULL) AS running, count(outcome) AS ended, "
        "count(*) FILTER (WHERE outcome IS NULL AND date(last_activity_at) <= ?) AS stale "
        f"FROM {APPLICATIONS} a WHERE vacancy IN {IDS} GROUP BY vacancy",
        *(stale_before.isoformat(), ids(vacancies)),
    )
    return {row["vacancy"]: (row["fresh"], row["running"], row["ended"], row["stale"]) for row in rows}


async def create(site: Site, form: VacancyForm, by: UUID, now: datetime) -> UUID:
    """A draft; nobody outside sees it before it is published."""
    number = uuid4()
    async with site.records.transaction():
        await Vacancy.insert(Vacancy(id=number, state="draft", created_by=by, created_at=now, **_columns(form))).run()
        await audit.record("vacancy.created", now, by, vacancy=number)
    return number


async def change(site: Site, row: dict[str, Any], form: VacancyForm, by: UUID, now: datetime) -> None:
    """New words for a vacancy. FormInvalid if a published one would lose its text."""
    if row["state"] == "published" and not (form.posting_nb or form.posting_en):
        raise FormInvalid({"posting_nb": "A published vacancy needs a text."})
    vacancy, columns = row["id"], _columns(form)
    async with site.records.transaction():
        await site.records.run_sql(
            f"UPDATE vacancy SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?",
            *columns.values(),
            vacancy,
        )
        await audit.record("vacancy.changed", now, by, vacancy=vacancy)


def _columns(form: VacancyForm) -> dict[str, Any]:
    return {
        "title_nb": form.title_nb,
        "title_en": form.title_en,
        "posting_nb": form.posting_nb,
        "posting_en": form.posting_en,
        "place": form.place,
        "extent": form.extent,
        "deadline": form.deadline,
    }


async def obstacles(site: Site, row: dict[str, Any], today: date) -> list[str]:
    """What keeps a vacancy from being published, a sentence for each (English message ids); empty: nothing."""
    who = await employer.current(site)
    decided = await site.records.run_sql("SELECT 1 FROM policy_version LIMIT 1")
    checks = (
        (who is not None and bool(who.name and who.contact_email), "The employer's name and address are not set."),
        (who is not None and bool(who.dpo_name and who.dpo_email), "No privacy contact is named."),
        (bool(decided), "No retention policy has been decided."),
        (bool(row["posting_nb"] or row["posting_en"]), "The posting has no text."),
        (row["deadline"] is None or row["deadline"] >= today, "The deadline has passed."),
    )
    return [text for holds, text in checks if not holds]


async def publish(site: Site, row: dict[str, Any], by: UUID, now: datetime) -> None:
    """Open a draft to candidates. NotReadyToPublish unless everything that art. 13 asks for stands (fail closed)."""
    if await obstacles(site, row, day(now)):
        raise rules.NotReadyToPublish()
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE vacancy SET state = 'published', published_at = ? WHERE id = ? AND state = 'draft'", now, row["id"]
        )
        await audit.record("vacancy.published", now, by, vacancy=row["id"])


# --- the hiring team --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Colleague:
    """A staff account as colleagues see it."""

    id: UUID
    name: str
    roles: tuple[str, ...]


async def team(site: Site, vacancy: UUID) -> list[Colleague]:
    return await _colleagues(site, "id IN (SELECT staff FROM team_member WHERE vacancy = ?)", vacancy)


async def could_join(site: Site, vacancy: UUID) -> list[Colleague]:
    """Hiring managers and interviewers who are not in the team yet."""
    others = await _colleagues(site, "active AND id NOT IN (SELECT staff FROM team_member WHERE vacancy = ?)", vacancy)
    return [who for who in others if MANAGER in who.roles or INTERVIEWER in who.roles]


async def names(site: Site, people: set[UUID]) -> dict[UUID, str]:
    """The names of these accounts, those that are closed included."""
    return {who.id: who.name for who in await _colleagues(site, f"id IN {IDS}", ids(people))}


async def _colleagues(site: Site, where: str, *params: Any) -> list[Colleague]:
    rows = await site.records.run_sql(f"SELECT id, roles, sealed FROM staff WHERE {where}", *params)
    keys = await site.keyring.keys([row["id"] for row in rows])
    found = [_colleague(row, keys[row["id"]]) for row in rows if row["id"] in keys]
    return sorted(found, key=lambda who: who.name.casefold())


def _colleague(row: dict[str, Any], key: Any) -> Colleague:
    account = unseal(key, "staff", row["id"], bytes(row["sealed"]), StaffSecrets)
    return Colleague(row["id"], account.name, tuple(role for role in row["roles"].split(",") if role))


async def add_member(site: Site, vacancy: UUID, staff: str, by: UUID, now: datetime) -> None:
    """Put somebody into the team. FormInvalid unless it is a colleague who can join."""
    chosen = next((who.id for who in await could_join(site, vacancy) if str(who.id) == staff), None)
    if chosen is None:
        raise FormInvalid({"staff": "Choose a colleague from the list."})
    async with site.records.transaction():
        await TeamMember.insert(TeamMember(id=uuid4(), vacancy=vacancy, staff=chosen)).run()
        await audit.record("team.joined", now, by, vacancy=vacancy, staff=chosen)


async def remove_member(site: Site, vacancy: UUID, staff: UUID, by: UUID, now: datetime) -> None:
    """Take somebody out of the team; they see nothing of it from now on. NotFound if they were not in it."""
    async with site.records.transaction():
        gone = await site.records.run_sql(
            "DELETE FROM team_member WHERE vacancy = ? AND staff = ? RETURNING id", vacancy, staff
        )
        if not gone:
            raise NotFound()
        await audit.record("team.left", now, by, vacancy=vacancy, staff=staff)


# --- closing ----------------------------------------------------------------------------------------------------------


async def plan(site: Site, vacancy: UUID, now: datetime) -> Plan:
    """What closing the vacancy now would do to whom."""
    return rules.plan_close(await _facts(site, vacancy), "position_filled", await employer.policy(site), now, day(now))


async def close(site: Site, vacancy: UUID, by: UUID, now: datetime) -> int:
    """Close a vacancy and every application that still runs (L2); how many. Repeating it finishes what was cut off."""
    async with site.records.transaction():
        changed = await site.records.run_sql(
            "UPDATE vacancy SET state = 'closed', closed_on = ? WHERE id = ? AND state <> 'closed' RETURNING id",
            *(day(now), vacancy),
        )
        if changed:
            await audit.record("vacancy.closed", now, by, vacancy=vacancy)
    what = await plan(site, vacancy, now)
    return await retention.close_applications(site, what.closing, "position_filled", by, now)


async def would_reopen(site: Site, row: dict[str, Any], today: date) -> tuple[UUID, ...]:
    """The applications that reopening takes up again: those that ended with the vacancy, inside the window (L4)."""
    return rules.reopening(await _facts(site, row["id"]), row["closed_on"], await employer.policy(site), today)


async def reopen(site: Site, row: dict[str, Any], by: UUID, now: datetime) -> int:
    """Open a closed vacancy again, and take up what ended with it; how many. An erased one stays erased."""
    back = await would_reopen(site, row, day(now))
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE vacancy SET state = ?, closed_on = NULL WHERE id = ? AND state = 'closed'",
            *("published" if row["published_at"] else "draft", row["id"]),
        )
        await audit.record("vacancy.reopened", now, by, vacancy=row["id"])
    taken_up = 0
    for application in back:
        try:
            await retention.undo_close(site, application, by, now)
        except TooLate:
            continue
        taken_up += 1
    return taken_up


async def _facts(site: Site, vacancy: UUID) -> dict[UUID, Facts]:
    rows = await site.records.run_sql(f"SELECT id FROM {APPLICATIONS} a WHERE vacancy = ?", vacancy)
    found = await of_applications(site, [row["id"] for row in rows])
    living = await site.keyring.keys(found)
    return {unit: facts for unit, facts in found.items() if unit in living}
