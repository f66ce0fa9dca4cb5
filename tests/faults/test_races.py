"""Two who want opposite things at once: one of them gets a definite answer, and never do both get their way."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from recruit.locking import Busy
from recruit.retention import consent, holds, purge, service
from recruit.site import Site
from recruit.vault.keyring import TooLate
from tests.faults.boundaries import Fate
from tests.faults.conftest import Fresh
from tests.faults.invariants import check
from tests.faults.world import World


async def raced(site: Site, act: Awaitable[Any], now: Any, delay: int) -> str:
    """Let an act and the purge run at once, the act some turns of the loop later: what the act was told."""

    async def later() -> str:
        for _ in range(delay):
            await asyncio.sleep(0.0005)
        try:
            await act
        except (TooLate, consent.NothingToConsentTo):
            return "too late"
        return "done"

    told, _ = await asyncio.gather(later(), purge.run(site, now))
    return told


def consenting(site: Site, world: World, now: Any) -> Awaitable[Any]:
    return consent.give(site, world.id("due's profile"), "my_data", "nb", now)


def holding(site: Site, world: World, now: Any) -> Awaitable[Any]:
    return holds.place(site, world.id("due"), world.id("kari"), "dispute", "17(3)(e)", date(2027, 3, 2), now)


@pytest.mark.parametrize("act", [consenting, holding])
async def test_what_lengthens_a_life_either_holds_or_is_too_late(
    fresh: Fresh, fate: Fate, act: Callable[..., Awaitable[Any]]
) -> None:
    answers = []
    for delay in (0, 1, 3, 6, 10, 16, 60):
        world = fresh()
        site = await world.open()
        now = world.now + timedelta(days=1)
        told = await raced(site, act(site, world, now), now, delay)
        alive = world.id("due") in await site.keyring.keys([world.id("due")])
        assert alive == (told == "done"), f"after {delay} turns: told {told}, and alive is {alive}"
        await purge.run(site, now + timedelta(days=1))
        assert (world.id("due") in await site.keyring.keys([world.id("due")])) == alive
        await site.close()
        assert check(world.place, [world.ids["due"]] if alive and act is holding else []) == []
        answers.append(told)
    assert "done" in answers


@pytest.mark.parametrize("act", [consenting, holding])
async def test_a_reconciler_between_the_two_halves_of_an_act_does_not_undo_it(
    fresh: Fresh, fate: Fate, act: Callable[..., Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard is lengthened, brought in line with records, and only then records say why it was lengthened."""
    world = fresh()
    site = await world.open()
    now = world.now + timedelta(days=1)

    async def reconciled(unit: Any, *args: Any) -> int:
        version = await lengthened(unit, *args)
        if len(seen) == 0:
            seen.append(version)
            await service.reconcile(site, now)
        return int(version)

    seen: list[int] = []
    name = "block" if act is holding else "lengthen"
    lengthened = getattr(site.keyring, name)
    monkeypatch.setattr(site.keyring, name, reconciled)
    await act(site, world, now)
    guard = await site.keyring.guard(world.id("due"))
    assert guard
    assert guard.holds == 1 if act is holding else (guard.retain_until or date.max) > date(2027, 1, 1)
    assert (await purge.run(site, now)).refused == {}
    assert world.id("due") in await site.keyring.keys([world.id("due")])
    await site.close()


async def test_of_two_purges_at_once_one_is_busy(fresh: Fresh, fate: Fate) -> None:
    world = fresh()
    site = await world.open()
    now = world.now + timedelta(days=1)
    results = await asyncio.gather(purge.run(site, now), purge.run(site, now), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Busy", "Counts"]
    await site.close()
    assert check(world.place) == []


async def test_a_purge_and_a_backup_take_turns(fresh: Fresh, fate: Fate) -> None:
    from recruit import backup

    world = fresh()
    site = await world.open()
    now = world.now + timedelta(days=1)
    first, second = await asyncio.gather(
        backup.back_up(site, world.settings.backups, now), purge.run(site, now), return_exceptions=True
    )
    assert isinstance(second, Busy)
    assert not isinstance(first, BaseException)
    await site.close()


async def test_an_application_sent_while_its_profile_ends_gets_a_living_one(fresh: Fresh, fate: Fate) -> None:
    from tests import factories

    for delay in (0, 2, 5, 12):
        world = fresh()
        site = await world.open()
        now = world.now + timedelta(days=1)

        async def apply(site: Site = site, world: World = world, delay: int = delay, now: Any = now) -> Any:
            await asyncio.sleep(delay * 0.001)
            return await factories.application(site, now, world.id("vacancy"), "due@example.org")

        unit, _ = await asyncio.gather(apply(), purge.run(site, now))
        profile = await factories.candidate_of(site, unit)
        assert len(await site.keyring.keys([unit, profile])) == 2
        await purge.run(site, now + timedelta(days=1))
        assert len(await site.keyring.keys([unit, profile])) == 2
        await site.close()
        assert check(world.place) == []
