"""Claims about one's own way in: password, links by mail, second factor, e-mail address."""

import pyotp
import pytest
from argon2 import PasswordHasher

from recruit import audit
from recruit.accounts import links, sessions, signing_in, staff
from recruit.accounts.links import LinkDead
from recruit.errors import FormInvalid
from recruit.site import Site
from tests import factories
from tests.accounts.helping import ANOTHER, EMAIL, PASSWORD, Client, account, link, mails, sign_in, with_totp
from tests.conftest import Time


async def test_a_forgotten_password_is_replaced_by_a_mailed_link(site: Site, client: Client, time: Time) -> None:
    await account(site, time.now)
    await client.post("/password/forgot", data={"email": EMAIL.upper()})
    await client.post(await link(site, "password_reset"), data={"password": ANOTHER})
    assert (await sign_in(client)).status_code == 422
    assert (await sign_in(client, password=ANOTHER)).status_code == 303


async def test_asking_answers_the_same_for_an_address_that_nobody_has(site: Site, client: Client, time: Time) -> None:
    await account(site, time.now)
    known = await client.post("/password/forgot", data={"email": EMAIL})
    unknown = await client.post("/password/forgot", data={"email": "nobody@fjordlys.example"})
    assert (known.status_code, known.url, known.text) == (unknown.status_code, unknown.url, unknown.text)
    assert len(await mails(site, "password_reset")) == 1


async def test_a_closed_account_gets_no_link(site: Site, time: Time) -> None:
    who = await account(site, time.now)
    await site.records.run_sql("UPDATE staff SET active = FALSE WHERE id = ?", who)
    await signing_in.forgot(site, EMAIL, time.now)
    assert await mails(site, "password_reset") == []


async def test_opening_the_link_does_not_use_it_up(site: Site, client: Client, time: Time) -> None:
    await account(site, time.now)
    await signing_in.forgot(site, EMAIL, time.now)
    path = await link(site, "password_reset")
    assert (await client.get(path)).status_code == 200
    assert (await client.get(path)).status_code == 200
    assert (await client.post(path, data={"password": ANOTHER})).status_code == 200


async def test_a_link_works_once(site: Site, client: Client, time: Time) -> None:
    await account(site, time.now)
    await signing_in.forgot(site, EMAIL, time.now)
    path = await link(site, "password_reset")
    await client.post(path, data={"password": ANOTHER})
    assert (await client.post(path, data={"password": "another one altogether"})).status_code == 410
    assert (await sign_in(client, password=ANOTHER)).status_code == 303


async def test_a_password_that_is_not_taken_leaves_the_link_alive(site: Site, client: Client, time: Time) -> None:
    await account(site, time.now)
    await signing_in.forgot(site, EMAIL, time.now)
    path = await link(site, "password_reset")
    assert (await client.post(path, data={"password": "password1234"})).status_code == 422
    assert (await client.post(path, data={"password": ANOTHER})).status_code == 200


async def test_a_link_is_dead_after_an_hour(site: Site, client: Client, time: Time) -> None:
    await account(site, time.now)
    await signing_in.forgot(site, EMAIL, time.now)
    path = await link(site, "password_reset")
    time.forward(hours=1)
    assert (await client.get(path)).status_code == 410
    assert (await client.post(path, data={"password": ANOTHER})).status_code == 410


async def test_a_new_password_kills_the_other_links_and_ends_every_session(site: Site, time: Time) -> None:
    who = await account(site, time.now)
    elsewhere = await sessions.begin(site, "staff", who, time.now)
    first = await links.make(site, "password", who, time.now, signing_in.RESET_LIFE)
    second = await links.make(site, "password", who, time.now, signing_in.RESET_LIFE)
    await signing_in.reset(site, second, ANOTHER, time.now)
    assert await sessions.who(site, elsewhere, time.now) is None
    with pytest.raises(LinkDead):
        await signing_in.reset(site, first, PASSWORD, time.now)


async def test_changing_the_password_asks_for_the_old_one(site: Site, client: Client, time: Time) -> None:
    await factories.sign_in(client, site, await account(site, time.now))
    answer = await client.post("/account/password", data={"old": "something else", "password": ANOTHER})
    assert answer.status_code == 422
    assert "This is not your present password." in answer.text
    assert (await sign_in(client)).status_code == 303


async def test_changing_the_password_ends_the_other_sessions_and_renews_this_one(
    site: Site, client: Client, time: Time
) -> None:
    who = await account(site, time.now)
    elsewhere = await sessions.begin(site, "staff", who, time.now)
    here = await factories.sign_in(client, site, who)
    answer = await client.post("/account/password", data={"old": PASSWORD, "password": ANOTHER})
    assert answer.status_code == 200
    assert "The new password is saved." in answer.text
    assert await sessions.who(site, elsewhere, time.now) is None
    assert await sessions.who(site, here, time.now) is None


async def test_the_owner_is_told_by_mail(site: Site, time: Time) -> None:
    who = await account(site, time.now)
    await signing_in.change_password(site, who, PASSWORD, ANOTHER, time.now)
    (told,) = await mails(site, "account_changed")
    assert told.to == EMAIL
    assert "Passordet til kontoen din er endret." in told.text
    assert ANOTHER not in told.text


