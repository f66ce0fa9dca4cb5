"""Claims about signing in and out through the pages."""

import pytest

from recruit.accounts import sessions, signing_in, staff
from recruit.accounts.signing_in import CodeRefused
from recruit.errors import TooManyAttempts
from recruit.site import Site
from tests import factories
from tests.accounts.helping import EMAIL, PASSWORD, Client, account, sign_in, with_totp
from tests.conftest import ORIGIN, Time


async def test_the_right_password_opens_a_session(site: Site, client: Client, time: Time) -> None:
    await account(site, time.now, "admin")
    answer = await sign_in(client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert "Kari Nord" in (await client.get("/account")).text


async def test_a_session_that_the_client_brought_is_never_adopted(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    client.cookies.set("recruit", "an-id-that-somebody-planted", domain="testserver.local", path="/")
    answer = await sign_in(client)
    given = answer.cookies["recruit"]
    assert given != "an-id-that-somebody-planted"
    assert await sessions.who(site, "an-id-that-somebody-planted", time.now) is None
    me = await sessions.who(site, given, time.now)
    assert me is not None
    assert me.id == who


async def test_signing_in_changes_the_id_and_ends_the_session_before_it(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    before = await factories.sign_in(client, site, who)
    answer = await sign_in(client)
    assert answer.cookies["recruit"] != before
    assert await sessions.who(site, before, time.now) is None


async def test_the_session_cookie_is_out_of_reach_for_scripts(site: Site, client: Client, time: Time) -> None:
    await account(site, time.now)
    cookie = next(c for c in (await sign_in(client)).headers.get_list("set-cookie") if c.startswith("recruit="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(
    site: Site, client: Client, time: Time
) -> None:
    await account(site, time.now)
    known = await sign_in(client, password="not the password")
    unknown = await sign_in(client, email="nobody@fjordlys.example", password="not the password")
    assert known.status_code == unknown.status_code == 422
    assert known.text.replace(EMAIL, "") == unknown.text.replace("nobody@fjordlys.example", "")
    assert "recruit" not in known.cookies


async def test_a_closed_account_cannot_sign_in(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    await site.records.run_sql("UPDATE staff SET active = FALSE WHERE id = ?", who)
    assert (await sign_in(client)).status_code == 422


async def test_an_account_without_a_password_cannot_sign_in(site: Site, client: Client, time: Time) -> None:
    await factories.staff(site, time.now, "admin")
    assert (await sign_in(client, password="")).status_code == 422


async def test_what_was_typed_is_kept_but_never_the_password(site: Site, client: Client, time: Time) -> None:
    page = (await sign_in(client, password="a wrong password")).text
    assert EMAIL in page
    assert "a wrong password" not in page


async def test_guessing_ends_after_ten_attempts_for_one_address(site: Site, time: Time) -> None:
    await account(site, time.now)
    for _attempt in range(10):
        with pytest.raises(signing_in.SignInRefused):
            await signing_in.first_step(site, EMAIL, "", time.now)
    with pytest.raises(TooManyAttempts):
        await signing_in.first_step(site, EMAIL.upper(), PASSWORD, time.now)
    assert await signing_in.first_step(site, EMAIL, PASSWORD, time.forward(minutes=15))


async def test_too_many_attempts_are_answered_with_429(site: Site, client: Client, time: Time) -> None:
    for _attempt in range(10):
        await sign_in(client, password="x")
    assert (await sign_in(client, password="x")).status_code == 429


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_signing_in_never_leads_to_another_host(site: Site, client: Client, time: Time, onward: str) -> None:
    await account(site, time.now)
    assert (await sign_in(client, next=onward)).headers["location"] == "/staff"


async def test_signing_in_leads_on_to_the_page_that_was_asked_for(site: Site, client: Client, time: Time) -> None:
    await account(site, time.now)
    asked = await client.get("/settings", follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?next=/settings"
    assert (await sign_in(client, next="/settings")).headers["location"] == "/settings"


async def test_signing_out_ends_the_session_on_the_server(site: Site, client: Client, time: Time) -> None:
    token = await factories.sign_in(client, site, await account(site, time.now))
    await client.post("/sign-out", follow_redirects=False)
    assert await sessions.who(site, token, time.now) is None


async def test_signing_out_everywhere_ends_the_other_places_too(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    elsewhere = await sessions.begin(site, "staff", who, time.now)
    await factories.sign_in(client, site, who)
    await client.post("/account/sessions")
    assert await sessions.who(site, elsewhere, time.now) is None


# --- writes from elsewhere --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_a_form_on_another_site_cannot_act_for_us(
    site: Site, client: Client, time: Time, headers: dict[str, str]
) -> None:
    token = await factories.sign_in(client, site, await account(site, time.now))
    answer = await client.post("/sign-out", headers=headers, follow_redirects=False)
    assert answer.status_code == 403
    assert await sessions.who(site, token, time.now) is not None


async def test_a_write_with_a_cookie_and_without_an_origin_is_refused(site: Site, client: Client, time: Time) -> None:
    token = await factories.sign_in(client, site, await account(site, time.now))
    del client.headers["origin"]
    assert (await client.post("/sign-out", follow_redirects=False)).status_code == 403
    assert await sessions.who(site, token, time.now) is not None


async def test_a_form_on_our_own_page_may_act(site: Site, client: Client, time: Time) -> None:
    token = await factories.sign_in(client, site, await account(site, time.now))
    await client.post("/sign-out", headers={"origin": ORIGIN}, follow_redirects=False)
    assert await sessions.who(site, token, time.now) is None


# --- the second step --------------------------------------------------------------------------------------------------


async def test_the_password_alone_is_no_session_where_a_second_factor_is_set_up(
    site: Site, client: Client, time: Time
) -> None:
    await with_totp(site, await account(site, time.now), time.now)
    answer = await sign_in(client)
    assert answer.headers["location"] == "/sign-in/code"
    assert "recruit" not in answer.cookies
    assert (await client.get("/account", follow_redirects=False)).status_code == 302
    step = answer.cookies["recruit-step"]
    assert await sessions.who(site, step, time.now) is None


async def test_password_and_code_open_a_session(site: Site, client: Client, time: Time) -> None:
    phone, _codes = await with_totp(site, await account(site, time.now), time.now)
    await sign_in(client, next="/account")
    time.forward(seconds=30)
    answer = await client.post("/sign-in/code", data={"code": phone.at(time.now), "next": "/account"})
    assert "Kari Nord" in answer.text


async def test_a_code_is_good_once(site: Site, time: Time) -> None:
    who = await account(site, time.now)
    phone, _codes = await with_totp(site, who, time.now)
    seen = phone.at(time.forward(seconds=30))
    first, second = [await signing_in.begin_second_step(site, who, time.now) for _ in range(2)]
    await signing_in.second_step(site, first, seen, time.now)
    with pytest.raises(CodeRefused):
        await signing_in.second_step(site, second, seen, time.now)


async def test_the_code_that_turned_it_on_does_not_also_sign_in(site: Site, time: Time) -> None:
    who = await account(site, time.now)
    phone, _codes = await with_totp(site, who, time.now)
    token = await signing_in.begin_second_step(site, who, time.now)
    with pytest.raises(CodeRefused):
        await signing_in.second_step(site, token, phone.at(time.now), time.now)


async def test_a_recovery_code_is_good_once(site: Site, time: Time) -> None:
    who = await account(site, time.now)
    _phone, codes = await with_totp(site, who, time.now)
    first, second = [await signing_in.begin_second_step(site, who, time.now) for _ in range(2)]
    await signing_in.second_step(site, first, codes[3].upper(), time.now)
    with pytest.raises(CodeRefused):
        await signing_in.second_step(site, second, codes[3], time.now)
    assert len((await staff.load(site, who)).secrets.recovery) == 9


async def test_the_second_step_waits_five_minutes(site: Site, client: Client, time: Time) -> None:
    phone, _codes = await with_totp(site, await account(site, time.now), time.now)
    await sign_in(client)
    code = phone.at(time.forward(minutes=5))
    answer = await client.post("/sign-in/code", data={"code": code})
    assert "That took too long" in answer.text
    assert "recruit" not in client.cookies


async def test_guessing_codes_ends_after_ten_attempts(site: Site, time: Time) -> None:
    who = await account(site, time.now)
    phone, _codes = await with_totp(site, who, time.now)
    token = await signing_in.begin_second_step(site, who, time.forward(minutes=15))
    for _attempt in range(10):
        with pytest.raises(CodeRefused):
            await signing_in.second_step(site, token, "000000", time.now)
    with pytest.raises(TooManyAttempts):
        await signing_in.second_step(site, token, phone.at(time.now), time.now)
