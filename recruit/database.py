"""Engines of the two databases, records and keyring, and how a transaction is held.

Guards durability and isolation: an acknowledged commit is on disk (`synchronous=FULL`), writers of one process take
turns, a write transaction begins IMMEDIATE, and a connection is always handed back. A transaction inside another one is
refused, because the inner one would silently not exist.
"""

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import aiosqlite
import msgspec
from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType, dict_factory
from piccolo.table import Table

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA busy_timeout = 10000",
    "PRAGMA temp_store = MEMORY",
)


class _Transaction(SQLiteTransaction):
    """BEGIN IMMEDIATE on a kept connection; released whatever happens, even if BEGIN or ROLLBACK fails."""

    engine: "Embedded"

    async def __aenter__(self) -> "_Transaction":
        await self.engine.turn.acquire()
        try:
            self.connection = await self.engine.borrow()
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


class Embedded(SQLiteEngine):
    """SQLite with kept connections and central pragmas (the stock engine opens a thread and a connection per query)."""

    def __init__(self, path: Path) -> None:
        super().__init__(path=str(path))
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
        """Close every connection; the engine opens new ones if it is used again."""
        self._idle.clear()
        for connection in list(self._all):
            await self.discard(connection)

    def transaction(
        self, transaction_type: TransactionType = TransactionType.immediate, allow_nested: bool = False
    ) -> _Transaction:
        return _Transaction(engine=self, transaction_type=transaction_type, allow_nested=allow_nested)

    async def _run_in_new_connection(
        self,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",
        table: type[Table] | None = None,
    ) -> Any:
        connection = await self.borrow()
        try:
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

    async def _fetch(self, connection: aiosqlite.Connection, query: str, args: list[Any] | None) -> Any:
        return await connection.execute_fetchall(query, args or [])

    async def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows of parameters, inside the running transaction."""
        current = self.current_transaction.get()
        if current is None:
            raise RuntimeError("run_many belongs inside a transaction")
        await current.connection.executemany(sql, rows)

    async def run_sql(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        """One plain statement, in the running transaction if there is one."""
        current = self.current_transaction.get()
        if current is None:
            return list(await self._run_in_new_connection(sql, list(args)))
        return list(await self._fetch(current.connection, sql, list(args)))


IDS = "(SELECT value FROM json_each(?))"
"""What `id IN` is compared with where the parameter is a list made by `ids`."""


def ids(units: Iterable[UUID]) -> str:
    """A list of ids of any length as one parameter."""
    return msgspec.json.encode(list(units)).decode()


def engine_at(path: Path) -> Embedded:
    """The engine of one database file; its folder is made, closed to other users."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return Embedded(path)


def bind(tables: Iterable[type[Table]], engine: Embedded) -> None:
    """Point tables at an engine: one process serves one installation."""
    for table in tables:
        table._meta._db = engine


async def create(tables: Iterable[type[Table]], triggers: Iterable[str], engine: Embedded) -> None:
    """Make what is missing: tables, indexes and the triggers that enforce rules, all in one transaction."""
    async with engine.transaction():
        for table in tables:
            await table.create_table(if_not_exists=True).run()  # type: ignore[no-untyped-call]
        for statement in triggers:
            await engine.run_sql(statement)


async def copy_into(engine: Embedded, target: Path) -> None:
    """A consistent copy of a living database, free pages left out."""
    await asyncio.to_thread(target.unlink, missing_ok=True)
    await engine.run_sql("VACUUM INTO ?", str(target))
