"""Whether this process can do its work: what a supervisor or a load balancer asks.

Guards that a part which does not answer in time counts as broken, and that the answer names parts only: no address, no
message of an error. Reads only.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from recruit import attendance
from recruit.site import Site

log = logging.getLogger("recruit.health")

PATIENCE = 5.0
"""Seconds in which a part must have answered."""

Part = Callable[[Site, datetime], Awaitable[bool]]


async def parts(site: Site, now: datetime) -> dict[str, bool]:
    """Each part by its name, and whether it is as it should be."""
    found = await asyncio.gather(*(_holds(name, part(site, now)) for name, part in PARTS.items()))
    return dict(zip(PARTS, found, strict=True))


async def _holds(name: str, answer: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            return await answer
    except Exception as fault:
        log.error("%s is not ready: %s", name, type(fault).__name__)
        return False


async def _records(site: Site, now: datetime) -> bool:
    return bool(await site.records.run_sql("SELECT 1 AS n"))


async def _keyring(site: Site, now: datetime) -> bool:
    return bool(await site.keyring.engine.run_sql("SELECT number FROM epoch"))


async def _holders(site: Site, now: datetime) -> bool:
    """Every holder can be read, and has the keys of all epochs in use: else no epoch can be rotated (I3)."""
    numbers = {row["number"] for row in await site.keyring.engine.run_sql("SELECT number FROM epoch")}
    each = site.keyring.holders.each
    return await asyncio.to_thread(lambda: all(numbers <= holder.epochs() for holder in each))


async def _documents(site: Site, now: datetime) -> bool:
    await site.documents.prove_presence()
    return True


async def _worker(site: Site, now: datetime) -> bool:
    return (await attendance.present(site, now))["worker"] > 0


PARTS: dict[str, Part] = {
    "records": _records,
    "keyring": _keyring,
    "holders": _holders,
    "documents": _documents,
    "worker": _worker,
}
