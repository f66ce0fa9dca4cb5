"""Requests that came by e-mail, telephone or letter: whom they come from is searched, and they are written down (L19).

Guards that a person is found by the whole e-mail address or by words of the name, that no other profile is opened for
it, and that somebody whom nobody knows gets an answer too: a profile of their own is born for it, which ends when an
enquiry would (L33, L34).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from recruit import typed
from recruit.database import IDS, ids
from recruit.errors import FormInvalid
from recruit.i18n import Language
from recruit.rights import asking
from recruit.rights.asking import Asked
from recruit.searching.names import names_of
from recruit.searching.plain import fits
from recruit.site import Site
from recruit.tables import Candidate, Person
from recruit.vault.epoch import address_digest
from recruit.vault.keyring import Birth
from recruit.vault.sealing import seal, unseal

MOST = 20
"""How many are shown: whoever finds more writes more of the name."""
_OPENED = 200
"""So many of those whose name fits are opened, to show the first of them by name."""


@dataclass(frozen=True)
class Found:
    """A candidate who may be meant; the look at them is written before this is shown."""

    candidate: UUID
    person: Person
    units: tuple[UUID, ...]


async def find(site: Site, text: str, now: datetime) -> list[Found]:
    """Candidates with that e-mail address, or in whose name each of the words begins one; at most `MOST`, by name."""
    address = typed.email(text)
    if typed.is_email(address):
        known = await site.keyring.find("profile", address)
        return await _opened(site, [known] if known else [])
    names = names_of(site)
    await names.update(site, now)
    found = await _opened(site, await names.matching(text, _OPENED))
    return sorted((one for one in found if fits(one.person.name, text)), key=_by_name)[:MOST]


def _by_name(one: Found) -> tuple[str, str]:
    return one.person.name.casefold(), str(one.candidate)


async def _opened(site: Site, profiles: list[UUID]) -> list[Found]:
    rows = await site.records.run_sql(f"SELECT id, sealed FROM candidate WHERE id IN {IDS}", ids(profiles))
    keys = await site.keyring.keys(row["id"] for row in rows)
    people = {
        row["id"]: unseal(keys[row["id"]], "candidate", row["id"], bytes(row["sealed"]), Person)
        for row in rows
        if row["id"] in keys
    }
    units: dict[UUID, list[UUID]] = {}
    for row in await site.records.run_sql(
        f"SELECT id, candidate FROM application WHERE candidate IN {IDS}", ids(people)
    ):
        units.setdefault(row["candidate"], []).append(row["id"])
    return [Found(unit, who, (unit, *units.get(unit, ()))) for unit, who in people.items()]


async def of_stranger(site: Site, person: Person, lang: Language, asked: Asked, now: datetime) -> UUID:
    """Record a request of somebody whom nobody knows; whose address is known after all is that person.

    FormInvalid without a name; an e-mail address may be missing, then the answer goes by letter.
    """
    who = _checked(person)
    known = await site.keyring.find("profile", who.email) if who.email else None
    if known and await site.records.run_sql("SELECT id FROM candidate WHERE id = ?", known):
        return await asking.ask(site, known, asked, now)
    if known is None:
        digest = address_digest("profile", who.email) if who.email else b""
        (key,) = await site.keyring.birth(Birth(uuid4(), "profile", now, digest=digest))
    else:  # its row was never written: a fault came between
        key = await site.keyring.key(known)
    sealed = seal(key, "candidate", key.unit, who)
    await Candidate.insert(Candidate(id=key.unit, language=lang, created_at=now, sealed=sealed)).run()
    return await asking.ask(site, key.unit, replace(asked, found=False), now)


def _checked(person: Person) -> Person:
    name, email, phone = typed.line(person.name), typed.email(person.email), typed.line(person.phone)
    errors = {}
    if not name or len(name) > 200:
        errors["name"] = "Write the person's name, in at most 200 characters."
    elif typed.holds_address(name):
        errors["name"] = "Write only the name here, without addresses."
    if email and not typed.is_email(email):
        errors["email"] = typed.EMAIL_UNFIT
    if len(phone) > 40:
        errors["phone"] = "Write a telephone number, in at most 40 characters."
    if errors:
        raise FormInvalid(errors)
    return msgspec.structs.replace(person, name=name, email=email, phone=phone)
