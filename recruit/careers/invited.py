"""Invited from the talent pool: one press puts what somebody gave before into the form of another vacancy.

Guards that a press does nothing once the consent has ended or the vacancy takes no applications, that nothing is sent
before the candidate sends it and consent is asked anew (L5), and that no row says whose such a form is: its secret
follows from the profile's key, so every press leads to the same form, and nobody finds it once that key is gone.
"""

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from recruit import employer
from recruit.accounts import links
from recruit.accounts.lasting import DataGone
from recruit.accounts.links import LinkDead
from recruit.careers import positions, reusing, rules, service
from recruit.careers.positions import Position
from recruit.careers.reusing import Known
from recruit.clock import day
from recruit.documents.kinds import MAX_FILES
from recruit.errors import NotFound
from recruit.i18n import Language
from recruit.retention import facts
from recruit.retention.rules import in_pool
from recruit.site import Site
from recruit.vault.keyring import TooLate
from recruit.visible import APPLICATIONS

PURPOSE = "invited"
"""Of the link in the mail. It lives as long as its person; consent and vacancy say what it still does."""

State = Literal["open", "sent", "closed", "ended"]


@dataclass(frozen=True)
class Invitation:
    """Who was invited to apply for what. `ended`: no consent keeps anything of theirs any more."""

    candidate: UUID
    position: Position
    state: State


async def behind(site: Site, token: str, lang: Language, now: datetime) -> Invitation:
    """The invitation that a mailed link leads to; DataGone if there is nobody any more."""
    try:
        found = await links.find(site, token, PURPOSE, now)
        await site.keyring.key(found.person)
    except (LinkDead, TooLate):
        raise DataGone() from None
    assert found.target is not None
    return await _invitation(site, found.person, found.target, lang, now)


async def own(site: Site, candidate: UUID, vacancy: UUID, lang: Language, now: datetime) -> Invitation:
    """The same for a candidate who is signed in; NotFound if they were not invited."""
    rows = await site.records.run_sql(
        "SELECT 1 FROM pool_invitation WHERE candidate = ? AND vacancy = ?", candidate, vacancy
    )
    if not rows:
        raise NotFound()
    return await _invitation(site, candidate, vacancy, lang, now)


async def waiting(site: Site, candidate: UUID, lang: Language, now: datetime) -> list[Position]:
    """The vacancies that a candidate was invited to and can still apply for, the newest first."""
    rows = await site.records.run_sql(
        "SELECT vacancy FROM pool_invitation WHERE candidate = ? ORDER BY invited_at DESC", candidate
    )
    found = [await _invitation(site, candidate, row["vacancy"], lang, now) for row in rows]
    return [each.position for each in found if each.state == "open"]


async def _invitation(site: Site, candidate: UUID, vacancy: UUID, lang: Language, now: datetime) -> Invitation:
    position = await positions.position(site, vacancy, lang, day(now))
    rows = await site.records.run_sql(
        f"SELECT id, vacancy FROM {APPLICATIONS} a WHERE candidate = ? ORDER BY submitted_at", candidate
    )
    if vacancy in {row["vacancy"] for row in rows}:
        return Invitation(candidate, position, "sent")
    state: State = "open" if await _consents(site, [row["id"] for row in rows], now) else "ended"
    return Invitation(candidate, position, state if position.open else "closed")


async def _consents(site: Site, applications: Collection[UUID], now: datetime) -> bool:
    policy, known = await employer.policy(site), await facts.of_applications(site, applications)
    return any(in_pool(each, policy, day(now)) for each in known.values())


async def start(site: Site, invited: Invitation, lang: Language, now: datetime) -> str:
    """Put what was given before into the form, unless that was done already; the form's secret.

    NotTakingApplications if the vacancy closed meanwhile. Nothing is sent, and the consent question stands open.
    """
    vacancy, candidate = invited.position.id, invited.candidate
    secret = await _secret(site, candidate, vacancy)
    if await service.draft(site, vacancy, secret):
        return secret
    turn = await service.begin(site, vacancy, secret, now, lang)
    turn.form.fields["form"] = secret
    known = await reusing.known(site, candidate, lang)
    turn.form.reused = _papers(known)
    await reusing.take(turn, candidate, lang)
    said = reusing.with_cv(known.contact, known.cv) if turn.typed_cv else known.contact
    await service.take(turn, said, lang, "save")
    return turn.token


def _papers(known: Known) -> set[UUID]:
    """The newest CV, and the certificates; a letter was written for another position."""
    cvs = [each.id for each in known.documents if each.kind == "cv"][:1]
    others = [each.id for each in known.documents if each.kind == "certificate"]
    return {*cvs, *others[: MAX_FILES - len(cvs)]}


async def _secret(site: Site, candidate: UUID, vacancy: UUID) -> str:
    """Of the candidate's form for this vacancy; of a new one where the earlier one was erased."""
    key = (await site.keyring.key(candidate)).derived(PURPOSE)
    n = 0
    while True:
        digest = hashlib.blake2b(vacancy.bytes + n.to_bytes(2), key=key, digest_size=32).digest()
        secret = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        guard = await site.keyring.guard(rules.draft_of(secret, vacancy))
        if guard is None or guard.present:
            return secret
        n += 1
