"""Look-ups that stand out: what the access log is searched for, with the reasons in words.

Guards that somebody who looks at people without a reason of their work is pointed out, and that a pointer is never a
verdict: it names what stood out, and a person asks. Pure: looks and a day go in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from statistics import median
from uuid import UUID

from msgspec import Struct

from recruit.clock import ZONE
from recruit.retention.rules import DAY

FEW = 30
"""So many people a day are never pointed out for their number alone."""
TIMES_USUAL = 4
NIGHT = (time(23), time(5))
CLOSED_FOR = 30 * DAY
TEAM_ONLY = frozenset({"hiring_manager", "interviewer"})
_LISTS = frozenset({"list", "find"})


class LookFact(Struct, frozen=True, kw_only=True):
    """One look: when, in which role and for what; what is known of the application that it was at.

    `in_team` is whether the person is in the team of its vacancy; `closed_on` when its process ended. Both are None
    where the unit is no application, or is erased.
    """

    at: datetime
    role: str
    purpose: str
    unit: UUID
    closed_on: date | None = None
    in_team: bool | None = None


@dataclass(frozen=True)
class Oddity:
    """What stood out of one person's day: `reasons` are keys of REASONS with their numbers. It holds ids and counts."""

    day: date
    staff: UUID
    people: int
    reasons: tuple[tuple[str, int, int], ...]


REASONS = {
    "many": ("{n} people on one day; {usual} is usual for this person", ""),
    "night": ("{n} look in the night, between 23 and 5", "{n} looks in the night, between 23 and 5"),
    "closed": (
        "{n} look at an application whose process ended over a month before",
        "{n} looks at applications whose process ended over a month before",
    ),
    "team": ("{n} look outside the person's own teams", "{n} looks outside the person's own teams"),
}
"""Why a day stands out (message ids, one and many)."""


class Judge:
    """Judges one person's days one after the other: those before say what is usual, and only their numbers are kept."""

    def __init__(self, who: UUID) -> None:
        self._who, self._people = who, list[int]()

    def day(self, on: date, looks: Sequence[LookFact]) -> Oddity | None:
        """What stands out of a day; a day without looks says nothing of the others. None are usual on the first one."""
        if not looks:
            return None
        usual, people = round(median(self._people or [0])), _people(looks)
        self._people.append(people)
        counts = {
            "many": people if people > max(FEW, TIMES_USUAL * usual) else 0,
            "night": sum(_at_night(look.at) for look in looks),
            "closed": len({look.unit for look in looks if _long_closed(look, on)}),
            "team": len({look.unit for look in looks if look.role in TEAM_ONLY and look.in_team is False}),
        }
        reasons = tuple((key, n, usual) for key, n in counts.items() if n)
        return Oddity(on, self._who, people, reasons) if reasons else None


def _people(looks: Iterable[LookFact]) -> int:
    """How many were opened one by one: an overview of a vacancy is one look at many."""
    return len({look.unit for look in looks if look.purpose not in _LISTS})


def _at_night(at: datetime) -> bool:
    local = at.astimezone(ZONE).time()
    return local >= NIGHT[0] or local < NIGHT[1]


def _long_closed(look: LookFact, on: date) -> bool:
    """Whoever answers for privacy has cases and holds of long closed applications."""
    closed = look.closed_on is not None and look.closed_on + CLOSED_FOR < on
    return closed and look.role != "dpo" and look.purpose not in _LISTS
