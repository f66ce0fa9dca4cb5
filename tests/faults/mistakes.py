"""Mistakes that show only where a single system call is struck: planted into the process that is (see syscalls.py)."""

import io
import os
from collections.abc import Callable
from typing import IO

import pytest

from recruit import backup
from recruit.database import embedded


def archive_of_which_half_is_written(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks how much of an archive has got into its file."""
    real = backup._sealed

    def hasty(out: IO[bytes], recipient: str, pack: Callable[[IO[bytes]], int]) -> int:
        held = io.BytesIO()
        count = real(held, recipient, pack)
        os.write(out.fileno(), held.getvalue())
        return count

    patch.setattr(backup, "_sealed", hasty)


def database_that_cannot_go_back(patch: pytest.MonkeyPatch) -> None:
    """No log on the disk brings a database back to where it was before a commit that was cut off."""
    given = [each for each in embedded._PRAGMAS if "journal_mode" not in each]
    patch.setattr(embedded, "_PRAGMAS", ("PRAGMA journal_mode = MEMORY", *given))


MISTAKES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    plant.__name__: plant for plant in (archive_of_which_half_is_written, database_that_cannot_go_back)
}
