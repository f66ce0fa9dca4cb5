"""L6: consent is given and withdrawn by one link, without signing in, at once."""

from datetime import timedelta
from uuid import UUID

import pytest

from recruit.clock import day
from recruit.rights.rules import due
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, consents, outbox, path_in


@pytest.fixture
async def application(site: Site, time: Time) -> UUID:
    vacancy = await factories.vacancy(site, time.now)
    return await factories.application(site, time.now, vacancy)


async def link_of(site: Site, application: UUID, time: Time) -> str:
    """The withdraw link as it stands in the foot of a mail."""
    from recruit import letters

    person = await factories.candidate_of(site, application)
    key = await site.keyring.key(person)
    about = {"kind": "access", "due": due(day(time.now))}
    async with site.records.transaction():
        await letters.to_candidate(site, person, key, "test", "request_received", time.now, **about)
    return path_in((await outbox(site, "request_received"))[0].text, "/consent/")


async def test_looking_at_the_page_answers_nothing(site: Site, time: Time, client: Browser, application: UUID) -> None:
    link = await link_of(site, application, time)
    for _ in range(2):
        page = await client.get(link)
        assert page.status_code == 200
        await client.head(link)
    assert await consents(site, await factories.candidate_of(site, application)) == []


async def test_giving_and_withdrawing_take_one_press_each(
    site: Site, time: Time, client: Browser, application: UUID
) -> None:
    link, person = await link_of(site, application, time), await factories.candidate_of(site, application)
    page = await client.post(link, data={"answer": "give"})
    assert "You have consented" in page.text
    time.forward(minutes=1)
    page = await client.post(link, data={"answer": "withdraw"})
    assert "You have not consented" in page.text
    assert await consents(site, person) == [True, False]
    assert len(await outbox(site, "consent_given")) == 1
    assert len(await outbox(site, "consent_withdrawn")) == 1


async def test_both_answers_stand_with_the_same_weight(
    site: Site, time: Time, client: Browser, application: UUID
) -> None:
    page = (await client.get(await link_of(site, application, time))).text
    assert page.count('<button class="button secondary">') == 2
    assert 'class="button primary"' not in page


async def test_the_mail_servers_own_one_click_withdraws_without_cookies(
    site: Site, time: Time, client: Browser, application: UUID
) -> None:
    """RFC 8058: a bare POST from a mail server, with neither cookie nor origin."""
    link, person = await link_of(site, application, time), await factories.candidate_of(site, application)
    await client.post(link, data={"answer": "give"})
    client.cookies.clear()
    client.headers.pop("origin")
    client.follow_redirects = False
    answer = await client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 303
    assert await consents(site, person) == [True, False]


async def test_a_press_without_an_answer_records_none(
    site: Site, time: Time, client: Browser, application: UUID
) -> None:
    link = await link_of(site, application, time)
    assert (await client.post(link, data={"answer": "maybe"})).status_code == 200
    assert await consents(site, await factories.candidate_of(site, application)) == []


async def test_withdrawing_after_the_process_makes_the_application_due_at_once(site: Site, time: Time) -> None:
    from recruit.retention import service

    vacancy = await factories.vacancy(site, time.now)
    decider = await factories.staff(site, time.now, "recruiter")
    unit = await factories.application(site, time.now, vacancy, consented=True)
    await service.close_applications(site, [unit], "rejected", decider, time.forward(days=1))
    kept = await site.keyring.guard(unit)
    assert kept and kept.retain_until and kept.retain_until > day(time.now) + timedelta(days=300)
    from recruit.retention import consent

    time.forward(days=30)
    await consent.withdraw(site, await factories.candidate_of(site, unit), "mail_link", "nb", time.now)
    due = await site.keyring.guard(unit)
    assert due and due.retain_until == day(time.now) - timedelta(days=1)


async def test_withdrawing_while_the_process_runs_keeps_the_application(
    site: Site, time: Time, client: Browser, application: UUID
) -> None:
    link = await link_of(site, application, time)
    await client.post(link, data={"answer": "give"})
    await client.post(link, data={"answer": "withdraw"})
    guard = await site.keyring.guard(application)
    assert guard and guard.present and guard.retain_until is None


async def test_an_unknown_link_says_so_with_gone(client: Browser) -> None:
    for path in ("/consent/nothing", "/my/from/nothing"):
        assert (await client.get(path)).status_code == 410
        assert (await client.post(path, data={"answer": "give"})).status_code == 410


@pytest.mark.parametrize(("lang", "words"), [("nb", "Trekk tilbake samtykket"), ("en", "Withdraw consent")])
async def test_the_page_speaks_the_readers_language(
    site: Site, time: Time, client: Browser, application: UUID, lang: str, words: str
) -> None:
    link = await link_of(site, application, time)
    await client.post(link, data={"answer": "give"})
    assert words in (await client.get(link, params={"lang": lang})).text


async def test_consent_again_is_confirmed_as_a_renewal(
    site: Site, time: Time, client: Browser, application: UUID
) -> None:
    """L7: renewing is a new consent, and the mail says so."""
    link = await link_of(site, application, time)
    await client.post(link, data={"answer": "give"})
    assert (len(await outbox(site, "consent_given")), await outbox(site, "consent_renewed")) == (1, [])
    time.forward(days=30)
    await client.post(link, data={"answer": "give"})
    (mail,) = await outbox(site, "consent_renewed")
    assert "til, regnet fra i dag" in mail.text
    assert len(await outbox(site, "consent_given")) == 1
