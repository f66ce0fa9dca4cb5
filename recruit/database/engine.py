"""What a database can do, whichever program keeps it: the part that both engines share.

Guards that statements are written once: `?` for a parameter, `IDS` for a list of ids, and the same values go in and
come out on both engines. What differs (connections, turns, copies) stands in `embedded` and `server`.
"""

import abc
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Protocol

from piccolo.table import Table

from recruit.database.server_settings import Wanted
from recruit.errors import RecruitError

Row = dict[str, Any]


class DatabaseBusy(RecruitError):
    """Somebody else's turn takes longer than anybody waits: a change of epoch of very many keys."""

    status = 503
    text = "The database is busy with a large change. Nothing was changed; try again in a minute."


class OutcomeUnknown(RecruitError):
    """The server broke off, or the disk failed, while it was committed: done or not done, and nobody can be asked."""

    status = 503
    text = "The database broke off while this was being stored. Look whether it is there before you try again."


class Reader(Protocol):
    """An independent, read-only look at a database: it shares no connection with whoever writes. Blocking."""

    def rows(self, sql: str, *args: Any) -> list[Row]: ...


class Engine(abc.ABC):
    """One database. Statements run in the running transaction if there is one, else by themselves."""

    current_transaction: ContextVar[Any]
    tables: tuple[type[Table], ...] = ()

    @abc.abstractmethod
    def transaction(self) -> AbstractAsyncContextManager[Any]:
        """The only writer while it lasts; refused inside another one, because the inner one would not exist."""

    @abc.abstractmethod
    async def close(self) -> None:
        """Close every connection; the engine opens new ones if it is used again."""

    @abc.abstractmethod
    def reader(self) -> AbstractContextManager[Reader]:
        """A reader of its own; call it in a thread."""

    async def faults(self) -> list[Wanted]:
        """Settings of the server that are not as they should be; an engine without a server has none."""
        return []

    @abc.abstractmethod
    async def has_table(self, name: str) -> bool: ...

    @abc.abstractmethod
    async def copy_into(self, target: Path) -> None:
        """A consistent copy of the living database as a file of the embedded engine, whichever this one is."""

    @abc.abstractmethod
    async def replace_by(self, source: Path) -> None:
        """While restoring: hold what such a copy holds, and nothing else."""

    @abc.abstractmethod
    async def shrink(self) -> None:
        """Let go of old pages, as far as the engine lets us."""

    @abc.abstractmethod
    async def _run_in_new_connection(self, query: str, args: Any = None) -> Any: ...

    @abc.abstractmethod
    async def _fetch(self, connection: Any, query: str, args: Sequence[Any] | None) -> Any: ...

    @abc.abstractmethod
    async def _fetch_many(self, connection: Any, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...

    async def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows of parameters, inside the running transaction."""
        current = self.current_transaction.get()
        if current is None:
            raise RuntimeError("run_many belongs inside a transaction")
        await self._fetch_many(current.connection, sql, rows)

    async def rewrite(self, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """New values of these columns in many rows, inside the running transaction; each of `rows` ends with its id."""
        values = ", ".join(f"{name} = ?" for name in names)
        await self.run_many(f"UPDATE {table} SET {values} WHERE id = ?", rows)

    async def run_sql(self, sql: str, *args: Any) -> list[Row]:
        """One plain statement, in the running transaction if there is one."""
        current = self.current_transaction.get()
        if current is None:
            return list(await self._run_in_new_connection(sql, list(args)))
        return list(await self._fetch(current.connection, sql, list(args)))
