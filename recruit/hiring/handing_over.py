"""Handing the application of a hired person over to the personnel file (L8): a ZIP, made while it is sent.

Guards that only what the employment needs goes along (no notes, scorecards, references or checks), that the disclosure
stands before the first byte leaves (L29), and that nothing touches the disk. Everything small is read first, so that a
fault gives no half hand-over. Call only with an application that `access.opened` gave.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from recruit import audit, employer
from recruit.clock import day
from recruit.errors import RecruitError
from recruit.hiring import notes, offers, papers, service
from recruit.hiring.access import Opened
from recruit.hiring.notes import Found
from recruit.hiring.papers import Named
from recruit.i18n import Translate, either
from recruit.packing import Packed, harmless
from recruit.retention import recipients
from recruit.site import Site

TO = "personnel_file"
_README = """{hello}

data.json      {data}
documents/     {documents}
offers/        {offers}
manifest.json  {manifest}

{more}
"""


class NotHired(RecruitError):
    """Only what belongs to an employment is handed over."""

    status = 409
    text = "Only the application of somebody who was hired is handed over to the personnel file."


@dataclass(frozen=True)
class Contents:
    """What goes along, opened: the data, the documents by their place in the archive, the offers' letters."""

    data: dict[str, Any]
    documents: list[tuple[str, Named]]
    letters: list[tuple[str, Found]]


async def contents(site: Site, opened: Opened, now: datetime) -> Contents:
    """NotHired unless the outcome says so."""
    if opened.row["outcome"] != "hired":
        raise NotHired()
    person, sent = await service.contents(site, opened)
    lang, _ = await notes.addressed_in(site, opened)
    named = await papers.named(site, opened)
    offered = [found for found in await notes.screenings(site, opened) if found.kind == offers.KIND]
    documents = [(f"documents/{n}-{harmless(paper.name)}", paper) for n, paper in enumerate(named, 1)]
    letters = [(f"offers/{day(each.recorded_at)}-{n}.pdf", each) for n, each in enumerate(offered, 1)]
    firm = await employer.current(site)
    data = {
        "made_at": now,
        "employer": {"name": firm.name, "number": firm.number} if firm else None,
        "handed_over_by": opened.me.name,
        "person": {"name": person.name, "email": person.email, "phone": person.phone, "language": lang},
        "application": {
            "vacancy": either(opened.vacancy, "title", lang),
            "submitted_at": opened.row["submitted_at"],
            "hired_on": opened.row["closed_on"],
            "as_sent": sent,
        },
        "documents": [
            {"file": path, "name": p.name, "kind": p.kind, "media_type": p.media_type} for path, p in documents
        ],
        "offers": [
            {"file": path if each.letter else None, "at": each.recorded_at, "terms": each.terms, "text": each.text}
            for path, each in letters
        ],
    }
    return Contents(data, documents, [pair for pair in letters if pair[1].letter])


async def record(site: Site, opened: Opened, now: datetime) -> None:
    """Write down that the application goes to the personnel file, before it does. NotHired if it was undone meanwhile.

    It moves no date: from here on it follows L4 as before.
    """
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "UPDATE application SET handed_over_on = ? WHERE id = ? AND outcome = 'hired' RETURNING id",
            *(day(now), opened.id),
        )
        if not rows:
            raise NotHired()
        await recipients.disclosed(site, [opened.id], TO, "hand_over", now, account=opened.me.id)
        await audit.record("application.handed_over", now, opened.me.id, application=opened.id)


async def archive(site: Site, opened: Opened, found: Contents, now: datetime, tr: Translate) -> AsyncIterator[bytes]:
    """The ZIP, piece by piece; its manifest comes last, since it names the digest of everything before it."""
    packed = Packed(now)
    yield packed.add("README.txt", _readme(tr).encode())
    yield packed.add("data.json", msgspec.json.format(msgspec.json.encode(found.data), indent=2))
    for path, offer in found.letters:
        yield packed.add(path, offer.letter)
    for path, paper in found.documents:
        async for piece in packed.stream(path, site.documents.read(opened.key, paper.id)):
            yield piece
    manifest = {"made_at": now, "digest": "SHA-256", "files": packed.listed}
    yield packed.add("manifest.json", msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    yield packed.end()


def _readme(tr: Translate) -> str:
    return _README.format(
        hello=tr("The application of a person who was hired, for the personnel file."),
        data=tr("Contact data, the application as it was sent, and the offers"),
        documents=tr("Documents as the candidate sent them"),
        offers=tr("Letters with offers, as they were sent"),
        manifest=tr("Every file with its size and its SHA-256"),
        more=tr(
            "Interview notes, scorecards, references and checks are left out: an employment does not need them. In the "
            "recruitment system everything is erased on time; the personnel file follows its own rules."
        ),
    )
