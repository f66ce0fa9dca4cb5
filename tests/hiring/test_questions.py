"""Claims about a vacancy's own questions, its way through the stages, its contact person, and copies of it."""

from uuid import UUID

import pytest

from recruit.errors import FormInvalid
from recruit.hiring import contacts, lawful, stages
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, rows

ASKED = {"kind": "short", "text_nb": "Hvor mange år har du sveist?", "text_en": "For how many years have you welded?"}


async def _draft(site: Site, client: Client, time: Time) -> tuple[UUID, UUID]:
    me = await factories.staff(site, time.now, "recruiter")
    await factories.sign_in(client, site, me)
    return me, await factories.vacancy(site, time.now, state="draft")


# --- what the law forbids to ask --------------------------------------------------------------------------------------

FORBIDDEN = {
    "family": ("Er du gravid?", "Har du barn?", "Do you plan to have children?", "Are you pregnant?"),
    "faith": ("Hvilken religion har du?", "Er du kristen?", "What is your faith?", "Do you wear a headscarf?"),
    "ethnicity": ("Hva er hudfargen din?", "Hvor kommer du egentlig fra?", "What is your ethnic background?"),
    "disability": ("Har du en funksjonsnedsettelse?", "Hvordan er helsa?", "Do you have a disability?"),
    "orientation": ("Er du skeiv?", "Hva er sivilstanden din?", "Are you married?", "What is your gender identity?"),
    "politics": ("Hvilket parti stemte du på?", "What are your political views?"),
    "union": ("Er du fagorganisert?", "Are you a member of a trade union?"),
}
INNOCENT = (
    "Tror du at du trives med skiftarbeid?",
    "Når kan du begynne?",
    "Har du erfaring fra helsevesenet?",
    "Why do you want to work with us?",
    "Have you led a team?",
    "Har du førerkort klasse B?",
    "Hvilke programmeringsspråk bruker du samtidig?",
)


@pytest.mark.parametrize("ground", FORBIDDEN)
def test_what_the_law_forbids_to_ask_is_recognised_in_both_languages(ground: str) -> None:
    for text in FORBIDDEN[ground]:
        assert ground in {found.ground for found in lawful.objections(text)}, text


def test_ordinary_questions_are_left_alone() -> None:
    assert {text: lawful.objections(text) for text in INNOCENT if lawful.objections(text)} == {}


async def test_a_forbidden_question_is_kept_only_after_its_author_has_read_the_rule(
    site: Site, client: Client, time: Time
) -> None:
    _, vacancy = await _draft(site, client, time)
    asked = {**ASKED, "text_nb": "Er du gravid?", "text_en": ""}
    warned = await client.post(f"/vacancies/{vacancy}/questions", data=asked)
    assert warned.status_code == 422
    assert "The Equality and Anti-Discrimination Act § 30 forbids asking, without exception." in warned.text
    assert "Er du gravid?" in warned.text, "nothing typed is lost"
    assert await rows(site, "vacancy_question") == []
    await client.post(f"/vacancies/{vacancy}/questions", data={**asked, "accepted": "1"})
    assert len(await rows(site, "vacancy_question")) == 1
    (noted,) = await rows(site, "audit_entry", kind="question.accepted")
    assert "family" in noted["body"]
    assert "gravid" not in noted["body"]


# --- questions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text_nb": ""}, "text_nb"),
        ({"kind": "video"}, "kind"),
        ({"kind": "choice", "options_nb": "Bare ett"}, "options_nb"),
        ({"kind": "choice", "options_nb": "Ja\nNei", "options_en": "Yes"}, "options_en"),
        ({"text_en": "x" * 501}, "text_en"),
    ],
)
async def test_a_mistake_in_a_question_is_said_beside_its_field(
    wrong: dict[str, str], field: str, site: Site, client: Client, time: Time
) -> None:
    _, vacancy = await _draft(site, client, time)
    answer = await client.post(f"/vacancies/{vacancy}/questions", data={**ASKED, **wrong})
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert await rows(site, "vacancy_question") == []


