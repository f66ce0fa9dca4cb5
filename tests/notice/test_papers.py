"""The papers of articles 33 and 35: made from live data, in both languages, from forms that lose nothing."""

import html
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit import alarms, jobs
from recruit.clock import day
from recruit.i18n import LANGUAGES, format_date, translator
from recruit.notice import assessment, breach_form, breaches, rules
from recruit.notice.breaches import Breach
from recruit.retention import purge
from recruit.site import Site
from recruit.tables import BreachWords
from tests import factories
from tests.conftest import NOW, Time
from tests.notice.test_record import text_of

Browser = AsyncTestClient[Litestar]

FILLED: dict[str, Any] = {
    "happened_on": "2026-03-01", "known_on": "2026-03-02", "known_time": "09:15", "kinds": ["confidentiality"],
    "stores": ["records", "keyring"], "persons": "61", "what": "A disk was lost.",
}  # fmt: skip


@pytest.fixture
async def desk(site: Site, client: Browser, time: Time) -> Browser:
    await factories.sign_in(client, site, await factories.staff(site, time.now, "dpo"))
    return client


async def note(site: Site, time: Time, *stores: rules.Store, what: str = "A disk was lost.") -> UUID:
    breach = Breach(time.now.date(), time.now, ("confidentiality",), stores, 61, None, None, BreachWords(what=what))
    return await breaches.write(
        site, breach, await factories.staff(site, time.now, "dpo", email="x@y.example"), time.now
    )


# --- breaches ---------------------------------------------------------------------------------------------------------


async def test_a_breach_is_noted_shown_changed_and_deleted(site: Site, desk: Browser, time: Time) -> None:
    assert "No breach is noted" in (await desk.get("/desk/papers")).text
    shown = await desk.post("/desk/breaches/new", data=FILLED)
    assert "A disk was lost." in shown.text
    assert "Nobody can read it" in shown.text
    assert "article 34(3)(a), telling the people concerned may be unnecessary" in shown.text
    (kept,) = await breaches.listed(site)
    changed = await desk.post(
        f"/desk/breaches/{kept.id}/edit", data=FILLED | {"stores": ["records", "keyring", "holder"]}
    )
    assert "Others can read it" in changed.text
    assert "Article 34(3)(a) does not apply" in changed.text
    await desk.post(f"/desk/breaches/{kept.id}/delete")
    assert await breaches.listed(site) == []
    assert (await desk.get(f"/desk/breaches/{kept.id}")).status_code == 404


async def test_the_words_of_a_note_are_sealed_and_its_key_goes_with_it(site: Site, time: Time) -> None:
    unit = await note(site, time, "records", what="Kanarifugl wrote a name")
    (row,) = await site.records.run_sql("SELECT * FROM breach_note")
    assert b"Kanarifugl" not in bytes(row["sealed"])
    await breaches.delete(site, unit, row["noted_by"], time.now)
    counts = await purge.run(site, time.forward(days=1))
    assert (counts.erased, counts.receipts) == (1, 1)
    assert unit not in await site.keyring.keys([unit])


async def test_a_note_knows_its_epoch_and_that_a_rotation_killed_the_key(site: Site, time: Time) -> None:
    unit = await note(site, time, "records", "keyring")
    assert not (await breaches.noted(site, unit)).judgement.dead
    other = await note(site, time, "records")
    await breaches.delete(site, other, UUID(int=1), time.now)
    await purge.run(site, time.forward(days=1))
    after = await breaches.noted(site, unit)
    assert (after.epoch_then, after.epoch_now) == (1, 2)
    assert after.judgement.dead
    today = time.now.date()
    assert await breaches.epoch_on(site, today) == 2
    assert await breaches.epoch_on(site, today - timedelta(days=1)) == 1
    await breaches.delete(site, await note(site, time, "records"), UUID(int=1), time.now)
    await purge.run(site, time.forward(days=2))
    assert [await breaches.epoch_on(site, today + timedelta(days=n)) for n in (-1, 0, 1, 2)] == [1, 2, 2, 3]


