"""Questions from outside: kept apart from everybody, answered by e-mail, erased in time (L34)."""

import re
from datetime import date
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit.accounts.guards import Me
from recruit.careers import enquiries, service
from recruit.clock import day
from recruit.employer import set_policy
from recruit.errors import FormInvalid, NotFound
from recruit.retention import purge, remembered
from recruit.retention.rules import Policy
from recruit.site import Site
from recruit.tables import EnquiryWords, Message
from recruit.vault.sealing import unseal
from tests import factories
from tests.conftest import Time

WORDS = EnquiryWords(
    name="Ola Sør", email="ola@example.org", text="Kan jeg jobbe hjemmefra?\n[Klikk](http://evil.example)"
)


async def asked(site: Site, time: Time, about: enquiries.About = "privacy", token: str = "") -> UUID:
    return await enquiries.ask(site, token or service.new_token(), about, None, WORDS, "nb", time.now)


async def member(site: Site, time: Time, role: str) -> Me:
    unit = await factories.staff(site, time.now, role, email=f"{role}@fjordlys.example")
    return Me("staff", unit, "Kari", "", "nb", frozenset({role}))


async def letters(site: Site, template: str) -> list[Message]:
    rows = await site.records.run_sql("SELECT * FROM mail WHERE template = ?", template)
    keys = await site.keyring.keys(row["unit"] for row in rows)
    return [unseal(keys[row["unit"]], "mail", row["id"], bytes(row["sealed"]), Message) for row in rows]


async def test_a_question_is_confirmed_without_repeating_it_and_told_to_who_answers(site: Site, time: Time) -> None:
    await member(site, time, "dpo")
    await member(site, time, "recruiter")
    await asked(site, time)
    (confirmed,) = await letters(site, "enquiry_received")
    assert confirmed.to == WORDS.email
    for typed in ("Ola", "hjemmefra", "evil.example"):
        assert typed not in confirmed.text + confirmed.html
    (told,) = await letters(site, "enquiry_waits")
    assert told.to == "dpo@fjordlys.example"


async def test_the_same_form_twice_is_one_question(site: Site, time: Time) -> None:
    token = service.new_token()
    assert await asked(site, time, token=token) == await asked(site, time, token=token)
    assert len(await site.records.run_sql("SELECT id FROM enquiry")) == 1
    assert len(await letters(site, "enquiry_received")) == 1


async def test_only_the_role_that_answers_sees_a_question_and_the_look_is_written(site: Site, time: Time) -> None:
    recruiter, dpo = await member(site, time, "recruiter"), await member(site, time, "dpo")
    unit = await asked(site, time, "vacancy")
    assert [one.id for one in await enquiries.listed(site, recruiter, "nb")] == [unit]
    assert await enquiries.listed(site, dpo, "nb") == []
    assert await enquiries.waiting(site, recruiter) == 1
    with pytest.raises(NotFound):
        await enquiries.opened(site, dpo, unit, "nb", time.now)
    with pytest.raises(NotFound):
        await enquiries.answer(site, dpo, unit, "Ja.", time.now)
    assert await site.records.run_sql("SELECT * FROM look") == []
    assert (await enquiries.opened(site, recruiter, unit, "nb", time.now)).words.text == WORDS.text
    (look,) = await site.records.run_sql("SELECT * FROM look")
    assert (look["unit"], look["role"], look["purpose"]) == (unit, "recruiter", "enquiry")


async def test_an_answer_leaves_once_with_the_question_quoted(site: Site, time: Time) -> None:
    dpo = await member(site, time, "dpo")
    unit = await asked(site, time)
    for text in ("Ja, to dager i uken.", "Nei."):
        await enquiries.answer(site, dpo, unit, text, time.now)
    (letter,) = await letters(site, "enquiry_answered")
    assert "Ja, to dager i uken." in letter.text
    assert "> Kan jeg jobbe hjemmefra?" in letter.text
    assert ">Klikk</a>" not in letter.html, "words of a stranger never become a button of ours"
    assert await enquiries.waiting(site, dpo) == 0
    assert (await enquiries.opened(site, dpo, unit, "nb", time.now)).words.answer == "Ja, to dager i uken."


async def test_L34_a_question_is_erased_six_months_after_its_last_act_with_a_receipt(site: Site, time: Time) -> None:
    dpo = await member(site, time, "dpo")
    answered, open_still = await asked(site, time), await asked(site, time)
    time.forward(days=30)
    await enquiries.answer(site, dpo, answered, "Ja.", time.now)
    for last, unit in ((date(2026, 9, 2), open_still), (date(2026, 10, 1), answered)):
        time.forward(days=(last - day(time.now)).days)
        await remembered.confirm(site, dpo.id, time.now)
        await purge.run(site, time.now)
        assert unit in await site.keyring.keys([unit]), "its last day is protected"
        time.forward(days=1)
        counts = await purge.run(site, time.now)
        assert (counts.erased, counts.receipts, counts.failed) == (1, 1, 0)
        assert await site.keyring.keys([unit]) == {}
        assert await site.records.run_sql("SELECT id FROM enquiry WHERE id = ?", unit) == []
        assert await site.records.run_sql("SELECT id FROM mail WHERE unit = ?", unit) == []


