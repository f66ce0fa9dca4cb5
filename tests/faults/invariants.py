"""An independent reader of what an installation has left on disk: plain sqlite3, file reads and its own arithmetic.

It shares no code with the package, so that a mistake there can't hide itself here. `check` returns what is wrong with
I1 to I7, and with documents of the living, as sentences; `fingerprint` is what I8 compares.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True)
class Place:
    """Where an installation lies."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def holders(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("keys-*") if path.is_dir())

    @property
    def memories(self) -> list[Path]:
        return [*self.holders, self.folder / "backups"]


def check(place: Place, held: Iterable[str] = (), ended: bool = True) -> list[str]:
    """What is wrong; an empty list if nothing is. `held`: applications whose hold was granted.

    Not `ended`: only what must hold at every instant, also where a process has just died.
    """
    wrong: list[str] = []
    keyring = _rows(place.data / "keyring.db", "SELECT * FROM data_key")
    epochs = _rows(place.data / "keyring.db", "SELECT * FROM epoch")
    ledger = [_entry(row) for row in _rows(place.data / "keyring.db", "SELECT * FROM ledger_entry ORDER BY number")]
    purges = _rows(place.data / "keyring.db", "SELECT * FROM purge")
    erasures = [entry for entry in ledger if entry["kind"] == "erase"]
    wrong += _receipts(place, keyring, erasures, purges, min(row["number"] for row in epochs))
    wrong += _tombstones(keyring, ledger, erasures)
    wrong += _epoch_keys(place, epochs, ended)
    wrong += _once(erasures, purges)
    alive = {row["id"] for row in keyring if row["wrapped"] is not None}
    wrong += [f"I5: {unit} is held, but its key is gone" for unit in held if unit not in alive]
    wrong += _forgotten(place, alive, ledger, ended)
    if ended:
        wrong += _documents(place, alive)
        wrong += [f"I7: purge {row['id']} is still {row['state']}" for row in purges if row["state"] != "issued"]
    return wrong


def _receipts(place: Place, keyring: list[Any], erasures: list[Any], purges: list[Any], epoch: int) -> Iterator[str]:
    """I1: a receipt exists only if nothing of its units opens or lies about anywhere."""
    by_purge = {entry["body"]["purge"]: entry for entry in erasures}
    states = {row["id"]: row["state"] for row in purges}
    tombs = {row["id"] for row in keyring if row["wrapped"] is None}
    for path in (place.data / "documents" / "receipts").glob("*"):
        entry = by_purge.get(path.stem)
        if entry is None or states.get(path.stem) not in ("verified", "issued"):
            yield f"I1: receipt {path.name} belongs to no verified purge"
            continue
        for unit in entry["body"]["units"]:
            if unit not in tombs:
                yield f"I1: receipt {path.name}, but the key of {unit} is there"
            if (place.data / "documents" / "units" / unit).exists():
                yield f"I1: receipt {path.name}, but documents of {unit} are there"
        if epoch <= entry["body"]["epoch"]:
            yield f"I1: receipt {path.name}, but the epoch was not rotated"
    for row in purges:
        if row["state"] == "issued" and not (place.data / "documents" / "receipts" / f"{row['id']}.pdf").is_file():
            yield f"I1: purge {row['id']} is called ended without a receipt"
    gone = {
        unit
        for entry in erasures
        if (states.get(entry["body"]["purge"]) == "issued")
        for unit in entry["body"]["units"]
    }
    yield from (f"I1: {where} still opens {unit}" for unit, where in opening(place) if unit in gone)


