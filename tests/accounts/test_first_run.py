"""Claims about the first run: once, with the printed code, all or nothing."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from recruit import audit, employer
from recruit.accounts import service, staff
from recruit.errors import FormInvalid, NotFound
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site
from tests.accounts.helping import PASSWORD, sign_in
from tests.browsing import Client
from tests.conftest import EMPLOYER, ORIGIN, Time, app_of_tests

FORM: dict[str, Any] = {
    "employer": "Fjordlys AS",
    "number": "999999999",
    "address": "Storgata 1, 2380 Brumunddal",
    "contact_email": "post@fjordlys.example",
    "has_dpo": "no",
    "dpo_name": "Kari Nord",
    "dpo_email": "kari@fjordlys.example",
    "consent_months": "18",
    "answer_window_days": "14",
    "outcome": "erase",
    "stale_months": "6",
    "notice_days": "3",
    "notice_wait_hours": "72",
    "reminder_days": "30, 7",
    "lawful_basis": "6(1)(f)",
    "enquiry_months": "6",
    "draft_days": "30",
    "access_log_months": "24",
    "archive_days": "30",
    "external_archive_days": "0",
    "name": "Kari Nord",
    "email": "kari@fjordlys.example",
    "password": PASSWORD,
    "roles": ["recruiter", "dpo", "admin"],
}
GIVEN = service.FirstRun(
    employer=EMPLOYER, policy=Policy(), name="Kari Nord", email="kari@fjordlys.example", password=PASSWORD
)


@pytest_asyncio.fixture
async def bare(settings: Settings, time: Time) -> AsyncIterator[Site]:
    """An installation in which nobody has filled in anything."""
    opened = await Site.open(settings)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def browser(bare: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Client]:
    async def opened_already(_: Settings) -> Site:
        return bare

    monkeypatch.setattr(Site, "open", opened_already)
    async with Client(app_of_tests(settings.demo), base_url=ORIGIN) as opened:
        opened.headers.update({"origin": ORIGIN, "accept-language": "en"})
        opened.follow_redirects = False
        yield opened


@pytest.mark.parametrize("page", ["/sign-in", "/account", "/staff", "/password/forgot"])
async def test_before_it_every_page_leads_to_the_first_run(browser: Client, page: str) -> None:
    answer = await browser.get(page)
    assert answer.headers["location"] == "/first-run"


async def test_before_it_the_stylesheet_is_served(browser: Client) -> None:
    assert (await browser.get("/static/app.css")).status_code == 200


async def test_with_the_printed_code_it_makes_employer_policy_and_account(
    bare: Site, browser: Client, time: Time
) -> None:
    code = await service.setup_code(bare, time.now)
    answer = await browser.post("/first-run", data=FORM | {"code": code.lower()})
    assert answer.headers["location"] == "/sign-in"
    facts, policy = await employer.current(bare), await employer.policy(bare)
    assert facts is not None
    assert (facts.number, facts.has_dpo) == ("999 999 999", False)
    assert (policy.consent_months, policy.outcome, policy.number) == (18, "erase", 1)
    account = await staff.by_email(bare, "KARI@fjordlys.example")
    assert account is not None
    assert account.roles == ("recruiter", "dpo", "admin")
    assert (await sign_in(browser)).headers["location"] == "/vacancies"


async def test_a_wrong_code_sets_nothing_up_and_keeps_what_was_typed(bare: Site, browser: Client, time: Time) -> None:
    await service.setup_code(bare, time.now)
    answer = await browser.post("/first-run", data=FORM | {"code": "AAAA-AAAA-AAAA-AAAA"})
    assert answer.status_code == 422
    assert "This is not the set-up code" in answer.text
    assert "Storgata 1, 2380 Brumunddal" in answer.text
    assert await employer.current(bare) is None


async def test_the_code_before_the_last_start_is_worth_nothing(bare: Site, time: Time) -> None:
    earlier = await service.setup_code(bare, time.now)
    await service.setup_code(bare, time.now)
    assert await service.setup_code_problem(bare, earlier) == service.CODE_WRONG


async def test_the_code_is_kept_only_as_a_hash(bare: Site, time: Time) -> None:
    code = await service.setup_code(bare, time.now)
    rows = await bare.records.run_sql("SELECT value FROM fact WHERE name = 'setup_code'")
    assert code not in rows[0]["value"]
    assert code.replace("-", "") not in rows[0]["value"]


async def test_afterwards_the_page_is_gone(client: Client) -> None:
    assert (await client.get("/first-run")).status_code == 404
    assert (await client.post("/first-run", data=FORM)).status_code == 404


async def test_a_second_first_run_changes_nothing(bare: Site, time: Time) -> None:
    await service.first_run(bare, GIVEN, time.now)
    with pytest.raises(NotFound):
        await service.first_run(bare, GIVEN, time.now)
    assert len(await staff.listed(bare)) == 1


async def test_a_failure_on_the_way_leaves_nothing_and_can_be_repeated(
    bare: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> int:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(employer, "write_policy", breaks)
        with pytest.raises(OSError):
            await service.first_run(bare, GIVEN, time.now)
    assert await employer.current(bare) is None
    assert await staff.listed(bare) == []
    await service.first_run(bare, GIVEN, time.now)
    assert len(await staff.listed(bare)) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("number", "999999998", "nine digits"),
        ("contact_email", "post", "like name@example.no"),
        ("consent_months", "25", "from 1 to 24 months"),
        ("reminder_days", "30, x", "whole days"),
        ("archive_days", "-1", "from 1 to 90 days"),
        ("password", "short", "At least 12 characters"),
        ("name", "", "Fill this in."),
        ("roles", ["recruiter"], "has to be administrator"),
        ("has_dpo", "", "Choose yes or no."),
    ],
)
async def test_each_mistake_is_named_beside_its_field(
    bare: Site, browser: Client, time: Time, field: str, value: object, words: str
) -> None:
    code = await service.setup_code(bare, time.now)
    answer = await browser.post("/first-run", data=FORM | {"code": code, field: value})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert words in answer.text
    assert await employer.current(bare) is None


async def test_the_first_account_has_to_be_administrator(bare: Site, time: Time) -> None:
    with pytest.raises(FormInvalid):
        await service.first_run(bare, replace(GIVEN, roles=("dpo",)), time.now)


async def test_the_audit_names_nobody(bare: Site, time: Time) -> None:
    await service.first_run(bare, GIVEN, time.now)
    bodies = " ".join(str(entry.body) for entry in await audit.entries())
    assert "recruiter" in bodies
    assert "Kari" not in bodies
    assert "fjordlys" not in bodies
