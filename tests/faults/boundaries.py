"""Interruptions: lets the process die just before its n-th durable step, and counts the steps.

A step is a commit, a statement outside a transaction, a file that is put in its place, flushed, overwritten or removed,
and an object that goes into or out of the document store. A statement inside a transaction is none: dying there is
dying before its commit.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recruit import database
from recruit.database import Embedded
from recruit.vault.documents import DocumentStore


class Died(BaseException):
    """The process ended here."""


def _raise() -> None:
    raise Died


class Fate:
    """`left` steps may still be taken, None for any number; `taken` counts. Once dead, no step is taken any more."""

    def __init__(self, patch: pytest.MonkeyPatch, end: Callable[[], None] = _raise) -> None:
        self.left: int | None = None
        self.taken = 0
        self.armed = self.dead = False
        self.marks: list[int] = []
        self._end = end
        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink"), (os, "unlink"), (os, "rmdir")):
            patch.setattr(owner, name, self._step(getattr(owner, name)))
        for owner, name in ((DocumentStore, "put_once"), (DocumentStore, "make_durable"), (DocumentStore, "delete")):
            patch.setattr(owner, name, self._async_step(getattr(owner, name)))
        patch.setattr(Embedded, "_run_in_new_connection", self._statement(Embedded._run_in_new_connection))
        transaction = database.EmbeddedTransaction
        patch.setattr(transaction, "__aexit__", self._commit(transaction.__aexit__))

    def arm(self, left: int | None) -> None:
        self.left, self.taken, self.armed, self.dead = left, 0, True, False

    def disarm(self) -> int:
        """The dead may rise: how many steps there were."""
        self.armed = self.dead = False
        return self.taken

    def mark(self) -> None:
        """Something that was planted happens here: the step that is about to be taken is of interest."""
        if self.armed and self.left is None:
            self.marks.append(self.taken)

    def tick(self) -> None:
        if not self.armed:
            return
        if self.dead or (self.left is not None and self.taken >= self.left):
            self.dead = True
            self._end()
        self.taken += 1

    def _step(self, real: Any) -> Any:
        def step(*args: Any, **named: Any) -> Any:
            self.tick()
            return real(*args, **named)

        return step

    def _async_step(self, real: Any) -> Any:
        async def step(*args: Any, **named: Any) -> Any:
            self.tick()
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
                except Died as died:
                    await real(transaction, Died, died, died.__traceback__)
                    raise
            return await real(transaction, kind, error, trace)

        return leave
