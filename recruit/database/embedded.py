"""SQLite, embedded: the default engine of records and keyring.

Guards durability and isolation: an acknowledged commit is on disk (`synchronous=FULL`), writers of one process take
turns, a write transaction begins IMMEDIATE, and a connection is always handed back.
"""

import asyncio
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Literal

import aiosqlite
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory
from piccolo.table import Table

from recruit.database.engine import DatabaseBusy, Engine, OutcomeUnknown, Reader, Row
from recruit.errors import RecruitError
from recruit.vault import durable

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA busy_timeout = 30000",
    "PRAGMA temp_store = MEMORY",
)


class EmbeddedTransaction(SQLiteTransaction):
    """BEGIN IMMEDIATE on a kept connection; released whatever happens, even if BEGIN or ROLLBACK fails."""

    engine: "Embedded"

    async def __aenter__(self) -> "EmbeddedTransaction":
        await self.engine.turn.acquire()
        try:
            self.connection = await self.engine.borrow()
            with _waiting():
                await self.connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            await self._release(broken=True)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, kind: Any, exception: Any, traceback: Any) -> Literal[False]:
        self.engine.current_transaction.reset(self.context)
        broken = True
        try:
            with _storing():
                await asyncio.shield(self.connection.execute("ROLLBACK" if kind else "COMMIT"))
            broken = False
        finally:
            await self._release(broken)
        return False

    async def _release(self, broken: bool) -> None:
        connection: aiosqlite.Connection | None = getattr(self, "connection", None)
        try:
            if connection is not None and broken:
                await self.engine.discard(connection)
            elif connection is not None:
                self.engine.give_back(connection)
        finally:
            self.engine.turn.release()


@contextmanager
def _told(code: int, plainly: type[RecruitError]) -> Iterator[None]:
    """What SQLite calls by that primary code is raised as what it means for whoever waits."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != code:
            raise
        raise plainly() from error


def _waiting() -> AbstractContextManager[None]:
    """DatabaseBusy where another one's turn has lasted longer than we wait."""
    return _told(sqlite3.SQLITE_BUSY, DatabaseBusy)


def _storing() -> AbstractContextManager[None]:
    """OutcomeUnknown where the disk failed: what is in the log by then may be found there by the next start."""
    return _told(sqlite3.SQLITE_IOERR, OutcomeUnknown)


class Embedded(Engine, SQLiteEngine):
    """SQLite with kept connections and central pragmas (the stock engine opens a thread and a connection per query)."""

    def __init__(self, path: Path) -> None:
        SQLiteEngine.__init__(self, path=str(path))
        self.file = path
        self._idle: list[aiosqlite.Connection] = []
        self._all: set[aiosqlite.Connection] = set()
        self.turn = asyncio.Lock()

    async def borrow(self) -> aiosqlite.Connection:
        if self._idle:
            return self._idle.pop()
        opening = aiosqlite.connect(**self.connection_kwargs)
        opening._thread.daemon = True  # a thread that is left over must never keep the process alive
        connection = await opening
        self._all.add(connection)
        connection.row_factory = dict_factory  # type: ignore[assignment]
        for pragma in _PRAGMAS:
            await connection.execute(pragma)
        return connection

    def give_back(self, connection: aiosqlite.Connection) -> None:
        self._idle.append(connection)

    async def discard(self, connection: aiosqlite.Connection) -> None:
        self._all.discard(connection)
        await connection.close()

    async def close(self) -> None:
        self._idle.clear()
        for connection in list(self._all):
            await self.discard(connection)

    def transaction(
        self, transaction_type: TransactionType = TransactionType.immediate, allow_nested: bool = False
    ) -> EmbeddedTransaction:
        return EmbeddedTransaction(engine=self, transaction_type=transaction_type, allow_nested=allow_nested)

    async def _run_in_new_connection(
        self,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",
        table: type[Table] | None = None,
    ) -> Any:
        connection = await self.borrow()
        try:
            with _waiting():
                result = await self._fetch(connection, query, args)
        except BaseException:
            await self.discard(connection)
            raise
        self.give_back(connection)
        return result

    async def _run_in_existing_connection(
        self,
        connection: aiosqlite.Connection,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",
        table: type[Table] | None = None,
    ) -> Any:
        return await self._fetch(connection, query, args)

    async def _fetch(self, connection: aiosqlite.Connection, query: str, args: Sequence[Any] | None) -> Any:
        return await connection.execute_fetchall(query, args or [])

    async def _fetch_many(self, connection: aiosqlite.Connection, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await connection.executemany(sql, rows)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            yield _Reader(connection)

    async def has_table(self, name: str) -> bool:
        return bool(await self.run_sql("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name))

    async def copy_into(self, target: Path) -> None:
        """Free pages are left out."""
        await asyncio.to_thread(target.unlink, missing_ok=True)
        await self.run_sql("VACUUM INTO ?", str(target))

    async def replace_by(self, source: Path) -> None:
        await self.close()
        await asyncio.to_thread(self._put_in_place, source)

    def _put_in_place(self, source: Path) -> None:
        for name in ("-wal", "-shm"):
            Path(f"{self.file}{name}").unlink(missing_ok=True)
        durable.write(self.file, source.read_bytes())

    async def shrink(self) -> None:
        """Fold the write-ahead log into the database, so that old pages do not linger in it."""
        await self.run_sql("PRAGMA wal_checkpoint(TRUNCATE)")


class _Reader:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, *args: Any) -> list[Row]:
        return [dict(row) for row in self._connection.execute(sql, args)]


def engine_at(path: Path) -> Embedded:
    """The engine of one database file; its folder is made, closed to other users."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return Embedded(path)
