"""Rights requests: which there are, when they fall due, and how they may end.

Guards that a deadline is never computed too late, and that a request ends only once. Everything here is pure: dates and
words go in, dates and decisions come out. Days are calendar days in Oslo.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from recruit.errors import RecruitError
from recruit.retention.rules import add_months

Kind = Literal["access", "portability", "rectification", "erasure", "restriction", "objection", "complaint"]
State = Literal["received", "granted", "partly", "refused"]

MOVES: dict[State, tuple[State, ...]] = {
    "received": ("granted", "partly", "refused"),
    "granted": (),
    "partly": (),
    "refused": (),
}
"""Every way a request goes; the ends are those without a way on."""

OPEN: frozenset[State] = frozenset(state for state, onward in MOVES.items() if onward)

MASKED = "[…]"
_SHORTEST_NAME = 3
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DAY = timedelta(days=1)


class RequestAnswered(RecruitError):
    """Two people answered at once, or the page was old."""

    status = 409
    text = "This request has been answered already."


def require_move(before: str, after: State) -> None:
    """Raises RequestAnswered unless the table has the move."""
    if after not in MOVES.get(before, ()):  # type: ignore[call-overload]
        raise RequestAnswered()


# --- deadlines: L20 -------------------------------------------------------------------------------------------------


class Due(Struct, frozen=True):
    """When an answer is due: the plain day, on which we warn, and the day to which the law rolls it."""

    plain: date
    rolled: date


def due(received_on: date) -> Due:
    """L20: the same day next month (31 Jan: the last of Feb), rolled to the next working day (Reg. 1182/71 art. 3)."""
    plain = add_months(received_on, 1)
    rolled = plain
    while not is_working_day(rolled):
        rolled += _DAY
    return Due(plain, rolled)


def is_working_day(day: date) -> bool:
    """Neither Saturday, Sunday nor a Norwegian public holiday."""
    saturday = 5
    return day.weekday() < saturday and day not in public_holidays(day.year)


def public_holidays(year: int) -> frozenset[date]:
    """The Norwegian public holidays of a year, the Sundays among them included."""
    sunday = easter(year)
    fixed = {date(year, month, day) for month, day in ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))}
    return frozenset(fixed | {sunday + after * _DAY for after in (-3, -2, 0, 1, 39, 49, 50)})


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the method of Meeus, Jones and Butcher)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leaps, century_rest = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leaps - shift + 15) % 30
    weekday = (32 + 2 * century_rest + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def overdue(state: str, received_on: date, today: date) -> Literal["no", "warn", "late"]:
    """How an open request stands: warn from the plain day on, late once the rolled one is over."""
    if state not in OPEN:
        return "no"
    days = due(received_on)
    return "late" if today > days.rolled else "warn" if today >= days.plain else "no"


# --- third parties: L24 ---------------------------------------------------------------------------------------------


def mask(text: str, others: Iterable[str], own: Iterable[str]) -> str:
    """L24: words about the candidate with other people left out.

    `others` are names, telephone numbers and addresses of third parties, `own` what the candidate is called and reached
    by, which stays. Whole names go first, then each part of a name; e-mail addresses go unless they are the
    candidate's own.
    """
    kept = {part.casefold() for value in own for part in (value, *value.split())}
    hidden = [value for value in others if value.strip()]
    parts = [p for value in hidden for p in re.split(r"[\s,]+", value) if len(p) >= _SHORTEST_NAME and p[0].isupper()]
    for value in sorted({*hidden, *parts}, key=len, reverse=True):
        if value.casefold() not in kept:
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASKED, text, flags=re.IGNORECASE)
    return _ADDRESS.sub(lambda found: found[0] if found[0].casefold() in kept else MASKED, text)
