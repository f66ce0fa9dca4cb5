"""What an erasure will take: counted before the key goes, since afterwards nobody can tell.

Guards that ledger and receipt say how much of what was erased, in categories, and never anything else about it.
"""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec

from recruit.accounts.sessions import hashed
from recruit.database import IDS, ids
from recruit.retention.noticing import Announced
from recruit.retention.rules import Decision
from recruit.site import Site
from recruit.vault.judging import Order

_BY_APPLICATION = {
    "document": ("document", "unit"),
    "interview_note": ("interview_note", "application"),
    "referee": ("referee", "application"),
    "screening": ("screening", "application"),
    "decision": ("move", "application"),
    "message": ("mail", "unit"),
    "incoming": ("received_mail", "unit"),
}
_BY_CANDIDATE = {"consent": ("consent", "candidate"), "rights_request": ("rights_request", "candidate")}
_BARE = {
    "draft": {"document": ("document", "unit"), "message": ("mail", "unit")},
    "enquiry": {"message": ("mail", "unit")},
    "incoming": {},
    "referee": {"message": ("mail", "unit")},
    "breach": {},
    "document": {},
    "profile": _BY_CANDIDATE,
}

Counts = dict[UUID, dict[str, int]]


async def orders(site: Site, due: Sequence[Announced]) -> list[Order]:
    """The orders for announced purges of applications, with what each will take."""
    units, candidates = [a.application for a in due], [a.candidate for a in due]
    counts = await _count(site, _BY_APPLICATION, units)
    profiles = await _count(site, _BY_CANDIDATE, candidates)
    copies = await _copies(site, units)
    looks = await _count(site, {"access_rows": ("look", "unit")}, units)
    languages = await _languages(site, candidates)
    mode = site.settings.backup_mode
    return [
        Order(
            purge=a.purge,
            unit=a.application,
            token=a.token,
            facts={
                **_why(a.decision),
                "mode": mode,
                "language": languages.get(a.candidate, "nb"),
                "recipients": copies.get(a.application, {}),
                "looks": looks.get(a.application, {}).get("access_rows", 0),
            },
            counts={"application": 1, **counts.get(a.application, {})},
            with_profile={"profile": 1, **profiles.get(a.candidate, {})},
        )
        for a in due
    ]


async def bare_orders(site: Site, kind: str, units: Iterable[UUID], rule: str) -> list[Order]:
    """The orders for drafts, enquiries and e-mails that waited (L34), removed referees (L11), documents whose hold was
    released (L14) and profiles that nothing needs any more (L33): nobody is told, a receipt is kept.
    """
    wanted = list(units)
    counts = await _count(site, _BARE[kind], wanted)
    copies = await _copies(site, wanted) if kind == "incoming" else {}
    facts = {"rule": rule, "because": [], "outcome": "erase", "mode": site.settings.backup_mode, "language": "nb",
             "looks": 0}  # fmt: skip
    return [
        Order(
            uuid4(),
            unit,
            hashed(secrets.token_urlsafe(24)),
            {**facts, "recipients": copies.get(unit, {})},
            {kind: 1, **counts.get(unit, {})},
        )
        for unit in wanted
    ]


def _why(decision: Decision) -> dict[str, Any]:
    """The reasoning as data; of its dates only the due day is kept."""
    because = [
        {"rule": r.rule, "key": r.key, "params": {k: v for k, v in r.params.items() if not k.endswith("_on")}}
        for r in decision.because
    ]
    due_on = decision.due_on.isoformat() if decision.due_on else None
    return {"rule": decision.headline.rule, "because": because, "due_on": due_on, "outcome": decision.act}


async def _count(site: Site, tables: dict[str, tuple[str, str]], units: Iterable[UUID]) -> Counts:
    wanted, counts = ids(units), Counts()
    for category, (table, column) in tables.items():
        rows = await site.records.run_sql(
            f"SELECT {column} AS unit, count(*) AS n FROM {table} WHERE {column} IN {IDS} GROUP BY {column}", wanted
        )
        for row in rows:
            counts.setdefault(row["unit"], {})[category] = row["n"]
    return counts


async def _copies(site: Site, units: Iterable[UUID]) -> Counts:
    """Copies that left the system, by category of recipient (L29)."""
    wanted, counts = ids(units), Counts()
    for sql in (
        f"SELECT unit, channel, count(*) AS n FROM disclosure WHERE unit IN {IDS} GROUP BY unit, channel",
        f"SELECT unit, 'mail' AS channel, sum(CASE WHEN state = 'sent' THEN 1 ELSE 0 END) AS n FROM mail "
        f"WHERE unit IN {IDS} GROUP BY unit",
    ):
        for row in await site.records.run_sql(sql, wanted):
            if not row["n"]:
                continue
            own = counts.setdefault(row["unit"], {})
            own[row["channel"]] = own.get(row["channel"], 0) + row["n"]
    return counts


async def _languages(site: Site, candidates: Iterable[UUID]) -> dict[UUID, str]:
    rows = await site.records.run_sql(f"SELECT id, language FROM candidate WHERE id IN {IDS}", ids(candidates))
    return {row["id"]: row["language"] for row in rows}


def parts_of(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of begun purges those of parts: what stays of their applications is not theirs."""
    return [body for body in map(body_of, rows) if "of" in body]


def body_of(row: dict[str, Any]) -> dict[str, Any]:
    """The ledger entry's body as a begun purge keeps it."""
    decoded: dict[str, Any] = msgspec.json.decode(row["inventory"])
    return decoded
