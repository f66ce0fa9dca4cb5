"""L15 on every route: a restricted application shows up nowhere for staff but the DPO, and cannot be changed.

The routes are taken from the app itself, so one that somebody adds later is walked as well.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from recruit.accounts.guards import ADMIN, DPO, INTERVIEWER, MANAGER, RECRUITER, Me
from recruit.app import create_app
from recruit.hiring import access, closing, interviews, notes, pipeline_pages, referees, scorecards
from recruit.hiring import service as hiring
from recruit.hiring.interviews import Plan
from recruit.retention import holds, restrictions
from recruit.retention.restrictions import Cause
from recruit.rights import asking
from recruit.settings import Settings
from recruit.site import Site
from recruit.tables import Grade, Person, RequestWords, Scores, Screened
from tests import factories
from tests.browsing import Client
from tests.conftest import Time
from tests.contracts.test_routes import handlers

WORDS = (
    "Kanariveien", "kanari@example.org", "908 07 060", "Kanarinotat", "Kanarireferanse", "Kanarigrunn",
    "Kanarirommet", "Kanariskjema", "Kanarikrav",
)  # fmt: skip
_PLACE = re.compile(r"\{(\w+):(\w+)\}")
_TEXTS = ("1.png", "cv", "x")


@dataclass
class Someone:
    """A restricted candidate about whom something stands everywhere, and a neighbour in the same vacancy."""

    application: UUID
    neighbour: UUID
    candidate: UUID
    restriction: UUID
    ids: dict[str, UUID]


async def restricted(site: Site, time: Time, me: Me) -> Someone:
    now = time.now
    vacancy = await factories.vacancy(site, now, team=(me.id,))
    unit = await factories.application(
        site, now, vacancy, name="Kari Kanariveien", email="kanari@example.org", phone="908 07 060",
        letter="Kanariveien", stage="finalist", documents=(("Kanariveien.pdf", "application/pdf", b"%PDF-1.4 x"),),
    )  # fmt: skip
    neighbour = await factories.application(site, now, vacancy, name="Nora Nabo", email="nora@example.org")
    opened = await access.opened(site, me, unit, "review", now)
    note = await notes.write(site, opened, "Kanarinotat", now)
    person = Person(name="Kanarireferanse", email="ref@example.org")
    referee = await referees.add(site, opened, person, "Kari Kanariveien", now)
    screening = await notes.record_screening(site, opened, "expectations", Screened(text="Kanarinotat"), now)
    hold = await holds.place(site, unit, me.id, "Kanarigrunn", "17(3)(e)", now.date().replace(year=2027), now)
    plan = Plan((now + timedelta(days=3),), 45, "Kanarirommet", "Kanarirommet", (me.id,), None)
    interview = await interviews.arrange(site, opened, plan, now)
    grades = [Grade(competence="Fag", grade=4, text="Kanariskjema")]
    await scorecards.write(site, opened, Scores(grades=grades, text="Kanariskjema"), now)
    documents = await site.records.run_sql("SELECT id FROM document WHERE unit = ?", unit)
    candidate = await factories.candidate_of(site, unit)
    said = RequestWords(text="Kanarikrav", old="Kanarikrav", new="Kanarikrav")
    request = await asking.ask(site, candidate, asking.Asked("access", words=said), now)
    (restriction,) = await restrictions.place(site, [unit], Cause("claims", uuid4(), "Kanarigrunn"), now)
    found = {
        "application": unit, "vacancy": vacancy, "document": documents[0]["id"], "note": note, "referee": referee,
        "screening": screening, "hold": hold, "restriction": restriction, "candidate": candidate,
        "interview": interview, "request": request,
    }  # fmt: skip
    return Someone(unit, neighbour, candidate, restriction, found)


@pytest.fixture
async def me(site: Site, time: Time) -> Me:
    """Every role but the DPO's, in one account."""
    roles = (RECRUITER, MANAGER, INTERVIEWER, ADMIN)
    account = await factories.staff(site, time.now, *roles)
    return Me("staff", account, "Kari Nord", "", "nb", frozenset(roles))


