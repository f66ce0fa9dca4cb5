"""Claims about the talent pool: only a standing consent puts anybody there, and one press begins an application."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from recruit import clock
from recruit.accounts.guards import Me
from recruit.careers import invited, service
from recruit.hiring import closing, likeness, pool, tags
from recruit.i18n import translator
from recruit.retention import consent, facts, restrictions, rules
from recruit.retention.restrictions import Cause
from recruit.retention.rules import Policy, in_pool
from recruit.rights import asking, export
from recruit.site import Site
from recruit.tables import VacancyQuestion
from tests import factories
from tests.careers.conftest import pdf
from tests.conftest import Time
from tests.hiring.helping import Client, letters, rows
from tests.retention.cases import CLOSED_ON, ended, given, running, withdrawn

LINK = re.compile(r"http://testserver\.local(/invited/\S+)")


def test_L3_a_consent_that_stands_and_lasts_puts_an_ended_application_into_the_pool() -> None:
    policy, today = Policy(), date(2026, 6, 1)
    yes = (given(CLOSED_ON),)
    assert in_pool(ended(consents=yes), policy, today)
    assert not in_pool(ended(), policy, today)
    assert not in_pool(running(consents=yes), policy, today), "while it runs it is considered as it is"
    assert not in_pool(ended(consents=yes, outcome="hired"), policy, today)
    assert not in_pool(ended(consents=(*yes, withdrawn(date(2026, 5, 1)))), policy, today)
    assert not in_pool(ended(consents=yes, restriction="temporary"), policy, today)
    assert not in_pool(ended(consents=yes, erasure_granted_on=today), policy, today)
    last = date(2027, 3, 14)
    assert in_pool(ended(consents=yes), policy, last)
    assert not in_pool(ended(consents=yes), policy, last + timedelta(days=1))
    for months in (1, 12, 24):
        for n in range(800):
            day, asked = date(2026, 1, 1) + timedelta(days=n), Policy(consent_months=months)
            first = rules.pool_since(asked, day)
            assert rules.add_months(first, months) >= day > rules.add_months(first - rules.DAY, months)


async def _people(site: Site, time: Time, me: UUID, vacancy: UUID) -> dict[str, UUID]:
    """Ada, Bo and Cy in the pool; the others each for a reason of their own not."""
    people: dict[str, UUID] = {}
    files = (("cv.pdf", "application/pdf", pdf()), ("attest.pdf", "application/pdf", pdf("attest")))
    known: dict[str, dict[str, Any]] = {
        "Ada": {"consented": True, "documents": files, "stage": "interview", "letter": "Jeg bygger broer."},
        "Bo": {"consented": True, "language": "en"},
        "Cy": {"consented": True},
        "No": {},
        "Hired": {"consented": True, "outcome": "hired"},
        "Shut": {"consented": True},
        "Objects": {"consented": True},
        "Regrets": {"consented": True},
    }
    for name, more in known.items():
        email, at = f"{name.lower()}@example.org", time.forward(minutes=1)
        people[name] = await factories.application(
            site, at, vacancy, email, f"{name} Nord", closed=at + timedelta(seconds=1), decided_by=me, **more
        )
    people["Runs"] = await factories.application(site, time.now, vacancy, "r@example.org", "Runs Nord", consented=True)
    await restrictions.place(site, [people["Shut"]], Cause("claims", me, "Tvist"), time.now)
    who = {name: await factories.candidate_of(site, unit) for name, unit in people.items()}
    await asking.ask(site, who["Objects"], asking.Asked("erasure"), time.now)
    await consent.withdraw(site, who["Regrets"], "mail_link", "nb", time.forward(minutes=1))
    return people


async def test_L5_L6_L15_the_pool_is_searched_and_people_are_invited_once_by_the_mail_that_was_looked_at(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await factories.staff(site, time.now, "recruiter")
    old, new = await factories.vacancy(site, time.now), await factories.vacancy(site, time.now)
    people = await _people(site, time, me, old)
    await factories.sign_in(client, site, me)
    page = (await client.get("/pool")).text
    shown = [name for name in people if f"{name} Nord" in page]
    assert shown == ["Ada", "Bo", "Cy"], "neither no, nor hired, restricted, objecting, withdrawn or running"
    assert "Kept until 2 Mar 2027" in page
    assert {look["purpose"] for look in await rows(site, "look", unit=people["Ada"])} == {"pool"}
    tag = await tags.create(site, "bro", me, time.now)
    await tags.put(site, [people["Ada"]], tag, me, time.now)
    for query in ({"words": "broer"}, {"tag": str(tag)}, {"stage": "interview"}, {"words": "nord", "tag": str(tag)}):
        found = (await client.post("/pool", data=query)).text
        assert "Ada Nord" in found
        assert "Bo Nord" not in found, query
    assert "Nobody fits" in (await client.post("/pool", data={"vacancy": str(new)})).text
    known = await facts.of_applications(site, people.values())
    ruled = [name for name, unit in people.items() if in_pool(known[unit], Policy(), clock.day(time.now))]
    assert ruled == ["Ada", "Bo", "Cy", "Objects"], "the query is the rule, and leaves those alone who ask to be"
    with monkeypatch.context() as small:
        small.setattr(pool, "PAGE", 2)
        for words in ("", "nord"):
            form = {"application": str(people["Cy"]), "words": words}
            first = (await client.post(f"/vacancies/{new}/pool", data=form)).text
            second = (await client.post(f"/vacancies/{new}/pool", data={**form, "page": "2"})).text
            assert [f"{name} Nord" in first for name in ("Cy", "Bo", "Ada")] == [True, True, False]
            assert [f"{name} Nord" in second for name in ("Cy", "Bo", "Ada")] == [False, False, True]
            assert "1 more is chosen on other pages" in second, "what was ticked is kept"
    await _invites(site, client, new, people)
    await client.post(f"/vacancies/{new}/close", data={"others": "rejected"})
    await closing.close(site, new, me, time.now)
    assert "Nobody can be invited now" in (await client.get(f"/vacancies/{new}/pool")).text
    late = await client.post(f"/vacancies/{new}/pool", data={"application": str(people["Cy"]), "act": "send"})
    assert late.status_code == 409
    assert len(await letters(site, "invited")) == 2
    time.forward(days=366)
    assert "Nobody is in the pool now" in await _page_of(client, site, me), "the clock has run out, purged or not"


async def _page_of(client: Client, site: Site, me: UUID) -> str:
    await factories.sign_in(client, site, me)
    return (await client.get("/pool")).text


async def _invites(site: Site, client: Client, new: UUID, people: dict[str, UUID]) -> None:
    """Ada and Bo, with own words in Norwegian alone; whoever is not in the pool falls out."""
    everybody = [str(people[name]) for name in ("Ada", "Bo", "Shut", "Regrets")]
    form = {"application": everybody, "words_nb": "Vi husker deg godt."}
    none = await client.post(f"/vacancies/{new}/pool", data={"words_nb": "Hei", "act": "look"})
    assert none.status_code == 422
    assert "Hei</textarea>" in none.text.replace("\n", "")
    looked = (await client.post(f"/vacancies/{new}/pool", data={**form, "act": "look"})).text
    assert "Ada Nord · Bo Nord" in looked
    assert "Shut" not in looked
    assert "Vi husker deg godt." in looked
    assert "You said yes to being considered" in looked
    assert await letters(site, "invited") == []
    (mark,) = re.findall(r'name="mark" value="(\w+)"', looked)
    other = await client.post(f"/vacancies/{new}/pool", data={**form, "words_nb": "", "act": "send", "mark": mark})
    assert other.status_code == 409, "other words than were looked at"
    for status in (200, 409):
        sent = await client.post(f"/vacancies/{new}/pool", data={**form, "act": "send", "mark": mark})
        assert sent.status_code == status, "a second time there is nobody left to invite"
    mails = {letter.to: letter for letter in await letters(site, "invited")}
    assert set(mails) == {"ada@example.org", "bo@example.org"}
    assert "Vi husker deg godt." in mails["ada@example.org"].text
    assert mails["bo@example.org"].subject == "A position that may suit you: Software developer"
    assert {row["unit"] for row in await rows(site, "mail", template="invited")} == {people["Ada"], people["Bo"]}
    page = (await client.get(f"/vacancies/{new}/pool")).text
    assert page.count("Invited 2 Mar 2026") == 2
    assert page.count('name="application"') == 1, "only Cy is left to choose"
    assert "Vi husker deg godt." in (await client.get(f"/applications/{people['Ada']}")).text
    copy = await export.everything(
        site, await factories.candidate_of(site, people["Bo"]), clock.now(), translator("en")
    )
    assert [each["vacancy"] for each in copy["invitations"]] == ["Software developer"]


async def test_a_person_with_two_addresses_is_invited_once(site: Site, time: Time) -> None:
    old, new = await factories.vacancy(site, time.now), await factories.vacancy(site, time.now)
    recruiter, units = Me("staff", uuid4(), "", "", "nb", frozenset({"recruiter"})), list[UUID]()
    for email in ("ada@example.org", "bo@example.org", "ada.nord@example.org"):
        at = time.forward(minutes=1)
        kept: dict[str, Any] = {"closed": at, "decided_by": recruiter.id, "consented": True}
        units.append(await factories.application(site, at, old, email, "Ada Nord", **kept))
    one, _, other = [await factories.candidate_of(site, unit) for unit in units]
    async with site.records.transaction():
        await likeness.proved(site, one, other, time.now)
    to = await pool.chosen(site, recruiter, new, units, time.now)
    assert {each.person.email for each in to} == {"bo@example.org", "ada.nord@example.org"}, "where they were last"
    (row,) = await rows(site, "vacancy", id=new)
    assert await pool.invite(site, recruiter, row, units, {}, pool.mark(to, {}), time.now) == 2
    assert await pool.chosen(site, recruiter, new, units, time.now) == [], "invited by whichever address"
    (pair,) = await rows(site, "likeness")
    await likeness.part(site, one, pair["id"], time.now)
    assert [each.id for each in await pool.chosen(site, recruiter, new, units, time.now)] == units[:1]


async def _invited(site: Site, time: Time, name: str, **more: Any) -> tuple[UUID, UUID, UUID, str]:
    """Somebody in the pool with an invitation: candidate, kept application, vacancy, and the link's path."""
    me = uuid4()
    old, new = await factories.vacancy(site, time.now), await factories.vacancy(site, time.now)
    at = time.forward(minutes=1)
    unit = await factories.application(
        site, at, old, f"{name.lower()}@example.org", name, closed=at, decided_by=me, consented=True, **more
    )
    row = (await rows(site, "vacancy", id=new))[0]
    recruiter = Me("staff", me, "", "", "nb", frozenset({"recruiter"}))
    chosen = await pool.chosen(site, recruiter, new, [unit], time.now)
    assert await pool.invite(site, recruiter, row, [unit], {}, pool.mark(chosen, {}), time.now) == 1
    (letter,) = [each for each in await letters(site, "invited") if each.to == f"{name.lower()}@example.org"]
    found = LINK.search(letter.text)
    assert found
    return await factories.candidate_of(site, unit), unit, new, found[1]


