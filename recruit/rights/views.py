"""What "my data" shows: everything that is kept about one candidate, in words.

Guards that a candidate sees their own data only (every query starts at the candidate's id) and never the name of an
employee or of another person. Reads only; the way from rows to words stands in `rights.words`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from recruit.database import ALL, IDS, ids
from recruit.errors import NotFound
from recruit.i18n import Translate, either, format_date
from recruit.letters import addressee
from recruit.retention import looking, recipients
from recruit.retention.facts import Clock, clocks
from recruit.rights import received, service, words
from recruit.rights.received import Waits
from recruit.rights.rules import Standing, mask, may_extend, overdue
from recruit.site import Site
from recruit.tables import ApplicationData, FileName, Person, Written
from recruit.vault.sealing import UnitKey, unseal


@dataclass(frozen=True)
class DocumentView:
    """A document of an application; `size` in bytes."""

    id: UUID
    unit: UUID
    name: str
    kind: str
    media_type: str
    size: int
    added_at: datetime


@dataclass(frozen=True)
class ApplicationView:
    """One application as its candidate sees it; `running` while it can be withdrawn, `notice` the one shown (L32).

    `outcome` is the code of how it ended, if it did.
    """

    id: UUID
    title: str
    submitted_at: datetime
    state: str
    running: bool
    outcome: str | None
    source: str
    notice: int | None
    given: ApplicationData
    clock: Clock
    documents: list[DocumentView]


async def applications_of(site: Site, candidate: UUID, now: datetime, tr: Translate) -> list[ApplicationView]:
    """The candidate's living applications, newest first, each with its clock and documents."""
    rows = await site.records.run_sql(
        "SELECT a.*, v.title_nb, v.title_en FROM application a JOIN vacancy v ON v.id = a.vacancy "
        "WHERE a.candidate = ? ORDER BY a.submitted_at DESC",
        candidate,
    )
    keys = await site.keyring.keys(row["id"] for row in rows)
    faces = await clocks(site, keys, now, tr, "candidate")
    sources = await _sources(site, keys, tr)
    documents = await documents_of(site, keys)
    return [
        _application(
            row, keys[row["id"]], faces[row["id"]], documents.get(row["id"], []), sources.get(row["id"], ""), tr
        )
        for row in rows
        if row["id"] in keys and row["id"] in faces
    ]


async def _sources(site: Site, keys: dict[UUID, UnitKey], tr: Translate) -> dict[UUID, str]:
    """Where each came from that staff entered, in words, and how they were told; other people are left out (L24)."""
    rows = await site.records.run_sql(
        f"SELECT id, application, told_on, sealed FROM sourced WHERE application IN {IDS}", ids(keys)
    )
    return {row["application"]: _source(row, keys[row["application"]], tr) for row in rows}


def _source(row: dict[str, Any], key: UnitKey, tr: Translate) -> str:
    said = unseal(key, "sourced", row["id"], bytes(row["sealed"]), Written)
    where = mask(said.text, (), ())
    if row["told_on"] is None:
        return where
    day = format_date(row["told_on"], tr.lang)
    return tr("{where} (you were told on {day}: {how})", where=where, day=day, how=said.more)


def _application(
    row: dict[str, Any], key: UnitKey, clock: Clock, documents: list[DocumentView], where: str, tr: Translate
) -> ApplicationView:
    source = tr(words.SOURCES.get(row["source"], words.OTHER_SOURCE))
    given = unseal(key, "application", row["id"], bytes(row["sealed"]), ApplicationData)
    return ApplicationView(
        id=row["id"],
        title=either(row, "title", tr.lang),
        submitted_at=row["submitted_at"],
        state=tr(words.OUTCOMES.get(row["outcome"], words.RUNNING)),
        running=row["outcome"] is None,
        outcome=row["outcome"],
        source=f"{source}: {where}" if where else source,
        notice=row["notice"],
        given=given,
        clock=clock,
        documents=documents,
    )


async def documents_of(site: Site, keys: dict[UUID, UnitKey]) -> dict[UUID, list[DocumentView]]:
    """The documents of each application, as they were added."""
    rows = await site.records.run_sql(f"SELECT * FROM document WHERE unit IN {IDS} ORDER BY added_at, id", ids(keys))
    found: dict[UUID, list[DocumentView]] = {}
    for row in rows:
        name = unseal(keys[row["unit"]], "document", row["id"], bytes(row["sealed"]), FileName).name
        found.setdefault(row["unit"], []).append(
            DocumentView(row["id"], row["unit"], name, row["kind"], row["media_type"], row["size"], row["added_at"])
        )
    return found