def addresses(settings: Settings, method: str, ids: dict[str, UUID]) -> list[str]:
    """Every address of the app for a method, with each of the ids in every place that takes one; where there are
    several, with the one that the place is named after.
    """
    found = []
    for path, handler in handlers(create_app(settings)):
        if method not in getattr(handler, "http_methods", ()) or path.startswith(("/sign-out", "/static")):
            continue
        places = _PLACE.findall(path)
        several = sum(kind == "uuid" for _, kind in places) > 1
        fitting = {name: [unit] for name, unit in ids.items()} if several else {}
        every = list(ids.values())
        for values in product(*(fitting.get(name, every) if kind == "uuid" else _TEXTS for name, kind in places)):
            whole = path
            for (name, kind), value in zip(places, values, strict=True):
                whole = whole.replace(f"{{{name}:{kind}}}", str(value))
            found.append(whole)
    return found


async def test_L15_no_page_of_staff_shows_a_restricted_application(
    site: Site, client: Client, settings: Settings, time: Time, me: Me
) -> None:
    who = await restricted(site, time, me)
    await factories.sign_in(client, site, me.id)
    pages, shown = addresses(settings, "GET", who.ids), 0
    assert len(pages) > 100
    for page in pages:
        answer = await client.get(page)
        shown += "Nora Nabo" in answer.text
        assert not [word for word in WORDS if word in answer.text], page
        if str(who.application) not in page:
            assert str(who.application) not in answer.text, page
        assert answer.status_code < 500 or page == "/health/ready", page  # there is no worker here
    assert shown, "the neighbour is in a list, so lists were walked"


async def test_L15_nobody_of_staff_can_change_a_restricted_application(
    site: Site, client: Client, settings: Settings, time: Time, me: Me
) -> None:
    who = await restricted(site, time, me)
    await factories.sign_in(client, site, me.id)
    before = await state(site, who)
    form = {
        "stage": "offer",
        "outcome": "rejected",
        "note": "x",
        "reason": "x",
        "basis": "x",
        "review_on": "2026-12-01",
    }
    about = [str(unit) for name, unit in who.ids.items() if name != "vacancy"]
    walked = 0
    for page in addresses(settings, "POST", who.ids):
        if any(unit in page for unit in about) and not page.startswith(("/positions", "/vacancies")):
            answer = await client.post(page, data=form)
            assert answer.status_code in (401, 403, 404, 410), f"{page}: {answer.status_code}"
            walked += 1
    assert walked > 50
    assert await state(site, who) == before


async def test_L15_nothing_done_to_many_reaches_a_restricted_application(
    site: Site, client: Client, time: Time, me: Me
) -> None:
    """Named among the chosen or swept up with all, by every act there is; the neighbour shows that it was done."""
    who = await restricted(site, time, me)
    await factories.sign_in(client, site, me.id)
    before = await state(site, who)
    for act, chosen in product(pipeline_pages._ACTS, ({"all": "1"}, {"application": str(who.application)})):
        form = {"act": act, "stage": "screening", "move": "screening", "staff": str(me.id), "assign": str(me.id)}
        answer = await client.post(f"/vacancies/{who.ids['vacancy']}/many", data=form | chosen)
        assert answer.status_code < 500, (act, chosen)
        assert not [word for word in WORDS if word in answer.text], (act, chosen)
    assert await state(site, who) == before
    rows = await site.records.run_sql("SELECT stage FROM application WHERE id = ?", who.neighbour)
    assert rows == [{"stage": "screening"}]


async def state(site: Site, who: Someone) -> list[object]:
    rows = await site.records.run_sql("SELECT * FROM application WHERE id = ?", who.application)
    for table in ("interview_note", "referee", "screening", "legal_hold", "restriction", "move", "disclosure",
                  "interview", "scorecard"):  # fmt: skip
        column = "unit" if table == "disclosure" else "application"
        rows += await site.records.run_sql(f"SELECT count(*) AS n FROM {table} WHERE {column} = ?", who.application)
    return rows


