"""What follows a choice in the made-up employer's life: the hand-over, and candidates who ask who was hired.

Guards that each came about by the same functions that pages call.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from recruit.hiring import access, handing_over, qualifications, section31
from recruit.hiring.section31 import Asked
from recruit.tables import Qualified

if TYPE_CHECKING:
    from recruit.demo.life import Act, Story
    from recruit.demo.people import Made

_FACTS = Qualified(
    education="Bachelor i markedsføring, Handelshøyskolen (2014–2017)",
    experience="Markedsrådgiver, Nordlys Foredling AS (2017–2021)\nMarkedsansvarlig, Havvik Mekaniske AS (2021–2026)",
    other="Sertifisert i Google Analytics. Norsk og engelsk.",
)


def tell(story: Story, hired: Made, answered: Made, waiting: Made) -> None:
    """Of the vacancy for market: who was hired, and two who were not and ask."""
    story.at(5, _asks(story, answered, "Jeg har ti års erfaring, og vil vite hva den andre har."))
    story.at(4, _is_handed_over(story, hired))
    story.at(3, _answers(story, answered, hired))
    story.at(1.2, _asks(story, waiting, ""))


def _asks(story: Story, who: Made, text: str) -> Act:
    async def act(now: datetime) -> None:
        await section31.ask(story.site, story.sent[who.key, "market"], Asked(text), now)

    return act


def _is_handed_over(story: Story, who: Made) -> Act:
    async def act(now: datetime) -> None:
        await handing_over.record(story.site, await story.opened(who, "market", "ingrid", now), now)

    return act


def _answers(story: Story, who: Made, hired: Made) -> Act:
    async def act(now: datetime) -> None:
        site, ingrid = story.site, story.staff["ingrid"]
        asker, about = [
            await access.opened(site, ingrid, story.sent[one.key, "market"], "section31", now) for one in (who, hired)
        ]
        (asked,) = await section31.of_application(site, asker.key)
        filled = await qualifications.values(site, asker, _FACTS, asked, now)
        await qualifications.give(site, asker, about, asked, _FACTS, qualifications.mark(filled), now)

    return act
