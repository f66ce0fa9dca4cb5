"""Outcomes that take effect at a chosen time: decided and confirmed now, told then, stopped until then.

Guards that nothing changes for a candidate before they are told: until its time an application runs, so that the day on
which it ends, the answer window (L4) and every page of the candidate agree with the mail. The outcome names who decided
it (L13). What is restricted meanwhile waits as long as it is (L15).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from recruit import audit
from recruit.database import IDS, ids
from recruit.hiring.access import Opened
from recruit.i18n import LANGUAGES, Language
from recruit.retention import service as retention
from recruit.retention.rules import Outcome
from recruit.site import Site
from recruit.tables import Written
from recruit.vault.sealing import UnitKey, seal, unseal
from recruit.visible import APPLICATIONS

LATEST = timedelta(days=7)
"""Nobody who has been decided about waits longer than this to hear it."""
_AT_ONCE = 200


async def put(
    site: Site,
    vacancy: UUID,
    applications: Iterable[UUID],
    outcome: Outcome,
    by: UUID,
    now: datetime,
    ends_at: datetime,
    closing: UUID | None,
    words: Mapping[Language, str],
    ask: bool,
) -> int:
    """Have these applications get their outcome at that time; how many. The last decision about one counts."""
    keys = await site.keyring.keys(applications)
    async with site.records.transaction():
        for unit, key in keys.items():
            row, said = uuid4(), Written(text=words.get("nb", ""), more=words.get("en", ""))
            await site.records.run_sql("DELETE FROM waiting_outcome WHERE application = ?", unit)
            await site.records.run_sql(
                "INSERT INTO waiting_outcome (id, vacancy, application, outcome, decided_by, decided_at, ends_at, "
                "closing, asks, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(row, vacancy, unit, outcome, by, now, ends_at, closing, ask),
                seal(key, "waiting_outcome", row, said),
            )
            await audit.record("outcome.waits", now, by, application=unit, outcome=outcome)
    return len(keys)


async def carry_out(site: Site, now: datetime) -> int:
    """Give the outcomes whose time has come, each with its mail; how many.

    The row goes after its outcome stands: what a fault cuts off is done by the next run, and one that has its outcome
    already keeps it.
    """
    rows = await site.records.run_sql(
        f"SELECT w.* FROM waiting_outcome w JOIN {APPLICATIONS} a ON a.id = w.application WHERE w.ends_at <= ? "
        "ORDER BY w.ends_at, w.id LIMIT ?",
        *(now, _AT_ONCE),
    )
    keys = await site.keyring.keys(row["application"] for row in rows)
    told = 0
    for row in (row for row in rows if row["application"] in keys):
        told += await _carry_out(site, row, keys[row["application"]], now)
    return told


async def _carry_out(site: Site, row: dict[str, Any], key: UnitKey, now: datetime) -> int:
    said = unseal(key, "waiting_outcome", row["id"], bytes(row["sealed"]), Written)
    words = {lang: text for lang, text in zip(LANGUAGES, (said.text, said.more), strict=True) if text}
    n = await retention.close_applications(
        site,
        [row["application"]],
        row["outcome"],
        row["decided_by"],
        now,
        closing=row["closing"],
        words=words,
        ask=bool(row["asks"]),
    )
    await site.records.run_sql("DELETE FROM waiting_outcome WHERE id = ?", row["id"])
    return n


async def stop(site: Site, vacancy: UUID, by: UUID, now: datetime) -> int:
    """Nobody of a vacancy gets the outcome that waits for its time; how many."""
    return await _stop(site, "vacancy", vacancy, by, now)


async def stop_one(site: Site, opened: Opened, now: datetime) -> int:
    """The same for one application that was opened to decide about it."""
    return await _stop(site, "application", opened.id, opened.me.id, now)


async def _stop(site: Site, column: Literal["vacancy", "application"], of: UUID, by: UUID, now: datetime) -> int:
    """Only what still has time is stopped: the rest is being carried out."""
    async with site.records.transaction():
        rows = await site.records.run_sql(
            f"DELETE FROM waiting_outcome WHERE {column} = ? AND ends_at > ? RETURNING application", of, now
        )
        for row in rows:
            await audit.record("outcome.stopped", now, by, application=row["application"])
    return len(rows)


# --- what is shown ----------------------------------------------------------------------------------------------------


async def of_vacancy(site: Site, vacancy: UUID) -> list[tuple[datetime, int]]:
    """When how many of a vacancy are told, the soonest first."""
    rows = await site.records.run_sql(
        f"SELECT w.ends_at FROM waiting_outcome w JOIN {APPLICATIONS} a ON a.id = w.application "
        "WHERE a.vacancy = ? AND a.outcome IS NULL ORDER BY w.ends_at",
        vacancy,
    )
    times = [row["ends_at"] for row in rows]
    return [(at, times.count(at)) for at in dict.fromkeys(times)]


async def of_applications(site: Site, applications: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Of those that wait: the outcome, who decided it, and when the candidate is told."""
    rows = await site.records.run_sql(
        "SELECT w.application, w.outcome, w.decided_by, w.ends_at FROM waiting_outcome w "
        f"JOIN {APPLICATIONS} a ON a.id = w.application WHERE a.outcome IS NULL AND w.application IN {IDS}",
        ids(applications),
    )
    return {row["application"]: row for row in rows}
