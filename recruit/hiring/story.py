"""The history of one application in words: what happened when, and who did it.

Guards that what is told is what is stored: moves, notes, referees, screening, holds, consents and mails, each from its
own row. Looks are not told here; they stand in the access log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from recruit.clock import ZONE
from recruit.hiring.access import Opened
from recruit.hiring.vacancies import names
from recruit.i18n import Translate
from recruit.site import Site

MAILS: dict[str, str] = {
    "applied": "E-mail to the candidate: the application was received",
    "closed": "E-mail to the candidate: the process has ended, with the question of consent",
    "withdrawn": "E-mail to the candidate: the withdrawal is confirmed",
    "reopened": "E-mail to the candidate: the process goes on",
    "verification": "E-mail to the candidate: where data were verified",
    "purge_notice": "E-mail to the candidate: notice of erasure",
    "purge_called_off": "E-mail to the candidate: the erasure is called off",
}
OTHER_MAIL = "E-mail to the candidate"
STATES: dict[str, str] = {
    "received": "Received",
    "screening": "Screening",
    "interview": "Interview",
    "finalist": "Finalist",
    "offer": "Offer",
    "rejected": "Rejected",
    "withdrawn": "Withdrawn by the candidate",
    "position_filled": "Position filled or closed",
    "hired": "Hired",
}
"""What a stage or an outcome is called (English message ids)."""
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
}
OTHER_PAPER = "Document"


@dataclass(frozen=True)
class Event:
    """Something that happened: `text` is already in the reader's language, `by` a colleague's name or nobody.

    Of a `whole_day` no time of day is known.
    """

    at: datetime
    text: str
    by: str = ""
    whole_day: bool = False


async def of_application(site: Site, opened: Opened, tr: Translate) -> list[Event]:
    """The events of an application, the newest first."""
    found: list[tuple[datetime, str, UUID | None]] = [
        (opened.row["submitted_at"], tr("The application was received"), None)
    ]
    for table, columns, told in _SOURCES:
        where = "candidate" if table == "consent" else "unit" if table == "mail" else "application"
        whose = opened.row["candidate"] if table == "consent" else opened.id
        rows = await site.records.run_sql(f"SELECT {columns} FROM {table} WHERE {where} = ?", whose)
        found += [event for row in rows for event in told(row, tr) if _concerns(table, event[0], opened)]
    known = await names(site, {by for _, _, by in found if by})
    events = [Event(at, text, known.get(by, "") if by else "", at.tzinfo is ZONE) for at, text, by in found]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _concerns(table: str, at: datetime, opened: Opened) -> bool:
    """A consent covers the applications that existed when it was given; an older one is not this one's story (L5)."""
    return table != "consent" or at >= opened.row["submitted_at"]


_Told = Iterator[tuple[datetime, str, UUID | None]]


def _move(row: dict[str, Any], tr: Translate) -> _Told:
    was, became = tr(STATES[row["was"]]), tr(STATES[row["became"]])
    yield row["at"], tr("From {was} to {became}", was=was, became=became), row["moved_by"]


def _note(row: dict[str, Any], tr: Translate) -> _Told:
    yield row["written_at"], tr("An interview note was written"), row["author"]


def _referee(row: dict[str, Any], tr: Translate) -> _Told:
    yield row["added_at"], tr("A referee was added and told"), row["added_by"]


def _screening(row: dict[str, Any], tr: Translate) -> _Told:
    yield row["recorded_at"], tr("Recorded: {kind}", kind=tr(KINDS[row["kind"]])), row["recorded_by"]


def _hold(row: dict[str, Any], tr: Translate) -> _Told:
    placed = tr("A legal hold was placed, to be reviewed by {review_on}", review_on=row["review_on"])
    yield _noon(row["placed_on"]), placed, row["placed_by"]
    if row["released_on"]:
        yield _noon(row["released_on"]), tr("The legal hold was released"), row["released_by"]


def _consent(row: dict[str, Any], tr: Translate) -> _Told:
    yield row["at"], tr("The candidate gave consent" if row["given"] else "The candidate withdrew consent"), None


def _mail(row: dict[str, Any], tr: Translate) -> _Told:
    yield row["sent_at"] or row["queued_at"], tr(MAILS.get(row["template"], OTHER_MAIL)), None


def _noon(day: Any) -> datetime:
    """A day in Oslo has no time of day (instants are UTC); in the order of things it stands in its middle."""
    return datetime.combine(day, time(12), ZONE)


_SOURCES = (
    ("move", "at, moved_by, was, became", _move),
    ("interview_note", "written_at, author", _note),
    ("referee", "added_at, added_by", _referee),
    ("screening", "recorded_at, kind, recorded_by", _screening),
    ("legal_hold", "placed_on, placed_by, review_on, released_on, released_by", _hold),
    ("consent", "at, given", _consent),
    ("mail", "template, queued_at, sent_at", _mail),
)
