"""The made-up employer's record of processing, as its data protection officer has worded it over the months.

Guards that the notice of the demonstration is whole: it covers everything that a small firm tells on such a page, and
has changed since the first candidates were shown it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from recruit.clock import day
from recruit.notice import breaches, record, service
from recruit.notice.activities import Both, Entry, Transfer
from recruit.notice.starting import STARTING
from recruit.retention.rules import DAY
from recruit.tables import BreachWords

if TYPE_CHECKING:
    from recruit.demo.life import Act, Story

_SUPPLIER = Both("Strandlinje CRM Inc., USA (kundesystem)", "Strandlinje CRM Inc., USA (customer system)")
_HOSTING = Both(
    "Nordavind Drift AS, Tromsø, som drifter serverne og e-posten vår.",
    "Nordavind Drift AS, Tromsø, who run our servers and our e-mail.",
)
_MADE: dict[str, Entry] = {
    "recruitment": Entry(
        recipients=_HOSTING,
        security=Both(
            "Serverne står i Norge, i et låst rom.",
            "The servers stand in Norway, in a locked room.",
        ),
    ),
    "users": replace(
        STARTING["users"],
        name=Both("Brukere av Kursholder", "Users of Kursholder"),
        link="https://kursholder.kvitvaer.example/privacy",
    ),
    "contacts": replace(STARTING["contacts"], transfers=(Transfer(_SUPPLIER, "privacy_shield"),)),
}
_LATER: dict[str, Entry] = {
    "contacts": replace(STARTING["contacts"], transfers=(Transfer(_SUPPLIER, "dpf"),)),
    "visitors": replace(
        STARTING["visitors"],
        retention=Both(
            "Loggen slettes etter 3 måneder; tall som ingen kan kjennes igjen i, beholdes.",
            "The log is erased after 3 months; figures in which nobody can be recognised are kept.",
        ),
    ),
}
"""Half a year ago Liv looked at it again: the old mechanism is void, and a year was too long for a log."""


def tell(story: Story, begins: int) -> None:
    """The record is written in the first days, and gone through once."""
    _saves(story, begins - 0.2, {**STARTING, **_MADE})
    _saves(story, 190, _LATER)
    story.at(96, _notes_a_breach(story))


def _notes_a_breach(story: Story) -> Act:
    """A disk with the databases on it was sent away for repair; the keys were not on it."""

    async def act(now: datetime) -> None:
        words = BreachWords(
            what="En disk med databasene ble sendt til reparasjon uten å være slettet først.",
            consequences="Ingen ventes: Innholdet kan ikke leses uten nøklene, som ligger på en annen disk.",
            measures="Verkstedet har bekreftet at disken er destruert. Rutinen for utstyr er endret.",
            untold="Ikke nødvendig, artikkel 34 nr. 3 bokstav a.",
        )
        note = breaches.Breach(
            happened_on=day(now) - DAY,
            known_at=now,
            kinds=("confidentiality",),
            stores=("records", "documents", "keyring"),
            persons=61,
            authority_on=day(now),
            persons_on=None,
            words=words,
        )
        await breaches.write(story.site, note, story.staff["liv"].id, now)

    return act


def _saves(story: Story, days_ago: float, entries: dict[str, Entry]) -> None:
    async def act(now: datetime) -> None:
        for key, entry in entries.items():
            await record.save(story.site, key, entry, story.staff["liv"].id, now)
        await service.in_force(story.site, now)

    story.at(days_ago, act)
