"""Interruptions: lets the process die just before its n-th durable step, or that step fail, and counts the steps.

A step is a commit, a statement outside a transaction, a file that is put in its place, flushed, overwritten or removed,
and an object that goes into or out of the document store. A statement inside a transaction is none: dying there is
dying before its commit.
"""

import errno
import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recruit import database
from recruit.database import Embedded
from recruit.vault.documents import DocumentStore, StoreDown

FAULTS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC, "short": errno.ENOSPC}
"""How a step can fail: the disk is broken or full, or it got full half way through a file (a short write)."""
_ENGINE_SAYS = {errno.EIO: "disk I/O error", errno.ENOSPC: "database or disk is full"}


class Died(BaseException):
    """The process ended here."""


def _raise() -> None:
    raise Died


class Fate:
    """`left` steps may still be taken, None for any number; `taken` counts. Once dead, no step is taken any more.

    With a `fault` the process lives on: only that one step fails, and `struck` says that it did.
    """

    def __init__(self, patch: pytest.MonkeyPatch, end: Callable[[], None] = _raise) -> None:
        self.left: int | None = None
        self.taken = 0
        self.fault = ""
        self.armed = self.dead = self.struck = False
        self.marks: list[int] = []
        self._end = end
        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (os, "unlink"), (os, "rmdir")):
            patch.setattr(owner, name, self._step(name, getattr(owner, name)))
        for name in ("put_once", "make_durable", "delete"):
            patch.setattr(DocumentStore, name, self._async_step(getattr(DocumentStore, name)))
        patch.setattr(Embedded, "_run_in_new_connection", self._statement(Embedded._run_in_new_connection))
        transaction = database.EmbeddedTransaction
        patch.setattr(transaction, "__aexit__", self._commit(transaction.__aexit__))

    def arm(self, left: int | None, fault: str = "") -> None:
        self.left, self.taken, self.armed, self.dead = left, 0, True, False
        self.fault, self.struck = fault, False

    def disarm(self) -> int:
        """The dead may rise: how many steps there were."""
        self.armed = self.dead = False
        return self.taken

    def mark(self) -> None:
        """Something that was planted happens here: the step that is about to be taken is of interest."""
        if self.armed and self.left is None:
            self.marks.append(self.taken)

    def tick(self, where: str = "engine", *given: Any) -> None:
        if not self.armed:
            return
        if self.fault and self.left == self.taken and not self.struck:
            self.struck = True
            raise self._failing(where, *given)
        if not self.fault:
            self._die_when_due()
        self.taken += 1

    def _failing(self, where: str, *given: Any) -> Exception:
        """What the step raises; a short write leaves half of the file behind."""
        number = FAULTS[self.fault]
        if where == "engine":
            return sqlite3.OperationalError(_ENGINE_SAYS[number])
        if where == "store":
            return StoreDown()
        if where == "fsync" and self.fault == "short" and stat.S_ISREG(os.fstat(given[0]).st_mode):
            path = Path(os.readlink(f"/proc/self/fd/{given[0]}"))
            os.truncate(path, path.stat().st_size // 2)
        return OSError(number, os.strerror(number))

    def _die_when_due(self) -> None:
        if self.dead or (self.left is not None and self.taken >= self.left):
            self.dead = True
            self._end()

    def _step(self, name: str, real: Any) -> Any:
        def step(*args: Any, **named: Any) -> Any:
            self.tick(name, *args)
            return real(*args, **named)

        return step

    def _async_step(self, real: Any) -> Any:
        async def step(*args: Any, **named: Any) -> Any:
            self.tick("store")
            return await real(*args, **named)

        return step

    def _statement(self, real: Any) -> Any:
        async def run(engine: Any, query: str, *args: Any, **named: Any) -> Any:
            if not query.lstrip().upper().startswith(("SELECT", "PRAGMA")):
                self.tick()
            return await real(engine, query, *args, **named)

        return run

    def _commit(self, real: Any) -> Any:
        async def leave(transaction: Any, kind: Any, error: Any, trace: Any) -> Any:
            if kind is None:
                try:
                    self.tick()
                except BaseException as fault:
                    await real(transaction, type(fault), fault, fault.__traceback__)
                    raise
            return await real(transaction, kind, error, trace)

        return leave
