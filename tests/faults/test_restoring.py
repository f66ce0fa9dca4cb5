"""A restore that is cut off is never served; done again it brings the living back, and nobody who was erased."""

import contextlib
import shutil
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from recruit import backup
from recruit.errors import RecruitError
from recruit.retention import holds, parts, remembered
from recruit.retention.facts import of_applications
from tests.faults.boundaries import Died, Fate
from tests.faults.conftest import Fresh
from tests.faults.invariants import check, differences, fingerprint, signing_keys
from tests.faults.power import Power
from tests.faults.world import PARTED, World, a_day, confirm, left_of, quick, restore, restore_as_told


async def lost(fresh: Fresh, purged: bool) -> World:
    """An archive was made, then a hold was granted and (`purged`) people were erased, then the disk was lost."""
    world = fresh()
    site = await world.open()
    await backup.back_up(site, world.settings.backups, world.now + timedelta(hours=1))
    now = world.now + timedelta(hours=2)
    review = date(2027, 3, 2)
    await holds.place(site, world.id("undecided"), world.id("kari"), "dispute", "17(3)(e)", review, now)
    if purged:
        await a_day(site, world.now + timedelta(days=1))
    await site.close()
    shutil.rmtree(world.settings.data)
    return world


def living(world: World) -> list[str]:
    """Who lives for longer than these weeks: the one whose consent was asked for, and who never answered, does not."""
    going = {world.ids["consenting"], world.ids["consenting's profile"]}
    return [unit for unit in world.living if unit not in going]


async def served_right(world: World) -> list[str]:
    """If what is there can be served, then only with everything replayed and waiting for a person."""
    try:
        site = await world.open()
    except RecruitError:
        return []
    facts = await of_applications(site, [world.id("undecided")])
    wrong = [] if facts[world.id("undecided")].holds else ["a hold was forgotten"]
    if await remembered.waits_because(site, world.now + timedelta(days=1, hours=2)) != "restored":
        wrong.append("nobody is waited for")
    await site.close()
    return wrong


async def one(fresh: Fresh, fate: Fate, steps: int | None, purged: bool, power: Power | None = None) -> int:
    world = await lost(fresh, purged)
    if power:
        power.on(world.folder)
    fate.arm(steps)
    with contextlib.suppress(Died):
        await restore(world)
    taken = fate.disarm()
    if power:
        power.cut()
    wrong = await served_right(world)
    if not wrong and steps is not None:
        await restore_as_told(world, world.now + timedelta(days=1, hours=2))
    wrong = wrong or await the_next_weeks(world, range(20))
    assert not wrong, f"died before step {steps}: {wrong}"
    return taken


async def the_next_weeks(world: World, nights: Iterable[int]) -> list[str]:
    """What is wrong once somebody has confirmed a restore, and what was due then has gone."""
    await live_on(world, nights)
    return unlike_before(world)


async def live_on(world: World, nights: Iterable[int]) -> None:
    site = await world.open()
    now = world.now + timedelta(days=1, hours=3)
    await confirm(site, world, now)
    for night in nights:
        await a_day(site, now + timedelta(days=night))
    await site.close()


def unlike_before(world: World) -> list[str]:
    """Who is there though they were erased, and who is not as they were."""
    held = [world.ids["held"], world.ids["undecided"]]
    wrong = check(world.place, held) + differences(PRINTS[world.mode], fingerprint(world.place, living(world)))
    wrong += differences(PRINTS[world.mode, "signing"], signing_keys(world.place))
    return wrong + [f"{name} is left" for name in fingerprint(world.place, world.due)]


PRINTS: dict[object, dict[str, object]] = {}


def keep_prints(template: World) -> None:
    """What the living of a world look like before anything is lost."""
    PRINTS[template.mode, "signing"] = signing_keys(template.place)
    PRINTS[template.mode] = {
        name: value for name, value in fingerprint(template.place, living(template)).items() if "mail" not in name
    }


async def every(fresh: Fresh, fate: Fate, stride: int, purged: bool, power: Power | None = None) -> None:
    keep_prints(fresh())
    total = await one(fresh, fate, None, purged)
    chosen = range(0, total, stride)
    done = sum([await one(fresh, fate, steps, purged, power) == steps for steps in chosen])
    print(f"restore: interrupted {done} of {len(chosen)} (of {total} steps)")
    assert done == len(chosen) > 0


async def test_L27_a_part_that_was_erased_since_the_archive_is_erased_again_and_the_rest_comes_back(
    fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where archives hold no keys there is a newer one: the erasure has waited for it."""
    quick(monkeypatch)
    world = fresh()
    site, running = await world.open(), world.id("running")
    await backup.back_up(site, world.settings.backups, world.now + timedelta(hours=1))
    part = await parts.grant(site, running, PARTED, world.id("kari"), world.now + timedelta(hours=2))
    assert part
    if world.mode == "strict":
        await backup.back_up(site, world.settings.backups, world.now + timedelta(hours=3))
    await a_day(site, world.now + timedelta(days=1))
    assert await site.keyring.keys([part]) == {}
    assert await left_of(site, running) == ("", [], [])
    await site.close()
    shutil.rmtree(world.settings.data)
    await restore(world)
    site = await world.open()
    assert await site.keyring.keys([part]) == {}, "I6"
    assert await left_of(site, running) == ("", [], [])
    assert await site.documents.paths(f"units/{running}") == []
    await confirm(site, world, world.now + timedelta(days=1, hours=3))
    await a_day(site, world.now + timedelta(days=1, hours=3))
    await site.close()
    assert check(world.place, [world.ids["held"]]) == []


@pytest.mark.parametrize("purged", [False, True], ids=["nobody erased since", "people erased since"])
async def test_a_restore_that_is_cut_off_is_done_again(fresh: Fresh, fate: Fate, purged: bool) -> None:
    await every(fresh, fate, 43, purged)


@pytest.mark.faults
@pytest.mark.parametrize("purged", [False, True], ids=["nobody erased since", "people erased since"])
async def test_a_restore_that_is_cut_off_before_any_step_is_done_again(fresh: Fresh, fate: Fate, purged: bool) -> None:
    await every(fresh, fate, 1, purged)


@pytest.mark.faults
@pytest.mark.parametrize("purged", [False, True], ids=["nobody erased since", "people erased since"])
async def test_a_restore_that_the_power_cuts_off_before_any_step_is_done_again(
    fresh: Fresh, fate: Fate, power: Power, purged: bool
) -> None:
    await every(fresh, fate, 1, purged, power)
