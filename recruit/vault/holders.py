"""Holders: the folders outside both databases where the epoch key lives, with the ledger and the journal beside it.

Guards I3 (the epoch keys in use are durable in every holder at every instant) and that a destroyed key is gone from all
of them, half-written files included. The ledger file lets a restore see what an old archive has forgotten; the journal
lets it see which lives were lengthened. Neither holds anything but random ids, dates and counts.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from nacl import pwhash
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.utils import random

from recruit.errors import RecruitError
from recruit.vault import durable
from recruit.vault.ledger import EMPTY, Entry, Head, from_line, head_of, to_line

_README = """This folder holds the key that everything else is sealed under.
Copying it beside a copy of the data folder is no backup: a copied key would outlive an erasure.
Use `recruit backup DIR`, which says what an archive can and cannot bring back.
"""


Needed = Callable[[dict[str, Any]], bool]


class HolderUnusable(RecruitError):
    """An epoch key can't be read from any holder, or a holder can't be written."""

    status = 503
    text = "The key holder {holder} can't be used: {why}"


@dataclass(frozen=True)
class Root:
    """Locks the slots that hold the epoch key; without a passphrase the slot is the key itself."""

    passphrase: bytes | None = None

    def lock(self, key: bytes) -> bytes:
        if self.passphrase is None:
            return b"0" + key
        salt = random(pwhash.argon2id.SALTBYTES)
        return b"1" + salt + bytes(SecretBox(self._derive(salt)).encrypt(key))

    def unlock(self, slot: bytes) -> bytes:
        """ValueError if the slot needs another passphrase."""
        if slot[:1] == b"0":
            return slot[1:]
        if self.passphrase is None:
            raise ValueError("the slot is locked with a passphrase and none is set")
        size = pwhash.argon2id.SALTBYTES
        try:
            return bytes(SecretBox(self._derive(slot[1 : 1 + size])).decrypt(slot[1 + size :]))
        except CryptoError as error:
            raise ValueError("the passphrase does not open the slot") from error

    def _derive(self, salt: bytes) -> bytes:
        assert self.passphrase is not None
        limits = pwhash.argon2id.OPSLIMIT_INTERACTIVE, pwhash.argon2id.MEMLIMIT_INTERACTIVE
        return pwhash.argon2id.kdf(SecretBox.KEY_SIZE, self.passphrase, salt, *limits)


class Memory:
    """A folder that remembers what no archive may forget: `ledger.jsonl` and `journal.jsonl`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> list[Entry]:
        """The ledger as it is remembered here; a torn last line is left out."""
        return [from_line(line) for line in _whole_lines(self.folder / "ledger.jsonl")]

    def head(self) -> Head:
        line = durable.last_line(self.folder / "ledger.jsonl")
        return head_of(from_line(line)) if line else EMPTY

    def remember(self, entries: Iterable[Entry]) -> None:
        """Add what is missing here; `entries` begin no later than right after this head, so that no gap comes."""
        with durable.alone_in(self.folder):
            known = self.head().number
            lines = b"".join(to_line(entry) for entry in entries if entry.number > known)
            if lines:
                durable.append(self.folder / "ledger.jsonl", lines)

    def note(self, records: Iterable[dict[str, Any]]) -> None:
        lines = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
        with durable.alone_in(self.folder):
            durable.append(self.folder / "journal.jsonl", lines)

    def journal(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in _whole_lines(self.folder / "journal.jsonl")]

    def shorten_journal(self, longest: Sequence[dict[str, Any]], needed: Needed) -> int:
        """Keep what is needed of this journal and of the longest one; nothing that is noted meanwhile is lost."""
        with durable.alone_in(self.folder):
            own = self.journal()
            lagging = len(own) < len(longest)
            lines = [*longest, *(line for line in own if line not in longest)] if lagging else own
            kept = [line for line in lines if needed(line)]
            data = b"".join(msgspec.json.encode(line) + b"\n" for line in kept)
            durable.write(self.folder / "journal.jsonl", data)
        return len(kept)


