"""What people tell of their work and learning, as values that forms, CV files, seals and copies share. Pure.

Guards that a typed CV is the same thing wherever it goes.
"""

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct
from msgspec.structs import astuple


class Experience(Struct, frozen=True, kw_only=True):
    """A post that somebody held. Days are `2019-03` or `2019`; an empty `ended` means that it goes on."""

    title: str = ""
    employer: str = ""
    began: str = ""
    ended: str = ""
    text: str = ""


class Education(Struct, frozen=True, kw_only=True):
    """What somebody learnt, and where; days as in Experience."""

    title: str = ""
    school: str = ""
    began: str = ""
    ended: str = ""
    text: str = ""


class LanguageSkill(Struct, frozen=True, kw_only=True):
    """A language and how well it is known, in words or as a CEFR level."""

    name: str = ""
    level: str = ""


class Answered(Struct, frozen=True, kw_only=True):
    """An answer to one of the vacancy's own questions; `asked` is the question as it stood then."""

    question: UUID
    asked: str = ""
    text: str = ""


def words_in(*lists: Iterable[Struct]) -> list[str]:
    """All that is written in these entries, for a search."""
    return [text for entries in lists for entry in entries for text in astuple(entry) if isinstance(text, str)]