@pytest.mark.parametrize("password", ["elleve tegn", EMAIL, "Password1234", "aaaaaaaaaaaaaaaa", "x" * 201])
async def test_weak_passwords_are_refused(site: Site, time: Time, password: str) -> None:
    who = await account(site, time.now)
    with pytest.raises(FormInvalid):
        await signing_in.change_password(site, who, PASSWORD, password, time.now)


async def test_an_old_hash_is_renewed_at_sign_in(site: Site, time: Time) -> None:
    who = await account(site, time.now)
    old = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    async with site.records.transaction():
        opened = await staff.load(site, who)
        opened.secrets.password = old
        await staff.store(site, opened)
    await signing_in.first_step(site, EMAIL, PASSWORD, time.now)
    assert (await staff.load(site, who)).secrets.password != old
    assert await signing_in.first_step(site, EMAIL, PASSWORD, time.now)


async def test_the_second_factor_is_set_up_with_password_and_code(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    await factories.sign_in(client, site, who)
    page = await client.post("/account/second-factor", data={"act": "prepare", "password": PASSWORD})
    assert page.url.path == "/account/second-factor/set-up"
    secret = (await staff.load(site, who)).secrets.totp_waiting
    assert secret[:4] in page.text
    picture = await client.get("/account/second-factor/qr.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.headers["cache-control"] == "no-store"
    done = await client.post("/account/second-factor/set-up", data={"code": pyotp.TOTP(secret).at(time.now)})
    assert done.text.count("<code>") == 10
    assert (await client.get("/account/second-factor/qr.svg")).status_code == 404


async def test_a_wrong_code_does_not_turn_it_on(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    await factories.sign_in(client, site, who)
    await signing_in.prepare_totp(site, who, PASSWORD, time.now)
    wrong = "000000" if pyotp.TOTP((await staff.load(site, who)).secrets.totp_waiting).at(time.now) != "000000" else "1"
    assert (await client.post("/account/second-factor/set-up", data={"code": wrong})).status_code == 422
    assert (await staff.load(site, who)).secrets.totp == ""


@pytest.mark.parametrize("act", ["prepare", "renew", "off"])
async def test_whoever_finds_a_screen_open_cannot_change_the_second_factor(
    site: Site, client: Client, time: Time, act: str
) -> None:
    who = await account(site, time.now)
    await with_totp(site, who, time.now)
    before = (await staff.load(site, who)).secrets
    await factories.sign_in(client, site, who)
    answer = await client.post("/account/second-factor", data={"act": act, "password": "a guess at it"})
    assert answer.status_code == 422
    assert (await staff.load(site, who)).secrets == before


async def test_new_recovery_codes_replace_the_old_ones(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    await with_totp(site, who, time.now)
    before = (await staff.load(site, who)).secrets.recovery
    await factories.sign_in(client, site, who)
    page = await client.post("/account/second-factor", data={"act": "renew", "password": PASSWORD})
    assert page.text.count("<code>") == 10
    assert not set(before) & set((await staff.load(site, who)).secrets.recovery)


async def test_turned_off_the_password_is_enough_again(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    await with_totp(site, who, time.now)
    await signing_in.turn_off_totp(site, who, PASSWORD, time.now)
    assert (await sign_in(client)).headers["location"] == "/staff"


async def test_a_new_email_address_counts_once_its_link_was_followed(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    await factories.sign_in(client, site, who)
    await client.post("/account/email", data={"email": "nytt@fjordlys.example", "password": PASSWORD})
    assert (await staff.load(site, who)).secrets.email == EMAIL
    (asked,) = await mails(site, "confirm_email")
    assert asked.to == "nytt@fjordlys.example"
    path = await link(site, "confirm_email")
    assert (await client.get(path)).status_code == 200
    await client.post(path)
    assert (await staff.load(site, who)).secrets.email == "nytt@fjordlys.example"
    assert (await sign_in(client, email="nytt@fjordlys.example")).status_code == 303
    assert (await sign_in(client)).status_code == 422
    (told,) = await mails(site, "account_changed")
    assert told.to == EMAIL
    assert (await client.post(path)).status_code == 410


async def test_an_address_that_is_taken_gets_no_link(site: Site, client: Client, time: Time) -> None:
    await factories.staff(site, time.now, "recruiter", email="ola@fjordlys.example")
    await factories.sign_in(client, site, await account(site, time.now))
    answer = await client.post("/account/email", data={"email": "ola@fjordlys.example", "password": PASSWORD})
    assert answer.status_code == 200
    assert await mails(site, "confirm_email") == []


async def test_name_and_language_can_be_changed(site: Site, client: Client, time: Time) -> None:
    await factories.sign_in(client, site, await account(site, time.now))
    answer = await client.post("/account/name", data={"name": "Kari Sør", "language": "en"})
    assert "Kari Sør" in answer.text
    assert client.cookies["lang"] == "en"


async def test_the_audit_and_the_rows_name_nobody(site: Site, client: Client, time: Time) -> None:
    who = await account(site, time.now)
    await with_totp(site, who, time.now)
    await sign_in(client, password="not the password")
    await signing_in.forgot(site, EMAIL, time.now)
    said = " ".join(str(entry.body) for entry in await audit.entries())
    rows = await site.records.run_sql("SELECT * FROM staff")
    said += str(rows) + str(await site.records.run_sql("SELECT * FROM mail"))
    said += str(await site.records.run_sql("SELECT * FROM attempts"))
    assert str(who) in said
    assert "Kari" not in said
    assert "fjordlys" not in said
