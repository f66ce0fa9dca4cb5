"""The copy of everything that is kept about a candidate: JSON and the original files in one ZIP, a PDF for reading, and
what the candidate provided as JSON Resume (art. 15, 20).

Guards that the copy is whole, holds nothing of another candidate, leaves third parties out of what others wrote (L24),
and never touches the disk: the archive is made piece by piece while it is sent.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, time
from typing import Any
from uuid import UUID

import msgspec

from recruit import audit, employer, paper
from recruit.clock import ZONE
from recruit.database import IDS, ids
from recruit.i18n import Translate, either
from recruit.letters import addressee
from recruit.mail import impersonal
from recruit.packing import Packed, harmless
from recruit.retention import consent, holds, recipients
from recruit.retention.parts import ERASABLE
from recruit.rights import reading, received, resume, service, views
from recruit.rights.masking import Hide, Masker
from recruit.rights.views import ApplicationView, DocumentView
from recruit.rights.words import SIGNS, field_name
from recruit.site import Site
from recruit.tables import (
    ApplicationData,
    Arrangement,
    GuestWords,
    Message,
    NewAddress,
    Person,
    Qualified,
    ReferenceWords,
    Scores,
    Screened,
    Written,
)
from recruit.vault.sealing import UnitKey, unseal

COPIES = {
    "zip": ("my-data-{day}.zip", "application/zip"),
    "pdf": ("my-data-{day}.pdf", "application/pdf"),
    "resume": ("resume-{day}.json", "application/json"),
}
"""What can be downloaded: the file's name and its media type."""
_SECRET_MAIL = "sign_in"
_TO_OTHER_ADDRESSES = ("email_old", "email_new")
_README = """{hello}

data.json    {data}
resume.json  {resume}
documents/   {documents}
"""


async def record_copy(site: Site, candidate: UUID, now: datetime) -> None:
    """Write down that a copy leaves the system (L29), before it does."""
    rows = await site.records.run_sql("SELECT id FROM application WHERE candidate = ?", candidate)
    async with site.records.transaction():
        units = (candidate, *(row["id"] for row in rows))
        await recipients.disclosed(site, units, recipients.THEMSELVES, "download", now)
        await audit.record("copy.made", now, candidate=candidate, applications=len(rows))


async def archive(
    site: Site, candidate: UUID, now: datetime, tr: Translate, masker: Masker | None = None, given: bool = False
) -> AsyncIterator[bytes]:
    """The ZIP, piece by piece. All rows are read before the first byte leaves, so that a fault gives no half copy.

    `given`: only what the person provided, nothing that staff wrote (L25, art. 20).
    """
    data, provided = await everything(site, candidate, now, tr, masker), await resume_of(site, candidate, now, tr)
    data = _given(data) if given else data
    applications = await views.applications_of(site, candidate, now, tr)
    keys, own = await site.keyring.keys(a.id for a in applications), {data["you"]["email"]}
    packed = Packed(now)
    yield packed.add("README.txt", _readme(tr, given).encode())
    yield packed.add("data.json", msgspec.json.format(msgspec.json.encode(data), indent=2))
    yield packed.add("resume.json", provided)
    for place, application in enumerate(applications, 1):
        for number, document in enumerate(application.documents, 1):
            pieces = site.documents.read(keys[application.id], document.id)
            async for piece in packed.stream(path_of(place, number, document), pieces):
                yield piece
        if not given:
            theirs = own | {application.given.email}
            async for path, mail in received.files(site, keys[application.id], place, theirs):
                yield packed.add(path, mail)
    if not given:
        waits = await received.waiting(site, await received.addresses(site, candidate))
        async for path, mail in received.waiting_files(site, waits):
            yield packed.add(path, mail)
    yield packed.end()


def path_of(application: int, number: int, document: DocumentView) -> str:
    """Where a document lies in the archive: under its own name."""
    return f"documents/{application}/{number}-{harmless(document.name)}"


_GIVEN = ("vacancy", "submitted_at", "as_you_sent_it", "documents")


def _given(data: dict[str, Any]) -> dict[str, Any]:
    """Of the whole copy, what the person provided: contact data, applications as they were sent, documents (L25)."""
    applications = [{name: one[name] for name in _GIVEN} for one in data["applications"]]
    return {name: data[name] for name in ("employer", "made_at", "you")} | {"applications": applications}


def _readme(tr: Translate, given: bool) -> str:
    whole = "This is a copy of everything that is kept about you."
    return _README.format(
        hello=tr("This is what you gave us, to take elsewhere (GDPR article 20).") if given else tr(whole),
        data=tr("All of it as structured data, for machines and for you"),
        resume=tr("What you have told us of your work and learning, as JSON Resume, to take elsewhere"),
        documents=tr("Your documents, as you sent them"),
    )


