"""What a candidate expects and what they are offered, as values: salary, days, months (L9). Pure.

Guards that a number is a number before it stands in a letter, and that the same value reads the same on every page and
paper.
"""

import re
from collections.abc import Mapping
from datetime import date

from recruit import typed
from recruit.errors import FormInvalid
from recruit.hiring import tripwire
from recruit.i18n import Translate, format_date
from recruit.tables import Screened, Terms

LONGEST = 4000
TEXT_TOO_LONG = "Shorten the text to 4,000 characters."
PER = {"year": "a year", "month": "a month", "hour": "an hour"}
"""For what the salary is (English message ids)."""
_SALARY = {
    "year": "{amount} kroner a year",
    "month": "{amount} kroner a month",
    "hour": "{amount} kroner an hour",
}
_FORM = Mapping[str, str]


def expectations(form: _FORM) -> Screened:
    """What the candidate hopes for. FormInvalid for a number or a day that is none, or if nothing at all was said."""
    errors: dict[str, str] = {}
    found = _terms(form, errors)
    text = form.get("wishes", "")
    if not errors and not text and found == Terms(per=found.per):
        errors["salary"] = "Write down at least one thing."
    _check_text(text, "wishes", errors)
    if errors:
        raise FormInvalid(errors)
    return Screened(text=text, terms=found, why=tripwire.reason(form, "wishes_why", text))


def offer(form: _FORM, today: date) -> Screened:
    """What is offered. FormInvalid unless position, salary, first day and the day of the answer are there."""
    errors: dict[str, str] = {}
    found = _terms(form, errors)
    if not found.position or len(found.position) > 200:
        errors["position"] = "Write the title of the position, in at most 200 characters."
    for name, value in (("salary", found.salary), ("starts_on", found.starts_on), ("reply_by", found.reply_by)):
        if not value and name not in errors:
            errors[name] = "An offer needs this."
    if found.reply_by and found.reply_by < today:
        errors["reply_by"] = "Name a day that is still to come."
    text = form.get("words", "")
    _check_text(text, "words", errors)
    if errors:
        raise FormInvalid(errors)
    return Screened(text=text, terms=found, why=tripwire.reason(form, "words_why", text))


def _check_text(text: str, name: str, errors: dict[str, str]) -> None:
    if len(text) > LONGEST:
        errors[name] = TEXT_TOO_LONG


def _terms(form: _FORM, errors: dict[str, str]) -> Terms:
    per = form.get("per", "year")
    return Terms(
        position=typed.line(form.get("position", "")),
        salary=_number(form, "salary", 99_999_999, "Write the salary as a whole number of kroner.", errors) or 0,
        per=per if per in PER else "year",
        extent=_number(form, "extent", 100, "Write from 1 to 100.", errors),
        starts_on=_day(form, "starts_on", errors),
        trial_months=_number(form, "trial_months", 6, "At most six months (Working Environment Act § 15-6).", errors),
        notice_months=_number(form, "notice_months", 12, "Write the months as a number, at most 12.", errors),
        reply_by=_day(form, "reply_by", errors),
    )


def _number(form: _FORM, name: str, most: int, text: str, errors: dict[str, str]) -> int | None:
    digits = re.sub(r"[\s.]", "", form.get(name, ""))
    if not digits:
        return None
    if re.fullmatch(r"[0-9]{1,8}", digits) and int(digits) <= most and (name != "extent" or int(digits)):
        return int(digits)
    errors[name] = text
    return None


def _day(form: _FORM, name: str, errors: dict[str, str]) -> date | None:
    found = typed.day(form.get(name, ""))
    if form.get(name) and found is None:
        errors[name] = "Write the date as year-month-day."
    return found


# --- in words ---------------------------------------------------------------------------------------------------------


def form_of(found: Terms) -> dict[str, str]:
    """The values as a form has them, for one that begins with what is known."""
    values = {name: getattr(found, name) for name in Terms.__struct_fields__}
    return {name: str(value) for name, value in values.items() if value}


def lines(found: Terms | None, tr: Translate) -> list[tuple[str, str]]:
    """Each value that was said: what it is called, and how it reads."""
    if found is None:
        return []
    amount = f"{found.salary:,}".replace(",", "\N{NO-BREAK SPACE}")
    said = (
        ("Position", found.position),
        ("Salary", tr(_SALARY[found.per], amount=amount) if found.salary else ""),
        ("Extent", f"{found.extent} %" if found.extent else ""),
        ("First day", _dated(found.starts_on, tr)),
        ("Time on trial", _months(found.trial_months, tr)),
        ("Notice period", _months(found.notice_months, tr)),
        ("Answer by", _dated(found.reply_by, tr)),
    )
    return [(tr(name), value) for name, value in said if value]


def _dated(day: date | None, tr: Translate) -> str:
    return format_date(day, tr.lang) if day else ""


def _months(n: int | None, tr: Translate) -> str:
    if n is None:
        return ""
    return tr.plural("{n} month", "{n} months", n) if n else tr("None")