def _tombstones(keyring: list[Any], ledger: list[Any], erasures: list[Any]) -> Iterator[str]:
    """I2: no key is absent without an entry, and the guard held when it was written."""
    by_unit = {unit: entry for entry in erasures for unit in entry["body"]["units"]}
    restored = max([e["number"] for e in ledger if e["kind"] == "restore"], default=0)
    for row in keyring:
        entry = by_unit.get(row["id"])
        if row["wrapped"] is not None:
            continue
        if entry is None or entry["body"]["purge"] != row["purge"]:
            yield f"I2: the key of {row['id']} is absent without an entry in the ledger"
            continue
        if row["holds"] or row["restrictions"] or row["open_requests"]:
            yield f"I2: {row['id']} was erased though something blocked it"
        first = next(iter(entry["body"]["units"])) == row["id"] or len(entry["body"]["units"]) == 1
        day = datetime.fromisoformat(entry["at"]).astimezone(OSLO).date()
        until = row["retain_until"]
        judged = row["kind"] in ("application", "draft") and first and entry["number"] > restored
        if judged and (until is None or day <= date.fromisoformat(until)):
            yield f"I2: {row['id']} was erased on {day}, though it was kept until {until}"
    previous = bytes(32)
    for number, entry in enumerate(ledger, 1):
        said = json.dumps(
            {"number": number, "at": entry["at"], "kind": entry["kind"], "body": entry["body"]},
            sort_keys=True, separators=(",", ":"), ensure_ascii=False,
        )  # fmt: skip
        if entry["previous"] != previous or hashlib.sha256(previous + said.encode()).digest() != entry["hash"]:
            yield f"I2: the ledger is broken at entry {number}"
        previous = entry["hash"]


def _epoch_keys(place: Place, epochs: list[Any], ended: bool) -> Iterator[str]:
    """I3: the epoch keys in use, and once started anew only the present one, are in every holder; and where a holder
    has a copy of the keyring, keys that open it.
    """
    if ended and len(epochs) != 1:
        yield f"I3: {len(epochs)} epochs are in use"
    for holder in place.holders:
        found = {path.name: path.read_bytes()[1:] for path in holder.glob("epoch-*")}
        names = {f"epoch-{row['number']:08}.key": row["check"] for row in epochs}
        for name, check in names.items():
            if name not in found or derived(found[name], "check") != check:
                yield f"I3: {holder.name} has not {name}, which is in use"
        yield from (f"I3: {holder.name} still has {other}" for other in found if ended and other not in names)
        for copy in (path for path in [holder / "keyring.db"] if path.is_file()):
            for under in _rows(copy, "SELECT * FROM epoch"):
                if under["check"] not in [derived(key, "check") for key in found.values()]:
                    yield f"I3: the copy of the keyring in {holder.name} needs epoch {under['number']}, which is gone"


def _once(erasures: list[Any], purges: list[Any]) -> Iterator[str]:
    """I4: one purge for a unit, one ledger entry and one row for a purge."""
    units = [unit for entry in erasures for unit in entry["body"]["units"]]
    ids = [entry["body"]["purge"] for entry in erasures]
    if len(units) != len(set(units)):
        yield "I4: a unit is in two purges"
    if len(ids) != len(set(ids)) or sorted(ids) != sorted(row["id"] for row in purges):
        yield "I4: purges and ledger entries are not one to one"


def _forgotten(place: Place, alive: set[str], ledger: list[Any], ended: bool) -> Iterator[str]:
    """I6: no unit of any ledger within reach is readable, and no memory of the ledger has a gap or a fork."""
    lines = [[json.loads(line) for line in _lines(memory / "ledger.jsonl")] for memory in place.memories]
    for memory, known in zip(place.memories, lines, strict=True):
        if [line["hash"] for line in known] != [entry["hash"].hex() for entry in ledger[: len(known)]]:
            yield f"I6: the ledger beside {memory.name} is not a beginning of ours"
        if ended and memory.name.startswith("keys-") and len(known) != len(ledger):
            yield f"I6: {memory.name} remembers {len(known)} entries of {len(ledger)}"
    erased = {unit for known in lines for line in known if line["kind"] == "erase" for unit in line["body"]["units"]}
    yield from (f"I6: {unit} is in a ledger, but its key is there" for unit in sorted(erased & alive))


def _documents(place: Place, alive: set[str]) -> Iterator[str]:
    """I8: what records list of the living is there."""
    for row in _rows(place.data / "records.db", "SELECT id, unit FROM document"):
        homes = [place.data / "documents" / "units" / unit for unit in (row["unit"], row["id"])]
        if row["unit"] in alive and not any((home / f"{row['id']}.original").is_file() for home in homes):
            yield f"I8: document {row['id']} is listed, but it is not there"


