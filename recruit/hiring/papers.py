"""Documents as staff see them: pages drawn in a confined process, kept sealed; the original only as a download.

Guards that a stranger's file is never opened in this process nor shown by the browser as it came, that what was drawn
rests sealed under the application's key and ends with it, and that a download is a disclosure that is written down
first (L29). Call only with what `access.opened` gave, or what a guest's link leads to (`guests`).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from recruit import audit
from recruit.documents import confined
from recruit.documents.kinds import DocumentRefused, as_download
from recruit.errors import NotFound
from recruit.hiring.access import Opened
from recruit.retention import recipients
from recruit.site import Site
from recruit.tables import FileName
from recruit.vault.sealing import UnitKey, unseal

_TRY_AGAIN = timedelta(days=1)


class Sheet(msgspec.Struct, frozen=True):
    """One drawn page: size in pixels and the text that stands on it; the picture is a part of its own."""

    media_type: Literal["image/png", "image/jpeg"]
    width: int
    height: int
    text: str


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What was drawn of a document, kept as its part `pages`; `refused`: nothing could be, only downloaded."""

    sheets: tuple[Sheet, ...] = ()
    cut: bool = False
    refused: bool = False
    tried_at: datetime


@dataclass(frozen=True)
class Paper:
    """A document of an application, ready to be shown."""

    id: UUID
    kind: str
    name: str
    media_type: str
    size: int
    drawn: Drawn

    @property
    def text(self) -> str:
        return "\n\n".join(sheet.text.strip() for sheet in self.drawn.sheets).strip()


async def of_application(site: Site, key: UnitKey, now: datetime) -> list[Paper]:
    """All documents of an application with their pages; drawn now if nobody has looked yet (seconds, once)."""
    rows = await site.records.run_sql(
        "SELECT * FROM document WHERE unit = ? ORDER BY kind <> 'cv', added_at, id", key.unit
    )
    return [await _paper(site, key, row, now) for row in rows]


@dataclass(frozen=True)
class Named:
    """A document by its name, for a list; nothing of it is drawn."""

    id: UUID
    kind: str
    name: str
    media_type: str
    size: int


async def named(site: Site, opened: Opened) -> list[Named]:
    """All documents of an application, CVs first."""
    rows = await site.records.run_sql(
        "SELECT * FROM document WHERE unit = ? ORDER BY kind <> 'cv', added_at, id", opened.id
    )
    names = [unseal(opened.key, "document", row["id"], bytes(row["sealed"]), FileName).name for row in rows]
    return [
        Named(row["id"], row["kind"], name, row["media_type"], row["size"])
        for row, name in zip(rows, names, strict=True)
    ]


async def owner(site: Site, document: UUID) -> UUID:
    """The unit that a document belongs to; NotFound if there is none."""
    rows = await site.records.run_sql("SELECT unit FROM document WHERE id = ?", document)
    if not rows:
        raise NotFound()
    unit: UUID = rows[0]["unit"]
    return unit


async def _paper(site: Site, key: UnitKey, row: dict[str, Any], now: datetime) -> Paper:
    pages = await drawn(site, key, row["id"], row["media_type"], now)
    name = unseal(key, "document", row["id"], bytes(row["sealed"]), FileName).name
    return Paper(row["id"], row["kind"], name, row["media_type"], row["size"], pages)


async def drawn(site: Site, key: UnitKey, document: UUID, media_type: str, now: datetime) -> Drawn:
    """From the sealed cache, or drawn now. A refusal is remembered for a day, so that a page is not slow each time."""
    if await site.documents.exists(key, document, "pages"):
        kept = msgspec.msgpack.decode(await site.documents.whole(key, document, "pages"), type=Drawn)
        if not kept.refused or now < kept.tried_at + _TRY_AGAIN:
            return kept
    fresh, images = await _draw(site, key, document, media_type, now)
    for number, image in enumerate(images, 1):
        await site.documents.put(key, document, f"page-{number}", image)
    await site.documents.put(key, document, "pages", msgspec.msgpack.encode(fresh))
    if not await site.keyring.keys([key.unit]):
        await site.documents.delete_units([key.unit])  # erased while it was being drawn
        raise NotFound()
    return fresh


async def _draw(
    site: Site, key: UnitKey, document: UUID, media_type: str, now: datetime
) -> tuple[Drawn, tuple[bytes, ...]]:
    try:
        original = await site.documents.whole(key, document)
        rendering = await confined.render(original, media_type)
    except (DocumentRefused, NotFound):
        return Drawn(refused=True, tried_at=now), ()
    sheets = tuple(Sheet(p.media_type, p.width, p.height, p.text) for p in rendering.pages)
    return Drawn(sheets=sheets, cut=rendering.cut, tried_at=now), tuple(p.image for p in rendering.pages)


async def page(site: Site, key: UnitKey, document: UUID, number: int) -> tuple[bytes, str]:
    """One drawn page and its media type; NotFound if it was not drawn."""
    if not await site.documents.exists(key, document, "pages"):
        raise NotFound()
    pages = msgspec.msgpack.decode(await site.documents.whole(key, document, "pages"), type=Drawn)
    if not 1 <= number <= len(pages.sheets):
        raise NotFound()
    return await site.documents.whole(key, document, f"page-{number}"), pages.sheets[number - 1].media_type


@dataclass(frozen=True)
class Original:
    """A download: the plain bytes as they come, and how the browser has to treat them."""

    body: AsyncIterator[bytes]
    headers: dict[str, str]
    media_type: str


async def original(site: Site, opened: Opened, document: UUID, now: datetime) -> Original:
    """The file as the candidate gave it. The disclosure stands before the first byte leaves (L29)."""
    rows = await site.records.run_sql("SELECT * FROM document WHERE id = ? AND unit = ?", document, opened.id)
    if not rows or not await site.documents.exists(opened.key, document, "original"):
        raise NotFound()
    row = rows[0]
    name = unseal(opened.key, "document", document, bytes(row["sealed"]), FileName).name
    async with site.records.transaction():
        await recipients.disclosed(site, [opened.id], "staff_download", "download", now, account=opened.me.id)
        await audit.record("document.downloaded", now, opened.me.id, application=opened.id, document=document)
    headers = {
        "content-disposition": as_download(name, row["media_type"]),
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Original(site.documents.read(opened.key, document), headers, row["media_type"])
