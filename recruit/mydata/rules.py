"""How an application's progress is told to its candidate, and what may be done with its documents. Pure.

Guards that progress is told in words that promise nothing, and that an application never loses its last content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from recruit.careers.rules import Listed
from recruit.errors import RecruitError
from recruit.i18n import Translate
from recruit.mydata.words import ENDED, NEXT, STEPS
from recruit.retention.rules import OUTCOMES, STAGES


class NotRunning(RecruitError):
    """The process has ended for this application, so nothing is added to it any more (L2)."""

    status = 409
    text = "The process has ended for this application, so its documents stay as they are."


@dataclass(frozen=True)
class Move:
    """A step that was taken: from a stage or outcome to another."""

    at: datetime
    was: str
    became: str


@dataclass(frozen=True)
class Progress:
    """The steps by name, the present one counted from 1, what comes next, and what has happened so far."""

    steps: tuple[str, ...]
    current: int
    next: str
    story: tuple[tuple[datetime, str], ...]


def progress(submitted_at: datetime, stage: str, outcome: str | None, moves: Sequence[Move], tr: Translate) -> Progress:
    """In the reader's language; after the outcome the last step, the answer, is the present one."""
    steps = (*(tr(STEPS[name]) for name in STAGES), tr("Answer"))
    current = len(steps) if outcome else STAGES.index(stage) + 1
    story = [(submitted_at, tr("You sent the application")), *((move.at, _told(move, tr)) for move in moves)]
    return Progress(steps, current, tr(NEXT[outcome or stage]), tuple(reversed(story)))


def _told(move: Move, tr: Translate) -> str:
    if move.became in OUTCOMES:
        return tr(ENDED[move.became])
    if move.was in OUTCOMES:
        return tr("The process was opened again, at: {step}", step=tr(STEPS[move.became]))
    return tr("The application is at: {step}", step=tr(STEPS[move.became]))


def require_content(letter: bool, kept: Sequence[Listed], removed: bool) -> dict[str, str]:
    """What stands in the way: an application needs a CV, or words of its own."""
    if removed and not letter and not any(file.kind == "cv" for file in kept):
        return {"cv": "Your application needs a CV or a letter. Add a new CV before you remove this one."}
    return {}
