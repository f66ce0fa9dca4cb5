"""Claims about everybody's accounts, roles, and the settings pages."""

import dataclasses
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from recruit import employer
from recruit.accounts import service, sessions, signing_in, staff
from recruit.accounts.forms import employer_form, policy_form
from recruit.accounts.pages import ROUTES
from recruit.accounts.staff import AccountExists
from recruit.errors import NotFound
from recruit.retention.rules import Policy
from recruit.site import Site
from tests import factories
from tests.accounts.helping import ANOTHER, Client, account, link, mails, sign_in, with_totp
from tests.conftest import EMPLOYER, Time

OLA = "ola@fjordlys.example"


async def _ola(site: Site, time: Time, *roles: str) -> UUID:
    return await account(site, time.now, *(roles or ("recruiter",)), email=OLA, name="Ola Dal")


async def test_an_invited_colleague_chooses_a_password_and_signs_in(site: Site, client: Client, time: Time) -> None:
    await factories.sign_in(client, site, await account(site, time.now))
    form = {"name": "Ola Dal", "email": OLA, "language": "en", "roles": ["recruiter", "interviewer"]}
    page = await client.post("/staff/new", data=form)
    assert "Ola Dal" in page.text
    (invitation,) = await mails(site, "invitation")
    assert invitation.to == OLA
    assert "Choose a password" in invitation.text
    time.forward(days=6)
    await client.post(await link(site, "invitation"), data={"password": ANOTHER})
    assert (await sign_in(client, OLA, ANOTHER)).headers["location"] == "/vacancies"


async def test_an_invitation_is_dead_after_seven_days(site: Site, client: Client, time: Time) -> None:
    await service.add_staff(site, "Ola Dal", OLA, ["recruiter"], time.now)
    path = await link(site, "invitation")
    time.forward(days=7)
    assert (await client.get(path)).status_code == 410


async def test_an_address_has_one_account(site: Site, client: Client, time: Time) -> None:
    await factories.sign_in(client, site, await account(site, time.now))
    await _ola(site, time)
    with pytest.raises(AccountExists):
        await service.add_staff(site, "Ola Dal", OLA.upper(), ["recruiter"], time.now)
    answer = await client.post("/staff/new", data={"name": "Ola", "email": OLA, "roles": ["recruiter"]})
    assert answer.status_code == 422
    assert "There is already an account" in answer.text


async def test_without_mail_the_link_is_shown_to_be_handed_over(site: Site, client: Client, time: Time) -> None:
    client.app.state.site = _without_mail(site)
    await factories.sign_in(client, site, await account(site, time.now))
    answer = await client.post("/staff/new", data={"name": "Ola", "email": OLA, "roles": ["recruiter"]})
    assert "/password/reset/" in answer.text


def _without_mail(site: Site) -> Site:
    return dataclasses.replace(site, settings=replace(site.settings, smtp=""))


async def test_reset_from_the_command_line_opens_the_way_for_who_is_locked_out(site: Site, time: Time) -> None:
    who = await _ola(site, time)
    await with_totp(site, who, time.now)
    session = await sessions.begin(site, "staff", who, time.now)
    url = await service.reset_staff(site, OLA, time.now)
    assert await sessions.who(site, session, time.now) is None
    await signing_in.reset(site, url.rsplit("/", 1)[1], ANOTHER, time.now)
    assert (await signing_in.first_step(site, OLA, ANOTHER, time.now)).secrets.totp == ""


async def test_reset_of_an_unknown_address_is_refused(site: Site, time: Time) -> None:
    with pytest.raises(NotFound):
        await service.reset_staff(site, "nobody@fjordlys.example", time.now)


async def test_closing_an_account_ends_its_sessions_and_links(site: Site, client: Client, time: Time) -> None:
    kari, ola = await account(site, time.now), await _ola(site, time)
    session = await sessions.begin(site, "staff", ola, time.now)
    await signing_in.forgot(site, OLA, time.now)
    path = await link(site, "password_reset")
    await service.close_account(site, ola, kari, time.now)
    assert await sessions.who(site, session, time.now) is None
    assert (await client.get(path)).status_code == 410
    assert (await sign_in(client, OLA)).status_code == 422
    await service.reopen_account(site, ola, kari, time.now)
    assert (await sign_in(client, OLA)).status_code == 303


async def test_the_last_administrator_stays_one(site: Site, client: Client, time: Time) -> None:
    kari = await account(site, time.now)
    await _ola(site, time)
    await factories.sign_in(client, site, kari)
    answer = await client.post(f"/staff/{kari}", data={"roles": ["recruiter"]})
    assert answer.status_code == 422
    assert "the only administrator" in answer.text
    assert (await staff.load(site, kari)).roles == ("admin",)


async def test_a_closed_administrator_does_not_count(site: Site, time: Time) -> None:
    kari, ola = await account(site, time.now), await _ola(site, time, "admin")
    await service.close_account(site, ola, kari, time.now)
    with pytest.raises(service.LastAdmin):
        await service.set_roles(site, kari, ["recruiter"], kari, time.now)


async def test_with_another_administrator_the_role_can_go(site: Site, time: Time) -> None:
    kari, _ola_too = await account(site, time.now), await _ola(site, time, "admin")
    await service.set_roles(site, kari, ["recruiter"], kari, time.now)
    assert (await staff.load(site, kari)).roles == ("recruiter",)


async def test_nobody_closes_their_own_account(site: Site, client: Client, time: Time) -> None:
    kari, _other = await account(site, time.now), await _ola(site, time, "admin")
    await factories.sign_in(client, site, kari)
    assert (await client.post(f"/staff/{kari}/close")).status_code == 409
    assert (await staff.load(site, kari)).active


