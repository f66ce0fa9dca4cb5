"""Claims about the index of words: what it finds, that it keeps up, and that it forgets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from recruit import jobs
from recruit.hiring.reading import read_ahead
from recruit.mydata import service as mydata
from recruit.retention import holds, parts, purge, service
from recruit.searching import index, remembering
from recruit.searching.index import index_of
from recruit.searching.plain import plain
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.test_documents import PDF


async def found(site: Site, time: Time, query: str) -> list[object]:
    await index_of(site).update(site, time.now)
    return [unit async for handful in index_of(site).matching(query) for units in handful for unit in units]


async def erased(site: Site, time: Time, *units: UUID) -> None:
    await purge.run(site, time.now)
    await service.grant_erasure(site, list(units), uuid4(), time.now)
    for _ in range(5):
        await purge.run(site, time.forward(days=1))


async def test_names_addresses_telephones_and_letters_are_found_however_they_are_typed(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    ase = await factories.application(
        site, time.now, vacancy, "ase_nord@example.org", "Åse Nørd", "+47 900 00 001", "Jeg bygger broer."
    )
    ola = await factories.application(site, time.forward(hours=1), vacancy, "ola@example.org", "Ola Nord", "900 00 002")
    for query in ("ase", "ÅSE", "nørd", "Åse Nørd", "ase_nord@example.org", "+47 90000001", "4790 000001", "broe"):
        assert await found(site, time, query) == [ase], query
    assert await found(site, time, "example") == [ola, ase], "the newest first"
    assert await found(site, time, "90000002") == [ola]
    for query in ("", "  ", "ase ola", "roer", '"', "* NEAR(", "a" * 5000):
        assert await found(site, time, query) == [], query


async def test_the_words_of_a_document_are_found_once_it_was_read(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    papers = (("cv.pdf", "application/pdf", PDF), ("broken.pdf", "application/pdf", b"%PDF-1.4 nothing"))
    unit = await factories.application(site, time.now, vacancy, documents=papers, name="Ola Sør", letter="")
    assert await read_ahead(site, time.forward(minutes=1)) == {"read": 1, "unreadable": 1}
    assert await read_ahead(site, time.forward(minutes=1)) == {"read": 0, "unreadable": 0}, "each is tried once"
    kept = await site.records.run_sql("SELECT sealed FROM document_words")
    assert len(kept) == 2
    word = max(_words_of(PDF), key=len)
    assert await found(site, time, word) == [unit]
    assert not any(word.encode() in bytes(row["sealed"]) for row in kept)


def _words_of(pdf: bytes) -> list[str]:
    import pypdfium2

    return plain(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded())


async def test_what_is_changed_later_is_found_by_its_new_words_only(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    unit = await factories.application(site, time.now, vacancy, name="Ola Sør")
    assert await found(site, time, "ola sør") == [unit]
    candidate = await factories.candidate_of(site, unit)
    await mydata.change_contact(site, candidate, "Ola Vest", "900 00 003", time.forward(days=1))
    assert await found(site, time, "vest") == [unit]
    assert await found(site, time, "90000003") == [unit]


async def test_what_was_sent_slowly_is_found_though_others_were_read_since_it_began(site: Site, time: Time) -> None:
    vacancy = await factories.vacancy(site, time.now)
    quick = await factories.application(site, time.now, vacancy, "quick@example.org", "Rask Sør")
    assert await found(site, time, "sør") == [quick]
    slow = await factories.application(site, time.now - timedelta(hours=2), vacancy, "slow@example.org", "Sen Sør")
    assert set(await found(site, time, "sør")) == {quick, slow}


@pytest.mark.parametrize("updated_before", [True, False])
async def test_an_erased_application_is_forgotten(site: Site, time: Time, updated_before: bool) -> None:
    vacancy = await factories.vacancy(site, time.now)
    gone = await factories.application(site, time.now, vacancy, "gone@example.org", "Borte Sør")
    stays = await factories.application(site, time.now, vacancy, "stays@example.org", "Blir Sør")
    if updated_before:
        assert set(await found(site, time, "sør")) == {gone, stays}
    await erased(site, time, gone)
    assert await found(site, time, "sør") == [stays]
    assert "borte" not in "".join(index_of(site).dump()), "not even in memory"


async def test_L27_the_words_of_an_erased_part_are_forgotten_and_those_of_the_rest_are_found(
    site: Site, time: Time
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    unit = await factories.application(site, time.now, vacancy, name="Ola Sør", letter="Kanariord om meg.")
    assert await found(site, time, "kanariord") == [unit]
    time.forward(hours=1)
    part = await parts.grant(site, unit, ["application"], uuid4(), time.now)
    assert await found(site, time, "kanariord") == [], "from the grant on"
    hold = await holds.place(site, unit, uuid4(), "Krav", "Lov", time.now.date().replace(year=2027), time.now)
    await purge.run(site, time.now)
    assert await found(site, time, "kanariord") == [unit], "what a hold has put back is found again"
    await holds.release(site, hold, await factories.staff(site, time.now, "dpo"), time.now)
    await purge.run(site, time.now)
    await jobs.send_mail(site, time.now)
    await purge.run(site, time.forward(days=1))
    assert part not in await site.keyring.keys([part or uuid4()])
    await index_of(site).forget(site)
    assert "kanariord" not in "".join(index_of(site).dump()), "not even in memory, whether anybody searches or not"
    assert await found(site, time, "kanariord") == []
    assert await found(site, time, "sør") == [unit]


async def test_what_is_erased_while_much_is_read_is_forgotten_before_all_is_read(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (index, remembering):
        monkeypatch.setattr(module, "AT_ONCE", 1)
    vacancy = await factories.vacancy(site, time.now)
    gone = await factories.application(site, time.now, vacancy, "gone@example.org", "Borte Sør")
    stays = await factories.application(site, time.forward(hours=1), vacancy, "stays@example.org", "Blir Sør")
    changed = index_of(site)._changed

    async def paused(to: Site, since: datetime | None) -> AsyncIterator[Sequence[UUID]]:
        async for units in changed(to, since):
            yield units
            if units == [gone]:
                assert "borte" in "".join(index_of(to).dump())
                await erased(to, time, gone)
                await asyncio.wait_for(index_of(to).forget(to), 30)
                assert index_of(to).dump() == []

    monkeypatch.setattr(index_of(site), "_changed", paused)
    assert await found(site, time, "sør") == [stays]


async def test_forgetting_looks_at_what_was_newly_erased_and_at_nothing_else(
    site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "AT_ONCE", 2)
    vacancy = await factories.vacancy(site, time.now)
    units = [await factories.application(site, time.now, vacancy, f"{n}@example.org", f"Sør{n}") for n in range(6)]
    assert len(await found(site, time, "sør")) == 6
    before = (await site.keyring.head()).number
    await erased(site, time, *units[:5])
    new = (await site.keyring.head()).number - before
    real, asked = site.keyring.engine.run_sql, list[tuple[str, int]]()

    async def watched(sql: str, *values: object) -> list[dict[str, object]]:
        rows = await real(sql, *values)
        asked.append((sql, len(rows)))
        return rows

    monkeypatch.setattr(site.keyring.engine, "run_sql", watched)
    await index_of(site).forget(site)
    assert index_of(site).known == 1 and len(index_of(site).dump()) == 1
    assert all("FROM ledger_entry" in sql for sql, _ in asked)
    assert sum(n for _, n in asked) == new > 5
    asked.clear()
    await index_of(site).forget(site)
    assert [n for _, n in asked] == [0]
