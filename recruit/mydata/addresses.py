"""Another address of the same candidate: shown by whoever reads its mail while signed in with the first.

What may never happen: one mailbox opens the other's data. The link lies in the mailbox of the other address, and works
only in a browser that is signed in with the first; a press by anybody else does nothing. The profiles stay two, each
with its own consent, clock and erasure. Nobody learns from us whether an address is known.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from recruit import letters, typed
from recruit.accounts import limits, links, sessions
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.hiring import likeness
from recruit.mydata import entering
from recruit.site import Site

LIFE = timedelta(hours=24)
_LINK = "same_person"
_MOST = 5


class AskedElsewhere(RecruitError):
    """The link was pressed in a browser that is not signed in with the address from which it was asked for."""

    status = 409
    text = "Open this link where you are signed in with the address from which you asked for it. Nothing was changed."


@dataclass(frozen=True)
class Elsewhere:
    """Another profile said to be the same person's; its address, if the candidate has shown that it is theirs."""

    pair: UUID
    at: datetime
    email: str
    proved: bool


async def others(site: Site, candidate: UUID) -> list[Elsewhere]:
    """What was decided; an address that is not proved is not told, since the decision may be wrong."""
    rows = await site.records.run_sql(
        "SELECT * FROM likeness WHERE verdict = 'same' AND (one = ? OR other = ?) ORDER BY decided_at, id",
        *(candidate, candidate),
    )
    alive = await site.keyring.keys(_there(row, candidate) for row in rows)
    found = []
    for row in rows:
        there, proved = _there(row, candidate), row["proved_at"] is not None
        if there in alive:
            email = (await letters.addressee(site, there))[0].email if proved else ""
            found.append(Elsewhere(row["id"], row["decided_at"], email, proved))
    return found


async def ask(site: Site, candidate: UUID, email: str, now: datetime) -> None:
    """Send the link to the other address. Same answer, work and limits for an address that nobody has."""
    email = typed.email(email)
    if not typed.is_email(email):
        raise FormInvalid({"email": typed.EMAIL_UNFIT})
    mine, _ = await letters.addressee(site, candidate)
    if email.casefold() == mine.email.casefold():
        raise FormInvalid({"email": "This is the address that you are signed in with."})
    await limits.count(site, "same_person", str(candidate), now, most=_MOST, window=timedelta(days=1))
    other = await site.keyring.find("profile", email) or entering.nobody(site, email)
    async with site.records.transaction():
        token = await links.make(site, _LINK, other, now, LIFE, target=candidate)
        url = site.settings.link(f"/my/addresses/{token}")
        await letters.to_whoever(site, other, f"same_person:{uuid4()}", "same_person", now, url=url)


async def find(site: Site, candidate: UUID, token: str, now: datetime) -> None:
    """LinkDead for a link that can't be pressed any more, AskedElsewhere for anybody but the one who asked for it."""
    if (await links.find(site, token, _LINK, now)).target != candidate:
        raise AskedElsewhere()


async def prove(site: Site, candidate: UUID, token: str, now: datetime) -> None:
    """Both addresses are this person's: read here, signed in there."""
    await find(site, candidate, token, now)
    async with site.records.transaction():
        there = await links.use(site, token, _LINK, now)
        await likeness.proved(site, candidate, there.person, now)


async def change_over(site: Site, candidate: UUID, session: str, pair: UUID, now: datetime) -> str:
    """Sign in with the other address, which was proved; the new session's token. NotFound if it was not."""
    rows = await site.records.run_sql("SELECT * FROM likeness WHERE id = ? AND proved_at IS NOT NULL", pair)
    if not rows or candidate not in (rows[0]["one"], rows[0]["other"]):
        raise NotFound()
    return await sessions.begin(site, "candidate", _there(rows[0], candidate), now, replaces=session)


def _there(row: dict[str, Any], candidate: UUID) -> UUID:
    there: UUID = row["other"] if row["one"] == candidate else row["one"]
    return there
