"""A vacancy's own questions in the application form: read, asked, and the answers judged.

Guards that an answer keeps the question as it stood when it was answered, and that only what was asked is kept.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from recruit import typed
from recruit.curriculum import Answered
from recruit.i18n import Language, either
from recruit.site import Site

MAX_SHORT = 300
MAX_LONG = 5_000


@dataclass(frozen=True)
class Question:
    """One question in one language; `kind` is short, long, choice or file."""

    id: UUID
    kind: str
    required: bool
    text: str
    options: tuple[str, ...]

    @property
    def field(self) -> str:
        return f"question-{self.id}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Value and label of each option: an option is its own value, so that an answer keeps what was chosen."""
        return [(option, option) for option in self.options]


async def of_vacancy(site: Site, vacancy: UUID, lang: Language) -> tuple[Question, ...]:
    """The vacancy's questions, in their order."""
    rows = await site.records.run_sql("SELECT * FROM vacancy_question WHERE vacancy = ? ORDER BY place, id", vacancy)
    return tuple(_question(row, lang) for row in rows)


def _question(row: dict[str, Any], lang: Language) -> Question:
    options = tuple(filter(None, map(typed.line, either(row, "options", lang).splitlines())))
    return Question(row["id"], row["kind"], bool(row["required"]), either(row, "text", lang), options)


def answered(fields: Mapping[str, str], questions: Sequence[Question]) -> tuple[Answered, ...]:
    """What was typed or chosen; a question that was left open is not there."""
    said = ((question, fields.get(question.field, "")) for question in questions if question.kind != "file")
    return tuple(
        Answered(question=question.id, asked=question.text, text=text if question.kind == "long" else typed.line(text))
        for question, text in said
        if text
    )


def problems(answers: Sequence[Answered], questions: Sequence[Question], files: Collection[str]) -> dict[str, str]:
    """What keeps the form from being sent; `files` are the questions (as text) that a file answers."""
    said = {answer.question: answer.text for answer in answers}
    found: dict[str, str] = {}
    for question in questions:
        text = said.get(question.id, "")
        if question.kind == "file":
            text = "file" if str(question.id) in files else ""
        if question.required and not text:
            found[question.field] = _MISSING.get(question.kind, "Answer this question.")
        elif question.kind == "choice" and text and text not in question.options:
            found[question.field] = _MISSING["choice"]
        elif question.kind in _LONGEST and len(text) > _LONGEST[question.kind][0]:
            found[question.field] = _LONGEST[question.kind][1]
    return found


_MISSING = {"choice": "Choose one of the answers.", "file": "Attach a file."}
_LONGEST = {
    "short": (MAX_SHORT, "Shorten the answer to 300 characters."),
    "long": (MAX_LONG, "Shorten the text to 5,000 characters."),
}
