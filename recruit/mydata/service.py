"""What candidates do with their own data by themselves, without asking anybody.

Guards that every act starts at the candidate's id, and that what is written is sealed under the unit it belongs to.
"""

from datetime import datetime
from uuid import UUID

from recruit import audit, letters, typed
from recruit.errors import FormInvalid
from recruit.i18n import LANGUAGES
from recruit.retention import recipients
from recruit.retention import service as retention
from recruit.rights.service import own_application
from recruit.site import Site
from recruit.tables import Person
from recruit.vault.sealing import seal


async def withdraw_application(site: Site, candidate: UUID, application: UUID, now: datetime) -> None:
    """The candidate withdraws an application of their own (L2)."""
    await own_application(site, candidate, application)
    await retention.withdraw_application(site, application, now)


async def tell_recipients(site: Site, candidate: UUID, what: str, now: datetime) -> None:
    """In the transaction that changes contact data: whoever got the old ones is told the new ones (L29, art. 19)."""
    rows = await site.records.run_sql("SELECT id FROM application WHERE candidate = ?", candidate)
    await recipients.notify_recipients(site, [candidate, *(row["id"] for row in rows)], "rectified", now, what)


async def change_contact(
    site: Site, candidate: UUID, name: str, phone: str, now: datetime, lang: str | None = None
) -> None:
    """Free self-service for one's own contact data (L26), and for the language of our mails; FormInvalid otherwise."""
    name, phone = typed.line(name), typed.line(phone)
    if lang is not None and lang not in LANGUAGES:
        raise FormInvalid({"language": "Choose one of the languages."})
    if not name or len(name) > 200:
        raise FormInvalid({"name": "Write your name, in at most 200 characters."})
    if typed.holds_address(name):
        raise FormInvalid({"name": "Write only your name here, without addresses."})
    if len(phone) > 40:
        raise FormInvalid({"phone": "Write a telephone number, in at most 40 characters."})
    key = await site.keyring.key(candidate)
    async with site.records.transaction():
        person, _ = await letters.addressee(site, candidate)
        changed = Person(name=name, email=person.email, phone=phone, relation=person.relation)
        await site.records.run_sql(
            "UPDATE candidate SET sealed = ?, changed_at = ? WHERE id = ?",
            *(seal(key, "candidate", candidate, changed), now, candidate),
        )
        if (person.name, person.phone) != (name, phone):
            await tell_recipients(site, candidate, ", ".join(filter(None, (name, phone))), now)
        if lang:
            await site.records.run_sql("UPDATE candidate SET language = ? WHERE id = ?", lang, candidate)
        await audit.record("contact.changed", now, candidate=candidate)