# --- the data -------------------------------------------------------------------------------------------------------


async def everything(
    site: Site, candidate: UUID, now: datetime, tr: Translate, masker: Masker | None = None
) -> dict[str, Any]:
    """All that is kept about a candidate, as plain values; instants are ISO in UTC.

    The masker says what of third parties was released, and learns where they are named (L24).
    """
    masker = masker or Masker()
    person, lang = await addressee(site, candidate)
    applications = await views.applications_of(site, candidate, now, tr)
    waits = await received.waiting(site, await received.addresses(site, candidate))
    units = [candidate, *(a.id for a in applications)]
    seen = [*units, *(mail.unit for mail in waits)]
    others = [
        known for a in applications for referee, _, _ in await _referees(site, a.id) for known in _known_by(referee)
    ]
    hide = masker.among(tr("Your requests"), others, _known_by(person))
    return {
        "made_at": now,
        "employer": await employer.current(site),
        "you": {
            "name": person.name,
            "email": person.email,
            "phone": person.phone,
            "language": lang,
            "new_address": await _new_address(site, candidate),
        },
        "applications": [
            await _application(site, view, place, person, masker, tr) for place, view in enumerate(applications, 1)
        ],
        "consent": {
            "stands_since": await consent.standing(site, candidate),
            "acts": [_plain(act) for act in await consent.history(site, candidate)],
        },
        "invitations": await _invitations(site, candidate, tr),
        "requests": [_request(request, hide, tr) for request in await service.requests_of(site, candidate)],
        "same_person": [
            {"decided_at": at, "because": tr(SIGNS[why])} for at, why in await views.said_same(site, candidate)
        ],
        "looks": [{"at": at, "role": role, "purpose": why} for at, role, why in await views.looks_at(site, seen, tr)],
        "recipients": [{"at": at, "recipient": who} for at, who in await views.disclosures_of(site, seen, tr)],
        "recipients_told": await recipients.told(site, units, tr),
        "emails_received": received.copied(site, waits, hide, tr),
        "emails": await _mails(site, units, {person.email, *(a.given.email for a in applications)}, tr),
    }


async def _new_address(site: Site, candidate: UUID) -> dict[str, Any] | None:
    """The address that waits to be confirmed, if there is one."""
    rows = await site.records.run_sql("SELECT id, asked_at, sealed FROM address_change WHERE candidate = ?", candidate)
    if not rows:
        return None
    key = await site.keyring.key(candidate)
    new = unseal(key, "address_change", rows[0]["id"], bytes(rows[0]["sealed"]), NewAddress)
    return {"email": new.email, "asked_at": rows[0]["asked_at"]}


async def _invitations(site: Site, candidate: UUID, tr: Translate) -> list[dict[str, Any]]:
    """For which vacancies somebody who consented was invited to apply."""
    rows = await site.records.run_sql(
        "SELECT v.title_nb, v.title_en, i.invited_at FROM pool_invitation i JOIN vacancy v ON v.id = i.vacancy "
        "WHERE i.candidate = ? ORDER BY i.invited_at",
        candidate,
    )
    return [{"vacancy": either(row, "title", tr.lang), "invited_at": row["invited_at"]} for row in rows]


async def _application(
    site: Site, view: ApplicationView, place: int, person: Person, masker: Masker, tr: Translate
) -> dict[str, Any]:
    key = await site.keyring.key(view.id)
    row = (await site.records.run_sql("SELECT * FROM application WHERE id = ?", view.id))[0]
    referees = await _referees(site, view.id)
    others = [known for referee, _, _ in referees for known in _known_by(referee)]
    hide = masker.among(view.title, others, _known_by(person))
    return {
        "vacancy": view.title,
        "submitted_at": view.submitted_at,
        "source": view.source,
        "privacy_notice": row["notice"],
        "stage": row["stage"],
        "outcome": row["outcome"],
        "closed_on": row["closed_on"],
        "waiting_outcome": None if row["outcome"] else await _waiting(site, view.id, key),
        "as_you_sent_it": _as_sent(view.given),
        "documents": [_document(d, path_of(place, number, d)) for number, d in enumerate(view.documents, 1)],
        "steps": await site.records.run_sql(
            "SELECT at, was, became FROM move WHERE application = ? ORDER BY at", view.id
        ),
        "tags": await site.records.run_sql(
            "SELECT t.name AS tag, m.tagged_at FROM application_tag m JOIN tag t ON t.id = m.tag "
            "WHERE m.application = ? ORDER BY m.tagged_at",
            view.id,
        ),
        "interviews": await _interviews(site, view.id, key, hide),
        "interview_notes": await _written(site, "interview_note", "written_at", view.id, key, hide),
        "scorecards": await _scorecards(site, view.id, key, hide),
        "referees": [_referee(view.title, *known, masker) for known in referees],
        "reference_checks": await _reference_checks(site, view.id, key, {r[2]: r[0].name for r in referees}, hide),
        "guests": await _guests(site, view.id, key, hide),
        "screening": await _written(site, "screening", "recorded_at", view.id, key, hide),
        **await _about_hired(site, view.id, key, hide),
        "emails_received": await received.of_application(site, key, place, {person.email, view.given.email}, hide, tr),
        "legal_holds": await _holds(site, view),
        "restrictions": await _restrictions(site, view.id, key),
        "retention": {
            "until": view.clock.due_on,
            "because": view.clock.headline,
            "rules": [{"rule": rule, "reason": why} for rule, why in view.clock.reasons],
        },
    }


