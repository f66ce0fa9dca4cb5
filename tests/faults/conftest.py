"""Worlds are made once for a whole session, and copied for every interruption."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.faults import world
from tests.faults.boundaries import Fate
from tests.faults.power import Power
from tests.faults.syscalls import Striker, build
from tests.faults.world import World

Fresh = Callable[[], World]


_MEMORY = Path("/dev/shm")
"""Worlds stand in memory where there is such a place: thousands of flushes take long, and these deaths cut no power."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The whole forms, minutes long, are chosen only where they are asked for: `-m faults`."""
    if "faults" in config.option.markexpr:
        return
    here = Path(__file__).parent
    whole = [item for item in items if item.path.parent == here and item.get_closest_marker("faults")]
    config.hook.pytest_deselected(items=whole)
    items[:] = [item for item in items if item not in set(whole)]


@pytest.fixture(scope="session")
def ground() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def worlds(ground: Path) -> Callable[[str], World]:
    """By mode. Apart from `template`, which is set up again whenever the order of the tests comes back to a mode."""
    return cache(lambda mode: asyncio.run(world.make(ground / mode, mode)))


@pytest.fixture(scope="session", params=["plain", "strict"])
def template(request: pytest.FixtureRequest, worlds: Callable[[str], World]) -> World:
    return worlds(request.param)


@pytest.fixture
def fresh(template: World, ground: Path) -> Fresh:
    """A new copy of the world at every call; the one before it is gone."""
    return lambda: template.copy(ground / "world")


@pytest.fixture
def fate(monkeypatch: pytest.MonkeyPatch) -> Fate:
    world.quick(monkeypatch)
    return Fate(monkeypatch)


@pytest.fixture
def power(monkeypatch: pytest.MonkeyPatch) -> Iterator[Power]:
    known = Power(monkeypatch)
    yield known
    known.off()


@pytest.fixture(scope="session")
def shim(ground: Path) -> Path:
    return build(ground)


@pytest.fixture(scope="session")
def striker(shim: Path) -> Iterator[Striker]:
    started = Striker(shim)
    yield started
    started.stop()
