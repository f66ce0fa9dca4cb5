"""How much memory a process of `recruit serve` needs, against an empty Litestar app with the same imports.

Resident memory (`VmRSS`) of each process after 200 requests: ours has shown the list page of 50 applications to a
signed-in recruiter and the public list of vacancies, 100 times each, with its scheduled jobs inside; the other has
answered "hello". Linux only, since it reads /proc.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from bench import Promise, rounds, take_turns
from bench import _serving as serving
from bench._installation import installation, recruiter

REQUESTS = 100


def resident(process: int) -> float:
    """Megabytes."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(process)


async def main(turns: int) -> int:
    with tempfile.TemporaryDirectory() as place:
        path = f"/vacancies/{await installation(Path(place), 50, ended=False)}"
        cookie = await recruiter(Path(place))

        async def ours() -> float:
            with serving.recruit(Path(place)) as server:
                for _ in range(REQUESTS):
                    server.get("/")
                    assert b"/applications/" in server.get(path, cookie)
                return resident(server.process)

        async def empty() -> float:
            with serving.empty() as server:
                for _ in range(2 * REQUESTS):
                    server.get("/")
                return resident(server.process)

        ratios = await take_turns(ours, empty, turns, "MB", ("recruit serve", "empty app"))
    return Promise("memory / memory of an empty app", 2).judge(ratios)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(rounds(3))))
