"""Going on later: a link in the candidate's e-mail that leads back to a draft, on whatever device it is opened.

Guards that opening the link shows and changes nothing, since mail scanners open every link: a press does. The link
works as often as wanted until the draft is sent or erased, because a form is often finished in several sittings; it is
no sign-in, opens this one draft only, and goes with it (L34). The mail repeats nothing that was typed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from recruit import audit, employer, mail
from recruit.accounts import limits, links
from recruit.accounts.links import LinkDead
from recruit.careers import positions
from recruit.careers.service import Round, is_sent
from recruit.clock import day
from recruit.i18n import Language
from recruit.retention.rules import end_of_local_day
from recruit.site import Site
from recruit.tables import DraftAnswers
from recruit.vault.sealing import unseal

PURPOSE = "draft"
_A_DAY = timedelta(days=1)
_MOST = 5


@dataclass(frozen=True)
class Begun:
    """The draft behind a link: its vacancy, and the form's own secret."""

    vacancy: UUID
    secret: str


async def send_link(turn: Round, email: str, lang: Language) -> None:
    """Mail a link to a draft that was just kept. TooManyAttempts after a few in a day, for one draft or one address."""
    site, now = turn.site, turn.now
    for what, who in (("draft-link", str(turn.unit)), ("draft-link-to", email.casefold())):
        await limits.count(site, what, who, now, most=_MOST, window=_A_DAY)
    title = (await positions.position(site, turn.vacancy, lang, day(now))).title
    key = await site.keyring.key(turn.unit)
    async with site.records.transaction():
        life = end_of_local_day(turn.kept_through) - now
        token = await links.make(site, PURPOSE, turn.unit, now, life, target=turn.vacancy)
        await mail.queue(
            site,
            key,
            f"draft_saved:{turn.unit}:{now.isoformat()}",
            "draft_saved",
            lang,
            email,
            now,
            employer=await employer.current(site),
            privacy_url=site.settings.link("/privacy"),
            title=title,
            url=site.settings.link(f"/positions/begun/{token}"),
            until=turn.kept_through,
        )
        await audit.record("draft.link_sent", now, draft=turn.unit)


async def find(site: Site, token: str, now: datetime) -> Begun:
    """What a link leads to. LinkDead once the draft was sent, thrown away or erased."""
    found = await links.find(site, token, PURPOSE, now)
    rows = await site.records.run_sql("SELECT vacancy, sealed FROM draft WHERE id = ?", found.person)
    key = (await site.keyring.keys([found.person])).get(found.person)
    if not rows or key is None or await is_sent(site, found.person):
        raise LinkDead()
    secret = unseal(key, "draft", found.person, bytes(rows[0]["sealed"]), DraftAnswers).secret
    return Begun(rows[0]["vacancy"], secret)