async def test_an_administrator_turns_a_lost_second_factor_off_and_the_owner_is_told(
    site: Site, client: Client, time: Time
) -> None:
    ola = await _ola(site, time)
    await with_totp(site, ola, time.now)
    await factories.sign_in(client, site, await account(site, time.now))
    time.forward(minutes=1)
    await client.post(f"/staff/{ola}/second-factor")
    assert (await staff.load(site, ola)).secrets.totp == ""
    assert [mail.to for mail in await mails(site, "account_changed")] == [OLA, OLA]


async def test_new_roles_count_from_the_next_request(site: Site, client: Client, time: Time) -> None:
    kari, ola = await account(site, time.now), await _ola(site, time, "admin")
    await factories.sign_in(client, site, ola)
    assert (await client.get("/staff")).status_code == 200
    await service.set_roles(site, ola, ["interviewer"], kari, time.now)
    assert (await client.get("/staff")).status_code == 403


async def test_an_unknown_account_is_not_found(site: Site, client: Client, time: Time) -> None:
    await factories.sign_in(client, site, await account(site, time.now))
    assert (await client.get(f"/staff/{uuid4()}")).status_code == 404


# --- guards -----------------------------------------------------------------------------------------------------------

ADMIN_PAGES = ["/staff", "/staff/new", f"/staff/{UUID(int=7)}", "/settings"]


@pytest.mark.parametrize("page", [*ADMIN_PAGES, "/settings/policy", "/account", "/account/password"])
async def test_who_is_not_signed_in_is_led_to_the_sign_in_page(site: Site, client: Client, page: str) -> None:
    answer = await client.get(page, follow_redirects=False)
    assert answer.headers["location"] == f"/sign-in?next={page}"


@pytest.mark.parametrize("page", ADMIN_PAGES)
@pytest.mark.parametrize("role", ["recruiter", "hiring_manager", "interviewer", "dpo"])
async def test_only_administrators_open_accounts_and_settings(
    site: Site, client: Client, time: Time, page: str, role: str
) -> None:
    await factories.sign_in(client, site, await factories.staff(site, time.now, role))
    assert (await client.get(page)).status_code == 403


@pytest.mark.parametrize("role", ["recruiter", "hiring_manager", "interviewer", "admin"])
async def test_only_the_dpo_decides_the_policy(site: Site, client: Client, time: Time, role: str) -> None:
    await factories.sign_in(client, site, await factories.staff(site, time.now, role))
    assert (await client.get("/settings/policy")).status_code == 403
    assert (await client.post("/settings/policy", data={})).status_code == 403


async def test_several_roles_of_one_person_add_up(site: Site, client: Client, time: Time) -> None:
    await factories.sign_in(client, site, await factories.staff(site, time.now, "admin", "dpo"))
    for page in ("/settings", "/settings/policy", "/staff"):
        assert (await client.get(page)).status_code == 200


def test_every_route_here_has_a_guard() -> None:
    assert all(route.guards for route in ROUTES)  # type: ignore[attr-defined]


# --- settings ---------------------------------------------------------------------------------------------------------


async def test_new_facts_of_the_employer_are_a_new_version(site: Site, client: Client, time: Time) -> None:
    await factories.sign_in(client, site, await account(site, time.now))
    form = employer_form(EMPLOYER) | {"employer": "Fjordlys Nord AS"}
    page = await client.post("/settings", data=form)
    assert page.text.count("Fjordlys Nord AS") >= 2
    assert [number for number, _since in await employer.versions(site, "employer")] == [2, 1]
    await client.post("/settings", data=form)
    assert len(await employer.versions(site, "employer")) == 2


async def test_a_policy_is_in_force_only_after_its_changes_were_shown(site: Site, client: Client, time: Time) -> None:
    await factories.sign_in(client, site, await account(site, time.now, "dpo"))
    form = policy_form(Policy()) | {"consent_months": "24", "outcome": "erase"}
    page = await client.post("/settings/policy", data=form)
    assert "Check the changes" in page.text
    assert "Anonymise" in page.text
    assert (await employer.policy(site)).consent_months == 12
    await client.post("/settings/policy", data=form | {"confirmed": "1"})
    assert (await employer.policy(site)).consent_months == 12
    await employer.take_over_policy(site, time.forward(days=1))
    standing = await employer.policy(site)
    assert (standing.consent_months, standing.outcome, standing.number) == (24, "erase", 2)


async def test_a_policy_out_of_range_is_refused(site: Site, client: Client, time: Time) -> None:
    await factories.sign_in(client, site, await account(site, time.now, "dpo"))
    form = policy_form(Policy()) | {"answer_window_days": "181", "confirmed": "1"}
    answer = await client.post("/settings/policy", data=form)
    assert answer.status_code == 422
    assert 'id="f-answer_window_days-error"' in answer.text
    assert (await employer.policy(site)).number == 1


async def test_changes_that_somebody_else_made_meanwhile_are_shown_again(
    site: Site, client: Client, time: Time
) -> None:
    await factories.sign_in(client, site, await account(site, time.now, "dpo"))
    form = policy_form(Policy()) | {"consent_months": "24"}
    await employer.set_policy(site, Policy(consent_months=6), None, time.now)
    page = await client.post("/settings/policy", data=form | {"confirmed": "1"})
    assert "Check the changes" in page.text
    assert (await employer.policy(site)).consent_months == 6
