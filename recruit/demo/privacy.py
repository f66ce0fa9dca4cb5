"""The made-up employer's record of processing, as its data protection officer has worded it over the months.

Guards that the notice of the demonstration is whole: it covers everything that a small firm tells on such a page, and
has changed since the first candidates were shown it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from recruit.notice import record, service
from recruit.notice.activities import Both, Entry, Transfer
from recruit.notice.starting import STARTING

if TYPE_CHECKING:
    from recruit.demo.life import Story

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


def _saves(story: Story, days_ago: float, entries: dict[str, Entry]) -> None:
    async def act(now: datetime) -> None:
        for key, entry in entries.items():
            await record.save(story.site, key, entry, story.staff["liv"].id, now)
        await service.in_force(story.site, now)

    story.at(days_ago, act)
