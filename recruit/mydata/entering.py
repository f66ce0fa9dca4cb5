"""How a candidate comes in: a link and a six-digit code, sent to the address that we know.

Guards that nobody learns from us whether an address is known (an unknown one takes the same way through the same rows,
for a person who does not exist), that a link or code works once within a quarter of an hour, and that looking at a page
uses nothing up.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from recruit import letters
from recruit.accounts import limits, links
from recruit.accounts.lasting import person_behind
from recruit.site import Site

LIFE = timedelta(minutes=15)
_MAILS = 3
_CODES = 10
_CODES_A_DAY = 20
"""Of a million codes; whoever keeps asking in another person's name gets no further than this in a day."""


async def ask_by_address(site: Site, email: str, network: str, now: datetime) -> str:
    """Send the link and code if the address is known. Returns what the browser remembers until the code is typed.

    Same answer, work and limits for an unknown address. TooManyAttempts per network address and per e-mail address.
    """
    await limits.count(site, "sign_in", network, now)
    await limits.count(site, "sign_in_mail", email.casefold(), now, most=_MAILS)
    profile = await site.keyring.find("profile", email)
    return await _send(site, profile or nobody(site, email), now)


async def ask_from_mail(site: Site, token: str, now: datetime) -> str:
    """One press on the page that a mail leads to; the address is not typed. DataGone if there is nobody any more."""
    person = await person_behind(site, token, "my", now)
    await limits.count(site, "sign_in_mail", str(person), now, most=_MAILS)
    return await _send(site, person, now)


async def enter(site: Site, token: str, now: datetime) -> UUID:
    """Use the link of the mail up; LinkDead the second time."""
    return (await links.use(site, token, "sign_in", now)).person


async def enter_by_code(site: Site, waiting: str, code: str, now: datetime) -> UUID:
    """Use the code up. `waiting` is what the browser remembers of who asked. LinkDead for a wrong code."""
    who = await links.find(site, waiting, "waiting", now)
    await limits.count(site, "sign_in_code", str(who.person), now, most=_CODES)
    await limits.count(site, "sign_in_code_day", str(who.person), now, most=_CODES_A_DAY, window=timedelta(days=1))
    return (await links.use_code(site, "sign_in", who.person, code, now)).person


def nobody(site: Site, email: str) -> UUID:
    """Who stands behind an address that nobody has: always the same one, so that its codes meet the same limits."""
    return UUID(bytes=bytes.fromhex(site.keyring.pseudonym(f"nobody|{email.casefold()}"))[:16], version=4)


async def _send(site: Site, person: UUID, now: datetime) -> str:
    async with site.records.transaction():
        await links.forget_old(site, now)
        token = await links.make(site, "sign_in", person, now, LIFE)
        code = await links.add_code(site, token)
        waiting = await links.make(site, "waiting", person, now, LIFE)
        url = site.settings.link(f"/my/enter/{token}")
        await letters.to_whoever(site, person, f"sign_in:{uuid4()}", "sign_in", now, enter_url=url, code=code)
    return waiting
