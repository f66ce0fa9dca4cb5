"""Carrying a whole database between the engines: archives hold files of the embedded engine, whichever made them.

Guards that such a copy is of one instant, that it loses no column and no row, and that filling a database is all or
nothing. What is carried is sealed already, and is never held in memory as a whole.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import UUID

from piccolo.columns import Column
from piccolo.table import Table

from recruit.database.portable import converted, converters
from recruit.database.schema import VERSION, tables_for

_AT_ONCE = 1000

Tables = Sequence[type[Table]]


async def into_file(connection: Any, tables: Tables, target: Path) -> None:
    """All rows as of one instant, into a new file that says at which step it is. The connection is asyncpg's."""
    await asyncio.to_thread(target.unlink, missing_ok=True)
    with closing(sqlite3.connect(target, isolation_level=None, check_same_thread=False)) as file:
        for statement in ("PRAGMA journal_mode = OFF", "BEGIN", *tables_for("sqlite", tables)):
            file.execute(statement)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            for table in tables:
                await _copy_rows(connection, table, file)
            number = await connection.fetchval(f"SELECT number FROM {VERSION}")
        file.execute(f"CREATE TABLE {VERSION} (number INTEGER, digest TEXT)")
        file.execute(f"INSERT INTO {VERSION} (number, digest) VALUES (?, '')", [number])
        await asyncio.to_thread(file.execute, "COMMIT")


async def _copy_rows(connection: Any, table: type[Table], file: sqlite3.Connection) -> None:
    names = [_quoted(column) for column in table._meta.columns]
    listed, places = ", ".join(names), ", ".join("?" for _ in names)
    insert = f'INSERT INTO "{table._meta.tablename}" ({listed}) VALUES ({places})'
    cursor = await connection.cursor(f'SELECT {listed} FROM "{table._meta.tablename}"')
    while rows := await cursor.fetch(_AT_ONCE):
        await asyncio.to_thread(file.executemany, insert, [[_plain(value) for value in row] for row in rows])


async def from_file(connection: Any, tables: Tables, source: Path) -> None:
    """The tables hold what the file does, in one transaction; what triggers refuse was judged when it was written."""
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, check_same_thread=False)) as file:
        async with connection.transaction(), _past_the_triggers(connection, tables):
            await _delete_all(connection, tables)
            for table in tables:
                await _fill(connection, table, file)


async def empty(connection: Any, tables: Tables) -> None:
    """No row is left, in one transaction."""
    async with connection.transaction(), _past_the_triggers(connection, tables):
        await _delete_all(connection, tables)


@asynccontextmanager
async def _past_the_triggers(connection: Any, tables: Tables) -> AsyncIterator[None]:
    """Of the tables' owner; within a transaction, so that nobody else ever sees them without."""
    for table in tables:
        await connection.execute(f'ALTER TABLE "{table._meta.tablename}" DISABLE TRIGGER USER')
    yield
    for table in tables:
        await connection.execute(f'ALTER TABLE "{table._meta.tablename}" ENABLE TRIGGER USER')


async def _delete_all(connection: Any, tables: Tables) -> None:
    for table in reversed(tables):
        await connection.execute(f'DELETE FROM "{table._meta.tablename}"')


async def _fill(connection: Any, table: type[Table], file: sqlite3.Connection) -> None:
    name, columns = table._meta.tablename, [column._meta.db_column_name for column in table._meta.columns]
    listed = ", ".join(_quoted(column) for column in table._meta.columns)
    asked = await connection.prepare(f'SELECT {listed} FROM "{name}"')
    through = converters([attribute.type.name for attribute in asked.get_attributes()])
    cursor = file.execute(f'SELECT {listed} FROM "{name}"')
    while rows := await asyncio.to_thread(cursor.fetchmany, _AT_ONCE):
        records = [converted(row, through) for row in rows]
        await connection.copy_records_to_table(name, columns=columns, records=records)


def _plain(value: Any) -> Any:
    """Ids as the embedded engine keeps them; asyncpg's are of a kind of their own."""
    return str(value) if isinstance(value, UUID) else value


def _quoted(column: Column) -> str:
    return f'"{column._meta.db_column_name}"'
