"""Archives: how the living survive a lost disk, and how long an archive may remember the dead.

Guards that an archive restores by itself and only with the recovery key: records, keyring, documents, signing keys and,
in plain mode, the epoch key go into one stream that is sealed as it is written; nothing of it rests in clear. In strict
mode the epoch key is left out, so that an archive dies when the epoch is rotated. Order of copying: records before the
keyring (every row finds its key), the keyring before documents.
"""

import asyncio
import io
import os
import tarfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, cast
from uuid import UUID

import msgspec

from recruit import __version__, audit, employer
from recruit.clock import day
from recruit.errors import NotFound, RecruitError
from recruit.locking import alone
from recruit.site import Site
from recruit.vault import durable
from recruit.vault.documents import DocumentStore

Progress = Callable[[str, int, int], None]

_NAME = "recruit-%Y-%m-%dT%H%M%S%fZ.tar"


class NoRecoveryKey(RecruitError):
    """In plain mode an archive holds the epoch key, so it is never written without something to seal it to."""

    status = 409
    text = "No recovery key is set (RECRUIT_RECOVERY_RECIPIENT), so an archive would lie open. Run `recruit init`."


class BackupFailed(RecruitError):
    """The archive could not be written; what was there is untouched."""

    status = 503
    text = "The archive could not be written: {why}"


@dataclass(frozen=True)
class Archive:
    """A finished archive: its file, size in bytes, and how many documents it holds."""

    path: Path
    size: int
    documents: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What stands first in an archive. `head` is the ledger's last entry as number and hexadecimal hash."""

    version: str
    made_at: datetime
    mode: str
    epoch: int
    head: tuple[int, str]


def make_recovery_key() -> tuple[str, str]:
    """A new recovery key, to be shown once and kept elsewhere, and the recipient that archives are sealed to."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


async def back_up(
    site: Site, folder: Path, now: datetime, progress: Progress = lambda step, done, total: None
) -> Archive:
    """Write one archive into a folder while the installation serves. Busy, NoRecoveryKey or BackupFailed."""
    async with alone(site.settings):
        return await write(site, folder, now, progress)


async def write(
    site: Site, folder: Path, now: datetime, progress: Progress = lambda step, done, total: None
) -> Archive:
    """The same for who holds the data folder's lock already. NoRecoveryKey or BackupFailed."""
    recipient, mode = site.settings.recovery_recipient, site.settings.backup_mode
    if not recipient and mode == "plain":
        raise NoRecoveryKey()
    try:
        durable.make_folder(folder)
        _bring_back(folder, now)
        archive = await _write(site, folder, now, recipient, progress)
    except (OSError, tarfile.TarError) as error:
        raise BackupFailed(why=getattr(error, "strerror", None) or type(error).__name__) from error
    await _remember_in(site, folder)
    async with site.records.transaction():
        await audit.record("backup.made", now, documents=archive.documents, size=archive.size)
    return archive


async def _write(site: Site, folder: Path, now: datetime, recipient: str, progress: Progress) -> Archive:
    """Copies of the databases wait in the data folder, sealed as they are; the rest goes straight into the stream."""
    waiting = site.settings.data / "backup.tmp"
    durable.make_folder(waiting)
    await site.keyring.end_rotation()  # an archive is of one epoch
    target = folder / (now.astimezone(UTC).strftime(_NAME) + (".age" if recipient else ""))
    try:
        await site.records.copy_into(waiting / "records.db")
        await site.keyring.engine.copy_into(waiting / "keyring.db")
        head = await site.keyring.head()
        manifest = Manifest(
            version=__version__,
            made_at=now,
            mode=site.settings.backup_mode,
            epoch=site.keyring.epoch,
            head=(head.number, head.hash.hex()),
        )
        key = site.keyring.epoch_key() if site.settings.backup_mode == "plain" else None
        files = await asyncio.to_thread(_stream, site, waiting, target, manifest, key, recipient, progress)
    finally:
        for name in ("records.db", "keyring.db"):
            (waiting / name).unlink(missing_ok=True)
    return Archive(target, target.stat().st_size, files)


def _stream(
    site: Site, waiting: Path, target: Path, manifest: Manifest, key: bytes | None, recipient: str, progress: Progress
) -> int:
    """Tar on one side of a pipe, sealing on the other; the archive appears under its name only when it is durable."""
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        with partial.open("xb") as out:
            partial.chmod(0o600)
            count = _sealed(out, recipient, lambda pipe: _pack(pipe, site, waiting, manifest, key, progress))
            out.flush()
            os.fsync(out.fileno())
        partial.replace(target)
        durable.sync_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _sealed(out: IO[bytes], recipient: str, pack: Callable[[IO[bytes]], int]) -> int:
    """Run `pack` into `out`, through age if there is a recipient; a fault on either side is raised here."""
    if not recipient:
        return pack(out)
    import pyrage

    read_end, write_end = os.pipe()
    result: list[Any] = []
    watched = _Watched(out)

    def work() -> None:
        try:
            with os.fdopen(write_end, "wb") as pipe:
                count = pack(pipe)
        except BaseException as error:
            result.append(error)
        else:
            result.append(count)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        with os.fdopen(read_end, "rb") as pipe:
            pyrage.encrypt_io(pipe, watched, [pyrage.x25519.Recipient.from_str(recipient)])
    except pyrage.EncryptError:
        if watched.fault is None:
            raise
    thread.join()
    fault = watched.fault or result[0]
    if isinstance(fault, BaseException):
        raise fault
    return int(fault)


