"""The demonstration: a story lived through the real services, a clock that can be moved, and a mailbox."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from recruit import clock
from recruit.app import create_app
from recruit.demo import life, outside, passing, people, starting
from recruit.receipts.service import stored, verify_file
from recruit.settings import Settings
from recruit.site import Site
from recruit.vault.ledger import first_fault
from tests.browsing import Client
from tests.demo.story import PORT, copy_of_it

pytestmark = pytest.mark.slow
ORIGIN = f"http://127.0.0.1:{PORT}"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One story for all tests here; each works on a copy."""
    return copy_of_it(tmp_path_factory)


@pytest.fixture
def folder(lived: Path, tmp_path: Path) -> Iterator[Path]:
    copy = tmp_path / "demo"
    shutil.copytree(lived, copy)
    yield copy
    clock.forward(timedelta(0))


@pytest.fixture
def settings(folder: Path) -> Settings:
    return starting.settings_in(folder, PORT)


@pytest_asyncio.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    opened = await Site.open(settings)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def browser(settings: Settings, site: Site) -> AsyncIterator[Client]:
    async with Client(create_app(settings), base_url=ORIGIN) as client:
        client.headers.update({"origin": ORIGIN, "accept-language": "en"})
        client.follow_redirects = True
        yield client


async def test_everybody_the_story_needs_is_in_it(site: Site) -> None:
    rows = await site.records.run_sql("SELECT stage, outcome, handed_over_on FROM application")
    assert {row["stage"] for row in rows if row["outcome"] is None} == set(
        ("received", "screening", "interview", "finalist", "offer")
    )
    assert {row["outcome"] for row in rows} == {None, "rejected", "withdrawn", "position_filled", "hired"}
    assert any(row["handed_over_on"] for row in rows)
    purges = await site.keyring.engine.run_sql("SELECT state, count(*) AS n FROM purge GROUP BY state")
    assert [row["state"] for row in purges] == ["issued"]
    assert 60 <= len(rows) + purges[0]["n"] <= 75
    states = {row["state"] for row in await site.records.run_sql("SELECT state FROM vacancy")}
    assert states == {"draft", "published", "closed"}
    tables = "interview_note referee screening legal_hold rights_request consent look pool_invitation section31 "
    tables += "qualification"
    for table in tables.split():
        assert await site.records.run_sql(f"SELECT 1 FROM {table} LIMIT 1"), table
    entries = [entry.body for entry in await site.keyring.entries() if entry.kind == "erase"]
    assert [body for body in entries if "of" in body], "some categories were erased, and the rest was kept"
    (paper,) = await site.records.run_sql("SELECT document FROM legal_hold WHERE application IS NULL")
    assert paper["document"] in await site.keyring.keys([paper["document"]]), "it has outlived its application"
    verdicts = await site.records.run_sql("SELECT verdict FROM likeness ORDER BY verdict")
    assert [row["verdict"] for row in verdicts] == ["", "apart", "same"], "somebody applied twice"
    announced = await site.records.run_sql("SELECT 1 FROM purge_notice WHERE state = 'announced'")
    assert announced


async def test_its_chains_are_whole_and_nothing_failed(site: Site) -> None:
    assert first_fault(await site.keyring.entries()) is None
    assert await site.records.run_sql("SELECT 1 FROM run WHERE error <> '' OR ended_at IS NULL") == []
    due = "state <> 'sent' AND queued_at <= (SELECT max(sent_at) FROM mail)"  # one waits for a chosen time
    assert await site.records.run_sql(f"SELECT 1 FROM mail WHERE {due}") == []


def test_nobody_in_it_is_real() -> None:
    digits = [int(c) for c in people.EMPLOYER.number if c.isdigit()]
    weighed = sum(a * b for a, b in zip(digits, (3, 2, 7, 6, 5, 4, 3, 2), strict=False))
    assert (11 - weighed % 11) % 11 == digits[-1]
    assert digits[0] in (2, 3), "the range of made-up companies"
    crowd = people.crowd()
    assert len({who.email for who in crowd}) == len(crowd)
    assert all(who.email.endswith(".example") for who in crowd)


async def test_the_second_start_makes_nothing_anew(folder: Path, site: Site) -> None:
    head = await site.keyring.head()
    ready = await starting.prepare(folder, PORT, False, lambda done, total: None)
    assert not ready.made
    assert await site.keyring.head() == head


