"""Keyrings without an installation around them: several may stand on one database, as several processes do."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from recruit import database, steps, tables
from recruit.database import Engine
from recruit.retention.rules import guard_refusal
from recruit.vault.holders import Holders, Root
from recruit.vault.judging import Order, Result
from recruit.vault.keyring import Birth, Keyring

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
YESTERDAY = date(2026, 3, 1)
LATER = date(2026, 9, 1)

Opener = Callable[..., Awaitable[Keyring]]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "keys-1", tmp_path / "keys-2"


@pytest_asyncio.fixture
async def another(tmp_path: Path, folders: tuple[Path, Path], urls: tuple[str, str]) -> AsyncIterator[Opener]:
    """A keyring as another process would open it: `await another(strict=…, root=…, opened=…)`."""
    engines: list[Engine] = []

    async def make(strict: bool = False, root: Root | None = None, opened: bool = True) -> Keyring:
        engine = database.engine_of(urls[1], tmp_path / "keyring.db")
        engines.append(engine)
        engine.tables = tables.KEYRING
        if len(engines) == 1:
            database.bind(tables.KEYRING, engine)
            await steps.KEYRING.bring(engine)
        ring = Keyring(engine, Holders(folders, root or Root(), tmp_path / "archives"), strict)
        if opened:
            await ring.open()
        return ring

    yield make
    for engine in engines:
        await engine.close()


@pytest_asyncio.fixture
async def ring(another: Opener) -> Keyring:
    return await another()


async def born(ring: Keyring, kind: str = "draft", **birth: Any) -> UUID:
    unit = uuid4()
    await ring.birth(Birth(unit, kind, NOW, **birth))
    return unit


async def applied(ring: Keyring, email: str = "ola@example.org", until: date | None = YESTERDAY) -> tuple[UUID, UUID]:
    """An application (past due unless said otherwise) and its profile."""
    unit = await born(ring)
    profile, _ = await ring.adopt(unit, email, NOW)
    await ring.engine.run_sql(
        "UPDATE data_key SET retain_until = ? WHERE id = ?", until.isoformat() if until else None, str(unit)
    )
    return unit, profile


def order(unit: UUID) -> Order:
    return Order(uuid4(), unit, "token", {"rule": "L4", "outcome": "erase"}, {"application": 1}, {"profile": 1})


async def erase(ring: Keyring, *units: UUID, today: date = TODAY) -> list[Result]:
    return await ring.erase([order(unit) for unit in units], guard_refusal, today, NOW)


async def row(ring: Keyring, unit: UUID) -> dict[str, Any]:
    return (await ring.engine.run_sql("SELECT * FROM data_key WHERE id = ?", str(unit)))[0]
