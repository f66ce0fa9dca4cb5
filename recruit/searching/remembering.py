"""Something of sealed rows, kept readable in the memory of a process: brought up to date, and let go of.

Guards that nothing erased is missed, whoever erased it: a key is destroyed in the transaction that writes the ledger
entry which names its unit, and entries are numbered in the order in which they are committed, without a gap. So the
entries after the last one that was seen name all that is gone since, and nothing else is looked at. Rows are opened and
taken in within one turn, in which nobody lets go: what is erased meanwhile is known when its entry is seen.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from recruit.site import Site

AT_ONCE = 500
"""So many are taken in, or let go of, in one turn."""
_OVERLAP = timedelta(minutes=2)
"""So far an update looks back behind the last one: what was being written then is in by now."""
SLOWEST = timedelta(hours=3)
"""So far it looks back for those it does not know: an application is dated by the beginning of its upload."""


class Remembered(ABC):
    """One process has one of each kind. An act goes on to its end even if whoever waits for it goes away."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._seen: int | None = None
        self._update, self._turn = asyncio.Lock(), asyncio.Lock()

    async def update(self, site: Site, now: datetime) -> None:
        """Let go of what was erased, and take in what changed since the last update."""
        async with self._update:
            await self.forget(site)
            async for units in self._changed(site, self._until):
                await asyncio.shield(self._take_in_turn(site, units))
            self._until = now - _OVERLAP

    async def forget(self, site: Site) -> None:
        """Let go of what was erased, whether anybody searches or not; an update under way is not waited for."""
        await asyncio.shield(self._forget_in_turn(site))

    async def _take_in_turn(self, site: Site, units: Sequence[UUID]) -> None:
        async with self._turn:
            await self._take_in(site, units)

    async def _forget_in_turn(self, site: Site) -> None:
        async with self._turn:
            if self._seen is None:  # nothing is kept yet
                self._seen = (await site.keyring.head()).number
            while new := await site.keyring.entries(after=self._seen, limit=AT_ONCE):
                await self._let_go([entry.body for entry in new if entry.kind == "erase"])
                self._seen = new[-1].number

    @abstractmethod
    def _changed(self, site: Site, since: datetime | None) -> AsyncIterator[Sequence[UUID]]:
        """The units to be read anew, some at a time; all of them where there is no earlier update."""

    @abstractmethod
    async def _take_in(self, site: Site, units: Sequence[UUID]) -> None:
        """Keep what those say whose key is there, in place of what was kept of them."""

    @abstractmethod
    async def _let_go(self, erased: Sequence[dict[str, Any]]) -> None:
        """Keep nothing of the units of these erasures, as the ledger names them; the same once more changes nothing."""
