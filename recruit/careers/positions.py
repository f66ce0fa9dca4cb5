"""Vacancies as the public sees them: those that take applications, one of them, and the filters of the list.

Guards that a vacancy that was never published does not exist for anybody outside.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from recruit.careers import rules
from recruit.careers.rules import PLATFORMS, Platform
from recruit.errors import NotFound
from recruit.i18n import Language, either
from recruit.site import Site


@dataclass(frozen=True)
class Position:
    """A published vacancy in one language; `open` says whether it takes applications today.

    `standing`: unsolicited applications. `typed_cv`: experience may be typed instead of a CV file. `searched`: its
    words in both languages, folded.
    """

    id: UUID
    title: str
    posting: str
    place: str
    extent: str
    deadline: date | None
    standing: bool
    published_at: datetime
    typed_cv: bool
    elsewhere: tuple[Platform, ...]
    searched: str
    open: bool

    @property
    def lead(self) -> str:
        """The beginning of the posting, for who shows a summary."""
        line = " ".join(self.posting.split())
        return line if len(line) <= 160 else line[:160].rsplit(" ", 1)[0] + " …"


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty means anything. `within` is days until the deadline, "none" those without one."""

    words: str = ""
    place: str = ""
    extent: str = ""
    within: str = ""

    @property
    def any(self) -> bool:
        return self == Wanted()


WITHIN = ("7", "14", "30", "none")


def fits(position: Position, wanted: Wanted, today: date) -> bool:
    """Whether a vacancy is among what somebody looks for: every word, and each choice."""
    if wanted.place not in ("", position.place) or wanted.extent not in ("", position.extent):
        return False
    if not all(word in position.searched for word in wanted.words.casefold().split()):
        return False
    if wanted.within == "none":
        return position.deadline is None
    if wanted.within in WITHIN:
        return position.deadline is not None and position.deadline <= today + timedelta(days=int(wanted.within))
    return True


async def positions(site: Site, lang: Language, today: date) -> list[Position]:
    """Those that take applications, the nearest deadline first."""
    rows = await site.records.run_sql(
        "SELECT * FROM vacancy WHERE state = 'published' ORDER BY deadline IS NULL, deadline, published_at DESC"
    )
    return [found for row in rows if (found := _position(row, lang, today)).open]


async def position(site: Site, vacancy: UUID, lang: Language, today: date) -> Position:
    """One vacancy that is or was published; NotFound for any other."""
    rows = await site.records.run_sql(
        "SELECT * FROM vacancy WHERE id = ? AND published_at IS NOT NULL AND state <> 'draft'", vacancy
    )
    if not rows:
        raise NotFound()
    return _position(rows[0], lang, today)


def _position(row: dict[str, Any], lang: Language, today: date) -> Position:
    searched = (row[name] for name in ("title_nb", "title_en", "posting_nb", "posting_en", "place", "extent"))
    return Position(
        id=row["id"],
        title=either(row, "title", lang),
        posting=either(row, "posting", lang),
        place=row["place"],
        extent=row["extent"],
        deadline=row["deadline"],
        standing=bool(row["standing"]),
        published_at=row["published_at"],
        typed_cv=bool(row["typed_cv"]),
        elsewhere=tuple(PLATFORMS[code] for code in row["elsewhere"].split(",") if code in PLATFORMS),
        searched=" ".join(searched).casefold(),
        open=rules.takes_applications(row["state"], row["deadline"], today),
    )
