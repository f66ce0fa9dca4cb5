"""The audit: who did what to which id, hash-chained and append-only; and the access rows written before a look.

Guards that no look at personal data and no decision goes unrecorded. Entries hold ids, states and counts only. Each
function runs inside the caller's records transaction where there is one, so that act and entry stand or fall together.
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from recruit.database import ALL, Engine
from recruit.tables import AuditEntry, Look
from recruit.vault.ledger import EMPTY, Entry, Head, canonical, link, of_row


def _engine() -> Engine:
    engine = AuditEntry._meta.db
    assert isinstance(engine, Engine)
    return engine


async def record(kind: str, now: datetime, by: UUID | None = None, **facts: Any) -> None:
    """Append one entry; call it inside the transaction of the act itself. `facts` are ids, states and counts."""
    body = {"by": str(by) if by else None, **{k: str(v) if isinstance(v, UUID) else v for k, v in facts.items()}}
    entry = link(await head(), now, kind, body)
    await _engine().run_sql(
        "INSERT INTO audit_entry (number, at, kind, hold, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(entry.number, entry.at, entry.kind, facts.get("hold"), canonical(entry.body).decode()),
        *(entry.previous, entry.hash),
    )


async def head() -> Head:
    rows = await _engine().run_sql("SELECT number, hash FROM audit_entry ORDER BY number DESC LIMIT 1")
    return Head(rows[0]["number"], bytes(rows[0]["hash"])) if rows else EMPTY


async def entries(after: int = 0, limit: int = ALL) -> list[Entry]:
    """Entries in order."""
    rows = await _engine().run_sql("SELECT * FROM audit_entry WHERE number > ? ORDER BY number LIMIT ?", after, limit)
    return [of_row(row) for row in rows]


async def of_hold(hold: UUID) -> list[Entry]:
    """The entries about a legal hold, in order."""
    return [
        of_row(row) for row in await _engine().run_sql("SELECT * FROM audit_entry WHERE hold = ? ORDER BY number", hold)
    ]


async def look(staff: UUID, role: str, units: list[UUID], purpose: str, now: datetime) -> None:
    """Write that somebody looks at these units' data, before it is shown (§ access, art. 15, C-579/21)."""
    if units:
        rows = [Look(id=uuid4(), at=now, staff=staff, role=role, unit=unit, purpose=purpose) for unit in units]
        await Look.insert(*rows).run()
