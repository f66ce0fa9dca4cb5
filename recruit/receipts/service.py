"""Receipts for those who hold one: how an announced erasure stands, the stored file, and the verdict on any file.

Guards that nobody is told of an erasure that is not completed (only an issued receipt counts as one), and that a file
that is brought for verifying is read in memory and forgotten: nothing of it is stored or logged. Reads only.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal
from uuid import UUID

from recruit.accounts.sessions import hashed
from recruit.receipts import verifying
from recruit.receipts.facts import ReceiptFacts
from recruit.receipts.signing import Certificate, certificates
from recruit.receipts.verifying import Verification
from recruit.site import Site
from recruit.vault.ledger import Entry, Head

State = Literal["announced", "called_off", "under_way", "issued"]


@dataclass(frozen=True)
class Standing:
    """How the erasure behind a receipt's address stands. `rule` and `due_on` are known only while it is announced."""

    state: State
    purge: UUID
    rule: str = ""
    due_on: date | None = None


def path_of(purge: UUID) -> str:
    """Where a receipt lies in the document store."""
    return f"receipts/{purge}.pdf"


def signing_folder(site: Site) -> Path:
    """Where the signing keys and all certificates lie."""
    return site.settings.data / "signing"


async def standing(site: Site, token: str) -> Standing | None:
    """What stands at a receipt's address; None for a token that is none of ours (PURGE, step 0).

    The keyring is asked first: once a key is destroyed, no notice in records can say that it is still to come.
    """
    known = hashed(token)
    begun = await site.keyring.engine.run_sql("SELECT id, state FROM purge WHERE token = ?", known)
    if begun:
        return Standing("issued" if begun[0]["state"] == "issued" else "under_way", begun[0]["id"])
    rows = await site.records.run_sql("SELECT id, part, state, rule, due_on FROM purge_notice WHERE token = ?", known)
    if not rows:
        return None
    row = rows[0]
    whole = await _gone_with_the_whole(site, row["part"]) if row["part"] else None
    if whole:
        return whole
    state: State = row["state"] if row["state"] in ("announced", "called_off") else "under_way"
    return Standing(state, row["id"], row["rule"], row["due_on"])


async def _gone_with_the_whole(site: Site, part: UUID) -> Standing | None:
    """A part that was announced by itself, and then ended with its application: one purge, one receipt (I4)."""
    begun = await site.keyring.engine.run_sql(
        "SELECT p.id, p.state FROM data_key k JOIN purge p ON p.id = k.purge WHERE k.id = ?", part
    )
    return Standing("issued" if begun[0]["state"] == "issued" else "under_way", begun[0]["id"]) if begun else None


async def stored(site: Site, token: str) -> bytes | None:
    """The signed receipt at this address, or None as long as there is none."""
    found = await standing(site, token)
    return await site.documents.get(path_of(found.purge)) if found and found.state == "issued" else None


async def facts_of(site: Site, pdf: bytes) -> ReceiptFacts | None:
    """What a receipt of ours says; None for any other file. The ledger is not asked."""
    return await asyncio.to_thread(_read, pdf, signing_folder(site))


def _read(pdf: bytes, folder: Path) -> ReceiptFacts | None:
    return verifying.read(pdf, certificates(folder))


async def verify_file(site: Site, data: bytes) -> Verification:
    """The verdict on a file, with the ledger as it stands now. Never raises for any content of `data`.

    Only a file that we signed has the ledger read for it, from its own entry to the head.
    """
    facts = await facts_of(site, data)
    head = await site.keyring.head()
    first = facts.entry.number if facts else head.number + 1
    count = max(0, head.number - first + 1)
    entries = await site.keyring.entries(after=first - 1, limit=count) if count else []
    known = await known_certificates(site)
    return await asyncio.to_thread(verifying.verify, data, _Loaded(head, entries), known)


async def known_certificates(site: Site) -> tuple[Certificate, ...]:
    """Every certificate that receipts were signed with, the newest first; empty before the first receipt."""
    return tuple(reversed(await asyncio.to_thread(certificates, signing_folder(site))))


class _Loaded:
    """The part of the ledger that one receipt speaks of, read before the verifying thread starts."""

    def __init__(self, head: Head, entries: Sequence[Entry]) -> None:
        self._head, self._entries = head, entries

    def head(self) -> Head:
        return self._head

    def entries(self, first: int, last: int) -> Iterable[Entry]:
        return (entry for entry in self._entries if first <= entry.number <= last)
