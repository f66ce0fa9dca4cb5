"""The made-up employer's talent pool: who was invited from it to what, and who took the invitation up.

Guards that an invitation of the story is one that the page would have sent: looked at first, to people in the pool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from recruit.careers import invited
from recruit.careers import service as careers
from recruit.hiring import access, pool

if TYPE_CHECKING:
    from recruit.demo.life import Story
    from recruit.demo.people import Made

_LETTER = {
    "nb": "Takk for at dere husket meg. CV-en er den samme; siden sist har jeg ledet et prosjekt fra start til slutt.",
    "en": "Thank you for remembering me. The CV is the same; since then I have led a project from beginning to end.",
}


def invites(story: Story, crowd: Sequence[Made], applied_for: str, to: str, days_ago: float) -> None:
    """Ingrid invites people who applied for one vacancy to another."""

    async def act(now: datetime) -> None:
        site, ingrid = story.site, story.staff["ingrid"]
        vacancy = await access.vacancy_of(site, ingrid, story.vacancy[to])
        units = [story.sent[who.key, applied_for] for who in crowd]
        chosen = await pool.chosen(site, ingrid, vacancy["id"], units, now)
        await pool.invite(site, ingrid, vacancy, units, {}, pool.mark(chosen, {}), now)

    story.at(days_ago, act)


def takes_up(story: Story, who: Made, to: str, days_ago: float) -> None:
    """One press, a new letter, and the application is sent; to the consent question the answer is yes again."""

    async def act(now: datetime) -> None:
        site, vacancy, profile = story.site, story.vacancy[to], await story.profile(who)
        secret = await invited.start(site, await invited.own(site, profile, vacancy, who.lang, now), who.lang, now)
        draft = await careers.draft(site, vacancy, secret)
        assert draft is not None
        turn = await careers.begin(site, vacancy, secret, now, who.lang)
        taken = await careers.take(turn, replace(draft.answers, letter=_LETTER[who.lang], consent="yes"), who.lang)
        assert taken.application is not None, taken.errors
        story.sent[who.key, to] = taken.application

    story.at(days_ago, act)
