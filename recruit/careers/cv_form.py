"""A CV that is typed in the form: entries of experience, education and languages, a summary, and skills. Pure.

Guards that an empty entry is none, that a day is a month or a year and never guessed, and that what a CV file brought
fills only what was left empty.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from recruit import typed
from recruit.careers.cv_formats import MAX_ENTRIES, MAX_LINE, MAX_SKILLS, MAX_TEXT, Cv
from recruit.careers.rules import Answers
from recruit.curriculum import Education, Experience, LanguageSkill

_MONTH = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2}))?|(?P<month2>\d{1,2})[./ -](?P<year2>\d{4})")
_DAYS = ("began", "ended")

DAY_UNFIT = "Write month and year, like 03.2019, or the year alone."
BACKWARDS = "The end lies before the beginning."
TITLE_MISSING = {
    "experience": "Write what you worked as, or empty this entry.",
    "education": "Write what you studied, or empty this entry.",
    "languages": "Write which language, or empty this entry.",
}
LINE_LONG = "Shorten this to 200 characters."
TEXT_LONG = "Shorten this to 2,000 characters."
SKILLS_MANY = "Name at most 40 skills, one on each line."


@dataclass(frozen=True)
class Part:
    """One repeatable part of the form: its entries' struct, and the names of its fields."""

    name: str
    make: Callable[..., Any]
    fields: tuple[str, ...]
    leading: str


PARTS = (
    Part("experience", Experience, ("title", "employer", "began", "ended", "text"), "title"),
    Part("education", Education, ("title", "school", "began", "ended", "text"), "title"),
    Part("languages", LanguageSkill, ("name", "level"), "name"),
)


def typed_cv_of(fields: Mapping[str, str]) -> dict[str, Any]:
    """What was typed of a CV, as the fields of Answers; entries in which nothing stands are left out."""
    found: dict[str, Any] = {part.name: tuple(_entries(part, fields)) for part in PARTS}
    skills = (typed.line(text) for text in re.split(r"[\n,;]", fields.get("skills", "")))
    return {**found, "summary": fields.get("summary", ""), "skills": tuple(dict.fromkeys(filter(None, skills)))}


def _entries(part: Part, fields: Mapping[str, str]) -> list[Any]:
    numbers = {int(m[1]) for name in fields if (m := re.match(rf"{part.name}-(\d{{1,2}})-", name))}
    entries = []
    for number in sorted(numbers)[: MAX_ENTRIES + 1]:
        said = {name: fields.get(f"{part.name}-{number}-{name}", "") for name in part.fields}
        if any(said.values()):
            entries.append(part.make(**{name: _value(name, text) for name, text in said.items()}))
    return entries[:MAX_ENTRIES]


def _value(name: str, text: str) -> str:
    if name == "text":
        return text
    return (month_of(text) or typed.line(text)) if name in _DAYS else typed.line(text)


def month_of(text: str) -> str:
    """`2019-03` or `2019`, from `03.2019`, `3/2019`, `2019-3` or `2019`; nothing where it is none of these."""
    found = _MONTH.fullmatch(text.strip()) if text.isascii() else None
    if not found:
        return ""
    year, month = found["year"] or found["year2"], found["month"] or found["month2"]
    if not 1900 <= int(year) <= 2100 or (month and not 1 <= int(month) <= 12):
        return ""
    return f"{year}-{int(month):02}" if month else year


def shown_month(day: str) -> str:
    """As people write it: `03.2019`; what is no month stays as it is."""
    return f"{day[5:]}.{day[:4]}" if month_of(day) == day and "-" in day else day


def problems(answers: Answers) -> dict[str, str]:
    """What keeps a typed CV from being sent: a sentence (English message id) for each field at fault."""
    found: dict[str, str] = {}
    if len(answers.summary) > MAX_TEXT:
        found["summary"] = TEXT_LONG
    for part in PARTS:
        for number, entry in enumerate(getattr(answers, part.name)):
            wrong = _entry_problems(part, {name: getattr(entry, name) for name in part.fields})
            found |= {f"{part.name}-{number}-{name}": text for name, text in wrong.items()}
    if len(answers.skills) > MAX_SKILLS:
        found["skills"] = SKILLS_MANY
    elif any(len(skill) > MAX_LINE for skill in answers.skills):
        found["skills"] = LINE_LONG
    return found


def _entry_problems(part: Part, entry: Mapping[str, str]) -> dict[str, str]:
    found = {} if entry[part.leading] else {part.leading: TITLE_MISSING[part.name]}
    for name, text in entry.items():
        if name in _DAYS and text and month_of(text) != text:
            found[name] = DAY_UNFIT
        elif len(text) > (MAX_TEXT if name == "text" else MAX_LINE):
            found[name] = TEXT_LONG if name == "text" else LINE_LONG
    began, ended = entry.get("began", ""), entry.get("ended", "")
    length = min(len(began), len(ended))
    if length and not found.keys() & set(_DAYS) and ended[:length] < began[:length]:
        found["ended"] = BACKWARDS
    return found


def filled(answers: Answers, cv: Cv) -> Answers:
    """The form with what a CV file says in its empty places; entries that stand there already come first."""
    plain: dict[str, Any] = {
        name: getattr(answers, name) or getattr(cv, name) for name in ("name", "email", "phone", "summary")
    }
    lists: dict[str, Any] = {
        name: tuple(dict.fromkeys([*getattr(answers, name), *getattr(cv, name)]))[:most]
        for name, most in ((*((part.name, MAX_ENTRIES) for part in PARTS), ("skills", MAX_SKILLS)))
    }
    return replace(answers, **plain, **lists)


def fields_of(answers: Answers) -> dict[str, str]:
    """A typed CV as the fields of a form, the other way round: `typed_cv_of` gives it back."""
    entries = {
        f"{part.name}-{number}-{name}": getattr(entry, name)
        for part in PARTS
        for number, entry in enumerate(getattr(answers, part.name))
        for name in part.fields
    }
    return {**entries, "summary": answers.summary, "skills": "\n".join(answers.skills)}


def counted(answers: Answers, extra: str = "") -> dict[str, int]:
    """How many blocks of each part the form shows: what is there, at least one, and one more of the part asked for."""
    return {
        part.name: min(MAX_ENTRIES, max(1, len(getattr(answers, part.name)) + (part.name == extra))) for part in PARTS
    }
