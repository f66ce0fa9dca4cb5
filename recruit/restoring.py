"""Restoring an archive so that the living come back whole and the dead stay unreadable.

What may never happen: an archive brings somebody back whom a later ledger says is erased (I6), or anybody is erased
right after a restore because dates have passed meanwhile. So the newest ledger that can be reached is replayed before
anything is served, the epoch is rotated beyond every one that was, lives that were lengthened are lengthened again from
the journal, and no purge runs until a person has looked; what is due then gets a new notice and the answer window.
"""

import os
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import msgspec

from recruit import audit, employer, steps, target
from recruit.backup import Manifest, Progress, archives
from recruit.clock import day
from recruit.locking import alone
from recruit.retention import consent, holds, parts, purge, remembered
from recruit.retention.purge import Counts
from recruit.settings import Settings
from recruit.site import RESTORING, Site, store_of
from recruit.tables import Written
from recruit.target import MEMBERS, RestoreRefused
from recruit.vault import durable
from recruit.vault.documents import DocumentStore
from recruit.vault.holders import HolderUnusable, Memory
from recruit.vault.keyring import INSERT_KEY, EpochUnknown
from recruit.vault.ledger import Entry, first_fault, from_line, of_row
from recruit.vault.sealing import seal

_EPOCH_KEY = "epoch.key"
_LONGEST_KEY = 1024
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Restored:
    """What came back: when the archive was made, and what had to be replayed on it."""

    made_at: datetime
    entries: int
    erasures: int
    lengthened: int
    epoch: int


async def restore(
    settings: Settings,
    source: Path,
    recovery_key: str | None,
    now: datetime,
    ledger: Path | None = None,
    accept_loss: bool = False,
    progress: Progress = lambda step, done, total: None,
) -> Restored:
    """Restore an archive (a file, or the newest of a folder) into an empty data folder and empty databases.

    RestoreRefused, with what to do, if they are not empty, the key is wrong, the archive is broken, or no ledger
    can be reached (then `ledger` names one, or `accept_loss` accepts, logged, that later erasures may be forgotten).
    """
    archive = _newest(source)
    durable.make_folder(settings.data)
    async with alone(settings):
        await target.refuse_if_used(settings)
        durable.write(settings.data / RESTORING, target.mark(settings))
        try:
            manifest, epoch_key = _unpack(archive, settings, recovery_key)
            known = _newest_ledger(settings, archive, ledger, manifest, accept_loss)
            restored = await _revive(settings, manifest, epoch_key, known, now, progress)
        except BaseException:
            await target.clear(settings)
            raise
        try:
            durable.destroy(settings.data / RESTORING)
        except OSError:  # a mark that may come back must not be gone: the same command begins anew
            durable.write(settings.data / RESTORING, target.mark(settings))
            raise
        return restored


async def _revive(
    settings: Settings,
    manifest: Manifest,
    epoch_key: bytes | None,
    known: Sequence[Entry],
    now: datetime,
    progress: Progress,
) -> Restored:
    """From unpacked files to a site that may be served: ledger, journal, rotation, the rest of what was begun."""
    site = await Site.assemble(settings)
    try:
        await target.fill(site)
        site.keyring.holders.prepare()
        await _take_epoch_key(site, epoch_key)
        journal = site.keyring.holders.journal()
        await _replay_births(site, journal)
        await holds.redo(site, journal, now)
        oldest = min(manifest.head[0], (await site.keyring.head()).number)
        newer = [entry for entry in known if entry.number > oldest]
        await parts.redo(site, [e.body for e in newer if e.kind == "erase" and "of" in e.body], now)
        erasures = await site.keyring.replay(newer)
        lengthened = await _replay_lives(site, journal)
        highest = max([site.keyring.epoch, *site.keyring.holders.epochs(), *_epochs_of(known)])
        epoch = await site.keyring.rotate(beyond=highest)
        await site.keyring.retire_older()
        site.keyring.holders.remember(await site.keyring.entries())
        await site.documents.plant_sentinel()
        await _wait_for_a_person(site, now)
        await site.keyring.record("restore", {"made_at": manifest.made_at.isoformat(), "erasures": erasures}, now)
        await purge.finish(site, now, Counts(), progress)
        return Restored(manifest.made_at, len(newer), erasures, lengthened, epoch)
    finally:
        await site.close()


# --- the archive ------------------------------------------------------------------------------------------------


def _newest(source: Path) -> Path:
    if source.is_file():
        return source
    found = [path for path in archives(source) if path.suffix != ".partial"]
    if not found:
        raise RestoreRefused(why=f"there is no archive in {source}.")
    return found[-1]


