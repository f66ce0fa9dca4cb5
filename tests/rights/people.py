"""What the tests of rights share: the outbox as its reader sees it, and browsers."""

import re
from uuid import UUID

from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit.site import Site
from recruit.tables import Message
from recruit.vault.sealing import unseal

Browser = AsyncTestClient[Litestar]


async def outbox(site: Site, template: str) -> list[Message]:
    """All mails of a kind that wait or were sent, oldest first."""
    rows = await site.records.run_sql("SELECT * FROM mail WHERE template = ? ORDER BY queued_at", template)
    keys = await site.keyring.keys(row["unit"] for row in rows)
    return [unseal(keys[row["unit"]], "mail", row["id"], bytes(row["sealed"]), Message) for row in rows]


def path_in(text: str, start: str) -> str:
    """The path of the first address in a mail that begins so."""
    found = re.search(rf"http://testserver\.local({re.escape(start)}[\w-]*)", text)
    assert found, f"no address with {start}"
    return found[1]


def code_in(text: str) -> str:
    found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
    assert found
    return found[0]


async def count(site: Site, table: str, where: str = "1 = 1") -> int:
    rows = await site.records.run_sql(f"SELECT count(*) AS n FROM {table} WHERE {where}")
    return int(rows[0]["n"])


async def consents(site: Site, candidate: UUID) -> list[bool]:
    rows = await site.records.run_sql("SELECT given FROM consent WHERE candidate = ? ORDER BY at", candidate)
    return [bool(row["given"]) for row in rows]