async def test_L15_closing_a_vacancy_leaves_the_restricted_as_they_are(site: Site, time: Time, me: Me) -> None:
    who = await restricted(site, time, me)
    assert await closing.close(site, who.ids["vacancy"], me.id, time.now) == 1
    rows = await site.records.run_sql("SELECT id FROM application WHERE outcome IS NULL")
    assert [row["id"] for row in rows] == [who.application]


async def test_L15_the_dpo_sees_it_and_the_candidate_keeps_seeing_their_own(
    site: Site, client: Client, time: Time, me: Me
) -> None:
    who = await restricted(site, time, me)
    dpo = await factories.staff(site, time.now, DPO, email="liv@fjordlys.example")
    await factories.sign_in(client, site, dpo)
    assert "Kari Kanariveien" in (await client.get(f"/applications/{who.application}")).text
    listed = await client.get("/desk/restrictions")
    assert str(who.application) in listed.text
    assert "Kanari" not in listed.text, "the list names nobody"
    assert "Kanarigrunn" in (await client.get(f"/desk/restrictions/{who.restriction}")).text
    looks = await site.records.run_sql("SELECT purpose FROM look WHERE staff = ?", dpo)
    assert {row["purpose"] for row in looks} >= {"case", "restriction"}
    client.cookies.clear()
    await factories.sign_in(client, site, who.candidate, "candidate")
    mine = await client.get("/my")
    assert "Kari Kanariveien" in mine.text
    assert "Restricted: hidden, and not erased" in mine.text
    copy = await client.post("/my/copy")
    assert copy.status_code == 200


async def test_L15_counts_leave_the_restricted_out(site: Site, time: Time, me: Me) -> None:
    from recruit.hiring import vacancies

    await restricted(site, time, me)
    (line,) = (await vacancies.listed(site, me, 1, time.now.date())).rows
    assert line.running == 1


async def test_L15_the_desk_places_reviews_and_lifts(site: Site, client: Client, time: Time) -> None:
    unit = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    dpo = await factories.staff(site, time.now, DPO)
    await factories.sign_in(client, site, dpo)
    assert "/desk/restrictions/new?application=" in (await client.get(f"/applications/{unit}")).text
    form = await client.get("/desk/restrictions/new", params={"application": str(unit)})
    assert form.status_code == 200
    bare = await client.post("/desk/restrictions/new", data={"application": str(unit), "reason": "Fordi."})
    assert bare.status_code == 422
    assert "Choose why the data are restricted." in bare.text
    assert "Fordi." in bare.text
    given = {"application": str(unit), "ground": "claims", "lasts": "permanent", "reason": "Et krav."}
    placed = await client.post("/desk/restrictions/new", data=given)
    assert "The application is restricted." in placed.text
    page = str(placed.url.path)
    wrong = await client.post(f"{page}/review", data={"review_on": "2020-01-01"})
    assert wrong.status_code == 422
    assert "looked at again" in (await client.post(f"{page}/review", data={"review_on": "2026-12-01"})).text
    lifting = await client.post(f"{page}/lift", data={"words": "Avklart."})
    assert "The person is being told" in lifting.text
    assert "Avklart." in lifting.text
    for strange in (f"/desk/restrictions/{uuid4()}", "/desk/restrictions/new?application=x"):
        assert (await client.get(strange)).status_code == 404


async def test_L15_restricted_people_are_left_out_of_the_stale(site: Site, time: Time, me: Me) -> None:
    from recruit.retention import overview, reminding

    who = await restricted(site, time, me)
    time.forward(days=200)
    assert await overview.stale(site, time.now.date()) == 1
    assert (await reminding.remind(site, time.now))["stale"] == 1
    await hiring.touch(site, who.neighbour, time.now)
    assert await overview.stale(site, time.now.date()) == 0
