"""The names of all candidates, to be searched: in the memory of this process and nowhere else.

Guards that somebody is found by name without a look at everybody's profile, whether they have applied or not, and that
the name of an erased profile is forgotten like an application's words (see `remembering`). It never decides who may see
a hit.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from recruit import attendance
from recruit.database import IDS, ids
from recruit.searching.plain import expression, plain, table, text_of
from recruit.searching.remembering import AT_ONCE, SLOWEST, Remembered
from recruit.site import Site
from recruit.tables import Person
from recruit.vault.sealing import unseal


class Names(Remembered):
    """Which words stand in the name of which profile. All of it lies in SQLite's memory: there may be a million."""

    def __init__(self) -> None:
        super().__init__()
        self._memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._memory.execute("CREATE TABLE profile (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE)")
        self._memory.execute(table("names"))

    async def matching(self, query: str, most: int) -> list[UUID]:
        """Profiles in whose name every word of the query begins a word; at most so many."""
        asked = expression(query)
        return await asyncio.to_thread(self._find, asked, most) if asked else []

    def dump(self) -> list[str]:
        """All that is held, for whoever wants to be sure of what is not."""
        return [text for (text,) in self._memory.execute("SELECT text FROM names")]

    async def _changed(self, site: Site, since: datetime | None) -> AsyncIterator[list[UUID]]:
        """By their ids, so that not even these are all read at once."""
        last = UUID(int=0)
        while since is None:
            units = await _ids(site, "id > ? ORDER BY id LIMIT ?", str(last), AT_ONCE)
            if not units:
                return
            yield units
            last = units[-1]
        new = [unit for unit in await _ids(site, "created_at >= ?", since - SLOWEST) if not self._number(unit)]
        changed = list(dict.fromkeys((*new, *await _ids(site, "changed_at >= ?", since))))
        for start in range(0, len(changed), AT_ONCE):
            yield changed[start : start + AT_ONCE]

    async def _take_in(self, site: Site, units: Sequence[UUID]) -> None:
        rows = await site.records.run_sql(f"SELECT id, sealed FROM candidate WHERE id IN {IDS}", ids(units))
        keys = await site.keyring.keys(row["id"] for row in rows)
        names = {
            row["id"]: unseal(keys[row["id"]], "candidate", row["id"], bytes(row["sealed"]), Person).name
            for row in rows
            if row["id"] in keys
        }
        await asyncio.to_thread(self._write, names)

    async def _let_go(self, erased: Sequence[dict[str, Any]]) -> None:
        await asyncio.to_thread(self._delete, [UUID(unit) for body in erased for unit in body["units"]])

    def _number(self, unit: UUID) -> int | None:
        row = self._memory.execute("SELECT number FROM profile WHERE id = ?", (unit.bytes,)).fetchone()
        return row[0] if row else None

    def _find(self, asked: str, most: int) -> list[UUID]:
        found = self._memory.execute(
            "SELECT p.id FROM names n JOIN profile p ON p.number = n.rowid WHERE names MATCH ? "
            "ORDER BY n.rowid DESC LIMIT ?",
            (asked, most),
        )
        return [UUID(bytes=unit) for (unit,) in found]

    def _write(self, names: dict[UUID, str]) -> None:
        with self._memory:
            self._memory.execute("BEGIN")
            for unit, name in names.items():
                self._memory.execute("INSERT INTO profile (id) VALUES (?) ON CONFLICT (id) DO NOTHING", (unit.bytes,))
                number = self._number(unit)
                self._memory.execute("DELETE FROM names WHERE rowid = ?", (number,))
                self._memory.execute("INSERT INTO names (rowid, text) VALUES (?, ?)", (number, text_of(plain(name))))

    def _delete(self, units: Sequence[UUID]) -> None:
        with self._memory:
            self._memory.execute("BEGIN")
            for unit in units:
                gone = self._memory.execute(
                    "DELETE FROM profile WHERE id = ? RETURNING number", (unit.bytes,)
                ).fetchall()
                self._memory.executemany("DELETE FROM names WHERE rowid = ?", gone)


async def _ids(site: Site, where: str, *values: object) -> list[UUID]:
    return [row["id"] for row in await site.records.run_sql(f"SELECT id FROM candidate WHERE {where}", *values)]


_NAMES: "WeakKeyDictionary[Site, Names]" = WeakKeyDictionary()


def names_of(site: Site) -> Names:
    """The names in an opened installation, in this process; they end with the site."""
    if site not in _NAMES:
        _NAMES[site] = Names()
        attendance.on_beat(site, _NAMES[site].forget)
    return _NAMES[site]
