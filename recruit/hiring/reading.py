"""Reading documents ahead: their pages drawn before somebody looks, their words kept sealed so that they are found.

Guards that what is kept of a document stands under its application's key and ends with it, that one which can't be read
is tried once and then left alone, and that drafts are never read.
"""

from datetime import datetime
from uuid import UUID, uuid4

from recruit.errors import NotFound
from recruit.hiring import papers
from recruit.searching.plain import plain
from recruit.site import Site
from recruit.tables import Words
from recruit.vault.sealing import UnitKey, seal

AT_ONCE = 20
"""So many documents are read in one go of a worker."""
_MOST_WORDS = 20_000


async def read_ahead(site: Site, now: datetime, at_once: int = AT_ONCE) -> dict[str, int]:
    """Read documents of applications that nobody has read yet, the newest first; how many `read`, and `unreadable`."""
    counts = {"read": 0, "unreadable": 0}
    rows = await site.records.run_sql(
        "SELECT d.id, d.unit, d.media_type FROM document d JOIN application a ON a.id = d.unit "
        "LEFT JOIN document_words w ON w.document = d.id WHERE w.id IS NULL ORDER BY d.added_at DESC, d.id LIMIT ?",
        at_once,
    )
    keys = await site.keyring.keys(row["unit"] for row in rows)
    for row in rows:
        if row["unit"] in keys:
            words = await _read(site, keys[row["unit"]], row["id"], row["media_type"], now)
            counts["read" if words else "unreadable"] += 1
    return counts


async def _read(site: Site, key: UnitKey, document: UUID, media_type: str, now: datetime) -> list[str]:
    """The words of a document, written down; none where it can't be read, or went while it was read."""
    try:
        drawn = await papers.drawn(site, key, document, media_type, now)
    except NotFound:
        return []
    text = " ".join(sheet.text for sheet in drawn.sheets)
    words, row = list(dict.fromkeys(plain(text)))[:_MOST_WORDS], uuid4()
    await site.records.run_sql(
        "INSERT INTO document_words (id, document, unit, written_at, sealed) "
        "SELECT ?, d.id, d.unit, ?, ? FROM document d WHERE d.id = ? ON CONFLICT (document) DO NOTHING",
        *(row, now, seal(key, "document_words", row, Words(words=words)), document),
    )
    return words
