"""The same in processes of their own that are ended hard: what the operating system has is all that is left."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import Fresh
from tests.faults.invariants import check, differences, fingerprint
from tests.faults.test_interrupted import gone, the_next_nights
from tests.faults.world import World

ROOT = Path(__file__).parent.parent.parent


def act(world: World, name: str, steps: int) -> tuple[int, int]:
    """Act in another process: its exit status, and how many steps it took if it came to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.world", str(world.folder), name, str(steps)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 9), done.stderr[-2000:]
    return done.returncode, int(done.stdout or -1)


async def killed(fresh: Fresh, name: str, steps: int) -> int:
    world = fresh()
    before = fingerprint(world.place, world.living)
    status, taken = act(world, name, steps)
    assert status == (9 if steps >= 0 else 0)
    await the_next_nights(world)
    after = fingerprint(world.place, world.living)
    wrong = check(world.place, [world.ids["held"]]) + differences(before, after) + gone(world)
    assert not wrong, f"{name}, killed before step {steps}: {wrong}"
    return taken


async def every(fresh: Fresh, name: str, stride: int) -> None:
    total = await killed(fresh, name, -1)
    chosen = range(stride // 2, total, stride)
    for steps in chosen:
        await killed(fresh, name, steps)
    print(f"{name}: killed {len(chosen)} of {len(chosen)} (of {total} steps)")
    assert chosen


async def test_a_purge_that_is_killed_is_ended_by_the_next(fresh: Fresh, fate: object) -> None:
    await every(fresh, "purge", 25)


@pytest.mark.faults
@pytest.mark.parametrize("name", ["purge", "rotate", "apply", "back_up"])
async def test_whatever_is_killed_before_whichever_step_is_ended_by_the_next(
    fresh: Fresh, fate: object, name: str
) -> None:
    await every(fresh, name, 3)