# --- keys -------------------------------------------------------------------------------------------------------------


def opening(place: Place) -> Iterator[tuple[str, str]]:
    """Every unit that any key which is left opens in any store that is left, and where."""
    keys = epoch_keys(place)
    stores = [place.data / "keyring.db", *(holder / "keyring.db" for holder in place.holders)]
    for store in (path for path in stores if path.is_file()):
        for row in _rows(store, "SELECT id, epoch, wrapped FROM data_key WHERE wrapped IS NOT NULL"):
            if any(unwrapped(key, row["id"], row["epoch"], row["wrapped"]) for key in keys):
                yield row["id"], str(store.relative_to(place.folder))
    for memory in place.memories:
        for line in map(json.loads, _lines(memory / "journal.jsonl")):
            if line["kind"] == "birth" and any(
                unwrapped(key, line["row"]["id"], line["row"]["epoch"], bytes.fromhex(line["row"]["wrapped"]))
                for key in keys
            ):
                yield line["row"]["id"], f"{memory.name}/journal.jsonl"


def epoch_keys(place: Place) -> list[bytes]:
    """Every epoch key in any holder, half-written files included."""
    return [path.read_bytes()[1:33] for holder in place.holders for path in holder.glob("epoch-*")]


def unwrapped(epoch_key: bytes, unit: str, epoch: int, wrapped: bytes) -> bytes | None:
    """The data key of a unit, if this epoch key opens it."""
    if len(epoch_key) != 32:
        return None
    try:
        place = UUID(unit).bytes + epoch.to_bytes(8, "big")
        return AESGCM(derived(epoch_key, "wrap")).decrypt(wrapped[:12], wrapped[12:], place)[:32]
    except InvalidTag:
        return None


def derived(key: bytes, purpose: str) -> bytes:
    return hashlib.blake2b(key=key, person=purpose.encode(), digest_size=32).digest() if len(key) == 32 else b""


# --- the living -------------------------------------------------------------------------------------------------------


def fingerprint(place: Place, units: Iterable[str]) -> dict[str, Any]:
    """Keys, sealed rows and documents of the living: what must be the same, bit by bit, before and after (I8)."""
    wanted = set(units)
    prints: dict[str, Any] = {}
    keys = epoch_keys(place)
    for row in _rows(place.data / "keyring.db", "SELECT id, epoch, wrapped FROM data_key WHERE wrapped IS NOT NULL"):
        if row["id"] in wanted:
            opened = [unwrapped(key, row["id"], row["epoch"], row["wrapped"]) for key in keys]
            prints[f"key {row['id']}"] = next((key for key in opened if key), None)
    for table in _sealed_tables(place):
        for row in _rows(place.data / "records.db", f"SELECT id, sealed FROM {table}"):
            if str(UUID(bytes=row["sealed"][2:18])) in wanted:
                prints[f"{table} {row['id']}"] = hashlib.sha256(row["sealed"]).hexdigest()
    for unit in wanted:
        for path in (place.data / "documents" / "units" / unit).glob("*"):
            prints[f"file {unit}/{path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return prints


def signing_keys(place: Place) -> dict[str, Any]:
    """What older receipts are verified by: it must outlive everything."""
    return {f"signing key {path.name}": path.read_bytes() for path in (place.data / "signing").glob("*.pem")}


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """I8: what of the living is not as it was. What was added since is no difference."""
    return [f"I8: {name} is not as it was" for name, was in before.items() if after.get(name) != was]


def _sealed_tables(place: Place) -> list[str]:
    columns = "SELECT t.name FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'"
    return [row["name"] for row in _rows(place.data / "records.db", f"{columns} AND c.name = 'sealed'")]


# --- reading ----------------------------------------------------------------------------------------------------------


def _rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return database.execute(sql).fetchall()


def _entry(row: Any) -> dict[str, Any]:
    return {**dict(row), "body": json.loads(row["body"])}


def _lines(path: Path) -> list[bytes]:
    if not path.is_file():
        return []
    data = path.read_bytes()
    return data[: data.rfind(b"\n") + 1].splitlines()
