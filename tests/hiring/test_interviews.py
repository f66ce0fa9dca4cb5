"""Claims about interviews, scorecards and kits: who is told what, who may read what, and which ways there are."""

from datetime import timedelta
from uuid import UUID

import pytest

from recruit import mail
from recruit.accounts.guards import Me
from recruit.errors import FormInvalid
from recruit.hiring import access, interviews, scorecards
from recruit.hiring.interviews import MOVES, InterviewMoved, Plan
from recruit.retention import service as retention
from recruit.retention import sweeping
from recruit.site import Site
from recruit.tables import Grade, Message, Scores
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, House, house, letters, row, rows

PLACE = "Møterom Fjorden"


async def opened_by(site: Site, at: House, role: str, time: Time) -> access.Opened:
    me = (await rows(site, "staff", id=at.people[role]))[0]
    who = Me(kind="staff", id=me["id"], name=role, session="", language="en", roles=frozenset({role}))
    return await access.opened(site, who, at.application, "review", time.now)


async def proposed(site: Site, at: House, time: Time, *seats: UUID) -> tuple[access.Opened, UUID]:
    opened = await opened_by(site, at, "recruiter", time)
    times = (time.now + timedelta(days=2), time.now + timedelta(days=3))
    plan = Plan(times, 45, PLACE, "Ta med en arbeidsprøve.", seats or (at.people["interviewer"],), None)
    return opened, await interviews.arrange(site, opened, plan, time.now)


def calendar_of(letter: Message) -> str:
    (file,) = letter.enclosures
    return file.data.decode()


async def link(site: Site) -> str:
    letter = (await letters(site, "interview_invitation"))[-1]
    return next(word for word in letter.text.split() if "/interview/" in word).split("testserver.local", 1)[1]


async def test_an_invitation_is_answered_by_its_link_and_everybody_is_told(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now, email="ola@example.org", name="Ola Sør")
    await factories.sign_in(client, site, at.people["recruiter"])
    page = await client.get(f"/applications/{at.application}/interviews/new")
    assert "Invite to an interview" in page.text
    form = {"minutes": "45", "place": PLACE, "message": "", "seats": str(at.people["interviewer"])}
    form |= {"time_1": "2026-03-05T10:00", "time_2": "2026-03-06T12:30"}
    page = await client.post(f"/applications/{at.application}/interviews/new", data=form)
    assert page.status_code == 200 and "The invitation is on its way" in page.text
    address = await link(site)
    client.cookies.clear()
    page = await client.get(address)
    assert PLACE in page.text and "Ola" not in page.text, "whoever has the link sees no name"
    assert (await rows(site, "interview"))[0]["state"] == "proposed", "GET answers nothing"
    page = await client.post(address, data={"time": "2026-03-05T09:00:00+00:00"})
    assert "The time is agreed" in page.text
    found = (await rows(site, "interview"))[0]
    assert (found["state"], found["starts_at"].isoformat()) == ("agreed", "2026-03-05T09:00:00+00:00")
    for template in ("interview_agreed", "interview_on"):
        (letter,) = await letters(site, template)
        assert "DTSTART:20260305T090000Z" in calendar_of(letter) and "METHOD:REQUEST" in calendar_of(letter)
    assert [each["channel"] for each in await rows(site, "disclosure", recipient="interviewer")] == ["calendar_file"]


