"""Following one's application: progress in words, documents while it runs, who has looked, receipts of what went."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from recruit import audit
from recruit.documents.kinds import MAX_FILES
from recruit.hiring.stages import READY, STANDARD
from recruit.i18n import translator
from recruit.mydata import rules
from recruit.mydata.rules import Move
from recruit.retention import holds, purge, service
from recruit.retention.rules import OUTCOMES, STAGES
from recruit.site import Site
from tests import factories
from tests.careers.conftest import cv, more, pdf, png
from tests.conftest import NOW, Time
from tests.mydata.test_my_data import World, world
from tests.rights.people import Browser, count

__all__ = ["world"]  # the people of the neighbouring tests live here too


@pytest.fixture
async def mine(site: Site, time: Time, client: Browser) -> UUID:
    """An application of Ola's, who is signed in, with a CV."""
    unit = await factories.application(
        site,
        time.now,
        await factories.vacancy(site, time.now),
        letter="",
        documents=(("cv.pdf", "application/pdf", pdf("old")),),
    )
    await factories.sign_in(client, site, await factories.candidate_of(site, unit), "candidate")
    return unit


async def send(client: Browser, unit: UUID, *files: Any, **fields: str) -> Any:
    parts = [(name, (None, value)) for name, value in fields.items()]
    return await client.post(f"/my/applications/{unit}/documents", files=[*parts, *files] or [("none", (None, ""))])


async def names(site: Site, unit: UUID) -> list[str]:
    rows = await site.records.run_sql("SELECT id, kind FROM document WHERE unit = ? ORDER BY kind DESC", unit)
    return [row["kind"] for row in rows]


# --- progress ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_every_step_and_outcome_says_what_comes_next(lang: Any) -> None:
    tr, said = translator(lang), set()
    for stage in STAGES:
        shown = rules.progress({"stage": stage, "step": "", "outcome": None}, STANDARD, NOW, (), tr)
        assert shown.current == STAGES.index(stage) + 1
        said.add(shown.next)
    for outcome in OUTCOMES:
        ended = {"stage": "interview", "step": "", "outcome": outcome}
        shown = rules.progress(ended, STANDARD, NOW, (Move(NOW, "interview", outcome),), tr)
        assert shown.current == len(shown.steps)
        said.add(shown.next)
    assert len(said) == len(STAGES) + len(OUTCOMES)


def test_what_has_happened_is_told_newest_first() -> None:
    moves = (Move(NOW, "received", "interview"), Move(NOW, "interview", "rejected"), Move(NOW, "rejected", "interview"))
    row = {"stage": "interview", "step": "", "outcome": None}
    story = [text for _, text in rules.progress(row, STANDARD, NOW, moves, translator("en")).story]
    assert story == [
        "The process was opened again, at: Interview",
        "The process ended: we did not go further with your application",
        "The application is at: Interview",
        "You sent the application",
    ]


def test_a_vacancys_own_steps_are_called_by_their_own_names() -> None:
    _, way = READY["two_interviews"]
    moves, tr = (Move(NOW, "screening", "interview", "interview-2"),), translator("nb")
    shown = rules.progress({"stage": "interview", "step": "interview-2", "outcome": None}, way, NOW, moves, tr)
    assert shown.steps[shown.current - 1] == "Andregangsintervju"
    assert shown.story[0][1] == "Søknaden er på steget: Andregangsintervju"
    strange = rules.progress({"stage": "finalist", "step": "", "outcome": None}, way[:2], NOW, (), tr)
    assert strange.steps[strange.current - 1] == "Finalist"


async def test_the_page_of_an_application_shows_progress_clock_and_reasoning(client: Browser, mine: UUID) -> None:
    page = (await client.get(f"/my/applications/{mine}")).text
    for text in (
        "Received",
        "Next we read your application",
        "Kept while the recruitment process runs",
        "L1",
        "cv.pdf",
    ):
        assert text in page


# --- documents --------------------------------------------------------------------------------------------------------


async def test_documents_are_added_and_a_new_cv_takes_the_old_ones_place(
    client: Browser, mine: UUID, site: Site
) -> None:
    page = await send(client, mine, cv(pdf("new"), "ny.pdf"), more(png(), "bilde.png"))
    assert page.url.path == f"/my/applications/{mine}"
    for text in ("ny.pdf", "bilde.png", "Your documents are changed."):
        assert text in page.text
    assert "cv.pdf" not in page.text
    rows = await site.records.run_sql("SELECT id FROM document WHERE unit = ?", mine)
    stored = {path.rsplit("/", 1)[-1].split(".")[0] for path in await site.documents.paths(f"units/{mine}")}
    assert stored == {str(row["id"]) for row in rows}, "the replaced one is still in the store"


async def test_a_document_is_removed_but_not_the_last_content(client: Browser, mine: UUID, site: Site) -> None:
    await send(client, mine, more(png(), "bilde.png"))
    rows = {row["kind"]: row["id"] for row in await site.records.run_sql("SELECT id, kind FROM document")}
    refused = await send(client, mine, cv_remove=str(rows["cv"]))
    assert refused.status_code == 422
    assert "needs a CV or a letter" in refused.text
    assert (await send(client, mine, documents_remove=str(rows["certificate"]))).status_code == 200
    assert await names(site, mine) == ["cv"]


async def test_a_refused_file_keeps_no_good_one_back(client: Browser, mine: UUID, site: Site) -> None:
    page = await send(client, mine, more(b"MZ a program", "virus.exe"), more(png(), "bilde.png"))
    assert page.status_code == 422
    assert "virus.exe" in page.text
    assert sorted(await names(site, mine)) == ["certificate", "cv"]


