"""The privacy notice says what the program does: every period and category in it comes from what the purge obeys."""

import html
import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit import data_map, employer
from recruit.i18n import translator
from recruit.notice import activities, periods
from recruit.receipts.facts import limits_for
from recruit.retention import access_log, issuing, rules
from recruit.retention.rules import DAY, NoticeFact, Policy
from recruit.site import Site
from recruit.tables import Look
from tests import factories
from tests.conftest import EMPLOYER, Time
from tests.retention.cases import CLOSED_ON, ended, given, noon, running, withdrawn

Browser = AsyncTestClient[Litestar]

OTHER = Policy(
    consent_months=7,
    answer_window_days=23,
    stale_months=5,
    notice_days=4,
    notice_wait_hours=31,
    reminder_days=(41, 9),
    enquiry_months=8,
    draft_days=17,
    access_log_months=13,
    archive_days=11,
    external_archive_days=59,
    outcome="erase",
    lawful_basis="6(1)(b)",
    earlier_salary=True,
)
"""A policy in which no number is like another, and none a default."""


async def page(client: Browser, lang: str = "en", path: str = "/privacy") -> str:
    answer = await client.get(path, headers={"accept-language": lang})
    assert answer.status_code == 200
    return html.unescape(answer.text)


def stated(text: str, key: str) -> list[int]:
    """The numbers in one row of the table of periods."""
    row = re.search(rf'id="period-{key}">.*?<td[^>]*>(.*?)</td>', text, re.DOTALL)
    assert row, key
    return [int(n) for n in re.findall(r"\d+", row[1])]


# --- periods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["nb", "en"])
@pytest.mark.parametrize("policy", [Policy(), OTHER], ids=["as it comes", "another"])
async def test_every_period_in_the_notice_is_what_the_rules_do(
    site: Site, client: Browser, time: Time, policy: Policy, lang: str
) -> None:
    await employer.set_policy(site, policy, None, time.now)
    text = await page(client, lang)
    (months, *reminders) = stated(text, "consent")
    assert kept_through(ended(consents=(given(CLOSED_ON),)), policy) == rules.add_months(CLOSED_ON, months)
    assert reminders_sent(policy) == set(reminders)
    (window,) = stated(text, "window")
    assert kept_through(ended(), policy) == CLOSED_ON + window * DAY
    (hired,) = stated(text, "hired")
    assert kept_through(ended(outcome="hired"), policy) == CLOSED_ON + hired * DAY
    (stale,) = stated(text, "running")
    assert stale_from(policy) == rules.add_months(date(2026, 1, 2), stale)
    (draft,) = stated(text, "draft")
    assert rules.draft_kept_through(CLOSED_ON, policy) == CLOSED_ON + draft * DAY
    (enquiry,) = stated(text, "enquiry")
    assert rules.enquiry_kept_through(CLOSED_ON, policy) == rules.add_months(CLOSED_ON, enquiry)
    before, wait = stated(text, "notice")
    assert notice_leads(policy) == before
    assert longest_wait(policy) == timedelta(hours=wait)
    (log,) = stated(text, "access")
    assert rules.access_row_kept_through(CLOSED_ON, policy) == rules.add_months(CLOSED_ON, log)
    said = text.split('id="activity-enquiries-retention"')[1].split("</div>")[0]
    assert str(enquiry) in said
    (archives,) = stated(text, "archives")
    assert await days_to_t2(site, time) == archives


def kept_through(facts: rules.Facts, policy: Policy) -> date | None:
    return rules.decide(facts, policy, CLOSED_ON).kept_through


def reminders_sent(policy: Policy) -> set[int]:
    """How many days before its end a consent is reminded of, asked day by day."""
    facts = ended(consents=(given(CLOSED_ON),))
    due = rules.decide(facts, policy, CLOSED_ON).due_on
    assert due is not None
    sent: list[int] = []
    day = CLOSED_ON
    while day <= due:
        reminder = rules.reminder_due(facts, policy, day, sent)
        if reminder is not None:
            sent.append(reminder)
            assert (due - day).days == reminder
        day += DAY
    return set(sent)


