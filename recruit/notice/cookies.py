"""The cookies that the program sets: all of them, and only what is strictly necessary. Pure.

Guards that the cookie page lists what the pages really set (a test compares name, path and lifetime with the routes),
so that no consent is needed for any of them (ekomloven § 3-15).
"""

from dataclasses import dataclass
from datetime import timedelta

from recruit.i18n import Translate


@dataclass(frozen=True)
class SetCookie:
    """One cookie: `life` is the longest; `path` is where it is sent, `readable` whether scripts can read it."""

    name: str
    purpose: str
    when: str
    life: timedelta
    path: str = "/"
    readable: bool = False


COOKIES: tuple[SetCookie, ...] = (
    SetCookie(
        "recruit",
        "Keeps you signed in; removed when you sign out. Candidates are signed out after 2 hours, staff after 12.",
        "When you sign in",
        timedelta(hours=12),
    ),
    SetCookie(
        "recruit-step",
        "Remembers that the password was right while staff type the second code.",
        "When staff sign in",
        timedelta(minutes=5),
    ),
    SetCookie(
        "waiting",
        "Remembers that a code was sent to you, until you type it.",
        "When you ask for a way in to your data",
        timedelta(minutes=15),
        "/my",
    ),
    SetCookie(
        "form",
        "Finds the application form that you have begun, so that nothing you typed is lost.",
        "When you begin an application",
        timedelta(hours=2),
        "/positions/",
    ),
    SetCookie(
        "lang", "Remembers the language you chose.", "When you choose a language", timedelta(days=365), "/", True
    ),
    SetCookie("flash", "Shows you once what was just done.", "After something was saved", timedelta(minutes=1)),
)
"""Over TLS the first two carry `__Host-` before their name, which ties them to this site."""


def life(cookie: SetCookie, _: Translate) -> str:
    """How long a cookie lives at most, in the largest unit that divides it."""
    units = (
        (86_400, "{n} day", "{n} days"),
        (3_600, "{n} hour", "{n} hours"),
        (60, "{n} minute", "{n} minutes"),
    )
    seconds = int(cookie.life.total_seconds())
    size, one, many = next(unit for unit in units if seconds % unit[0] == 0)
    return _.plural(one, many, seconds // size)


def called(cookie: SetCookie, secure: bool) -> str:
    """The name as the browser shows it."""
    return f"__Host-{cookie.name}" if secure and cookie.name.startswith("recruit") else cookie.name
