"""Writing and destroying small files so that a power cut leaves the old state or the new one.

Guards that "written" means: the bytes and the folder entry are on disk and were read back; and that "destroyed" means:
overwritten if no other link shares the bytes, removed, and the removal is on disk.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_BLOCK = 65536


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """A folder for this user alone; its existence is durable, and that of the folders which it needed."""
    missing = [each for each in (folder, *folder.parents) if not each.is_dir()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for each in missing:
        sync_folder(each.parent)


def write(path: Path, data: bytes) -> None:
    """Create or replace a file atomically and durably; OSError if it does not read back the same."""
    waiting = path.with_name(path.name + ".new")
    handle = os.open(waiting, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    waiting.replace(path)
    sync_folder(path.parent)
    if path.read_bytes() != data:
        raise OSError(f"{path} does not read back as it was written")


def settle(waiting: Path, path: Path) -> None:
    """Put a finished file in its place, durably."""
    with waiting.open("rb") as file:
        os.fsync(file.fileno())
    waiting.replace(path)
    sync_folder(path.parent)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes from changing what this folder remembers meanwhile; the lock goes with its process."""
    handle = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def append(path: Path, data: bytes) -> None:
    """Add whole lines to a file, durably; a torn last line from an earlier fault is cut off first.

    Two processes that may append to the same file take turns by `alone_in`.
    """
    new = not path.exists()
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    with os.fdopen(handle, "r+b") as file:
        file.truncate(_end_of_last_line(file))
        file.seek(0, os.SEEK_END)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if new:
        sync_folder(path.parent)


def last_line(path: Path) -> bytes | None:
    """The last whole line of a file of any size, or None."""
    try:
        with path.open("rb") as file:
            end = _end_of_last_line(file)
            if end == 0:
                return None
            start, found = end - 1, b""
            while start > 0 and b"\n" not in found[:-1]:
                start = max(0, start - _BLOCK)
                file.seek(start)
                found = file.read(end - start)
            return found[:-1].rpartition(b"\n")[2]
    except FileNotFoundError:
        return None


def _end_of_last_line(file: BinaryIO) -> int:
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        place = file.read(end - start).rfind(b"\n")
        if place >= 0:
            return start + place + 1
        end = start
    return 0


def destroy(path: Path) -> None:
    """Overwrite (only if no other link shares the bytes) and remove; nothing happens if it is gone already."""
    try:
        size, links = path.stat().st_size, path.stat().st_nlink
    except FileNotFoundError:
        return
    if links == 1:
        with path.open("r+b", buffering=0) as file:
            file.write(os.urandom(size))
            os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)
