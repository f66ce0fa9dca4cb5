"""The world outside the demonstration: a folder where every mail that left has arrived.

Guards nothing but order: the mails are numbered as they came, so that a number always means the same mail.
"""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

from recruit.accounts.sessions import hashed
from recruit.site import Site

_CAME = re.compile(r"(\d+)\.M(\d+)P\d+Q(\d+)")
_RECEIPT = re.compile(r"/r/([A-Za-z0-9_-]{20,})")


@dataclass(frozen=True)
class Letter:
    """A mail that arrived; `number` counts from 1, `text` is its plain text."""

    number: int
    to: str
    subject: str
    at: datetime
    text: str

    @property
    def receipt(self) -> str | None:
        """The address of the receipt that this mail promises, as a path of ours."""
        found = _RECEIPT.search(self.text)
        return found[0] if found else None


def folder_of(site: Site) -> Path:
    return Path(site.settings.smtp.removeprefix("maildir:"))


def letters(site: Site, to: str = "") -> list[Letter]:
    """All mails, the newest first; of one address if it is named."""
    paths = sorted((folder_of(site) / "new").glob("*.M*"), key=_came)
    found = [Letter(number, *_read(path)) for number, path in enumerate(paths, 1)]
    return [letter for letter in reversed(found) if not to or letter.to == to]


async def receipts_since(site: Site, since: datetime) -> list[Letter]:
    """The mails that promised the receipts which were issued since then."""
    rows = await site.keyring.engine.run_sql(
        "SELECT token FROM purge WHERE state = 'issued' AND verified_at >= ?", since
    )
    tokens = {row["token"] for row in rows}
    promised = [letter for letter in letters(site) if letter.receipt]
    return [letter for letter in promised if hashed(str(letter.receipt).removeprefix("/r/")) in tokens]


def _came(path: Path) -> tuple[int, ...]:
    found = _CAME.match(path.name)
    return tuple(map(int, found.groups())) if found else ()


@lru_cache(maxsize=4096)
def _read(path: Path) -> tuple[str, str, datetime, str]:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    return str(message["to"]), str(message["subject"]), parsedate_to_datetime(str(message["date"])), text