async def _holds(site: Site, view: ApplicationView) -> list[dict[str, Any]]:
    """That they stand, and on which document."""
    names = {document.id: document.name for document in view.documents}
    return [
        {
            "document": names.get(h.document) if h.document else None,
            "placed_on": h.placed_on,
            "review_on": h.review_on,
            "released_on": h.released_on,
        }
        for h in await holds.listed(site, view.id)
    ]


async def _waiting(site: Site, application: UUID, key: UnitKey) -> dict[str, Any] | None:
    """An outcome that was decided and that the candidate is told of at its time."""
    rows = await site.records.run_sql("SELECT * FROM waiting_outcome WHERE application = ?", application)
    if not rows:
        return None
    said = unseal(key, "waiting_outcome", rows[0]["id"], bytes(rows[0]["sealed"]), Written)
    facts = {"outcome": rows[0]["outcome"], "told_at": rows[0]["ends_at"]}
    return {**facts, "words_nb": said.text, "words_en": said.more}


def _as_sent(given: ApplicationData) -> dict[str, Any]:
    """Every field as it was sent; of an answer the question in words, not its id."""
    answers = [{"asked": answer.asked, "text": answer.text} for answer in given.answers]
    return {**msgspec.structs.asdict(given), "answers": answers}


async def _interviews(site: Site, application: UUID, key: UnitKey, hide: Hide) -> list[dict[str, Any]]:
    rows = await site.records.run_sql("SELECT * FROM interview WHERE application = ? ORDER BY arranged_at", application)
    found = []
    for row in rows:
        said = unseal(key, "interview", row["id"], bytes(row["sealed"]), Arrangement)
        times = await site.records.run_sql(
            "SELECT starts_at FROM interview_time WHERE interview = ? ORDER BY starts_at", row["id"]
        )
        facts = {name: row[name] for name in ("state", "starts_at", "minutes", "answered_at")}
        told = {"place": said.place, "message": said.message, "answer": said.answer}
        words = {name: hide(f"interview:{row['id']}", row["arranged_at"], text) for name, text in told.items()}
        found.append({**facts, **words, "proposed": [time["starts_at"] for time in times]})
    return found


async def _scorecards(site: Site, application: UUID, key: UnitKey, hide: Hide) -> list[dict[str, Any]]:
    rows = await site.records.run_sql("SELECT * FROM scorecard WHERE application = ? ORDER BY written_at", application)
    found = []
    for row in rows:
        scores, at = unseal(key, "scorecard", row["id"], bytes(row["sealed"]), Scores), row["written_at"]
        place = f"scorecard:{row['id']}"
        grades = [
            {"competence": g.competence, "grade": g.grade, "text": hide(place, at, g.text)} for g in scores.grades
        ]
        whole = {"text": scores.text, **_because(scores)}
        words = {name: hide(place, at, text) for name, text in whole.items()}
        found.append({"written_at": at, "grades": grades, **words})
    return found


def _because(words: Written | Scores | ReferenceWords | Qualified) -> dict[str, str]:
    """The reason that was given for something sensitive, where there is one."""
    return {"sensitive_because": words.why} if words.why else {}


