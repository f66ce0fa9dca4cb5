"""One purge, backup or restore at a time on an installation.

Guards that an archive never catches a purge half way, and that two purges never work side by side: in one data folder
by its lock file, and with PostgreSQL among all machines by a lock of the keyring's server. Both go with their process,
however that ends.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from filelock import FileLock, Timeout

from recruit.database import alone_at
from recruit.errors import RecruitError
from recruit.settings import Settings


class Busy(RecruitError):
    """Another one is at work; nothing was done."""

    status = 409
    text = "A purge, backup or restore is already running. Look again in a minute."


@asynccontextmanager
async def alone(settings: Settings) -> AsyncIterator[None]:
    """Be the only one at work, or Busy."""
    lock = FileLock(settings.data / "work.lock", blocking=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise Busy() from error
    try:
        async with alone_at(settings.keyring_url) as got:
            if not got:
                raise Busy()
            yield
    finally:
        lock.release()
