"""PostgreSQL: the engine for more than one process or machine.

Guards the same isolation that the embedded engine gives: writers take turns across all processes, by an advisory lock
that ends with its transaction or its connection, so that a transaction judges what nobody changes meanwhile; readers
never wait. A connection is always handed back or thrown away, and the context is always reset, even if the server dies
inside a transaction.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import asyncpg
from piccolo.engine.exceptions import TransactionError
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

from recruit.database import carrying
from recruit.database.engine import DatabaseBusy, Engine, OutcomeUnknown, Reader, Row
from recruit.database.portable import Converter, converted, converters, for_server
from recruit.database.server_settings import SAID, Wanted, unfit, wrong
from recruit.errors import RecruitError

CONNECTIONS = 10
"""How many a process holds to one database at most."""

_SESSION = {
    "application_name": "recruit",
    "timezone": "UTC",
    "jit": "off",
    "synchronous_commit": "on",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "300s",
}
_TURN = 0x7265637275697401
"""The advisory lock of whoever writes, in the database where it is taken."""
_WORK = _TURN + 1
"""The advisory lock of whoever purges, archives or restores."""
_SET = 10_000
"""How many rows are rewritten by one statement."""
_KINDS = (
    "SELECT attname, format_type(atttypid, atttypmod) AS kind FROM pg_attribute "
    "WHERE attrelid = to_regclass(?::text) AND attnum > 0"
)
_BREAKS = (
    asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InternalClientError,
    ConnectionError, TimeoutError,
)  # fmt: skip
"""The third: the server's farewell was read already, and the end of the line was not."""
_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({_TURN})"


class DatabaseAway(RecruitError):
    """The server can't be reached, or has broken off."""

    status = 503
    text = "The database can't be reached. Nothing was changed; try again in a minute."


class ServerUnfit(RecruitError):
    status = 503
    text = "This PostgreSQL can't be used: {why}."


class ServerTransaction(PostgresTransaction):
    """The only writer of its database while it lasts; reset and released whatever happens."""

    engine: "Server"

    async def __aenter__(self) -> "ServerTransaction":
        await self.engine.turn.acquire()
        try:
            self.connection = await self.engine.borrow()
            with _on_the_line(self.connection):
                await self.connection.execute(_BEGIN)
        except asyncpg.LockNotAvailableError as error:
            await self._release(broken=True)
            raise DatabaseBusy() from error
        except BaseException:
            await self._release(broken=True)
            raise
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(self, kind: Any, exception: Any, traceback: Any) -> Literal[False]:
        self.engine.current_transaction.reset(self.context)
        broken = True
        try:
            with _on_the_line(self.connection):
                done = await asyncio.shield(self.connection.execute("ROLLBACK" if kind else "COMMIT"))
            if not kind and done != "COMMIT":
                raise TransactionError("the server has rolled back what should have been committed")
            broken = False
        except DatabaseAway as away:
            if not kind:
                raise OutcomeUnknown() from away
        finally:
            await self._release(broken)
        return False

    async def _release(self, broken: bool) -> None:
        connection = getattr(self, "connection", None)
        try:
            if connection is not None and broken:
                self.engine.discard(connection)
            elif connection is not None:
                self.engine.give_back(connection)
        finally:
            self.engine.turn.release()


