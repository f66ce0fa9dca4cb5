"""One application as its candidate follows it, who has looked, where the data come from, and the receipts.

Guards that every query starts at the candidate's id, that no employee and no third party is named (L24), and that a
receipt is handed out only to the one whose data were erased. Reads only.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from recruit.database import IDS, ids
from recruit.errors import NotFound
from recruit.hiring import stages
from recruit.hiring.interviews import Interview, one
from recruit.hiring.terms import lines
from recruit.i18n import Translate, either
from recruit.mydata import rules, words
from recruit.mydata.rules import Move, Progress
from recruit.receipts.service import path_of
from recruit.retention import looking
from recruit.rights.rules import mask
from recruit.rights.views import ApplicationView, applications_of
from recruit.site import Site
from recruit.tables import Screened
from recruit.vault.sealing import UnitKey, unseal

LOOKS_A_PAGE = 50


@dataclass(frozen=True)
class Followed:
    """An application with how far it has come."""

    view: ApplicationView
    progress: Progress


async def applications(site: Site, candidate: UUID, now: datetime, tr: Translate) -> list[Followed]:
    """All of a candidate's living applications, newest first."""
    views = await applications_of(site, candidate, now, tr)
    wanted = ids(view.id for view in views)
    rows = await site.records.run_sql(
        "SELECT a.id, a.stage, a.step, a.outcome, v.steps FROM application a JOIN vacancy v ON v.id = a.vacancy "
        f"WHERE a.id IN {IDS}",
        wanted,
    )
    moves = await site.records.run_sql(
        f"SELECT application, at, was, became, became_step FROM move WHERE application IN {IDS} ORDER BY at", wanted
    )
    states = {row["id"]: row for row in rows}
    return [Followed(view, _progress(view, states[view.id], moves, tr)) for view in views if view.id in states]


def _progress(view: ApplicationView, row: dict[str, Any], moves: list[dict[str, Any]], tr: Translate) -> Progress:
    own = [Move(m["at"], m["was"], m["became"], m["became_step"]) for m in moves if m["application"] == view.id]
    return rules.progress(row, stages.read(row["steps"]), view.submitted_at, own, tr)


async def application(site: Site, candidate: UUID, number: UUID, now: datetime, tr: Translate) -> Followed:
    """One of them; NotFound for anybody else's."""
    for found in await applications(site, candidate, now, tr):
        if found.view.id == number:
            return found
    raise NotFound()


# --- interviews -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Meeting:
    """An interview as the candidate sees it; `asked` while an answer is waited for and a time is still to come."""

    interview: Interview
    state: str
    asked: bool


async def interviews(site: Site, application: UUID, now: datetime, tr: Translate) -> list[Meeting]:
    """The interviews of an application that is the candidate's own, the newest first."""
    key = await site.keyring.key(application)
    rows = await site.records.run_sql(
        "SELECT id FROM interview WHERE application = ? ORDER BY arranged_at DESC", application
    )
    found = [await one(site, key, row["id"]) for row in rows]
    return [
        Meeting(each, tr(words.MEETINGS[each.state]), each.state == "proposed" and any(at > now for at in each.times))
        for each in found
    ]


async def own_interview(site: Site, candidate: UUID, interview: UUID) -> tuple[UnitKey, Interview, dict[str, Any]]:
    """An interview of this candidate's with the key that opens it, and its vacancy's title; NotFound otherwise."""
    rows = await site.records.run_sql(
        "SELECT i.application, v.title_nb, v.title_en FROM interview i JOIN application a ON a.id = i.application "
        "JOIN vacancy v ON v.id = a.vacancy WHERE i.id = ? AND a.candidate = ?",
        *(interview, candidate),
    )
    if not rows:
        raise NotFound()
    key = await site.keyring.key(rows[0]["application"])
    return key, await one(site, key, interview), rows[0]


# --- offers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """An offer that was made to the candidate: when, its terms in words, and whether there is a letter."""

    id: UUID
    at: datetime
    terms: list[tuple[str, str]]
    text: str
    letter: bytes


async def offers(site: Site, application: UUID, tr: Translate) -> list[Offer]:
    """The offers of an application that is the candidate's own, the newest first."""
    key = await site.keyring.key(application)
    rows = await site.records.run_sql(
        "SELECT * FROM screening WHERE application = ? AND kind = 'offer_details' ORDER BY recorded_at DESC",
        application,
    )
    said = [(row, unseal(key, "screening", row["id"], bytes(row["sealed"]), Screened)) for row in rows]
    return [Offer(row["id"], row["recorded_at"], lines(f.terms, tr), f.text, f.letter) for row, f in said]


