"""A candidate who was not chosen asks for facts about the person hired (L31, LDL § 31).

Guards that whoever may ask is heard and answered in time, and that what is asked for is not erased meanwhile: the
request delays the erasure of every person hired for the vacancy, and of the application that it hangs on (L8, L16).
Transaction boundaries: asking blocks the guards in the keyring first, then writes one records transaction; answering
and taking back commit in records first, then the guards follow. What is told about the hired: `qualifications`.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from recruit import audit, letters, paging, typed
from recruit.accounts import staff
from recruit.accounts.guards import RECRUITER
from recruit.clock import day
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.i18n import either
from recruit.paging import Page
from recruit.retention import service as retention
from recruit.site import Site
from recruit.tables import Section31, Written
from recruit.vault.keyring import TooLate
from recruit.vault.sealing import UnitKey, seal, unseal
from recruit.visible import APPLICATIONS

ANSWER_DAYS = 14
"""The law names no period; it has to be in writing and without undue delay."""
LONGEST = 4000
MAY_ASK = ("rejected", "position_filled")
CHANNELS = {"my_data": "Under “My data”", "email": "E-mail", "phone": "Telephone", "letter": "Letter"}
STATES = {"open": "Waits for an answer", "answered": "Answered", "withdrawn": "Taken back"}
State = Literal["open", "answered", "withdrawn"]


class NotEntitled(RecruitError):
    """Somebody asks whose own process has not ended in that they were not chosen."""

    status = 409
    text = "Facts about the person hired can be asked for once the process has ended and somebody else was chosen."


class AlreadyAnswered(RecruitError):
    """It was answered, or taken back, in the meantime."""

    status = 409
    text = "This request is answered already, or was taken back."


@dataclass(frozen=True)
class Request:
    """A request, opened. `words.more` says how it was answered from the personnel file."""

    id: UUID
    application: UUID
    vacancy: UUID
    state: State
    channel: str
    received_on: date
    due_on: date
    answered_on: date | None
    words: Written

    def late(self, today: date) -> bool:
        return self.state == "open" and today > self.due_on


@dataclass(frozen=True)
class Asked:
    """How it came: what the candidate wrote, and for one that staff record by which way, on which day, by whom."""

    text: str = ""
    channel: str = "my_data"
    received_on: date | None = None
    recorded_by: UUID | None = None


# --- asking -----------------------------------------------------------------------------------------------------------


async def ask(site: Site, application: UUID, asked: Asked, now: datetime) -> UUID:
    """Write the request down and acknowledge it; an open one is not doubled. NotEntitled, or FormInvalid."""
    _check(asked, day(now))
    key = await site.keyring.key(application)
    rows = await site.records.run_sql("SELECT vacancy, outcome FROM application WHERE id = ?", application)
    if not rows or rows[0]["outcome"] not in MAY_ASK:
        raise NotEntitled()
    vacancy, written = rows[0]["vacancy"], list[UUID]()

    async def once() -> None:
        versions = await _blocked(site, application, await _hired(site, vacancy))
        async with site.records.transaction():
            for unit, version in versions.items():
                await retention.take_version(site, unit, version)
            written[:] = [await _standing(site, application) or await _write(site, key, vacancy, asked, now)]

    await retention.until_first(once)
    await _note(site, written[0])
    await _settle(site, application, vacancy, now)
    return written[0]


async def _note(site: Site, request: UUID) -> None:
    """Beside the ledger, so that a restore knows of it, and that it has ended."""
    rows = await site.records.run_sql(
        "SELECT application, vacancy, state, channel, received_on, due_on, answered_on FROM section31 WHERE id = ?",
        request,
    )
    said = {name: str(value) if value is not None else None for row in rows for name, value in row.items()}
    site.keyring.holders.note({"kind": "section31", "section31": str(request), **said})


def _check(asked: Asked, today: date) -> None:
    errors = {}
    if len(asked.text) > LONGEST:
        errors["reason"] = "Write at most 4000 characters."
    if asked.channel not in CHANNELS:
        errors["channel"] = "Choose how it came."
    if asked.received_on and asked.received_on > today:
        errors["received_on"] = "Name the day on which it came: today, or a day before."
    if errors:
        raise FormInvalid(errors)


async def _hired(site: Site, vacancy: UUID) -> list[UUID]:
    """Everybody who was hired for a vacancy and lives, the restricted too: their erasure waits as well."""
    rows = await site.records.run_sql("SELECT id FROM application WHERE vacancy = ? AND outcome = 'hired'", vacancy)
    return [row["id"] for row in rows]


async def _blocked(site: Site, own: UUID, others: list[UUID]) -> dict[UUID, int]:
    """The new guard versions; one of the hired who was erased meanwhile is not delayed any more."""
    versions = {own: await site.keyring.block(own, "open_requests")}
    for unit in others:
        try:
            versions[unit] = await site.keyring.block(unit, "open_requests")
        except TooLate:
            continue
    return versions


async def _standing(site: Site, application: UUID) -> UUID | None:
    rows = await site.records.run_sql("SELECT id FROM section31 WHERE state = 'open' AND application = ?", application)
    return rows[0]["id"] if rows else None


async def _write(site: Site, key: UnitKey, vacancy: UUID, asked: Asked, now: datetime) -> UUID:
    request, came = uuid4(), asked.received_on or day(now)
    due = came + timedelta(days=ANSWER_DAYS)
    await Section31.insert(
        Section31(
            id=request,
            application=key.unit,
            vacancy=vacancy,
            channel=asked.channel,
            recorded_by=asked.recorded_by,
            received_on=came,
            due_on=due,
            sealed=seal(key, "section31", request, Written(text=asked.text)),
        )
    ).run()
    candidate, title = await addressed(site, key.unit)
    told = {"title": title, "due_on": due}
    await letters.to_candidate(site, candidate, key, f"section31:{request}", "section31_received", now, **told)
    for account in await staff.with_role(site, RECRUITER):
        url = site.settings.link(f"/section31/{request}")
        await letters.to_staff(
            site, account, f"section31:{request}:{account.id}", "section31_waits", now, case_url=url, due_on=due
        )
    await audit.record("section31.received", now, asked.recorded_by, request=request, application=key.unit)
    return request


async def addressed(site: Site, application: UUID) -> tuple[UUID, str]:
    """Whose application it is, and the vacancy's title in that person's language."""
    rows = await site.records.run_sql(
        "SELECT a.candidate, v.title_nb, v.title_en FROM application a JOIN vacancy v ON v.id = a.vacancy "
        "WHERE a.id = ?",
        application,
    )
    candidate: UUID = rows[0]["candidate"]
    _, lang = await letters.addressee(site, candidate)
    return candidate, either(rows[0], "title", lang)


async def _settle(site: Site, application: UUID, vacancy: UUID, now: datetime) -> None:
    await retention.settle(site, [application, *await _hired(site, vacancy)], now)


# --- ending -----------------------------------------------------------------------------------------------------------


async def withdraw(site: Site, request: Request, now: datetime) -> None:
    """The candidate takes it back. AlreadyAnswered if it is not open any more."""
    async with site.records.transaction():
        await end(site, request, "withdrawn", None, now)
    await follow(site, request, now)


async def answered_outside(
    site: Site, key: UnitKey, request: Request, on: date | None, way: str, by: UUID, now: datetime
) -> None:
    """Answered in writing from the personnel file, outside the program. FormInvalid, or AlreadyAnswered."""
    errors, way = {}, typed.line(way)
    if on is None or not request.received_on <= on <= day(now):
        errors["answered_on"] = "Name the day on which it was answered: not before it came, and not a day to come."
    if not way or len(way) > 200:
        errors["way"] = "Say how it was answered, in at most 200 characters."
    if errors:
        raise FormInvalid(errors)
    words = seal(key, "section31", request.id, Written(text=request.words.text, more=way))
    async with site.records.transaction():
        await end(site, request, "answered", by, now, on)
        await site.records.run_sql("UPDATE section31 SET sealed = ? WHERE id = ?", words, request.id)
    await follow(site, request, now)


async def end(
    site: Site, request: Request, state: State, by: UUID | None, now: datetime, on: date | None = None
) -> None:
    """In the caller's transaction; `follow` afterwards."""
    rows = await site.records.run_sql(
        "UPDATE section31 SET state = ?, answered_by = ?, answered_on = ? WHERE id = ? AND state = 'open' RETURNING id",
        *(state, by, on or day(now), request.id),
    )
    if not rows:
        raise AlreadyAnswered()
    await audit.record(f"section31.{state}", now, by, request=request.id, application=request.application)


