"""An objection by the link in a notice of article 14: who never applied need not be here (L10, L28).

Guards that one press is enough, that it counts at once, and that looking at the link does nothing (mail scanners follow
every address). Nobody has to decide: the data are restricted, then due for the ordinary purge with its receipt. Only
where a legal hold stands, or the person was hired, somebody must: then it becomes a case on the desk.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from recruit import audit
from recruit.accounts import links
from recruit.accounts.links import LinkDead
from recruit.careers.sourcing import LINK
from recruit.retention import restrictions
from recruit.retention import service as retention
from recruit.retention.facts import of_applications
from recruit.retention.restrictions import Cause
from recruit.retention.rules import Facts
from recruit.rights import asking
from recruit.rights.asking import Asked
from recruit.rights.service import requests_of
from recruit.site import Site

State = Literal["erases", "asks", "erasing", "asked"]
"""What a press will do, or has done: erase at once, or open a case that is answered within a month."""


@dataclass(frozen=True)
class Objecting:
    """The application behind a link, and how it stands."""

    candidate: UUID
    application: UUID
    state: State


async def find(site: Site, token: str, now: datetime) -> Objecting:
    """What a link is about; LinkDead once the data are erased."""
    link = await links.find(site, token, LINK, now)
    facts = (await of_applications(site, [link.target])).get(link.target) if link.target else None
    if link.target is None or facts is None:
        raise LinkDead()
    return Objecting(link.person, link.target, await _state(site, link.person, link.target, facts))


async def _state(site: Site, candidate: UUID, application: UUID, facts: Facts) -> State:
    if facts.erasure_granted_on is not None:
        return "erasing"
    if any(
        r.open and r.kind == "objection" and r.application == application for r in await requests_of(site, candidate)
    ):
        return "asked"
    needs_somebody = bool(facts.holds) or facts.held_documents > 0 or facts.outcome == "hired"
    return "asks" if needs_somebody else "erases"


async def object_to(site: Site, token: str, now: datetime) -> None:
    """Do what the link is for; pressed again, nothing more happens. LinkDead once the data are erased."""
    found = await find(site, token, now)
    if found.state == "asks":
        await asking.ask(site, found.candidate, Asked("objection", found.application), now)
    elif found.state == "erases":
        await restrictions.place(site, [found.application], Cause("objection", None), now)
        await retention.grant_erasure(site, [found.application], None, now)
        async with site.records.transaction():
            await audit.record("objection.by_link", now, application=found.application)