def stale_from(policy: Policy) -> date:
    day = date(2026, 1, 3)
    while not rules.is_stale(running(), policy, day):
        day += DAY
    return day


def notice_leads(policy: Policy) -> int:
    """Days from the notice to the last day; the erasure follows on a later one."""
    decision = rules.decide(ended(), policy, CLOSED_ON)
    told = rules.notice_due_on(decision, policy)
    assert told is not None
    assert decision.due_on is not None
    return (decision.due_on - told).days


def longest_wait(policy: Policy) -> timedelta:
    """How long an erasure that is due at once waits for a mail server that never answers."""
    facts = ended(consents=(given(CLOSED_ON), withdrawn(CLOSED_ON + DAY)))
    sent = noon(CLOSED_ON + 2 * DAY)
    decision = rules.decide(facts, policy, CLOSED_ON + 2 * DAY)
    assert decision.immediate
    wait = timedelta()
    while not rules.notice_served(decision, NoticeFact(sent_at=sent, answered_at=None), policy, sent + wait):
        wait += timedelta(hours=1)
    return wait


async def days_to_t2(site: Site, time: Time) -> int:
    """From the check to T2, as a receipt of this moment would state it."""
    made = await issuing.issuer(site, time.now)
    gone = made._archives_gone_on("plain", time.now)
    assert gone is not None
    return (gone - time.now.date()).days


async def test_what_is_withdrawn_or_granted_is_erased_at_once_as_the_notice_says(client: Browser, site: Site) -> None:
    text = await page(client)
    for key, facts in (
        ("withdrawn", ended(consents=(given(CLOSED_ON), withdrawn(CLOSED_ON + DAY)))),
        ("granted", ended(erasure_granted_on=CLOSED_ON)),
    ):
        assert re.search(rf'id="period-{key}">.*?Erased at once\.', text, re.DOTALL)
        assert rules.decide(facts, Policy(), CLOSED_ON + 2 * DAY).immediate


async def test_in_strict_mode_the_notice_promises_no_later_day(site: Site) -> None:
    rows = {p.key: p.until for p in periods.of_policy(OTHER, "strict", translator("en"))}
    assert re.findall(r"\d", rows["archives"]) == []
    assert "archives" not in limits_for("strict")


@pytest.mark.parametrize("field", [f.name for f in msgspec.structs.fields(Policy)])
async def test_the_notice_changes_with_every_setting_of_the_policy(
    site: Site, client: Browser, time: Time, field: str
) -> None:
    if field in periods.NOT_STATED:
        assert periods.NOT_STATED[field].strip()
        return
    base = Policy(external_archive_days=0 if field == "archive_days" else 40)
    before = without_version(await settled(site, client, time, base))
    changed: dict[str, Any] = {field: 90 if field == "external_archive_days" else getattr(OTHER, field)}
    after = without_version(await settled(site, client, time, msgspec.structs.replace(base, **changed)))
    assert before != after


async def settled(site: Site, client: Browser, time: Time, policy: Policy) -> str:
    await employer.set_policy(site, policy, None, time.now)
    return await page(client)


def without_version(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "ersion" not in line)


async def test_no_number_of_a_period_stands_in_the_words_of_the_notice(site: Site) -> None:
    for period in periods.of_policy(msgspec.structs.replace(OTHER, reminder_days=()), "plain", translator("en")):
        found = {int(n) for n in re.findall(r"\d+", period.until)}
        assert found <= {7, 23, 5, 4, 31, 8, 17, 13, 60}, period


async def test_a_look_goes_after_the_period_that_the_notice_states_and_not_before(
    site: Site, client: Browser, time: Time
) -> None:
    (months,) = stated(await page(client), "access")
    await Look.insert(Look(id=uuid4(), at=time.now, staff=uuid4(), role="dpo", unit=uuid4(), purpose="case")).run()
    last = rules.add_months(time.now.date(), months)
    assert await access_log.forget_old(site, datetime.combine(last, time.now.timetz())) == 0
    assert await access_log.forget_old(site, datetime.combine(last + DAY, time.now.timetz())) == 1


