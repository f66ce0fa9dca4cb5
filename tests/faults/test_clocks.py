"""The clock jumps, runs back, changes to summer time, or stood still with the machine: nobody is erased early or twice,
what is in doubt waits for a person (L17), every day's jobs run once, and I1 to I8 hold.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from recruit import backup, clock, jobs, mail, worker
from recruit.retention import purge, remembered, service
from recruit.site import Site
from tests.faults import world
from tests.faults.conftest import Fresh
from tests.faults.invariants import check, differences, fingerprint
from tests.faults.test_interrupted import gone
from tests.faults.world import World, confirm

pytestmark = pytest.mark.parametrize("template", ["plain"], indirect=True)


class Looks:
    """What a worker does at an instant: whatever it takes to be due, and the mail."""

    def __init__(self, site: Site, patch: pytest.MonkeyPatch) -> None:
        self._site, self._patch = site, patch
        patch.delitem(jobs.JOBS, "trial_restore")
        self.taken = 0

    async def at(self, *instants: datetime) -> None:
        transport = mail.transport_of(self._site)
        assert transport
        for instant in instants:
            self._patch.setattr(clock, "now", lambda instant=instant: instant)
            await worker._whatever_is_due(self._site)
            await mail.deliver(self._site, transport, instant)
            self.taken += 1

    async def alive(self, place: World, *names: str) -> list[bool]:
        keys = await self._site.keyring.keys([place.id(name) for name in names])
        return [place.id(name) in keys for name in names]

    async def waits(self, instant: datetime) -> str | None:
        return await remembered.waits_because(self._site, instant)

    async def failed(self) -> list[str]:
        return [row["job"] for row in await self._site.records.run_sql("SELECT job FROM run WHERE error <> ''")]


async def test_a_clock_that_jumps_or_runs_back_erases_nobody_and_a_machine_that_slept_makes_good(
    fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.quick(monkeypatch)
    place = fresh()
    before = fingerprint(place.place, place.living)
    site = await place.open()
    looks, now = Looks(site, monkeypatch), place.now
    archives = set(place.settings.backups.glob("recruit-*"))
    await looks.at(now + timedelta(days=400), now + timedelta(days=401))
    assert await looks.waits(now + timedelta(days=401)) == "clock_jumped"
    assert archives <= set(place.settings.backups.glob("recruit-*")), "a clock in doubt has pruned archives"
    await looks.at(now - timedelta(days=3), now - timedelta(days=2))
    assert await looks.waits(now - timedelta(days=2)) == "clock_backwards"
    assert await looks.alive(place, "due", "second", "undecided") == [True] * 3
    woken = now + timedelta(hours=58)
    await looks.at(woken)
    assert await looks.waits(woken) == "clock_jumped"
    assert await looks.alive(place, "due", "second") == [True] * 2
    await confirm(site, place, woken)
    slept = woken + timedelta(hours=40)
    await looks.at(woken + timedelta(minutes=1))
    await purge.run(site, woken + timedelta(minutes=2))
    await looks.at(slept)
    assert await looks.waits(slept) is None
    made = [backup.made_at(archive) for archive in backup.archives(place.settings.backups)]
    assert made[-1] == slept, "an archive from a clock that ran ahead is taken for the newest"
    assert await looks.failed() == []
    await site.close()
    print(f"looked {looks.taken} of 7 times")
    assert looks.taken == 7
    wrong = check(place.place, [place.ids["held"]]) + gone(place)
    assert wrong + differences(before, fingerprint(place.place, place.living)) == []


async def test_the_change_to_summer_time_neither_brings_an_end_forward_nor_runs_a_night_twice(
    fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed on 15 March, so kept through the 29th, the day with 23 hours, which ends at 22:00 UTC."""
    world.quick(monkeypatch)
    place = fresh()
    before = fingerprint(place.place, [place.ids["held"], place.ids["kari"]])
    site = await place.open()
    looks = Looks(site, monkeypatch)
    closed_at = datetime(2026, 3, 15, 12, tzinfo=UTC)
    await service.close_applications(site, [place.id("running")], "rejected", place.id("kari"), closed_at)
    await looks.at(*(datetime(2026, 3, day, hour, 31, tzinfo=UTC) for day in range(17, 29) for hour in (2, 14)))
    await looks.at(*(datetime(2026, 3, 29, hour, 40, tzinfo=UTC) for hour in range(5)))
    for minute in (40, 59):
        await purge.run(site, datetime(2026, 3, 29, 21, minute, tzinfo=UTC))
        assert await looks.alive(place, "running") == [True]
    await looks.at(datetime(2026, 3, 30, 1, 31, tzinfo=UTC))
    assert await looks.alive(place, "running") == [False]
    rows = await site.records.run_sql("SELECT id FROM run WHERE job = 'purge' AND error = ''")
    slots = {f"purge:{date(2026, 3, day).toordinal()}" for day in range(17, 31)}
    assert slots == {row["id"] for row in rows if row["id"] in slots}
    assert await looks.failed() == []
    await site.close()
    assert check(place.place, [place.ids["held"]]) + gone(place) == []
    assert differences(before, fingerprint(place.place, [place.ids["held"], place.ids["kari"]])) == []
