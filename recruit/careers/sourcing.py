"""Data that did not come from the person: that they are told of it, and from whom it is (L10, art. 14).

Guards that nobody's data are kept behind their back: with the application of somebody whom staff entered, the notice
about it is written into the outbox in the same transaction, before any other mail can go, and so it is where a
candidate's data were verified with others (`hiring.notes`); where no mail can tell them, that stands on a list, with
the last lawful day, until a person has told them and says how.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from recruit import audit, employer, letters, typed
from recruit.accounts import links
from recruit.careers.rules import SOURCES, Origin, tell_by
from recruit.clock import day
from recruit.errors import FormInvalid, NotFound
from recruit.i18n import Language, either, translator
from recruit.site import Site
from recruit.tables import Screened, Sourced, Written
from recruit.vault.sealing import UnitKey, seal, unseal

LINK = "objection"
"""The purpose of the link with which a person objects; it lives as long as the application."""

State = Literal["told", "queued", "by_hand"]
About = Literal["sourced", "verification"]


@dataclass(frozen=True)
class Telling:
    """How far the telling has come of one thing. `by_hand`: no mail can tell them (`refused`, or no address).

    `number` is the application's id where its candidate was entered, that of the verification where one was made.
    """

    about: About
    number: UUID
    application: UUID
    vacancy: UUID
    entered_at: datetime
    tell_by: date
    state: State
    told_on: date | None
    refused: bool

    def late(self, today: date) -> bool:
        return self.state != "told" and today > self.tell_by


async def record(site: Site, key: UnitKey, candidate: UUID, origin: Origin, stored: list[str], now: datetime) -> None:
    """In the transaction that writes the application: its source, and the notice of article 14 to the person."""
    application, number = key.unit, uuid4()
    sealed = seal(key, "sourced", number, Written(text=origin.words))
    await Sourced.insert(
        Sourced(id=number, application=application, entered_by=origin.by, entered_at=now, sealed=sealed)
    ).run()
    _, lang = await letters.addressee(site, candidate)
    policy, link = await employer.policy(site), await links.make(site, LINK, candidate, now, target=application)
    await letters.to_candidate(
        site,
        candidate,
        key,
        f"sourced:{application}",
        "sourced",
        now,
        title=await _title(site, application, lang),
        at=now,
        source=translator(lang)(SOURCES[origin.source]),
        where=origin.words,
        stored=stored,
        window=policy.answer_window_days,
        object_url=site.settings.link(f"/objection/{link}"),
    )


async def _title(site: Site, application: UUID, lang: Language) -> str:
    rows = await site.records.run_sql(
        "SELECT v.title_nb, v.title_en FROM application a JOIN vacancy v ON v.id = a.vacancy WHERE a.id = ?",
        application,
    )
    return either(rows[0], "title", lang)


# --- who was told -----------------------------------------------------------------------------------------------------

_TOLD_BY: dict[About, str] = {
    "sourced": "SELECT s.application AS number, s.application, s.entered_at, s.told_on, a.vacancy, "
    "m.state AS mail_state, m.sent_at FROM sourced s JOIN application a ON a.id = s.application "
    "LEFT JOIN mail m ON m.cause = 'sourced:' || s.application",
    "verification": "SELECT s.id AS number, s.application, s.recorded_at AS entered_at, s.told_on, a.vacancy, "
    "m.state AS mail_state, m.sent_at FROM screening s JOIN application a ON a.id = s.application "
    "LEFT JOIN mail m ON m.cause = 'verification:' || s.id",
}
_WHICH: dict[About, str] = {"sourced": "a.id = ?", "verification": "s.kind = 'verification' AND s.id = ?"}


async def listed(site: Site) -> list[Telling]:
    """Everybody who has to be told and still lives, those who must be told first on top; no names."""
    entered = await site.records.run_sql(_TOLD_BY["sourced"])
    checked = await site.records.run_sql(f"{_TOLD_BY['verification']} WHERE s.kind = 'verification'")
    found = [_telling("sourced", row) for row in entered] + [_telling("verification", row) for row in checked]
    return sorted(found, key=lambda one: (one.state == "told", one.entered_at, one.number))


async def one(site: Site, number: UUID) -> Telling:
    """The same of one application, or of one verification; NotFound for anything else."""
    for about, which in _WHICH.items():
        rows = await site.records.run_sql(f"{_TOLD_BY[about]} WHERE {which}", number)
        if rows:
            return _telling(about, rows[0])
    raise NotFound()


def _telling(about: About, row: dict[str, Any]) -> Telling:
    told_on = row["told_on"] or (day(row["sent_at"]) if row["mail_state"] == "sent" else None)
    state: State = "told" if told_on else "queued" if row["mail_state"] == "queued" else "by_hand"
    return Telling(
        about=about,
        number=row["number"],
        application=row["application"],
        vacancy=row["vacancy"],
        entered_at=row["entered_at"],
        tell_by=tell_by(day(row["entered_at"])),
        state=state,
        told_on=told_on,
        refused=row["mail_state"] == "refused",
    )


async def told_by_hand(site: Site, told: Telling, told_on: date | None, way: str, by: UUID, now: datetime) -> None:
    """Somebody has told the person by telephone, by letter or face to face, on a day. FormInvalid for the form."""
    errors, way = {}, typed.line(way)
    if told_on is None or not day(told.entered_at) <= told_on <= day(now):
        errors["told_on"] = "Name the day on which they were told: not before we had the data, and not a day to come."
    if not way or len(way) > 200:
        errors["way"] = "Say how they were told, in at most 200 characters."
    if errors:
        raise FormInvalid(errors)
    key = await site.keyring.key(told.application)
    async with site.records.transaction():
        number, sealed = await (_entered_and if told.about == "sourced" else _verified_and)(site, key, told, way)
        table = "sourced" if told.about == "sourced" else "screening"
        await site.records.run_sql(
            f"UPDATE {table} SET told_on = ?, told_by = ?, sealed = ? WHERE id = ?", told_on, by, sealed, number
        )
        await audit.record("sourced.told", now, by, application=key.unit)


async def _entered_and(site: Site, key: UnitKey, told: Telling, way: str) -> tuple[UUID, bytes]:
    """The row about somebody who was entered, with the way in which they were told."""
    rows = await site.records.run_sql("SELECT id, sealed FROM sourced WHERE application = ?", key.unit)
    words = unseal(key, "sourced", rows[0]["id"], bytes(rows[0]["sealed"]), Written)
    words.more = way
    return rows[0]["id"], seal(key, "sourced", rows[0]["id"], words)


async def _verified_and(site: Site, key: UnitKey, told: Telling, way: str) -> tuple[UUID, bytes]:
    """The verification, with the way in which the candidate was told of it."""
    rows = await site.records.run_sql("SELECT sealed FROM screening WHERE id = ?", told.number)
    words = unseal(key, "screening", told.number, bytes(rows[0]["sealed"]), Screened)
    words.told = way
    return told.number, seal(key, "screening", told.number, words)


async def words_of(site: Site, key: UnitKey) -> Written | None:
    """The source in words, and how the person was told by hand; None if they applied themselves."""
    rows = await site.records.run_sql("SELECT id, sealed FROM sourced WHERE application = ?", key.unit)
    return unseal(key, "sourced", rows[0]["id"], bytes(rows[0]["sealed"]), Written) if rows else None