async def offer_letter(site: Site, candidate: UUID, offer: UUID, tr: Translate) -> bytes:
    """The letter of an offer to this candidate; NotFound for any other."""
    rows = await site.records.run_sql(
        "SELECT s.application FROM screening s JOIN application a ON a.id = s.application "
        "WHERE s.id = ? AND a.candidate = ?",
        *(offer, candidate),
    )
    found = await offers(site, rows[0]["application"], tr) if rows else []
    letter = next((each.letter for each in found if each.id == offer), b"")
    if not letter:
        raise NotFound()
    return letter


# --- who has looked, and where the data come from -------------------------------------------------------------------


@dataclass(frozen=True)
class Looks:
    """A page of looks: instant, role, purpose; how many there are in all."""

    rows: list[tuple[datetime, str, str]]
    page: int
    pages: int
    total: int


async def looks(site: Site, units: list[UUID], page: int, tr: Translate) -> Looks:
    """Who has looked, by role and purpose, never by name (C-579/21); the newest first."""
    counted = await site.records.run_sql(f"SELECT count(*) AS n FROM look WHERE unit IN {IDS}", ids(units))
    total = int(counted[0]["n"])
    pages = max(1, -(-total // LOOKS_A_PAGE))
    page = min(page, pages)
    rows = await site.records.run_sql(
        f"SELECT at, role, purpose FROM look WHERE unit IN {IDS} ORDER BY at DESC, id LIMIT ? OFFSET ?",
        *(ids(units), LOOKS_A_PAGE, (page - 1) * LOOKS_A_PAGE),
    )
    said = [
        (
            row["at"],
            tr(looking.ROLES.get(row["role"], looking.OTHER_ROLE)),
            tr(looking.PURPOSES.get(row["purpose"], looking.OTHER_PURPOSE)),
        )
        for row in rows
    ]
    return Looks(said, page, pages, total)


async def sources(site: Site, candidate: UUID, now: datetime, tr: Translate) -> list[tuple[datetime, str, str]]:
    """Where the data come from (art. 15(1)(g), L10): when, which application, from whom."""
    found = []
    for view in await applications_of(site, candidate, now, tr):
        found.append((view.submitted_at, view.title, view.source))
        found += [(at, view.title, source) for at, source in await _checked_with(site, view)]
    return sorted(found, reverse=True)


async def _checked_with(site: Site, view: ApplicationView) -> list[tuple[datetime, str]]:
    """What was found out from others; addresses of people are left out."""
    rows = await site.records.run_sql("SELECT id, recorded_at, sealed FROM screening WHERE application = ?", view.id)
    key = await site.keyring.key(view.id)
    own = (view.given.name, view.given.email)
    found = []
    for row in rows:
        source = unseal(key, "screening", row["id"], bytes(row["sealed"]), Screened).more
        if source:
            found.append((row["recorded_at"], mask(source, (), own)))
    return found


# --- receipts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Erasure:
    """An erasure that was announced to this candidate. `title` is empty once nobody can tell what it was about."""

    purge: UUID
    noticed_at: datetime
    due_on: date | None
    title: str
    part: bool
    state: str
    has_receipt: bool


async def erasures(site: Site, candidate: UUID, tr: Translate) -> list[Erasure]:
    """What was announced to be erased while other data of the candidate are kept; the newest first."""
    rows = await site.records.run_sql(
        "SELECT n.id, n.noticed_at, n.due_on, n.state, n.part, v.title_nb, v.title_en FROM purge_notice n "
        "LEFT JOIN application a ON a.id = n.application LEFT JOIN vacancy v ON v.id = a.vacancy "
        "WHERE n.candidate = ? ORDER BY n.noticed_at DESC",
        candidate,
    )
    return [await _erasure(site, row, tr) for row in rows]


async def _erasure(site: Site, row: dict[str, Any], tr: Translate) -> Erasure:
    begun = await site.keyring.engine.run_sql("SELECT state FROM purge WHERE id = ?", row["id"])
    issued = bool(begun and begun[0]["state"] == "issued")
    state = "done" if issued else "under_way" if begun or row["state"] == "done" else row["state"]
    return Erasure(
        purge=row["id"],
        noticed_at=row["noticed_at"],
        due_on=row["due_on"],
        title=either(row, "title", tr.lang) if row["title_nb"] or row["title_en"] else "",
        part=row["part"] is not None,
        state=tr(words.RECEIPTS[state]),
        has_receipt=issued,
    )


async def receipt(site: Site, candidate: UUID, purge: UUID) -> bytes:
    """The receipt of an erasure of this candidate's data; NotFound for any other, and before there is one."""
    rows = await site.records.run_sql("SELECT 1 FROM purge_notice WHERE id = ? AND candidate = ?", purge, candidate)
    if not rows or not await site.documents.has(path_of(purge)):
        raise NotFound()
    return await site.documents.get(path_of(purge))
