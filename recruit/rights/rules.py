"""Rights requests: which there are, when they fall due, and how they may end.

Guards that a deadline is never computed too late, and that a request ends only once. Everything here is pure: dates and
words go in, dates and decisions come out. Days are calendar days in Oslo.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal, get_args

from msgspec import Struct

from recruit.errors import RecruitError
from recruit.retention.rules import add_months

Kind = Literal["access", "portability", "rectification", "erasure", "restriction", "objection", "complaint"]
State = Literal["received", "identity", "granted", "partly", "refused", "withdrawn"]
Channel = Literal["my_data", "email", "phone", "letter"]

KINDS: tuple[Kind, ...] = get_args(Kind)
CHANNELS: tuple[Channel, ...] = get_args(Channel)

MOVES: dict[State, tuple[State, ...]] = {
    "received": ("identity", "granted", "partly", "refused", "withdrawn"),
    "identity": ("received", "refused", "withdrawn"),
    "granted": (),
    "partly": (),
    "refused": (),
    "withdrawn": (),
}
"""Every way a request goes; those without a way on are ends. `identity`: we asked who it is, and the clock rests."""

OPEN: frozenset[State] = frozenset(state for state, onward in MOVES.items() if onward)

DELAYING: frozenset[Kind] = frozenset({"access", "portability"})
"""L16: while such a request is open, the data that it is about are not purged."""

COPY_LIVES = timedelta(days=7)
"""L24: how long the link to a copy that was asked for works."""

ABOUT_EVERYTHING: frozenset[Kind] = frozenset({"access", "portability", "complaint"})
"""Kinds that nobody narrows to a single application."""

REPEATED: frozenset[Kind] = frozenset({"rectification", "complaint"})
"""Kinds of which several may be open at once: each is about something else."""

GROUNDS: dict[Kind, tuple[str, ...]] = {
    "access": ("others", "identity", "repeated"),
    "portability": ("not_given", "others", "identity", "repeated"),
    "rectification": ("correct", "assessment", "identity", "repeated"),
    "erasure": ("hold", "duty", "identity", "repeated"),
    "restriction": ("no_condition", "identity", "repeated"),
    "objection": ("compelling", "hold", "identity", "repeated"),
    "complaint": (),
}
"""L22: the reviewed reasons, by kind, for which a request may be refused in whole or in part."""

RESTRICTING = ("accuracy", "unlawful", "claims", "objection")
"""The conditions of article 18(1)."""

GOES_ON = "goes_on"
"""In the place of a field: the person wants nothing to rest while a rectification is looked into (L26)."""

MASKED = "[…]"
_SHORTEST_NAME = 3
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DAY = timedelta(days=1)


class RequestAnswered(RecruitError):
    """Two people answered at once, or the page was old."""

    status = 409
    text = "This request has been answered already."


class IdentityAwaited(RecruitError):
    """L23: what was asked because of a doubt has to be settled before anything is granted."""

    status = 409
    text = "We are waiting to learn who the request comes from. Say how that was settled, then answer."


class ExtendedAlready(RecruitError):
    status = 409
    text = "The time to answer has been extended already. The law allows it once."


class ExtensionTooLate(RecruitError):
    status = 409
    text = "The time to answer can be extended only within the first month."


def require_move(before: str, after: State) -> None:
    """Raises RequestAnswered, or IdentityAwaited, unless the table has the move."""
    if after in MOVES.get(before, ()):  # type: ignore[call-overload]
        return
    raise IdentityAwaited() if before == "identity" and after != "identity" else RequestAnswered()


# --- deadlines: L20 -------------------------------------------------------------------------------------------------


class Due(Struct, frozen=True):
    """When an answer is due: the plain day, on which we warn, and the day to which the law rolls it."""

    plain: date
    rolled: date


def due(received_on: date, more_months: int = 0, paused_days: int = 0) -> Due:
    """L20: the same day next month (31 Jan: the last of Feb), rolled to the next working day (Reg. 1182/71 art. 3).

    `more_months` are those of an extension (L21), `paused_days` those in which we waited to learn who it is (L23).
    """
    return rolled(add_months(received_on, 1 + more_months) + paused_days * _DAY)


def rolled(plain: date) -> Due:
    """The deadline whose plain day this is."""
    last = plain
    while not is_working_day(last):
        last += _DAY
    return Due(plain, last)


def require_extension(state: str, received_on: date, paused_days: int, extended_on: date | None, today: date) -> None:
    """L21: once, while open, told within the first month. RequestAnswered, ExtendedAlready, ExtensionTooLate."""
    if state != "received":
        raise IdentityAwaited() if state in OPEN else RequestAnswered()
    if extended_on is not None:
        raise ExtendedAlready()
    if today > due(received_on, paused_days=paused_days).rolled:
        raise ExtensionTooLate()


def may_extend(state: str, received_on: date, paused_days: int, extended_on: date | None, today: date) -> bool:
    """Whether the time to answer can be extended today."""
    try:
        require_extension(state, received_on, paused_days, extended_on, today)
    except RecruitError:
        return False
    return True


def paused_days(paused_on: date, ended_on: date) -> int:
    """L23: the days of one pause, from asking to answer; none if both are one day."""
    return max(0, (ended_on - paused_on).days)


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


Standing = Literal["no", "paused", "warn", "late"]


def overdue(state: str, days: Due, today: date) -> Standing:
    """How a request stands: warn from the plain day on, late once the rolled one is over; paused, nothing runs out."""
    if state not in OPEN:
        return "no"
    if state == "identity":
        return "paused"
    return "late" if today > days.rolled else "warn" if today >= days.plain else "no"


REMIND_BEFORE = (2, 7, 14)
_AGAIN = 7


def reminder_due(state: str, days: Due, today: date) -> str | None:
    """Which reminder about an open request is due today: `14`, `7` or `2` days before the plain day, or `late:N`.

    After a pause of the worker only the most urgent one. `N` counts the weeks that it is late: told again each week.
    """
    standing = overdue(state, days, today)
    if state not in OPEN or standing == "paused":
        return None
    if standing == "late":
        return f"late:{((today - days.rolled).days - 1) // _AGAIN}"
    reached = [before for before in REMIND_BEFORE if today >= days.plain - before * _DAY]
    return str(reached[0]) if reached else None


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
