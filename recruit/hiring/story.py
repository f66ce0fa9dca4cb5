"""The history of one application in words: what happened when, and who did it.

Guards that what is told is what is stored: moves, notes, referees and their answers, screening, holds, consents and
mails, each from its own row. Looks are not told here; they stand in the access log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from recruit.clock import ZONE
from recruit.hiring import stages
from recruit.hiring.access import Opened
from recruit.hiring.stages import Steps
from recruit.hiring.team import names
from recruit.i18n import Translate
from recruit.site import Site

MAILS: dict[str, str] = {
    "letter": "E-mail to the candidate: written by hand",
    "invited": "E-mail to the candidate: invited to apply for another vacancy",
    "guest": "E-mail to a guest: the link to what was chosen",
    "applied": "E-mail to the candidate: the application was received",
    "sourced": "E-mail to the candidate: we have their data, and from whom (art. 14)",
    "moved": "E-mail to the candidate: where the application stands",
    "closed": "E-mail to the candidate: the process has ended, with the question of consent",
    "withdrawn": "E-mail to the candidate: the withdrawal is confirmed",
    "reopened": "E-mail to the candidate: the process goes on",
    "verification": "E-mail to the candidate: where data were verified",
    "offer": "E-mail to the candidate: an offer",
    "section31_received": "E-mail to the candidate: the request for facts about the person hired was received",
    "section31_answered": "E-mail to the candidate: facts about the person hired",
    "purge_notice": "E-mail to the candidate: notice of erasure",
    "purge_called_off": "E-mail to the candidate: the erasure is called off",
}
OTHER_MAIL = "E-mail to the candidate"
SOURCES = {
    "web": "Our own form",
    "finn": "FINN.no",
    "linkedin": "LinkedIn",
    "email": "E-mail",
    "agency": "A recruitment agency",
    "tip": "A recommendation",
    "public": "A public source",
    "staff": "Entered by staff",
}
"""How applications come in (message ids)."""
STATES = stages.NAMES
KINDS: dict[str, str] = {
    "expectations": "Expectations",
    "offer_details": "Details of the offer",
    "reference_check": "Reference check",
    "verification": "Verification with others",
    "earlier_salary": "Earlier salary",
}
"""What a kind of screening is called (English message ids)."""
PAPERS: dict[str, str] = {
    "cv": "CV",
    "letter": "Letter",
    "certificate": "Certificate",
    "answer": "Answer to a question",
}
OTHER_PAPER = "Document"
HOLD_ON_APPLICATION = "A legal hold was placed"
HOLD_ON_DOCUMENT = "A legal hold was placed on a document"


@dataclass(frozen=True)
class Event:
    """Something that happened: `text` is already in the reader's language, `by` a colleague's name or nobody.

    Of a `whole_day` no time of day is known.
    """

    at: datetime
    text: str
    by: str = ""
    whole_day: bool = False


@dataclass(frozen=True)
class _Fact:
    """An event before names are known: `by` did it, `about` is the colleague who stands for `{who}` in the text."""

    at: datetime
    text: str
    by: UUID | None = None
    about: UUID | None = None


async def of_application(site: Site, opened: Opened, tr: Translate) -> list[Event]:
    """The events of an application, the newest first."""
    found = [_Fact(opened.row["submitted_at"], tr("The application was received"))]
    steps = stages.read(opened.vacancy["steps"])
    for table, columns, told in _SOURCES:
        where = "candidate" if table in _OF_PROFILE else "unit" if table in _OF_UNIT else "application"
        whose = opened.row["candidate"] if table in _OF_PROFILE else opened.id
        rows = await site.records.run_sql(f"SELECT {columns} FROM {_FROM.get(table, table)} WHERE {where} = ?", whose)
        found += [fact for row in rows for fact in told(row, tr, steps) if _concerns(table, row, fact.at, opened)]
    known = await names(site, {who for fact in found for who in (fact.by, fact.about) if who})
    events = [_event(fact, known, tr) for fact in found]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _event(fact: _Fact, known: dict[UUID, str], tr: Translate) -> Event:
    text = fact.text
    if fact.about:
        text = text.replace("{who}", known.get(fact.about, tr("A former colleague")))
    return Event(fact.at, text, known.get(fact.by, "") if fact.by else "", fact.at.tzinfo is ZONE)


def _concerns(table: str, row: dict[str, Any], at: datetime, opened: Opened) -> bool:
    """A consent covers the applications that existed when it was given; an older one is not this one's story (L5)."""
    own = row.get("narrowed") in (None, opened.id)
    return table != "consent" or (own and at >= opened.row["submitted_at"])


