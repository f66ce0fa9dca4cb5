"""Documents of an application, added, replaced and removed by its candidate while the process runs.

What may never happen: a file is kept that was not examined whole, or that no row speaks of; an application of somebody
else, or one that has ended, changes; a document under a legal hold goes. The files are sealed under the application's
key as they stream in; one records transaction takes the good ones over, then the replaced ones leave the store.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from recruit import audit
from recruit.careers.rules import Listed, sort_documents
from recruit.careers.uploads import Arrived, Form, Shelf
from recruit.database import IDS, OutcomeUnknown, ids
from recruit.documents.kinds import TooManyFiles
from recruit.mydata import rules
from recruit.retention.recipients import notify_recipients
from recruit.rights.service import own_application
from recruit.site import Site
from recruit.tables import ApplicationData, FileName
from recruit.vault.sealing import UnitKey, seal, unseal

HELD = "A legal hold keeps the documents as they are. You can still add new ones."


@dataclass
class Round:
    """One form on its way in: whose, at which application, and what arrives."""

    site: Site
    candidate: UUID
    application: UUID
    now: datetime
    form: Form = field(default_factory=Form)
    shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.site.documents, self._key)

    async def _key(self) -> UnitKey:
        """Asked for once there is something to seal; from here on a stray file of this application is looked for."""
        await _touch(self.site, self.application, self.now)
        return await self.site.keyring.key(self.application)


@dataclass(frozen=True)
class Changed:
    """What came of a round: what is wrong with it, and how many documents were added and removed."""

    errors: dict[str, str]
    added: int = 0
    removed: int = 0


async def begin(site: Site, candidate: UUID, application: UUID, now: datetime) -> Round:
    """NotFound for an application of somebody else, NotRunning for one whose process has ended."""
    row = await own_application(site, candidate, application)
    if row["outcome"] is not None:
        raise rules.NotRunning()
    return Round(site, candidate, application, now)


async def take(turn: Round) -> Changed:
    """Take over what arrived; a refused file keeps no good one back."""
    try:
        changed, dropped = await _take_over(turn)
    except OutcomeUnknown:
        raise  # what may have been stored keeps its files
    except BaseException:
        await discard(turn)
        raise
    for file in dropped:
        await turn.site.documents.delete_document(turn.application, file.id)
    return changed


async def discard(turn: Round) -> None:
    """After a fault: remove the files of this round that no row speaks of."""
    arrived = ids(file.id for file in turn.shelf.files)
    rows = await turn.site.records.run_sql(f"SELECT id FROM document WHERE id IN {IDS}", arrived)
    await turn.shelf.discard({row["id"] for row in rows})


async def _take_over(turn: Round) -> tuple[Changed, Iterable[Listed]]:
    site, key = turn.site, await turn.site.keyring.key(turn.application)
    async with site.records.transaction():
        await _touch(site, turn.application, turn.now)
        before, arrived = await listed(site, key), list(turn.shelf.files)
        documents = sort_documents(before, arrived, turn.form.removed)
        gone = [file for file in documents.dropped if file in before]
        errors = {file.field: file.why.text for file in turn.form.refused}
        errors |= {"documents": TooManyFiles.text} if documents.crowded_out else {}
        blocked = rules.require_content(await _has_words(site, key), documents.kept, bool(gone))
        if gone and await _is_held(site, turn.application):
            blocked = {"cv" if any(file.kind == "cv" for file in gone) else "documents": HELD}
        if blocked:
            return Changed(errors | blocked), arrived
        added = [file for file in documents.kept if isinstance(file, Arrived)]
        await _write(turn, key, added, gone)
    return Changed(errors, len(added), len(gone)), documents.dropped


async def _touch(site: Site, application: UUID, now: datetime) -> None:
    rows = await site.records.run_sql(
        "UPDATE application SET last_activity_at = ? WHERE id = ? AND outcome IS NULL RETURNING id", now, application
    )
    if not rows:
        raise rules.NotRunning()


async def _write(turn: Round, key: UnitKey, added: list[Arrived], gone: list[Listed]) -> None:
    site, wanted = turn.site, ids(file.id for file in gone)
    await site.records.run_sql(f"DELETE FROM document_words WHERE document IN {IDS}", wanted)
    await site.records.run_sql(f"DELETE FROM document WHERE id IN {IDS}", wanted)
    for file in added:
        name = FileName(name=file.name, pages=file.pages, digest=file.digest)
        await site.records.run_sql(
            "INSERT INTO document (id, unit, apart, kind, media_type, size, added_at, sealed) "
            "VALUES (?, ?, FALSE, ?, ?, ?, ?, ?)",
            *(file.id, key.unit, file.kind, file.media_type, file.size, turn.now),
            seal(key, "document", file.id, name),
        )
    if gone:  # whoever got them is told that they are no longer the candidate's (L29)
        await notify_recipients(site, [turn.application], "rectified", turn.now)
    if added or gone:
        await audit.record(
            "documents.changed", turn.now, application=turn.application, added=len(added), removed=len(gone)
        )


async def listed(site: Site, key: UnitKey) -> list[Listed]:
    """The documents of an application, as they were added."""
    rows = await site.records.run_sql(
        "SELECT id, kind, size, sealed FROM document WHERE unit = ? AND NOT apart ORDER BY added_at, id", key.unit
    )
    return [_listed(row, unseal(key, "document", row["id"], bytes(row["sealed"]), FileName)) for row in rows]


def _listed(row: dict[str, Any], name: FileName) -> Listed:
    return Listed(row["id"], row["kind"], name.name, row["size"], name.digest)


async def _has_words(site: Site, key: UnitKey) -> bool:
    """Whether the application speaks without a CV file: a letter, or experience that was typed."""
    rows = await site.records.run_sql("SELECT sealed FROM application WHERE id = ?", key.unit)
    given = unseal(key, "application", key.unit, bytes(rows[0]["sealed"]), ApplicationData)
    return bool(given.letter or given.experience or given.education)


async def _is_held(site: Site, application: UUID) -> bool:
    guard = await site.keyring.guard(application)
    return bool(guard and guard.holds)
