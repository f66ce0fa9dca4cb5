"""Step 2 of a purge, and step 4: remove what the destroyed keys had sealed, and look whether it is gone.

Guards that rows and documents of an erased unit do not linger, that the anonymous counter moves exactly once (in the
transaction that removes the row), and that "verified" was said by a reader that shares nothing with the writer: its own
connections, its own look at files.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import ForeignKey

from recruit import data_map
from recruit.clock import day
from recruit.database import IDS, Reader, ids
from recruit.retention import recipients
from recruit.retention.rules import days_in_stages
from recruit.site import Site
from recruit.tables import RECORDS
from recruit.vault.documents import Look

MAY_STAY = {
    ("look", "unit"),
    ("look", "staff"),
    ("purge_notice", "application"),
    ("purge_notice", "candidate"),
    ("purge_notice", "part"),
    ("recipient_notice", "unit"),
    ("recipient_notice", "account"),
}
"""Columns in which the random id of an erased unit may remain: access rows, the announced purge itself, and what shows
that recipients were told of it."""

_FORGET = (("rights_request", "application"), ("disclosure", "party"), ("recipient_notice", "party"))
"""What lives on and forgets which unit it was about."""


class NotGone(Exception):
    """Something of an erased unit is still there; the purge stays unverified and the next run tries again."""


async def sweep(site: Site, units: Iterable[UUID], anonymise: bool) -> None:
    """Remove the rows and documents of erased units, side by side; running it again changes nothing."""
    wanted = list(units)
    await site.documents.prove_presence()
    await asyncio.gather(_sweep_rows(site, wanted, anonymise), site.documents.delete_units(wanted))


async def _sweep_rows(site: Site, wanted: Sequence[UUID], anonymise: bool) -> None:
    async with site.records.transaction():
        await recipients.keep_states(site, wanted)
        moves = await site.records.run_sql(
            f"SELECT application, at, was FROM move WHERE application IN {IDS}", ids(wanted)
        )
        await _leave_held_documents(site, ids(wanted))
        gone = await site.records.run_sql(
            f"DELETE FROM application WHERE id IN {IDS} "
            "RETURNING id, vacancy, submitted_at, source, furthest_stage, outcome",
            ids(wanted),
        )
        if anonymise:
            await _count_anonymously(site, gone)
            await _count_days(site, gone, moves)
        await _delete_rows(site, ids(wanted))


async def _leave_held_documents(site: Site, wanted: str) -> None:
    """A document under a legal hold of its own outlives its application; from here on it is a unit by itself (L14)."""
    rows = await site.records.run_sql(
        f"UPDATE document SET unit = id WHERE apart AND unit IN {IDS} AND id NOT IN {IDS} RETURNING id", wanted, wanted
    )
    held = ids(row["id"] for row in rows)
    await site.records.run_sql(f"UPDATE legal_hold SET application = NULL WHERE document IN {IDS}", held)


async def _delete_rows(site: Site, wanted: str) -> None:
    """Wherever the data map says that rows of a unit are; what lives on forgets which unit it was about."""
    for place in data_map.places():
        await site.records.run_sql(f"DELETE FROM {place.table} WHERE {place.column} IN {IDS}", wanted)
    for table, column in _FORGET:
        await site.records.run_sql(f"UPDATE {table} SET {column} = NULL WHERE {column} IN {IDS}", wanted)


async def _count_anonymously(site: Site, gone: Sequence[dict[str, Any]]) -> None:
    """L12: vacancy, month, source, furthest stage and outcome; never a path back to the person."""
    counted = Counter(map(counter_of, gone))
    await site.records.run_many(
        "INSERT INTO counter (id, vacancy, month, source, stage, outcome, n) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET n = counter.n + excluded.n",
        [("|".join(values), *values, n) for values, n in counted.items()],
    )


async def _count_days(site: Site, gone: Sequence[dict[str, Any]], moves: Sequence[dict[str, Any]]) -> None:
    """L12: how long they stood in each stage that they left, as sums by vacancy."""
    n, days = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in gone:
        own = [(move["at"], move["was"]) for move in moves if move["application"] == row["id"]]
        for stage, spent in days_in_stages(row["submitted_at"], own).items():
            n[str(row["vacancy"]), stage] += 1
            days[str(row["vacancy"]), stage] += spent
    await site.records.run_many(
        "INSERT INTO stage_time (id, vacancy, stage, n, days) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET n = stage_time.n + excluded.n, days = stage_time.days + excluded.days",
        [("|".join(key), *key, n[key], days[key]) for key in n],
    )


def counter_of(row: dict[str, Any]) -> tuple[str, ...]:
    """The counter of one application; its month (2026-11) is the one in Oslo in which it was sent (L12)."""
    month = f"{day(row['submitted_at']):%Y-%m}"
    return str(row["vacancy"]), month, row["source"], row["furthest_stage"], row["outcome"] or "unfinished"


# --- the independent reader --------------------------------------------------------------------------------


def verify(site: Site, units: Iterable[UUID], epoch_before: int, parts: Sequence[dict[str, Any]] = ()) -> None:
    """NotGone unless keys, rows, documents and old epoch key of these units are gone. Blocking: call in a thread.

    `parts`: ledger bodies of erased parts, of whose applications only what they name must be gone.
    """
    wanted = list(units)
    with site.keyring.engine.reader() as keyring:
        numbers = {row["number"] for row in keyring.rows("SELECT number FROM epoch")}
        if min(numbers) <= epoch_before:
            raise NotGone("the epoch was not rotated")
        if keyring.rows(f"SELECT 1 FROM data_key WHERE wrapped IS NOT NULL AND id IN {IDS} LIMIT 1", ids(wanted)):
            raise NotGone("a key is still there")
    with site.records.reader() as records:
        for table, column in _places():
            if records.rows(f"SELECT 1 FROM {table} WHERE {column} IN {IDS} LIMIT 1", ids(wanted)):
                raise NotGone(f"a row is still in {table}")
        for body in parts:
            _part_is_gone(site.documents.look(), records, body)
    _files_are_gone(site.documents.look(), wanted)
    for holder in site.keyring.holders.each:
        if holder.epochs() != numbers:
            raise NotGone("a holder has not exactly the epoch keys in use")


def _part_is_gone(documents: Look, records: Reader, body: dict[str, Any]) -> None:
    for table, rows in body["items"].items():
        sql = f"SELECT 1 FROM {table} WHERE id IN {IDS} LIMIT 1"
        if table != "application" and records.rows(sql, ids(rows)):
            raise NotGone(f"a row is still in {table}")
    for document in body["items"].get("document", []):
        if documents.left(f"units/{body['of']}/{document}."):
            raise NotGone("a document is still there")


def _places() -> list[tuple[str, str]]:
    """Every column of records that can hold a unit's id, but for those where it may stay."""
    found = [
        (table._meta.tablename, column._meta.name)
        for table in RECORDS
        for column in table._meta.columns
        if isinstance(column, (UUIDColumn, ForeignKey))
    ]
    return [place for place in found if place not in MAY_STAY]


def _files_are_gone(documents: Look, units: Sequence[UUID]) -> None:
    if not documents.there():
        raise NotGone("the document store is not there")
    for unit in units:
        if documents.left(f"units/{unit}/"):
            raise NotGone("a document is still there")
