"""Claims about the chains of ledger and audit as the desk shows them: in pages, checked as a whole at night."""

from uuid import UUID

import pytest

from recruit import alarms, audit, jobs
from recruit.retention import chains
from recruit.site import Site
from tests import factories
from tests.browsing import Client
from tests.conftest import Time
from tests.tampering import tamper


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "PAGE", 10)


async def _audited(site: Site, time: Time, many: int = 23) -> UUID:
    """So many entries; the account of whoever answers for privacy."""
    liv = await factories.staff(site, time.now, "dpo")
    async with site.records.transaction():
        while (await audit.head()).number < many:
            await audit.record("test.act", time.now, liv)
    return liv


async def _standing(site: Site, time: Time) -> set[str]:
    return {alarm.key for alarm in await alarms.standing(site, time.now)} & {"ledger", "audit"}


async def test_pages_hold_each_entry_once_the_newest_first(site: Site, time: Time) -> None:
    await _audited(site, time)
    pages = [await chains.shown(site, "audit", number) for number in (1, 2, 3)]
    assert [entry.number for page in pages for entry in page.rows] == list(range(23, 0, -1))
    assert {(page.pages, page.fault, page.checked) for page in pages} == {(3, "", None)}
    assert (await chains.shown(site, "audit", 99)).number == 3


async def test_an_empty_chain_is_one_empty_page(site: Site, time: Time) -> None:
    page = await chains.shown(site, "ledger", 1)
    assert (page.rows, page.number, page.pages, page.fault) == ([], 1, 1, "")
    await chains.check(site, "ledger", time.now)
    assert await chains.known(site, "ledger") == chains.Checked(time.now, 0)


async def test_an_entry_on_the_page_that_was_changed_is_seen_at_once(site: Site, time: Time) -> None:
    await _audited(site, time)
    for number, shown in ((20, 1), (14, 1), (9, 2), (1, 3)):
        (row,) = await site.records.run_sql("SELECT kind FROM audit_entry WHERE number = ?", number)
        await tamper(site.records, "UPDATE audit_entry SET kind = 'test.other' WHERE number = ?", number)
        assert f"entry {number} was changed" in (await chains.shown(site, "audit", shown)).fault
        await tamper(site.records, "UPDATE audit_entry SET kind = ? WHERE number = ?", row["kind"], number)
    await tamper(site.records, "DELETE FROM audit_entry WHERE number = 13")
    assert [bool((await chains.shown(site, "audit", number)).fault) for number in (1, 2, 3)] == [True, False, False]


async def test_what_was_changed_on_another_page_is_found_at_night_and_alarms(
    client: Client, site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chains, "AT_ONCE", 4)
    await factories.sign_in(client, site, await _audited(site, time))
    assert "Not checked from end to end yet" in (await client.get("/desk/audit")).text
    await jobs.run_job(site, "upkeep", time.now)
    assert "The chain is whole" in (await client.get("/desk/audit")).text
    assert not await _standing(site, time)
    await tamper(site.records, "UPDATE audit_entry SET kind = 'test.other' WHERE number = 2")
    assert "The chain is whole" in (await client.get("/desk/audit")).text
    await jobs.run_job(site, "upkeep", time.forward(days=1))
    await factories.sign_in(client, site, (await site.records.run_sql("SELECT id FROM staff"))[0]["id"])
    page = (await client.get("/desk/audit")).text
    assert "The chain is broken" in page and "entry 2 was changed" in page
    assert await _standing(site, time) == {"audit"}
    assert "The audit is broken" in (await client.get("/desk")).text


async def test_a_press_checks_the_whole_chain_now(client: Client, site: Site, time: Time) -> None:
    await factories.sign_in(client, site, await _audited(site, time))
    for path, name in (("/ledger", "ledger"), ("/desk/audit", "audit")):
        page = await client.post(f"{path}/check")
        assert page.status_code == 200 and "The chain is whole" in page.text
        checked = await chains.known(site, name)  # type: ignore[arg-type]
        assert checked and checked.at == time.now
