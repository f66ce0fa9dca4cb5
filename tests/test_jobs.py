"""Scheduled jobs: once a slot, taken up again after a fault, made good after a stop."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from recruit import attendance, backup, jobs, trial, worker
from recruit.database.server import connect
from recruit.locking import Busy, alone
from recruit.retention import service
from recruit.site import Site
from tests import factories
from tests.conftest import Time

SECRET, RECIPIENT = backup.make_recovery_key()


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(settings, recovery_recipient=RECIPIENT)


async def test_of_many_workers_one_runs_a_slot(site: Site, time: Time) -> None:
    answers = await asyncio.gather(*(jobs.run_job(site, "upkeep", time.now, "upkeep:1") for _ in range(4)))
    assert sum(answer is not None for answer in answers) == 1


async def test_a_failed_run_is_noted_by_kind_and_taken_up_again(site: Site, time: Time, monkeypatch) -> None:
    async def fail(site, now):
        raise OSError("kari@example.org")

    good = jobs.JOBS["upkeep"]
    monkeypatch.setitem(jobs.JOBS, "upkeep", jobs.Job("upkeep", fail, minute=10))
    with pytest.raises(OSError, match="kari"):
        await jobs.run_job(site, "upkeep", time.now, "upkeep:1")
    (row,) = await site.records.run_sql("SELECT * FROM run")
    assert row["error"] == "OSError"
    monkeypatch.setitem(jobs.JOBS, "upkeep", good)
    assert await jobs.run_job(site, "upkeep", time.now, "upkeep:1") is None
    assert await jobs.run_job(site, "upkeep", time.forward(minutes=16), "upkeep:1") is not None
    assert await jobs.run_job(site, "upkeep", time.forward(minutes=16), "upkeep:1") is None


async def test_a_worker_that_died_is_followed_by_another(site: Site, time: Time) -> None:
    assert await jobs._claim(site, "purge:1", "purge", time.now)
    assert not await jobs._claim(site, "purge:1", "purge", time.forward(minutes=30))
    assert await jobs._claim(site, "purge:1", "purge", time.forward(hours=2))


async def test_a_worker_that_no_longer_beats_is_followed_within_a_minute(site: Site, time: Time) -> None:
    await attendance.beat(site, time.now)
    assert await jobs._claim(site, "purge:1", "purge", time.now)
    await attendance.beat(site, time.forward(minutes=30))
    assert not await jobs._claim(site, "purge:1", "purge", time.forward(seconds=59))
    assert await jobs._claim(site, "purge:1", "purge", time.forward(seconds=2))


async def test_who_comes_while_another_is_at_work_leaves_the_slot_for_the_next_look(site: Site, time: Time) -> None:
    async with alone(site.settings):
        with pytest.raises(Busy):
            await jobs.run_job(site, "purge", time.now, "purge:1")
    assert await site.records.run_sql("SELECT * FROM run") == []
    assert await jobs.run_job(site, "purge", time.now, "purge:1") is not None


async def test_a_missed_slot_is_due_at_the_next_start(site: Site, time: Time) -> None:
    assert "purge" in await jobs.due_jobs(site, time.now)
    await jobs.run_job(site, "purge", time.now, jobs.JOBS["purge"].slot(time.now))
    assert "purge" not in await jobs.due_jobs(site, time.now)
    assert "purge" in await jobs.due_jobs(site, time.forward(days=3))


@pytest.mark.parametrize("name", ["purge", "backup", "trial_restore"])
def test_every_day_has_one_slot_across_changes_of_clocks(name: str) -> None:
    job = jobs.JOBS[name]
    start = datetime(2026, 3, 20, tzinfo=UTC)
    slots = {job.slot(start + timedelta(hours=h)) for h in range(24 * 365)}
    assert len(slots) in (366 // job.days, 366 // job.days + 1)


async def test_the_trial_brings_everybody_back_and_leaves_nothing(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await factories.application(site, time.now, vacancy, documents=(("cv.pdf", "application/pdf", b"%PDF-1.4"),))
    real, seen = trial._in_its_own_process, []

    async def look_at_its_databases(folder: Path, given: trial.Given, now: datetime) -> dict[str, object]:
        answer = await real(folder, given, now)
        for url, table in zip(given.urls, ("application", "data_key"), strict=True):
            if url:
                connection = await connect(url)
                seen.append(await connection.fetchval(f"SELECT count(*) FROM {table}"))
                await connection.close()
        return answer

    monkeypatch.setattr(trial, "_in_its_own_process", look_at_its_databases)
    counts = await trial.run(site, time.now)
    assert counts == {"units": 2, "documents": 1}
    assert not (site.settings.backups / "trial").exists()
    assert seen == ([1, 2] if site.settings.records_url else [])
    assert await scratch(site) == 0


async def scratch(site: Site) -> int:
    """How many databases of a trial there are."""
    if not site.settings.records_url:
        return 0
    urls = site.settings.records_url, site.settings.keyring_url
    names = [urlsplit(url).path.strip("/") + "_trial" for url in urls]
    rows = await site.records.run_sql("SELECT datname FROM pg_database")
    return len({row["datname"] for row in rows} & set(names))


async def test_no_purge_runs_beside_a_trial(site: Site, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    async def purge_meanwhile(*given: object) -> dict[str, object]:
        with pytest.raises(Busy):
            await jobs.run_job(site, "purge", time.now)
        return {"units": 0, "documents": 0}

    monkeypatch.setattr(trial, "_in_its_own_process", purge_meanwhile)
    assert await trial.run(site, time.now) == {"units": 0, "documents": 0}


async def test_a_purge_destroys_first_what_a_killed_trial_has_left(site: Site, time: Time) -> None:
    left = site.settings.backups / "trial"
    (left / "keys").mkdir(parents=True)
    (left / "keys" / "epoch-00000002.key").write_bytes(b"0" + bytes(32))
    assert await trial._beside(site.settings) != ("", "") or not site.settings.records_url
    await jobs.run_job(site, "purge", time.now)
    assert not left.exists()
    assert await scratch(site) == 0


async def test_the_trial_fails_if_a_document_is_damaged(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await factories.application(site, time.now, vacancy, documents=(("cv.pdf", "application/pdf", b"%PDF-1.4"),))
    (path,) = (site.settings.data / "documents" / "units").rglob("*.original")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(trial.TrialFailed):
        await trial.run(site, time.now)


async def test_a_candidate_is_reminded_once_30_and_once_7_days_before(site: Site, time: Time) -> None:
    kari = await factories.staff(site, time.now, "recruiter")
    vacancy = await factories.vacancy(site, time.now)
    application = await factories.application(site, time.now, vacancy, consented=True)
    await service.close_applications(site, [application], "rejected", kari, time.now)
    sent = {}
    for day in range(330, 366):
        now = time.now + timedelta(days=day)
        sent[day] = (await jobs.run_job(site, "reminders", now))["consent"]
    assert [day for day, n in sent.items() if n] == [335, 358]


async def test_an_application_that_lies_still_is_reported_every_month(site: Site, time: Time) -> None:
    await factories.staff(site, time.now, "recruiter")
    await factories.application(site, time.now, await factories.vacancy(site, time.now))
    reported = [
        (await jobs.run_job(site, "reminders", time.now + timedelta(days=day)))["stale"] for day in range(170, 260)
    ]
    assert sum(reported) == 3


async def test_the_worker_runs_what_is_due_and_stops_cleanly(site: Site, time: Time) -> None:
    async with worker.scheduling(site):
        for _ in range(100):
            if not await jobs.due_jobs(site, time.now):
                break
            await asyncio.sleep(0.1)
    assert await jobs.due_jobs(site, time.now) == []
    (row,) = await site.records.run_sql("SELECT count(*) AS n FROM run WHERE ended_at IS NULL")
    assert row["n"] == 0
