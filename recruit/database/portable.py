"""Statements that both engines understand: written once, for SQLite, and translated for PostgreSQL.

Guards that a value means the same on both: a list of ids is one parameter, a day or an id may come as text, and a
question mark inside a quoted word stays one. Pure: text and values in, text and values out.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

IDS = "(SELECT value FROM json_each(?))"
"""What `id IN` is compared with where the parameter is a list made by `ids`."""

SKIP_LOCKED = "/* skip locked */"
"""Behind the sub-select that claims rows: what another process is claiming at this moment is passed over."""

ALL = 2**62
"""A limit that is none."""


def ids(units: Iterable[UUID | str]) -> str:
    """A list of ids (or words) of any length as one parameter."""
    return msgspec.json.encode(list(units)).decode()


_PLACES = re.compile(
    r"'(?:[^']|'')*'"  # a quoted word stays as it is
    rf"|(?P<none>\bNOT IN {re.escape(IDS)})|(?P<any>\bIN {re.escape(IDS)})"
    rf"|(?P<differs>\bIS NOT \?)|(?P<same>\bIS \?)|(?P<skip>{re.escape(SKIP_LOCKED)})|(?P<value>\?)"
)
_MEANING = {
    "none": "<> ALL({})",
    "any": "= ANY({})",
    "differs": "IS DISTINCT FROM {}",
    "same": "IS NOT DISTINCT FROM {}",
    "value": "{}",
}


@lru_cache(maxsize=2048)
def for_server(sql: str) -> str:
    """The statement as PostgreSQL takes it."""
    number = 0

    def meant(found: re.Match[str]) -> str:
        nonlocal number
        kind = found.lastgroup
        if kind is None:
            return found[0]
        if kind == "skip":
            return "FOR UPDATE SKIP LOCKED"
        number += 1
        return _MEANING[kind].format(f"${number}")

    return _PLACES.sub(meant, sql)


def _as_date(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _as_instant(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _as_truth(value: Any) -> Any:
    return bool(value) if isinstance(value, int) else value


def _as_number(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _as_list(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str) else value


Converter = Callable[[Any], Any]

_CONVERTERS: dict[str, Converter] = {
    "date": _as_date,
    "timestamptz": _as_instant,
    "text": _as_text,
    "varchar": _as_text,
    "bool": _as_truth,
    "int2": _as_number,
    "int4": _as_number,
    "int8": _as_number,
}


def converters(types: Sequence[str]) -> tuple[Converter | None, ...]:
    """What each parameter goes through, by the types that the server says it wants."""
    return tuple(_as_list if name.endswith("[]") else _CONVERTERS.get(name) for name in types)


def converted(values: Sequence[Any], through: Sequence[Converter | None]) -> list[Any]:
    return [value if how is None or value is None else how(value) for value, how in zip(values, through, strict=True)]
