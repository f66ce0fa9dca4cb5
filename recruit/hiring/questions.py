"""A vacancy's own questions in the application form.

Guards that a question stands as it was answered (it is fixed once an application has come in), and that one which may
ask what the law forbids is kept only after its author has read the rule and said so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from recruit import audit
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.hiring.lawful import Objection, objections
from recruit.site import Site
from recruit.tables import VacancyQuestion

Kind = Literal["short", "long", "choice", "file"]
KINDS: dict[Kind, str] = {
    "short": "A short answer",
    "long": "A long answer",
    "choice": "A choice from a list",
    "file": "A file",
}
"""What a kind of question is called (English message ids)."""

MOST = 12
LONGEST = 500


@dataclass(frozen=True)
class Question:
    """A question as it is asked; `options` only of a choice, as many in either language."""

    id: UUID
    kind: Kind
    required: bool
    text_nb: str
    text_en: str
    options_nb: tuple[str, ...] = ()
    options_en: tuple[str, ...] = ()


class MayBeForbidden(RecruitError):
    """The question may ask what the law forbids; it is kept only once its author says that they read the rule."""

    status = 422
    text = "This question may ask what the law forbids. Read the rule before you keep it."

    def __init__(self, found: tuple[Objection, ...]) -> None:
        super().__init__()
        self.found = found


class QuestionsAnswered(RecruitError):
    """Somebody has applied, so the questions stay as they were asked."""

    status = 409
    text = "Somebody has applied already, so the questions stay as they were answered. Copy the vacancy to ask others."


async def of_vacancy(site: Site, vacancy: UUID) -> tuple[Question, ...]:
    """The questions in their order."""
    rows = await site.records.run_sql("SELECT * FROM vacancy_question WHERE vacancy = ? ORDER BY place, id", vacancy)
    return tuple(_question(row) for row in rows)


def _question(row: dict[str, Any]) -> Question:
    return Question(
        id=row["id"],
        kind=row["kind"],
        required=bool(row["required"]),
        text_nb=row["text_nb"],
        text_en=row["text_en"],
        options_nb=tuple(row["options_nb"].split("\n")) if row["options_nb"] else (),
        options_en=tuple(row["options_en"].split("\n")) if row["options_en"] else (),
    )


async def may_change(site: Site, vacancy: UUID) -> bool:
    """Whether nobody has applied yet."""
    return not await site.records.run_sql("SELECT 1 FROM application WHERE vacancy = ? LIMIT 1", vacancy)


async def keep(site: Site, vacancy: UUID, question: Question, accepted: bool, by: UUID, now: datetime) -> None:
    """Add a question, or change the one of that id. MayBeForbidden until `accepted`, then it is written down."""
    await _require_open(site, vacancy)
    found = objections(question.text_nb, question.text_en, *question.options_nb, *question.options_en)
    if found and not accepted:
        raise MayBeForbidden(found)
    there = await of_vacancy(site, vacancy)
    if question.id not in {other.id for other in there} and len(there) >= MOST:
        raise FormInvalid({"text_nb": "A form has at most twelve questions of its own."})
    places = {other.id: place for place, other in enumerate(there)}
    async with site.records.transaction():
        await site.records.run_sql("DELETE FROM vacancy_question WHERE id = ? AND vacancy = ?", question.id, vacancy)
        await _insert(site, vacancy, question, places.get(question.id, len(there)))
        await audit.record("question.kept", now, by, vacancy=vacancy, question=question.id)
        for objection in found:
            await audit.record("question.accepted", now, by, question=question.id, ground=objection.ground)


async def _insert(site: Site, vacancy: UUID, question: Question, place: int) -> None:
    await VacancyQuestion.insert(
        VacancyQuestion(
            id=question.id,
            vacancy=vacancy,
            place=place,
            kind=question.kind,
            required=question.required,
            text_nb=question.text_nb,
            text_en=question.text_en,
            options_nb="\n".join(question.options_nb),
            options_en="\n".join(question.options_en),
        )
    ).run()


async def remove(site: Site, vacancy: UUID, question: UUID, by: UUID, now: datetime) -> None:
    await _require_open(site, vacancy)
    async with site.records.transaction():
        gone = await site.records.run_sql(
            "DELETE FROM vacancy_question WHERE id = ? AND vacancy = ? RETURNING id", question, vacancy
        )
        if not gone:
            raise NotFound()
        await audit.record("question.removed", now, by, vacancy=vacancy, question=question)


async def raise_up(site: Site, vacancy: UUID, question: UUID, by: UUID, now: datetime) -> None:
    """Ask this question before the one that stands before it now; the first one stays."""
    await _require_open(site, vacancy)
    order = [other.id for other in await of_vacancy(site, vacancy)]
    if question not in order:
        raise NotFound()
    place = order.index(question)
    order.insert(max(0, place - 1), order.pop(place))
    async with site.records.transaction():
        for number, unit in enumerate(order):
            await site.records.run_sql("UPDATE vacancy_question SET place = ? WHERE id = ?", number, unit)
        await audit.record("question.moved", now, by, vacancy=vacancy, question=question)


async def copy(site: Site, asked: Sequence[Question], vacancy: UUID) -> None:
    """The same questions for another vacancy, in the caller's transaction."""
    for place, question in enumerate(asked):
        fresh = Question(
            uuid4(), question.kind, question.required, question.text_nb, question.text_en, question.options_nb,
            question.options_en,
        )  # fmt: skip
        await _insert(site, vacancy, fresh, place)


async def _require_open(site: Site, vacancy: UUID) -> None:
    if not await may_change(site, vacancy):
        raise QuestionsAnswered()
