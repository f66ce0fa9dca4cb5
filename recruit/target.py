"""Where an archive is restored into: the data folder, and with PostgreSQL two databases.

Guards that an installation is never overwritten, and that a restore which was refused or cut off leaves nothing behind
that the next try, or a start, could take for an installation.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from recruit import steps, tables
from recruit.database import Engine, Schema, Server, engine_at, engine_of
from recruit.errors import RecruitError
from recruit.settings import Settings
from recruit.site import RESTORING, Site, store_of
from recruit.vault import durable
from recruit.vault.ledger import of_row, to_line

MEMBERS = ("manifest.json", "epoch.key", "records.db", "keyring.db")
"""The files of an archive; all others lie in its folders."""
COPY = "keyring.copy"
"""A holder's copy of the keyring, while it is brought forward."""
_SIGNS_OF_USE = ("employer", "staff", "application")


class RestoreRefused(RecruitError):
    """Restoring can't go on; `why` says what to do."""

    status = 409
    text = "Nothing was restored: {why}"


async def refuse_if_used(settings: Settings) -> None:
    """RestoreRefused where there is an installation; what an earlier restore was cut off in goes: it has no worth."""
    if (settings.data / RESTORING).exists() or _never_used(settings.data):
        await clear(settings)
    if (settings.data / "records.db").exists() or (settings.data / "keyring.db").exists():
        raise RestoreRefused(
            why=f"{settings.data} holds an installation. Stop it and move that folder away, then try again."
        )
    if settings.records_url and await _databases_used(settings):
        raise RestoreRefused(
            why="the databases hold an installation. Stop it, keep its ledger with `recruit ledger save FILE`, make "
            "two empty databases for RECRUIT_RECORDS_URL and RECRUIT_KEYRING_URL, then try again with "
            "`--ledger FILE`."
        )
    if settings.documents_url and not await asyncio.to_thread(store_of(settings).is_empty):
        raise RestoreRefused(
            why="the bucket holds documents. Make an empty one for RECRUIT_DOCUMENTS_URL, then try again; destroy the "
            "old one once what was restored is in order."
        )


async def save_ledger(settings: Settings, file: Path) -> int:
    """Write what the keyring knows into a file that a restore takes, whether or not it opens; how many entries."""
    lying, rows = settings.data / "keyring.db", []
    engine = engine_of(settings.keyring_url, lying)
    try:
        if (settings.keyring_url or lying.exists()) and await engine.has_table("ledger_entry"):
            rows = await engine.run_sql("SELECT * FROM ledger_entry ORDER BY number")
    finally:
        await engine.close()
    if rows:
        durable.write(file, b"".join(to_line(of_row(row)) for row in rows))
    return len(rows)


def mark(settings: Settings) -> bytes:
    """What stands in the file of a restore: the bucket that was empty when it began, and which therefore may be emptied
    again. No other one ever is.
    """
    return store_of(settings).name.encode() if settings.documents_url else b""


def _empty_bucket(settings: Settings) -> None:
    if settings.documents_url:
        store_of(settings).empty()


def _never_used(data: Path) -> bool:
    """What a refused first start leaves: a keyring without an epoch, under which nothing can have been sealed, and no
    records whose keyring was lost.
    """
    unused = [_holds_nothing(data / "keyring.db", ["epoch"]), _holds_nothing(data / "records.db", _SIGNS_OF_USE)]
    return (data / "keyring.db").exists() and all(unused)


def _holds_nothing(file: Path, names: Sequence[str]) -> bool:
    if not file.exists():
        return True
    with closing(sqlite3.connect(file)) as reader:
        made = {name for (name,) in reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return not any(reader.execute(f"SELECT 1 FROM {name}").fetchone() for name in made & {*names})


async def _databases_used(settings: Settings) -> bool:
    records, keyring = _servers(settings)
    try:
        places = [(keyring, "epoch"), *((records, name) for name in _SIGNS_OF_USE)]
        return any([await _has_rows(engine, name) for engine, name in places])
    finally:
        await records.close()
        await keyring.close()


async def _has_rows(engine: Engine, table: str) -> bool:
    return await engine.has_table(table) and bool(await engine.run_sql(f"SELECT 1 FROM {table} LIMIT 1"))


def _servers(settings: Settings) -> tuple[Server, Server]:
    records, keyring = Server(settings.records_url), Server(settings.keyring_url)
    records.tables, keyring.tables = tables.RECORDS, tables.KEYRING
    return records, keyring


async def clear(settings: Settings) -> None:
    """After a refusal everything is empty again, so that the next try begins afresh."""
    for name in (*MEMBERS, COPY):
        for behind in ("", "-wal", "-shm"):
            durable.destroy(settings.data / f"{name}{behind}")
    if (settings.data / RESTORING).exists() and (settings.data / RESTORING).read_bytes() == mark(settings):
        await asyncio.to_thread(_empty_bucket, settings)
    for name in ("documents", "signing"):
        shutil.rmtree(settings.data / name, ignore_errors=True)
    if settings.records_url:
        for engine in _servers(settings):
            await engine.empty()
            await engine.close()
    durable.destroy(settings.data / RESTORING)


async def fill(site: Site) -> None:
    """The unpacked files become the databases: where they lie, or on the server, and then they are not needed here."""
    if not site.settings.records_url:
        return
    for engine, schema, name in (
        (site.records, steps.RECORDS, "records.db"), (site.keyring.engine, steps.KEYRING, "keyring.db")
    ):  # fmt: skip
        await replace(engine, schema, site.settings.data / name)
        durable.destroy(site.settings.data / name)


async def replace(engine: Engine, schema: Schema, file: Path) -> None:
    """Hold what a copy of a database holds, which an older version may have made."""
    copy = engine_at(file)
    try:
        await schema.bring(copy)
    finally:
        await copy.close()
    await engine.replace_by(file)
