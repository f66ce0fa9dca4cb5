"""Claims about the pipeline: the same applications as list and board, filtered and paged in the database, each only for
whom a rule lets see it (L4, L15); many at once; what is new to whom.
"""

import itertools
import random
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from recruit.accounts.guards import Me
from recruit.hiring import access, pipeline, tags, team, wanted
from recruit.retention.facts import of_applications
from recruit.retention.rules import open_only_to
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, House, house, letters, row, rows


async def crowd(site: Site, time: Time, vacancy: UUID, *stages: str) -> list[UUID]:
    """An application at each of these stages, an hour apart, the first one the oldest."""
    found = []
    for n, stage in enumerate(stages):
        at = time.now - timedelta(hours=len(stages) - n)
        found.append(
            await factories.application(
                site,
                at,
                vacancy,
                email=f"p{n}@example.org",
                name=f"Person {n:02}",
                phone=f"900 00 0{n:02}",
                stage=stage,
            )
        )
    return found


def shown(page: str) -> list[int]:
    """The numbers of the people on a page, in its order, each once."""
    return [int(n) for n in dict.fromkeys(re.findall(r">Person (\d\d)</a>", page))]


async def _recruiter(site: Site, client: Client, time: Time) -> tuple[Me, UUID]:
    me = await factories.staff(site, time.now, "recruiter")
    await factories.sign_in(client, site, me)
    return Me("staff", me, "Kari", "", "en", frozenset({"recruiter"})), await factories.vacancy(site, time.now)


# --- list and board ---------------------------------------------------------------------------------------------------


async def test_list_and_board_show_the_same_people(site: Site, client: Client, time: Time) -> None:
    _, vacancy = await _recruiter(site, client, time)
    await crowd(site, time, vacancy, "received", "interview", "received", "offer")
    listed = shown((await client.get(f"/vacancies/{vacancy}")).text)
    board = (await client.get(f"/vacancies/{vacancy}?view=board")).text
    assert listed == [3, 2, 1, 0]
    assert sorted(shown(board)) == sorted(listed)
    received = board.split('data-stage="received"')[1].split("</section>")[0]
    assert shown(received) == [2, 0]
    assert ">2</span></h2>" in received


