"""Statements are written once: what the translation for the server changes, and what it leaves alone."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from recruit.database import IDS, SKIP_LOCKED, ids
from recruit.database.portable import converted, converters, for_server

UNIT = UUID(int=7)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("SELECT a FROM b WHERE c = ? AND d < ?", "SELECT a FROM b WHERE c = $1 AND d < $2"),
        ("SELECT '?' AS a, 'it''s ?' AS b WHERE c = ?", "SELECT '?' AS a, 'it''s ?' AS b WHERE c = $1"),
        (f"DELETE FROM a WHERE b IN {IDS} AND c = ?", "DELETE FROM a WHERE b = ANY($1) AND c = $2"),
        (f"DELETE FROM a WHERE b NOT IN {IDS}", "DELETE FROM a WHERE b <> ALL($1)"),
        ("SELECT 1 FROM a WHERE b IS ? AND c IS NOT ? AND d IS NULL", "SELECT 1 FROM a WHERE b IS NOT DISTINCT FROM $1 "
         "AND c IS DISTINCT FROM $2 AND d IS NULL"),
        (f"SELECT id FROM a LIMIT ? {SKIP_LOCKED}", "SELECT id FROM a LIMIT $1 FOR UPDATE SKIP LOCKED"),
        ("SELECT $1", "SELECT $1"),
    ],
)  # fmt: skip
def test_a_statement_is_translated(written: str, meant: str) -> None:
    assert for_server(written) == meant


def test_values_become_what_the_server_asks_for() -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    types = ("uuid[]", "date", "timestamptz", "varchar", "bool", "int4", "bytea", "date")
    given = (ids([UNIT]), "2026-03-02", now.isoformat(), UNIT, 1, True, b"x", None)
    wanted = [[str(UNIT)], date(2026, 3, 2), now, str(UNIT), True, 1, b"x", None]
    assert converted(given, converters(types)) == wanted
    assert [type(each) for each in converted(given, converters(types))] == [type(each) for each in wanted]
