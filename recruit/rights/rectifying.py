"""Putting something right (L26, art. 16): where it may stand, what stood there, and what stands there from now on.

Guards that the old wording is kept, sealed with the request, that those who got the data are told (L29), and that doing
it twice changes nothing: a fault between the work and the answer leaves the request open. One records transaction.
Somebody's assessment is not rewritten: the person's own view is put beside it as a statement. Where a referee's answer
is put right, their link is dead from then on, so that it is not written over unawares.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from recruit import audit
from recruit.accounts import links
from recruit.data_map import SEALED
from recruit.database import IDS, ids
from recruit.errors import NotFound
from recruit.i18n import either
from recruit.letters import addressee
from recruit.retention import recipients
from recruit.rights.service import Request, covered
from recruit.site import Site
from recruit.tables import ApplicationData, InterviewNote, ReferenceWords, Written
from recruit.vault.sealing import UnitKey, seal, unseal

GIVEN = ("letter", "summary")
"""Of what came with an application: the texts. Files are replaced by the candidate themselves."""
CONTACT = ("name", "phone")
STATEMENT = "statement"
REFERENCE = "reference_check"


@dataclass(frozen=True)
class Place:
    """Where something can be put right: `code` is `table:row:field`, `kind` names it (`words.PLACES`)."""

    code: str
    kind: str
    unit: UUID
    title: str
    text: str


async def places(site: Site, request: Request) -> list[Place]:
    """Everywhere that words of or about the person stand, and beside each application room for a statement."""
    person, lang = await addressee(site, request.candidate)
    found = [
        Place(f"candidate:{request.candidate}:{name}", name, request.candidate, "", getattr(person, name))
        for name in CONTACT
    ]
    for row in await _applications(site, request):
        key = await site.keyring.key(row["id"])
        found += await _of_application(site, row, key, either(row, "title", lang))
    return found


async def _applications(site: Site, request: Request) -> list[dict[str, Any]]:
    return await site.records.run_sql(
        "SELECT a.id, a.sealed, v.title_nb, v.title_en FROM application a JOIN vacancy v ON v.id = a.vacancy "
        f"WHERE a.id IN {IDS} ORDER BY a.submitted_at, a.id",
        ids(await covered(site, request)),
    )


async def _of_application(site: Site, row: dict[str, Any], key: UnitKey, title: str) -> list[Place]:
    given, unit = _opened(key, "application", row, ApplicationData), row["id"]
    found = [
        Place(f"application:{unit}:{name}", name, unit, title, getattr(given, name))
        for name in GIVEN
        if getattr(given, name)
    ]
    for table in ("interview_note", "screening"):
        for line in await site.records.run_sql(f"SELECT id, sealed FROM {table} WHERE application = ?", unit):
            words = _opened(key, table, line, Written)
            found.append(Place(f"{table}:{line['id']}:text", table, unit, title, words.text))
    found += await _said_by_referees(site, unit, key, title)
    return [*found, Place(f"{STATEMENT}:{unit}:text", STATEMENT, unit, title, "")]


async def _said_by_referees(site: Site, unit: UUID, key: UnitKey, title: str) -> list[Place]:
    """Each answer by its place among the questions, and what was added to them."""
    found = []
    rows = await site.records.run_sql(
        "SELECT id, sealed FROM reference_check WHERE application = ? ORDER BY asked_at, id", unit
    )
    for row in rows:
        said = _opened(key, REFERENCE, row, ReferenceWords)
        texts = {str(place): each.text for place, each in enumerate(said.answers)} | {"text": said.text}
        found += [
            Place(f"{REFERENCE}:{row['id']}:{place}", REFERENCE, unit, title, text)
            for place, text in texts.items()
            if text
        ]
    return found


def _opened(key: UnitKey, table: str, row: dict[str, Any], kind: type[Any]) -> Any:
    return unseal(key, table, row["id"], bytes(row["sealed"]), kind)


async def place_of(site: Site, request: Request, code: str) -> Place:
    """NotFound for a place that is not there, or not any more."""
    for place in await places(site, request):
        if place.code == code:
            return place
    raise NotFound()


async def put_right(site: Site, request: Request, by: UUID, now: datetime) -> None:
    """Write what was decided in the place that was chosen, and tell those who had got it; done already, nothing."""
    place, new = await place_of(site, request, request.words.field), request.words.became
    if place.text == new:
        return
    async with site.records.transaction():
        if await _written(site, request, place, new, by, now):
            what = new if place.kind in (*CONTACT, *GIVEN) else ""
            await recipients.notify_recipients(site, [place.unit], "rectified", now, what)
            await audit.record("request.rectified", now, by, request=request.id, place=place.kind)


async def _written(site: Site, request: Request, place: Place, new: str, by: UUID, now: datetime) -> bool:
    """Whether anything was written that did not stand there before."""
    table, row, field = place.code.split(":")
    number, key = UUID(row), await site.keyring.key(place.unit)
    if table == STATEMENT:
        return await _stated(site, request, place.unit, key, new, by, now)
    rows = await site.records.run_sql(f"SELECT * FROM {table} WHERE id = ?", number)
    if table == REFERENCE:
        await links.spend_all(site, "referee", rows[0]["referee"], now)
    kind: type[Any] = SEALED[table]
    value = _changed(_opened(key, table, rows[0], kind), field, new)
    sealed = seal(key, table, number, value)
    await site.records.run_sql(f"UPDATE {table} SET sealed = ? WHERE id = ?", sealed, number)
    await site.records.run_sql("UPDATE candidate SET changed_at = ? WHERE id = ?", now, request.candidate)
    return True


def _changed(value: Any, field: str, new: str) -> Any:
    """The same with other words in a field, or in one of a referee's answers."""
    if not field.isdigit():
        return msgspec.structs.replace(value, **{field: new})
    answers = list(value.answers)
    answers[int(field)] = msgspec.structs.replace(answers[int(field)], text=new)
    return msgspec.structs.replace(value, answers=answers)


async def _stated(
    site: Site, request: Request, application: UUID, key: UnitKey, text: str, by: UUID, now: datetime
) -> bool:
    """The person's own statement beside what was assessed; once, however often it is tried."""
    note = uuid5(request.id, STATEMENT)
    if await site.records.run_sql("SELECT id FROM interview_note WHERE id = ?", note):
        return False
    await InterviewNote.insert(
        InterviewNote(
            id=note,
            application=application,
            author=by,
            written_at=now,
            sealed=seal(key, "interview_note", note, Written(text=text)),
        )
    ).run()
    return True