async def test_a_filter_an_order_and_a_page_are_one_query(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, vacancy = await _recruiter(site, client, time)
    units = await crowd(site, time, vacancy, "received", "interview", "received", "offer", "interview")
    monkeypatch.setattr(pipeline, "PAGE", 2)
    tag = await tags.create(site, "Kan sveise", me.id, time.now)
    await tags.put(site, [units[0], units[4]], tag, me.id, time.now)
    for query, expected in {
        "sort=oldest": [0, 1],
        "sort=oldest&page=2": [2, 3],
        "page=3": [0],
        "step=interview": [4, 1],
        "sort=stage": [3, 4],
        f"tag={tag}": [4, 0],
        f"tag={tag}&step=received": [0],
        "tag=no-id&step=%27%3B&sort=x&page=-1": [4, 3],
        f"tag={uuid4()}": [],
    }.items():
        assert shown((await client.get(f"/vacancies/{vacancy}?{query}")).text) == expected, query


async def test_a_page_reads_names_and_facts_of_those_alone_that_it_shows(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, vacancy = await _recruiter(site, client, time)
    await crowd(site, time, vacancy, *["received"] * 5)
    monkeypatch.setattr(pipeline, "PAGE", 2)
    await client.get(f"/vacancies/{vacancy}?page=2")
    assert len(await rows(site, "look", purpose="list")) == 2


async def test_the_board_shows_the_first_of_each_step_and_says_how_many_there_are(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, vacancy = await _recruiter(site, client, time)
    await crowd(site, time, vacancy, *["received"] * 4)
    monkeypatch.setattr(pipeline, "PER_STEP", 3)
    page = (await client.get(f"/vacancies/{vacancy}?view=board")).text
    assert shown(page) == [3, 2, 1]
    assert "All 4 in this stage" in page


async def test_a_card_moves_without_script_and_comes_back_to_its_board(site: Site, client: Client, time: Time) -> None:
    me, vacancy = await _recruiter(site, client, time)
    (unit,) = await crowd(site, time, vacancy, "received")
    time.forward(days=3)
    await factories.sign_in(client, site, me.id)
    board = (await client.get(f"/vacancies/{vacancy}?view=board")).text
    assert "3 days in the stage" in board
    answer = await client.post(f"/applications/{unit}/move", data={"view": "board", "stage": "interview"})
    assert answer.url.path == f"/vacancies/{vacancy}"
    assert answer.url.params["view"] == "board"
    assert "0 days in the stage" in answer.text
    assert (await row(site, unit))["stage"] == "interview"


async def test_no_word_about_a_person_stands_in_an_address(site: Site, client: Client, time: Time) -> None:
    _, vacancy = await _recruiter(site, client, time)
    await crowd(site, time, vacancy, "received")
    page = (await client.get(f"/vacancies/{vacancy}?step=received&sort=oldest")).text
    assert not [href for href in re.findall(r'href="([^"]+)"', page) if "Person" in href or "example.org" in href]


# --- what is new ------------------------------------------------------------------------------------------------------


async def test_new_is_what_one_has_not_opened_oneself(site: Site, client: Client, time: Time) -> None:
    _, vacancy = await _recruiter(site, client, time)
    units = await crowd(site, time, vacancy, "received", "received")
    await client.get(f"/applications/{units[0]}")
    assert shown((await client.get(f"/vacancies/{vacancy}?unread=1")).text) == [1]
    await client.post(f"/applications/{units[0]}/unread")
    assert shown((await client.get(f"/vacancies/{vacancy}?unread=1")).text) == [1, 0]
    other = await factories.staff(site, time.now, "recruiter", email="o@fjordlys.example", name="Odd Ellingsen")
    await access.mark_seen(site, Me("staff", other, "Odd", "", "en", frozenset({"recruiter"})), units, time.now)
    assert shown((await client.get(f"/vacancies/{vacancy}?unread=1")).text) == [1, 0], "another's look is another's"
    page = (await client.get(f"/applications/{units[1]}")).text
    assert "Who has opened it" in page
    assert "Odd Ellingsen" in page


# --- who sees which (L4, L15) -----------------------------------------------------------------------------------------


async def test_an_interviewer_sees_the_assigned_alone_in_list_board_and_counts(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now, name="Person 00")
    await factories.application(site, time.now, at.vacancy, email="b@example.org", name="Person 01")
    await factories.sign_in(client, site, at.people["interviewer"])
    for view in ("", "?view=board"):
        page = (await client.get(f"/vacancies/{at.vacancy}{view}")).text
        assert shown(page) == [0]
        assert "(1)" in page
        assert "Person 01" not in page
    assert ">1</td>" in (await client.get("/vacancies")).text
    await team.remove(site, at.vacancy, at.people["interviewer"], at.people["recruiter"], time.now)
    assert (await client.get(f"/applications/{at.application}")).status_code == 404
    assert await rows(site, "assignment") == []


async def test_L4_the_list_holds_exactly_what_the_rule_opens(site: Site, time: Time) -> None:
    """Every order of yes and no before and after the close, for each outcome: the query and the rule agree."""
    at = await house(site, time.now)
    dice, cases = random.Random(4), list(itertools.product(("rejected", "hired", None), range(12)))
    for n, (outcome, _) in enumerate(cases):
        unit = await factories.application(site, time.now, at.vacancy, email=f"c{n}@example.org")
        candidate = await factories.candidate_of(site, unit)
        for _ in range(dice.randrange(4)):
            await _consent(site, candidate, dice.choice((unit, None, uuid4())), dice.random() < 0.6, time, dice)
        if outcome:
            await site.records.run_sql(
                "UPDATE application SET outcome = ?, decided_by = ?, closed_on = ?, closed_at = ? WHERE id = ?",
                *(outcome, at.people["recruiter"], time.now.date(), time.now, unit),
            )
    me = Me("staff", at.people["hiring_manager"], "M", "", "en", frozenset({"hiring_manager"}))
    of = await pipeline.of(site, me, at.vacancy)
    listed = {*await of.every(wanted.Wanted(state="running")), *await of.every(wanted.Wanted(state="ended"))}
    facts = await of_applications(site, [r["id"] for r in await rows(site, "application")])
    assert listed == {unit for unit, fact in facts.items() if open_only_to(fact) is None}
    assert 5 < len(listed) < len(cases), "the cases tell something apart"


async def _consent(
    site: Site, candidate: UUID, application: UUID | None, given: bool, time: Time, dice: random.Random
) -> None:
    await site.records.run_sql(
        "INSERT INTO consent (id, candidate, application, given, at, channel, language, wording, wording_hash) "
        "VALUES (?, ?, ?, ?, ?, 'form', 'nb', 1, '')",
        *(uuid4(), candidate, application, given, time.now + timedelta(minutes=dice.randrange(-90, 90))),
    )


# --- many at once -----------------------------------------------------------------------------------------------------


async def _many(client: Client, at: House | UUID, units: list[UUID], act: str, **more: str) -> str:
    vacancy = at if isinstance(at, UUID) else at.vacancy
    data = {"application": [str(unit) for unit in units], "act": act, **more}
    return (await client.post(f"/vacancies/{vacancy}/many", data=data)).text


async def test_many_are_moved_tagged_and_assigned_at_once(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    await factories.sign_in(client, site, at.people["hiring_manager"])
    units = await crowd(site, time, at.vacancy, "received", "screening", "offer")
    said = await _many(client, at, units, "move:interview")
    assert "Done where the rules allow it" in said, "there is no move from an offer to an interview"
    assert [(await row(site, unit))["stage"] for unit in units] == ["interview", "interview", "offer"]
    tag = await tags.create(site, "Kan sveise", at.people["recruiter"], time.now)
    await _many(client, at, units, f"tag:{tag}")
    assert len(await rows(site, "application_tag")) == 3
    await _many(client, at, units[:1], f"untag:{tag}")
    assert len(await rows(site, "application_tag")) == 2
    await _many(client, at, units[:2], f"assign:{at.people['interviewer']}")
    await _many(client, at, units[:1], f"relieve:{at.people['interviewer']}")
    assert [r["application"] for r in await rows(site, "assignment", assigned_by=at.people["hiring_manager"])] == [
        units[1]
    ]
    await _many(client, at, units, "read")
    assert len(await rows(site, "seen", staff=at.people["hiring_manager"])) == 3


async def test_all_that_the_view_holds_are_more_than_the_page_shows(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, vacancy = await _recruiter(site, client, time)
    units = await crowd(site, time, vacancy, "received", "received", "received", "interview")
    monkeypatch.setattr(pipeline, "PAGE", 1)
    await _many(client, vacancy, [], "move:screening", all="1", step="received")
    assert [(await row(site, unit))["stage"] for unit in units] == ["screening"] * 3 + ["interview"]


async def test_many_touches_nothing_of_another_vacancy_or_that_is_not_assigned(
    site: Site, client: Client, time: Time
) -> None:
    at = await house(site, time.now)
    elsewhere = await factories.application(
        site, time.now, await factories.vacancy(site, time.now), email="x@example.org"
    )
    unassigned = await factories.application(site, time.now, at.vacancy, email="y@example.org")
    await factories.sign_in(client, site, at.people["interviewer"])
    await _many(client, at, [elsewhere, unassigned, at.application, uuid4()], "read")
    assert [r["application"] for r in await rows(site, "seen")] == [at.application]
    data = {"application": str(at.application), "act": "move:interview"}
    assert (await client.post(f"/vacancies/{at.vacancy}/many", data=data)).status_code == 403
    assert (await row(site, at.application))["stage"] == "received"


@pytest.mark.parametrize(
    "act", ["", "fly", "move:no-such-step", "tag:x", f"tag:{UUID(int=1)}", f"assign:{UUID(int=1)}"]
)
async def test_a_strange_act_changes_nothing(act: str, site: Site, client: Client, time: Time) -> None:
    _, vacancy = await _recruiter(site, client, time)
    units = await crowd(site, time, vacancy, "received")
    answer = await client.post(f"/vacancies/{vacancy}/many", data={"application": str(units[0]), "act": act})
    assert answer.status_code in (404, 422)
    assert (await row(site, units[0]))["stage"] == "received"
    nothing = await client.post(f"/vacancies/{vacancy}/many", data={"act": "read"})
    assert nothing.status_code == 422
    assert "Choose at least one application." in nothing.text


async def test_L13_L4_many_are_rejected_after_a_look_and_taken_back_in_the_window(
    site: Site, client: Client, time: Time
) -> None:
    me, vacancy = await _recruiter(site, client, time)
    units = await crowd(site, time, vacancy, "received", "interview", "received")
    form = {"application": [str(units[0]), str(units[1])], "asked": "1", "others": "rejected", "ask": "1"}
    form["words_nb"] = "Takk for praten."
    looked = (await client.post(f"/vacancies/{vacancy}/decide", data=form)).text
    assert "Takk for praten." in looked
    assert "Person 00 · Person 01" in looked
    assert await letters(site, "closed") == [], "nothing goes out before it is confirmed"
    mark = re.search(r'name="mark" value="(\w+)"', looked)
    assert mark
    await client.post(f"/vacancies/{vacancy}/decide", data={**form, "mark": mark[1]})
    assert [(await row(site, u))["outcome"] for u in units] == ["rejected", "rejected", None]
    assert {(await row(site, u))["decided_by"] for u in units[:2]} == {me.id}
    told = await letters(site, "closed")
    assert len(told) == 2
    assert all("Takk for praten." in letter.text for letter in told)
    await _many(client, vacancy, units[:1], "undo", state="ended")
    assert [(await row(site, u))["outcome"] for u in units] == [None, "rejected", None]
    time.forward(days=15)
    await factories.sign_in(client, site, me.id)
    await _many(client, vacancy, units[1:2], "undo", state="ended")
    assert (await row(site, units[1]))["outcome"] == "rejected", "the window is over"


# --- the way through the stages ---------------------------------------------------------------------------------------


async def test_two_interviews_are_two_columns_of_one_stage(site: Site, client: Client, time: Time) -> None:
    """The rules see the stage, people see the step."""
    _, vacancy = await _recruiter(site, client, time)
    from recruit.hiring import stages

    steps = stages.written(stages.READY["two_interviews"][1])
    await site.records.run_sql("UPDATE vacancy SET steps = ? WHERE id = ?", steps, vacancy)
    (unit,) = await crowd(site, time, vacancy, "received")
    for key in ("interview", "interview-2", "finalist"):
        answer = await client.post(f"/applications/{unit}/move", data={"stage": key})
        assert answer.status_code == 200
    assert "From First interview to Second interview" in answer.text
    found = await row(site, unit)
    assert (found["stage"], found["step"], found["furthest_stage"]) == ("finalist", "", "finalist")
    answer = await client.post(f"/applications/{unit}/move", data={"stage": "interview-2"})
    assert (await row(site, unit))["step"] == "interview-2"
    board = (await client.get(f"/vacancies/{vacancy}?view=board")).text
    assert shown(board.split('data-stage="interview-2"')[1].split("</section>")[0]) == [0]
    again = await client.post(f"/applications/{unit}/move", data={"stage": "interview-2"})
    assert again.status_code == 409
