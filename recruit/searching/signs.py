"""Signs by which two profiles may be the same person, in memory and unreadable there too.

Guards that recognising never compares everybody with everybody: people meet only under a sign that they share, and one
that more than MOST share says nothing about a person. A sign is a keyed hash, whose key ends with the process.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations
from uuid import UUID

MOST = 5
"""So many profiles may share a sign, such as the telephone of a household; a front desk's says nothing."""
WHY = ("phone", "document", "born", "address", "vacancy")
"""The signs, the strongest first: the same telephone number; the same file as CV; the same name, and the same year of
birth in it or a CV, the same beginning of the e-mail address, or the same vacancy."""

Sign = tuple[str, str]
Pair = tuple[UUID, UUID]
_DIGITS = 8
_BORN = re.compile(r"(?:født|fodselsdato|fødselsdato|fødselsår|born|birth)")
_YEAR = re.compile(r"(?:19[3-9]|20[01])\d")
_NEAR = 6


def signs_of(
    names: Iterable[Sequence[str]], emails: Iterable[str], phones: Iterable[str], papers: Iterable[str],
    texts: Iterable[Sequence[str]], vacancy: UUID,
) -> frozenset[Sign]:  # fmt: skip
    """What one application is recognised by; names and texts in words, as searching compares them."""
    called = {" ".join(sorted(name)) for name in names if len(name) > 1}
    ways = [("born", year) for text in texts for year in _born(text)]
    ways += [("address", email.partition("@")[0].casefold()) for email in emails if email]
    ways.append(("vacancy", str(vacancy)))
    short = {phone[-_DIGITS:] for phone in phones if len(phone) >= _DIGITS}
    return frozenset(
        [("phone", phone) for phone in short]
        + [("document", digest) for digest in papers if digest]
        + [(kind, f"{name}|{also}") for name in called for kind, also in ways]
    )


def _born(words: Sequence[str]) -> Iterator[str]:
    """The year that stands soon after a word for birth."""
    for place, word in enumerate(words):
        if _BORN.fullmatch(word):
            yield from [near for near in words[place + 1 : place + _NEAR] if _YEAR.fullmatch(near)][:1]


class Signs:
    """Which applications carry which sign; kept up to date by the index of words, and forgetful like it."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._of: dict[UUID, tuple[UUID, tuple[bytes, ...]]] = {}
        self._at: dict[bytes, set[UUID]] = {}
        self._shared: set[bytes] = set()

    def put(self, application: UUID, candidate: UUID, signs: Iterable[Sign]) -> None:
        self.drop(application)
        hashes = tuple(self._hash(sign) for sign in signs)
        self._of[application] = candidate, hashes
        for each in hashes:
            there = self._at.setdefault(each, set())
            there.add(application)
            if len(there) > 1:
                self._shared.add(each)

    def drop(self, application: UUID) -> None:
        _, hashes = self._of.pop(application, (None, ()))
        for each in hashes:
            there = self._at[each]
            there.discard(application)
            if len(there) < 2:
                self._shared.discard(each)
            if not there:
                del self._at[each]

    def pairs(self, hidden: Collection[UUID] = ()) -> dict[Pair, str]:
        """Profiles that share a sign, the smaller id first, and the strongest sign; `hidden` applications have none."""
        found: dict[Pair, str] = {}
        for each in self._shared:
            people = {self._of[unit][0] for unit in self._at[each] if unit not in hidden}
            if len(people) <= MOST:
                for one, other in combinations(sorted(people), 2):
                    why = WHY[each[0]]
                    found[one, other] = min(why, found.get((one, other), why), key=WHY.index)
        return found

    def _hash(self, sign: Sign) -> bytes:
        kind, text = sign
        return bytes([WHY.index(kind)]) + hashlib.blake2b(text.encode(), key=self._key, digest_size=12).digest()
