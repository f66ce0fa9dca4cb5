"""A vacancy's way through the stages: which of them it uses, how often, and what it calls them. Pure.

Guards that every way leads from received to an offer by moves that the table of moves has, so that the rules that hang
on a stage (L9) hold on every way. A step's key is its stage, or for a further step of the same stage `interview-2`.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, get_args

import msgspec

from recruit.errors import FormInvalid
from recruit.i18n import Translate
from recruit.retention.rules import MOVES, STAGES, Stage

MOST = 8
LONGEST_NAME = 40

NAMES: dict[str, str] = {
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


class Step(msgspec.Struct, frozen=True):
    """One step: its key, the stage that it is for the rules, and names of its own (empty: the stage's)."""

    key: str
    stage: Stage
    nb: str = ""
    en: str = ""

    @property
    def stored(self) -> str:
        """As an application keeps it: nothing where the stage says it already."""
        return "" if self.key == self.stage else self.key

    def called(self, tr: Translate) -> str:
        own = (self.nb or self.en) if tr.lang == "nb" else (self.en or self.nb)
        return own or tr(NAMES[self.stage])


Steps = tuple[Step, ...]

STANDARD: Steps = tuple(Step(stage, stage) for stage in STAGES)

READY: dict[str, tuple[str, Steps]] = {
    "standard": ("All five stages", STANDARD),
    "short": ("Short: received, interview, offer", (STANDARD[0], STANDARD[2], STANDARD[4])),
    "two_interviews": (
        "Two interviews before the finalists",
        (
            *STANDARD[:2],
            Step("interview", "interview", "Førstegangsintervju", "First interview"),
            Step("interview-2", "interview", "Andregangsintervju", "Second interview"),
            *STANDARD[3:],
        ),
    ),
}
"""The templates that every installation has: name (message id) and steps."""


def read(text: str) -> Steps:
    """The steps as they are stored; empty: the five stages."""
    return msgspec.json.decode(text, type=Steps) if text else STANDARD


def written(steps: Steps) -> str:
    return "" if steps == STANDARD else msgspec.json.encode(steps).decode()


def step_of(row: Mapping[str, Any], steps: Steps) -> Step:
    """Where an application stands; a stage that its vacancy does not use stands for itself."""
    key = row["step"] or row["stage"]
    return next((step for step in steps if step.key == key), Step(row["stage"], row["stage"]))


def onward(row: Mapping[str, Any], steps: Steps) -> Steps:
    """The steps to which an application may move: onward first, then back. None after the outcome."""
    if row["outcome"]:
        return ()
    here = step_of(row, steps)
    keys = [step.key for step in steps]
    place = keys.index(here.key) if here.key in keys else STAGES.index(here.stage)
    fit = [s for s in steps if s.key != here.key and (s.stage == here.stage or s.stage in MOVES[here.stage])]
    return tuple(sorted(fit, key=lambda step: keys.index(step.key) < place))


def of_form(rows: Sequence[tuple[str, str, str]]) -> Steps:
    """Steps from rows of (stage, Norwegian name, English name); rows without a stage are left out.

    FormInvalid, beside `steps`, unless they lead from received to an offer by moves that there are.
    """
    counted: dict[str, int] = {}
    steps: list[Step] = []
    for stage, nb, en in rows:
        if stage not in get_args(Stage):
            continue
        counted[stage] = n = counted.get(stage, 0) + 1
        steps.append(Step(stage if n == 1 else f"{stage}-{n}", stage, nb[:LONGEST_NAME], en[:LONGEST_NAME]))  # type: ignore[arg-type]
    why = problem(tuple(steps))
    if why:
        raise FormInvalid({"steps": why})
    return tuple(steps)


def problem(steps: Steps) -> str:
    """What is wrong with a way through the stages (message id), or nothing."""
    named = [step.stage for step in steps]
    if len(named) > MOST:
        return "A way has at most eight steps."
    if not named or named[0] != "received" or named[-1] != "offer":
        return "The first step is that the application was received, and the last is the offer."
    if named.count("received") > 1 or named.count("offer") > 1:
        return "An application is received once, and there is one offer."
    for before, after in pairwise(named):
        if STAGES.index(after) < STAGES.index(before) or (after != before and after not in MOVES[before]):
            return "Between two of these steps there is no move: an interview comes before the finalists and the offer."
    return ""