async def test_a_breach_that_nobody_told_datatilsynet_of_is_late_after_72_hours(
    site: Site, client: Browser, time: Time
) -> None:
    """Art. 33(1): it alarms until they are told, or the note says why they need not be."""

    async def alarmed() -> int:
        return (await alarms.levels(site, time.now))["breaches"]

    unit = await note(site, time, "mail")
    time.forward(hours=72)
    assert await alarmed() == 0
    time.forward(minutes=1)
    assert await alarmed() == 1
    await factories.sign_in(client, site, await factories.staff(site, time.now, "dpo"))
    assert "Datatilsynet was not told of 1 breach within 72 hours" in (await client.get("/desk")).text
    assert "After 72 hours" in (await client.get("/desk/papers")).text
    kept = (await breaches.noted(site, unit)).breach
    told = replace(kept, authority_on=time.now.date())
    harmless = replace(kept, words=BreachWords(what="A disk was lost.", unreported="No risk to anybody."))
    waiting = replace(kept, words=BreachWords(what="A disk was lost.", delay="We looked for it.", untold="No risk."))
    for changed, alarms_now in ((told, 0), (waiting, 1), (harmless, 0)):
        await breaches.change(site, unit, changed, UUID(int=1), time.now)
        assert await alarmed() == alarms_now, "why it is late is no answer to why they need not be told"
    assert "After 72 hours" not in (await client.get("/desk/papers")).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"what": ""}, "Fill this in."),
        ({"happened_on": "2026-03-03"}, "Name a day that has come"),
        ({"happened_on": "yesterday"}, "Name a day that has come"),
        ({"known_on": "2026-02-28"}, "before it happened"),
        ({"known_time": "25:00"}, "Write the time like"),
        ({"persons": "many"}, "Write a whole number"),
        ({"kinds": []}, "Choose what happened"),
        ({"authority_on": "2027-01-01"}, "Name a day that has come"),
        ({"measures": "x" * 4001}, "This is too long."),
    ],
)
def test_a_mistake_in_a_note_is_named_beside_its_field(wrong: dict[str, Any], said: str) -> None:
    typed = FILLED | wrong
    made, errors = breach_form.breach(typed, typed["kinds"], typed["stores"], NOW)
    assert made is None
    assert {name: text for name, text in errors.items() if said in text}.keys() & {*wrong, "known_on"}


async def test_a_note_with_a_mistake_comes_back_with_all_that_was_typed(desk: Browser) -> None:
    answer = await desk.post("/desk/breaches/new", data=FILLED | {"known_time": "25:00"})
    assert answer.status_code == 422
    for kept in ("Write the time like", "A disk was lost.", 'value="61"', 'value="25:00"'):
        assert kept in html.unescape(answer.text)


async def test_only_the_privacy_contact_reads_papers(site: Site, client: Browser, time: Time) -> None:
    unit = await note(site, time, "records")
    await factories.sign_in(client, site, await factories.staff(site, time.now, "recruiter", "admin"))
    for path in ("/desk/papers", "/desk/papers/assessment", f"/desk/breaches/{unit}", f"/desk/breaches/{unit}/pdf"):
        assert (await client.get(path)).status_code == 403


# --- on paper ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_note_and_assessment_are_papers_in_both_languages(
    site: Site, desk: Browser, time: Time, lang: str
) -> None:
    tr, vacancy = translator(lang), await factories.vacancy(site, time.now)  # type: ignore[arg-type]
    for number in range(3):
        await factories.application(site, time.now, vacancy, email=f"n{number}@example.org")
    unit = await note(site, time, "records", "documents")
    await jobs.run_job(site, "upkeep", time.now)
    told = text_of((await desk.get(f"/desk/breaches/{unit}/pdf?lang={lang}")).content)
    for said in ("A disk was lost.", tr(rules.ART_34["unreadable"]), tr(rules.STORES["documents"]), "AES-256-GCM"):
        assert said in told, said
    assert tr.plural("{n} key", "{n} keys", 3) in told  # the applications that are sealed
    paper = text_of((await desk.get(f"/desk/papers/assessment?lang={lang}")).content)
    for risk in assessment.RISKS:
        assert tr(risk.what) in paper, risk.what
    assert f"{tr('Applications')} 3" in paper
    on = format_date(day(time.now), lang)  # type: ignore[arg-type]
    assert tr("The keys were counted on {date}.", date=on) in told
    assert tr("Counted on {date}.", date=on) in paper
    assert tr("Earlier salary is not collected.") in paper


async def test_before_the_first_night_papers_say_that_nothing_is_counted_yet(
    site: Site, desk: Browser, time: Time
) -> None:
    unit = await note(site, time, "records")
    shown, paper = f"/desk/breaches/{unit}", "/desk/papers/assessment"
    assert "The keys are not counted yet: that is done each night." in (await desk.get(shown)).text
    assert "Destroyed since the beginning" not in (await desk.get(shown)).text
    assert "Not counted yet: that is done each night." in text_of((await desk.get(f"{paper}?lang=en")).content)
    await jobs.run_job(site, "upkeep", time.now)
    assert "The keys were counted on 2 Mar 2026." in (await desk.get(shown)).text
    assert "Destroyed since the beginning" in (await desk.get(shown)).text


def test_what_papers_say_is_translated() -> None:
    nb = translator("nb")
    tables = [
        *rules.STORES.values(), *rules.KINDS.values(), *rules.REASONS.values(), *rules.ART_34.values(),
        *assessment.NEED, *assessment.OPEN, *assessment.COUNTED.values(),
        *(said for risk in assessment.RISKS for said in (risk.what, risk.measures)),
    ]  # fmt: skip
    assert [said for said in tables if nb(said) == said] == []