def _unpack(archive: Path, settings: Settings, recovery_key: str | None) -> tuple[Manifest, bytes | None]:
    """Files into the data folder, documents into their store; the manifest and, in plain mode, the epoch key."""
    keys: list[bytes] = []
    data, documents = settings.data, store_of(settings)
    try:
        with archive.open("rb") as file:
            if archive.suffix == ".age":
                _opened(file, recovery_key, lambda pipe: keys.extend(_extract(pipe, data, documents)))
            else:
                keys.extend(_extract(file, data, documents))
        manifest = msgspec.json.decode((data / "manifest.json").read_bytes(), type=Manifest)
        return manifest, keys[0] if keys else None
    except (tarfile.TarError, msgspec.DecodeError, FileNotFoundError, EOFError) as error:
        raise RestoreRefused(why=f"{archive.name} is damaged or no archive of recruit. Take an older one.") from error


def _opened(file: IO[bytes], recovery_key: str | None, use: Callable[[IO[bytes]], None]) -> None:
    """Open the sealed stream into `use`, in memory only."""
    import pyrage

    if not recovery_key:
        raise RestoreRefused(why="the archive is sealed; the recovery key that set-up showed is needed.")
    try:
        identity = pyrage.x25519.Identity.from_str(recovery_key.strip())
    except pyrage.IdentityError:
        raise RestoreRefused(why="that is no recovery key; it begins with AGE-SECRET-KEY-1.") from None
    read_end, write_end = os.pipe()
    faults: list[BaseException] = []

    def work() -> None:
        try:
            with os.fdopen(write_end, "wb") as pipe:
                pyrage.decrypt_io(file, pipe, [identity])
        except BrokenPipeError:
            return  # who reads has given up, and says why
        except (pyrage.DecryptError, OSError) as error:
            faults.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        with os.fdopen(read_end, "rb") as pipe:
            use(pipe)
            while pipe.read(65536):
                continue
    except tarfile.TarError:
        thread.join()  # what has broken off the stream says more than where the stream breaks off
        if not faults:
            raise
    finally:
        thread.join()
    if faults:
        raise RestoreRefused(why="the recovery key does not open this archive, or the archive is damaged.")


def _extract(pipe: IO[bytes], data: Path, documents: DocumentStore) -> list[bytes]:
    """Only the members that an archive has, as plain files, wherever their names point.

    The epoch key, if the archive has it, is returned: beside what it opens it would lie open after a kill.
    """
    keys: list[bytes] = []
    with tarfile.open(fileobj=pipe, mode="r|") as tar:
        for member in tar:
            parts = Path(member.name).parts
            known = member.name in MEMBERS or parts[:1] in (("signing",), ("documents",))
            if not member.isfile() or not known or ".." in parts or member.name.startswith("/"):
                raise tarfile.TarError("an unexpected member")
            source = tar.extractfile(member)
            assert source is not None
            if member.name == _EPOCH_KEY:
                keys.append(source.read(_LONGEST_KEY))
            elif parts[0] == "documents":
                documents.take_in("/".join(parts[1:]), iter(partial(source.read, _PIECE), b""))
            else:
                _write_out(source, data / member.name)
    return keys


def _write_out(source: IO[bytes], target: Path) -> None:
    durable.make_folder(target.parent)
    with target.open("xb") as out:
        target.chmod(0o600)
        shutil.copyfileobj(source, out)
        out.flush()
        os.fsync(out.fileno())
    durable.sync_folder(target.parent)


# --- what the archive has forgotten -----------------------------------------------------------------------------


def _newest_ledger(
    settings: Settings, archive: Path, ledger: Path | None, manifest: Manifest, accept_loss: bool
) -> list[Entry]:
    """The longest ledger within reach that the archive's own is a beginning of."""
    memories = [Memory(folder) for folder in (*settings.holders, settings.backups, archive.parent)]
    reached = [memory.entries() for memory in memories]
    if ledger is not None:
        reached.append(_read_ledger(ledger))
    known = max(reached, key=len)
    number, digest = manifest.head
    if not known:
        if number == 0 or accept_loss:
            return []
        raise RestoreRefused(
            why="no ledger can be reached, so erasures since the archive might be undone. Name one with --ledger FILE, "
            "or accept that with --accept-loss."
        )
    fault = first_fault(known)
    if fault:
        raise RestoreRefused(why=f"the newest ledger is broken: {fault}. Name another with --ledger FILE.")
    if len(known) >= number and number > 0 and known[number - 1].hash.hex() != digest:
        raise RestoreRefused(why="the archive and the newest ledger belong to different installations.")
    return known


