"""What asking and answering do to guards and deadlines: L16, L20 to L23, L33."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from recruit.clock import day
from recruit.errors import FormInvalid, NotFound
from recruit.retention import purge, service
from recruit.rights import answering, asking, rules
from recruit.rights.answering import Answer
from recruit.rights.asking import Asked
from recruit.rights.service import Request, own_request, request_of
from recruit.site import Site
from recruit.tables import RequestWords
from recruit.vault.keyring import TooLate
from tests import factories
from tests.conftest import Time
from tests.rights.people import count, outbox

DPO = UUID(int=99)


@pytest.fixture
async def ola(site: Site, time: Time) -> tuple[UUID, UUID]:
    """A candidate and his application, closed without consent."""
    vacancy = await factories.vacancy(site, time.now)
    unit = await factories.application(site, time.now, vacancy, closed=time.now)
    return await factories.candidate_of(site, unit), unit


async def asked(site: Site, time: Time, person: UUID, kind: rules.Kind, unit: UUID | None = None) -> Request:
    return await request_of(site, await asking.ask(site, person, Asked(kind, unit), time.now))


async def purged(site: Site, time: Time, days: int) -> None:
    """Every night for so many days."""
    for _ in range(days):
        await service.reconcile(site, time.forward(days=1))
        await purge.run(site, time.now)


async def open_requests(site: Site, unit: UUID) -> int:
    guard = await site.keyring.guard(unit)
    assert guard is not None
    return guard.open_requests


@pytest.mark.parametrize("kind", ["access", "portability"])
async def test_l16_an_open_request_delays_the_purge_until_it_is_answered(
    site: Site, time: Time, ola: tuple[UUID, UUID], kind: rules.Kind
) -> None:
    person, unit = ola
    request = await asked(site, time, person, kind)
    assert await open_requests(site, unit) == 1
    await purged(site, time, 25)
    assert (await site.keyring.guard(unit)).present  # type: ignore[union-attr]
    await answering.answer(site, request, "granted", Answer(), DPO, time.now)
    assert await open_requests(site, unit) == 0
    await purged(site, time, 5)
    assert not (await site.keyring.guard(unit)).present  # type: ignore[union-attr]


async def test_l16_only_copies_delay_and_only_their_own_data(site: Site, time: Time, ola: tuple[UUID, UUID]) -> None:
    person, unit = ola
    other = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    for kind in rules.KINDS:
        if kind not in rules.DELAYING:
            await asked(site, time, person, kind)
    assert await open_requests(site, unit) == 0
    await asked(site, time, person, "portability", other)
    assert (await open_requests(site, unit), await open_requests(site, other)) == (0, 1)
    await service.reconcile(site, time.now)
    assert (await open_requests(site, unit), await open_requests(site, other)) == (0, 1)


async def test_l33_an_open_request_keeps_the_profile_when_the_last_application_goes(
    site: Site, time: Time, ola: tuple[UUID, UUID]
) -> None:
    person, unit = ola
    request = await asked(site, time, person, "complaint")
    await purged(site, time, 25)
    assert not (await site.keyring.guard(unit)).present  # type: ignore[union-attr]
    await request_of(site, request.id)  # its key is there
    await answering.answer(site, request, "granted", Answer("You are right."), DPO, time.now)
    await purged(site, time, 1)
    assert (await site.keyring.guard(person)).present  # type: ignore[union-attr]  # the answer has not left yet
    await site.records.run_sql("UPDATE mail SET state = 'sent'")
    await purged(site, time, 1)
    assert not (await site.keyring.guard(person)).present  # type: ignore[union-attr]


async def test_asking_after_the_erasure_is_too_late(site: Site, time: Time, ola: tuple[UUID, UUID]) -> None:
    person, _ = ola
    await purged(site, time, 25)
    with pytest.raises(TooLate):
        await asking.ask(site, person, Asked("access"), time.now)
    assert await count(site, "rights_request") == 0


async def test_a_stale_look_at_records_never_frees_a_profile(
    site: Site, time: Time, ola: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The purge has read the guard, and no request yet, when one is written: its settling comes too late."""
    person, _ = ola
    guards = await site.keyring.guards([person])
    await asked(site, time, person, "complaint")
    await service.let_go(site, {person: guards[person].version}, time.now)
    assert await open_requests(site, person) == 1


async def test_the_person_and_the_officers_are_told_of_every_kind(
    site: Site, time: Time, ola: tuple[UUID, UUID]
) -> None:
    await factories.staff(site, time.now, "dpo")
    for kind in rules.KINDS:
        await asked(site, time, ola[0], kind)
    received, waits = await outbox(site, "request_received"), await outbox(site, "request_waits")
    assert len({mail.text for mail in received}) == len({mail.text for mail in waits}) == len(rules.KINDS)
    assert all("2. april 2026" in mail.text and "7. april 2026" in mail.text for mail in received)