async def _reference_checks(
    site: Site, application: UUID, key: UnitKey, names: dict[UUID, str], hide: Hide
) -> list[dict[str, Any]]:
    """What referees answered, and from whom that is, as far as it may be said (L10, L24)."""
    rows = await site.records.run_sql(
        "SELECT * FROM reference_check WHERE application = ? ORDER BY asked_at", application
    )
    found = []
    for row in rows:
        said = unseal(key, "reference_check", row["id"], bytes(row["sealed"]), ReferenceWords)
        place, at = f"reference_check:{row['id']}", row["answered_at"] or row["asked_at"]
        answers = [{"asked": each.asked_nb, "text": hide(place, at, each.text)} for each in said.answers if each.text]
        facts = {"state": row["state"], "came_by": row["channel"], "asked_at": row["asked_at"]}
        whole = {"text": said.text, "source": said.source or names.get(row["referee"], ""), **_because(said)}
        words = {name: hide(place, at, text) for name, text in whole.items()}
        found.append({**facts, "answered_at": row["answered_at"], "answers": answers, **words})
    return found


async def _restrictions(site: Site, application: UUID, key: UnitKey) -> list[dict[str, Any]]:
    rows = await site.records.run_sql("SELECT * FROM restriction WHERE application = ?", application)
    found = []
    for row in rows:
        words = unseal(key, "restriction", row["id"], bytes(row["sealed"]), Written)
        days = {name: row[name] for name in ("ground", "placed_on", "review_on", "lifted_on")}
        found.append({**days, "permanent": bool(row["permanent"]), "why": words.text, "answer": words.more})
    return found


def _known_by(person: Person) -> tuple[str, ...]:
    """What a person is called and reached by."""
    return person.name, person.email, person.phone


async def _guests(site: Site, application: UUID, key: UnitKey, hide: Hide) -> list[dict[str, Any]]:
    """As what people outside could read the application, since when and why; that they did stands with the copies."""
    rows = await site.records.run_sql(
        "SELECT * FROM guest_application WHERE application = ? ORDER BY invited_at", application
    )
    found = []
    for row in rows:
        said = unseal(key, "guest_application", row["id"], bytes(row["sealed"]), GuestWords)
        why = hide(f"guest_application:{row['id']}", row["invited_at"], said.reason)
        found.append({"invited_at": row["invited_at"], "capacity": said.capacity, "reason": why})
    return found


def _referee(title: str, referee: Person, at: datetime, number: UUID, masker: Masker) -> dict[str, Any]:
    """A referee as the candidate named them; who they are only if that was released."""
    contact = ", ".join(part for part in (referee.email, referee.phone) if part)
    shown = masker.whole(title, f"referee:{number}", at, f"{referee.name}\n{contact}").split("\n")
    return {"name": shown[0], "contact": shown[-1], "relation": referee.relation, "added_at": at}


async def _referees(site: Site, application: UUID) -> list[tuple[Person, datetime, UUID]]:
    rows = await site.records.run_sql("SELECT * FROM referee WHERE application = ? ORDER BY added_at", application)
    keys = await site.keyring.keys(row["id"] for row in rows)
    return [
        (unseal(keys[r["id"]], "referee", r["id"], bytes(r["sealed"]), Person), r["added_at"], r["id"])
        for r in rows
        if r["id"] in keys
    ]


async def _written(
    site: Site, table: str, at: str, application: UUID, key: UnitKey, hide: Hide
) -> list[dict[str, Any]]:
    """What staff wrote about the candidate, third parties left out; who wrote it is not said."""
    rows = await site.records.run_sql(f"SELECT * FROM {table} WHERE application = ? ORDER BY {at}", application)
    found = []
    for row in rows:
        words = unseal(key, table, row["id"], bytes(row["sealed"]), Screened if table == "screening" else Written)
        kind = _kind(row, words) if isinstance(words, Screened) else {}
        said = {"text": words.text, "source": words.more, **_because(words)}
        hidden = {name: hide(f"{table}:{row['id']}", row[at], text) for name, text in said.items()}
        found.append({**kind, at: row[at], **hidden})
    return found


def _kind(row: dict[str, Any], words: Screened) -> dict[str, Any]:
    """What a screening is, its terms if it has any, and how the person was told of it by hand (L10)."""
    told = {"told_on": row["told_on"], "told": words.told} if row["told_on"] else {}
    return {"kind": row["kind"], **({"terms": words.terms} if words.terms else {}), **told}


async def _about_hired(site: Site, application: UUID, key: UnitKey, hide: Hide) -> dict[str, Any]:
    """L31: what the person asked of somebody hired, and what was told of them."""
    return {
        "facts_asked_for": await _section31(site, application, key, hide),
        "facts_given": await _qualifications(site, application, key),
    }