async def test_questions_are_added_changed_ordered_and_removed(site: Site, client: Client, time: Time) -> None:
    _, vacancy = await _draft(site, client, time)
    address = f"/vacancies/{vacancy}/questions"
    await client.post(address, data=ASKED)
    choice = {"kind": "choice", "text_nb": "Turnus?", "options_nb": "Ja\n\nNei \n", "required": "1"}
    page = (await client.post(address, data=choice)).text
    assert page.index("For how many years") < page.index("Turnus?")
    first, second = sorted(await rows(site, "vacancy_question"), key=lambda q: q["place"])
    assert (second["options_nb"], bool(second["required"])) == ("Ja\nNei", True)
    assert "Ja\nNei" in (await client.get(f"{address}/{second['id']}")).text
    await client.post(f"{address}/{second['id']}/up")
    await client.post(f"{address}/{first['id']}", data={**ASKED, "text_nb": "Har du sveist?"})
    order = sorted(await rows(site, "vacancy_question"), key=lambda q: q["place"])
    assert [q["text_nb"] for q in order] == ["Turnus?", "Har du sveist?"]
    await client.post(f"{address}/{second['id']}/remove")
    assert [q["id"] for q in await rows(site, "vacancy_question")] == [first["id"]]


async def test_once_somebody_has_applied_questions_and_stages_stay(site: Site, client: Client, time: Time) -> None:
    _, vacancy = await _draft(site, client, time)
    await client.post(f"/vacancies/{vacancy}/questions", data=ASKED)
    await factories.application(site, time.now, vacancy)
    answer = await client.post(f"/vacancies/{vacancy}/questions", data={**ASKED, "text_nb": "Noe annet?"})
    assert answer.status_code == 409
    assert "the questions stay as they were answered" in answer.text
    assert len(await rows(site, "vacancy_question")) == 1
    form = {"title_nb": "T", "place": "P", "posting_nb": "x", "way": "short"}
    assert (await client.post(f"/vacancies/{vacancy}/edit", data=form)).status_code == 422
    assert (await rows(site, "vacancy"))[0]["steps"] == ""


async def test_a_question_of_another_vacancy_is_nothing_here(site: Site, client: Client, time: Time) -> None:
    _, vacancy = await _draft(site, client, time)
    await client.post(f"/vacancies/{vacancy}/questions", data=ASKED)
    (question,) = await rows(site, "vacancy_question")
    other = await factories.vacancy(site, time.now, state="draft")
    for act in ("", "/up", "/remove"):
        address = f"/vacancies/{other}/questions/{question['id']}{act}"
        assert (await client.post(address, data=ASKED)).status_code == 404


# --- stages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "fits"),
    [
        ("received interview offer", True),
        ("received screening interview interview finalist offer", True),
        ("received interview screening offer", False),
        ("received offer", False),
        ("interview offer", False),
        ("received interview", False),
        ("", False),
        ("received received interview offer", False),
        ("received" + " interview" * 7 + " offer", False),
        ("received screening offer", False),
    ],
)
def test_a_way_leads_from_received_to_an_offer_by_moves_that_there_are(way: str, fits: bool) -> None:
    form = [(stage, "", "") for stage in way.split()]
    if fits:
        assert [step.stage for step in stages.of_form(form)] == way.split()
        return
    with pytest.raises(FormInvalid):
        stages.of_form(form)


def test_every_ready_way_fits_and_reads_back() -> None:
    for _, steps in stages.READY.values():
        assert stages.problem(steps) == ""
        assert stages.read(stages.written(steps)) == steps


async def test_a_template_of_ones_own_is_what_a_vacancy_begins_with(site: Site, client: Client, time: Time) -> None:
    await _draft(site, client, time)
    typed = {"name": "Butikk", "stage_0": "received", "stage_1": "interview", "nb_1": "Prøvevakt", "stage_2": "offer"}
    assert (await client.post("/stages", data={**typed, "stage_2": ""})).status_code == 422
    page = (await client.post("/stages", data=typed)).text
    assert "Received → Prøvevakt → Offer" in page
    (template,) = await rows(site, "stage_template")
    form = {"title_nb": "Selger", "place": "Hamar", "way": str(template["id"])}
    await client.post("/vacancies/new", data=form)
    made = next(v for v in await rows(site, "vacancy") if v["title_nb"] == "Selger")
    assert [step.nb for step in stages.read(made["steps"])] == ["", "Prøvevakt", ""]
    await client.post(f"/stages/{template['id']}/remove")
    assert (await rows(site, "vacancy", id=made["id"]))[0]["steps"] == made["steps"], "it keeps its stages"


