"""A candidate's new e-mail address, confirmed from both: from the old one, that it is meant, from the new one, that it
is theirs.

What may never happen: an address takes over a profile without a press in the old mailbox; a mail to an address that
nobody has confirmed carries a way to the data or to consent; a profile is found by one address while its mail goes to
another. Transaction boundary: the last confirmation is one records transaction, inside which the keyring learns the new
address; a fault in between leaves both links working, and pressing again does the rest.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from recruit import audit, employer, letters, mail, typed
from recruit.accounts import limits, links
from recruit.accounts.links import LinkDead
from recruit.errors import FormInvalid, RecruitError
from recruit.mydata.service import tell_recipients
from recruit.site import Site
from recruit.tables import AddressChange, NewAddress, Person
from recruit.vault.sealing import UnitKey, seal, unseal

LIFE = timedelta(hours=24)
_A_DAY = timedelta(days=1)
_MOST = 5

Side = Literal["old", "new"]
SIDES: tuple[Side, ...] = ("old", "new")


class AddressTaken(RecruitError):
    """Somebody has applied under the new address: two profiles cannot be one by themselves."""

    status = 409
    text = (
        "We already keep data under the new address, so it cannot be moved there. Nothing was changed. Under “My data” "
        "you can show that both addresses are yours."
    )


@dataclass(frozen=True)
class Waiting:
    """A change that is not confirmed from both addresses yet; `until` is when its links end."""

    email: str
    until: datetime
    old_confirmed: bool
    new_confirmed: bool


async def waiting(site: Site, candidate: UUID, now: datetime) -> Waiting | None:
    """The change that this candidate has begun, if its links still live."""
    rows = await site.records.run_sql(
        "SELECT * FROM address_change WHERE candidate = ? AND asked_at > ?", candidate, now - LIFE
    )
    if not rows:
        return None
    key, row = await site.keyring.key(candidate), rows[0]
    return Waiting(_address(key, row), row["asked_at"] + LIFE, bool(row["old_at"]), bool(row["new_at"]))


async def ask(site: Site, candidate: UUID, email: str, now: datetime) -> None:
    """Send a link to both addresses; nothing changes before both are pressed. An earlier change is forgotten.

    The same whether we know the new address already: only whoever reads mail there learns more.
    """
    email = typed.email(email)
    person, lang = await letters.addressee(site, candidate)
    if not typed.is_email(email):
        raise FormInvalid({"email": typed.EMAIL_UNFIT})
    if email.casefold() == person.email.casefold():
        raise FormInvalid({"email": "This is the address that we have already."})
    await limits.count(site, "address_change", str(candidate), now, most=_MOST, window=_A_DAY)
    key, change = await site.keyring.key(candidate), uuid4()
    async with site.records.transaction():
        await _forget(site, candidate, now)
        sealed = seal(key, "address_change", change, NewAddress(email=email))
        await AddressChange.insert(AddressChange(id=change, candidate=candidate, asked_at=now, sealed=sealed)).run()
        urls = {side: await _link(site, side, candidate, change, now) for side in SIDES}
        cause = f"address:{change}"
        await letters.to_candidate(site, candidate, key, f"{cause}:old", "email_old", now, url=urls["old"], new=email)
        known = {"employer": await employer.current(site), "url": urls["new"]}
        privacy = site.settings.link("/privacy")
        await mail.queue(site, key, f"{cause}:new", "email_new", lang, email, now, privacy_url=privacy, **known)
        await audit.record("contact.email_asked", now, candidate=candidate)


async def cancel(site: Site, candidate: UUID, now: datetime) -> None:
    """The candidate stays with the old address; the links are dead."""
    async with site.records.transaction():
        await _forget(site, candidate, now)


async def find(site: Site, side: Side, token: str, now: datetime) -> None:
    """LinkDead unless this link can still be pressed; looking uses nothing up."""
    await links.find(site, token, f"email-{side}", now)


async def confirm(site: Site, side: Side, token: str, now: datetime) -> bool:
    """One of the two has pressed; True once both have, and the address is changed.

    LinkDead for a link that is used or too old, AddressTaken if somebody has applied under the new address meanwhile.
    """
    found = await links.find(site, token, f"email-{side}", now)
    key = await site.keyring.key(found.person)
    async with site.records.transaction():
        await links.use(site, token, f"email-{side}", now)
        rows = await site.records.run_sql(
            f"UPDATE address_change SET {side}_at = ? WHERE id = ? RETURNING *", now, found.target
        )
        if not rows:
            raise LinkDead()
        if not (rows[0]["old_at"] and rows[0]["new_at"]):
            return False
        await _change(site, key, _address(key, rows[0]), now)
    return True


async def _change(site: Site, key: UnitKey, email: str, now: datetime) -> None:
    candidate = key.unit
    if await site.keyring.find("profile", email) not in (None, candidate):
        raise AddressTaken()
    await site.keyring.readdress(candidate, "profile", email)
    person, _ = await letters.addressee(site, candidate)
    changed = Person(name=person.name, email=email, phone=person.phone, relation=person.relation)
    await site.records.run_sql(
        "UPDATE candidate SET sealed = ?, changed_at = ? WHERE id = ?",
        *(seal(key, "candidate", candidate, changed), now, candidate),
    )
    await tell_recipients(site, candidate, email, now)
    await _forget(site, candidate, now)
    for purpose in ("sign_in", "waiting"):  # what was mailed to the old address opens nothing any more
        await links.spend_all(site, purpose, candidate, now)
    await audit.record("contact.email_changed", now, candidate=candidate)


async def forget_old(site: Site, now: datetime) -> int:
    """Changes that nobody has confirmed in time: the new address is not kept. How many went."""
    rows = await site.records.run_sql("DELETE FROM address_change WHERE asked_at < ? RETURNING id", now - LIFE)
    return len(rows)


async def _forget(site: Site, candidate: UUID, now: datetime) -> None:
    await site.records.run_sql("DELETE FROM address_change WHERE candidate = ?", candidate)
    for side in SIDES:
        await links.spend_all(site, f"email-{side}", candidate, now)


async def _link(site: Site, side: Side, candidate: UUID, change: UUID, now: datetime) -> str:
    token = await links.make(site, f"email-{side}", candidate, now, LIFE, target=change)
    return site.settings.link(f"/my/email/{side}/{token}")


def _address(key: UnitKey, row: dict[str, Any]) -> str:
    return unseal(key, "address_change", row["id"], bytes(row["sealed"]), NewAddress).email