async def _section31(site: Site, application: UUID, key: UnitKey, hide: Hide) -> list[dict[str, Any]]:
    """That facts about the person hired were asked for (L31). What was answered is about somebody else."""
    rows = await site.records.run_sql(
        "SELECT * FROM section31 WHERE application = ? ORDER BY received_on, id", application
    )
    found = []
    for row in rows:
        said = unseal(key, "section31", row["id"], bytes(row["sealed"]), Written)
        place, at = f"section31:{row['id']}", datetime.combine(row["received_on"], time(), ZONE)
        days = {name: row[name] for name in ("received_on", "due_on", "answered_on")}
        words = {"reason": hide(place, at, said.text), "answer": hide(place, at, said.more)}
        found.append({"state": row["state"], "came_by": row["channel"], **days, **words})
    return found


async def _qualifications(site: Site, application: UUID, key: UnitKey) -> list[dict[str, Any]]:
    """What was told about this person, once hired, to candidates who asked (L31); who asked is not said."""
    rows = await site.records.run_sql(
        "SELECT * FROM qualification WHERE application = ? ORDER BY written_at, id", application
    )
    found = []
    for row in rows:
        said = unseal(key, "qualification", row["id"], bytes(row["sealed"]), Qualified)
        facts = {name: getattr(said, name) for name in ("education", "experience", "other")}
        found.append({"written_at": row["written_at"], **facts, **_because(said)})
    return found


async def _mails(site: Site, units: list[UUID], addresses: set[str], tr: Translate) -> list[dict[str, Any]]:
    """The e-mails to the candidate that are still kept, without their links; those with a way in are left out, and
    those to others.

    The candidate's `addresses` are the present one, those given with applications, and those of earlier changes.
    """
    rows = await site.records.run_sql(
        f"SELECT * FROM mail WHERE unit IN {IDS} AND template <> ? ORDER BY queued_at", ids(units), _SECRET_MAIL
    )
    keys = await site.keyring.keys(units)
    messages = [(row, unseal(keys[row["unit"]], "mail", row["id"], bytes(row["sealed"]), Message)) for row in rows]
    own = addresses | {m.to for row, m in messages if row["template"] in _TO_OTHER_ADDRESSES}
    return [
        {"at": row["queued_at"], "subject": m.subject, "text": impersonal(site, m.text, tr)}
        for row, m in messages
        if m.to in own
    ]


def _document(document: DocumentView, path: str) -> dict[str, Any]:
    return {
        "name": document.name,
        "kind": document.kind,
        "media_type": document.media_type,
        "size": document.size,
        "added_at": document.added_at,
        "file": path,
    }


def _plain(act: consent.Act) -> dict[str, Any]:
    return {
        "given": act.given,
        "at": act.at,
        "channel": act.channel,
        "language": act.language,
        "wording": act.wording,
        "text": act.text,
    }


def _request(request: service.Request, hide: Hide, tr: Translate) -> dict[str, Any]:
    """A request in words; what it quotes of a note may name others."""
    at = datetime.combine(request.received_on, time(), ZONE)
    said = {name: value for name, value in msgspec.structs.asdict(request.words).items() if value}
    if "field" in said:
        said["field"] = field_name(said["field"], tr)
    if "categories" in said:
        said["categories"] = [tr(ERASABLE[code]) if code in ERASABLE else code for code in said["categories"]]
    quoted = {name: hide(f"request:{request.id}", at, said[name]) for name in ("was", "became") if name in said}
    return {
        "kind": request.kind,
        "state": request.state,
        "received_on": request.received_on,
        "due_on": request.plain,
        "decided_on": request.decided_on,
        "came_by": request.channel,
        "extended_on": request.extended_on,
        **{_ASKED.get(name, name): value for name, value in (said | quoted).items() if name not in _NOT_SAID},
    }


_ASKED = {"text": "reason", "more": "answer", "was": "stood_there", "became": "stands_there"}
"""What parts of a request are called in a copy."""
_NOT_SAID = ("letter", "released")


# --- for reading, and for taking elsewhere --------------------------------------------------------------------------


async def paper_of(site: Site, candidate: UUID, now: datetime, tr: Translate, masker: Masker | None = None) -> bytes:
    """The copy as a tagged PDF, made for reading: the same values as in the JSON."""
    data = await everything(site, candidate, now, tr, masker)
    values = {"lang": tr.lang, "_": tr, "employer": data["employer"], "made_at": now, "title": tr("Your data")}
    blocks = reading.made_for_reading(data, tr)
    return await asyncio.to_thread(lambda: paper.of_template("paper/copy.html", blocks=blocks, **values))


async def resume_of(site: Site, candidate: UUID, now: datetime, tr: Translate) -> bytes:
    """What the candidate provided, as JSON Resume (art. 20, L25)."""
    person, _ = await addressee(site, candidate)
    applications = await views.applications_of(site, candidate, now, tr)
    whole = resume.of_candidate(person, [view.given for view in applications])
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)
