"""Every column of every table: whose it is, how it leaves, how it goes, and why.

Guards that export, erasure and the notice forget nothing: a new column without an entry fails here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from piccolo.columns import Integer
from piccolo.table import Table

SAID = ("whose", "category", "export", "purge", "why")


def columns(tables: Iterable[type[Table]]) -> set[str]:
    """`table.column` of all of them, the primary keys included."""
    return {f"{t._meta.tablename}.{c._meta.name}" for t in tables for c in t._meta.columns}


def gaps(tables: Iterable[type[Table]], entries: Mapping[str, Any]) -> list[str]:
    """Columns without an entry, entries without a column, entries that leave something unsaid."""
    real = columns(tables)
    found = [f"{name}: has no entry" for name in real - set(entries)]
    found += [f"{name}: no such column" for name in set(entries) - real]
    for name, entry in entries.items():
        found += [f"{name}: does not say {word}" for word in SAID if not str(getattr(entry, word, "") or "").strip()]
    return sorted(found)


def test_every_column_has_an_entry() -> None:
    from recruit import data_map, tables

    assert len(columns((*tables.RECORDS, *tables.KEYRING))) > 50
    assert gaps((*tables.RECORDS, *tables.KEYRING), data_map.COLUMNS) == []


def test_every_table_belongs_to_one_database() -> None:
    from recruit import tables

    mine = {t for t in vars(tables).values() if isinstance(t, type) and issubclass(t, Table) and t is not Table}
    assert mine == set(tables.RECORDS) | set(tables.KEYRING)
    assert not set(tables.RECORDS) & set(tables.KEYRING)


def test_a_forgotten_column_an_old_entry_and_a_silent_one_are_found() -> None:
    class Planted(Table):
        kept = Integer()
        forgotten = Integer()

    class Entry:
        whose = category = export = purge = "said"
        why = ""

    found = gaps([Planted], {"planted.id": Entry(), "planted.kept": Entry(), "planted.gone": Entry()})
    assert "planted.forgotten: has no entry" in found
    assert "planted.gone: no such column" in found
    assert "planted.kept: does not say why" in found
