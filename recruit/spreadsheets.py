"""Tables as CSV, harmless in a spreadsheet.

Guards that nothing somebody typed runs as a formula in the program that opens the file. Pure.
"""

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """A value as a cell shows it; what a spreadsheet would compute is kept as text by an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_STARTS) else text


def table(rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as UTF-8 with a mark at the start, by which spreadsheets know it; fields parted by semicolons."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([[cell(value) for value in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
