"""Scorecards: what each interviewer found of a candidate, competence by competence.

Guards that nobody is led by another's judgement (others' cards are shown only after one's own is in), that each card
has one author who alone may change it, and that nothing is added up, averaged or ranked (L13): words and grades stand
side by side, and people decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recruit import audit
from recruit.database import IDS, ids
from recruit.errors import FormInvalid
from recruit.hiring import rules
from recruit.hiring.access import Opened, pair_id
from recruit.hiring.service import touch
from recruit.site import Site
from recruit.tables import Scores
from recruit.vault.sealing import seal, unseal

GRADES = (1, 2, 3, 4, 5)
OWN = ("Professional skills", "Cooperation", "Motivation")
"""Competences of a card where no kit names others; message ids."""
_LONGEST = 4000


@dataclass(frozen=True)
class Card:
    """One person's scorecard."""

    author: UUID
    written_at: datetime
    scores: Scores


@dataclass(frozen=True)
class Cards:
    """What somebody may see of an application's cards: their own, the others' once it is in, and how many wait."""

    own: Card | None
    others: tuple[Card, ...]
    hidden: int


async def of_application(site: Site, opened: Opened) -> Cards:
    """The cards that this person may read. A recruiter who writes none reads all of them."""
    rows = await site.records.run_sql("SELECT * FROM scorecard WHERE application = ? ORDER BY written_at", opened.id)
    cards = [
        Card(row["author"], row["written_at"], unseal(opened.key, "scorecard", row["id"], bytes(row["sealed"]), Scores))
        for row in rows
    ]
    own = next((card for card in cards if card.author == opened.me.id), None)
    others = tuple(card for card in cards if card.author != opened.me.id)
    if own is None and await _is_to_judge(site, opened):
        return Cards(None, (), len(others))
    return Cards(own, others, 0)


async def _is_to_judge(site: Site, opened: Opened) -> bool:
    """Whoever interviews, or may open this only as an interviewer, is not to be led by others."""
    if not rules.reads_all_cards(opened.role):
        return True
    rows = await site.records.run_sql(
        "SELECT 1 FROM interview_seat s JOIN interview i ON i.id = s.interview WHERE i.application = ? AND s.staff = ? "
        "AND i.state <> 'cancelled' LIMIT 1",
        *(opened.id, opened.me.id),
    )
    return bool(rows)


async def write(site: Site, opened: Opened, scores: Scores, now: datetime) -> None:
    """Put in or change one's own card. FormInvalid for an empty one, ProcessEnded after the outcome."""
    rules.require_running(opened.row["outcome"])
    _check(scores)
    number = pair_id(opened.id, opened.me.id)
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO scorecard (id, application, author, written_at, sealed) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at, sealed = excluded.sealed",
            *(number, opened.id, opened.me.id, now, seal(opened.key, "scorecard", number, scores)),
        )
        await touch(site, opened.id, now)
        await audit.record("scorecard.written", now, opened.me.id, application=opened.id, scorecard=number)


def _check(scores: Scores) -> None:
    if any(grade.grade not in (0, *GRADES) for grade in scores.grades):
        raise FormInvalid({"text": "Choose grades from 1 to 5."})
    if not scores.text and not any(grade.grade or grade.text for grade in scores.grades):
        raise FormInvalid({"text": "Give a grade or write a few words before you put the card in."})
    if max(len(scores.text), *(len(grade.text) for grade in scores.grades), 0) > _LONGEST:
        raise FormInvalid({"text": "Write at most 4000 characters."})


# --- kits -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """One question of an interview kit."""

    competence: str
    text: str


async def questions(site: Site, kit: UUID | None) -> list[Question]:
    """The questions of a kit in their order; none without a kit, or with one that was removed."""
    rows = await site.records.run_sql("SELECT * FROM kit_question WHERE kit = ? ORDER BY place", kit) if kit else []
    return [Question(row["competence"], row["text"]) for row in rows]


async def competences(site: Site, kits: Sequence[UUID]) -> list[str]:
    """What a card asks about: the competences of these kits in their order, or the three of our own."""
    rows = await site.records.run_sql(
        f"SELECT competence FROM kit_question WHERE kit IN {IDS} ORDER BY place", ids(kits)
    )
    return list(dict.fromkeys(row["competence"] for row in rows)) or list(OWN)
