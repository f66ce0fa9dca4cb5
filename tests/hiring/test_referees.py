"""Claims about referees: asked by a link of their own, or by telephone, and let be when the process ends (L11)."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from recruit import data_map
from recruit.hiring import referees, reference_forms, rules
from recruit.i18n import translator
from recruit.mydata import service as mydata
from recruit.retention import sweeping
from recruit.rights import export
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, House, house, letters, rows

ROLF = {"name": "Rolf Referanse", "email": "rolf@example.org", "phone": "99 88 77 66", "relation": "Tidligere leder"}
EVIL = "<script>alert(1)</script>{{ 7*7 }}"


async def _house(site: Site, client: Client, time: Time) -> House:
    at = await house(site, time.now, stage="finalist", email="ola@example.org", name="Ola Sør")
    await factories.sign_in(client, site, at.people["hiring_manager"])
    return at


async def _link(site: Site, template: str = "referee") -> str:
    letter = (await letters(site, template))[-1]
    return next(word for word in letter.text.split() if "/referee/" in word).split("testserver.local", 1)[1]


async def _checks(site: Site) -> list[tuple[str, str]]:
    return [(row["state"], row["channel"]) for row in await rows(site, "reference_check")]


async def test_l11_a_referee_answers_by_their_link_corrects_it_and_everybody_is_told(
    site: Site, client: Client, time: Time
) -> None:
    at = await _house(site, client, time)
    await client.post(f"/applications/{at.application}/referees", data={**ROLF, "ask": "link"})
    address, manager = await _link(site), dict(client.cookies)
    token = address.rsplit("/", 1)[1]
    kept = str(await rows(site, "link", purpose="referee"))
    assert token not in kept, "only the hash of a link is kept"
    client.cookies.clear()
    page = await client.get(address)
    assert "Ola Sør" in page.text and "Rolf Referanse" in page.text and "ola@example.org" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert await _checks(site) == [("asked", "link")], "a mail scanner answers nothing"
    empty = await client.post(address, data={"answer_1": ""})
    assert empty.status_code == 422 and "Write an answer to at least one" in empty.text
    long = await client.post(address, data={"answer_1": "x" * 4001, "answer_2": "Husk meg"})
    assert long.status_code == 422 and "Husk meg" in long.text, "nothing typed is lost"
    caught = await client.post(address, data={"answer_1": "Ola var sykmeldt", "more": "Husk meg"})
    assert caught.status_code == 422 and "“sykmeldt” says something about health" in caught.text
    assert "Husk meg" in caught.text and await _checks(site) == [("asked", "link")]
    assert (await client.post(address, data={"act": "decline", "why": "Han er muslim"})).status_code == 422
    said = {"answer_1": "Ola var sykmeldt", "said_why": "Det forklarer hullet i 2020"}
    assert "You have answered" in (await client.post(address, data=said)).text
    await client.post(address, data={"answer_1": EVIL, "answer_2": "Rolf så at Ola leverte."})
    page = await client.get(address)
    assert "You have answered" in page.text and "<script>alert" not in page.text and "{{ 7*7 }}" in page.text
    assert await _checks(site) == [("answered", "link")]
    assert len(await letters(site, "referee_replied")) == len(await letters(site, "verification")) == 1
    await client.post(address, data={"answer_1": "Rettet.", "more": "Ring gjerne."})
    assert len(await letters(site, "referee_replied")) == 1, "a correction is not told anew"
    client.cookies.update(manager)
    referee = (await rows(site, "referee"))[0]["id"]
    page = await client.get(f"/referees/{referee}")
    assert "Rettet." in page.text and "Ring gjerne." in page.text and "leverte" not in page.text
    refused = await client.post(f"/referees/{referee}/phone", data={"answer_1": "Nei", "source": "Meg"})
    assert refused.status_code == 409, "only the referee changes what they answered"
    time.forward(days=15)
    assert (await client.get(address)).status_code == 410, "the link has died"


async def test_l11_declining_takes_the_answers_along_and_a_foreign_link_opens_nothing(
    site: Site, client: Client, time: Time
) -> None:
    at = await _house(site, client, time)
    await client.post(f"/applications/{at.application}/referees", data={**ROLF, "ask": "link"})
    address = await _link(site)
    await client.post(address, data={"answer_1": "Hemmelig ros"})
    await client.post(address, data={"act": "decline", "why": "Ikke min sak"})
    referee = (await rows(site, "referee"))[0]["id"]
    page = await client.get(f"/referees/{referee}")
    assert "Ikke min sak" in page.text and "Hemmelig ros" not in page.text
    assert await _checks(site) == [("declined", "link")]
    await client.post(f"/referees/{referee}/ask")
    assert (await client.get(address)).status_code == 410, "asking again makes the earlier link useless"
    assert (await client.get(await _link(site, "referee_asked"))).status_code == 200
    await client.post(f"/referees/{referee}/cancel")
    assert await _checks(site) == [("cancelled", "link")]
    assert (await client.get("/referee/unknown")).status_code == 410


async def test_l11_a_withdrawal_kills_the_link_at_once_and_the_referee_is_told(
    site: Site, client: Client, time: Time
) -> None:
    at = await _house(site, client, time)
    await client.post(f"/applications/{at.application}/referees", data={**ROLF, "ask": "link"})
    address = await _link(site)
    profile = await factories.candidate_of(site, at.application)
    assert await referees.cancel_ended(site, time.now) == 0
    await mydata.withdraw_application(site, profile, at.application, time.now)
    gone = await client.get(address)
    assert gone.status_code == 410 and "Ola" not in gone.text
    assert (await client.post(address, data={"answer_1": "For sent"})).status_code == 410
    assert await referees.cancel_ended(site, time.now) == 1
    assert await referees.cancel_ended(site, time.now) == 0
    assert await _checks(site) == [("cancelled", "link")]
    (letter,) = await letters(site, "referee_off")
    assert letter.to == ROLF["email"] and "Ola" not in letter.text


async def test_a_reference_by_telephone_names_its_source_and_stands_in_the_copy_masked_l24(
    site: Site, client: Client, time: Time
) -> None:
    at = await _house(site, client, time)
    await client.post(f"/applications/{at.application}/referees", data={**ROLF, "ask": "phone"})
    assert await rows(site, "reference_check") == []
    assert "/referee/" not in (await letters(site, "referee"))[0].text
    referee: UUID = (await rows(site, "referee"))[0]["id"]
    said = {"answer_1": "Rolf Referanse var lederen hennes.", "more": "Flink."}
    refused = await client.post(f"/referees/{referee}/phone", data=said)
    assert refused.status_code == 422 and "Rolf Referanse var lederen hennes." in refused.text
    await client.post(f"/referees/{referee}/phone", data={**said, "source": "Rolf Referanse på telefon"})
    assert await _checks(site) == [("answered", "phone")]
    assert len(await letters(site, "verification")) == 1, "the candidate learns that a reference was taken (L10)"
    profile = await factories.candidate_of(site, at.application)
    copy = await export.everything(site, profile, time.now, translator("en"))
    (given,) = copy["applications"][0]["reference_checks"]
    assert (
        given["came_by"] == "phone"
        and given["text"] == "Flink."
        and "var lederen hennes" in given["answers"][0]["text"]
    )
    assert "Rolf" not in msgspec.json.encode(copy["applications"][0]["reference_checks"]).decode()
    await client.post(f"/referees/{referee}/remove")
    assert await rows(site, "reference_check") == [], "what they said goes with them"


async def test_a_purge_takes_what_referees_said(site: Site, client: Client, time: Time) -> None:
    at = await _house(site, client, time)
    await client.post(f"/applications/{at.application}/referees", data={**ROLF, "ask": "link"})
    assert data_map.Place("reference_check", "application") in data_map.of_unit("application")
    referee = (await rows(site, "referee"))[0]["id"]
    await sweeping.sweep(site, [at.application, referee], anonymise=False)
    assert (await rows(site, "reference_check"), await rows(site, "link", purpose="referee")) == ([], [])


async def test_l9_the_database_refuses_a_reference_before_its_stage(site: Site, time: Time) -> None:
    at = await house(site, time.now, stage="interview")
    insert = "INSERT INTO reference_check (id, application, referee, state, channel, asked_at, sealed) "
    values = (UUID(int=1), at.application, UUID(int=2), "asked", "link", time.now, b"x")
    with pytest.raises(Exception, match="reference_check_too_early"):
        await site.records.run_sql(f"{insert} VALUES (?, ?, ?, ?, ?, ?, ?)", *values)


async def test_forms_are_the_recruiters_and_a_forbidden_question_shows_the_rule(
    site: Site, client: Client, time: Time
) -> None:
    at = await _house(site, client, time)
    await factories.sign_in(client, site, at.people["recruiter"])
    typed = {"name": "Leder", "questions_nb": "Var hun gravid?\nHvordan ledet hun?", "questions_en": "One only?"}
    refused = await client.post("/reference-forms", data=typed)
    assert refused.status_code == 422 and "as many questions in English" in refused.text
    typed |= {"questions_en": ""}
    warned = await client.post("/reference-forms", data=typed)
    assert warned.status_code == 422 and "§ 30" in warned.text and "Hvordan ledet hun?" in warned.text
    await client.post("/reference-forms", data=typed | {"questions_nb": "Hvordan ledet hun?"})
    (form,) = await reference_forms.listed(site)
    await client.post(f"/applications/{at.application}/referees", data={**ROLF, "ask": "link", "form": str(form.id)})
    page = await client.get(await _link(site))
    assert "Hvordan ledet hun?" in page.text and "How do you know" not in page.text
    await client.post(f"/reference-forms/{form.id}/remove")
    assert "Hvordan ledet hun?" in (await client.get(await _link(site))).text, "what was asked stays as it is"


def test_every_move_of_a_check_is_in_the_table() -> None:
    for before in rules.CHECK_MOVES:
        for after in ("asked", "answered", "declined", "cancelled"):
            if after in rules.CHECK_MOVES[before]:
                rules.require_check_move(before, after)
            else:
                with pytest.raises(rules.CheckMoveNotAllowed):
                    rules.require_check_move(before, after)
    assert timedelta(days=14) == referees.LIVES, "as the page says"
