"""Interview kits: the employer's own questions by competence, asked of everybody alike.

Guards that a kit is about work and names nobody: it outlives every candidate.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from recruit import audit
from recruit.errors import FormInvalid, NotFound
from recruit.hiring.scorecards import Question, questions
from recruit.site import Site

MOST = 30


@dataclass(frozen=True)
class Kit:
    """A kit with its questions."""

    id: UUID
    name: str
    questions: tuple[Question, ...]

    @property
    def text(self) -> str:
        """As it is typed."""
        return "\n".join(f"{each.competence}: {each.text}" for each in self.questions)


async def listed(site: Site) -> list[Kit]:
    """All kits, by name."""
    rows = await site.records.run_sql("SELECT id, name FROM interview_kit ORDER BY name, id")
    return [Kit(row["id"], row["name"], tuple(await questions(site, row["id"]))) for row in rows]


async def one(site: Site, kit: UUID) -> Kit:
    """One kit; NotFound if there is none."""
    found = [each for each in await listed(site) if each.id == kit]
    if not found:
        raise NotFound()
    return found[0]


def questions_in(text: str) -> tuple[Question, ...]:
    """Questions as they are typed, one a line, `competence: question`. FormInvalid for a line that is neither."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        competence, colon, question = (part.strip() for part in line.partition(":"))
        if not (competence and colon and question) or len(competence) > 80 or len(question) > 500:
            raise FormInvalid({"questions": "Write each line as “competence: question”."})
        found.append(Question(competence, question))
    if not found or len(found) > MOST:
        raise FormInvalid({"questions": "Write from 1 to 30 questions, each on a line of its own."})
    return tuple(found)


async def save(site: Site, kit: UUID | None, name: str, text: str, by: UUID, now: datetime) -> UUID:
    """A new kit, or a kit's new name and questions. FormInvalid for what is missing."""
    if not 0 < len(name) <= 80:
        raise FormInvalid({"name": "Write a name, in at most 80 characters."})
    asked, number = questions_in(text), kit or uuid4()
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO interview_kit (id, name, made_by) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            *(number, name, by),
        )
        await site.records.run_sql("DELETE FROM kit_question WHERE kit = ?", number)
        await site.records.run_many(
            "INSERT INTO kit_question (id, kit, place, competence, text) VALUES (?, ?, ?, ?, ?)",
            [(uuid4(), number, place, each.competence, each.text) for place, each in enumerate(asked)],
        )
        await audit.record("kit.saved", now, by, kit=number)
    return number


async def remove(site: Site, kit: UUID, by: UUID, now: datetime) -> None:
    """A kit goes; interviews that were held with it keep their cards."""
    await one(site, kit)
    async with site.records.transaction():
        await site.records.run_sql("UPDATE interview SET kit = NULL WHERE kit = ?", kit)
        await site.records.run_sql("DELETE FROM kit_question WHERE kit = ?", kit)
        await site.records.run_sql("DELETE FROM interview_kit WHERE id = ?", kit)
        await audit.record("kit.removed", now, by, kit=kit)
