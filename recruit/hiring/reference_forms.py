"""Forms for reference checks: the employer's own questions to referees, in both languages, and a ready set.

Guards that a form is about work and names nobody, and that a question which may ask what the law forbids is not kept
unread: whoever writes it says that they have read the rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from recruit import audit, typed
from recruit.errors import FormInvalid, NotFound
from recruit.hiring.lawful import objections
from recruit.hiring.questions import MayBeForbidden
from recruit.i18n import translator
from recruit.site import Site

MOST = 20
LONGEST = 300
READY = (
    "How do you know the candidate, and for how long?",
    "Which tasks did the candidate have, and how were they done?",
    "How does the candidate work together with others?",
    "What is the candidate especially good at?",
    "What would the candidate need help with, or to learn more of?",
    "Would you like to work with the candidate again?",
)
"""The questions where no form of the employer's own is chosen; message ids."""


@dataclass(frozen=True)
class Question:
    """A question in both languages; without an English text the Norwegian one is shown."""

    nb: str
    en: str = ""


@dataclass(frozen=True)
class Form:
    """A form with its questions; without an id it is the ready one."""

    id: UUID | None
    name: str
    questions: tuple[Question, ...]


def ready() -> tuple[Question, ...]:
    return tuple(Question(translator("nb")(text), text) for text in READY)


async def listed(site: Site) -> list[Form]:
    """The employer's own forms, by name."""
    return [_form(row) for row in await site.records.run_sql("SELECT * FROM reference_form ORDER BY name, id")]


def _form(row: Mapping[str, Any]) -> Form:
    nb, en = row["questions_nb"].splitlines(), row["questions_en"].splitlines()
    return Form(row["id"], row["name"], tuple(map(Question, nb, en or [""] * len(nb))))


async def one(site: Site, form: UUID) -> Form:
    """NotFound if there is none."""
    rows = await site.records.run_sql("SELECT * FROM reference_form WHERE id = ?", form)
    if not rows:
        raise NotFound()
    return _form(rows[0])


async def questions_of(site: Site, form: str) -> tuple[Question, ...]:
    """The questions of the form with this id; the ready ones for anything else."""
    found = [each.questions for each in await listed(site) if str(each.id) == form]
    return found[0] if found else ready()


async def save(site: Site, form: UUID | None, typed_in: Mapping[str, str], by: UUID, now: datetime) -> UUID:
    """A new form, or a form's new name and questions. FormInvalid for what is missing, MayBeForbidden for a hint."""
    name, nb, en = typed.line(typed_in.get("name", "")), _lines(typed_in, "nb"), _lines(typed_in, "en")
    _check(name, nb, en)
    found = objections(*nb, *en)
    if found and typed_in.get("accepted") != "1":
        raise MayBeForbidden(found)
    number = form or uuid4()
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO reference_form (id, name, questions_nb, questions_en, made_by) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name, questions_nb = excluded.questions_nb, "
            "questions_en = excluded.questions_en",
            *(number, name, "\n".join(nb), "\n".join(en), by),
        )
        await audit.record("reference_form.saved", now, by, form=number, accepted=bool(found))
    return number


def _lines(typed_in: Mapping[str, str], lang: str) -> list[str]:
    return [typed.line(text) for text in typed_in.get(f"questions_{lang}", "").splitlines() if text.strip()]


def _check(name: str, nb: list[str], en: list[str]) -> None:
    errors = {}
    if not 0 < len(name) <= 80:
        errors["name"] = "Write a name, in at most 80 characters."
    if not 0 < len(nb) <= MOST:
        errors["questions_nb"] = "Write from 1 to 20 questions, each on a line of its own."
    if en and len(en) != len(nb):
        errors["questions_en"] = "Write as many questions in English as in Norwegian, in the same order."
    for field, lines in (("questions_nb", nb), ("questions_en", en)):
        if any(len(text) > LONGEST for text in lines):
            errors[field] = "Shorten each question to 300 characters."
    if errors:
        raise FormInvalid(errors)


async def remove(site: Site, form: UUID, by: UUID, now: datetime) -> None:
    """A form goes; what referees were asked with it stays as it is."""
    await one(site, form)
    async with site.records.transaction():
        await site.records.run_sql("DELETE FROM reference_form WHERE id = ?", form)
        await audit.record("reference_form.removed", now, by, form=form)
