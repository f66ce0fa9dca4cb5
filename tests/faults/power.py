"""A power cut: lets go of whatever was not flushed, names in folders included, as a disk does.

Guards that "durable" is meant: a file keeps the bytes that it had when it was last flushed, a folder the names that it
had when the folder was; a file that got a name but never was flushed comes back empty. What the engine flushes by
itself (SQLite's files), and the mail server's folder, stay as they are.
"""

import os
import random
import shutil
from pathlib import Path

import pytest

_FOLDER = -1
"""Stands for a folder where a file has its number."""


class Power:
    """Knows what is on the disk from `on`; `cut` brings a folder back to that."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._root: Path | None = None
        self._bytes: dict[int, bytes] = {}
        self._names: dict[Path, dict[str, int]] = {}
        self._held: list[int] = []
        real = os.fsync

        def fsync(handle: int) -> None:
            real(handle)
            self._flushed(Path(os.readlink(f"/proc/self/fd/{handle}")))

        patch.setattr(os, "fsync", fsync)

    def on(self, root: Path) -> None:
        """All that lies there now is on the disk."""
        self.off()
        self._root = root
        for folder, _, files in os.walk(root):
            self._flushed(Path(folder))
            for name in files:
                self._flushed(Path(folder) / name)

    def cut(self, chance: random.Random | None = None) -> None:
        """Lose what was not flushed; with `chance`, each loss by itself only every other time."""
        assert self._root
        self._lose(self._root, chance)
        self.off()

    def off(self) -> None:
        """No longer watch."""
        for handle in self._held:
            os.close(handle)
        self._root = None
        self._held, self._bytes, self._names = [], {}, {}

    def _flushed(self, path: Path) -> None:
        if self._root is None or not path.is_relative_to(self._root):
            return
        if path.is_dir():
            self._names[path] = self._listed(path)
        elif path.is_file():
            self._bytes[self._number(path)] = path.read_bytes()

    def _listed(self, folder: Path) -> dict[str, int]:
        return {path.name: _FOLDER if path.is_dir() else self._number(path) for path in folder.iterdir()}

    def _number(self, path: Path) -> int:
        """Of the file's bytes, whatever its name; held, so that no other file gets it meanwhile."""
        self._held.append(os.open(path, os.O_RDONLY))
        return os.fstat(self._held[-1]).st_ino

    def _lose(self, folder: Path, chance: random.Random | None) -> None:
        on_disk, present = self._names.get(folder, {}), self._listed(folder)
        for name in sorted({*on_disk, *present}):
            path = folder / name
            if not _ours(path) or (chance and chance.random() < 0.5 and name in present):
                continue
            if name not in on_disk:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            elif on_disk[name] == _FOLDER:
                path.mkdir(exist_ok=True)
                self._lose(path, chance)
            else:
                path.unlink(missing_ok=True)
                path.touch(0o600)
                path.write_bytes(self._bytes.get(on_disk[name], b""))


def _ours(path: Path) -> bool:
    return path.name != "mail" and not (path.parent.name == "data" and ".db" in path.name)
