"""What came in by e-mail about a candidate: for the copy of their data (art. 15), and for an erasure of it (art. 17).

Guards that what waits is the person's whose address stands as its sender, that the words of others go through the
masker (L24), and that an e-mail goes along as it came only if the person wrote it: in the bytes of another's nothing
can be masked.
"""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from recruit import audit
from recruit.database import IDS, ids
from recruit.i18n import Translate
from recruit.letters import addressee
from recruit.mail import impersonal
from recruit.retention import service as retention
from recruit.rights.masking import Hide
from recruit.site import Site
from recruit.tables import ApplicationData, MailWords, Original
from recruit.vault.sealing import UnitKey, unseal

_ROWS = "SELECT r.*, o.id AS kept FROM received_mail r LEFT JOIN received_original o ON o.id = r.id WHERE"


async def of_application(
    site: Site, key: UnitKey, place: int, own: Collection[str], hide: Hide, tr: Translate
) -> list[dict[str, Any]]:
    """The e-mails that are sealed with an application; `place` is its own in the archive, `own` the person's
    addresses.
    """
    rows = await site.records.run_sql(f"{_ROWS} r.unit = ? ORDER BY r.at, r.id", key.unit)
    found = []
    for number, row in enumerate(rows, 1):
        said = _words(key, row)
        file = {"file": _path(place, number)} if _goes_along(row, said, own) else {}
        found.append(_shown(site, row, said, hide, tr) | file)
    return found


@dataclass(frozen=True)
class Waits:
    """An e-mail from the person that nobody has put with an application; `outside`: a copy stays in the mailbox."""

    unit: UUID
    at: datetime
    outside: bool
    row: dict[str, Any]
    words: MailWords


async def addresses(site: Site, candidate: UUID) -> set[str]:
    """The person's own: the present one, and those given with applications."""
    person, _ = await addressee(site, candidate)
    rows = await site.records.run_sql("SELECT id, sealed FROM application WHERE candidate = ?", candidate)
    keys = await site.keyring.keys(row["id"] for row in rows)
    given = {
        unseal(keys[row["id"]], "application", row["id"], bytes(row["sealed"]), ApplicationData).email
        for row in rows
        if row["id"] in keys
    }
    return {address.casefold() for address in given | {person.email} if address}


async def waiting(site: Site, own: Collection[str]) -> list[Waits]:
    """Those from these addresses, the oldest first; also what is about to be erased and is kept until then.

    Each that waits is opened: there are few, and an index of their senders would be one more trace of them.
    """
    if not own:
        return []
    rows = await site.records.run_sql(f"{_ROWS} r.unit = r.id ORDER BY r.at, r.id")
    keys = await site.keyring.keys(row["unit"] for row in rows)
    opened = [(row, _words(keys[row["unit"]], row)) for row in rows if row["unit"] in keys]
    return [
        Waits(row["unit"], row["at"], bool(row["outside"]), row, said)
        for row, said in opened
        if said.email.casefold() in own
    ]


def copied(site: Site, mails: list[Waits], hide: Hide, tr: Translate) -> list[dict[str, Any]]:
    """What waits, for the copy; each goes along as it came."""
    return [_shown(site, m.row, m.words, hide, tr) | {"file": _path(0, number)} for number, m in enumerate(mails, 1)]


async def waiting_files(site: Site, mails: list[Waits]) -> AsyncIterator[tuple[str, bytes]]:
    """The same as they came, each with its path in the archive."""
    keys = await site.keyring.keys(mail.unit for mail in mails)
    for number, mail in enumerate(mails, 1):
        if mail.unit in keys:
            yield _path(0, number), await _original(site, keys[mail.unit], mail.unit)


async def let_go(site: Site, candidate: UUID, by: UUID, now: datetime) -> None:
    """Everything is erased (art. 17): what waits from the person waits no longer, and goes with the next purge."""
    units = [mail.unit for mail in await waiting(site, await addresses(site, candidate))]
    async with site.records.transaction():
        rows = await site.records.run_sql(
            f"UPDATE received_mail SET waiting = FALSE WHERE waiting AND id IN {IDS} RETURNING id", ids(units)
        )
        for row in rows:
            await audit.record("mail.erasure_granted", now, by, mail=row["id"])
    await retention.let_go(site, units, now)


async def files(site: Site, key: UnitKey, place: int, own: Collection[str]) -> AsyncIterator[tuple[str, bytes]]:
    """The e-mails that were kept as they came, each with its path in the archive."""
    rows = await site.records.run_sql(f"{_ROWS} r.unit = ? ORDER BY r.at, r.id", key.unit)
    for number, row in enumerate(rows, 1):
        if _goes_along(row, _words(key, row), own):
            yield _path(place, number), await _original(site, key, row["id"])


async def _original(site: Site, key: UnitKey, mail: UUID) -> bytes:
    rows = await site.records.run_sql("SELECT sealed FROM received_original WHERE id = ?", mail)
    return unseal(key, "received_original", mail, bytes(rows[0]["sealed"]), Original).data


def _words(key: UnitKey, row: dict[str, Any]) -> MailWords:
    return unseal(key, "received_mail", row["id"], bytes(row["sealed"]), MailWords)


def _goes_along(row: dict[str, Any], said: MailWords, own: Collection[str]) -> bool:
    return row["kept"] is not None and said.email in own


def _shown(site: Site, row: dict[str, Any], said: MailWords, hide: Hide, tr: Translate) -> dict[str, Any]:
    """In words, since somebody looks through them before the copy leaves."""
    text = impersonal(site, said.text, tr)
    words = {"from": said.name, "contact": said.email, "subject": said.subject, "text": text}
    shown = {name: hide(f"received_mail:{row['id']}", row["at"], text) for name, text in words.items()}
    return {"at": row["at"], "sent_at": row["sent_at"], **shown, "files": said.files, "left_out": said.left_out}


def _path(application: int, number: int) -> str:
    """Under its application; what belongs to none stands beside those."""
    return f"documents/{application}/e-mail-{number}.eml" if application else f"documents/e-mail-{number}.eml"
