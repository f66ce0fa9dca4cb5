"""Claims about vacancies: written, published (fail closed), staffed, closed with a count, reopened in the window."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from recruit import paging
from recruit.accounts.guards import Me
from recruit.clock import day
from recruit.hiring import closing, rules, vacancies
from recruit.retention import consent
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, close, house, letters, row, rows

FORM = {
    "title_nb": "Systemutvikler",
    "title_en": "Software developer",
    "place": "Brumunddal",
    "extent": "100 %",
    "deadline": "2026-04-01",
    "posting_nb": "Vi søker en utvikler.",
    "posting_en": "We look for a developer.",
}


async def _recruiter(site: Site, client: Client, time: Time) -> UUID:
    me = await factories.staff(site, time.now, "recruiter")
    await factories.sign_in(client, site, me)
    return me


async def test_an_empty_list_says_what_comes_here_and_how_to_start(site: Site, client: Client, time: Time) -> None:
    await _recruiter(site, client, time)
    page = (await client.get("/vacancies")).text
    assert "No vacancies yet" in page
    assert 'href="/vacancies/new"' in page


async def test_a_vacancy_is_a_draft_until_it_is_published(site: Site, client: Client, time: Time) -> None:
    me = await _recruiter(site, client, time)
    answer = await client.post("/vacancies/new", data=FORM)
    assert answer.status_code == 200
    (draft,) = await rows(site, "vacancy")
    assert (draft["state"], draft["created_by"], str(draft["deadline"])) == ("draft", me, "2026-04-01")
    await client.post(f"/vacancies/{draft['id']}/publish")
    (published,) = await rows(site, "vacancy")
    assert (published["state"], published["published_at"]) == ("published", time.now)


@pytest.mark.parametrize(
    ("field", "value"), [("title_nb", ""), ("place", ""), ("deadline", "tomorrow"), ("title_en", "x" * 201)]
)
async def test_a_mistake_in_the_form_is_said_beside_the_field_and_nothing_is_lost(
    field: str, value: str, site: Site, client: Client, time: Time
) -> None:
    await _recruiter(site, client, time)
    answer = await client.post("/vacancies/new", data={**FORM, field: value})
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert "Vi søker en utvikler." in answer.text
    assert await rows(site, "vacancy") == []


@pytest.mark.parametrize("missing", ["policy", "contact", "text", "deadline"])
async def test_publishing_is_refused_until_everything_that_candidates_must_be_told_stands(
    missing: str, site: Site, client: Client, time: Time
) -> None:
    await _recruiter(site, client, time)
    draft = await factories.vacancy(site, time.now, state="draft")
    spoil = {
        "policy": "DELETE FROM policy_version",
        "contact": "UPDATE employer SET dpo_email = ''",
        "text": "UPDATE vacancy SET posting_nb = '', posting_en = ''",
        "deadline": "UPDATE vacancy SET deadline = '2026-03-01'",
    }
    await site.records.run_sql(spoil[missing])
    page = await client.get(f"/vacancies/{draft}")
    assert "can&#39;t be published yet" in page.text or "can't be published yet" in page.text
    answer = await client.post(f"/vacancies/{draft}/publish")
    assert answer.status_code == 409
    assert (await rows(site, "vacancy"))[0]["state"] == "draft"


async def test_without_an_employer_nothing_is_published(site: Site, time: Time) -> None:
    number = await factories.vacancy(site, time.now, state="draft")
    draft = (await rows(site, "vacancy", id=number))[0]
    await site.records.run_sql("DELETE FROM employer")
    with pytest.raises(rules.NotReadyToPublish):
        await vacancies.publish(site, draft, uuid4(), time.now)
    assert (await rows(site, "vacancy"))[0]["state"] == "draft"


async def test_a_published_vacancy_can_not_lose_its_text(site: Site, client: Client, time: Time) -> None:
    await _recruiter(site, client, time)
    number = await factories.vacancy(site, time.now)
    answer = await client.post(f"/vacancies/{number}/edit", data={**FORM, "posting_nb": "", "posting_en": ""})
    assert answer.status_code == 422
    assert (await client.post(f"/vacancies/{number}/edit", data={**FORM, "extent": "80 %"})).status_code == 200
    assert (await rows(site, "vacancy"))[0]["extent"] == "80 %"


async def test_the_list_counts_what_is_new_and_running_and_ended(site: Site, client: Client, time: Time) -> None:
    await _recruiter(site, client, time)
    number = await factories.vacancy(site, time.now)
    for place, stage in enumerate(("received", "received", "interview")):
        await factories.application(site, time.now, number, email=f"{place}@example.org", stage=stage)
    await factories.application(site, time.now, number, email="x@example.org", closed=time.now)
    (line,) = (await vacancies.listed(site, await _me(site, "recruiter"), 1, day(time.now))).rows
    assert (line.new, line.running, line.ended, line.stale) == (2, 3, 1, 0)
    time.forward(days=185)
    (line,) = (await vacancies.listed(site, await _me(site, "recruiter"), 1, day(time.now))).rows
    assert line.stale == 3


async def test_the_list_is_shown_by_the_page(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cost must not grow with all the vacancies that there ever were."""
    await _recruiter(site, client, time)
    monkeypatch.setattr(paging, "PAGE", 2)
    numbers = [await factories.vacancy(site, time.forward(hours=1)) for _ in range(3)]
    first, last = (await client.get("/vacancies")).text, (await client.get("/vacancies?page=2")).text
    assert [number for number in numbers if str(number) in first] == numbers[1:]
    assert [number for number in numbers if str(number) in last] == numbers[:1]
    assert "page=2" in first
    assert "Page 2" in last and "page=3" not in last


