"""Archives: the living come back whole, the dead stay unreadable, and a refusal says what to do."""

import errno
import io
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from recruit import backup, restoring
from recruit.database import Server
from recruit.errors import RecruitError
from recruit.hiring import section31, waiting
from recruit.retention import consent, holds, purge, remembered, service
from recruit.retention.holds import Because
from recruit.settings import Settings
from recruit.site import Site
from recruit.tables import ApplicationData
from recruit.vault.keyring import TooLate
from recruit.vault.sealing import unseal
from tests import factories
from tests.conftest import Time
from tests.retention.test_purge import nightly

SECRET, RECIPIENT = backup.make_recovery_key()
PDF = b"%PDF-1.4 canary document of the living"


@pytest.fixture(params=["plain", "strict"])
def settings(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Settings:
    holders = (tmp_path / "keys",) if request.param == "plain" else (tmp_path / "keys", tmp_path / "keys-2")
    return msgspec.structs.replace(settings, backup_mode=request.param, holders=holders, recovery_recipient=RECIPIENT)


async def letter_of(site: Site, application) -> str:
    (row,) = await site.records.run_sql("SELECT sealed FROM application WHERE id = ?", application)
    key = await site.keyring.key(application)
    return unseal(key, "application", application, bytes(row["sealed"]), ApplicationData).letter


async def lose_data(site: Site) -> None:
    """The disk with the data folder is gone, and new databases are there where the old ones were."""
    for engine in (site.records, site.keyring.engine):
        if isinstance(engine, Server):
            await engine.empty()
    await site.close()
    shutil.rmtree(site.settings.data)


async def test_an_archive_brings_the_living_back_whole(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    living = await factories.application(site, time.now, vacancy, documents=(("cv.pdf", "application/pdf", PDF),))
    await backup.back_up(site, site.settings.backups, time.now)
    await lose_data(site)
    done = await restoring.restore(site.settings, site.settings.backups, SECRET, time.now)
    assert done.erasures == 0
    again = await Site.open(site.settings)
    assert await letter_of(again, living) == "Jeg liker å bygge ting som varer."
    (document,) = await again.records.run_sql("SELECT id FROM document")
    assert await again.documents.whole(await again.keyring.key(living), document["id"]) == PDF
    await again.close()


async def test_an_archive_does_not_bring_the_erased_back(site: Site, time: Time) -> None:
    kari = await factories.staff(site, time.now, "recruiter")
    vacancy = await factories.vacancy(site, time.now)
    dead = await factories.application(site, time.now, vacancy)
    living = await factories.application(site, time.now, vacancy, email="b@example.org")
    await backup.back_up(site, site.settings.backups, time.now)
    await purge.run(site, time.now)
    await service.close_applications(site, [dead], "rejected", kari, time.now)
    await nightly(site, time, 20)
    assert (await purge.preview(site, time.now)).unfinished == 0
    await lose_data(site)
    done = await restoring.restore(site.settings, site.settings.backups, SECRET, time.now)
    assert done.erasures == 1
    again = await Site.open(site.settings)
    with pytest.raises(TooLate):
        await again.keyring.key(dead)
    assert not await again.records.run_sql("SELECT 1 FROM application WHERE id = ?", dead)
    assert await letter_of(again, living)
    (row,) = await again.keyring.engine.run_sql("SELECT state FROM purge")
    assert row["state"] == "issued"
    await again.close()


async def test_L14_a_document_held_since_the_archive_comes_back_without_its_erased_application(
    site: Site, time: Time
) -> None:
    """Where archives hold no keys, the erasure of the rest waits until one has the document under its own key."""
    kari = await factories.staff(site, time.now, "recruiter")
    papers = (("cv.pdf", "application/pdf", PDF),)
    dead = await factories.application(site, time.now, await factories.vacancy(site, time.now), documents=papers)
    (held,) = await site.records.run_sql("SELECT id FROM document")
    await backup.back_up(site, site.settings.backups, time.now)
    await holds.place_on_document(site, held["id"], kari, Because("Klage", "17(3)(e)", date(2027, 3, 2)), time.now)
    strict = site.settings.backup_mode == "strict"
    assert await holds.unarchived(site) == ({dead} if strict else set())
    if strict:
        await backup.back_up(site, site.settings.backups, time.forward(days=1))
        assert await holds.unarchived(site) == set()
    await service.close_applications(site, [dead], "rejected", kari, time.now)
    await nightly(site, time, 20)
    await lose_data(site)
    await restoring.restore(site.settings, site.settings.backups, SECRET, time.now)
    again = await Site.open(site.settings)
    with pytest.raises(TooLate):
        await again.keyring.key(dead)
    assert await again.documents.whole(await again.keyring.key(held["id"]), held["id"]) == PDF
    (hold,) = await again.records.run_sql("SELECT application, document, released_on FROM legal_hold")
    assert hold == {"application": None, "document": held["id"], "released_on": None}
    await again.close()


async def test_consent_and_L31_requests_since_the_archive_are_not_forgotten(site: Site, time: Time) -> None:
    kari, vacancy = await factories.staff(site, time.now, "recruiter"), await factories.vacancy(site, time.now)
    application, hired, bo = [
        await factories.application(site, time.now, vacancy, f"{name}@example.org") for name in ("ola", "eva", "bo")
    ]
    candidate = await factories.candidate_of(site, application)
    await purge.run(site, time.now)
    await service.close_applications(site, [application, bo], "rejected", kari, time.now)
    await service.close_applications(site, [hired], "hired", kari, time.now)
    await section31.ask(site, bo, section31.Asked("Canary"), time.now)
    await backup.back_up(site, site.settings.backups, time.now)
    await consent.give(site, candidate, "mail_link", "nb", time.forward(hours=1))
    asked = await section31.ask(site, application, section31.Asked("Canary"), time.now)
    (taken_back,) = await section31.of_application(site, await site.keyring.key(bo))
    await section31.withdraw(site, taken_back, time.now)
    assert b"Canary" not in (site.settings.holders[0] / "journal.jsonl").read_bytes()
    await lose_data(site)
    await restoring.restore(site.settings, site.settings.backups, SECRET, time.forward(hours=1))
    again = await Site.open(site.settings)
    assert await consent.standing(again, candidate)
    (open_one,) = await section31.of_application(again, await again.keyring.key(application))
    (ended,) = await section31.of_application(again, await again.keyring.key(bo))
    assert (open_one.id, open_one.state, open_one.due_on) == (asked, "open", date(2026, 3, 16))
    assert (ended.id, ended.state, ended.words.text) == (taken_back.id, "withdrawn", "Canary")
    assert await remembered.waits_because(again, time.now) == "restored"
    await remembered.confirm(again, kari, time.now)
    assert sum(run.erased for run in await nightly(again, time, 40)) == 1
    assert set(await again.keyring.keys([application, hired, bo])) == {application, hired}, "she waits for the answer"
    assert await letter_of(again, application)
    await again.close()


async def test_after_a_restore_nobody_goes_before_a_new_notice_and_the_answer_window(site: Site, time: Time) -> None:
    kari = await factories.staff(site, time.now, "recruiter")
    vacancy = await factories.vacancy(site, time.now)
    application = await factories.application(site, time.now, vacancy)
    waits, later = await factories.application(site, time.now, vacancy, "bo@example.org"), timedelta(days=1)
    await waiting.put(site, vacancy, [waits], "rejected", kari, time.now, time.now + later, None, {}, True)
    await purge.run(site, time.now)
    await service.close_applications(site, [application], "rejected", kari, time.now)
    await backup.back_up(site, site.settings.backups, time.now)
    await lose_data(site)
    time.forward(days=200)
    await restoring.restore(site.settings, site.settings.backups, SECRET, time.now)
    again = await Site.open(site.settings)
    assert await waiting.carry_out(again, time.now) == 0, "somebody may have stopped it since: it is decided anew"
    assert (await purge.run(again, time.now)).waiting == "restored"
    await remembered.confirm(again, kari, time.now)
    early = await nightly(again, time, 13)
    assert sum(run.erased for run in early) == 0
    late = await nightly(again, time, 4)
    assert sum(run.erased for run in late) == 1
    await again.close()


async def test_a_refused_restore_says_what_to_do_and_leaves_nothing(site: Site, time: Time, tmp_path: Path) -> None:
    await backup.back_up(site, site.settings.backups, time.now)
    with pytest.raises(restoring.RestoreRefused, match=r"move that folder away|two empty databases"):
        await restoring.restore(site.settings, site.settings.backups, SECRET, time.now)
    await lose_data(site)
    for key, words in (
        (None, "recovery key"),
        ("nonsense", "no recovery key"),
        (backup.make_recovery_key()[0], "open"),
    ):
        with pytest.raises(restoring.RestoreRefused, match=words):
            await restoring.restore(site.settings, site.settings.backups, key, time.now)
    with pytest.raises(restoring.RestoreRefused, match="no archive"):
        await restoring.restore(site.settings, tmp_path / "nowhere", SECRET, time.now)
    (archive,) = backup.archives(site.settings.backups)
    archive.write_bytes(archive.read_bytes()[:-1000])
    with pytest.raises(RecruitError):
        await restoring.restore(site.settings, archive, SECRET, time.now)
    assert not (site.settings.data / "records.db").exists()


async def test_archives_are_pruned_past_the_horizon(site: Site, time: Time) -> None:
    await backup.back_up(site, site.settings.backups, time.now)
    assert await backup.prune(site, time.forward(days=30)) == 0
    assert await backup.prune(site, time.forward(days=1)) == 1
    assert backup.archives(site.settings.backups) == []


async def test_the_epoch_key_of_an_archive_never_touches_the_disk(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    await backup.back_up(site, site.settings.backups, time.now)
    key = site.keyring.epoch_key()
    await lose_data(site)
    seen: list[bytes] = []

    def look_around(*given: object) -> None:
        seen.extend(path.read_bytes() for path in site.settings.data.rglob("*") if path.is_file())
        raise restoring.RestoreRefused(why="that was enough.")

    monkeypatch.setattr(restoring, "_newest_ledger", look_around)
    with pytest.raises(restoring.RestoreRefused):
        await restoring.restore(site.settings, site.settings.backups, SECRET, time.now)
    assert any(b"SQLite format" in data for data in seen)
    assert not any(key in data for data in seen)


async def test_a_half_written_archive_is_not_the_newest(site: Site, time: Time) -> None:
    whole = await backup.back_up(site, site.settings.backups, time.now)
    later = whole.path.with_name(whole.path.name.replace("2026", "2027") + ".partial")
    later.write_bytes(b"the lights went out here")
    await lose_data(site)
    done = await restoring.restore(site.settings, site.settings.backups, SECRET, time.now)
    assert done.made_at == time.now


async def test_a_refused_first_start_does_not_stand_in_the_way_of_a_restore(site: Site, time: Time) -> None:
    living = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    await backup.back_up(site, site.settings.backups, time.now)
    await lose_data(site)
    with pytest.raises(RecruitError):
        await Site.open(site.settings)
    (site.settings.backups / "recruit-2999-01-01T000000000000Z.tar.age.partial").write_bytes(b"half")
    await restoring.restore(site.settings, site.settings.backups, SECRET, time.now)
    again = await Site.open(site.settings)
    assert await letter_of(again, living)
    await again.close()


@pytest.mark.postgres
async def test_an_archive_of_either_engine_restores_on_the_other(
    settings: Settings, time: Time, tmp_path: Path
) -> None:
    here = tmp_path / "files"
    on_files = msgspec.structs.replace(
        settings, records_url="", keyring_url="", data=here / "data", holders=(here / "keys",), backup_mode="plain"
    )
    site = await Site.open(on_files)
    document = (("cv.pdf", "application/pdf", PDF),)
    living = await factories.application(site, time.now, await factories.vacancy(site, time.now), documents=document)
    await backup.back_up(site, here / "archives", time.now)
    await site.close()
    on_server = msgspec.structs.replace(settings, backup_mode="plain")
    await restoring.restore(on_server, here / "archives", SECRET, time.now)
    site = await Site.open(on_server)
    assert isinstance(site.records, Server)
    assert await letter_of(site, living)
    before = {table: await site.records.run_sql(f"SELECT * FROM {table}") for table in ("application", "document")}
    await backup.back_up(site, tmp_path / "archives", time.forward(hours=1))
    await site.close()
    back = msgspec.structs.replace(on_files, data=tmp_path / "back", holders=(tmp_path / "back-keys",))
    await restoring.restore(back, tmp_path / "archives", SECRET, time.now)
    site = await Site.open(back)
    assert await letter_of(site, living)
    assert {table: await site.records.run_sql(f"SELECT * FROM {table}") for table in before} == before
    await site.close()


@pytest.mark.postgres
async def test_records_whose_keyring_is_lost_are_not_overwritten(site: Site, time: Time) -> None:
    await factories.application(site, time.now, await factories.vacancy(site, time.now))
    await backup.back_up(site, site.settings.backups, time.now)
    assert isinstance(site.keyring.engine, Server)
    await site.keyring.engine.empty()
    with pytest.raises(restoring.RestoreRefused, match="two empty databases"):
        await restoring.restore(site.settings, site.settings.backups, SECRET, time.now)
    assert len(await site.records.run_sql("SELECT id FROM application")) == 1


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_bytes_that_did_not_get_into_an_archive_are_missed(size: int) -> None:
    """The sealing library keeps quiet about the last few of them."""

    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    recipient = backup.make_recovery_key()[1]
    with pytest.raises(OSError, match="No space left"):
        backup._sealed(Full(), recipient, lambda pipe: pipe.write(bytes(size)))