class Holder(Memory):
    """A key holder: besides what it remembers, `epoch-<n>.key`, and in strict mode `keyring.db`."""

    def __init__(self, folder: Path, root: Root) -> None:
        super().__init__(folder)
        self._root = root

    def prepare(self) -> None:
        try:
            durable.make_folder(self.folder)
            readme = self.folder / "README"
            if not readme.exists():
                durable.write(readme, _README.encode())
        except OSError as error:
            raise HolderUnusable(holder=self.folder, why=error.strerror or error) from error

    def epochs(self) -> set[int]:
        return {int(p.name[6:-4]) for p in self.folder.glob("epoch-*.key") if p.name[6:-4].isdigit()}

    def read(self, number: int) -> bytes:
        return self._root.unlock(self._slot(number).read_bytes())

    def has(self, number: int, key: bytes) -> bool:
        """Whether this very key of that epoch can be read here."""
        try:
            return self.read(number) == key
        except (OSError, ValueError):
            return False

    def write(self, number: int, key: bytes) -> None:
        """Durable and read back, or HolderUnusable."""
        try:
            durable.write(self._slot(number), self._root.lock(key))
            if self.read(number) != key:
                raise OSError("the key does not read back")
        except (OSError, ValueError) as error:
            raise HolderUnusable(holder=self.folder, why=error) from error

    def keep_only(self, numbers: Iterable[int]) -> None:
        """Destroy the keys of all other epochs, half-written files included."""
        kept = {self._slot(number) for number in numbers}
        for leftover in self.folder.glob("epoch-*.key*"):
            if leftover not in kept:
                durable.destroy(leftover)

    def _slot(self, number: int) -> Path:
        return self.folder / f"epoch-{number:08}.key"


class Holders:
    """All holders of the installation, acting as one; the archive folder remembers with them, but holds no key."""

    def __init__(self, folders: Sequence[Path], root: Root, archives: Path | None = None) -> None:
        self.each = tuple(Holder(folder, root) for folder in folders)
        self._archives = Memory(archives) if archives else None

    @property
    def memories(self) -> tuple[Memory, ...]:
        """Everywhere that remembers. The archive folder counts while it is there: it may be on a disk that is not."""
        there = self._archives is not None and self._archives.folder.is_dir()
        return (*self.each, self._archives) if there and self._archives else self.each

    def prepare(self) -> None:
        for holder in self.each:
            holder.prepare()

    def find(self, number: int) -> bytes:
        """The epoch key from the first holder that has it; HolderUnusable if none has."""
        return next(self.found(number))

    def found(self, number: int) -> Iterator[bytes]:
        """What each holder has as that epoch's key, so that a damaged one does not hide a good one; HolderUnusable
        if none can be read.
        """
        why: object = (
            "it holds no key of the present epoch, and no other one does. Mount or bring back the one that has it; if "
            "all are lost, `recruit restore` (docs/operations.md, What was lost)."
        )
        some = False
        for holder in self.each:
            try:
                key = holder.read(number)
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                why = error
                continue
            some = True
            yield key
        if not some:
            raise HolderUnusable(holder=self.each[0].folder, why=why)

    def write(self, number: int, key: bytes) -> None:
        for holder in self.each:
            holder.write(number, key)

    def heal(self, keys: Mapping[int, bytes]) -> None:
        """Bring every holder to exactly the epochs in use: written where one is missing, all others destroyed."""
        for holder in self.each:
            for number, key in keys.items():
                if not holder.has(number, key):
                    holder.write(number, key)
            holder.keep_only(keys)

    def epochs(self) -> set[int]:
        return set().union(*(holder.epochs() for holder in self.each))

    def newest_ledger(self) -> list[Entry]:
        """The longest ledger that is remembered anywhere."""
        return max((memory.entries() for memory in self.memories), key=len)

    def remember(self, entries: Sequence[Entry]) -> None:
        for memory in self.memories:
            memory.remember(entries)

    def note(self, *records: dict[str, Any]) -> None:
        for memory in self.memories:
            memory.note(records)

    def journal(self) -> list[dict[str, Any]]:
        return max((memory.journal() for memory in self.memories), key=len)

    def shorten_journal(self, needed: Needed) -> int:
        """Drop from every journal what is not needed; how many lines are left in the longest."""
        longest = self.journal()
        return max(memory.shorten_journal(longest, needed) for memory in self.memories)


def _whole_lines(path: Path) -> list[bytes]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    return data[: data.rfind(b"\n") + 1].splitlines()