async def _me(site: Site, role: str) -> Me:
    return Me("staff", uuid4(), "Noen", "s", "nb", frozenset({role}))


# --- the team ---------------------------------------------------------------------------------------------------------


async def test_joining_the_team_opens_the_vacancy_and_leaving_closes_it(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    newcomer, recruiter = at.people["foreign_manager"], at.people["recruiter"]
    page = f"/applications/{at.application}"
    for act, status in (("", 200), (f"/{newcomer}/remove", 404)):
        await factories.sign_in(client, site, recruiter)
        await client.post(f"/vacancies/{at.vacancy}/team{act}", data={"staff": str(newcomer)})
        await factories.sign_in(client, site, newcomer)
        assert (await client.get(page)).status_code == status
        assert (await client.get(f"/vacancies/{at.vacancy}")).status_code == status


async def test_only_managers_and_interviewers_can_join(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    for odd in (str(at.people["admin"]), str(at.people["dpo"]), str(at.people["interviewer"]), "", "x", str(uuid4())):
        answer = await client.post(f"/vacancies/{at.vacancy}/team", data={"staff": odd})
        assert answer.status_code == 422, odd
    assert len(await rows(site, "team_member")) == 2


# --- closing ----------------------------------------------------------------------------------------------------------


async def _crowd(site: Site, time: Time, number: UUID, recruiter: UUID) -> dict[str, UUID]:
    """Two who consented, three who did not (one of them with an offer and a hold), one who has an outcome already."""
    from recruit.retention import holds

    crowd = {}
    for name, consented, stage in (
        ("yes1", True, "received"),
        ("yes2", True, "interview"),
        ("no1", False, "received"),
        ("no2", False, "screening"),
        ("offer", False, "offer"),
    ):
        crowd[name] = await factories.application(
            site, time.now, number, email=f"{name}@example.org", consented=consented, stage=stage
        )
    await holds.place(site, crowd["offer"], recruiter, "Krav", "Lov", day(time.now) + timedelta(days=90), time.now)
    crowd["done"] = await factories.application(
        site, time.now, number, email="done@example.org", closed=time.now, decided_by=recruiter
    )
    return crowd


async def test_closing_says_first_how_many_people_it_concerns_and_what_happens_to_each(
    site: Site, client: Client, time: Time
) -> None:
    me = await _recruiter(site, client, time)
    number = await factories.vacancy(site, time.now)
    crowd = await _crowd(site, time, number, me)
    page = (await client.get(f"/vacancies/{number}/close")).text
    for said in (
        "It concerns 5 people.",
        "2 have consented to more and are kept until 2 Mar 2027.",
        "3 have not consented to more: erased after 16 Mar 2026",
        "1 of them is under a legal hold",
        "1 application has its outcome already and stays as it is.",
        "You can undo it within 14 days.",
    ):
        assert said in page
    assert (await row(site, crowd["no1"]))["outcome"] is None, "looking changes nothing"


async def test_what_the_page_said_is_what_closing_does(site: Site, client: Client, time: Time) -> None:
    me = await _recruiter(site, client, time)
    number = await factories.vacancy(site, time.now)
    crowd = await _crowd(site, time, number, me)
    before = await row(site, crowd.pop("done"))
    told_before = len(await letters(site, "closed"))
    await close(client, number)
    (closed,) = await rows(site, "vacancy")
    assert (closed["state"], closed["closed_on"]) == ("closed", day(time.now))
    for name, unit in crowd.items():
        ended = await row(site, unit)
        assert (ended["outcome"], ended["decided_by"], ended["closed_on"]) == ("position_filled", me, day(time.now))
        guard = await site.keyring.guard(unit)
        assert guard is not None
        until = "2027-03-02" if name.startswith("yes") else "2026-03-16"
        assert str(guard.retain_until) == until
    assert await row(site, before["id"]) == before, "who had an outcome is left alone"
    told = await letters(site, "closed")
    assert len(told) == told_before + 5
    assert all(letter.text.count("/consent/") >= 1 for letter in told)


async def test_closing_twice_tells_nobody_twice(site: Site, client: Client, time: Time) -> None:
    me = await _recruiter(site, client, time)
    number = await factories.vacancy(site, time.now)
    await _crowd(site, time, number, me)
    await close(client, number)
    told = len(await letters(site, "closed"))
    await close(client, number)
    assert len(await letters(site, "closed")) == told
    assert "It concerns nobody." in (await client.get(f"/vacancies/{number}/close")).text


async def test_a_close_that_was_cut_off_is_finished_by_repeating_it(site: Site, client: Client, time: Time) -> None:
    me = await _recruiter(site, client, time)
    number = await factories.vacancy(site, time.now, state="closed")
    left = await factories.application(site, time.now, number)
    assert await closing.close(site, number, me, time.now) == 1
    assert (await row(site, left))["outcome"] == "position_filled"


async def test_closing_a_vacancy_leaves_its_neighbour_alone(site: Site, client: Client, time: Time) -> None:
    await _recruiter(site, client, time)
    number, neighbour = await factories.vacancy(site, time.now), await factories.vacancy(site, time.now)
    await factories.application(site, time.now, number)
    there = await factories.application(site, time.now, neighbour, email="b@example.org")
    await close(client, number)
    assert (await row(site, there))["outcome"] is None


@pytest.mark.parametrize(("days", "back"), [(0, 5), (14, 5), (15, 0)])
async def test_reopening_takes_up_what_ended_with_the_vacancy_inside_the_window(
    days: int, back: int, site: Site, client: Client, time: Time
) -> None:
    me = await _recruiter(site, client, time)
    number = await factories.vacancy(site, time.now)
    crowd = await _crowd(site, time, number, me)
    await close(client, number)
    time.forward(days=days)
    await factories.sign_in(client, site, me)
    page = (await client.get(f"/vacancies/{number}/reopen")).text
    assert ("5 applications that ended with the vacancy go on" in page) is bool(back)
    await client.post(f"/vacancies/{number}/reopen")
    (opened,) = await rows(site, "vacancy")
    assert (opened["state"], opened["closed_on"]) == ("published", None)
    running = [unit for unit in crowd.values() if (await row(site, unit))["outcome"] is None]
    assert len(running) == back
    assert (await row(site, crowd["done"]))["outcome"] == "rejected", "a rejection is not taken back by this"
    assert len(await letters(site, "reopened")) == back
    for unit in running:
        guard = await site.keyring.guard(unit)
        assert guard is not None
        assert guard.retain_until is None


async def test_a_yes_in_the_closing_mail_keeps_the_application(site: Site, client: Client, time: Time) -> None:
    me = await _recruiter(site, client, time)
    number = await factories.vacancy(site, time.now)
    unit = await factories.application(site, time.now, number)
    await close(client, number)
    time.forward(days=3)
    await consent.give(site, await factories.candidate_of(site, unit), "mail_link", "nb", time.now)
    await factories.sign_in(client, site, me)
    assert "Kept until 5 Mar 2027" in (await client.get(f"/applications/{unit}")).text


async def test_the_pages_speak_norwegian(site: Site, client: Client, time: Time) -> None:
    me = await _recruiter(site, client, time)
    number = await factories.vacancy(site, time.now)
    await _crowd(site, time, number, me)
    page = (await client.get(f"/vacancies/{number}/close?lang=nb")).text
    for said in ("Det gjelder 5 personer.", "2 har samtykket", "slettes etter 16. mars 2026", "slettesperre"):
        assert said in page
