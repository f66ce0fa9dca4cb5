"""The pages of rights: from the candidate's first click to the answered case, and what lies between."""

from uuid import UUID, uuid4

import pytest

from recruit.rights import asking, rules
from recruit.rights.asking import Asked
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.rights.people import Browser, count, outbox

FORMS: dict[rules.Kind, dict[str, str]] = {
    "access": {},
    "portability": {},
    "rectification": {"new": "I worked there until 2024."},
    "erasure": {"scope": "everything"},
    "restriction": {"scope": "everything", "ground": "claims"},
    "objection": {"scope": "everything"},
    "complaint": {},
}


class World:
    ola: UUID
    unit: UUID
    dpo: UUID


@pytest.fixture
async def world(site: Site, time: Time, client: Browser) -> World:
    """Ola has an application and is signed in; Kari is the privacy contact."""
    made = World()
    made.dpo = await factories.staff(site, time.now, "dpo")
    made.unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    made.ola = await factories.candidate_of(site, made.unit)
    await factories.sign_in(client, site, made.ola, "candidate")
    return made


@pytest.mark.parametrize("kind", rules.KINDS)
async def test_l19_each_right_is_used_from_my_data_without_a_reason_and_answered_at_the_desk(
    client: Browser, world: World, site: Site, kind: rules.Kind
) -> None:
    assert f'href="/my/rights/{kind}"' in (await client.get("/my/rights")).text
    assert (await client.get(f"/my/rights/{kind}")).status_code == 200
    own = await client.post(f"/my/rights/{kind}", data=FORMS[kind])
    assert "We have received your request." in own.text
    assert "7 Apr 2026" in own.text  # the rolled day beside the plain one, L20
    number = own.url.path.removeprefix("/my/requests/")
    await factories.sign_in(client, site, world.dpo)
    assert f"/desk/requests/{number}" in (await client.get("/desk/requests")).text
    assert "Ola Sør" in (await client.get(f"/desk/requests/{number}")).text
    grounds = rules.GROUNDS[kind][:1]
    refused = await client.post(
        f"/desk/requests/{number}", data={"answer": "refuse", "grounds": grounds, "words": "So it is."}
    )
    assert refused.status_code == 200
    assert "Refused. The person is told why and where to complain." in refused.text
    await factories.sign_in(client, site, world.ola, "candidate")
    answered = (await client.get(f"/my/requests/{number}")).text
    for said in ("So it is.", "Refused", "personvernombud@fjordlys.example", "court"):
        assert said in answered


@pytest.mark.parametrize(
    ("kind", "form", "told"),
    [
        ("restriction", {}, "Choose what it is about."),
        ("objection", {"scope": "nothing"}, "Choose what it is about."),
        ("rectification", {}, "Write what is wrong"),
        ("restriction", {"scope": "everything", "ground": "no"}, "Choose one of the reasons, or none."),
        ("complaint", {"reason": "x" * 4001}, "Write at most 4000 characters."),
    ],
)
async def test_a_form_that_lacks_something_comes_back_with_what_was_typed(
    client: Browser, world: World, site: Site, kind: str, form: dict[str, str], told: str
) -> None:
    page = await client.post(f"/my/rights/{kind}", data={"reason": "kept as typed", **form})
    assert page.status_code == 422
    assert told in page.text
    assert form.get("reason", "kept as typed") in page.text
    assert await count(site, "rights_request") == 0


async def test_what_is_no_right_and_what_is_not_ones_own_is_not_there(
    client: Browser, world: World, site: Site, time: Time
) -> None:
    assert (await client.get("/my/rights/revenge")).status_code == 404
    assert (await client.get(f"/my/requests/{uuid4()}")).status_code == 404
    vacancy = await factories.vacancy(site, time.now)
    eva = await factories.application(site, time.now, vacancy, email="eva@example.org")
    foreign = await asking.ask(site, await factories.candidate_of(site, eva), Asked("access"), time.now)
    assert (await client.get(f"/my/requests/{foreign}")).status_code == 404
    for act in ("withdraw", "identity"):
        assert (await client.post(f"/my/requests/{foreign}/{act}")).status_code == 404
    assert await count(site, "rights_request", "state = 'received'") == 1


async def test_l23_who_signs_in_with_the_known_address_settles_who_it_is(
    client: Browser, world: World, site: Site, time: Time
) -> None:
    number = await asking.ask(site, world.ola, Asked("access", channel="phone", recorded_by=world.dpo), time.now)
    await factories.sign_in(client, site, world.dpo)
    case = f"/desk/requests/{number}"
    assert (await client.get(f"{case}/identity")).status_code == 200
    assert (await client.post(f"{case}/identity", data={"words": ""})).status_code == 422
    paused = await client.post(f"{case}/identity", data={"words": "A voice is no proof."})
    assert "The clock rests since 2 Mar 2026" in paused.text
    assert (await client.post(case, data={"answer": "grant", "words": ""})).status_code == 409
    time.forward(hours=5)
    await factories.sign_in(client, site, world.ola, "candidate")
    assert "A voice is no proof." in (await client.get(f"/my/requests/{number}")).text
    page = await client.post(f"/my/requests/{number}/identity")
    assert "Thank you. The time to answer goes on from today." in page.text
    assert (await client.post(f"/my/requests/{number}/identity")).status_code == 404


async def test_l21_more_time_is_taken_at_the_desk_with_reasons(client: Browser, world: World, site: Site) -> None:
    number = (await client.post("/my/rights/access")).url.path.removeprefix("/my/requests/")
    await factories.sign_in(client, site, world.dpo)
    case = f"/desk/requests/{number}"
    assert "2 months: answer due 2 Jun 2026" in (await client.get(f"{case}/extension")).text
    wrong = await client.post(f"{case}/extension", data={"months": "3", "why": "Three hundred documents."})
    assert (wrong.status_code, "Three hundred documents." in wrong.text) == (422, True)
    page = await client.post(f"{case}/extension", data={"months": "2", "why": "Three hundred documents."})
    assert "2 Jun 2026" in page.text
    assert "Take more time" not in page.text
    assert (await client.get(f"{case}/extension")).status_code == 409
    await factories.sign_in(client, site, world.ola, "candidate")
    assert "Three hundred documents." in (await client.get(f"/my/requests/{number}")).text


async def test_a_request_is_taken_back_with_one_press(client: Browser, world: World, site: Site) -> None:
    number = (await client.post("/my/rights/complaint")).url.path.removeprefix("/my/requests/")
    page = await client.post(f"/my/requests/{number}/withdraw")
    assert "Taken back" in page.text
    assert (await client.post(f"/my/requests/{number}/withdraw")).status_code == 409
    await factories.sign_in(client, site, world.dpo)
    assert "Taken back" in (await client.get("/desk/requests")).text


async def test_l22_a_reason_from_the_list_is_enough_and_an_unknown_one_is_none(
    client: Browser, world: World, site: Site
) -> None:
    number = (await client.post("/my/rights/portability")).url.path.removeprefix("/my/requests/")
    await factories.sign_in(client, site, world.dpo)
    case = f"/desk/requests/{number}"
    unknown = await client.post(case, data={"answer": "refuse", "grounds": ["compelling"], "words": ""})
    assert unknown.status_code == 422
    await client.post(case, data={"answer": "refuse", "grounds": ["not_given"], "words": ""})
    (mail,) = await outbox(site, "request_answered")
    assert "artikkel 20 nr. 1" in mail.text
    assert "Datatilsynet" in mail.text
