"""The offer to a finalist: what is offered as values, and the letter about it (L9).

Guards that exactly what was looked at is sent, that the letter is kept sealed with the application and goes with it,
and that no offer is made before the stage that allows it. Call only with an application that `access.opened` gave.
Drawing takes a moment of the processor: it is done before the transaction.
"""

import asyncio
import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from recruit import audit, employer, letters, paper
from recruit.clock import day
from recruit.errors import NotFound, RecruitError
from recruit.hiring import contacts, notes, service, terms
from recruit.hiring.access import Opened
from recruit.hiring.notes import Found
from recruit.i18n import translator
from recruit.retention import recipients
from recruit.site import Site
from recruit.tables import Enclosure, Screened

KIND = "offer_details"
NAMES = {"nb": "tilbud.pdf", "en": "offer.pdf"}


class OfferChanged(RecruitError):
    """Between the look and the sending something changed that stands in the letter."""

    status = 409
    text = "Something has changed since you looked at the letter. Nothing was sent. Look at it once more."


async def values(site: Site, opened: Opened, found: Screened, now: datetime) -> dict[str, Any]:
    """What fills the letter, in the candidate's language."""
    assert found.terms is not None
    lang, _ = await notes.addressed_in(site, opened)
    person, _ = await service.contents(site, opened)
    tr = translator(lang)
    return {
        "lang": lang,
        "_": tr,
        "employer": await employer.current(site),
        "made_at": now,
        "title": tr("Offer of employment"),
        "today": day(now),
        "person": person,
        "position": found.terms.position,
        "terms": terms.lines(found.terms, tr),
        "said": found.text,
        "reply_by": found.terms.reply_by,
        "contact": await contacts.of_vacancy(site, opened.vacancy["id"]),
        "signed": opened.me.name,
    }


def mark(filled: dict[str, Any]) -> str:
    """Stands for exactly this letter to exactly this person; a confirmation carries it back."""
    said = [filled[name] for name in ("lang", "person", "terms", "said", "contact", "signed", "today")]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


async def drawn(filled: dict[str, Any]) -> bytes:
    """The letter as PDF."""
    return await asyncio.to_thread(lambda: paper.of_template("paper/offer.html", **filled))


async def send(site: Site, opened: Opened, found: Screened, looked_at: str, now: datetime) -> bool:
    """Write the offer down and send its letter; False if there is no e-mail address to send it to.

    OfferChanged if it isn't the letter that was looked at; see `notes.require_open` for the stages.
    """
    notes.require_open(opened, KIND, await employer.policy(site))
    filled = await values(site, opened, found, now)
    if mark(filled) != looked_at:
        raise OfferChanged()
    letter = await drawn(filled)
    enclosed = Enclosure(name=NAMES[filled["lang"]], media_type="application/pdf", data=letter)
    async with site.records.transaction():
        kept = msgspec.structs.replace(found, letter=letter)
        offer = await notes.write_screening(site, opened, KIND, kept, now)
        told = {"position": filled["position"], "reply_by": filled["reply_by"], "by": opened.me.id}
        to = (site, opened.row["candidate"], opened.key, f"offer:{offer}", "offer", now)
        return await letters.to_candidate(*to, enclosures=[enclosed], **told)


async def letter(site: Site, opened: Opened, number: UUID, now: datetime) -> bytes:
    """The letter as it was sent, for a colleague to take along: a disclosure, written down first (L29)."""
    found = next((each for each in await notes.screenings(site, opened) if each.id == number and each.letter), None)
    if found is None:
        raise NotFound()
    await take_along(site, opened, now)
    return found.letter


async def take_along(site: Site, opened: Opened, now: datetime) -> None:
    """A colleague downloads an offer, sent or not."""
    async with site.records.transaction():
        await recipients.disclosed(site, [opened.id], "staff_download", "download", now, account=opened.me.id)
        await audit.record("offer.downloaded", now, opened.me.id, application=opened.id)


def begun(opened: Opened, known: list[Found], title: str) -> dict[str, str]:
    """The form of a new offer: the last one made, or else what the candidate expects."""
    said = [each for each in known if each.terms]
    last = next((each for each in reversed(said) if each.kind == KIND), said[-1] if said else None)
    values = terms.form_of(last.terms) if last and last.terms else {}
    values.pop("reply_by", None)
    return {"position": title, "extent": "100"} | values | ({"words": last.text} if last and last.kind == KIND else {})