def _read_ledger(path: Path) -> list[Entry]:
    """A file as it lies beside keys and archives, or the keyring of a data folder that was moved away."""
    try:
        if path.suffix == ".db":
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as keyring:
                keyring.row_factory = sqlite3.Row
                return [of_row(dict(row)) for row in keyring.execute("SELECT * FROM ledger_entry ORDER BY number")]
        return [from_line(line) for line in path.read_bytes().splitlines()]
    except (OSError, ValueError, sqlite3.Error) as error:
        raise RestoreRefused(why=f"{path} can't be read as a ledger.") from error


def _epochs_of(entries: Sequence[Entry]) -> list[int]:
    return [int(entry.body["epoch_after"]) for entry in entries if entry.kind == "rotate"]


async def _take_epoch_key(site: Site, epoch_key: bytes | None) -> None:
    """Plain: the key lay in the archive. Strict: a holder has it, and its keyring if the archive's is older."""
    if epoch_key is not None:
        await site.keyring.adopt_key(epoch_key)
        return
    try:
        await site.keyring.take_held_keys()
    except (HolderUnusable, EpochUnknown):  # its epoch has passed, or a fault struck while its key was being destroyed
        await _take_keyring_of_a_holder(site)
        await site.keyring.take_held_keys()


async def _take_keyring_of_a_holder(site: Site) -> None:
    copies = [holder.folder / "keyring.db" for holder in site.keyring.holders.each]
    there = [copy for copy in copies if copy.is_file()]
    if not there:
        raise RestoreRefused(why="the archive is of an older epoch, and no key holder has a copy of the keyring.")
    copy, newest = site.settings.data / target.COPY, max(there, key=lambda path: len(_read_ledger(path)))
    durable.write(copy, newest.read_bytes())
    await target.replace(site.keyring.engine, steps.KEYRING, copy)
    durable.destroy(copy)


async def _replay_births(site: Site, journal: Sequence[dict[str, Any]]) -> None:
    """Strict: keys that were born, or taken over by a part, after the copy of the keyring, under epochs still held."""
    births = [line["row"] for line in journal if line["kind"] == "birth"]
    await site.keyring.take_later_keys(births)
    async with site.keyring.engine.transaction():
        for row in (row for row in births if row["epoch"] in site.keyring.epochs):
            values = {**row, "wrapped": bytes.fromhex(row["wrapped"])}
            values["lookup"] = bytes.fromhex(row["lookup"]) if row["lookup"] else None
            await site.keyring.engine.run_sql(f"{INSERT_KEY} ON CONFLICT (id) DO NOTHING", *values.values())
        for line in journal:
            if line["kind"] == "split" and line["epoch"] in site.keyring.epochs:
                await site.keyring.engine.run_sql(
                    "UPDATE data_key SET wrapped = ?, epoch = ? WHERE id = ? AND wrapped IS NOT NULL",
                    *(bytes.fromhex(line["wrapped"]), line["epoch"], line["unit"]),
                )
            if line["kind"] == "adoption":
                await site.keyring.engine.run_sql(
                    "UPDATE data_key SET kind = 'application', parent = ?, retain_until = NULL "
                    "WHERE id = ? AND wrapped IS NOT NULL AND kind = 'draft'",
                    *(line["parent"], line["unit"]),
                )


async def _replay_lives(site: Site, journal: Sequence[dict[str, Any]]) -> int:
    """Consents, holds, restrictions, undos and requests for facts since the archive; how many there were."""
    count = 0
    for line in journal:
        replay = _REPLAYS.get(line["kind"])
        count += await replay(site, line) if replay else 0
    return count


async def _replay_guard(site: Site, line: dict[str, Any]) -> int:
    rows = await site.keyring.engine.run_sql(
        "UPDATE data_key SET retain_until = ?, holds = ?, restrictions = ?, open_requests = ?, version = ? "
        "WHERE id = ? AND version < ? AND wrapped IS NOT NULL RETURNING id",
        *(line["retain_until"], line["holds"], line["restrictions"], line["open_requests"]),
        *(line["version"], line["unit"], line["version"]),
    )
    return len(rows)


async def _replay_consent(site: Site, line: dict[str, Any]) -> int:
    await consent.keep_wording(
        site, consent.Wording(line["wording"], line["language"], line["wording_text"], line["wording_hash"])
    )
    rows = await site.records.run_sql(
        "INSERT INTO consent (id, candidate, application, given, at, channel, language, wording, wording_hash) "
        "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM candidate WHERE id = ?) "
        "ON CONFLICT (id) DO NOTHING RETURNING id",
        *(line["id"], line["candidate"], line["application"], line["given"], datetime.fromisoformat(line["at"])),
        *(line["channel"], line["language"], line["wording"], line["wording_hash"], line["candidate"]),
    )
    return len(rows)


