"""A process that only reads, as `recruit serve` without a worker: `python -m tests.processes.reader FOLDER BEAT`.

It answers lines on standard input: `read UNIT` (yes or no), `epoch` (whose key it has in memory), `words` and `names`
(of how many applications, and of how many profiles, it knows them).
"""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

from recruit import attendance, clock, worker
from recruit.searching.index import index_of
from recruit.searching.names import names_of
from recruit.site import Site
from tests.faults.world import World


async def answer(site: Site, line: str) -> str:
    what, _, unit = line.strip().partition(" ")
    if what == "read":
        return "yes" if UUID(unit) in await site.keyring.keys([UUID(unit)]) else "no"
    if what == "epoch":
        return str(site.keyring.epoch)
    return str(index_of(site).known if what == "words" else len(names_of(site).dump()))


async def main() -> None:
    world = World(Path(sys.argv[1]))
    clock.now = lambda: world.now
    attendance.BEAT = float(sys.argv[2])
    site = await world.open()
    await index_of(site).update(site, world.now)
    await names_of(site).update(site, world.now)
    async with worker.attending(site):
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            print(await answer(site, line), flush=True)
    await site.close()


if __name__ == "__main__":
    asyncio.run(main())
