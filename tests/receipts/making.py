"""Made-up receipts and ledgers for these tests: a fixed clock, random-looking but constant ids."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from recruit.i18n import Language
from recruit.receipts.facts import (
    Employer,
    Erased,
    Kept,
    LedgerPlace,
    Mode,
    ReceiptFacts,
    Recipients,
    limits_for,
    reason,
)
from recruit.vault.ledger import EMPTY, Entry, Head, head_of, link

ERASED_AT = datetime(2026, 11, 22, 1, 31, 7, tzinfo=UTC)
ISSUED_AT = ERASED_AT + timedelta(seconds=11)
PURGE = UUID("3f2a9d4c-1b7e-4d0f-a1b2-c3d4e5f60718")
UNITS = (UUID("8d0c5b3e-91f6-4a7d-b2c8-4f1e0a9d6c35"), UUID("1d0c5b3e-91f6-4a7d-b2c8-4f1e0a9d6c35"))
WHY = "Kept until {due_on}, the end of the answer window; there was no consent to more"


class Chain:
    """A ledger in memory, as verifying reads it."""

    def __init__(self, before: int = 3, after: int = 4) -> None:
        self.all: list[Entry] = []
        for _ in range(before):
            self.add(ERASED_AT - timedelta(days=1), {"purge": "other"})
        body = {"purge": str(PURGE), "units": {str(unit): "application" for unit in UNITS}, "epoch": 41}
        self.mine = self.add(ERASED_AT, body)
        self.at_issue = self.add(ERASED_AT + timedelta(seconds=1), {"purge": "another"})
        for _ in range(after):
            self.add(ERASED_AT + timedelta(days=1), {"purge": "later"})

    def add(self, at: datetime, body: dict[str, Any]) -> Entry:
        self.all.append(link(self.head(), at, "erase", body))
        return self.all[-1]

    def head(self) -> Head:
        return head_of(self.all[-1]) if self.all else EMPTY

    def entries(self, first: int, last: int) -> Iterable[Entry]:
        return (entry for entry in self.all if first <= entry.number <= last)


def facts(language: Language = "nb", mode: Mode = "plain", chain: Chain | None = None, **changed: Any) -> ReceiptFacts:
    """Facts of one erasure, of `chain` if given."""
    chain = chain or Chain()
    values: dict[str, Any] = {
        "number": "2026-000123",
        "language": language,
        "employer": employer(),
        "purge_id": PURGE,
        "subject_kind": "application",
        "subject_ids": UNITS,
        "outcome": "anonymise",
        "rule": "L4",
        "because": (reason(language, "L4", WHY, due_on=date(2026, 11, 21)),),
        "erased": tuple(
            Erased(category=c, count=n)
            for c, n in (("application", 1), ("document", 3), ("interview_note", 2), ("key", 2))
        ),
        "kept": (Kept(what="ledger_entry"), Kept(what="tombstone"), Kept(what="access_rows", count=9)),
        "recipients": (Recipients(category="mail", count=4),),
        "limits": limits_for(mode),
        "erased_at": ERASED_AT,
        "verified_at": ERASED_AT + timedelta(seconds=9),
        "archives_gone_on": date(2026, 12, 22) if mode == "plain" else None,
        "mode": mode,
        "epoch_before": 41,
        "epoch_after": 42,
        "entry": LedgerPlace(number=chain.mine.number, hash=chain.mine.hash.hex()),
        "previous": chain.mine.previous.hex(),
        "head": LedgerPlace(number=chain.at_issue.number, hash=chain.at_issue.hash.hex()),
        "issued_at": ISSUED_AT,
        "verify_url": "https://jobb.fjordvikverft.example/verify",
    }
    return ReceiptFacts(**(values | changed))


def employer(**changed: Any) -> Employer:
    values: dict[str, Any] = {
        "name": "Fjordvik Verft AS",
        "number": "999 888 777",
        "address": "Strandgata 4, 5004 Bergen",
        "contact": "post@fjordvikverft.example",
        "privacy_contact": "personvern@fjordvikverft.example",
        "dpo_appointed": True,
    }
    return Employer(**(values | changed))