async def _replay_hold(site: Site, line: dict[str, Any]) -> int:
    """A hold comes back without its words, which were sealed in records. Those on documents are back already."""
    if "document" in line:
        return 0
    hold, application = UUID(line["hold"]), UUID(line["application"])
    key = (await site.keyring.keys([application])).get(application)
    if key is None:
        return 0
    sealed = seal(key, "legal_hold", hold, Written(text=holds.REPLAYED, more=holds.REPLAYED))
    rows = await site.records.run_sql(
        "INSERT INTO legal_hold (id, application, placed_by, placed_on, review_on, sealed) "
        "SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM application WHERE id = ?) "
        "ON CONFLICT (id) DO NOTHING RETURNING id",
        *(hold, application, UUID(line["by"]), line["placed_on"], line["review_on"], sealed, application),
    )
    return len(rows)


async def _replay_review(site: Site, line: dict[str, Any]) -> int:
    rows = await site.records.run_sql(
        "UPDATE legal_hold SET review_on = ? WHERE id = ? RETURNING id", line["review_on"], line["hold"]
    )
    return len(rows)


async def _replay_release(site: Site, line: dict[str, Any]) -> int:
    rows = await site.records.run_sql(
        "UPDATE legal_hold SET released_on = ?, released_by = ? WHERE id = ? AND released_on IS NULL RETURNING id",
        *(line["released_on"], line["by"], line["hold"]),
    )
    return len(rows)


async def _replay_restriction(site: Site, line: dict[str, Any]) -> int:
    """A restriction comes back without its words, which were sealed in records."""
    restriction, application = UUID(line["restriction"]), UUID(line["application"])
    key = (await site.keyring.keys([application])).get(application)
    if key is None:
        return 0
    rows = await site.records.run_sql(
        "INSERT INTO restriction (id, application, ground, permanent, placed_on, review_on, sealed) "
        "SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM application WHERE id = ?) "
        "ON CONFLICT (id) DO NOTHING RETURNING id",
        *(restriction, application, line["ground"], line["permanent"], line["placed_on"], line["review_on"]),
        *(seal(key, "restriction", restriction, Written(text="-")), application),
    )
    return len(rows)


async def _replay_lift(site: Site, line: dict[str, Any]) -> int:
    rows = await site.records.run_sql(
        "UPDATE restriction SET lifted_on = ? WHERE id = ? AND lifted_on IS NULL RETURNING id",
        *(line["lifted_on"], UUID(line["restriction"])),
    )
    return len(rows)


async def _replay_section31(site: Site, line: dict[str, Any]) -> int:
    """A request for facts comes back without its words, which were sealed in records, as it stood last (L31)."""
    request, application = UUID(line["section31"]), UUID(line["application"])
    key = (await site.keyring.keys([application])).get(application)
    if key is None:
        return 0
    rows = await site.records.run_sql(
        "INSERT INTO section31 (id, application, vacancy, state, channel, received_on, due_on, answered_on, sealed) "
        "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM application WHERE id = ?) "
        "ON CONFLICT (id) DO UPDATE SET state = excluded.state, answered_on = excluded.answered_on RETURNING id",
        *(request, application, UUID(line["vacancy"]), line["state"], line["channel"]),
        *(line["received_on"], line["due_on"], line["answered_on"]),
        *(seal(key, "section31", request, Written(text=holds.REPLAYED)), application),
    )
    return len(rows)


async def _replay_undo(site: Site, line: dict[str, Any]) -> int:
    rows = await site.records.run_sql(
        "UPDATE application SET outcome = NULL, decided_by = NULL, closed_on = NULL, closed_at = NULL "
        "WHERE id = ? AND closed_at < ? RETURNING id",
        *(line["application"], datetime.fromisoformat(line["at"])),
    )
    return len(rows)


_REPLAYS: dict[str, Callable[[Site, dict[str, Any]], Awaitable[int]]] = {
    "guard": _replay_guard,
    "consent": _replay_consent,
    "hold": _replay_hold,
    "hold_review": _replay_review,
    "release": _replay_release,
    "restriction": _replay_restriction,
    "lift": _replay_lift,
    "section31": _replay_section31,
    "undo": _replay_undo,
}


async def _wait_for_a_person(site: Site, now: datetime) -> None:
    """No purge until somebody confirms; announced ones are announced anew; nobody goes before the answer window.

    An outcome that waited for its time is decided anew: somebody may have stopped it since.
    """
    policy = await employer.policy(site)
    until = day(now) + timedelta(days=policy.answer_window_days)
    async with site.records.transaction():
        await remembered.remember(site, "restored", True)
        await remembered.remember(site, "confirmed", None)
        await remembered.remember(site, "not_before", until.isoformat())
        await site.records.run_sql("UPDATE purge_notice SET state = 'called_off' WHERE state = 'announced'")
        await site.records.run_sql("DELETE FROM waiting_outcome")
        await audit.record("archive.restored", now)