async def test_what_was_promised_in_the_mail_stands_when_the_policy_changes(site: Site, time: Time) -> None:
    unit = await asked(site, time)
    await set_policy(site, Policy(enquiry_months=1), None, time.now)
    guard = await site.keyring.guard(unit)
    assert guard is not None
    assert guard.retain_until == date(2026, 9, 2)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 201), ("name", "www.evil.example"), ("email", ""), ("email", "ola"), ("text", ""),
     ("text", "x" * 5001)],
)  # fmt: skip
async def test_a_mistake_is_said_beside_its_field_and_nothing_is_kept(
    site: Site, time: Time, field: str, value: str
) -> None:
    words = EnquiryWords(**{"name": "Ola", "email": "ola@example.org", "text": "Hei?", field: value})
    with pytest.raises(FormInvalid) as caught:
        await enquiries.ask(site, service.new_token(), "privacy", None, words, "nb", time.now)
    assert caught.value.errors.keys() == {field}
    assert await site.keyring.alive("enquiry") == set()


# --- the pages --------------------------------------------------------------------------------------------------------

Browser = AsyncTestClient[Litestar]
FORM = {"about": "privacy", "name": "Ola Sør", "email": "ola@example.org", "text": "Hvem leser søknaden?"}


async def token_of(client: Browser) -> str:
    (token,) = re.findall(r'name="form" value="([^"]+)"', (await client.get("/enquiry")).text)
    return str(token)


async def test_anybody_asks_and_the_address_says_nothing(site: Site, client: Browser, time: Time) -> None:
    answer = await client.post("/enquiry", data={**FORM, "form": await token_of(client)})
    assert "We have received your question" in answer.text
    assert str(answer.url).endswith("/enquiry/sent")
    assert len(await letters(site, "enquiry_received")) == 1


async def test_a_question_about_a_vacancy_names_it_and_one_that_nobody_knows_is_left_out(
    site: Site, client: Browser, time: Time
) -> None:
    vacancy, hidden = await factories.vacancy(site, time.now), await factories.vacancy(site, time.now, state="draft")
    page = (await client.get(f"/enquiry?vacancy={vacancy}")).text
    assert f'<option value="{vacancy}" selected>' in page
    for chosen in (str(vacancy), str(hidden), "x"):
        await client.post("/enquiry", data={**FORM, "about": "vacancy", "vacancy": chosen, "form": service.new_token()})
    rows = await site.records.run_sql("SELECT vacancy FROM enquiry ORDER BY vacancy IS NULL")
    assert [row["vacancy"] for row in rows] == [vacancy, None, None]


async def test_mistakes_come_back_beside_their_fields_with_all_that_was_typed(
    site: Site, client: Browser, time: Time
) -> None:
    answer = await client.post("/enquiry", data={**FORM, "about": "", "email": "ola@", "form": "x"})
    assert answer.status_code == 422
    assert 'id="f-about-error"' in answer.text
    assert 'id="f-email-error"' in answer.text
    assert "Hvem leser søknaden?" in answer.text
    assert await site.records.run_sql("SELECT id FROM enquiry") == []


async def test_nobody_floods_us_or_the_mailbox_of_somebody_else(site: Site, client: Browser, time: Time) -> None:
    codes = [(await client.post("/enquiry", data={**FORM, "form": service.new_token()})).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert len(await letters(site, "enquiry_received")) == 3


async def test_staff_read_and_answer_and_the_list_names_nobody(site: Site, client: Browser, time: Time) -> None:
    unit = await asked(site, time)
    dpo = await member(site, time, "dpo")
    await factories.sign_in(client, site, dpo.id)
    listing = (await client.get("/enquiries")).text
    assert f"/enquiries/{unit}" in listing
    assert "Ola" not in listing
    assert "hjemmefra" in (await client.get(f"/enquiries/{unit}")).text
    refused = await client.post(f"/enquiries/{unit}", data={"answer": " "})
    assert (refused.status_code, "Write the answer." in refused.text) == (422, True)
    done = await client.post(f"/enquiries/{unit}", data={"answer": "Ja."})
    assert "The answer is on its way." in done.text
    assert len(await letters(site, "enquiry_answered")) == 1
    assert "Ja." in (await client.get(f"/enquiries/{unit}")).text


async def test_a_question_of_another_role_does_not_exist(site: Site, client: Browser, time: Time) -> None:
    unit = await asked(site, time, "privacy")
    await factories.sign_in(client, site, (await member(site, time, "recruiter")).id)
    assert str(unit) not in (await client.get("/enquiries")).text
    assert (await client.get(f"/enquiries/{unit}")).status_code == 404
    assert (await client.post(f"/enquiries/{unit}", data={"answer": "Ja."})).status_code == 404
    await factories.sign_in(client, site, (await member(site, time, "interviewer")).id)
    assert (await client.get("/enquiries")).status_code == 403