class Server(Engine, PostgresEngine):
    """PostgreSQL with kept connections; one engine serves one event loop."""

    def __init__(self, url: str) -> None:
        PostgresEngine.__init__(self, config={"dsn": url})
        self.url = url
        self._idle: list[Any] = []
        self._all: set[Any] = set()
        self._wants: dict[str, tuple[Converter | None, ...]] = {}
        self._room = asyncio.Semaphore(CONNECTIONS)
        self.turn = asyncio.Lock()

    async def check_version(self) -> None:
        """Piccolo would connect here, in an event loop of its own; `recruit check` looks at the version."""

    async def borrow(self) -> Any:
        """A connection that was alive when it was last looked at. DatabaseAway if there is none to be had."""
        await self._room.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
                self._all.discard(connection)
            connection = await connect(self.url)
        except BaseException:
            self._room.release()
            raise
        self._all.add(connection)
        return connection

    def give_back(self, connection: Any) -> None:
        self._idle.append(connection)
        self._room.release()

    def discard(self, connection: Any) -> None:
        """Throw it away at once: the server rolls back whatever it was in."""
        self._all.discard(connection)
        connection.terminate()
        self._room.release()

    async def close(self) -> None:
        self._idle.clear()
        for connection in list(self._all):
            self._all.discard(connection)
            if not connection.is_closed():
                await connection.close(timeout=5)

    def transaction(self, allow_nested: bool = False) -> ServerTransaction:
        return ServerTransaction(engine=self, allow_nested=allow_nested)

    async def _run_in_new_connection(self, query: str, args: Sequence[Any] | None = None) -> Any:
        """A read by itself; a write takes its turn, so that no transaction loses what it has judged by."""
        if query.lstrip()[:6].upper() != "SELECT":
            async with self.transaction() as held:
                return await self._fetch(held.connection, query, args)
        connection = await self.borrow()
        try:
            result = await self._fetch(connection, query, args)
        except BaseException:
            self.discard(connection)
            raise
        self.give_back(connection)
        return result

    async def _fetch(self, connection: Any, query: str, args: Sequence[Any] | None) -> list[Row]:
        sql = for_server(query)
        with _on_the_line(connection):
            given = converted(args, await self._wanted(connection, sql)) if args else []
            return [dict(row) for row in await connection.fetch(sql, *given)]

    async def _fetch_many(self, connection: Any, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        statement = for_server(sql)
        with _on_the_line(connection):
            through = await self._wanted(connection, statement)
            await connection.executemany(statement, [converted(row, through) for row in rows])

    async def rewrite(self, table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """By sets: one row after another keeps everybody who waits for a turn waiting more than twice as long."""
        held = self.current_transaction.get()
        if held is None:
            raise RuntimeError("rewrite belongs inside a transaction")
        kinds = {row["attname"]: row["kind"] for row in await self.run_sql(_KINDS, table)}
        given = ", ".join(f"${place}::{kinds[name]}[]" for place, name in enumerate([*names, "id"], 1))
        values = ", ".join(f"{name} = given.{name}" for name in names)
        sql = (
            f"UPDATE {table} SET {values} FROM unnest({given}) AS given({', '.join(names)}, id) "
            f"WHERE {table}.id = given.id"
        )
        with _on_the_line(held.connection):
            for start in range(0, len(rows), _SET):
                await held.connection.execute(sql, *map(list, zip(*rows[start : start + _SET], strict=True)))

    async def _wanted(self, connection: Any, sql: str) -> tuple[Converter | None, ...]:
        """The types that the server wants for the parameters of a statement; asked once."""
        if sql not in self._wants:
            statement = await connection.prepare(sql)
            self._wants[sql] = converters([kind.name for kind in statement.get_parameters()])
        return self._wants[sql]

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        with asyncio.Runner() as runner:
            connection = runner.run(connect(self.url, default_transaction_read_only="on"))
            try:
                yield _Reader(runner, connection)
            finally:
                runner.run(connection.close(timeout=5))

    async def faults(self) -> list[Wanted]:
        """ServerUnfit if it can't be used at all."""
        said = (await self.run_sql(SAID))[0]
        if why := unfit(said):
            raise ServerUnfit(why=why)
        return wrong(said)

    async def has_table(self, name: str) -> bool:
        """Asked of the catalogue's rows: names are looked up in a cache that may be older than the turn taken."""
        return bool(
            await self.run_sql("SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?", name)
        )

    async def copy_into(self, target: Path) -> None:
        connection = await connect(self.url)
        try:
            with _on_the_line(connection):
                await carrying.into_file(connection, self.tables, target)
        finally:
            await connection.close()

    async def replace_by(self, source: Path) -> None:
        connection = await connect(self.url)
        try:
            with _on_the_line(connection):
                await carrying.from_file(connection, self.tables, source)
        finally:
            await connection.close()

    async def empty(self) -> None:
        """While restoring: no row is left of what was refused or cut off; nothing to do where there are no tables."""
        if await self.has_table(self.tables[0]._meta.tablename):
            connection = await connect(self.url)
            try:
                with _on_the_line(connection):
                    await carrying.empty(connection, self.tables)
            finally:
                await connection.close()

    async def shrink(self) -> None:
        """Dead rows are the server's to vacuum: they hold keys that are wrapped under an epoch that has passed."""


class _Reader:
    def __init__(self, runner: asyncio.Runner, connection: Any) -> None:
        self._runner, self._connection = runner, connection

    def rows(self, sql: str, *args: Any) -> list[Row]:
        return self._runner.run(self._rows(for_server(sql), args))

    async def _rows(self, sql: str, args: Sequence[Any]) -> list[Row]:
        with _on_the_line(self._connection):
            statement = await self._connection.prepare(sql)
            through = converters([kind.name for kind in statement.get_parameters()])
            return [dict(row) for row in await statement.fetch(*converted(args, through))]


@asynccontextmanager
async def alone_at(url: str) -> AsyncIterator[bool]:
    """Whether nobody else is at work on that database; one in a file (no URL) is for its folder to lock."""
    if not url:
        yield True
        return
    connection = await connect(url)
    try:
        with _on_the_line(connection):
            got = await connection.fetchval(f"SELECT pg_try_advisory_lock({_WORK})")
        yield got
    finally:
        await connection.close(timeout=5)


async def make_beside(url: str) -> str:
    """An empty database beside this one, by the name `…_trial`; "" where the role may not make any."""
    connection = await connect(url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {_beside(url)} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {_beside(url)} TEMPLATE template0 ENCODING 'UTF8'")
    except asyncpg.InsufficientPrivilegeError:
        return ""
    finally:
        await connection.close(timeout=5)
    return urlsplit(url)._replace(path=f"/{_name(url)}_trial").geturl()


async def drop_beside(url: str) -> None:
    """No database that `make_beside` has made is left."""
    connection = await connect(url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {_beside(url)} WITH (FORCE)")
    finally:
        await connection.close(timeout=5)


@contextmanager
def _on_the_line(connection: Any) -> Iterator[None]:
    """DatabaseAway where the server breaks off, which shows in many ways; what it says of a statement goes through."""
    try:
        yield
    except _BREAKS as error:
        raise DatabaseAway() from error
    except asyncpg.InterfaceError as error:
        if not connection.is_closed():
            raise
        raise DatabaseAway() from error


def _name(url: str) -> str:
    return urlsplit(url).path.strip("/")


def _beside(url: str) -> str:
    name = unquote(_name(url)).replace('"', '""')
    return f'"{name}_trial"'


async def connect(url: str, **session: str) -> Any:
    """A new connection with the session settings that everything here relies on. DatabaseAway if there is none."""
    try:
        return await asyncpg.connect(dsn=url, server_settings=_SESSION | session, statement_cache_size=500, timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise DatabaseAway() from error
