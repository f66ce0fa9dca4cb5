"""How many forms may arrive at once: the door in front of applying.

Guards that a few slow or many large uploads can't take the machine's memory or disk from everybody: a bounded number of
forms in all and from one network, an end for those that stall, and room left on the disk for the purge.
"""

import asyncio
import errno
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from recruit.errors import RecruitError

AT_ONCE = 16
AT_ONCE_FROM_ONE = 6
STALLED_AFTER = 60.0
"""Seconds without a byte."""
ROOM_LEFT = 1024**3
"""Bytes on the disk that applying leaves alone."""


class DoorFull(RecruitError):
    """Too many forms are arriving; nothing was stored."""

    status = 503
    text = "Many applications are arriving just now, so nothing was stored. Please send the form again in a minute."


class DiskFull(RecruitError):
    """There is no room to store documents safely; nothing was stored."""

    status = 503
    text = "There is no room for new documents just now, so nothing was stored. Please try again later."


def is_full(fault: BaseException) -> bool:
    """Whether a fault is the disk's that it has no room left, however the database or the store says it."""
    no_room = isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT)
    causes = [fault.__cause__] if fault.__cause__ else []
    return no_room or any(said in str(fault) for said in _NO_ROOM) or any(map(is_full, causes))


_NO_ROOM = ("database or disk is full", "No space left on device", "could not extend file")


class Stalled(RecruitError):
    """The upload stood still; nothing of this round was stored."""

    status = 408
    text = "The upload stood still for a minute, so nothing was stored. Please send the form again."


class Door:
    """Counts the forms that are arriving in this process."""

    def __init__(self) -> None:
        self._inside: Counter[str] = Counter()

    @contextmanager
    def admit(self, who: str, folder: Path) -> Iterator[None]:
        """Let one form of this network in, or DoorFull or DiskFull."""
        if self._inside.total() >= AT_ONCE or self._inside[who] >= AT_ONCE_FROM_ONE:
            raise DoorFull()
        if shutil.disk_usage(folder).free < ROOM_LEFT:
            raise DiskFull()
        self._inside[who] += 1
        try:
            yield
        finally:
            self._inside[who] -= 1


async def moving(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The stream, as long as it moves; Stalled once it stands still."""
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), STALLED_AFTER)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Stalled() from None