async def test_L5_one_press_starts_an_application_from_the_kept_documents_and_asks_everything_anew(
    site: Site, client: Client, time: Time
) -> None:
    files = (("ny-cv.pdf", "application/pdf", pdf("cv")), ("attest.pdf", "application/pdf", pdf("attest")))
    who, kept, new, path = await _invited(site, time, "Ada", documents=files, letter="Til en annen stilling.")
    question = VacancyQuestion(
        id=uuid4(), vacancy=new, place=0, kind="short", required=True, text_nb="Hvorfor?", text_en="Why?"
    )
    await question.save().run()
    before = await rows(site, "draft")
    page = await client.get(path)
    assert page.status_code == 200
    assert "Ada" not in page.text, "looking shows nothing of the person, and does nothing"
    assert await rows(site, "draft") == before
    form = await client.post(path, data={"act": "start"})
    assert form.url.path == f"/positions/{new}/apply"
    for said in ("ada@example.org", "ny-cv.pdf", "attest.pdf", "Why?"):
        assert said in form.text
    assert "Til en annen stilling" not in form.text, "a letter was written for another position"
    assert not re.search(r'name="consent"[^>]* checked', form.text)
    again = await client.post(path, data={"act": "start"})
    assert len(await rows(site, "draft")) == 1, "every press leads to the same form"
    (secret,) = set(re.findall(r'name="form" value="([^"]+)"', form.text + again.text))
    fields = {"form": secret, "name": "Ada", "email": "ada@example.org", "phone": "", "letter": ""}
    asked = await client.post(f"/positions/{new}/apply", files=[(n, (None, v)) for n, v in fields.items()])
    assert asked.status_code == 422, "the vacancy's own question is still asked"
    fields[f"question-{question.id}"] = "Fordi"
    sent = await client.post(f"/positions/{new}/apply", files=[(n, (None, v)) for n, v in fields.items()])
    assert sent.url.path.endswith("/applied")
    applied = await rows(site, "application", vacancy=new)
    assert [row["candidate"] for row in applied] == [who]
    assert len(await rows(site, "document", unit=applied[0]["id"])) == 2
    assert len(await rows(site, "document", unit=kept)) == 2, "what was kept stays under its own key"
    assert len(await rows(site, "consent", candidate=who)) == 1, "no answer is no consent to the new one"
    assert "You have applied" in (await client.get(path)).text


