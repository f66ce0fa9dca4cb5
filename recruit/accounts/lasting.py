"""The lasting links in the foot of every mail: to "my data", and to the answer about consent.

Guards that such a link speaks for a living person only: once the data are erased it says so, and nothing else. Its
holder may answer about consent and have a fresh way in mailed to the address that we know; no link shows anything.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from recruit.accounts import links
from recruit.accounts.links import LinkDead
from recruit.errors import RecruitError
from recruit.site import Site
from recruit.vault.keyring import TooLate


class DataGone(RecruitError):
    """A link of a mail outlived the data that it led to, or was never one of ours."""

    status = 410
    text = "The data that this link led to have been erased, or the link is not whole."


async def person_behind(site: Site, token: str, purpose: Literal["my", "consent"], now: datetime) -> UUID:
    """The living candidate whom the link speaks for; DataGone if there is nobody any more."""
    try:
        found = await links.find(site, token, purpose, now)
        await site.keyring.key(found.person)
    except (LinkDead, TooLate):
        raise DataGone() from None
    return found.person
