"""A restricted application is left alone by everybody and everything but its DPO, and its person (L15, L26, L28)."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from recruit import jobs, mail
from recruit.errors import FormInvalid
from recruit.retention import purge, restrictions, service
from recruit.retention.restrictions import Cause
from recruit.rights import answering, asking
from recruit.rights import service as rights
from recruit.rights.answering import Answer
from recruit.rights.asking import Asked
from recruit.site import Site
from recruit.vault.keyring import TooLate
from tests import factories
from tests.conftest import Time
from tests.rights.people import outbox

DPO = uuid4()


async def applied(site: Site, time: Time, **more: object) -> UUID:
    return await factories.application(site, time.now, await factories.vacancy(site, time.now), **more)  # type: ignore[arg-type]


async def guard_of(site: Site, unit: UUID) -> int:
    guard = await site.keyring.guard(unit)
    assert guard
    return guard.restrictions


async def alive(site: Site, unit: UUID) -> bool:
    return unit in await site.keyring.keys([unit])


async def nights(site: Site, time: Time, how_many: int) -> None:
    for _ in range(how_many):
        await jobs.send_mail(site, time.now)
        await purge.run(site, time.forward(days=1))


async def test_L15_a_restriction_stands_in_the_guard_and_stops_the_purge(site: Site, time: Time) -> None:
    unit, other = await applied(site, time, closed=time.now), await applied(site, time, closed=time.now)
    await purge.run(site, time.now)
    await restrictions.place(site, [unit], Cause("claims", DPO, "a claim"), time.now)
    assert await guard_of(site, unit) == 1
    await nights(site, time, 18)
    assert await alive(site, unit)
    assert not await alive(site, other)


async def test_L15_the_person_is_told_before_it_is_lifted(site: Site, time: Time) -> None:
    unit = await applied(site, time)
    (restriction,) = await restrictions.place(site, [unit], Cause("unlawful", DPO), time.now)
    (told,) = await outbox(site, "restriction_placed")
    assert "begrenset" in told.subject
    assert await restrictions.lift(site, restriction, "Det er avklart.", DPO, time.now) == 1
    (told,) = await outbox(site, "restriction_lifting")
    assert "Det er avklart." in told.text
    assert await restrictions.lift_told(site, time.now) == 0, "the mail has not left yet"
    assert await guard_of(site, unit) == 1
    await jobs.send_mail(site, time.now)
    assert await guard_of(site, unit) == 0
    (row,) = await restrictions.of_application(site, unit)
    assert (row.lifted_on, row.answer) == (date(2026, 3, 2), "Det er avklart.")


async def test_L15_where_no_mail_leaves_lifting_waits_for_the_longest_time(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "transport_of", lambda site: None)
    unit = await applied(site, time)
    (restriction,) = await restrictions.place(site, [unit], Cause("unlawful", DPO), time.now)
    await restrictions.lift(site, restriction, "", DPO, time.now)
    await jobs.send_mail(site, time.forward(hours=71))
    assert await guard_of(site, unit) == 1
    await jobs.send_mail(site, time.forward(hours=1))
    assert await guard_of(site, unit) == 0


async def test_L15_queued_mail_of_the_restricted_waits_and_then_leaves(site: Site, time: Time) -> None:
    unit = await applied(site, time)
    await service.close_applications(site, [unit], "rejected", DPO, time.now)
    (restriction,) = await restrictions.place(site, [unit], Cause("claims", DPO), time.now)
    await jobs.send_mail(site, time.now)
    assert await states(site) == {"closed": "queued", "restriction_placed": "sent"}
    await restrictions.lift(site, restriction, "", DPO, time.now)
    await jobs.send_mail(site, time.now)
    await jobs.send_mail(site, time.now)
    assert set((await states(site)).values()) == {"sent"}


async def states(site: Site) -> dict[str, str]:
    return {row["template"]: row["state"] for row in await site.records.run_sql("SELECT template, state FROM mail")}


async def test_L15_an_announced_purge_is_called_off_and_the_person_told_at_once(site: Site, time: Time) -> None:
    unit = await applied(site, time, closed=time.now)
    await nights(site, time, 12)
    assert await outbox(site, "purge_notice")
    await restrictions.place(site, [unit], Cause("claims", DPO), time.now)
    await jobs.send_mail(site, time.now)
    assert (await states(site))["purge_called_off"] == "sent"


async def test_L15_a_permanent_one_is_reviewed_within_a_year_and_past_it_alarms(site: Site, time: Time) -> None:
    unit = await applied(site, time)
    (restriction,) = await restrictions.place(site, [unit], Cause("claims", DPO, permanent=True), time.now)
    (row,) = await restrictions.standing(site)
    assert row["review_on"] == date(2027, 3, 2)
    assert await restrictions.past_review(site, date(2027, 3, 2)) == 0
    assert await restrictions.past_review(site, date(2027, 3, 3)) == 1
    time.forward(days=366)
    for wrong in (None, time.now.date(), date(2028, 3, 4)):
        with pytest.raises(FormInvalid):
            await restrictions.review(site, restriction, wrong, DPO, time.now)
    await restrictions.review(site, restriction, date(2028, 3, 3), DPO, time.now)
    assert await restrictions.past_review(site, date(2027, 3, 4)) == 0
    assert await guard_of(site, unit) == 1, "it goes on by itself"


async def test_L15_an_erased_application_is_too_late_to_restrict(site: Site, time: Time) -> None:
    unit = await applied(site, time, closed=time.now)
    await nights(site, time, 20)
    with pytest.raises(TooLate):
        await restrictions.place(site, [unit], Cause("claims", DPO), time.now)


async def test_L28_an_objection_restricts_at_once_and_upheld_it_erases_without_showing_anybody(
    site: Site, time: Time
) -> None:
    unit = await applied(site, time)
    candidate = await factories.candidate_of(site, unit)
    request = await asking.ask(site, candidate, Asked("objection"), time.now)
    assert await guard_of(site, unit) == 1
    await asking.ask(site, candidate, Asked("objection"), time.now)
    assert len(await restrictions.standing(site)) == 1, "one request restricts once"
    await answering.answer(site, await rights.request_of(site, request), "granted", Answer(), DPO, time.now)
    assert await restrictions.restricted(site, [unit]) == {unit}
    assert await guard_of(site, unit) == 0
    await nights(site, time, 3)
    assert not await alive(site, unit)


async def test_L28_a_rejected_objection_lifts_the_restriction_after_telling(site: Site, time: Time) -> None:
    unit = await applied(site, time)
    candidate = await factories.candidate_of(site, unit)
    request = await asking.ask(site, candidate, Asked("objection"), time.now)
    await answering.answer(
        site,
        await rights.request_of(site, request),
        "refused",
        Answer("Vi har en berettiget interesse."),
        DPO,
        time.now,
    )
    assert await guard_of(site, unit) == 1
    await jobs.send_mail(site, time.now)
    assert await guard_of(site, unit) == 0
    assert await restrictions.standing(site) == []


async def test_L26_disputed_accuracy_restricts_until_it_is_settled(site: Site, time: Time) -> None:
    unit = await applied(site, time)
    candidate = await factories.candidate_of(site, unit)
    request = await asking.ask(site, candidate, Asked("rectification", unit), time.now)
    assert await restrictions.restricted(site, [unit]) == {unit}
    asked = await rights.request_of(site, request)
    await answering.answer(site, asked, "refused", Answer("Slik er det."), DPO, time.now)
    await jobs.send_mail(site, time.now + timedelta(minutes=1))
    assert await restrictions.restricted(site, [unit]) == set()
