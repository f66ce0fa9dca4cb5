"""How an application's progress is told to its candidate, and what may be done with its documents. Pure.

Guards that progress is told in words that promise nothing, and that an application never loses its last content.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recruit.careers.rules import Listed
from recruit.errors import RecruitError
from recruit.hiring.stages import Steps, step_of
from recruit.i18n import Translate
from recruit.mydata.words import ENDED, NEXT
from recruit.retention.rules import OUTCOMES


class NotRunning(RecruitError):
    """The process has ended for this application, so nothing is added to it any more (L2)."""

    status = 409
    text = "The process has ended for this application, so its documents stay as they are."


@dataclass(frozen=True)
class Move:
    """A step that was taken: from a stage or outcome to another; `step` is the key of the one it became."""

    at: datetime
    was: str
    became: str
    step: str = ""


@dataclass(frozen=True)
class Progress:
    """The steps by name, the present one counted from 1, what comes next, and what has happened so far."""

    steps: tuple[str, ...]
    current: int
    next: str
    story: tuple[tuple[datetime, str], ...]


def progress(
    row: Mapping[str, Any], steps: Steps, submitted_at: datetime, moves: Sequence[Move], tr: Translate
) -> Progress:
    """How an application stands on its vacancy's own way, in the reader's language.

    `row` has its stage, step and outcome. After the outcome the last step, the answer, is the present one.
    """
    here = step_of(row, steps)
    way = [*steps] if here in steps else [*steps, here]
    labels = (*(step.called(tr) for step in way), tr("Answer"))
    current = len(labels) if row["outcome"] else way.index(here) + 1
    story = [(submitted_at, tr("You sent the application")), *((move.at, _told(move, steps, tr)) for move in moves)]
    return Progress(labels, current, tr(NEXT[row["outcome"] or row["stage"]]), tuple(reversed(story)))


def _told(move: Move, steps: Steps, tr: Translate) -> str:
    if move.became in OUTCOMES:
        return tr(ENDED[move.became])
    step = step_of({"step": move.step, "stage": move.became}, steps).called(tr)
    again = move.was in OUTCOMES
    return (
        tr("The process was opened again, at: {step}", step=step)
        if again
        else tr("The application is at: {step}", step=step)
    )


def require_content(letter: bool, kept: Sequence[Listed], removed: bool) -> dict[str, str]:
    """What stands in the way: an application needs a CV, or words of its own."""
    if removed and not letter and not any(file.kind == "cv" for file in kept):
        return {"cv": "Your application needs a CV or a letter. Add a new CV before you remove this one."}
    return {}
