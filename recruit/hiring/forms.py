"""The forms of hiring: from what was typed to values, or to a sentence for each mistake.

Guards that a mistake is said in words beside its field. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from recruit import typed
from recruit.errors import FormInvalid
from recruit.hiring.rules import SCREENING_KINDS
from recruit.tables import Person, Written

Answers = Mapping[str, str]

LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class VacancyForm:
    """A vacancy as it was typed."""

    title_nb: str
    title_en: str
    posting_nb: str
    posting_en: str
    place: str
    extent: str
    deadline: date | None


def vacancy(form: Answers) -> VacancyForm:
    """FormInvalid unless there are a Norwegian title and a place, and a deadline that is a date if there is one."""
    errors: dict[str, str] = {}
    longest = {
        "title_nb": 200,
        "title_en": 200,
        "place": 200,
        "extent": 100,
        "posting_nb": 20_000,
        "posting_en": 20_000,
    }
    for name, most in longest.items():
        if len(form.get(name, "")) > most:
            errors[name] = typed.TOO_LONG
    if not form.get("title_nb"):
        errors["title_nb"] = "Write the title of the vacancy."
    if not form.get("place"):
        errors["place"] = "Write the place of work."
    deadline = typed.day(form.get("deadline", ""))
    if form.get("deadline") and deadline is None:
        errors["deadline"] = "Write the date as year-month-day."
    if errors:
        raise FormInvalid(errors)
    return VacancyForm(
        title_nb=typed.line(form["title_nb"]),
        title_en=typed.line(form.get("title_en", "")),
        posting_nb=form.get("posting_nb", ""),
        posting_en=form.get("posting_en", ""),
        place=typed.line(form["place"]),
        extent=typed.line(form.get("extent", "")),
        deadline=deadline,
    )


def note(form: Answers) -> str:
    """FormInvalid unless something was written."""
    return _text(form, "note", "Write the note.")


def referee(form: Answers) -> Person:
    """FormInvalid unless there are a name and an e-mail address: the notice has to reach the referee (L11)."""
    errors: dict[str, str] = {}
    if not 0 < len(form.get("name", "")) <= 200:
        errors["name"] = "Write the referee's name."
    email = typed.email(form.get("email", ""))
    if not typed.is_email(email):
        errors["email"] = typed.EMAIL_UNFIT
    for name in ("phone", "relation"):
        if len(form.get(name, "")) > 200:
            errors[name] = typed.TOO_LONG
    if errors:
        raise FormInvalid(errors)
    told = {name: typed.line(form.get(name, "")) for name in ("name", "phone", "relation")}
    return Person(email=email, **told)


def screening(form: Answers) -> tuple[str, Written]:
    """Kind and words. FormInvalid unless a verification names its source (L10)."""
    errors: dict[str, str] = {}
    kind = form.get("kind", "")
    if kind not in SCREENING_KINDS:
        errors["kind"] = "Choose what this is."
    if not form.get("text"):
        errors["text"] = "Write what was found out."
    if kind == "verification" and not form.get("source"):
        errors["source"] = "Say where this comes from. The candidate is told."
    for name, most in (("text", LONGEST_TEXT), ("source", 300)):
        if len(form.get(name, "")) > most:
            errors[name] = typed.TOO_LONG
    if errors:
        raise FormInvalid(errors)
    return kind, Written(text=form["text"], more=typed.line(form.get("source", "")))


def _text(form: Answers, name: str, missing: str) -> str:
    text = form.get(name, "")
    if not text:
        raise FormInvalid({name: missing})
    if len(text) > LONGEST_TEXT:
        raise FormInvalid({name: typed.TOO_LONG})
    return text
