"""Limits on how often something may be tried: signing in, asking for links, uploading.

Guards against guessing, in all processes together, without keeping anybody's address: a row's id is a pseudonym under
the epoch key.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from recruit.errors import TooManyAttempts
from recruit.site import Site

WINDOW = timedelta(minutes=15)


async def count(site: Site, what: str, who: str, now: datetime, most: int = 10, window: timedelta = WINDOW) -> None:
    """Count one attempt of `who` at `what`; TooManyAttempts after more than `most` in a window of 15 minutes."""
    number = int(now.timestamp() // window.total_seconds())
    key = site.keyring.pseudonym(f"{what}|{who}|{number}")
    rows = await site.records.run_sql(
        "INSERT INTO attempts (id, window_ends, n) VALUES (?, ?, 1) ON CONFLICT (id) DO UPDATE SET n = attempts.n + 1 "
        "RETURNING n",
        *(key, now + window),
    )
    if rows[0]["n"] > most:
        raise TooManyAttempts()


async def forget_old(site: Site, now: datetime) -> None:
    await site.records.run_sql("DELETE FROM attempts WHERE window_ends < ?", now)


@asynccontextmanager
async def same_pace(seconds: float = 0.4) -> AsyncIterator[None]:
    """Takes at least this long whatever happens inside, so that the time of an answer does not tell what was done."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, begun + seconds - loop.time()))
