"""What 2,000 applications in one vacancy cost against 50, until the first byte of its list and of its board.

Both sides are whole pages with all middleware, called in this process through ASGI: one vacancy with 50 applications,
one with 2,000, in an installation each. Only how many there are differs; both pages show the same number. Every round
asks for the list, two filtered lists, the last page and the board.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from litestar import Litestar

from bench import Promise, rounds, take_turns
from bench._installation import installation, recruiter
from bench.list_page import IN_MEMORY, serving
from recruit import database, tables

FEW, MANY = 50, 2_000
VIEWS = ("", "?state=running&sort=waiting", "?state=running&step=screening&unread=1", "?state=running&page={last}",
         "?state=running&view=board")  # fmt: skip


async def first_byte(app: Litestar, path: str, cookie: str) -> float:
    """Milliseconds from the request to the start of the answer."""
    bare, _, query = path.partition("?")
    headers = [(b"host", b"127.0.0.1"), (b"accept-language", b"nb"), (b"cookie", f"recruit={cookie}".encode())]
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "server": ("127.0.0.1", 80)}
    scope |= {"asgi": {"version": "3.0"}, "path": bare, "raw_path": bare.encode(), "query_string": query.encode()}
    scope |= {"root_path": "", "headers": headers, "client": ("127.0.0.1", 5000)}
    begin, seen = time.perf_counter(), list[float]()

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message
            seen.append(time.perf_counter() - begin)

    await app(scope, receive, send)  # type: ignore[arg-type]
    return seen[0] * 1000


async def round_of(app: Litestar, vacancy: str, cookie: str, many: int) -> float:
    """The mean of all views; the filtered ones find as many on their page as the plain one."""
    database.bind(tables.RECORDS, app.state.site.records)
    last = -(-many // FEW)
    paths = [f"/vacancies/{vacancy}{view.format(last=last)}" for view in VIEWS]
    return statistics.mean([await first_byte(app, path, cookie) for path in paths])


async def main(turns: int) -> int:
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as place:
        small, large = Path(place) / "few", Path(place) / "many"
        small.mkdir()
        large.mkdir()
        at_small, at_large = await installation(small, FEW, ended=False), await installation(large, MANY, ended=False)
        cookies = await recruiter(small), await recruiter(large)
        async with serving(small) as few, serving(large) as many:

            async def ours() -> float:
                return await round_of(many, str(at_large), cookies[1], MANY)

            async def base() -> float:
                return await round_of(few, str(at_small), cookies[0], FEW)

            await ours(), await base()
            names = (f"pipeline of {MANY}", f"pipeline of {FEW}")
            ratios = await take_turns(ours, base, turns, "ms to the first byte", names)
    return Promise(f"first byte, {MANY} applications / {FEW}", 3).judge(ratios)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(rounds(12))))
