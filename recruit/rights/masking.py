"""Third parties in a copy: left out, unless somebody has looked at the place and released it (L24, art. 15(4)).

Guards that nothing about another person leaves unseen: whoever writes words of others into a copy passes them through
here, and what was masked is remembered place by place, so that each can be released by itself. Pure.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from recruit.rights.rules import MASKED, mask

Hide = Callable[[str, datetime, str], str]
"""Code of the place (`interview_note:<id>`), its instant, and the words: what may be shown of them."""


@dataclass(frozen=True)
class Item:
    """One place where other people are named; `code` releases it, `full` is what then is shown."""

    code: str
    title: str
    at: datetime
    full: str
    shown: str

    @property
    def kind(self) -> str:
        return self.code.partition(":")[0]


@dataclass
class Masker:
    """Masks one copy. `met` fills with every place in which something was hidden, released ones included."""

    released: frozenset[str] = frozenset()
    met: dict[str, Item] = field(default_factory=dict)

    def among(self, title: str, others: Iterable[str], own: Iterable[str]) -> Hide:
        """Hides these people's names and addresses in what hangs on one application (`title` is its vacancy)."""
        hidden, kept = tuple(others), tuple(own)
        return lambda code, at, text: self._meet(Item(code, title, at, text, mask(text, hidden, kept)))

    def whole(self, title: str, code: str, at: datetime, text: str) -> str:
        """Words that are about another person altogether."""
        return self._meet(Item(code, title, at, text, MASKED))

    def _meet(self, item: Item) -> str:
        if item.full == item.shown:
            return item.full
        known = self.met.get(item.code)
        both = (f"{known.full}\n{item.full}", f"{known.shown}\n{item.shown}") if known else (item.full, item.shown)
        self.met[item.code] = replace(item, full=both[0], shown=both[1])
        return item.full if item.code in self.released else item.shown
