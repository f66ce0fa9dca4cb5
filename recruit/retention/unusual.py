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
from recruit.clock import day as local_day
from recruit.retention.rules import DAY

FEW = 30
"""So many people a day are never pointed out for their number alone."""
TIMES_USUAL = 4
NIGHT = (time(23), time(5))
CLOSED_FOR = 30 * DAY
TEAM_ONLY = frozenset({"hiring_manager", "interviewer"})
_LISTS = frozenset({"list", "find"})


class LookFact(Struct, frozen=True, kw_only=True):
    """One look: when, who, in which role and for what; what is known of the application that it was at.

    `in_team` is whether the person is in the team of its vacancy; `closed_on` when its process ended. Both are None
    where the unit is no application, or is erased.
    """

    at: datetime
    staff: UUID
    role: str
    purpose: str
    unit: UUID
    closed_on: date | None = None
    in_team: bool | None = None


@dataclass(frozen=True)
class Oddity:
    """What stood out of one person's day: `reasons` are keys of REASONS with their numbers."""

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


def unusual(looks: Iterable[LookFact], since: date) -> list[Oddity]:
    """The days from `since` on that stand out, newest first. Earlier looks say what is usual for each person."""
    days: dict[tuple[UUID, date], list[LookFact]] = {}
    for look in looks:
        days.setdefault((look.staff, local_day(look.at)), []).append(look)
    found = [_judged(who, on, own, _usual(days, who, on)) for (who, on), own in days.items() if on >= since]
    return sorted((odd for odd in found if odd.reasons), key=lambda odd: (odd.day, str(odd.staff)), reverse=True)


def _judged(who: UUID, on: date, looks: Sequence[LookFact], usual: int) -> Oddity:
    people = _people(looks)
    counts = {
        "many": people if people > max(FEW, TIMES_USUAL * usual) else 0,
        "night": sum(_at_night(look.at) for look in looks),
        "closed": len({look.unit for look in looks if _long_closed(look, on)}),
        "team": len({look.unit for look in looks if look.role in TEAM_ONLY and look.in_team is False}),
    }
    return Oddity(on, who, people, tuple((key, n, usual) for key, n in counts.items() if n))


def _usual(days: dict[tuple[UUID, date], list[LookFact]], who: UUID, on: date) -> int:
    """The median of the person's other days; none are usual where there is no other."""
    others = [_people(looks) for (person, other), looks in days.items() if person == who and other < on]
    return round(median(others)) if others else 0


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
