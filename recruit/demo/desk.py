"""What waits on the desk of the made-up employer: a hold that nobody has reviewed, copies that left, looks at night.

Guards that the demonstration's desk shows life: an alarm, a recipient outside, a colleague to be asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from recruit import audit
from recruit.careers import entering
from recruit.careers.rules import Answers, Origin
from recruit.clock import day
from recruit.retention import holds, recipients

if TYPE_CHECKING:
    from recruit.demo.life import Act, Story
    from recruit.demo.people import Made


def tell(story: Story, finalist: Made, hired: Made, pooled: Made) -> None:
    """`finalist` and `hired` are of the vacancies for software and market, `pooled` of the one for finance."""
    story.at(4.5, _passed_on(story, finalist))
    story.at(6, _downloaded(story, hired))
    story.at(4.2, _printed(story, finalist))
    story.at(60, _is_held_too_long(story, pooled))
    story.at(2.4, _looks_at_night(story, finalist))
    story.at(9, _enters(story, "linkedin", "linkedin.com/in/solveig-aune", "Solveig Aune", "solveig.aune@example.org"))
    story.at(20, _enters(story, "tip", "En kollega på yrkesmessen", "Jonas Hegge", ""))


def _passed_on(story: Story, who: Made) -> Act:
    """A firm that tests programmers got the finalist's name and CV, by e-mail."""

    async def act(now: datetime) -> None:
        unit = story.sent[who.key, "software"]
        async with story.site.records.transaction():
            firm = await recipients.known(story.site, unit, "Fjellprøve Testsenter AS", "post@fjellprove.example")
            by = story.staff["ingrid"].id
            await recipients.disclosed(story.site, [unit], "outside", "mail", now, account=by, party=firm)

    return act


def _downloaded(story: Story, who: Made) -> Act:
    """A manager took the papers of the hired one along to a meeting."""

    async def act(now: datetime) -> None:
        unit, mats = story.sent[who.key, "market"], story.staff["mats"].id
        async with story.site.records.transaction():
            await recipients.disclosed(story.site, [unit], "staff_download", "download", now, account=mats)

    return act


def _printed(story: Story, who: Made) -> Act:
    """A manager took the finalist's papers along to the interview."""

    async def act(now: datetime) -> None:
        unit, mats = story.sent[who.key, "software"], story.staff["mats"].id
        async with story.site.records.transaction():
            await audit.look(mats, "hiring_manager", [unit], "print", now)
            await recipients.disclosed(story.site, [unit], "staff_print", "print", now, account=mats)

    return act


def _is_held_too_long(story: Story, who: Made) -> Act:
    async def act(now: datetime) -> None:
        liv, review = story.staff["liv"].id, day(story.now) - timedelta(days=3)
        reason, basis = "Krav om innsyn i lønnsvurdering er varslet.", "GDPR artikkel 17 nr. 3 bokstav e"
        await holds.place(story.site, story.sent[who.key, "finance"], liv, reason, basis, review, now)

    return act


def _looks_at_night(story: Story, who: Made) -> Act:
    async def act(now: datetime) -> None:
        night = now.replace(hour=0, minute=40)
        mats, unit = story.staff["mats"].id, story.sent[who.key, "software"]
        await audit.look(mats, "hiring_manager", [unit], "document", night)

    return act


def _enters(story: Story, source: str, where: str, name: str, email: str) -> Act:
    """A recruiter enters somebody who did not apply; who has no address must be told in another way."""

    async def act(now: datetime) -> None:
        origin = Origin(source, where, story.staff["ingrid"].id)
        answers = Answers(name=name, email=email, phone="" if email else "900 12 345")
        await entering.enter(story.site, story.vacancy["software"], answers, (), origin, "nb", now)

    return act
