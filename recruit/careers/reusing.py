"""Applying again: what a signed-in candidate sent before, offered for the next form, taken only where it is chosen.

Guards that nobody but the candidate sees or takes what is theirs, and that what is taken is sealed anew under the next
application's key: nothing of two applications hangs together, and each is erased by itself. Restricted ones rest (L15).
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from recruit.careers.rules import Answers
from recruit.careers.service import Round
from recruit.careers.uploads import Refused
from recruit.documents.kinds import DocumentRefused
from recruit.errors import NotFound
from recruit.i18n import Language, either
from recruit.letters import addressee
from recruit.site import Site
from recruit.tables import ApplicationData, FileName
from recruit.vault.keyring import TooLate
from recruit.vault.sealing import UnitKey, unseal
from recruit.visible import APPLICATIONS

_CV = ("summary", "experience", "education", "languages", "skills")


@dataclass(frozen=True)
class Earlier:
    """A document of an earlier application; `title` is the vacancy's."""

    id: UUID
    kind: str
    name: str
    size: int
    title: str


@dataclass(frozen=True)
class Known:
    """What can be used again: contact data as they are now, a typed CV, and documents, the newest first."""

    contact: Answers
    cv: Answers
    documents: tuple[Earlier, ...]


async def known(site: Site, candidate: UUID, lang: Language) -> Known:
    """Everything of the candidate that a form may take."""
    person, _ = await addressee(site, candidate)
    rows = await site.records.run_sql(
        f"SELECT a.id, a.sealed, v.title_nb, v.title_en FROM {APPLICATIONS} a JOIN vacancy v ON v.id = a.vacancy "
        "WHERE a.candidate = ? ORDER BY a.submitted_at DESC",
        candidate,
    )
    keys = await site.keyring.keys(row["id"] for row in rows)
    documents: dict[str, Earlier] = {}
    cv = Answers()
    for row in (row for row in rows if row["id"] in keys):
        data = unseal(keys[row["id"]], "application", row["id"], bytes(row["sealed"]), ApplicationData)
        cv = cv if cv.typed_cv else _cv_of(data)
        for digest, document in await _documents(site, keys[row["id"]], either(row, "title", lang)):
            documents.setdefault(digest, document)
    contact = Answers(name=person.name, email=person.email, phone=person.phone)
    return Known(contact, cv, tuple(documents.values()))


def _cv_of(data: ApplicationData) -> Answers:
    found: dict[str, Any] = {name: getattr(data, name) for name in _CV}
    kept: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return Answers(**kept)


async def _documents(site: Site, key: UnitKey, title: str) -> list[tuple[str, Earlier]]:
    rows = await site.records.run_sql(
        "SELECT id, kind, size, sealed FROM document WHERE unit = ? AND kind <> 'answer' ORDER BY added_at DESC, id",
        key.unit,
    )
    found = []
    for row in rows:
        file = unseal(key, "document", row["id"], bytes(row["sealed"]), FileName)
        found.append((file.digest or str(row["id"]), Earlier(row["id"], row["kind"], file.name, row["size"], title)))
    return found


async def take(turn: Round, candidate: UUID, lang: Language) -> None:
    """Put the chosen documents into this round, as if they had been uploaded; what is not theirs is passed over."""
    theirs = {document.id: document for document in (await known(turn.site, candidate, lang)).documents}
    for document in (theirs[chosen] for chosen in sorted(turn.form.reused & theirs.keys())):
        rows = await turn.site.records.run_sql("SELECT unit FROM document WHERE id = ?", document.id)
        try:
            key = await turn.site.keyring.key(rows[0]["unit"])
            data = await turn.site.documents.whole(key, document.id)
            await turn.shelf.put(document.name, "cv" if document.kind == "cv" else "certificate", data)
        except (IndexError, TooLate, NotFound):
            continue  # erased since the form was opened
        except DocumentRefused as why:
            turn.form.refused.append(Refused("documents", document.name, why))


def with_cv(answers: Answers, earlier: Answers) -> Answers:
    """The form with the CV that was typed before, where none is typed now."""
    empty = {name: getattr(answers, name) or getattr(earlier, name) for name in _CV}
    return replace(answers, **empty)
