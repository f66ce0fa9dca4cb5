"""One template environment for pages, mails and receipts.

Guards that an undefined name fails instead of printing nothing, and that what people wrote is escaped in every HTML.
"""

import hashlib
from datetime import date, datetime
from functools import cache
from typing import Any

import jinja2
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from recruit.i18n import format_date, format_instant, format_month
from recruit.paths import PACKAGE, templates_dir


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(templates_dir()),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["edition"] = _edition()
    env.filters["date"] = _date
    env.filters["instant"] = _instant
    env.filters["month"] = _month
    return env


def _edition() -> str:
    """Stands in the addresses of stylesheet and script, which browsers keep for a week: new ones get new addresses."""
    files = (PACKAGE / "static" / name for name in ("app.css", "app.js"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


@jinja2.pass_context
def _date(context: Any, value: date) -> str:
    return format_date(value, context["lang"])


@jinja2.pass_context
def _month(context: Any, value: date) -> str:
    return format_month(value, context["lang"])


@jinja2.pass_context
def _instant(context: Any, value: datetime) -> str:
    return format_instant(value, context["lang"])
