"""The employer's own e-mails to candidates, worded once in both languages, with fields to be filled in.

Guards that a template is about nobody: it outlives every candidate, so what it says of a person are fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from recruit import audit, typed
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import wording
from recruit.hiring.wording import Words
from recruit.i18n import LANGUAGES, Language
from recruit.site import Site

LONGEST_NAME = 80


@dataclass(frozen=True)
class Template:
    """A template by its name, with its words in both languages."""

    id: UUID
    name: str
    words: dict[Language, Words]

    def form(self) -> dict[str, str]:
        """As it is typed."""
        said = {f"subject_{lang}": self.words[lang].subject for lang in LANGUAGES}
        return {"name": self.name, **said, **{f"mail_{lang}": self.words[lang].text for lang in LANGUAGES}}


async def listed(site: Site) -> list[Template]:
    """All templates, by name."""
    rows = await site.records.run_sql("SELECT * FROM letter_template ORDER BY name, id")
    return [
        Template(
            row["id"], row["name"], {lang: Words(row[f"subject_{lang}"], row[f"text_{lang}"]) for lang in LANGUAGES}
        )
        for row in rows
    ]


async def one(site: Site, template: UUID) -> Template:
    """One template; NotFound if there is none."""
    found = [each for each in await listed(site) if each.id == template]
    if not found:
        raise NotFound()
    return found[0]


async def save(site: Site, template: UUID | None, form: Mapping[str, str], by: UUID, now: datetime) -> UUID:
    """A new template, or a template's new name and words. FormInvalid for what is missing."""
    name, words, number = typed.line(form.get("name", "")), wording.of_form(form), template or uuid4()
    errors = wording.problems(words)
    if not 0 < len(name) <= LONGEST_NAME:
        errors["name"] = "Write a name, in at most 80 characters."
    if errors:
        raise FormInvalid(errors)
    said = [part for lang in LANGUAGES for part in (words[lang].subject, words[lang].text)]
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO letter_template (id, name, subject_nb, text_nb, subject_en, text_en, made_by) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
            "subject_nb = excluded.subject_nb, text_nb = excluded.text_nb, subject_en = excluded.subject_en, "
            "text_en = excluded.text_en",
            *(number, name, *said, by),
        )
        await audit.record("letter_template.saved", now, by, template=number)
    return number


async def remove(site: Site, template: UUID, by: UUID, now: datetime) -> None:
    """A template goes; what was sent with it stays with its applications."""
    async with site.records.transaction():
        gone = await site.records.run_sql("DELETE FROM letter_template WHERE id = ? RETURNING id", template)
        if not gone:
            raise NotFound()
        await audit.record("letter_template.removed", now, by, template=template)
