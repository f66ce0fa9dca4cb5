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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bench import Promise, rounds, take_turns
from recruit.database import _PRAGMAS, IDS, ids
from recruit.employer import EmployerFacts, set_employer, set_policy
from recruit.retention import noticing, purge
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site
from recruit.tables import ApplicationData, FileName, Message, Person
from recruit.vault.keyring import Birth, address_digest
from recruit.vault.sealing import StreamSealer, UnitKey, seal

MANY = 5_000
FILE = 20_000
SENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CLOSED = SENT + timedelta(days=30)
NOW = datetime(2026, 9, 1, 2, 30, tzinfo=UTC)

EMPLOYER = EmployerFacts(
    name="Fjordlys AS",
    number="999 999 999",
    address="Storgata 1, 2380 Brumunddal",
    contact_email="post@fjordlys.example",
    has_dpo=False,
    dpo_name="Kari Nord",
    dpo_email="kari@fjordlys.example",
)


def settings_in(folder: Path) -> Settings:
    return Settings(
        data=folder / "data", holders=(folder / "keys",), backups=folder / "backups", smtp=f"maildir:{folder / 'mail'}"
    )


# --- the installation that both sides begin with ----------------------------------------------------------------------


async def installation(folder: Path, many: int) -> None:
    """An installation in which `many` applications were closed long ago and their purge was announced in time."""
    site = await Site.open(settings_in(folder))
    await set_employer(site, EMPLOYER, None, SENT)
    await set_policy(site, Policy(), None, SENT)
    vacancy = uuid4()
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO vacancy (id, state, title_nb, title_en, posting_nb, posting_en, place, extent, created_at) "
            "VALUES (?, 'closed', 'Montør', 'Fitter', '', '', 'Brumunddal', '100 %', ?)",
            *(vacancy, SENT),
        )
    for start in range(0, many, 500):
        await _people(site, vacancy, min(500, many - start))
    await site.close()


async def _people(site: Site, vacancy: UUID, many: int) -> None:
    births = []
    for _ in range(many):
        profile, application = uuid4(), uuid4()
        digest = address_digest("profile", f"{profile}@example.org")
        births.append(Birth(profile, "profile", SENT, digest=digest))
        births.append(Birth(application, "application", SENT, profile, retain_until=CLOSED.date()))
    keys = await site.keyring.birth(*births)
    rows: dict[str, list[dict[str, Any]]] = {}
    for profile_key, key in zip(keys[::2], keys[1::2], strict=True):
        for table, row in _rows(vacancy, profile_key, key):
            rows.setdefault(table, []).append(row)
        document = rows["document"][-1]["id"]
        _file(site.settings.data / "documents", key, document)
    async with site.records.transaction():
        for table, lines in rows.items():
            names = ", ".join(lines[0])
            marks = ", ".join("?" * len(lines[0]))
            sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"
            await site.records.run_many(sql, [tuple(line.values()) for line in lines])


def _rows(vacancy: UUID, profile: UnitKey, key: UnitKey) -> Iterator[tuple[str, dict[str, Any]]]:
    candidate, own, document, told = profile.unit, key.unit, uuid4(), uuid4()
    person = Person(name="Ola Sør", email=f"{candidate}@example.org", phone="900 00 000")
    data = ApplicationData(name=person.name, email=person.email, phone=person.phone, letter="Jeg vil bygge. " * 40)
    yield "candidate", _sealed(profile, "candidate", candidate, person, language="nb", created_at=SENT)
    state = {"stage": "screening", "furthest_stage": "screening", "finalist": False, "source": "web"}
    end = {"outcome": "rejected", "decided_by": vacancy, "closed_on": CLOSED.date(), "closed_at": CLOSED}
    since = {"submitted_at": SENT, "last_activity_at": CLOSED, "guard_version": 0}
    yield (
        "application",
        _sealed(key, "application", own, data, candidate=candidate, vacancy=vacancy, **state, **end, **since),
    )
    name, about = FileName(name="cv.pdf", pages=2), {"kind": "cv", "media_type": "application/pdf", "size": FILE}
    yield "document", _sealed(key, "document", document, name, unit=own, added_at=SENT, **about)
    yield (
        "consent",
        {"id": uuid4(), "candidate": candidate, "application": own, "given": False, "at": SENT, "channel": "form"}
        | {"language": "nb", "wording": 1, "wording_hash": "0" * 64},
    )
    for was, became in (("received", "screening"), ("screening", "rejected")):
        yield "move", {"id": uuid4(), "application": own, "at": CLOSED, "was": was, "became": became}
    for cause in (f"applied:{own}", f"closed:{own}", f"purge_notice:{told}"):
        mail = uuid4()
        words = Message(to=person.email, subject="Søknaden din", text="Takk. " * 100, html="<p>Takk.</p>" * 100)
        at = {"cause": cause, "template": "applied", "state": "sent", "attempts": 1, "queued_at": SENT, "next_at": SENT}
        yield "mail", _sealed(key, "mail", mail, words, unit=own, sent_at=CLOSED, **at)
    notice = {"id": told, "application": own, "candidate": candidate, "token": told.hex * 2, "rule": "L4"}
    yield (
        "purge_notice",
        {**notice, "state": "announced", "noticed_at": CLOSED, "erase_from": CLOSED, "due_on": CLOSED.date()},
    )


def _sealed(key: UnitKey, table: str, row: UUID, value: Any, **columns: Any) -> dict[str, Any]:
    return {"id": row, **columns, "sealed": seal(key, table, row, value)}


def _file(folder: Path, key: UnitKey, document: UUID) -> None:
    sealer = StreamSealer(key, document)
    path = folder / "units" / str(key.unit) / f"{document}.original"
    path.parent.mkdir(parents=True)
    path.write_bytes(sealer.push(os.urandom(FILE)) + sealer.finish())


# --- the two sides ----------------------------------------------------------------------------------------------------


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
        due = await noticing.announced(site, NOW)
        ready = [a for a in due if a.served and a.decision.action == "purge"]
        assert len(ready) == many, "the installation is not what it should be"
        counts, begin = purge.Counts(), time.perf_counter()
        await purge._erase_all(site, ready, NOW, counts, _silent)
        await purge._sweep(site, await purge._begun(site), NOW, _silent)
        erased = time.perf_counter()
        begun = await purge._begun(site)
        await purge._rotate(site, begun, NOW, _silent)
        assert len(await purge._verify(site, begun, NOW, counts)) == many
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
        await installation(template, many)
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