async def test_hundreds_of_files_end_in_words(client: Browser, mine: UUID, site: Site) -> None:
    page = await send(client, mine, *(more(png(4 + n), f"{n}.png") for n in range(200)))
    assert page.status_code == 422
    assert await count(site, "document") <= MAX_FILES


async def test_nothing_chosen_is_said_in_words(client: Browser, mine: UUID) -> None:
    page = await send(client, mine)
    assert page.status_code == 422
    assert "Choose a file" in page.text


async def test_under_a_legal_hold_documents_are_added_but_none_goes(
    client: Browser, mine: UUID, site: Site, time: Time
) -> None:
    """L14: what a dispute may need stays."""
    from datetime import date

    await holds.place(site, mine, uuid4(), "A dispute", "art. 17(3)(e)", date(2027, 1, 4), time.now)
    page = await send(client, mine, cv(pdf("new"), "ny.pdf"))
    assert page.status_code == 422
    assert "legal hold" in page.text
    assert (await send(client, mine, more(png()))).status_code == 200
    assert sorted(await names(site, mine)) == ["certificate", "cv"]


async def test_after_the_process_documents_stay_as_they_are(
    client: Browser, mine: UUID, site: Site, time: Time
) -> None:
    await service.close_applications(site, [mine], "rejected", uuid4(), time.now)
    assert (await client.get(f"/my/applications/{mine}/documents")).status_code == 409
    assert (await send(client, mine, more(png()))).status_code == 409
    assert await names(site, mine) == ["cv"]


async def test_documents_of_another_candidate_are_not_there(client: Browser, world: World, site: Site) -> None:
    for path in ("", "/documents"):
        assert (await client.get(f"/my/applications/{world.foreign}{path}")).status_code == 404
    assert (await send(client, world.foreign, more(png()))).status_code == 404
    rows = await site.records.run_sql("SELECT id FROM document WHERE unit = ?", world.foreign)
    await send(client, world.application, documents_remove=str(rows[0]["id"]), cv_remove=str(rows[0]["id"]))
    assert len(await names(site, world.foreign)) == 1


# --- who has looked ---------------------------------------------------------------------------------------------------


async def test_looks_stand_page_by_page_with_role_and_purpose(
    client: Browser, mine: UUID, site: Site, time: Time
) -> None:
    who = await factories.staff(site, time.now, "recruiter", name="Kari Canarynord")
    for _ in range(60):
        await audit.look(who, "recruiter", [mine], "review", time.forward(minutes=1))
    first, last = (await client.get("/my/looks")).text, (await client.get("/my/looks", params={"page": "99"})).text
    assert "60 looks in all" in first
    assert first.count("Assessment of the application") == 50
    assert last.count("Assessment of the application") == 10
    assert "Canarynord" not in first + last


# --- consent, word for word -------------------------------------------------------------------------------------------


async def test_the_history_shows_each_question_as_it_was_asked(
    client: Browser, mine: UUID, site: Site, time: Time
) -> None:
    """Art. 7(1): also after the policy has changed."""
    from recruit.employer import set_policy
    from recruit.retention.rules import Policy

    await client.post("/my/consent", data={"answer": "give"})
    await set_policy(site, Policy(consent_months=6), None, time.forward(hours=1))
    page = await client.post("/my/consent", data={"answer": "withdraw", "back": "history"})
    assert page.url.path == "/my/consent"
    assert "for 12 months after" in page.text
    assert page.text.count("for 6 months after") == 2  # the question now, and the one answered last


async def test_the_question_waits_on_the_page_once_the_process_has_ended(
    client: Browser, mine: UUID, site: Site, time: Time
) -> None:
    asked = "We have a question for you"
    assert asked not in (await client.get("/my")).text
    await service.close_applications(site, [mine], "rejected", uuid4(), time.forward(minutes=1))
    assert asked in (await client.get("/my")).text
    time.forward(minutes=1)
    assert asked not in (await client.post("/my/consent", data={"answer": "withdraw"})).text


# --- receipts ---------------------------------------------------------------------------------------------------------


async def test_whoever_still_has_data_here_finds_the_receipts_of_what_went(
    client: Browser, mine: UUID, site: Site, time: Time
) -> None:
    other = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    assert "Nothing was erased yet" in (await client.get("/my/receipts")).text
    await service.grant_erasure(site, [other], uuid4(), time.now)
    await purge.run(site, time.now)
    assert "Announced" in (await client.get("/my/receipts")).text
    for _ in range(4):
        await purge.run(site, time.forward(days=1))
    await factories.sign_in(client, site, await factories.candidate_of(site, mine), "candidate")
    page = (await client.get("/my/receipts")).text
    assert "Erased and checked" in page
    (row,) = await site.records.run_sql("SELECT id FROM purge_notice")
    receipt = await client.get(f"/my/receipts/{row['id']}")
    assert receipt.content.startswith(b"%PDF")
    assert receipt.headers["cache-control"] == "no-store"
    assert "Ola" not in receipt.headers["content-disposition"]
    eva = await factories.application(
        site, time.now, await factories.vacancy(site, time.now), email="eva@example.org", name="Eva"
    )
    await factories.sign_in(client, site, await factories.candidate_of(site, eva), "candidate")
    assert (await client.get(f"/my/receipts/{row['id']}")).status_code == 404
