"""The log: lines for people, or one JSON object a line for programs; nothing about anybody in either.

Guards that of a fault only its kind and place are written, never its message, which may hold what somebody typed; and
that of a library's line only the sentence is written, without what was put into it.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

_QUIET = ("piccolo", "weasyprint", "fontTools", "pyhanko", "apscheduler", "pikepdf", "botocore", "urllib3")


def begin(kind: str = "text", stream: TextIO | None = None) -> None:
    """Write everything to one stream (standard error), as `text` or as `json`; done again, it takes the place.

    A program that we run inside of, and that writes a log of its own, goes on doing so.
    """
    root = logging.getLogger()
    for mine in [each for each in root.handlers if isinstance(each.formatter, Text | Json)]:
        root.removeHandler(mine)
    if stream or not root.handlers:
        handler = logging.StreamHandler(stream or sys.stderr)
        handler.setFormatter(Json() if kind == "json" else Text())
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        logging.raiseExceptions = False  # a line that can't be written would be shown with its fault's message
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


class Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{_instant(record)} {record.name} {_said(record)}{_behind(record)}"


class Json(logging.Formatter):
    """`at`, `level`, `log` and `message`; `fault` where there was one; what else a line says in fields of its own."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": _instant(record), "level": record.levelname.lower(), "log": record.name, "message": _said(record)
        }  # fmt: skip
        if fault := _fault(record):
            line["fault"] = kind_and_place(fault)
        return json.dumps(line | getattr(record, "fields", {}), ensure_ascii=False)


def kind_and_place(fault: BaseException) -> str:
    """Of the first fault behind this one: its kind and where it was raised, never its message."""
    while isinstance(fault, BaseExceptionGroup) or fault.__cause__:
        fault = fault.exceptions[0] if isinstance(fault, BaseExceptionGroup) else fault.__cause__ or fault
    places = traceback.extract_tb(fault.__traceback__)
    return f"{type(fault).__name__} at {places[-1].filename}:{places[-1].lineno}" if places else type(fault).__name__


def _said(record: logging.LogRecord) -> str:
    """Our own lines as they are; of another's only the first line, before anything was put into it."""
    if record.name.split(".")[0] == "recruit":
        return record.getMessage()
    return str(record.msg).partition("\n")[0] if isinstance(record.msg, str) else type(record.msg).__name__


def _fault(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _behind(record: logging.LogRecord) -> str:
    fault = _fault(record)
    return f" ({kind_and_place(fault)})" if fault else ""


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