async def own_document(site: Site, candidate: UUID, document: UUID) -> tuple[DocumentView, UnitKey]:
    """One of the candidate's own documents and the key that opens it; NotFound for any other."""
    rows = await site.records.run_sql(
        "SELECT d.unit FROM document d JOIN application a ON a.id = d.unit WHERE d.id = ? AND a.candidate = ?",
        *(document, candidate),
    )
    if not rows:
        raise NotFound()
    key = await site.keyring.key(rows[0]["unit"])
    listed = await documents_of(site, {key.unit: key})
    return next(view for view in listed[key.unit] if view.id == document), key


async def looks_at(site: Site, units: list[UUID], tr: Translate, limit: int = ALL) -> list[tuple[datetime, str, str]]:
    """Who has looked: instant, role and purpose, never the name (L24). Newest first."""
    rows = await site.records.run_sql(
        f"SELECT at, role, purpose FROM look WHERE unit IN {IDS} ORDER BY at DESC LIMIT ?", ids(units), limit
    )
    return [
        (
            row["at"],
            tr(looking.ROLES.get(row["role"], looking.OTHER_ROLE)),
            tr(looking.PURPOSES.get(row["purpose"], looking.OTHER_PURPOSE)),
        )
        for row in rows
    ]


async def disclosures_of(site: Site, units: list[UUID], tr: Translate) -> list[tuple[datetime, str]]:
    """The copies that left the system: instant, and to whom (L29): a firm by its name, people by what they are."""
    given = [(each.at, recipients.who(each, tr)) for each in await recipients.of_units(site, units)]
    return list(dict.fromkeys(given))


async def said_same(site: Site, candidate: UUID) -> list[tuple[datetime, str]]:
    """When somebody decided that another profile is the same person's, and by which sign; never whose it is."""
    rows = await site.records.run_sql(
        "SELECT decided_at, why, proved_at FROM likeness WHERE verdict = 'same' AND (one = ? OR other = ?) "
        "ORDER BY decided_at, id",
        *(candidate, candidate),
    )
    return [(row["decided_at"], "proved" if row["proved_at"] else row["why"]) for row in rows]


async def require_candidate(site: Site, candidate: UUID) -> None:
    """NotFound for an id that is no candidate's, or no longer."""
    if not await site.records.run_sql("SELECT id FROM candidate WHERE id = ?", candidate):
        raise NotFound()


async def about(site: Site, request: service.Request, now: datetime, tr: Translate) -> str:
    """What a request is about, as its person may read it."""
    if request.whole:
        return tr("Everything that is kept")
    mine = {view.id: view.title for view in await applications_of(site, request.candidate, now, tr)}
    return mine.get(request.application, "") if request.application else tr("an application that has been erased")


async def waiting(site: Site, today: date) -> list[tuple[service.Request, Standing]]:
    """The open requests by deadline, each with how it stands against it."""
    return [(r, overdue(r.state, r.due, today)) for r in await service.open_requests(site)]


# --- the case of a request ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A rights request as it is decided: who asks, what granting takes and what it leaves; ages in calendar days.

    `mails` came in from the person, belong to no application, and go with an erasure of everything.
    """

    request: service.Request
    person: Person
    going: list[ApplicationView]
    held: list[ApplicationView]
    mails: list[Waits]
    everything: bool
    standing: Standing
    about: str
    may_extend: bool


async def case(site: Site, request: service.Request, now: datetime, today: date, tr: Translate) -> Case:
    """The case; the look at it is to be written before this is called, at its mails before they are shown."""
    person, _ = await addressee(site, request.candidate)
    going, held = await service.scope_of(site, request)
    views = {view.id: view for view in await applications_of(site, request.candidate, now, tr)}
    erases = request.whole and request.kind in ("erasure", "objection")
    own = await received.addresses(site, request.candidate) if erases else ()
    return Case(
        request=request,
        person=person,
        going=[views[unit] for unit in going if unit in views],
        held=[views[unit] for unit in held if unit in views],
        mails=await received.waiting(site, own),
        everything=not held and set(going) >= set(views),
        standing=overdue(request.state, request.due, today),
        about=await about(site, request, now, tr),
        may_extend=may_extend(request.state, request.received_on, request.paused_days, request.extended_on, today),
    )
