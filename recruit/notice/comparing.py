"""Two versions of a notice, or of an entry, side by side: what was added, taken away, and worded otherwise. Pure.

Guards that a comparison leaves nothing out: every block of either text that is not the same in the other stands in it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from recruit.notice.writing import Section, Text

Piece = tuple[Literal["same", "gone", "new"], str]
_WORDS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class Change:
    """One difference: where, and the words, of which some are gone and some new."""

    section: str
    pieces: tuple[Piece, ...]

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        kinds = {kind for kind, _ in self.pieces}
        return "added" if kinds == {"new"} else "removed" if kinds == {"gone"} else "changed"


def of_notices(old: Text, new: Text) -> list[Change]:
    """What differs between two notices of one language, in the order of the new one; what it lacks comes last."""
    before, after = _blocks(old), _blocks(new)
    found = [_change(title, before.get(key, ("", ""))[1], words) for key, (title, words) in after.items()]
    found += [_change(title, words, "") for key, (title, words) in before.items() if key not in after]
    return [change for change in found if any(kind != "same" for kind, _ in change.pieces)]


def of_fields(old: dict[str, str], new: dict[str, str]) -> list[Change]:
    """What differs between two entries: their parts under the names that readers know."""
    found = [_change(name, old.get(name, ""), new.get(name, "")) for name in dict.fromkeys((*new, *old))]
    return [change for change in found if any(kind != "same" for kind, _ in change.pieces)]


def _blocks(text: Text) -> dict[tuple[str, str], tuple[str, str]]:
    return {place: (section.title, words) for section in text for place, words in _of(section)}


def _of(section: Section) -> Iterator[tuple[tuple[str, str], str]]:
    for block in section.blocks:
        yield (section.key, block.key), block.words


def _change(title: str, old: str, new: str) -> Change:
    return Change(title, tuple(pieces(old, new)))


def pieces(old: str, new: str) -> Iterator[Piece]:
    """Two texts word by word."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            yield "same", "".join(before[a:b])
            continue
        if b > a:
            yield "gone", "".join(before[a:b])
        if d > c:
            yield "new", "".join(after[c:d])
