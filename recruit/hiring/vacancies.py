"""Vacancies: written, copied, published, listed.

Guards that nothing is collected before the employer, the policy and the privacy contact stand (art. 13), and that a
vacancy's way through the stages is fixed once somebody has applied.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from recruit import audit, employer, paging
from recruit.accounts.guards import RECRUITER, Me
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.errors import FormInvalid
from recruit.hiring import access, contacts, questions, rules, stages, team, ways
from recruit.hiring.forms import VacancyForm
from recruit.paging import Page
from recruit.retention.rules import add_months
from recruit.site import Site
from recruit.tables import Reach, TeamMember, Vacancy
from recruit.visible import APPLICATIONS


@dataclass(frozen=True)
class Line:
    """A vacancy in the list, with the counts that say where something is waiting; `unread` is new to this person."""

    row: dict[str, Any]
    new: int
    running: int
    ended: int
    stale: int
    unread: int


async def listed(site: Site, me: Me, number: int, today: date) -> Page:
    """A page of the vacancies that this person works with: the newest first, drafts and published before closed."""
    mine = "" if me.has(RECRUITER) else " WHERE id IN (SELECT vacancy FROM team_member WHERE staff = ?)"
    who = [me.id] if mine else []
    page = await paging.read(
        site.records,
        number,
        f"SELECT * FROM vacancy{mine} ORDER BY (state = 'closed'), created_at DESC, id",
        *who,
    )
    works = page.rows if me.has(RECRUITER) else [r for r in page.rows if await access.role_in(site, me, r["id"])]
    stale_before = add_months(today, -(await employer.policy(site)).stale_months)
    counts = await _counts(site, me, [row["id"] for row in works], stale_before)
    return replace(page, rows=[Line(row, **counts[row["id"]]) for row in works])


_MINE = (
    " AND (EXISTS (SELECT 1 FROM team_member m WHERE m.vacancy = a.vacancy AND m.staff = ? AND "
    "m.role = 'hiring_manager') OR EXISTS (SELECT 1 FROM assignment g WHERE g.application = a.id AND g.staff = ?))"
)


async def _counts(site: Site, me: Me, vacancies: list[UUID], stale_before: date) -> dict[UUID, dict[str, int]]:
    """How many there are of what; for an interviewer, among the assigned. Of the ended, who may be many, nothing else
    is asked.
    """
    mine, who = ("", ()) if me.has(RECRUITER) else (_MINE, (me.id, me.id))
    theirs = f"FROM {APPLICATIONS} a WHERE vacancy IN {IDS}{mine} AND outcome"
    running = await site.records.run_sql(
        "SELECT vacancy, count(*) FILTER (WHERE stage = 'received') AS new, count(*) AS running, "
        "count(*) FILTER (WHERE date(last_activity_at) <= ?) AS stale, count(*) FILTER (WHERE NOT EXISTS "
        "(SELECT 1 FROM seen s WHERE s.application = a.id AND s.staff = ?)) AS unread "
        f"{theirs} IS NULL GROUP BY vacancy",
        *(stale_before.isoformat(), me.id, ids(vacancies), *who),
    )
    ended = await site.records.run_sql(
        f"SELECT vacancy, count(*) AS ended {theirs} IS NOT NULL GROUP BY vacancy", ids(vacancies), *who
    )
    counts = {each: dict.fromkeys(("new", "running", "ended", "stale", "unread"), 0) for each in vacancies}
    for row in (*running, *ended):
        counts[row.pop("vacancy")].update(row)
    return counts


async def create(site: Site, form: VacancyForm, by: UUID, now: datetime) -> UUID:
    """A draft; nobody outside sees it before it is published."""
    number = uuid4()
    columns = {**_columns(form), "steps": stages.written(await ways.steps_of(site, form.way or "standard"))}
    contact = await _contact_of(site, form)
    async with site.records.transaction():
        await Vacancy.insert(Vacancy(id=number, state="draft", created_by=by, created_at=now, **columns)).run()
        await contacts.choose(site, number, contact, Reach(phone=form.contact_phone, title=form.contact_title))
        await audit.record("vacancy.created", now, by, vacancy=number)
    return number


async def copy(site: Site, row: dict[str, Any], by: UUID, now: datetime) -> UUID:
    """A new draft with the texts, questions, steps, team and contact person of an earlier one, without its deadline."""
    number, contact = uuid4(), await contacts.of_vacancy(site, row["id"])
    asked, members = await questions.of_vacancy(site, row["id"]), await team.of_vacancy(site, row["id"])
    columns = {name: row[name] for name in _COPIED}
    async with site.records.transaction():
        await Vacancy.insert(Vacancy(id=number, state="draft", created_by=by, created_at=now, **columns)).run()
        for member in members:
            await TeamMember.insert(
                TeamMember(id=uuid4(), vacancy=number, staff=member.id, role=member.team_role)
            ).run()
        await questions.copy(site, asked, number)
        if contact:
            await contacts.choose(site, number, contact.staff, Reach(phone=contact.phone, title=contact.title))
        await audit.record("vacancy.copied", now, by, vacancy=number, copied_from=row["id"])
    return number


_COPIED = ("title_nb", "title_en", "posting_nb", "posting_en", "place", "extent", "standing", "steps")


async def change(site: Site, row: dict[str, Any], form: VacancyForm, by: UUID, now: datetime) -> None:
    """New words for a vacancy. FormInvalid if a published one would lose its text, or its way is fixed already."""
    if row["state"] == "published" and not (form.posting_nb or form.posting_en):
        raise FormInvalid({"posting_nb": "A published vacancy needs a text."})
    vacancy, columns = row["id"], _columns(form)
    if form.way:
        if not await questions.may_change(site, vacancy):
            raise FormInvalid({"way": "Somebody has applied already, so the stages stay as they are."})
        columns["steps"] = stages.written(await ways.steps_of(site, form.way))
    contact = await _contact_of(site, form)
    async with site.records.transaction():
        await site.records.run_sql(
            f"UPDATE vacancy SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?",
            *columns.values(),
            vacancy,
        )
        await contacts.choose(site, vacancy, contact, Reach(phone=form.contact_phone, title=form.contact_title))
        await audit.record("vacancy.changed", now, by, vacancy=vacancy)


async def _contact_of(site: Site, form: VacancyForm) -> UUID | None:
    if not form.contact:
        return None
    found = next((who.id for who in await team.active(site) if str(who.id) == form.contact), None)
    if found is None:
        raise FormInvalid({"contact": "Choose a colleague from the list."})
    return found


def _columns(form: VacancyForm) -> dict[str, Any]:
    return {
        "title_nb": form.title_nb,
        "title_en": form.title_en,
        "posting_nb": form.posting_nb,
        "posting_en": form.posting_en,
        "place": form.place,
        "extent": form.extent,
        "deadline": form.deadline,
        "standing": form.standing,
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
    """Open a draft to candidates. NotReadyToPublish unless everything that art. 13 asks for stands (fail closed).

    VacancyMoveNotAllowed for one that was closed: that one is opened again.
    """
    if row["state"] != "published":
        rules.require_vacancy_move(row["state"], "published")
    if row["state"] == "closed":
        raise rules.VacancyMoveNotAllowed()
    if await obstacles(site, row, day(now)):
        raise rules.NotReadyToPublish()
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE vacancy SET state = 'published', published_at = ? WHERE id = ? AND state = 'draft'", now, row["id"]
        )
        await audit.record("vacancy.published", now, by, vacancy=row["id"])
