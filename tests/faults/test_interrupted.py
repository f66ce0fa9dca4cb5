"""Whatever is interrupted, before whichever durable step: started anew, the next night brings everything to its end,
and an independent reader finds I1 to I8 kept.

The ordinary run takes some steps of each act, `-m faults` takes them all.
"""

import contextlib
import sqlite3
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from recruit.errors import RecruitError
from tests.faults.boundaries import FAULTS, Died, Fate
from tests.faults.conftest import Fresh
from tests.faults.invariants import check, differences, fingerprint, signing_keys
from tests.faults.power import Power
from tests.faults.world import ACTS, DOCUMENT, World, a_day, left_of

NIGHTS = 2
CHANGED = {"part": "running", "hold_paper": "undecided"}
"""Whose documents or keys an act changes, though they live: looked at by claims of their own."""


async def interrupted(world: World, name: str, fate: Fate, steps: int | None) -> int:
    """Act until just before a step; how many steps were taken. The dead process closes nothing in order."""
    site = await world.open()
    fate.arm(steps)
    with contextlib.suppress(Died):
        await ACTS[name](site, world, world.now + timedelta(days=1))
    assert fate.dead == (steps is not None), "the act ended before the step at which it was to die"
    taken = fate.disarm()
    await site.close()
    return taken


async def failing(world: World, name: str, fate: Fate, steps: int, fault: str) -> int:
    """Act while one step fails, and live on in the same process; what is acted says no, or has coped."""
    site = await world.open()
    fate.arm(steps, fault)
    with contextlib.suppress(OSError, sqlite3.OperationalError, RecruitError):
        await ACTS[name](site, world, world.now + timedelta(days=1))
    assert fate.struck, "the act ended before the step that was to fail"
    fate.disarm()
    for night in range(1, NIGHTS + 1):
        await a_day(site, world.now + timedelta(days=night, hours=1))
    await site.close()
    return steps


async def the_next_nights(world: World, nights: int = NIGHTS) -> None:
    site = await world.open()
    for night in range(1, nights + 1):
        await a_day(site, world.now + timedelta(days=night, hours=1))
    await site.close()


def gone(world: World, fate_of_due: str = "erased") -> list[str]:
    """Everybody who was due is gone (never half, never twice), nobody else is."""
    after = fingerprint(world.place, world.due)
    return [f"{name} is left of somebody who was due" for name in after]


async def looked_at(
    world: World, fate: Fate, name: str, steps: int | None, power: Power | None = None, chance: Random | None = None
) -> tuple[int, list[str]]:
    """Interrupt (with `power`: cut it), start anew, live on; steps taken, and what the independent reader found."""
    living = unchanged(world, name)
    before, keys, held = fingerprint(world.place, living), signing_keys(world.place), [world.ids["held"]]
    if power:
        power.on(world.folder)
    taken = await interrupted(world, name, fate, steps)
    if power:
        power.cut(chance)
    wrong = check(world.place, held, ended=False)
    try:
        await the_next_nights(world)
    except RecruitError as fault:
        wrong.append(f"it does not go on: {fault}")
    after = fingerprint(world.place, living) | signing_keys(world.place)
    return taken, wrong + check(world.place, held) + differences(before | keys, after) + gone(world)


async def one(fresh: Fresh, fate: Fate, name: str, steps: int | None, **cut: Any) -> int:
    """Interrupt, and nothing may be wrong."""
    world = fresh()
    taken, wrong = await looked_at(world, fate, name, steps, **cut)
    wrong += await halves(world, name)
    assert not wrong, f"{name}, died before step {steps}: {wrong}"
    return taken


def unchanged(world: World, name: str) -> list[str]:
    """The living, bit by bit as they were, whatever becomes of this act."""
    return [unit for unit in world.living if unit != world.ids.get(CHANGED.get(name, ""))]


async def halves(world: World, name: str) -> list[str]:
    """What is half done of whoever the act changes."""
    half = {"part": half_of_a_part, "hold_paper": half_of_a_hold}.get(name)
    return await half(world) if half else []


async def half_of_a_part(world: World) -> list[str]:
    """What was to go by itself has gone whole or stands whole, and what stays opens (L27)."""
    site = await world.open()
    letter, files, waiting = await left_of(site, world.id("running"))
    erased = [entry for entry in await site.keyring.entries() if entry.body.get("of") == world.ids["running"]]
    await site.close()
    wrong = [] if bool(letter) == bool(files) else ["half of a part is there"]
    if world.mode == "plain" and waiting:
        wrong.append("what was granted has not gone")
    if erased and (letter or files or len(erased) > 1):
        wrong.append("what was erased is there, or was erased twice")
    return wrong