async def test_a_calendar_file_and_the_mail_to_staff_name_nobody(site: Site, time: Time) -> None:
    at = await house(site, time.now, email="ola@example.org", name="Ola Sør")
    opened, number = await proposed(site, at, time)
    found = await interviews.one(site, opened.key, number)
    await interviews.accept(site, opened.key, found, found.times[0], time.now)
    (letter,) = await letters(site, "interview_on")
    for word in ("Ola", "Sør", "ola@example.org", "Systemutvikler", "Software"):
        assert word not in calendar_of(letter) and word not in letter.text and word not in letter.subject
    (own,) = await letters(site, "interview_agreed")
    assert "Ola" not in calendar_of(own)
    sent = mail.envelope(site, number, letter, time.now)
    (part,) = [part for part in sent.walk() if part.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST" and part.get_filename() == "interview.ics"


async def test_none_of_the_times_suits_and_others_are_proposed(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    opened, number = await proposed(site, at, time)
    first = await link(site)
    page = await client.post(first, data={"time": "none", "words": "Heller etter klokka tre"})
    assert "none of the times suits you" in page.text
    assert len(await letters(site, "interview_unfit")) == 1
    await factories.sign_in(client, site, at.people["recruiter"])
    page = await client.get(f"/interviews/{number}")
    assert "Heller etter klokka tre" in page.text
    form = {"minutes": "45", "place": PLACE, "seats": str(at.people["interviewer"]), "time_1": "2026-03-09T15:30"}
    await client.post(f"/interviews/{number}/change", data=form)
    found = await interviews.one(site, opened.key, number)
    assert (found.state, found.version, found.answer) == ("proposed", 1, "")
    assert len(await letters(site, "interview_invitation")) == 2


async def test_an_agreed_time_is_called_off_in_every_calendar(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    opened, number = await proposed(site, at, time)
    found = await interviews.one(site, opened.key, number)
    await interviews.accept(site, opened.key, found, found.times[0], time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    page = await client.post(f"/interviews/{number}/cancel")
    assert "The interview is called off" in page.text
    for template in ("interview_cancelled", "interview_off"):
        assert "METHOD:CANCEL" in calendar_of((await letters(site, template))[0])
    assert (await client.post(f"/interviews/{number}/cancel")).status_code == 409


async def test_interviews_of_an_ended_process_are_called_off_by_themselves_l2(site: Site, time: Time) -> None:
    at = await house(site, time.now)
    opened, number = await proposed(site, at, time)
    assert await interviews.cancel_ended(site, time.now) == 0
    await retention.close_applications(site, [at.application], "rejected", at.people["recruiter"], time.now)
    assert await interviews.cancel_ended(site, time.now) == 1
    assert (await interviews.one(site, opened.key, number)).state == "cancelled"
    assert await interviews.cancel_ended(site, time.now) == 0
    with pytest.raises(InterviewMoved):
        await interviews.decline(site, opened.key, await interviews.one(site, opened.key, number), "", time.now)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"times": ()}, "time_1"),
        ({"past": True}, "time_1"),
        ({"minutes": 5}, "minutes"),
        ({"place": ""}, "place"),
        ({"seats": ()}, "seats"),
    ],
)
async def test_what_is_missing_is_said_beside_its_field(
    site: Site, time: Time, change: dict[str, object], field: str
) -> None:
    at = await house(site, time.now)
    opened = await opened_by(site, at, "recruiter", time)
    given = {"times": (time.now + timedelta(days=1),), "minutes": 45, "place": PLACE, "message": "", "kit": None}
    given |= {"seats": (at.people["interviewer"],)} | change
    if given.pop("past", False):
        given["times"] = (time.now,)
    with pytest.raises(FormInvalid) as refused:
        await interviews.arrange(site, opened, Plan(**given), time.now)  # type: ignore[arg-type]
    assert set(refused.value.errors) == {field}
    assert await rows(site, "interview") == []