async def test_l19_a_request_recorded_by_staff_counts_from_the_day_on_which_it_came(
    site: Site, time: Time, ola: tuple[UUID, UUID]
) -> None:
    by_letter = Asked("access", channel="letter", received_on=date(2026, 2, 20), recorded_by=DPO)
    request = await request_of(site, await asking.ask(site, ola[0], by_letter, time.now))
    assert (request.channel, request.received_on, request.plain) == ("letter", date(2026, 2, 20), date(2026, 3, 20))
    tomorrow = Asked("access", channel="phone", received_on=day(time.now) + timedelta(days=1))
    with pytest.raises(FormInvalid):
        await asking.ask(site, ola[0], tomorrow, time.now)


async def test_words_that_are_too_long_and_foreign_applications_are_no_request(
    site: Site, time: Time, ola: tuple[UUID, UUID]
) -> None:
    with pytest.raises(FormInvalid):
        await asking.ask(site, ola[0], Asked("complaint", words=RequestWords(text="x" * 4001)), time.now)
    foreign = await factories.application(
        site, time.now, await factories.vacancy(site, time.now), email="eva@example.org"
    )
    with pytest.raises(NotFound):
        await asking.ask(site, ola[0], Asked("erasure", foreign), time.now)
    assert await count(site, "rights_request") == 0


async def test_l21_an_extension_moves_the_deadline_once_and_is_told_with_its_reasons(
    site: Site, time: Time, ola: tuple[UUID, UUID]
) -> None:
    request = await asked(site, time, ola[0], "access")
    for months, why in ((0, "Many documents."), (3, "Many documents."), (1, "")):
        with pytest.raises(FormInvalid):
            await answering.extend(site, request, months, why, DPO, time.now)
    await answering.extend(site, request, 2, "Many documents.", DPO, time.now)
    longer = await request_of(site, request.id)
    assert (longer.plain, longer.extended_on, longer.state) == (date(2026, 6, 2), day(time.now), "received")
    (mail,) = await outbox(site, "request_extended")
    for said in ("Many documents.", "2. juni 2026", "Datatilsynet", "domstolene"):
        assert said in mail.text
    with pytest.raises(rules.ExtendedAlready):
        await answering.extend(site, longer, 1, "More.", DPO, time.now)


async def test_l23_the_clock_rests_from_asking_who_it_is_to_the_answer(
    site: Site, time: Time, ola: tuple[UUID, UUID]
) -> None:
    request = await asked(site, time, ola[0], "access")
    with pytest.raises(FormInvalid):
        await answering.ask_identity(site, request, "", DPO, time.now)
    await answering.ask_identity(site, request, "The letter has another address.", DPO, time.now)
    (mail,) = await outbox(site, "request_identity")
    assert "The letter has another address." in mail.text
    paused = await request_of(site, request.id)
    time.forward(days=40)
    assert rules.overdue(paused.state, paused.due, day(time.now)) == "paused"
    with pytest.raises(rules.IdentityAwaited):
        await answering.answer(site, paused, "granted", Answer(), DPO, time.now)
    await answering.settle_identity(site, paused, DPO, time.now)
    going = await request_of(site, request.id)
    assert (going.state, going.paused_days, going.plain) == ("received", 40, date(2026, 5, 12))
    assert await open_requests(site, ola[1]) == 1  # L16 goes on through the pause


async def test_a_request_is_taken_back_by_its_person_only_and_delays_nothing_any_more(
    site: Site, time: Time, ola: tuple[UUID, UUID]
) -> None:
    request = await asked(site, time, ola[0], "access")
    with pytest.raises(NotFound):
        await answering.withdraw(site, DPO, request.id, time.now)
    await answering.withdraw(site, ola[0], request.id, time.now)
    assert (await own_request(site, ola[0], request.id)).state == "withdrawn"
    assert await open_requests(site, ola[1]) == await open_requests(site, ola[0]) == 0
    with pytest.raises(rules.RequestAnswered):
        await answering.withdraw(site, ola[0], request.id, time.now)


async def test_l22_a_refusal_of_any_kind_gives_reasons_and_the_ways_to_complain(
    site: Site, time: Time, ola: tuple[UUID, UUID]
) -> None:
    for kind in rules.KINDS:
        request = await asked(site, time, ola[0], kind)
        for verdict in ("refused", "partly"):
            with pytest.raises(FormInvalid):
                await answering.answer(site, request, verdict, Answer(), DPO, time.now)
        await answering.answer(site, request, "refused", Answer("Because."), DPO, time.forward(minutes=1))
    for mail in await outbox(site, "request_answered"):
        for said in ("Because.", "Datatilsynet", "domstolene", "personvernombud@fjordlys.example"):
            assert said in mail.text


async def test_l30_a_complaint_is_answered_in_words_and_names_datatilsynet_whatever_the_answer(
    site: Site, time: Time, ola: tuple[UUID, UUID]
) -> None:
    request = await asked(site, time, ola[0], "complaint")
    with pytest.raises(FormInvalid):
        await answering.answer(site, request, "granted", Answer(), DPO, time.now)
    await answering.answer(site, request, "granted", Answer("You are right; we are sorry."), DPO, time.now)
    (mail,) = await outbox(site, "request_answered")
    assert "Datatilsynet" in mail.text