_Told = Iterator[_Fact]


def _move(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    was, became = (_called(row[f"{end}_step"] or row[end], row[end], steps, tr) for end in ("was", "became"))
    yield _Fact(row["at"], tr("From {was} to {became}", was=was, became=became), row["moved_by"])


def _called(key: str, state: str, steps: Steps, tr: Translate) -> str:
    step = next((step for step in steps if step.key == key), None)
    return step.called(tr) if step else tr(STATES[state])


def _tag(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    yield _Fact(row["tagged_at"], tr("Marked with the tag {tag}", tag=row["name"]), row["tagged_by"])


def _assignment(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    yield _Fact(row["assigned_at"], tr("{who} is to interview the candidate"), row["assigned_by"], row["staff"])


def _note(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    yield _Fact(row["written_at"], tr("An interview note was written"), row["author"])


def _referee(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    yield _Fact(row["added_at"], tr("A referee was added and told"), row["added_by"])


def _check(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    by_link = row["channel"] == "link"
    by = None if by_link else row["asked_by"]
    if by_link:
        yield _Fact(row["asked_at"], tr("A referee was asked by a link"), row["asked_by"])
    if row["answered_at"]:
        said = "A referee answered" if row["state"] == "answered" else "A referee did not want to answer"
        said = said if by_link else "A reference was taken by telephone"
        yield _Fact(row["answered_at"], tr(said), by)


def _guest(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    yield _Fact(row["invited_at"], tr("A guest was invited to read it"), row["invited_by"])


def _screening(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    yield _Fact(row["recorded_at"], tr("Recorded: {kind}", kind=tr(KINDS[row["kind"]])), row["recorded_by"])


def _hold(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    said = HOLD_ON_DOCUMENT if row["document"] else HOLD_ON_APPLICATION
    yield _Fact(_noon(row["placed_on"]), tr(said), row["placed_by"])
    if row["released_on"]:
        yield _Fact(_noon(row["released_on"]), tr("The legal hold was released"), row["released_by"])


def _consent(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    yield _Fact(row["at"], tr("The candidate gave consent" if row["given"] else "The candidate withdrew consent"))


def _likeness(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    by_candidate = row["decided_by"] is None
    if row["verdict"] == "same":
        said = "The candidate has shown that another profile is theirs" if by_candidate else _SAME
        yield _Fact(row["decided_at"], tr(said), row["decided_by"])


def _mail(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    told = tr(MAILS.get(row["template"], OTHER_MAIL))
    yield _Fact(row["sent_at"] or row["queued_at"], told, row["written_by"])


def _received(row: dict[str, Any], tr: Translate, steps: Steps) -> _Told:
    yield _Fact(row["at"], tr("An e-mail came in"), row["taken_by"])


def _noon(day: Any) -> datetime:
    """A day in Oslo has no time of day (instants are UTC); in the order of things it stands in its middle."""
    return datetime.combine(day, time(12), ZONE)


_SAME = "It was decided that another profile is the same person's"
_OF_PROFILE = ("consent", "likeness")
_OF_UNIT = ("mail", "received_mail")
_FROM = {
    "application_tag": "application_tag m JOIN tag t ON t.id = m.tag",
    "likeness": "(SELECT one AS candidate, verdict, decided_by, decided_at FROM likeness "
    "UNION ALL SELECT other, verdict, decided_by, decided_at FROM likeness) l",
    "guest_application": "guest_application s JOIN guest g ON g.id = s.guest",
}
_SOURCES = (
    ("move", "at, moved_by, was, became, was_step, became_step", _move),
    ("application_tag", "m.tagged_at, m.tagged_by, t.name", _tag),
    ("assignment", "assigned_at, assigned_by, staff", _assignment),
    ("interview_note", "written_at, author", _note),
    ("referee", "added_at, added_by", _referee),
    ("reference_check", "channel, state, asked_at, asked_by, answered_at", _check),
    ("guest_application", "s.invited_at, g.invited_by", _guest),
    ("screening", "recorded_at, kind, recorded_by", _screening),
    ("legal_hold", "document, placed_on, placed_by, review_on, released_on, released_by", _hold),
    ("consent", "at, given, application AS narrowed", _consent),
    ("likeness", "verdict, decided_by, decided_at", _likeness),
    ("mail", "template, queued_at, sent_at, written_by", _mail),
    ("received_mail", "at, taken_by", _received),
)