# --- standing, contact, copy ------------------------------------------------------------------------------------------


async def test_a_standing_vacancy_has_no_deadline(site: Site, client: Client, time: Time) -> None:
    await _draft(site, client, time)
    form = {"title_nb": "Åpen søknad", "place": "Hamar", "standing": "1"}
    answer = await client.post("/vacancies/new", data={**form, "deadline": "2026-05-01"})
    assert answer.status_code == 422
    assert 'href="#f-deadline"' in answer.text
    assert "Unsolicited applications" in (await client.post("/vacancies/new", data=form)).text


async def test_a_contact_person_rests_sealed_under_their_account_and_ends_with_it(
    site: Site, client: Client, time: Time
) -> None:
    me, _ = await _draft(site, client, time)
    form = {"title_nb": "Selger", "place": "Hamar", "contact": str(me), "contact_phone": "900 90 900"}
    await client.post("/vacancies/new", data=form)
    made = next(v for v in await rows(site, "vacancy") if v["title_nb"] == "Selger")
    contact = await contacts.of_vacancy(site, made["id"])
    assert contact
    assert (contact.name, contact.phone) == ("Kari Nord", "900 90 900")
    (kept,) = await rows(site, "vacancy_contact")
    assert b"900" not in bytes(kept["sealed"])
    await site.records.run_sql("UPDATE staff SET active = ? WHERE id = ?", False, me)
    assert await contacts.of_vacancy(site, made["id"]) is None


async def test_a_copy_brings_texts_team_questions_and_stages_but_no_deadline_and_no_application(
    site: Site, client: Client, time: Time
) -> None:
    me, vacancy = await _draft(site, client, time)
    manager = await factories.staff(site, time.now, "hiring_manager", email="m@fjordlys.example")
    form = {"title_nb": "Selger", "place": "Hamar", "posting_nb": "Bli med.", "deadline": "2026-05-01", "way": "short"}
    await client.post(f"/vacancies/{vacancy}/edit", data={**form, "contact": str(me)})
    await client.post(f"/vacancies/{vacancy}/team", data={"staff": str(manager), "role": "interviewer"})
    await client.post(f"/vacancies/{vacancy}/questions", data=ASKED)
    await factories.application(site, time.now, vacancy)
    answer = await client.post(f"/vacancies/{vacancy}/copy")
    copied = UUID(str(answer.url).split("/")[-2])
    (made,) = await rows(site, "vacancy", id=copied)
    assert (made["state"], made["title_nb"], made["posting_nb"], made["deadline"]) == (
        "draft",
        "Selger",
        "Bli med.",
        None,
    )
    assert len(stages.read(made["steps"])) == 3
    assert [(m["staff"], m["role"]) for m in await rows(site, "team_member", vacancy=copied)] == [
        (manager, "interviewer")
    ]
    assert [q["text_nb"] for q in await rows(site, "vacancy_question", vacancy=copied)] == [ASKED["text_nb"]]
    assert await contacts.of_vacancy(site, copied)
    assert await rows(site, "application", vacancy=copied) == []


async def test_a_team_role_is_never_more_than_the_account_allows(site: Site, client: Client, time: Time) -> None:
    _, vacancy = await _draft(site, client, time)
    who = await factories.staff(site, time.now, "interviewer", email="i@fjordlys.example")
    refused = await client.post(f"/vacancies/{vacancy}/team", data={"staff": str(who), "role": "hiring_manager"})
    assert refused.status_code == 422
    await client.post(f"/vacancies/{vacancy}/team", data={"staff": str(who), "role": "interviewer"})
    refused = await client.post(f"/vacancies/{vacancy}/team/{who}", data={"role": "hiring_manager"})
    assert refused.status_code == 422
    assert (await rows(site, "team_member"))[0]["role"] == "interviewer"
