"""More years of the same: every vacancy that was closed is stored again, with its people and all that is kept of them.

Guards that what is measured is stored as the real acts store it: each copy has ids, units and keys of its own, under
which its values are sealed anew. What waits for somebody is not copied, a legal hold is released in the copy, and
nothing of it is due: a queue may be as long as the work in it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from recruit.database import Engine
from recruit.site import Site
from recruit.tables import KEYRING, RECORDS
from recruit.vault.keyring import Birth
from recruit.vault.sealing import UnitKey, _seal, _unseal, unit_of

Row = dict[str, Any]
Rows = dict[str, list[Row]]

WAITS = {
    "rights_request": "received",
    "section31": "open",
    "interview": "proposed",
    "likeness": "",
    "mail": "queued",
    "purge_notice": "announced",
    "reference_check": "asked",
}
"""The state in which a row waits for somebody, by its table."""


async def add(site: Site, times: int, today: date) -> None:
    """Store all that has ended so many times more."""
    rows = await _everything(site.records, RECORDS)
    keys = await _everything(site.keyring.engine, KEYRING)
    old = await site.keyring.keys(row["id"] for row in keys["data_key"])
    for vacancy in [row["id"] for row in rows["vacancy"] if row["state"] == "closed"]:
        theirs = _of(vacancy, rows)
        ids = {row["id"] for some in theirs.values() for row in some if isinstance(row["id"], UUID)}
        units = [row for row in keys["data_key"] if row["id"] in ids and row["wrapped"] is not None]
        for number in range(times):
            became = {one: uuid4() for one in ids}
            new = old | await _born(site, today, units, became)
            copies = {
                table: [_copy(table, row, number, became, old, new) for row in some] for table, some in theirs.items()
            }
            await _insert(site.records, copies)
    tombstones = [row for row in keys["data_key"] if row["wrapped"] is None]
    issued = [row for row in keys["purge"] if row["state"] == "issued"]
    erased = {table: [{**row, "id": uuid4()} for _ in range(times) for row in some] for table, some in (
        ("data_key", tombstones), ("purge", issued))}  # fmt: skip
    await _insert(site.keyring.engine, erased | _longer("ledger_entry", keys, times))
    runs = [{**row, "id": f"{row['id']}.{n}"} for n in range(times) for row in rows["run"]]
    await _insert(site.records, _longer("audit_entry", rows, times) | {"run": runs})


async def _everything(engine: Engine, tables: Iterable[Any]) -> Rows:
    names = [table._meta.tablename for table in tables]
    return {name: await engine.run_sql(f"SELECT * FROM {name}") for name in names}


def _of(vacancy: UUID, rows: Rows) -> Rows:
    """The vacancy, who applied to it, and all that names any of these or what was found so; no other applications."""
    ids = {vacancy}
    for row in rows["application"]:
        ids |= {row["id"], row["candidate"]} if row["vacancy"] == vacancy else set()
    others = {row["id"] for row in rows["application"]} - ids
    found: Rows = {}
    while True:
        named = {
            name: [row for row in some if not _waits(name, row) and ids & _named(row) and not others & _named(row)]
            for name, some in rows.items()
            if name != "audit_entry"
        }
        more = {row["id"] for some in named.values() for row in some if isinstance(row["id"], UUID)} - ids
        found = {name: some for name, some in named.items() if some}
        if not more:
            return found
        ids |= more


def _named(row: Row) -> set[UUID]:
    return {value for value in row.values() if isinstance(value, UUID)}


def _waits(table: str, row: Row) -> bool:
    return table in WAITS and row.get("state", row.get("verdict")) == WAITS[table]


async def _born(site: Site, today: date, units: Sequence[Row], became: dict[UUID, UUID]) -> dict[UUID, UnitKey]:
    births = [
        Birth(
            unit=became[row["id"]],
            kind=row["kind"],
            at=row["born_at"],
            parent=became.get(row["parent"]),
            digest=uuid4().bytes * 2,
            retain_until=max(row["retain_until"] or today, today) + timedelta(days=90),
        )
        for row in units
    ]
    return {key.unit: key for key in await site.keyring.birth(*births)}


def _copy(
    table: str, row: Row, number: int, became: dict[UUID, UUID], old: dict[UUID, UnitKey], new: dict[UUID, UnitKey]
) -> Row:
    copy = {name: became.get(value, value) if isinstance(value, UUID) else value for name, value in row.items()}
    if table == "legal_hold":
        copy["released_on"] = row["released_on"] or row["placed_on"]
    for name in {"id", "cause", "token"} & {name for name, value in row.items() if isinstance(value, str)}:
        copy[name] = f"{row[name]}.{number}"
    if unit := row.get("sealed") and unit_of(row["sealed"]):
        _, plain = _unseal(old[unit], table, row["id"], row["sealed"])
        copy["sealed"] = _seal(new[became.get(unit, unit)], table, copy["id"], plain)
    return copy


def _longer(table: str, rows: Rows, times: int) -> Rows:
    """A chain goes on with the same kinds of entries, about other holds."""
    some = rows[table]
    return {
        table: [
            {**row, "number": row["number"] + len(some) * (n + 1)} | ({"hold": uuid4()} if row.get("hold") else {})
            for n in range(times)
            for row in some
        ]
    }


async def _insert(engine: Engine, rows: Rows) -> None:
    async with engine.transaction():
        for table, lines in rows.items():
            for names in {tuple(line) for line in lines}:
                columns, marks = ", ".join(names), ", ".join("?" * len(names))
                values = [[str(v) if isinstance(v, UUID) else v for v in line.values()] for line in lines]
                await engine.run_many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)
