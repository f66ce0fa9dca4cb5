"""What erasing 5,000 applications costs against deleting the same rows and unlinking the same files.

Ours is what the purge does before its receipts: the inventory of what will go, the keys destroyed under their guards
with a ledger entry each (kept in the keyring and beside the epoch key, on disk), the anonymous counters, rows and
files gone; in its own batches. The other side has no keys and no ledger: one transaction of set-based DELETEs of the
same rows in plain `sqlite3`, with the same pragmas (WAL, synchronous=FULL, secure_delete, foreign_keys), then
`os.unlink` of each file. Both begin with a copy of the same installation: candidates with one application, one file of
20 KB, one consent, two moves, three mails and an announced purge each. Then ours is timed on, to the end of
verification, without target.
"""

import asyncio
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

from bench import Promise, rounds, take_turns
from bench._installation import LATER, installation, settings_in
from recruit.database import IDS, ids
from recruit.database.embedded import _PRAGMAS
from recruit.retention import noticing, purge
from recruit.site import Site

MANY = 5_000


@contextmanager
def fresh(template: Path) -> Iterator[Path]:
    """A copy of the installation, on disk before anything is timed."""
    with tempfile.TemporaryDirectory(dir=template.parent) as folder:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        os.sync()
        yield Path(folder)


async def ours(template: Path, many: int, rest: list[float]) -> float:
    with fresh(template) as folder:
        site = await Site.open(settings_in(folder))
        due = await noticing.announced(site, LATER)
        ready = [a for a in due if a.served and a.decision.action == "purge"]
        assert len(ready) == many, "the installation is not what it should be"
        counts, begin = purge.Counts(), time.perf_counter()
        await purge._erase_all(site, ready, LATER, counts, _silent)
        await purge._sweep(site, await purge._begun(site), _silent)
        erased = time.perf_counter()
        begun = await purge._begun(site)
        await purge._rotate(site, begun, LATER, _silent)
        assert len(await purge._verify(site, begun, LATER, counts)) == many
        rest.append(time.perf_counter() - erased)
        assert counts.erased == many
        _nothing_is_left(folder)
        await site.close()
        return erased - begin


def _silent(step: str, done: int, total: int) -> None:
    return None


async def plain(template: Path, many: int) -> float:
    with fresh(template) as folder:
        with closing(sqlite3.connect(folder / "data" / "records.db")) as look:
            owners = list(look.execute("SELECT id, candidate FROM application"))
        files = sorted((folder / "data" / "documents" / "units").glob("*/*"))
        assert len(owners) == len(files) == many
        begin = time.perf_counter()
        _delete(folder / "data" / "records.db", [a for a, _ in owners], [c for _, c in owners])
        for file in files:
            os.unlink(file)
        taken = time.perf_counter() - begin
        _nothing_is_left(folder)
        return taken


def _delete(database: Path, applications: Sequence[str], candidates: Sequence[str]) -> None:
    own, people = ids(map(UUID, applications)), ids(map(UUID, candidates))
    with closing(sqlite3.connect(database, isolation_level=None)) as records:
        for pragma in _PRAGMAS:
            records.execute(pragma)
        records.execute("BEGIN IMMEDIATE")
        records.execute(f"DELETE FROM move WHERE application IN {IDS}", [own])
        records.execute(f"DELETE FROM document WHERE unit IN {IDS}", [own])
        records.execute(f"DELETE FROM mail WHERE unit IN {IDS}", [own])
        records.execute(f"DELETE FROM application WHERE id IN {IDS}", [own])
        records.execute(f"DELETE FROM consent WHERE candidate IN {IDS}", [people])
        records.execute(f"DELETE FROM candidate WHERE id IN {IDS}", [people])
        records.execute("COMMIT")


def _nothing_is_left(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "data" / "records.db")) as records:
        for table in ("candidate", "application", "document", "consent", "move", "mail"):
            assert records.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    assert not list((folder / "data" / "documents" / "units").glob("*/*"))


async def main(turns: int, many: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template"
        template.mkdir()
        await installation(template, many, ended=True)
        rest: list[float] = []
        ratios = await take_turns(
            lambda: ours(template, many, rest),
            lambda: plain(template, many),
            turns,
            "s",
            (f"erasing {many:,}: keys, ledger, rows, files", "raw DELETE and unlink"),
        )
        print(f"{'then rotating the epoch and verifying':44} {sorted(rest)[len(rest) // 2]:9.2f} s (median of {turns})")
        return Promise("erasing / raw delete", 3).judge(ratios)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(rounds(5), MANY)))
