"""Claims about closing: one page says who is hired, who is told what, who is asked, what is purged when (L4, L13)."""

import re
from datetime import date, timedelta
from uuid import UUID

from recruit import jobs
from recruit.hiring import closing
from recruit.i18n import translator
from recruit.retention import restrictions
from recruit.retention.restrictions import Cause
from recruit.rights import export
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, close, letters, row, rows


async def _vacancy(site: Site, client: Client, time: Time) -> tuple[UUID, UUID, dict[str, UUID]]:
    me = await factories.staff(site, time.now, "recruiter")
    await factories.sign_in(client, site, me)
    number = await factories.vacancy(site, time.now)
    people = {}
    for name, stage, language in (("Ada", "offer", "nb"), ("Bo", "offer", "en"), ("Cy", "received", "nb")):
        people[name] = await factories.application(
            site,
            time.now,
            number,
            email=f"{name}@example.org",
            name=name,
            stage=stage,
            language=language,  # type: ignore[arg-type]
        )
    return me, number, people


async def test_L13_no_outcome_is_proposed_and_nothing_goes_out_before_the_confirmation(
    site: Site, client: Client, time: Time
) -> None:
    _, number, people = await _vacancy(site, client, time)
    page = (await client.get(f"/vacancies/{number}/close")).text
    assert not re.search(r'(?:type="radio"|name="hired")[^>]* checked', page)
    assert ">Ada</label>" in page
    assert ">Cy</label>" not in page, "only who has an offer can be hired"
    undecided = await client.post(f"/vacancies/{number}/close", data={"hired": str(people["Ada"])})
    assert undecided.status_code == 422
    looked = await client.post(
        f"/vacancies/{number}/close", data={"hired": str(people["Ada"]), "others": "rejected", "ask": "1"}
    )
    assert "Hired (1)" in looked.text
    assert "Rejected (2)" in looked.text
    assert "Bo · Cy" in looked.text
    assert "erased after 16 Mar 2026" in looked.text
    assert (await rows(site, "vacancy"))[0]["state"] == "published"
    assert await letters(site, "closed") == []


async def test_what_was_looked_at_is_what_goes_out_in_words_and_outcomes(
    site: Site, client: Client, time: Time
) -> None:
    me, number, people = await _vacancy(site, client, time)
    await close(client, number, hired=str(people["Ada"]), others="rejected", words_nb="Vi valgte en annen.")
    ended = {name: await row(site, unit) for name, unit in people.items()}
    assert {name: r["outcome"] for name, r in ended.items()} == {"Ada": "hired", "Bo": "rejected", "Cy": "rejected"}
    assert {r["decided_by"] for r in ended.values()} == {me}
    told = {letter.to.split("@")[0]: letter.text for letter in await letters(site, "closed")}
    assert "Vi valgte en annen." in told["Cy"]
    assert "We are not taking your application" in told["Bo"], "there are no words in English, so the usual ones stand"
    assert "fikk stillingen" in told["Ada"]
    assert "Vi valgte en annen." not in told["Ada"]
    assert "Vi har ett spørsmål" in told["Cy"]


async def test_without_asking_the_mail_says_when_it_is_erased_and_asks_nothing(
    site: Site, client: Client, time: Time
) -> None:
    _, number, _ = await _vacancy(site, client, time)
    await close(client, number, ask="")
    for letter in await letters(site, "closed"):
        assert "Vi har ett spørsmål" not in letter.text
        assert "We have one question" not in letter.text


async def test_somebody_who_applies_after_the_look_makes_it_be_looked_at_again(
    site: Site, client: Client, time: Time
) -> None:
    _, number, _ = await _vacancy(site, client, time)
    form = {"others": "rejected", "ask": "1"}
    looked = (await client.post(f"/vacancies/{number}/close", data=form)).text
    mark = re.search(r'name="mark" value="(\w+)"', looked)
    assert mark
    late = await factories.application(site, time.now, number, email="late@example.org", name="Dag")
    answer = await client.post(f"/vacancies/{number}/close", data={**form, "mark": mark[1]})
    assert answer.status_code == 409
    assert "Dag" in answer.text
    assert await letters(site, "closed") == []
    assert (await row(site, late))["outcome"] is None
    assert (await rows(site, "vacancy"))[0]["state"] == "published"


async def test_L4_reopening_takes_back_everything_that_this_close_ended_hired_included(
    site: Site, client: Client, time: Time
) -> None:
    me, number, people = await _vacancy(site, client, time)
    before = await factories.application(site, time.now, number, email="e@example.org", closed=time.now, decided_by=me)
    await close(client, number, hired=str(people["Ada"]), others="rejected")
    (act,) = await rows(site, "closing")
    assert {(await row(site, unit))["closing"] for unit in people.values()} == {act["id"]}
    await client.post(f"/vacancies/{number}/reopen")
    assert [(await row(site, unit))["outcome"] for unit in people.values()] == [None] * 3
    assert (await row(site, before))["outcome"] == "rejected", "what ended by itself is not taken back"
    assert (await rows(site, "closing"))[0]["undone_at"] is not None
    (vacancy,) = await rows(site, "vacancy")
    assert await closing.would_reopen(site, vacancy, time.now.date()) == ()


async def test_L2_one_rejection_has_its_own_words_too(site: Site, client: Client, time: Time) -> None:
    _, _, people = await _vacancy(site, client, time)
    typed = {"outcome": "rejected", "words_nb": "Takk for en fin prat.", "ask": "1"}
    await client.post(f"/applications/{people['Cy']}/outcome", data=typed)
    (letter,) = await letters(site, "closed")
    assert "Takk for en fin prat." in letter.text
    assert (
        await client.post(f"/applications/{people['Bo']}/outcome", data={**typed, "words_nb": "x" * 4001})
    ).status_code == 422
    assert (await row(site, people["Bo"]))["outcome"] is None


