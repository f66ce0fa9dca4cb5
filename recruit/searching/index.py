"""The words of candidates, and of e-mails about them, to be searched: in the memory of this process and nowhere else.

Guards that searching leaves nothing readable at rest: the index is made from sealed rows at the first search, brought
up to date by every later one, and forgets an erased application before it answers again. It never decides who may see
a hit, but says which ones are found only by an e-mail that came in, since not everybody reads those.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from recruit import attendance
from recruit.curriculum import words_in
from recruit.database import IDS, ids
from recruit.searching.plain import expression, numbers_in, plain, table, text_of
from recruit.searching.remembering import AT_ONCE, SLOWEST, Remembered
from recruit.searching.signs import Pair, Sign, Signs, signs_of
from recruit.site import Site
from recruit.tables import ApplicationData, FileName, MailWords, Person, Words
from recruit.vault.sealing import UnitKey, unseal

_FIRST_HANDFUL = 400


@dataclass
class _Read:
    """What is read of one application: whose it is, its words, those of e-mails, and what it is recognised by."""

    candidate: UUID
    words: list[str]
    mails: list[str]
    signs: frozenset[Sign] = field(default_factory=frozenset)


class Index(Remembered):
    """Which words and which signs stand in which application, newest last.

    `mails` has the applications to which e-mails came in, with the words of both.
    """

    def __init__(self) -> None:
        super().__init__()
        self._memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        for name in ("words", "mails"):
            self._memory.execute(table(name))
        self._numbers: dict[UUID, int] = {}
        self._units: dict[int, UUID] = {}
        self._anew: set[UUID] = set()
        self._next = 1
        self._signs = Signs()

    @property
    def known(self) -> int:
        return len(self._numbers)

    async def alike(self, hidden: Collection[UUID]) -> dict[Pair, str]:
        """Which candidates may be the same person, and by what; applications that are `hidden` count for nothing."""
        async with self._turn:
            return await asyncio.to_thread(self._signs.pairs, hidden)

    async def matching(self, query: str) -> AsyncIterator[tuple[list[UUID], list[UUID]]]:
        """The applications in which every word of the query begins a word, newest first, a growing handful at a time:
        those in which that is so without e-mails that came in, and the others.

        Whoever has enough stops: a word that stands in everything is not looked up to its end.
        """
        asked, before, most = expression(query), self._next, _FIRST_HANDFUL
        while asked and before:
            own = await asyncio.to_thread(self._read, "words", asked, before, most)
            mailed = await asyncio.to_thread(self._read, "mails", asked, before, most)
            numbers = sorted({*own, *mailed}, reverse=True)[:most]
            yield self._units_of(numbers, set(own)), self._units_of(numbers, set(mailed) - set(own))
            before, most = numbers[-1] if len(numbers) == most else 0, most * 4

    def _units_of(self, numbers: Sequence[int], wanted: Collection[int]) -> list[UUID]:
        return [self._units[number] for number in numbers if number in wanted and number in self._units]

    async def _changed(self, site: Site, since: datetime | None) -> AsyncIterator[Sequence[UUID]]:
        new = [unit for unit in await _sent_since(site, since) if unit not in self._numbers]
        changed = await _changed_since(site, since) if since else []
        changed = list(dict.fromkeys((*new, *changed, *self._anew)))
        for start in range(0, len(changed), AT_ONCE):
            yield changed[start : start + AT_ONCE]

    async def _take_in(self, site: Site, units: Sequence[UUID]) -> None:
        await asyncio.to_thread(self._write, await _read(site, units))
        self._anew -= set(units)

    async def _let_go(self, erased: Sequence[dict[str, Any]]) -> None:
        """Whatever has lost a part (L27) loses all its words here, and is read anew with the next update."""
        gone = self._known(unit for body in erased for unit in body["units"])
        lessened = self._known(body["of"] for body in erased if "of" in body)
        self._anew |= lessened.keys()
        await asyncio.to_thread(self._drop, [*gone.values(), *lessened.values()])
        for unit, number in gone.items():
            del self._numbers[unit], self._units[number]
            self._signs.drop(unit)

    def _known(self, units: Iterable[str]) -> dict[UUID, int]:
        """The numbers of those that are known."""
        return {unit: self._numbers[unit] for unit in map(UUID, units) if unit in self._numbers}

    def dump(self) -> list[str]:
        """All that the index holds, for whoever wants to be sure of what it does not."""
        return [text for (text,) in self._memory.execute("SELECT text FROM words UNION ALL SELECT text FROM mails")]

    def _write(self, read: dict[UUID, _Read]) -> None:
        with self._memory:
            self._memory.execute("BEGIN")
            for unit, one in read.items():
                self._signs.put(unit, one.candidate, one.signs)
                number = self._numbers.get(unit) or self._next
                self._next = max(self._next, number + 1)
                self._numbers[unit], self._units[number] = number, unit
                self._delete([number])
                for name, words in (("words", one.words), ("mails", [*one.words, *one.mails] if one.mails else [])):
                    if words:
                        row = number, text_of(words)
                        self._memory.execute(f"INSERT INTO {name} (rowid, text) VALUES (?, ?)", row)

    def _drop(self, numbers: Sequence[int]) -> None:
        with self._memory:
            self._memory.execute("BEGIN")
            self._delete(numbers)

    def _read(self, name: str, asked: str, before: int, most: int) -> list[int]:
        found = self._memory.execute(
            f"SELECT rowid FROM {name} WHERE {name} MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
            (asked, before, most),
        )
        return [number for (number,) in found]

    def _delete(self, numbers: Sequence[int]) -> None:
        for name in ("words", "mails"):
            self._memory.executemany(f"DELETE FROM {name} WHERE rowid = ?", ((number,) for number in numbers))


_INDEXES: "WeakKeyDictionary[Site, Index]" = WeakKeyDictionary()


def index_of(site: Site) -> Index:
    """The index of an opened installation in this process; it ends with the site."""
    if site not in _INDEXES:
        _INDEXES[site] = Index()
        attendance.on_beat(site, _INDEXES[site].forget)
    return _INDEXES[site]


# --- from sealed rows -------------------------------------------------------------------------------------------------


async def _sent_since(site: Site, since: datetime | None) -> list[UUID]:
    """Applications that may be new, the earliest sent first; all of them where there is no earlier update."""
    where, values = ("WHERE submitted_at >= ?", (since - SLOWEST,)) if since else ("", ())
    rows = await site.records.run_sql(f"SELECT id FROM application {where} ORDER BY submitted_at, id", *values)
    return [row["id"] for row in rows]


async def _changed_since(site: Site, since: datetime) -> list[UUID]:
    """Applications to read anew.

    Those of which a part is being erased always: it may have been taken out, or put back (L27).
    """
    rows = await site.records.run_sql(
        "SELECT id FROM application WHERE last_activity_at >= ? "
        "OR candidate IN (SELECT id FROM candidate WHERE changed_at >= ?) "
        "OR id IN (SELECT unit FROM document_words WHERE written_at >= ?) "
        "OR id IN (SELECT unit FROM received_mail WHERE at >= ?) "
        "OR id IN (SELECT application FROM partial_erasure)",
        *(since,) * 4,
    )
    return [row["id"] for row in rows]


async def _read(site: Site, units: Sequence[UUID]) -> dict[UUID, _Read]:
    """What is searched of each application that still can be read: contact data, letter, the words of its documents and
    of the e-mails that came in about it.
    """
    rows = await site.records.run_sql(
        "SELECT a.id, a.candidate, a.vacancy, a.sealed, c.sealed AS person FROM application a JOIN candidate c "
        f"ON c.id = a.candidate WHERE a.id IN {IDS}",
        ids(units),
    )
    keys = await site.keyring.keys({row["id"] for row in rows} | {row["candidate"] for row in rows})
    found = {row["id"]: row for row in rows if row["id"] in keys and row["candidate"] in keys}
    words = {unit: list[list[str]]() for unit in found}
    papers = await site.records.run_sql(f"SELECT id, unit, sealed FROM document_words WHERE unit IN {IDS}", ids(found))
    for row in papers:
        opened = unseal(keys[row["unit"]], "document_words", row["id"], bytes(row["sealed"]), Words)
        words[row["unit"]].append(opened.words)
    digests, mails = await _digests(site, found, keys), await _mails(site, found, keys)
    return {
        unit: _one(found[unit], keys, words[unit], mails.get(unit, []), digests.get(unit, []))
        for unit in units
        if unit in found
    }


async def _mails(site: Site, units: Iterable[UUID], keys: dict[UUID, UnitKey]) -> dict[UUID, list[str]]:
    """Who wrote, about what, and the words."""
    rows = await site.records.run_sql(f"SELECT id, unit, sealed FROM received_mail WHERE unit IN {IDS}", ids(units))
    found: dict[UUID, list[str]] = {}
    for row in rows:
        said = unseal(keys[row["unit"]], "received_mail", row["id"], bytes(row["sealed"]), MailWords)
        for text in (said.name, said.email, said.subject, said.text):
            found.setdefault(row["unit"], []).extend(plain(text))
    return found


async def _digests(site: Site, units: Iterable[UUID], keys: dict[UUID, UnitKey]) -> dict[UUID, list[str]]:
    """The digests of CVs: the same file under two names is the same person's."""
    rows = await site.records.run_sql(
        f"SELECT id, unit, sealed FROM document WHERE kind = 'cv' AND NOT apart AND unit IN {IDS}", ids(units)
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        name = unseal(keys[row["unit"]], "document", row["id"], bytes(row["sealed"]), FileName)
        found.setdefault(row["unit"], []).append(name.digest)
    return found


def _one(
    row: dict[str, Any], keys: dict[UUID, UnitKey], papers: list[list[str]], mails: list[str], digests: list[str]
) -> _Read:
    data = unseal(keys[row["id"]], "application", row["id"], bytes(row["sealed"]), ApplicationData)
    person = unseal(keys[row["candidate"]], "candidate", row["candidate"], bytes(row["person"]), Person)
    phones = [number for phone in (person.phone, data.phone) for number in numbers_in(phone)]
    names, letter = [plain(person.name), plain(data.name)], plain(data.letter)
    emails = (person.email, data.email)
    typed = words_in(data.experience, data.education, data.languages, data.answers)
    own = [word for text in (*emails, data.summary, *data.skills, *typed) for word in plain(text)]
    words = [word for each in (*names, letter, own, phones, *papers) for word in each]
    signs = signs_of(names, emails, phones, digests, (letter, plain(data.summary), *papers), row["vacancy"])
    return _Read(row["candidate"], words, mails, signs)
