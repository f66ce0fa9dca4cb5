"""`recruit check` tells the truth: each planted fault is a red line with its remedy, and a sound site has none."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from recruit import audit, backup, check, jobs, mail
from recruit.app import create_app
from recruit.documents import confined
from recruit.documents.confined import Confinement, Layer
from recruit.retention import holds, purge, service
from recruit.retention.remembered import remember
from recruit.settings import Settings
from recruit.site import Site, StrangeStore
from tests import factories
from tests.conftest import Time
from tests.tampering import tamper


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The confined reader is not started in each test; test_confined.py proves it."""
    layers = tuple(Layer(name, "", "") for name in ("limits", "namespaces", "landlock", "seccomp"))
    monkeypatch.setattr(confined, "confinement", lambda: Confinement(layers, ()))
    monkeypatch.setattr(check, "_a_font", lambda folders: True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(
        settings, public_url="http://localhost", recovery_recipient=backup.make_recovery_key()[1]
    )


async def sound(site: Site, time: Time) -> None:
    await factories.staff(site, time.now, "admin", "recruiter", "dpo")
    for job in ("purge", "backup", "trial_restore"):
        await ended(site, job, time)


async def ended(site: Site, job: str, time: Time) -> None:
    await site.records.run_sql(
        "INSERT INTO run (id, job, started_at, ended_at, counts, error) VALUES (?, ?, ?, ?, '{}', '')",
        *(f"{job}:{uuid4()}", job, time.now, time.now),
    )


async def red(site: Site, time: Time) -> set[str]:
    found = await check.findings(site, time.now)
    assert all(each.remedy for each in found if not each.ok), "a red line without its remedy"
    return {each.key for each in found if not each.ok}


async def test_a_sound_installation_has_no_red_line(site: Site, time: Time) -> None:
    await sound(site, time)
    assert await red(site, time) == set()


async def test_a_new_installation_is_late_with_nothing(site: Site, time: Time) -> None:
    await factories.staff(site, time.now, "admin", "dpo")
    assert await red(site, time) == set()
    time.forward(hours=27)
    assert await red(site, time) == {"purge_ran", "backup_ran"}
    time.forward(days=8)
    assert "trial_restore_ran" in await red(site, time)


async def test_a_purge_that_has_not_run_is_red(site: Site, time: Time) -> None:
    await sound(site, time)
    time.forward(hours=27)
    assert {"purge_ran", "backup_ran"} <= await red(site, time)


async def test_an_installation_without_employer_is_red(settings: Settings, time: Time) -> None:
    opened = await Site.open(settings)
    try:
        assert {"employer", "policy", "privacy_contact", "admin"} <= await red(opened, time)
    finally:
        await opened.close()


async def test_an_address_without_tls_is_red(site: Site, time: Time) -> None:
    await sound(site, time)
    bare = msgspec.structs.replace(site.settings, public_url="http://jobb.example.no")
    assert await red(Site(bare, site.records, site.keyring, site.documents), time) == {"address"}


async def test_no_way_out_for_mail_and_no_recovery_key_are_red(site: Site, time: Time) -> None:
    await sound(site, time)
    bare = msgspec.structs.replace(site.settings, smtp="", recovery_recipient="")
    assert await red(Site(bare, site.records, site.keyring, site.documents), time) == {"mail", "recovery_key"}


async def test_mail_that_waits_is_red(site: Site, time: Time) -> None:
    await sound(site, time)
    vacancy = await factories.vacancy(site, time.now)
    await factories.application(site, time.now, vacancy, closed=time.now)
    assert await red(site, time) == set()
    time.forward(hours=2)
    assert await red(site, time) == {"mail_backlog"}
    transport = mail.transport_of(site)
    assert transport
    await mail.deliver(site, transport, time.now)
    assert await red(site, time) == set()


async def test_what_is_overdue_is_red(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    await factories.application(site, time.now, vacancy, closed=time.now)
    time.forward(days=22)
    await sound(site, time)
    assert "overdue" in await red(site, time)


async def test_what_is_held_is_not_overdue_but_a_hold_past_its_review_is_red(site: Site, time: Time) -> None:
    liv = await factories.staff(site, time.now, "dpo", email="liv@fjordlys.example")
    vacancy = await factories.vacancy(site, time.now)
    application = await factories.application(site, time.now, vacancy, closed=time.now)
    review = (time.now + timedelta(days=5)).date()
    await holds.place(site, application, liv, "Klage", "art. 17 nr. 3", review, time.now)
    time.forward(days=30)
    await sound(site, time)
    found = await red(site, time)
    assert "overdue" not in found
    assert "holds" in found


async def test_a_purge_that_waits_for_a_person_is_red(site: Site, time: Time) -> None:
    await sound(site, time)
    await remember(site, "restored", True)
    assert await red(site, time) == {"waiting"}


async def test_a_clock_that_ran_backwards_is_red(site: Site, time: Time) -> None:
    await sound(site, time)
    await remember(site, "high_water", (time.now + timedelta(days=2)).isoformat())
    assert await red(site, time) == {"clock", "waiting"}


async def test_a_begun_purge_that_does_not_end_is_red(site: Site, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    kari = await factories.staff(site, time.now, "dpo", email="liv@fjordlys.example")
    vacancy = await factories.vacancy(site, time.now)
    application = await factories.application(site, time.now, vacancy)
    await service.grant_erasure(site, [application], kari, time.now)
    for _ in range(2):
        await jobs.send_mail(site, time.now)
        with monkeypatch.context() as broken:
            broken.setattr(purge.sweeping, "verify", _still_there)
            await purge.run(site, time.now)
        time.forward(days=1)
    await sound(site, time)
    assert "unfinished" in await red(site, time)


def _still_there(*args: object) -> None:
    raise purge.sweeping.NotGone


async def test_a_changed_ledger_and_audit_are_red(site: Site, time: Time) -> None:
    await sound(site, time)
    await site.keyring.record("rotate", {"epoch_before": 1, "epoch_after": 2}, time.now)
    await audit.record("vacancy.created", time.now, None)
    await tamper(site.keyring.engine, "UPDATE ledger_entry SET kind = 'nothing'")
    await tamper(site.records, "UPDATE audit_entry SET kind = 'nothing' WHERE number = 1")
    assert await red(site, time) == {"ledger", "audit", "ledger_copies"}


async def test_a_holder_without_the_key_is_red_until_it_is_mended(site: Site, time: Time) -> None:
    await sound(site, time)
    (slot,) = site.settings.holders[0].glob("epoch-*.key")
    kept = slot.read_bytes()
    slot.unlink()
    assert await red(site, time) == {"holders"}
    slot.write_bytes(kept)
    assert await red(site, time) == set()


async def test_a_missing_document_store_is_red(site: Site, time: Time) -> None:
    await sound(site, time)
    vacancy = await factories.vacancy(site, time.now)
    await factories.application(site, time.now, vacancy, documents=(("cv.pdf", "application/pdf", b"%PDF-"),))
    (site.settings.data / "documents" / "sentinel").unlink()
    assert await red(site, time) == {"documents"}


async def test_a_strange_document_store_is_not_served_but_a_first_one_is_ours(site: Site, time: Time) -> None:
    """An unmounted folder or a wrong bucket looks empty; it is not marked as ours unawares."""
    mark = site.settings.data / "documents" / "sentinel"
    mark.unlink()
    await site.know_store()
    assert mark.exists(), "nothing is known yet: this is a first start"
    vacancy = await factories.vacancy(site, time.now)
    await factories.application(site, time.now, vacancy, documents=(("cv.pdf", "application/pdf", b"%PDF-"),))
    kept = mark.read_bytes()
    mark.unlink()
    lifespan = create_app(site.settings)._lifespan_managers[0]  # what a server runs before it takes a request
    with pytest.raises(StrangeStore, match="RECRUIT_DOCUMENTS_URL"):
        async with lifespan(create_app(site.settings)):  # type: ignore[operator]
            pass
    assert not mark.exists()
    mark.write_bytes(kept)
    await site.know_store()


async def test_an_archive_past_the_horizon_is_red(site: Site, time: Time) -> None:
    await sound(site, time)
    site.settings.backups.mkdir(exist_ok=True)
    old = time.now - timedelta(days=40)
    (site.settings.backups / f"recruit-{old:%Y-%m-%dT%H%M%S%fZ}.tar.age").write_bytes(b"")
    assert await red(site, time) == {"pruned"}


@pytest.mark.parametrize(("missing", "escapes", "is_red"), [("seccomp", (), True), ("landlock", (), False)])
async def test_confinement_without_seccomp_is_red_and_without_landlock_a_note(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch, missing: str, escapes: tuple[str, ...], is_red: bool
) -> None:
    await sound(site, time)
    state = Confinement((Layer(missing, "", "not here"),), escapes)
    monkeypatch.setattr(confined, "confinement", lambda: state)
    assert ("confinement" in await red(site, time)) is is_red
    (told,) = [each for each in await check.findings(site, time.now) if each.key == "confinement"]
    assert told.remedy


async def test_a_reader_that_escapes_is_red(site: Site, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    await sound(site, time)
    monkeypatch.setattr(confined, "confinement", lambda: Confinement((), ("opened a socket",)))
    assert await red(site, time) == {"confinement"}


async def test_no_font_is_red(site: Site, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    await sound(site, time)
    monkeypatch.setattr(check, "_a_font", lambda folders: False)
    assert await red(site, time) == {"fonts"}


async def test_a_late_rights_request_is_red(site: Site, time: Time) -> None:
    from recruit.rights import asking

    vacancy = await factories.vacancy(site, time.now)
    candidate = await factories.candidate_of(site, await factories.application(site, time.now, vacancy))
    await asking.ask_erasure(site, candidate, None, "", time.now)
    time.forward(days=40)
    await sound(site, time)
    assert "requests" in await red(site, time)


async def test_a_look_that_fails_is_red_and_stops_no_other(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(site: Site, now: object) -> list[check.Finding]:
        raise ValueError("secret")

    await sound(site, time)
    monkeypatch.setattr(check, "LOOKS", (broken, check.clock_sane))
    found = await check.findings(site, time.now)
    assert [(each.key, each.ok) for each in found] == [("broken", False), ("clock", True)]
    assert "secret" not in found[0].detail


async def test_a_lost_key_is_a_red_line_and_no_crash(site: Site, settings: Settings, time: Time) -> None:
    await sound(site, time)
    (slot,) = settings.holders[0].glob("epoch-*.key")
    slot.unlink()
    found = await check.examine(settings, time.now)
    assert {each.key for each in found if not each.ok} == {"holders", "open"}
