"""What is told of the person hired to a candidate who asked: education, experience, other things that can be
ascertained, and no judgement (L31).

Guards that exactly what was looked at is given, in writing; that it is a disclosure of the hired person's data (L29)
and rests sealed under their application, so that erasing them erases it everywhere, out of a mail that waits included;
and that nobody who is restricted is shown or spoken of (L15). The mail itself rests under the application of whoever
asked, and the letter does not name them: neither outlives the other in the wrong place.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from recruit import audit, employer, letters, paper
from recruit.accounts.guards import RECRUITER, Me
from recruit.clock import day
from recruit.curriculum import Education, Experience
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.hiring import access, section31, service, tripwire
from recruit.hiring.access import Opened
from recruit.hiring.section31 import Request
from recruit.i18n import translator
from recruit.retention import recipients
from recruit.site import Site
from recruit.tables import Enclosure, Qualification, Qualified
from recruit.vault.sealing import seal, unseal
from recruit.visible import APPLICATIONS

RECIPIENT = "section31"
FIELDS = ("education", "experience", "other")
LONGEST = 4000
NAMES = {"nb": "opplysninger.pdf", "en": "facts.pdf"}


class FactsChanged(RecruitError):
    """Between the look and the sending something changed that stands in the letter."""

    status = 409
    text = "Something has changed since you looked at the letter. Nothing was sent. Look at it once more."


@dataclass(frozen=True)
class Hired:
    """Somebody who was hired for the vacancy and lives here; `given_at`: when facts about them were given."""

    application: UUID
    name: str
    handed_over_on: date | None
    given_at: datetime | None


async def hired(site: Site, me: Me, request: Request, now: datetime) -> list[Hired]:
    """The people hired for the vacancy that a request is about, by name, for a recruiter; each a look."""
    rows = await site.records.run_sql(
        f"SELECT a.id, a.candidate, a.handed_over_on FROM {APPLICATIONS} a WHERE a.vacancy = ? AND a.outcome = 'hired' "
        "ORDER BY a.closed_at, a.id",
        request.vacancy,
    )
    people = await access.names_of(site, me, RECRUITER, rows, "section31", now)
    given = await site.records.run_sql(
        "SELECT application, written_at FROM qualification WHERE request = ?", request.id
    )
    at = {row["application"]: row["written_at"] for row in given}
    return [
        Hired(row["id"], people[row["id"]].name, row["handed_over_on"], at.get(row["id"]))
        for row in rows
        if row["id"] in people
    ]


# --- writing it -------------------------------------------------------------------------------------------------------


def of_form(form: Mapping[str, str]) -> Qualified:
    """FormInvalid if nothing was written, or if something that may not count stands in it without a reason."""
    errors = {name: "Shorten the text to 4,000 characters." for name in FIELDS if len(form.get(name, "")) > LONGEST}
    said = {name: form.get(name, "") for name in FIELDS}
    if not any(said.values()):
        errors["education"] = "Write what can be ascertained."
    if errors:
        raise FormInvalid(errors)
    why = tripwire.reason(form, "facts_why", *said.values())
    return Qualified(education=said["education"], experience=said["experience"], other=said["other"], why=why)


async def begun(site: Site, of: Opened) -> dict[str, str]:
    """What the form begins with: education and experience that the person hired has typed themselves."""
    _, sent = await service.contents(site, of)
    return {
        "education": "\n".join(_line(each, each.school) for each in sent.education),
        "experience": "\n".join(_line(each, each.employer) for each in sent.experience),
        "other": ", ".join(sent.skills),
    }


def _line(each: Education | Experience, where: str) -> str:
    said = ", ".join(part for part in (each.title, where) if part)
    spent = "–".join((each.began, each.ended)) if each.began else each.ended
    return f"{said} ({spent})" if spent else said


async def values(site: Site, asker: Opened, said: Qualified, request: Request, now: datetime) -> dict[str, Any]:
    """What fills the letter, in the language of whoever asked."""
    person, lang = await letters.addressee(site, asker.row["candidate"])
    _, title = await section31.addressed(site, asker.id)
    tr = translator(lang)
    return {
        "lang": lang,
        "_": tr,
        "employer": await employer.current(site),
        "made_at": now,
        "title": tr("Facts about the person hired"),
        "today": day(now),
        "person": person,
        "vacancy": title,
        "received_on": request.received_on,
        "facts": [(tr(name), text) for name, text in named(said) if text],
        "signed": asker.me.name,
    }


def named(said: Qualified) -> tuple[tuple[str, str], ...]:
    """Each part by what it is called (English message ids)."""
    return (
        ("Education", said.education),
        ("Experience", said.experience),
        ("Other qualifications that can be ascertained", said.other),
    )


def mark(filled: dict[str, Any]) -> str:
    """Stands for exactly this letter to exactly this person; a confirmation carries it back."""
    said = [filled[name] for name in ("lang", "person", "vacancy", "received_on", "facts", "signed", "today")]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


async def give(
    site: Site, asker: Opened, about: Opened, request: Request, said: Qualified, looked_at: str, now: datetime
) -> bool:
    """Give it in writing; False if there is no e-mail address, and the letter has to be handed over on paper.

    The request is answered with the last of those who were hired. FactsChanged, or AlreadyAnswered.
    """
    if request.state != "open":
        raise section31.AlreadyAnswered()
    filled = await values(site, asker, said, request, now)
    if mark(filled) != looked_at:
        raise FactsChanged()
    letter = await asyncio.to_thread(lambda: paper.of_template("paper/section31.html", **filled))
    number, kept = uuid4(), msgspec.structs.replace(said, letter=letter)
    enclosed = Enclosure(name=NAMES[filled["lang"]], media_type="application/pdf", data=letter)
    async with site.records.transaction():
        row = Qualification(id=number, application=about.id, request=request.id, written_by=asker.me.id,
                            written_at=now, sealed=seal(about.key, "qualification", number, kept))  # fmt: skip
        await Qualification.insert(row).run()
        to = (site, asker.row["candidate"], asker.key, f"section31:{number}", "section31_answered", now)
        told = {"title": filled["vacancy"], "by": asker.me.id, "about_others": [(about.key, enclosed)]}
        mailed = await letters.to_candidate(*to, **told)
        way: recipients.Channel = "mail" if mailed else "print"
        await recipients.disclosed(site, [about.id], RECIPIENT, way, now, account=asker.me.id)
        await audit.record("section31.given", now, asker.me.id, request=request.id, application=about.id)
        if not await _waiting(site, request):
            await section31.end(site, request, "answered", asker.me.id, now)
    await section31.follow(site, request, now)
    return mailed


async def _waiting(site: Site, request: Request) -> bool:
    """Whether anybody was hired about whom nothing was given yet."""
    rows = await site.records.run_sql(
        f"SELECT 1 FROM {APPLICATIONS} a WHERE a.vacancy = ? AND a.outcome = 'hired' AND a.id NOT IN "
        "(SELECT q.application FROM qualification q WHERE q.request = ?) LIMIT 1",
        *(request.vacancy, request.id),
    )
    return bool(rows)


# --- reading it -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """What was given about one person, as long as they live here."""

    id: UUID
    about: UUID
    at: datetime
    said: Qualified


async def given(site: Site, request: UUID) -> list[Given]:
    """What was given in answer to a request; of the erased and the restricted nothing."""
    rows = await site.records.run_sql(
        f"SELECT q.* FROM qualification q JOIN {APPLICATIONS} a ON a.id = q.application WHERE q.request = ? "
        "ORDER BY q.written_at, q.id",
        request,
    )
    keys = await site.keyring.keys(row["application"] for row in rows)
    return [
        Given(
            row["id"],
            row["application"],
            row["written_at"],
            unseal(keys[row["application"]], "qualification", row["id"], bytes(row["sealed"]), Qualified),
        )
        for row in rows
        if row["application"] in keys
    ]


async def letter(site: Site, request: UUID, number: UUID) -> Given:
    """What was given about one person hired, with its letter; NotFound for any other, and once they are erased."""
    found = next((each for each in await given(site, request) if each.id == number), None)
    if found is None:
        raise NotFound()
    return found


async def take_along(site: Site, asker: Opened, request: UUID, number: UUID, now: datetime) -> bytes:
    """The letter, for a colleague who prints it: a disclosure of the hired person's data, written down first (L29)."""
    found = await letter(site, request, number)
    async with site.records.transaction():
        await audit.look(asker.me.id, asker.role, [found.about], "section31", now)
        await recipients.disclosed(site, [found.about], "staff_download", "download", now, account=asker.me.id)
    return found.said.letter
