"""Sealing anew what stays of an application, and taking out what goes, when only some categories are erased (L27).

Guards that what stays is under the application's new key before the old one is destroyed, bit for bit the same content;
that what goes is never under the new one, and leaves its tables in one transaction, to which it can be put back as long
as its key lives. Running any of it again changes nothing. Nothing here decides; `parts` does.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Column, Date, ForeignKey, Timestamptz
from piccolo.table import Table

from recruit import data_map
from recruit.data_map import COLUMNS, FIELDS, SEALED, Category, Place
from recruit.database import IDS, ids
from recruit.site import Site
from recruit.tables import RECORDS, ApplicationData, TakenOut
from recruit.vault.sealing import UnitKey, reseal, seal, unit_of, unseal

Items = dict[str, list[str]]
"""What goes: ids of rows by table; of the application's own row the names of the fields that are emptied."""

_BY_NAME = {table._meta.tablename: table for table in RECORDS}
_OWN_ROW = "application"
_NOT_ROWS = {_OWN_ROW, "referee", "recipient", "guest_application"}
"""Taken by fields, erased as units of their own, and kept as long as somebody outside has to be told of something."""


def tables_of(category: Category) -> tuple[Place, ...]:
    """Where the rows of a category of an application are, those without words aside. What is made of others' rows comes
    first.
    """
    found = [
        place for place in data_map.of_unit("application") if place.table in SEALED and place.table not in _NOT_ROWS
    ]
    own = [place for place in found if COLUMNS[f"{place.table}.sealed"].category == category]
    return tuple(sorted(own, key=lambda place: place.table == "document"))


def fields_of(categories: Iterable[str]) -> tuple[str, ...]:
    """The fields of an application's own row that belong to these categories."""
    chosen = set(categories)
    return tuple(name for name in ApplicationData.__struct_fields__ if _category(name) in chosen)


def _category(name: str) -> str:
    return FIELDS[f"{_OWN_ROW}.sealed.{name}"].category


# --- what stays -------------------------------------------------------------------------------------------------------


async def seal_rows(site: Site, key: UnitKey) -> None:
    """In the caller's transaction: every row under the unit's key, whichever, under its present one.

    A row that somebody changes meanwhile is left to the next time.
    """
    for place in data_map.places():
        if place.table not in SEALED:
            continue
        rows = await site.records.run_sql(f"SELECT id, sealed FROM {place.table} WHERE {place.column} = ?", key.unit)
        for row in rows:
            blob = bytes(row["sealed"])
            fresh = reseal(key, place.table, row["id"], blob) if unit_of(blob) == key.unit else None
            if fresh is not None:
                await site.records.run_sql(
                    f"UPDATE {place.table} SET sealed = ? WHERE id = ? AND sealed = ?", fresh, row["id"], row["sealed"]
                )


# --- what goes --------------------------------------------------------------------------------------------------------


class WrittenSince(Exception):
    """Something that goes was written anew under the key that is to stay: another key has to take that one's place."""


async def take_out(site: Site, key: UnitKey, part: UnitKey, items: Items) -> bytes:
    """In the caller's transaction: what goes leaves its tables; the same rows sealed under the part's key.

    WrittenSince, which undoes it, if any of it is under the unit's present key.
    """
    taken: list[tuple[str, dict[str, Any]]] = []
    for table, wanted in rows_of(items):
        rows = await site.records.run_sql(f"SELECT * FROM {table} WHERE id IN {IDS}", wanted)
        _require_former(key, table, rows)
        taken += [(table, row) for row in rows]
        await site.records.run_sql(f"DELETE FROM {table} WHERE id IN {IDS}", wanted)
    if items.get(_OWN_ROW):
        taken += [(_OWN_ROW, await _empty_fields(site, key, part, items[_OWN_ROW]))]
    return seal(part, "partial_erasure", part.unit, TakenOut(rows=msgspec.msgpack.encode(taken)))


def _require_former(key: UnitKey, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        blob = bytes(row["sealed"])
        if unit_of(blob) == key.unit and reseal(key, table, row["id"], blob) is None:
            raise WrittenSince()


def rows_of(items: Items) -> list[tuple[str, str]]:
    """Tables and lists of ids; a document after what was made from it."""
    chosen = [(table, ids(rows)) for table, rows in items.items() if table not in _NOT_ROWS]
    return sorted(chosen, key=lambda each: each[0] == "document")


async def _empty_fields(site: Site, key: UnitKey, part: UnitKey, fields: Sequence[str]) -> dict[str, Any]:
    """The application's row loses these fields; as it was, under the part's key."""
    bare = ApplicationData()
    _require_former(
        key, _OWN_ROW, await site.records.run_sql("SELECT id, sealed FROM application WHERE id = ?", key.unit)
    )
    given = await _change_fields(site, key, {name: getattr(bare, name) for name in fields})
    return {"id": key.unit, "sealed": seal(part, _OWN_ROW, key.unit, given)}


async def _change_fields(site: Site, key: UnitKey, fields: dict[str, Any]) -> ApplicationData:
    """New values for fields of the application's own row, under the present key; what it said before."""
    rows = await site.records.run_sql("SELECT id, sealed FROM application WHERE id = ?", key.unit)
    given = unseal(key, _OWN_ROW, key.unit, bytes(rows[0]["sealed"]), ApplicationData)
    fresh = seal(key, _OWN_ROW, key.unit, msgspec.structs.replace(given, **fields))
    await site.records.run_sql("UPDATE application SET sealed = ? WHERE id = ?", fresh, key.unit)
    return given


async def delete(site: Site, items: Items) -> None:
    """In the caller's transaction: the rows of what goes, where they still stand in their tables."""
    for table, rows in rows_of(items):
        await site.records.run_sql(f"DELETE FROM {table} WHERE id IN {IDS}", rows)


async def empty_fields(site: Site, key: UnitKey, items: Items) -> None:
    """In the caller's transaction: the fields of the application's own row that go, if the row is there."""
    rows = await site.records.run_sql("SELECT 1 FROM application WHERE id = ?", key.unit)
    if rows and items.get(_OWN_ROW):
        bare = ApplicationData()
        await _change_fields(site, key, {name: getattr(bare, name) for name in items[_OWN_ROW]})


async def put_back(site: Site, key: UnitKey, part: UnitKey, items: Items, sealed: bytes) -> None:
    """In the caller's transaction: what was taken out stands in its tables again."""
    taken = msgspec.msgpack.decode(unseal(part, "partial_erasure", part.unit, sealed, TakenOut).rows)
    for table, row in reversed(taken):
        if table == _OWN_ROW:
            given = unseal(part, _OWN_ROW, key.unit, row["sealed"], ApplicationData)
            await _change_fields(site, key, {name: getattr(given, name) for name in items[_OWN_ROW]})
        else:
            await _insert(site, _BY_NAME[table], row)


async def _insert(site: Site, table: type[Table], row: Mapping[str, Any]) -> None:
    values = [_value(column, row[column._meta.name]) for column in table._meta.columns]
    names = ", ".join(column._meta.name for column in table._meta.columns)
    marks = ", ".join("?" for _ in values)
    await site.records.run_sql(
        f"INSERT INTO {table._meta.tablename} ({names}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING", *values
    )


def _value(column: Column, value: Any) -> Any:
    """A value as the database takes it; ids and days were texts meanwhile."""
    if isinstance(column, (UUIDColumn, ForeignKey)) and isinstance(value, str):
        return UUID(value)
    if isinstance(column, Date) and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(column, Timestamptz) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value