@pytest.mark.parametrize("today", [date(2026, 3, 31), date(2028, 2, 29), date(2026, 2, 28), date(2026, 12, 31)])
@pytest.mark.parametrize("months", range(12, 61, 7))
def test_no_look_is_forgotten_early(today: date, months: int) -> None:
    policy = Policy(access_log_months=months)
    youngest_gone = access_log.first_kept(today, policy) - DAY
    assert rules.access_row_kept_through(youngest_gone, policy) < today


# --- categories -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["nb", "en"])
async def test_the_categories_in_the_notice_are_those_of_the_data_map(site: Site, client: Browser, lang: str) -> None:
    text = await page(client, lang)
    assert re.findall(r'id="category-(\w+)"', text) == list(data_map.categories())
    for name in data_map.categories():
        assert translator(lang)(data_map.CATEGORIES[name]) in text  # type: ignore[arg-type]


def test_every_category_says_where_it_comes_from() -> None:
    assert set(activities.SOURCES) == set(data_map.categories())


async def test_a_category_that_is_added_to_the_map_appears(monkeypatch: pytest.MonkeyPatch) -> None:
    added = data_map.Column("candidate", "account", "yes", "with_unit", "planted")
    assert "account" not in data_map.categories()
    monkeypatch.setitem(data_map.EVERYTHING, "planted.column", added)
    assert "account" in data_map.categories()


# --- who, on which basis, which version -------------------------------------------------------------------------------


async def test_a_dpo_is_named_only_where_one_is_appointed(site: Site, client: Browser, time: Time) -> None:
    assert "We have appointed a data protection officer" in await page(client)
    assert "personvernombud" in await page(client, "nb")
    without = msgspec.structs.replace(EMPLOYER, has_dpo=False, dpo_name="Kari", dpo_email="kari@fjordlys.example")
    await employer.set_employer(site, without, None, time.now)
    assert "data protection officer" not in (await page(client)).lower()
    assert "personvernombud" not in (await page(client, "nb")).lower()
    assert "kari@fjordlys.example" in await page(client)


async def test_the_notice_says_what_the_law_demands(site: Site, client: Browser) -> None:
    text = await page(client)
    for wanted in (
        EMPLOYER.name, EMPLOYER.number, EMPLOYER.address, EMPLOYER.contact_email, EMPLOYER.dpo_email,
        "article 6(1)(f)", "legitimate interest", "article 6(1)(a)", "withdraw at any time",
        "Access", "Data portability", "Rectification", "Erasure", "Restriction", "Objection", "Complaint",
        "Withdrawing consent", "www.datatilsynet.no", "countries outside the EEA", "No decision is automatic",
        "former employers or public sources", "You need not give us anything", "No reason is needed",
    ):  # fmt: skip
        assert wanted in text, wanted


async def test_the_lawful_basis_and_the_outcome_are_the_policys(site: Site, client: Browser, time: Time) -> None:
    before = await page(client)
    assert "anonymous counters" in before
    assert "Earlier salary is not collected." in before
    await employer.set_policy(site, OTHER, None, time.now)
    after = await page(client)
    assert "a step towards a contract" in after
    assert "anonymous counters" not in after
    assert "Earlier salary may be recorded" in after


async def test_the_version_counts_up_with_policy_and_employer(site: Site, client: Browser, time: Time) -> None:
    assert "Version 1, in force since 2 Mar 2026" in await page(client)
    await employer.set_policy(site, OTHER, None, time.forward(days=9))
    assert "Version 2, in force since 11 Mar 2026" in await page(client)
    named = msgspec.structs.replace(EMPLOYER, address="Storgata 9, 2380 Brumunddal")
    await employer.set_employer(site, named, None, time.forward(days=1))
    assert "Versjon 3, gjelder fra 12. mars 2026" in await page(client, "nb")


async def test_no_page_of_the_notice_holds_personal_data(site: Site, client: Browser, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    unit = await factories.application(site, time.now, vacancy, name="Ola Kanari", email="kanari@example.org")
    for path in ("/privacy", "/cookies"):
        text = await page(client, path=path)
        for canary in ("Kanari", "kanari@example.org", str(unit)):
            assert canary not in text
