"""A fault between any two steps leaves a whole application with its mail, or none and a form that can be sent again."""

import os
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from recruit.careers import rules, service
from recruit.database import Embedded, Server
from recruit.documents import confined
from recruit.documents.results import Examined
from recruit.errors import RecruitError
from recruit.retention import consent
from recruit.site import Site
from recruit.vault.documents import DocumentStore
from recruit.vault.keyring import Birth
from tests import factories
from tests.careers.conftest import pdf, png
from tests.conftest import Time


class Died(BaseException):
    """The process ended here."""


class Fate:
    """Lets the process die before its n-th step, a step being a statement or a touch of the document store."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        self.dead = False
        for owner, name in (
            (Embedded, "_fetch"),
            (Embedded, "_fetch_many"),
            (Server, "_fetch"),
            (Server, "_fetch_many"),
            (DocumentStore, "make_durable"),
            (DocumentStore, "delete"),
        ):
            monkeypatch.setattr(owner, name, self._watched(getattr(owner, name)))

    def _watched(self, real: Any) -> Any:
        async def step(*args: Any, **named: Any) -> Any:
            self._tick()
            return await real(*args, **named)

        return step

    def _tick(self) -> None:
        if self.dead:
            raise Died
        if self.left is not None:
            self.left -= 1
            self.dead = self.left < 0
            if self.dead:
                raise Died


@pytest.fixture
def fate(monkeypatch: pytest.MonkeyPatch) -> Fate:
    async def fine(data: bytes, media_type: str) -> Examined:
        return Examined(media_type, 1)

    monkeypatch.setattr(confined, "examine", fine)
    return Fate(monkeypatch)


async def press(site: Site, vacancy: UUID, token: str, email: str, time: Time, files: bool = True) -> service.Taken:
    turn = await service.begin(site, vacancy, "", time.now)
    turn.form.fields["form"] = token
    if files:
        await turn.shelf.put("cv.pdf", "cv", pdf())
        await turn.shelf.put("attest.png", "certificate", png())
    person = rules.Answers(name="Åse", email=email, letter="Hei", consent="yes")
    return await service.take(turn, person, "nb")


async def state(site: Site, unit: UUID) -> tuple[int, int, int, int]:
    """Counts of what there is: application, mail, documents, consents."""
    found = []
    for sql in (
        "SELECT count(*) AS n FROM application WHERE id = ?",
        "SELECT count(*) AS n FROM mail WHERE template = 'applied' AND unit = ?",
        "SELECT count(*) AS n FROM document WHERE unit = ?",
        "SELECT count(*) AS n FROM consent WHERE given AND application = ?",
    ):
        found.append(int((await site.records.run_sql(sql, unit))[0]["n"]))
    return found[0], found[1], found[2], found[3]


def age(site: Site, instant: datetime) -> None:
    """Let every stored object be older than an instant: the store has a clock of its own."""
    for path in (site.settings.data / "documents" / "units").rglob("*.original"):
        os.utime(path, (instant.timestamp() - 1, instant.timestamp() - 1))


@pytest.mark.faults
async def test_death_before_any_step_leaves_a_whole_application_or_none(site: Site, time: Time, fate: Fate) -> None:
    vacancy, step, outcomes = await factories.vacancy(site, time.now), 0, set()
    while True:
        token, email = service.new_token(), f"p{step}@example.org"
        unit = rules.draft_of(token, vacancy)
        fate.left = step
        try:
            await press(site, vacancy, token, email, time)
        except Died:
            survived = False
        else:
            survived = True
        fate.left, fate.dead = None, False
        if survived:
            break
        was = await state(site, unit)
        assert was[:3] in {(0, 0, 0), (0, 0, 2), (1, 1, 2)}, f"died before step {step}"
        outcomes.add(was)

        time.forward(hours=1)
        await service.reconcile(site, time.now)
        now = await state(site, unit)
        assert now == ((1, 1, 2, 1) if was[0] else was), f"died before step {step}"
        guard = await site.keyring.guard(unit)
        assert guard is None or guard.kind == ("application" if was[0] else "draft"), f"died before step {step}"

        taken = await press(site, vacancy, token, email, time)
        assert taken.application == unit
        assert await state(site, unit) == (1, 1, 2, 1), f"died before step {step}"
        step += 1
    assert step > 20
    assert outcomes == {(0, 0, 0, 0), (0, 0, 2, 0), (1, 1, 2, 0), (1, 1, 2, 1)}
    time.forward(hours=25)
    strays = len(await site.documents.paths("units")) - len(await site.records.run_sql("SELECT id FROM document"))
    assert (await service.reconcile(site, time.now))["files"] == 0, "what arrived within a day may still be on its way"
    age(site, time.now - service.ORPHAN_AGE)
    assert (await service.reconcile(site, time.now))["files"] == strays > 0
    rows = await site.records.run_sql("SELECT unit, id FROM document")
    assert await site.documents.paths("units") == sorted(f"units/{r['unit']}/{r['id']}.original" for r in rows)
    assert await site.records.run_sql("SELECT id FROM draft") == []


@pytest.mark.faults
async def test_an_adopted_draft_is_a_draft_again_after_reconciling(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy, token = await factories.vacancy(site, time.now), service.new_token()
    turn = await service.begin(site, vacancy, token, time.now)
    await turn.shelf.put("cv.pdf", "cv", pdf())
    await service.take(turn, rules.Answers(name="", email="ola@example.org", letter="Min tekst"), "nb")
    with monkeypatch.context() as broken:
        broken.setattr(service, "_tell", _fails)
        with pytest.raises(ZeroDivisionError):
            await press(site, vacancy, token, "ola@example.org", time, files=False)
    guard = await site.keyring.guard(turn.unit)
    assert guard is not None
    assert guard.kind == "application"
    assert (await service.reconcile(site, time.now))["returned"] == 1
    guard = await site.keyring.guard(turn.unit)
    assert guard is not None
    assert (guard.kind, guard.parent, str(guard.retain_until)) == ("draft", None, "2026-04-01")
    draft = await service.draft(site, vacancy, token)
    assert draft is not None
    assert draft.answers.letter == "Hei"
    assert [file.name for file in draft.documents] == ["cv.pdf"]
    assert len(await site.keyring.idle_profiles()) == 1


async def test_a_corrected_address_after_a_fault_is_the_one_that_counts(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy, token = await factories.vacancy(site, time.now), service.new_token()
    with monkeypatch.context() as broken:
        broken.setattr(service, "_tell", _fails)
        with pytest.raises(ZeroDivisionError):
            await press(site, vacancy, token, "feil@example.org", time)
    taken = await press(site, vacancy, token, "rett@example.org", time)
    assert taken.application is not None
    (row,) = await site.records.run_sql("SELECT candidate FROM application")
    guard = await site.keyring.guard(taken.application)
    assert guard is not None
    assert guard.parent == row["candidate"] == await site.keyring.find("profile", "rett@example.org")
    assert await site.keyring.idle_profiles() == [await site.keyring.find("profile", "feil@example.org")]


async def test_a_fault_while_consent_is_recorded_is_said_and_mended(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy, token = await factories.vacancy(site, time.now), service.new_token()
    unit = rules.draft_of(token, vacancy)
    with monkeypatch.context() as broken:
        broken.setattr(consent, "record_first", _fails)
        with pytest.raises(service.ConsentDelayed):
            await press(site, vacancy, token, "ola@example.org", time)
    assert await state(site, unit) == (1, 1, 2, 0)
    time.forward(hours=1)
    assert (await service.reconcile(site, time.now))["finished"] == 1
    assert await state(site, unit) == (1, 1, 2, 1)
    assert (await service.reconcile(site, time.now))["finished"] == 0


async def test_consent_withdrawn_meanwhile_is_never_given_again(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy, token = await factories.vacancy(site, time.now), service.new_token()
    with monkeypatch.context() as broken:
        broken.setattr(consent, "record_first", _fails)
        with pytest.raises(RecruitError):
            await press(site, vacancy, token, "ola@example.org", time)
    (row,) = await site.records.run_sql("SELECT candidate FROM application")
    await consent.withdraw(site, row["candidate"], "mail_link", "nb", time.forward(minutes=5))
    time.forward(hours=1)
    await service.reconcile(site, time.now)
    assert await consent.standing(site, row["candidate"]) is None
    assert [act.given for act in await consent.history(site, row["candidate"])] == [False]
    assert await site.records.run_sql("SELECT id FROM draft") == []


async def test_orphans_go_after_a_day_and_living_drafts_stay(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    orphan, token = UUID(int=7), service.new_token()
    (key,) = await site.keyring.birth(Birth(orphan, "draft", time.now, retain_until=time.now.date()))
    del key
    lost = await service.begin(site, vacancy, "", time.now)
    await lost.shelf.put("cv.pdf", "cv", pdf())
    turn = await service.begin(site, vacancy, token, time.now)
    await turn.shelf.put("cv.pdf", "cv", pdf())
    await service.take(turn, rules.Answers(), "nb")
    time.forward(hours=20)
    assert (await service.reconcile(site, time.now))["orphans"] == 0
    time.forward(hours=30)
    assert (await service.reconcile(site, time.now))["orphans"] == 1
    due = set(await site.keyring.past_due("draft", time.now.date()))
    assert due == {orphan, lost.unit}
    assert len(await site.documents.paths("units")) == 1
    assert await service.draft(site, vacancy, token) is not None


async def test_rows_of_an_erased_draft_go(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    turn = await service.begin(site, vacancy, "", time.now)
    await turn.shelf.put("cv.pdf", "cv", pdf())
    await service.take(turn, rules.Answers(), "nb")
    await site.keyring.engine.run_sql("UPDATE data_key SET wrapped = NULL WHERE id = ?", turn.unit)
    assert (await service.reconcile(site, time.now))["keyless"] == 1
    assert await site.records.run_sql("SELECT id FROM draft") == []
    assert await site.records.run_sql("SELECT id FROM document") == []
    assert await site.documents.paths("units") == []


async def _fails(*args: Any, **named: Any) -> None:
    raise ZeroDivisionError
