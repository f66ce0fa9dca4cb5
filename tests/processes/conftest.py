"""An installation on the evening before a purge, on either engine, that several processes share."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.faults import world
from tests.faults.world import World


@pytest.fixture
def place(tmp_path: Path, engine: str) -> Iterator[World]:
    if engine == "embedded":
        yield asyncio.run(world.make(tmp_path, "plain"))
        return
    databases = [f"{name}_{abs(hash(tmp_path))}" for name in ("records", "keyring")]
    with postgres.fresh(postgres.server(), *databases) as urls:
        yield asyncio.run(world.make(tmp_path, "plain", urls))