async def half_of_a_hold(world: World) -> list[str]:
    """The paper opens, under whichever key; and if it is held, under its own, which the hold guards (L14)."""
    site, application = await world.open(), world.id("undecided")
    key = await site.keyring.key(application)
    (paper,) = await site.records.run_sql("SELECT id, apart FROM document WHERE unit = ?", application)
    data = await site.documents.whole(key, paper["id"])
    held = await site.records.run_sql("SELECT 1 FROM legal_hold WHERE document = ?", paper["id"])
    guard = await site.keyring.guard(paper["id"])
    await site.close()
    wrong = [] if data == DOCUMENT[0][2] else ["the held paper was lost"]
    if held and not (paper["apart"] and guard and guard.holds):
        wrong.append("a hold was granted, and does not guard its paper")
    return wrong


async def every(fresh: Fresh, fate: Fate, name: str, stride: int, power: Power | None = None, mixes: int = 0) -> None:
    """Before every step, and with `power` also `mixes` times with some of the losses only."""
    total = await one(fresh, fate, name, None)
    chosen = range(0, total, stride)
    chances = [None, *(Random(number) for number in range(mixes))]
    done = 0
    for steps in chosen:
        for chance in chances:
            done += await one(fresh, fate, name, steps, power=power, chance=chance) == steps
    print(f"{name}: interrupted {done} of {len(chosen) * len(chances)} (of {total} steps)")
    assert done == len(chosen) * len(chances) > 0


async def every_failing(fresh: Fresh, fate: Fate, name: str, stride: int) -> None:
    """Each way of failing at each step in turn."""
    total, done = await one(fresh, fate, name, None), 0
    chosen = [(steps, fault) for at, fault in enumerate(FAULTS) for steps in range(at * 2 % stride, total, stride)]
    for steps, fault in chosen:
        world = fresh()
        living = unchanged(world, name)
        before = fingerprint(world.place, living) | signing_keys(world.place)
        done += await failing(world, name, fate, steps, fault) == steps
        after = fingerprint(world.place, living) | signing_keys(world.place)
        wrong = check(world.place, [world.ids["held"]]) + differences(before, after) + gone(world)
        wrong += await halves(world, name)
        assert not wrong, f"{name}, {fault} at step {steps}: {wrong}"
    print(f"{name}: interrupted {done} of {len(chosen)} (of {total} steps, by {', '.join(FAULTS)})")
    assert done == len(chosen) > 0


SHORT = {
    "purge": 11,
    "rotate": 7,
    "apply": 13,
    "back_up": 13,
    "consent": 11,
    "hold": 11,
    "hold_paper": 13,
    "undo": 11,
    "close": 7,
    "part": 13,
}


@pytest.mark.parametrize("name", ACTS)
async def test_an_interruption_leaves_nothing_half_done(fresh: Fresh, fate: Fate, name: str) -> None:
    await every(fresh, fate, name, SHORT[name])


@pytest.mark.parametrize("template", ["plain"], indirect=True)
@pytest.mark.parametrize("name", ["purge", "apply"])
async def test_a_power_cut_loses_nothing_that_was_said_to_be_done(
    fresh: Fresh, fate: Fate, power: Power, name: str
) -> None:
    await every(fresh, fate, name, 19, power)


@pytest.mark.parametrize("template", ["plain"], indirect=True)
async def test_a_disk_that_fails_or_is_full_leaves_nothing_half_done(fresh: Fresh, fate: Fate) -> None:
    await every_failing(fresh, fate, "purge", 23)


@pytest.mark.faults
@pytest.mark.parametrize("name", ACTS)
async def test_a_disk_that_fails_or_is_full_at_any_step_leaves_nothing_half_done(
    fresh: Fresh, fate: Fate, name: str
) -> None:
    await every_failing(fresh, fate, name, 1)


@pytest.mark.faults
@pytest.mark.parametrize("name", ACTS)
async def test_an_interruption_before_every_step_leaves_nothing_half_done(fresh: Fresh, fate: Fate, name: str) -> None:
    await every(fresh, fate, name, 1)


@pytest.mark.faults
@pytest.mark.parametrize("name", ACTS)
async def test_a_power_cut_before_every_step_loses_nothing_that_was_said_to_be_done(
    fresh: Fresh, fate: Fate, power: Power, name: str
) -> None:
    await every(fresh, fate, name, 1, power, mixes=2)