class _Watched:
    """A file that remembers how writing failed: sealing hides that in an error of its own, and swallows it where only
    the last bytes could not be written.
    """

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.fault: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._out.write(data)
        except OSError as error:
            self.fault = error
            raise

    def flush(self) -> None:
        self._out.flush()


def _pack(pipe: IO[bytes], site: Site, waiting: Path, manifest: Manifest, key: bytes | None, progress: Progress) -> int:
    with tarfile.open(fileobj=pipe, mode="w|") as tar:
        _add_bytes(tar, "manifest.json", msgspec.json.encode(manifest))
        if key is not None:
            _add_bytes(tar, "epoch.key", key)
        for name in ("records.db", "keyring.db"):
            tar.add(waiting / name, name)
        for path in sorted((site.settings.data / "signing").glob("*.pem")):
            tar.add(path, f"signing/{path.name}")
        return _pack_documents(tar, site.documents, progress)


def _pack_documents(tar: tarfile.TarFile, documents: DocumentStore, progress: Progress) -> int:
    """Every object; one that was erased between listing and reading is left out."""
    paths = documents.listed()
    for done, path in enumerate(paths, 1):
        try:
            found = documents.opened(path)
        except NotFound:
            continue
        entry = tarfile.TarInfo(f"documents/{path}")
        entry.size, entry.mode = found.size, 0o600
        tar.addfile(entry, cast("IO[bytes]", found))
        progress("backup", done, len(paths))
    return len(paths)


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))


async def _remember_in(site: Site, folder: Path) -> None:
    """The ledger stands beside every archive, so that a restore knows what the archive has forgotten."""
    from recruit.vault.holders import Memory

    Memory(folder).remember(await site.keyring.entries(after=Memory(folder).head().number))


def archives(folder: Path) -> list[Path]:
    """The finished archives of a folder, oldest first."""
    found = folder.glob("recruit-*.tar*") if folder.is_dir() else ()
    return sorted(path for path in found if path.suffix != ".partial")


def made_at(archive: Path) -> datetime:
    """When an archive was made, by its name."""
    return datetime.strptime(archive.name.split(".tar")[0] + ".tar", _NAME).replace(tzinfo=UTC)


def _bring_back(folder: Path, now: datetime) -> None:
    """Archives from a clock that ran ahead would be the newest, and never old enough to go: from now on they count as
    made just before the present one.
    """
    ahead = [path for path in archives(folder) if made_at(path) > now]
    for number, path in enumerate(ahead):
        name = (now - timedelta(microseconds=len(ahead) - number)).astimezone(UTC).strftime(_NAME)
        path.replace(folder / (name + path.name.partition(".tar")[2]))
    if ahead:
        durable.sync_folder(folder)


async def shorten_journal(site: Site, now: datetime) -> int:
    """Drop from the journal what no archive can need any more: erased units, and births of past epochs. Lines left."""
    async with alone(site.settings):
        oldest = await site.keyring.refresh()
        noted = {UUID(unit) for line in site.keyring.holders.journal() if (unit := _unit_of(line))}
        guards = await site.keyring.guards(noted)
        gone = {str(unit) for unit in noted if unit not in guards or not guards[unit].present}
        return site.keyring.holders.shorten_journal(lambda line: _needed(line, gone, oldest))


def _unit_of(line: dict[str, Any]) -> str | None:
    if line["kind"] == "birth":
        return str(line["row"]["id"])
    return line.get("unit") or line.get("document") or line.get("application") or line.get("candidate")


def _needed(line: dict[str, Any], gone: set[str], oldest: int) -> bool:
    """`gone` are units that were found erased: who is noted meanwhile is none of them. `oldest` is the oldest epoch
    in use: what was wrapped before that opens no more.
    """
    wrapped_in = line["row"]["epoch"] if line["kind"] == "birth" else line.get("epoch", oldest)
    return _unit_of(line) not in gone and wrapped_in >= oldest


async def prune(site: Site, now: datetime) -> int:
    """Delete archives past the horizon of the policy, half-written ones too; how many. T2 rests on this."""
    policy = await employer.policy(site)
    keep_from = day(now) - timedelta(days=policy.archive_days)
    async with alone(site.settings):
        old = [path for path in archives(site.settings.backups) if day(made_at(path)) < keep_from]
        old += site.settings.backups.glob("recruit-*.partial")
        for path in old:
            path.unlink(missing_ok=True)
        if old:
            durable.sync_folder(site.settings.backups)
    return len(old)
