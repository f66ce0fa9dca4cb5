"""One purge, backup or restore at a time on a data folder.

Guards that an archive never catches a purge half way, and that two purges never work side by side.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from recruit.errors import RecruitError
from recruit.settings import Settings


class Busy(RecruitError):
    """Another one is at work; nothing was done."""

    status = 409
    text = "A purge, backup or restore is already running. Look again in a minute."


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the data folder's lock, or Busy. The lock goes with its process, however that ends."""
    lock = FileLock(settings.data / "work.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise Busy() from error
    try:
        yield
    finally:
        lock.release()
