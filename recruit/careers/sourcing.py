"""People who did not apply themselves: where their data come from, and that they are told (L10, art. 14).

Guards that nobody's data are kept behind their back: with the application of somebody whom staff entered, the notice
about it is written into the outbox in the same transaction, before any other mail can go; where no mail can tell them,
that stands on a list, with the last lawful day, until a person has told them and says how.
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
from recruit.tables import Sourced, Written
from recruit.vault.sealing import UnitKey, seal, unseal

LINK = "objection"
"""The purpose of the link with which a person objects; it lives as long as the application."""

State = Literal["told", "queued", "by_hand"]


@dataclass(frozen=True)
class Telling:
    """How far the telling has come of one application. `by_hand`: no mail can tell them (`refused`, or no address)."""

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

_TELLINGS = (
    "SELECT s.*, a.vacancy, m.state AS mail_state, m.sent_at FROM sourced s JOIN application a ON a.id = s.application "
    "LEFT JOIN mail m ON m.cause = 'sourced:' || s.application"
)


async def listed(site: Site) -> list[Telling]:
    """Everybody who was entered by staff and still lives, those who must be told first on top; no names."""
    rows = await site.records.run_sql(f"{_TELLINGS} ORDER BY s.entered_at, s.id")
    return sorted(map(_telling, rows), key=lambda one: one.state == "told")


async def of_application(site: Site, application: UUID) -> Telling | None:
    """The same of one application; None if its candidate sent it."""
    rows = await site.records.run_sql(f"{_TELLINGS} WHERE a.id = ?", application)
    return _telling(rows[0]) if rows else None


def _telling(row: dict[str, Any]) -> Telling:
    told_on = row["told_on"] or (day(row["sent_at"]) if row["mail_state"] == "sent" else None)
    state: State = "told" if told_on else "queued" if row["mail_state"] == "queued" else "by_hand"
    return Telling(
        application=row["application"],
        vacancy=row["vacancy"],
        entered_at=row["entered_at"],
        tell_by=tell_by(day(row["entered_at"])),
        state=state,
        told_on=told_on,
        refused=row["mail_state"] == "refused",
    )


async def told_by_hand(site: Site, key: UnitKey, told_on: date | None, way: str, by: UUID, now: datetime) -> None:
    """Somebody has told the person by telephone, by letter or face to face, on a day.

    FormInvalid for the form; NotFound if they applied themselves.
    """
    told = await of_application(site, key.unit)
    if told is None:
        raise NotFound()
    errors, way = {}, typed.line(way)
    if told_on is None or not day(told.entered_at) <= told_on <= day(now):
        errors["told_on"] = "Name the day on which they were told: not before they were entered, and not a day to come."
    if not way or len(way) > 200:
        errors["way"] = "Say how they were told, in at most 200 characters."
    if errors:
        raise FormInvalid(errors)
    async with site.records.transaction():
        rows = await site.records.run_sql("SELECT id, sealed FROM sourced WHERE application = ?", key.unit)
        words = unseal(key, "sourced", rows[0]["id"], bytes(rows[0]["sealed"]), Written)
        words.more = way
        await site.records.run_sql(
            "UPDATE sourced SET told_on = ?, told_by = ?, sealed = ? WHERE application = ?",
            *(told_on, by, seal(key, "sourced", rows[0]["id"], words), key.unit),
        )
        await audit.record("sourced.told", now, by, application=key.unit)


async def words_of(site: Site, key: UnitKey) -> Written | None:
    """The source in words, and how the person was told by hand; None if they applied themselves."""
    rows = await site.records.run_sql("SELECT id, sealed FROM sourced WHERE application = ?", key.unit)
    return unseal(key, "sourced", rows[0]["id"], bytes(rows[0]["sealed"]), Written) if rows else None
