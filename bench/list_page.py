"""What sealing costs the list page of 50 applications, in requests per second.

Ours is the page as a recruiter gets it: the whole application with all its middleware, called in this process through
ASGI, session, access rows, clocks and templates included. The other side is the same code and the same rows, but its
`sealed` columns hold plain msgpack, opening one only decodes it, and no key is looked up. Both installations lie in
memory where the system has `/dev/shm`: otherwise waiting for the disk, the same on both sides, would hide the cost.
"""

import asyncio
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar

from bench import Promise, rounds, take_turns
from bench._installation import installation, recruiter, settings_in
from recruit import database, tables
from recruit.app import create_app
from recruit.site import Site
from recruit.tables import ApplicationData, FileName, Message, Person, StaffSecrets
from recruit.vault.sealing import UnitKey, unseal

MANY = 50
REQUESTS = 10
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_STRUCTS = {
    "application": ApplicationData,
    "candidate": Person,
    "document": FileName,
    "mail": Message,
    "staff": StaffSecrets,
}


async def bare(folder: Path) -> None:
    """Open every sealed value of an installation and leave its msgpack in its place."""
    site = await Site.open(settings_in(folder))
    for table, struct in _STRUCTS.items():
        owner = "unit" if table in ("document", "mail") else "id"
        for row in await site.records.run_sql(f"SELECT id, {owner} AS unit, sealed FROM {table}"):
            key = await site.keyring.key(row["unit"])
            plain = msgspec.msgpack.encode(unseal(key, table, row["id"], bytes(row["sealed"]), struct))
            await site.records.run_sql(f"UPDATE {table} SET sealed = ? WHERE id = ?", plain, row["id"])
    await site.close()
    with closing(sqlite3.connect(folder / "data" / "records.db")) as records:
        records.execute("VACUUM")


# --- the two sides ----------------------------------------------------------------------------------------------------


def _decode(key: UnitKey, table: str, row: UUID, blob: bytes, kind: Any) -> Any:
    return msgspec.msgpack.decode(blob, type=kind)


async def _no_keys(units: Iterable[UUID]) -> dict[UUID, UnitKey]:
    return {unit: UnitKey(unit, b"") for unit in units}


@contextmanager
def unsealed(site: Site) -> Iterator[None]:
    """While this lasts, nothing in this process knows of sealing."""
    users = [
        m for name, m in sys.modules.items() if name.startswith("recruit.") and getattr(m, "unseal", None) is unseal
    ]
    for module in users:
        module.unseal = _decode  # type: ignore[attr-defined]
    site.keyring.keys = _no_keys  # type: ignore[method-assign]
    try:
        yield
    finally:
        for module in users:
            module.unseal = unseal  # type: ignore[attr-defined]
        del site.keyring.keys


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Litestar]:
    app = create_app(settings_in(folder))
    async with app.lifespan():
        yield app


async def get(app: Litestar, path: str, cookie: str) -> bytes:
    """One request; the page."""
    headers = [(b"host", b"127.0.0.1"), (b"accept-language", b"nb"), (b"cookie", f"recruit={cookie}".encode())]
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "server": ("127.0.0.1", 80)}
    scope |= {"asgi": {"version": "3.0"}, "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"root_path": "", "headers": headers, "client": ("127.0.0.1", 5000)}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 200, sent[0]
    return b"".join(message.get("body", b"") for message in sent)


async def per_second(app: Litestar, path: str, cookie: str) -> float:
    database.bind(tables.RECORDS, app.state.site.records)
    page = await get(app, path, cookie)
    assert page.count(b'name="application"') == MANY, "the page does not list them all"
    begin = time.perf_counter()
    for _ in range(REQUESTS):
        await get(app, path, cookie)
    return REQUESTS / (time.perf_counter() - begin)


async def main(turns: int) -> int:
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as place:
        folder, other = Path(place) / "sealed", Path(place) / "plain"
        folder.mkdir()
        path = f"/vacancies/{await installation(folder, MANY, ended=False)}"
        cookie = await recruiter(folder)
        shutil.copytree(folder, other)
        await bare(other)
        async with serving(folder) as app, serving(other) as twin:

            async def ours() -> float:
                return await per_second(app, path, cookie)

            async def plain() -> float:
                with unsealed(twin.state.site):
                    return await per_second(twin, path, cookie)

            names = (f"list of {MANY}, sealed", f"list of {MANY}, values not sealed")
            ratios = await take_turns(ours, plain, turns, "requests/s", names)
    return Promise("requests per second, sealed / not sealed", 0.75, most=False).judge(ratios)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(rounds(60))))
