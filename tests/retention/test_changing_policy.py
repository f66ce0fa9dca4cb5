"""A change of the policy: simulated, waiting until its day is over, announced, and never erasing on that day."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID, uuid4

from msgspec.structs import replace

from recruit import employer, jobs
from recruit.accounts import forms
from recruit.retention import consent, forecasting, purge
from recruit.retention.rules import ConsentFact, Facts, HoldFact, Policy
from recruit.site import Site
from tests import factories
from tests.browsing import Client
from tests.conftest import NOW, Time
from tests.retention.test_approving import closed, nights

SHORT = Policy(consent_months=6, reminder_days=(7,))


async def in_the_pool(site: Site, time: Time, email: str = "ola@example.org") -> UUID:
    unit = await closed(site, time, email)
    await consent.give(site, await factories.candidate_of(site, unit), "my_data", "nb", time.now)
    return unit


async def test_a_change_is_in_force_from_the_next_day_and_the_first_policy_at_once(site: Site, time: Time) -> None:
    assert (await employer.policy(site)).consent_months == 12
    await employer.change_policy(site, SHORT, uuid4(), time.now)
    assert (await employer.policy(site)).consent_months == 12
    assert await employer.take_over_policy(site, time.now.replace(hour=22, minute=59)) is None
    assert await employer.take_over_policy(site, time.now.replace(hour=23)) == 2
    assert (await employer.policy(site)).consent_months == 6
    assert [number for number, _ in await employer.versions(site, "policy_version")] == [2, 1]


async def test_the_last_change_of_a_day_counts_and_one_taken_back_never_does(site: Site, time: Time) -> None:
    await employer.change_policy(site, SHORT, uuid4(), time.now)
    await employer.change_policy(site, Policy(consent_months=9), uuid4(), time.now)
    assert (await employer.waiting_policy(site) or (SHORT, None))[0].consent_months == 9
    assert await employer.withdraw_policy(site, uuid4(), time.now)
    await employer.take_over_policy(site, time.forward(days=1))
    assert (await employer.policy(site)).consent_months == 12
    assert not await employer.withdraw_policy(site, uuid4(), time.now)


async def test_a_shorter_period_erases_nobody_on_its_day_and_announces_in_the_ordinary_way(
    site: Site, time: Time
) -> None:
    unit = await in_the_pool(site, time)
    time.forward(days=210)
    await purge.run(site, time.now)
    await employer.change_policy(site, SHORT, uuid4(), time.now)
    assert (await purge.run(site, time.now)).noticed == 0
    told = await purge.run(site, time.forward(days=1))
    assert (told.noticed, told.erased) == (1, 0)
    (notice,) = await site.records.run_sql("SELECT due_on FROM purge_notice")
    assert notice["due_on"] == date(2026, 10, 1)  # not the day long past on which six months were over
    assert (await nights(site, time, 2)).erased == 0
    assert (await nights(site, time, 1)).erased == 1
    assert unit not in await site.keyring.keys([unit])


async def test_L17_an_announced_erasure_never_comes_earlier_than_its_notice_said(site: Site, time: Time) -> None:
    unit = await closed(site, time, "ola@example.org")
    await nights(site, time, 12)  # announced for the end of 16 March
    await employer.change_policy(site, Policy(answer_window_days=0), uuid4(), time.now)
    assert (await nights(site, time, 2)).erased == 0
    assert time.now.date() == date(2026, 3, 16)
    assert (await nights(site, time, 1)).erased == 1
    assert unit not in await site.keyring.keys([unit])


async def test_L17_a_longer_period_that_waits_protects_already_and_calls_off_what_was_announced(
    site: Site, time: Time
) -> None:
    unit = await closed(site, time, "ola@example.org")
    await nights(site, time, 14)
    await employer.change_policy(site, Policy(answer_window_days=60), uuid4(), time.now)
    await nights(site, time, 3)
    assert unit in await site.keyring.keys([unit])
    (notice,) = await site.records.run_sql("SELECT state FROM purge_notice")
    assert notice["state"] == "called_off"
    assert await site.records.run_sql("SELECT 1 FROM mail WHERE template = 'purge_called_off'")


# --- the simulator ----------------------------------------------------------------------------------------------------


def facts(days_ago: int, person: UUID | None = None) -> tuple[UUID, Facts]:
    """An application that was closed with consent so many days before 1 June 2026."""
    closed_on = date(2026, 6, 1) - timedelta(days=days_ago)
    sent = NOW - timedelta(days=400)
    given = ConsentFact(True, sent + timedelta(hours=1))
    return person or uuid4(), Facts(
        submitted_at=sent, last_activity_on=closed_on, outcome="rejected", closed_on=closed_on, consents=(given,)
    )


def simulate(living: Mapping[UUID, tuple[UUID, Facts]], old: Policy, new: Policy) -> forecasting.Effect:
    change = forecasting.Change(old, new, date(2026, 6, 1))
    change.look_at(living)
    return change.effect


def test_the_simulator_counts_people_by_the_rules_that_erase() -> None:
    twice = uuid4()
    living = {uuid4(): each for each in (facts(200), facts(190, twice), facts(185, twice), facts(100))}
    effect = simulate(living, Policy(), SHORT)
    assert effect == forecasting.Effect(tomorrow=2, sooner=3, later=0)
    assert simulate(living, SHORT, Policy()) == forecasting.Effect(0, 0, 3)
    same = simulate(living, Policy(), Policy(notice_days=9))
    assert same == forecasting.Effect(0, 0, 0)


async def test_the_page_shows_whom_a_change_reaches_before_it_is_saved(site: Site, client: Client, time: Time) -> None:
    for n in range(3):
        await in_the_pool(site, time, f"p{n}@example.org")
    time.forward(days=200)
    liv = await factories.staff(site, time.now, "dpo")
    await factories.sign_in(client, site, liv)
    form = forms.policy_form(SHORT)
    page = (await client.post("/settings/policy", data=form)).text
    assert "3 people would fall due tomorrow" in page
    assert "12 → 6" in page
    assert await employer.waiting_policy(site) is None
    page = (await client.post("/settings/policy", data=form | {"confirmed": "1"})).text
    assert "A change waits until" in page
    assert (await employer.policy(site)).consent_months == 12
    page = (await client.post("/settings/policy/withdraw")).text
    assert "A change waits until" not in page
    await jobs.run_job(site, "purge", time.forward(days=1))
    assert (await employer.policy(site)).consent_months == 12


# --- the forecast -----------------------------------------------------------------------------------------------------


def test_the_forecast_counts_each_month_by_reason_and_what_is_stopped_apart() -> None:
    today = date(2026, 6, 1)
    _, consented = facts(355)
    held = replace(consented, holds=(HoldFact(id="1", placed_on=today, review_on=today),))
    window = replace(consented, consents=(), closed_on=date(2026, 5, 25))
    running = replace(consented, outcome=None, closed_on=None)
    seen = forecasting.months_ahead([consented, held, window, running], Policy(), today)
    assert [month for month, _ in seen.months][:2] == [date(2026, 6, 1), date(2026, 7, 1)]
    assert len(seen.months) == 12
    assert seen.months[0][1] == (1, 1, 0, 0)
    assert (seen.total, seen.stopped) == (2, 1)
