"""The forms of hiring: from what was typed to values, or to a sentence for each mistake.

Guards that a mistake is said in words beside its field. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from recruit import typed
from recruit.errors import FormInvalid
from recruit.hiring import terms, tripwire
from recruit.hiring.questions import KINDS, Question
from recruit.hiring.rules import SCREENING_KINDS
from recruit.i18n import LANGUAGES, Language
from recruit.tables import Person, Screened

Answers = Mapping[str, str]

LONGEST_TEXT = 20_000
LONG_WORDS = "Shorten the text to 4,000 characters."


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
    standing: bool = False
    contact: str = ""
    contact_phone: str = ""
    contact_title: str = ""
    way: str = ""


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
        "contact_phone": 40,
        "contact_title": 100,
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
    if deadline and form.get("standing"):
        errors["deadline"] = "A standing vacancy has no deadline. Leave it out, or take away the mark."
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
        standing=form.get("standing") == "1",
        contact=form.get("contact", ""),
        contact_phone=typed.line(form.get("contact_phone", "")),
        contact_title=typed.line(form.get("contact_title", "")),
        way=form.get("way", ""),
    )


def question(form: Answers, unit: UUID) -> Question:
    """FormInvalid without a Norwegian text, or for a choice with fewer than two answers or other ones in English."""
    errors: dict[str, str] = {}
    kind = form.get("kind", "")
    if kind not in KINDS:
        errors["kind"] = "Choose what kind of answer it is."
    options = {lang: _lines(form.get(f"options_{lang}", "")) for lang in ("nb", "en")}
    for name in ("text_nb", "text_en"):
        if len(form.get(name, "")) > 500:
            errors[name] = typed.TOO_LONG
    if not form.get("text_nb"):
        errors["text_nb"] = "Write the question."
    if kind == "choice" and not 2 <= len(options["nb"]) <= 20:
        errors["options_nb"] = "Write from two to twenty answers, one a line."
    if kind == "choice" and options["en"] and len(options["en"]) != len(options["nb"]):
        errors["options_en"] = "Write as many answers in English as in Norwegian, in the same order."
    if any(len(line) > 200 for lines in options.values() for line in lines):
        errors["options_nb"] = typed.TOO_LONG
    if errors:
        raise FormInvalid(errors)
    return Question(
        id=unit,
        kind=kind,  # type: ignore[arg-type]
        required=form.get("required") == "1",
        text_nb=typed.line(form["text_nb"]),
        text_en=typed.line(form.get("text_en", "")),
        options_nb=options["nb"] if kind == "choice" else (),
        options_en=options["en"] if kind == "choice" else (),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(typed.line(line) for line in text.splitlines() if line.strip())


def closing_words(form: Answers) -> dict[Language, str]:
    """The closing mail's own words, in the languages in which some were written; FormInvalid if they are too long."""
    said: dict[Language, str] = {lang: text for lang in LANGUAGES if (text := form.get(f"words_{lang}", ""))}
    errors = {f"words_{lang}": LONG_WORDS for lang, text in said.items() if len(text) > 4000}
    if errors:
        raise FormInvalid(errors)
    return said


def note(form: Answers) -> tuple[str, str]:
    """The note, and why something sensitive has to stand in it. FormInvalid if it is empty, or if that is not said."""
    text = _text(form, "note", "Write the note.")
    return text, tripwire.reason(form, "note_why", text)


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


def screening(form: Answers) -> tuple[str, Screened]:
    """Kind and words. FormInvalid unless a verification names its source (L10)."""
    kind = form.get("kind", "")
    if kind == "expectations":
        return kind, terms.expectations(form)
    errors: dict[str, str] = {}
    if kind not in SCREENING_KINDS or kind == "offer_details":
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
    why = tripwire.reason(form, "text_why", form["text"], form.get("source", ""))
    return kind, Screened(text=form["text"], more=typed.line(form.get("source", "")), why=why)


def _text(form: Answers, name: str, missing: str) -> str:
    text = form.get(name, "")
    if not text:
        raise FormInvalid({name: missing})
    if len(text) > LONGEST_TEXT:
        raise FormInvalid({name: typed.TOO_LONG})
    return text