async def follow(site: Site, request: Request, now: datetime) -> None:
    """The guards of all whom it delayed follow the records, and a restore will know how it stands."""
    await _note(site, request.id)
    await _settle(site, request.application, request.vacancy, now)


# --- reading ----------------------------------------------------------------------------------------------------------


async def of_application(site: Site, key: UnitKey) -> list[Request]:
    """The requests of one candidate about one vacancy, the newest first."""
    rows = await site.records.run_sql(
        "SELECT * FROM section31 WHERE application = ? ORDER BY received_on DESC, id", key.unit
    )
    return [_request(row, key) for row in rows]


async def owner(site: Site, request: UUID) -> UUID:
    """The application of whoever asked; NotFound if there is no such request."""
    rows = await site.records.run_sql("SELECT application FROM section31 WHERE id = ?", request)
    if not rows:
        raise NotFound()
    found: UUID = rows[0]["application"]
    return found


async def one(site: Site, key: UnitKey, request: UUID) -> Request:
    """One of them; NotFound for any other."""
    for found in await of_application(site, key):
        if found.id == request:
            return found
    raise NotFound()


def _request(row: dict[str, Any], key: UnitKey) -> Request:
    return Request(
        id=row["id"],
        application=row["application"],
        vacancy=row["vacancy"],
        state=row["state"],
        channel=row["channel"],
        received_on=row["received_on"],
        due_on=row["due_on"],
        answered_on=row["answered_on"],
        words=unseal(key, "section31", row["id"], bytes(row["sealed"]), Written),
    )


@dataclass(frozen=True)
class Line:
    """A request as the list shows it: no name."""

    id: UUID
    row: dict[str, Any]


_LISTED = (
    "SELECT s.id, s.state, s.received_on, s.due_on, s.answered_on, v.title_nb, v.title_en FROM section31 s "
    f"JOIN {APPLICATIONS} a ON a.id = s.application JOIN vacancy v ON v.id = s.vacancy "
)


async def waiting(site: Site) -> list[Line]:
    """The requests that wait, by their deadline, without names."""
    rows = await site.records.run_sql(f"{_LISTED} WHERE s.state = 'open' ORDER BY s.due_on, s.id")
    return [Line(row["id"], row) for row in rows]


async def ended(site: Site, number: int) -> Page:
    """A page of the others, those with the latest deadline first."""
    found = await paging.read(site.records, number, f"{_LISTED} WHERE s.state <> 'open' ORDER BY s.due_on DESC, s.id")
    return replace(found, rows=[Line(row["id"], row) for row in found.rows])


async def late(site: Site, today: date) -> int:
    """How many wait for an answer past their day."""
    rows = await site.records.run_sql("SELECT count(*) AS n FROM section31 WHERE state = 'open' AND due_on < ?", today)
    return int(rows[0]["n"])