async def test_L6_the_same_page_withdraws_with_one_press_and_says_so_and_so_do_closed_and_erased_ones(
    site: Site, client: Client, time: Time
) -> None:
    who, unit, new, path = await _invited(site, time, "Bo")
    await factories.sign_in(client, site, who, "candidate")
    assert "You are invited to apply" in (await client.get("/my")).text
    own = await client.post(f"/my/invitations/{new}")
    assert own.url.path == f"/positions/{new}/apply"
    assert (await client.post(f"/my/invitations/{uuid4()}")).status_code == 404
    client.cookies.clear()
    time.forward(minutes=1)
    gone = await client.post(path, data={"act": "withdraw"})
    assert gone.status_code == 410
    assert "Your consent has ended" in gone.text
    assert (await consent.standing(site, who)) is None
    (decided,) = [g for u, g in (await site.keyring.guards([unit])).items() if u == unit]
    assert decided.retain_until is not None
    assert decided.retain_until < clock.day(time.now), "due at once"
    begun = len(await rows(site, "draft"))
    assert (await client.post(path, data={"act": "start"})).status_code == 410
    assert len(await rows(site, "draft")) == begun
    await closing.close(site, new, uuid4(), time.now)
    over = await client.get(path)
    assert over.status_code == 410
    assert "no longer takes applications" in over.text
    assert (await client.get("/invited/nonsense")).status_code == 410


async def test_a_form_that_was_thrown_away_is_begun_anew(site: Site, time: Time) -> None:
    who, _, new, _ = await _invited(site, time, "Cy")
    here = await invited.own(site, who, new, "nb", time.now)
    first = await invited.start(site, here, "nb", time.now)
    await service.forget(site, new, first, time.now)
    again = await invited.start(site, here, "nb", time.now)
    assert await service.draft(site, new, again) is not None
