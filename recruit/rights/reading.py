"""The copy of everything, made for reading: the same values as in its JSON, under headings and in words (L24).

Guards that the paper leaves out nothing that the JSON holds: it is made of that very value, key by key, and a key
without words of its own fails a test. Pure.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from recruit.i18n import Translate, format_date, format_instant
from recruit.rights import words

_CELL, _WIDE_CELL = 90, 400
"""So many characters fit a cell of a table, and of one with two columns; what is longer is read better by itself."""
_COLUMNS = 5


class Table(Struct):
    """Rows of the same kind, each short enough for a line."""

    title: str
    columns: list[str]
    rows: list[list[str]]


class Block(Struct):
    """A heading with what stands under it: facts (what, words), then tables and further blocks in their order."""

    title: str
    facts: list[tuple[str, str]] = msgspec.field(default_factory=list)
    parts: list["Table | Block"] = msgspec.field(default_factory=list)


def made_for_reading(data: Mapping[str, Any], tr: Translate) -> list[Block]:
    """The blocks of the paper, in the order of the copy; who the employer is and when it was made stand above them."""
    return [_top(key, _plain(value), tr) for key, value in data.items() if key not in ("employer", "made_at")]


def _top(key: str, value: Any, tr: Translate) -> Block:
    """One part of the copy under a heading of its own, also where there is nothing in it."""
    if isinstance(value, Mapping):
        return _block(label_of(key, tr), value, tr)
    whole = _block("", {key: value}, tr)
    found = whole.parts[0] if whole.parts else None
    if isinstance(found, Block):
        return found
    return Block(label_of(key, tr), parts=[found]) if found else Block(label_of(key, tr), [("", whole.facts[0][1])])


def _block(title: str, values: Mapping[str, Any], tr: Translate) -> Block:
    block = Block(title)
    for key, value in values.items():
        _add(block, key, value, tr)
    return block


def _add(block: Block, key: str, value: Any, tr: Translate) -> None:
    label, plain = label_of(key, tr), _plain(value)
    if isinstance(plain, Mapping):
        block.parts.append(_block(label, plain, tr))
    elif isinstance(plain, list) and plain and isinstance(_plain(plain[0]), Mapping):
        rows = [_plain(row) for row in plain]
        several = [_entry(row, place, tr) for place, row in enumerate(rows, 1)]
        block.parts.append(_table(label, rows, tr) if _fits_a_table(rows, tr) else Block(label, parts=[*several]))
    else:
        block.facts.append((label, said(key, plain, tr)))


def _entry(row: Mapping[str, Any], place: int, tr: Translate) -> Block:
    """One of several: called by what tells it from the others, else by its number."""
    title = next((str(row[key]) for key in ("vacancy", "subject") if row.get(key)), tr("No. {n}", n=place))
    return _block(title, {key: value for key, value in row.items() if key not in ("vacancy", "subject")}, tr)


def _fits_a_table(rows: Sequence[Mapping[str, Any]], tr: Translate) -> bool:
    if any(list(row) != list(rows[0]) for row in rows) or len(rows[0]) > _COLUMNS:
        return False
    longest = _WIDE_CELL if len(rows[0]) == 2 else _CELL
    return all(
        not isinstance(_plain(value), Mapping | list) and len(said(key, value, tr)) <= longest
        for row in rows
        for key, value in row.items()
    )


def _table(title: str, rows: Sequence[Mapping[str, Any]], tr: Translate) -> Table:
    columns = [label_of(key, tr) for key in rows[0]]
    return Table(title, columns, [[said(key, value, tr) for key, value in row.items()] for row in rows])


def _plain(value: Any) -> Any:
    """A struct as the mapping that its JSON is."""
    return msgspec.structs.asdict(value) if isinstance(value, Struct) else value


# --- words ----------------------------------------------------------------------------------------------------------


def label_of(key: str, tr: Translate) -> str:
    """What a key of the copy is called; one that nobody has named is at least readable."""
    return tr(words.COPY[key]) if key in words.COPY else key.replace("_", " ").capitalize()


def said(key: str, value: Any, tr: Translate) -> str:
    """One value in words."""
    if value is None or value in ("", []):
        return tr("None")
    if isinstance(value, bool):
        return tr("Yes") if value else tr("No")
    if isinstance(value, datetime):
        return format_instant(value, tr.lang)
    if isinstance(value, date):
        return format_date(value, tr.lang)
    if isinstance(value, list):
        return ", ".join(said(key, each, tr) for each in value)
    if key == "size":
        return tr("{n} kB", n=max(1, round(int(value) / 1024)))
    coded = words.CODES.get(key, {}).get(str(value))
    return tr(coded) if coded else str(value)
