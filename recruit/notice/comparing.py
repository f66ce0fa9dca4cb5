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
_BETWEEN = 2
"""So few words that are the same between two changes are told as changed with them."""


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


def pieces(old: str, new: str) -> list[Piece]:
    """Two texts word by word; a word or two between changes is told with them, so that a sentence can be read."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    runs: list[tuple[bool, str, str]] = []
    for place, (what, a, b, c, d) in enumerate(opcodes):
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        inside = 0 < place < len(opcodes) - 1
        same = what == "equal" and not (inside and len(gone.split()) <= _BETWEEN)
        if runs and not same and not runs[-1][0]:
            gone, come = runs[-1][1] + gone, runs[-1][2] + come
            runs.pop()
        runs.append((same, gone, come))
    return list(_spread(runs))


def _spread(runs: list[tuple[bool, str, str]]) -> Iterator[Piece]:
    for same, gone, come in runs:
        if same:
            yield "same", gone
            continue
        if gone:
            yield "gone", gone
        if come:
            yield "new", come
