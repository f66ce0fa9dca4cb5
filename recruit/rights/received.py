"""What came in by e-mail about a candidate, for the copy of their data (art. 15).

Guards that the words of others go through the masker (L24), and that an e-mail goes along as it came only if the person
wrote it: in the bytes of another's nothing can be masked.
"""

from collections.abc import AsyncIterator, Collection
from typing import Any

from recruit.rights.masking import Hide
from recruit.site import Site
from recruit.tables import MailWords, Original
from recruit.vault.sealing import UnitKey, unseal

_ROWS = "SELECT r.*, o.id AS kept FROM received_mail r LEFT JOIN received_original o ON o.id = r.id WHERE"


async def of_application(
    site: Site, key: UnitKey, place: int, own: Collection[str], hide: Hide
) -> list[dict[str, Any]]:
    """The e-mails that are sealed with an application; `place` is its own in the archive, `own` the person's
    addresses.
    """
    rows = await site.records.run_sql(f"{_ROWS} r.unit = ? ORDER BY r.at, r.id", key.unit)
    found = []
    for number, row in enumerate(rows, 1):
        said = _words(key, row)
        file = {"file": _path(place, number)} if _goes_along(row, said, own) else {}
        found.append(_shown(row, said, hide) | file)
    return found


async def waiting(site: Site, address: str, hide: Hide) -> list[dict[str, Any]]:
    """Those from the person's address that nobody has put with an application yet."""
    rows = await site.records.run_sql(f"{_ROWS} r.waiting ORDER BY r.at, r.id")
    keys = await site.keyring.keys(row["unit"] for row in rows)
    opened = [(row, _words(keys[row["unit"]], row)) for row in rows if row["unit"] in keys]
    mine = address.casefold()
    return [_shown(row, said, hide) for row, said in opened if mine and said.email.casefold() == mine]


async def files(site: Site, key: UnitKey, place: int, own: Collection[str]) -> AsyncIterator[tuple[str, bytes]]:
    """The e-mails that were kept as they came, each with its path in the archive."""
    rows = await site.records.run_sql(f"{_ROWS} r.unit = ? ORDER BY r.at, r.id", key.unit)
    for number, row in enumerate(rows, 1):
        if _goes_along(row, _words(key, row), own):
            sealed = await site.records.run_sql("SELECT sealed FROM received_original WHERE id = ?", row["id"])
            blob = bytes(sealed[0]["sealed"])
            yield _path(place, number), unseal(key, "received_original", row["id"], blob, Original).data


def _words(key: UnitKey, row: dict[str, Any]) -> MailWords:
    return unseal(key, "received_mail", row["id"], bytes(row["sealed"]), MailWords)


def _goes_along(row: dict[str, Any], said: MailWords, own: Collection[str]) -> bool:
    return row["kept"] is not None and said.email in own


def _shown(row: dict[str, Any], said: MailWords, hide: Hide) -> dict[str, Any]:
    words = {"from": said.name, "contact": said.email, "subject": said.subject, "text": said.text}
    shown = {name: hide(f"received_mail:{row['id']}", row["at"], text) for name, text in words.items()}
    return {"at": row["at"], "sent_at": row["sent_at"], **shown, "files": said.files, "left_out": said.left_out}


def _path(application: int, number: int) -> str:
    return f"documents/{application}/e-mail-{number}.eml"
