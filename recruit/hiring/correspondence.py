"""E-mails that a person writes to one candidate or to many, from a template or freely.

Guards that exactly what was looked at leaves, to exactly those whom it was looked at for; that nothing leaves at all
while a field lacks its value for one of them; and that each mail is sealed with its application and says who wrote it.
Restricted applications (L15) and those that L4 keeps from the writer never come here: `Pipeline.only_mine` sees to it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from recruit import audit, employer, letters
from recruit.database import IDS, ids
from recruit.errors import NotFound, RecruitError
from recruit.hiring import access, contacts, stages
from recruit.hiring.access import Opened
from recruit.hiring.pipeline import Pipeline
from recruit.hiring.wording import Words
from recruit.i18n import Language, either, format_date, format_instant, translator
from recruit.site import Site
from recruit.vault.sealing import UnitKey
from recruit.visible import APPLICATIONS

TEMPLATE = "letter"
MOST = 500
"""So many at once."""


class Changed(RecruitError):
    """Between the look and the confirmation somebody withdrew, was decided about or was erased."""

    status = 409
    text = "Meanwhile something has changed for one of them. Nothing was sent. Check once more."


class NotWhole(RecruitError):
    """A field has no value for somebody, or somebody has no e-mail address: nothing leaves."""

    status = 409
    text = "Something is missing for at least one of them. Nothing was sent."


@dataclass(frozen=True)
class Addressee:
    """One of those who are to get it: name, language, and the fields as they are for this person."""

    id: UUID
    candidate: UUID
    name: str
    email: str
    lang: Language
    outcome: str | None
    values: Mapping[str, str]


@dataclass(frozen=True)
class Draft:
    """A mail as one person would get it; `lacking` are the fields without a value, and then there is none."""

    to: Addressee
    words: Words | None
    lacking: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return self.words is not None and bool(self.to.email)


async def addressees(of: Pipeline, units: Sequence[UUID], now: datetime) -> list[Addressee]:
    """Those of these applications whom this person may write to, by name; each name is a look."""
    site, chosen = of.site, await of.only_mine(units)
    rows = await site.records.run_sql(
        f"SELECT a.*, c.language FROM {APPLICATIONS} a JOIN candidate c ON c.id = a.candidate WHERE a.id IN {IDS}",
        ids(chosen),
    )
    people = await access.names_of(site, of.me, of.role, rows, "decide", now)
    shared, times = await _shared(of), await _interviews(site, chosen, now)
    found = []
    for row in (row for row in rows if row["id"] in people):
        person, lang = people[row["id"]], row["language"]
        tr = translator(lang)
        values = shared[lang] | {
            "name": person.name,
            "step": tr(stages.NAMES[row["outcome"]]) if row["outcome"] else stages.step_of(row, of.steps).called(tr),
            "received": format_date(row["submitted_at"], lang),
            "interview": format_instant(times[row["id"]], lang) if row["id"] in times else "",
        }
        found.append(Addressee(row["id"], row["candidate"], person.name, person.email, lang, row["outcome"], values))
    return sorted(found, key=lambda to: to.name.casefold())


async def _shared(of: Pipeline) -> dict[Language, dict[str, str]]:
    """The fields that are the same for all."""
    who, contact = await employer.current(of.site), await contacts.of_vacancy(of.site, of.vacancy["id"])
    deadline = of.vacancy["deadline"]
    return {
        lang: {
            "vacancy": either(of.vacancy, "title", lang),
            "employer": who.name if who else "",
            "deadline": format_date(deadline, lang) if deadline else "",
            "contact": ", ".join(filter(None, (contact.name, contact.phone or contact.email))) if contact else "",
            "sender": of.me.name,
        }
        for lang in ("nb", "en")
    }


async def _interviews(site: Site, units: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
    """The next agreed interview of each that has one."""
    rows = await site.records.run_sql(
        f"SELECT application, min(starts_at) AS at FROM interview WHERE state = 'agreed' AND starts_at > ? "
        f"AND application IN {IDS} AND application IN (SELECT id FROM {APPLICATIONS} a) GROUP BY application",
        *(now, ids(units)),
    )
    return {row["application"]: _instant(row["at"]) for row in rows}


def _instant(value: Any) -> datetime:
    """An aggregate gives text on one engine and an instant on the other."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def drafts(to: Sequence[Addressee], words: Mapping[Language, Words]) -> list[Draft]:
    """What each would get; those who lack something come first."""
    found = []
    for each in to:
        said = words[each.lang]
        lacking = said.lacking(each.values)
        found.append(Draft(each, None if lacking else said.filled(each.values), lacking))
    return sorted(found, key=lambda draft: draft.whole)


def mark(to: Sequence[Addressee]) -> str:
    """Stands for exactly these people as they are now: a confirmation carries it back."""
    text = "|".join(sorted(f"{each.id}:{each.outcome}:{each.lang}:{sorted(each.values.items())}" for each in to))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


async def send(
    of: Pipeline,
    units: Sequence[UUID],
    words: Mapping[Language, Words],
    looked_at: str,
    now: datetime,
    leaves: datetime | None = None,
) -> int:
    """To all of them or to nobody; how many. Changed or NotWhole, and then nothing was sent.

    `leaves`: it waits in the outbox until then, and can be taken back.
    """
    to = await addressees(of, units, now)
    if mark(to) != looked_at:
        raise Changed()
    written = drafts(to, words)
    if not written or not all(draft.whole for draft in written):
        raise NotWhole()
    keys = await of.site.keyring.keys(each.id for each in to)
    if len(keys) != len(to):
        raise Changed()
    async with of.site.records.transaction():
        for draft in written:
            await _write(of, draft, keys[draft.to.id], now, leaves)
    return len(written)


async def _write(of: Pipeline, draft: Draft, key: UnitKey, now: datetime, leaves: datetime | None) -> None:
    """One mail into the outbox, and a sign that the process lives (L2), in the caller's transaction."""
    assert draft.words is not None
    said = {"subject": draft.words.subject, "text": draft.words.text, "by": of.me.id, "leaves": leaves}
    await letters.to_candidate(of.site, draft.to.candidate, key, f"{TEMPLATE}:{uuid4()}", TEMPLATE, now, **said)
    await of.site.records.run_sql(
        "UPDATE application SET last_activity_at = ? WHERE id = ? AND outcome IS NULL", now, draft.to.id
    )
    await audit.record("letter.written", now, of.me.id, application=draft.to.id)


async def take_back(site: Site, opened: Opened, mail: UUID, now: datetime) -> None:
    """A mail that somebody wrote and that waits for its time does not leave. NotFound once it has, or is another's."""
    async with site.records.transaction():
        gone = await site.records.run_sql(
            "DELETE FROM mail WHERE id = ? AND unit = ? AND template = ? AND state = 'queued' AND queued_at > ? "
            "AND next_at > ? RETURNING id",
            *(mail, opened.id, TEMPLATE, now, now),
        )
        if not gone:
            raise NotFound()
        await audit.record("letter.taken_back", now, opened.me.id, application=opened.id)