async def test_hostile_answers_get_a_sentence_and_change_nothing(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    _, number = await proposed(site, at, time)
    address = await link(site)
    for data in ({}, {"time": "<script>"}, {"time": "2026-03-05"}, {"time": "none", "words": "x" * 5000}):
        page = await client.post(address, data=data)
        assert page.status_code == 422 and 'id="errors"' in page.text
    assert (await rows(site, "interview", id=number))[0]["state"] == "proposed"
    assert (await client.get("/interview/nothing-like-a-token")).status_code == 410
    form = {"minutes": "9" * 400, "place": "x" * 5000, "time_1": "99999-99-99T99:99", "seats": "nobody", "kit": "none"}
    await factories.sign_in(client, site, at.people["recruiter"])
    assert (await client.post(f"/applications/{at.application}/interviews/new", data=form)).status_code == 422


def test_every_way_of_an_interview_ends_in_called_off_and_nothing_leads_out_of_it() -> None:
    assert MOVES["cancelled"] == ()
    assert all("cancelled" in ways for state, ways in MOVES.items() if state != "cancelled")


# --- scorecards -------------------------------------------------------------------------------------------------------


async def test_others_scorecards_are_hidden_until_ones_own_is_in(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    await proposed(site, at, time, at.people["interviewer"], at.people["hiring_manager"])
    manager = await opened_by(site, at, "hiring_manager", time)
    said = Scores(grades=[Grade(competence="Cooperation", grade=4, text="Lytter godt")], text="Sterk kandidat")
    await scorecards.write(site, manager, said, time.now)
    await factories.sign_in(client, site, at.people["interviewer"])
    page = await client.get(f"/applications/{at.application}/scorecards")
    assert "1 scorecard is hidden from you" in page.text and "Sterk kandidat" not in page.text
    page = await client.post(f"/applications/{at.application}/scorecards", data={"grade_1": "3", "text": "Mitt syn"})
    assert "Your scorecard is in." in page.text
    assert "Sterk kandidat" in page.text and "Lytter godt" in page.text and "Mitt syn" in page.text
    assert "hidden from you" not in page.text


async def test_a_recruiter_who_does_not_interview_reads_all_and_nothing_is_added_up_l13(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now)
    await proposed(site, at, time)
    interviewer = await opened_by(site, at, "interviewer", time)
    await scorecards.write(site, interviewer, Scores(text="Det jeg så"), time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    page = await client.get(f"/applications/{at.application}/scorecards")
    assert "Det jeg så" in page.text
    for word in ("average", "total", "score of", "rank:"):
        assert word not in page.text.casefold()


async def test_an_empty_card_or_one_after_the_end_is_refused(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    page = await client.post(f"/applications/{at.application}/scorecards", data={"grade_1": "9"})
    assert page.status_code == 422 and await rows(site, "scorecard") == []
    await retention.close_applications(site, [at.application], "rejected", at.people["recruiter"], time.now)
    page = await client.post(f"/applications/{at.application}/scorecards", data={"text": "For sent"})
    assert page.status_code == 409 and await rows(site, "scorecard") == []
    assert (await row(site, at.application))["outcome"] == "rejected"


# --- kits -------------------------------------------------------------------------------------------------------------


async def test_a_kit_gives_the_interview_its_questions_and_the_card_its_competences(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    typed = "Samarbeid: Fortell om en uenighet.\nFag: Hva bygde du sist?"
    page = await client.post("/kits/new", data={"name": "Montør", "questions": typed})
    assert "The kit is saved." in page.text and "Hva bygde du sist?" in page.text
    kit = (await rows(site, "interview_kit"))[0]["id"]
    opened = await opened_by(site, at, "recruiter", time)
    plan = Plan((time.now + timedelta(days=1),), 45, PLACE, "", (at.people["interviewer"],), kit)
    number = await interviews.arrange(site, opened, plan, time.now)
    assert "Fortell om en uenighet." in (await client.get(f"/interviews/{number}")).text
    page = await client.get(f"/applications/{at.application}/scorecards")
    assert "Samarbeid" in page.text and "Professional skills" not in page.text
    assert (await client.post(f"/kits/{kit}", data={"name": "", "questions": typed})).status_code == 422
    assert (await client.post(f"/kits/{kit}", data={"name": "A", "questions": "ingen kolon"})).status_code == 422
    await client.post(f"/kits/{kit}/remove")
    assert await rows(site, "kit_question") == [] and (await rows(site, "interview"))[0]["kit"] is None
    assert (await client.get(f"/kits/{kit}")).status_code == 404


async def test_an_interview_ends_with_its_application(site: Site, time: Time) -> None:
    at = await house(site, time.now)
    opened, _ = await proposed(site, at, time)
    await scorecards.write(site, opened, Scores(text="Noe"), time.now)
    await sweeping.sweep(site, [at.application], True)
    for table in ("interview", "interview_time", "interview_seat", "scorecard"):
        assert await rows(site, table) == [], table


async def test_an_interview_is_answered_under_my_data_by_its_candidate_alone(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now, email="ola@example.org", name="Ola Sør")
    _, number = await proposed(site, at, time)
    await factories.sign_in(client, site, await factories.candidate_of(site, at.application), "candidate")
    page = await client.get(f"/my/applications/{at.application}")
    assert PLACE in page.text and "Choose a time" in page.text and "Waits for your answer" in page.text
    address = f"/my/interviews/{number}"
    assert (await client.post(address, data={"time": "yesterday"})).status_code == 422
    page = await client.post(address, data={"time": (time.now + timedelta(days=2)).isoformat()})
    assert "The time is agreed" in page.text
    assert "Choose a time" not in (await client.get(f"/my/applications/{at.application}")).text
    assert (await client.post(address, data={"time": "none"})).status_code == 409
    eva = await factories.application(site, time.now, at.vacancy, email="eva@example.org", name="Eva")
    await factories.sign_in(client, site, await factories.candidate_of(site, eva), "candidate")
    assert (await client.get(address)).status_code == 404
    assert (await client.post(address, data={"time": "none"})).status_code == 404