async def test_forwarding_the_clock_ends_an_application_as_a_verified_receipt(site: Site) -> None:
    (announced,) = [role for role in await life.cast(site) if role.part == "announced"]
    passed = await passing.forward(site, clock.now() + timedelta(days=7))
    assert passed.erased == passed.receipts >= 1
    assert not [role for role in await life.cast(site) if role.unit == announced.unit and role.here]
    (promise,) = [letter for letter in outside.letters(site, announced.who.email) if letter.receipt]
    assert promise in await outside.receipts_since(site, passed.start)
    pdf = await stored(site, str(promise.receipt).removeprefix("/r/"))
    assert pdf
    assert (await verify_file(site, pdf)).valid
    changed = pdf[:900] + bytes([pdf[900] ^ 1]) + pdf[901:]
    assert not (await verify_file(site, changed)).valid


async def test_thirteen_months_later_only_what_is_held_runs_or_waits_for_an_answer_is_left(site: Site) -> None:
    passed = await passing.forward(site, clock.now() + timedelta(days=400))
    assert passed.confirmed, "the clock jumped, and nobody confirmed"
    assert passed.erased == passed.receipts
    rows = await site.records.run_sql("SELECT id, outcome FROM application WHERE outcome IS NOT NULL")
    held = await site.records.run_sql("SELECT application FROM legal_hold WHERE document IS NULL")
    asked = await site.records.run_sql(
        "SELECT s.application, a.id AS hired FROM section31 s JOIN application a ON a.vacancy = s.vacancy "
        "WHERE s.state = 'open' AND a.outcome = 'hired'"
    )
    waits = {row["application"] for row in (*held, *asked)} | {row["hired"] for row in asked}
    assert {row["id"] for row in rows} == waits


async def test_the_clock_stands_where_it_was_left(folder: Path, site: Site) -> None:
    until = clock.now() + timedelta(days=3)
    await passing.forward(site, until)
    clock.forward(timedelta(0))
    await starting.prepare(folder, PORT, False, lambda done, total: None)
    assert abs(clock.now() - until) < timedelta(minutes=5)


async def test_one_press_signs_in_as_each_role(browser: Client, site: Site) -> None:
    cast = [role.part for role in await life.cast(site)]
    for who in [colleague.key for colleague in people.STAFF] + cast:
        answer = await browser.post("/demo/sign-in", data={"who": who})
        assert answer.status_code == 200, who
        assert "Sign out" in answer.text, who
    assert (await browser.post("/demo/sign-in", data={"who": "somebody"})).status_code == 404


async def test_the_clock_page_moves_the_clock_and_keeps_one_signed_in(browser: Client) -> None:
    before = clock.today()
    await browser.post("/demo/sign-in", data={"who": "liv"})
    answer = await browser.post("/demo/clock", data={"by": "week"})
    assert answer.status_code == 200
    assert clock.today() == before + timedelta(days=7)
    assert "receipts were issued" in answer.text
    assert "Sign out" in answer.text
    link = re.search(r'href="(/r/[^"]+)"', answer.text)
    assert link
    assert (await browser.get(link[1])).status_code == 200
    back = await browser.post("/demo/clock", data={"until": before.isoformat()})
    assert back.status_code == 422
    assert clock.today() == before + timedelta(days=7)


async def test_the_mailbox_shows_what_was_sent_with_working_links(browser: Client, site: Site) -> None:
    newest = outside.letters(site)[0]
    page = await browser.get("/demo/mailbox", params={"to": newest.to})
    assert newest.subject in page.text
    letter = await browser.get(f"/demo/mailbox/{newest.number}")
    links = re.findall(rf'href="{ORIGIN}(/[^"]+)"', letter.text)
    assert links
    for link in links:
        assert (await browser.get(link)).status_code == 200, link.split("/")[1]
    assert (await browser.get("/demo/mailbox/99999")).status_code == 404


async def test_a_real_installation_has_none_of_these_pages(settings: Settings) -> None:
    import msgspec

    real = msgspec.structs.replace(settings, demo=False)
    async with Client(create_app(real), base_url=ORIGIN) as client:
        for path in ("/demo", "/demo/mailbox", "/demo/clock"):
            assert (await client.get(path)).status_code == 404
        answer = await client.post("/demo/sign-in", data={"who": "arne"}, headers={"origin": ORIGIN})
        assert answer.status_code == 404
