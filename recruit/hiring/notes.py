"""What is written about a candidate: interview notes, screening.

Guards that a note has one author who alone may change it, that screening is written only once its stage is reached
(L9), and that the candidate is told of every source but themselves (L10).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from recruit import audit, employer, letters
from recruit.accounts.guards import INTERVIEWER
from recruit.errors import NotFound
from recruit.hiring import rules
from recruit.hiring.access import Opened
from recruit.hiring.service import touch
from recruit.i18n import Language, either
from recruit.retention.rules import Policy, require_screening
from recruit.site import Site
from recruit.tables import InterviewNote, Screened, Screening, Terms, Written
from recruit.vault.sealing import seal, unseal


@dataclass(frozen=True)
class Note:
    """An interview note, opened."""

    id: UUID
    author: UUID
    written_at: datetime
    text: str
    why: str = ""


async def of_application(site: Site, opened: Opened) -> list[Note]:
    """The notes that this person may read: an interviewer only their own, so that nobody is led by another's."""
    own = " AND author = ?" if opened.role == INTERVIEWER else ""
    rows = await site.records.run_sql(
        f"SELECT * FROM interview_note WHERE application = ?{own} ORDER BY written_at DESC",
        *([opened.id, opened.me.id] if own else [opened.id]),
    )
    return [_note(opened, row) for row in rows]


async def own(site: Site, opened: Opened, note: UUID) -> Note:
    """A note of this person's own; NotFound for anybody else's."""
    rows = await site.records.run_sql(
        "SELECT * FROM interview_note WHERE id = ? AND application = ? AND author = ?", note, opened.id, opened.me.id
    )
    if not rows:
        raise NotFound()
    return _note(opened, rows[0])


def _note(opened: Opened, row: dict[str, Any]) -> Note:
    words = unseal(opened.key, "interview_note", row["id"], bytes(row["sealed"]), Written)
    return Note(row["id"], row["author"], row["written_at"], words.text, words.why)


async def write(site: Site, opened: Opened, text: str, now: datetime, why: str = "") -> UUID:
    """A new note; `why` something sensitive has to stand in it. ProcessEnded after the outcome."""
    rules.require_running(opened.row["outcome"])
    note = uuid4()
    sealed = seal(opened.key, "interview_note", note, Written(text=text, why=why))
    async with site.records.transaction():
        await InterviewNote.insert(
            InterviewNote(id=note, application=opened.id, author=opened.me.id, written_at=now, sealed=sealed)
        ).run()
        await touch(site, opened.id, now)
        await audit.record("note.written", now, opened.me.id, application=opened.id, note=note)
    return note


async def change(site: Site, opened: Opened, note: UUID, text: str, now: datetime, why: str = "") -> None:
    """New words for one's own note; NotFound for anybody else's."""
    rules.require_running(opened.row["outcome"])
    await own(site, opened, note)
    sealed = seal(opened.key, "interview_note", note, Written(text=text, why=why))
    async with site.records.transaction():
        await site.records.run_sql("UPDATE interview_note SET sealed = ? WHERE id = ?", sealed, note)
        await touch(site, opened.id, now)
        await audit.record("note.changed", now, opened.me.id, application=opened.id, note=note)


async def delete(site: Site, opened: Opened, note: UUID, now: datetime) -> None:
    """One's own note goes; NotFound for anybody else's. Less data is always possible, after the outcome too."""
    await own(site, opened, note)
    async with site.records.transaction():
        await site.records.run_sql("DELETE FROM interview_note WHERE id = ?", note)
        await audit.record("note.deleted", now, opened.me.id, application=opened.id, note=note)


# --- screening --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What was found out before employment, opened; `source` names where it comes from."""

    id: UUID
    kind: str
    recorded_by: UUID
    recorded_at: datetime
    text: str
    source: str
    why: str = ""
    terms: Terms | None = None
    letter: bytes = b""


async def screenings(site: Site, opened: Opened) -> list[Found]:
    rows = await site.records.run_sql("SELECT * FROM screening WHERE application = ? ORDER BY recorded_at", opened.id)
    return [_found(opened, row) for row in rows]


def _found(opened: Opened, row: dict[str, Any]) -> Found:
    words = unseal(opened.key, "screening", row["id"], bytes(row["sealed"]), Screened)
    said = (words.text, words.more, words.why, words.terms, words.letter)
    return Found(row["id"], row["kind"], row["recorded_by"], row["recorded_at"], *said)


def require_open(opened: Opened, kind: str, policy: Policy) -> None:
    """L9: ProcessEnded after the outcome, ScreeningTooEarly before the stage, EarlierSalaryNotCollected where off."""
    rules.require_running(opened.row["outcome"])
    require_screening(kind, opened.row["stage"], bool(opened.row["finalist"]), policy)


async def record_screening(site: Site, opened: Opened, kind: str, words: Screened, now: datetime) -> UUID:
    """Record a screening; of a verification the candidate is told, with its source (L10). See `require_open`."""
    require_open(opened, kind, await employer.policy(site))
    async with site.records.transaction():
        screening = await write_screening(site, opened, kind, words, now)
        if kind == "verification":
            await tell_source(site, opened, screening, words.more, now)
    return screening


async def write_screening(site: Site, opened: Opened, kind: str, words: Screened, now: datetime) -> UUID:
    """The row, in the caller's transaction, after `require_open`."""
    screening = uuid4()
    await Screening.insert(
        Screening(
            id=screening,
            application=opened.id,
            kind=kind,
            recorded_by=opened.me.id,
            recorded_at=now,
            sealed=seal(opened.key, "screening", screening, words),
        )
    ).run()
    await touch(site, opened.id, now)
    await audit.record("screening.recorded", now, opened.me.id, application=opened.id, screening_kind=kind)
    return screening


async def tell_source(site: Site, opened: Opened, cause: UUID, source: str, now: datetime) -> None:
    """The candidate learns by e-mail from whom something about them came (L10, art. 14); once for each cause."""
    _, title = await addressed_in(site, opened)
    key, candidate = opened.key, opened.row["candidate"]
    await letters.to_candidate(
        site, candidate, key, f"verification:{cause}", "verification", now, title=title, source=source
    )


async def addressed_in(site: Site, opened: Opened) -> tuple[Language, str]:
    """The candidate's language, in which referees are written to as well, and the vacancy's title in it."""
    rows = await site.records.run_sql("SELECT language FROM candidate WHERE id = ?", opened.row["candidate"])
    lang: Language = rows[0]["language"]
    return lang, either(opened.vacancy, "title", lang)