async def test_L4_whoever_is_told_at_a_chosen_time_has_the_whole_answer_window_from_then(
    site: Site, client: Client, time: Time
) -> None:
    me, number, people = await _vacancy(site, client, time)
    when, words = "2026-03-05T08:30", {"words_nb": "Vi valgte en annen.", "words_en": "We chose another."}
    for unfit in ("2026-03-02T09:00", "2026-03-20T09:00", "snart"):
        form = {"others": "rejected", "ask": "1", "leaves": unfit}
        refused = await client.post(f"/vacancies/{number}/close", data=form)
        assert refused.status_code == 422
        assert f'value="{unfit}"' in refused.text, "nothing that was typed is lost"
    looked = await close(client, number, hired=str(people["Ada"]), others="rejected", leaves=when, **words)
    assert "The e-mails leave 5 Mar 2026, 08:30" in looked
    assert "erased after 19 Mar 2026" in looked, "fourteen days from the day on which they are told"
    assert (await rows(site, "vacancy"))[0]["state"] == "closed"
    assert [letter.to for letter in await letters(site, "closed")] == ["Ada@example.org"], (
        "who is hired is told at once"
    )
    for name in ("Bo", "Cy"):
        running = await row(site, people[name])
        assert (running["outcome"], running["closed_on"]) == (None, None), "nothing has changed for them"
    page = (await client.get(f"/vacancies/{number}?state=running")).text
    assert page.count("Told 5 Mar 2026, 08:30") == 2
    assert "2 people are told 5 Mar 2026, 08:30" in page
    assert "Decided: Rejected" in (await client.get(f"/applications/{people['Bo']}")).text
    moved = await client.post(f"/applications/{people['Cy']}/move", data={"stage": "screening"})
    assert moved.status_code == 409
    copy = await export.everything(site, await factories.candidate_of(site, people["Cy"]), time.now, translator("nb"))
    assert copy["applications"][0]["waiting_outcome"]["words_nb"] == "Vi valgte en annen."
    await restrictions.place(site, [people["Cy"]], Cause("claims", me, "Tvist"), time.now)
    time.forward(days=2, hours=22)
    await jobs.send_mail(site, time.now)
    assert (await row(site, people["Bo"]))["outcome"] is None, "not a minute before"
    time.forward(minutes=31)
    for _ in range(2):
        await jobs.send_mail(site, time.now)
    told = await row(site, people["Bo"])
    assert (told["outcome"], told["closed_on"], told["decided_by"]) == ("rejected", date(2026, 3, 5), me)
    assert told["closing"] == (await rows(site, "closing"))[0]["id"], "it ended with its vacancy"
    (letter,) = [each for each in await letters(site, "closed") if each.to == "Bo@example.org"]
    assert "We chose another." in letter.text
    assert "We have one question" in letter.text
    guard = (await site.keyring.guards([people["Bo"]]))[people["Bo"]]
    assert guard.retain_until == date(2026, 3, 19)
    assert (await row(site, people["Cy"]))["outcome"] is None, "L15: restricted, so it waits"


async def _decided_anew_about_one(site: Site, client: Client, unit: UUID, when: str) -> None:
    """About one application it is decided on a page of its own: the last decision counts."""
    form = {"outcome": "position_filled", "words_nb": "Du var nær.", "leaves": "snart"}
    for unfit, why in (
        (form, "Write day and clock time"),
        ({**form, "outcome": "withdrawn", "leaves": when}, "Only who"),
    ):
        refused = await client.post(f"/applications/{unit}/outcome", data=unfit)
        assert (refused.status_code, why in refused.text, "Du var nær." in refused.text) == (422, True, True)
    told = await client.post(f"/applications/{unit}/outcome", data={**form, "leaves": when})
    assert "told at the chosen time" in told.text
    assert "Decided: Position filled or closed" in told.text
    assert [each["outcome"] for each in await rows(site, "waiting_outcome", application=unit)] == ["position_filled"]
    assert (await row(site, unit))["outcome"] is None


async def test_L4_until_its_time_it_can_be_stopped_for_one_for_all_or_by_opening_again(
    site: Site, client: Client, time: Time
) -> None:
    _, number, people = await _vacancy(site, client, time)
    when = (time.now + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    form = {"application": [str(people["Bo"]), str(people["Cy"])], "asked": "1", "others": "rejected", "leaves": when}
    looked = (await client.post(f"/vacancies/{number}/decide", data=form)).text
    (mark,) = re.findall(r'name="mark" value="(\w+)"', looked)
    assert await rows(site, "waiting_outcome") == [], "nothing waits before it is confirmed"
    await client.post(f"/vacancies/{number}/decide", data={**form, "mark": mark})
    assert len(await rows(site, "waiting_outcome")) == 2
    await _decided_anew_about_one(site, client, people["Bo"], when)
    stopped = await client.post(f"/applications/{people['Bo']}/waiting/stop")
    assert "Stopped." in stopped.text
    assert [each["application"] for each in await rows(site, "waiting_outcome")] == [people["Cy"]]
    await client.post(f"/vacancies/{number}/waiting/stop")
    assert await rows(site, "waiting_outcome") == []
    await close(client, number, others="rejected", leaves=when)
    assert len(await rows(site, "waiting_outcome")) == 3
    assert "3 people who were to be told later are not told" in (await client.get(f"/vacancies/{number}/reopen")).text
    await client.post(f"/vacancies/{number}/reopen")
    time.forward(days=3)
    await jobs.send_mail(site, time.now)
    assert await letters(site, "closed") == []
    assert {(await row(site, unit))["outcome"] for unit in people.values()} == {None}
