"""Claims about long lists: each page once, no page counted, and no address that leads nowhere."""

import pytest

from recruit import paging
from recruit.database import Engine
from recruit.site import Site

_NUMBERS = (
    "SELECT n FROM (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) x "
    "WHERE n <= ? ORDER BY n"
)


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)


async def _read(engine: Engine, number: int, most: int = 5) -> tuple[list[int], int, bool]:
    page = await paging.read(engine, number, _NUMBERS, most)
    return [row["n"] for row in page.rows], page.number, page.more


async def test_each_row_stands_on_one_page_and_the_last_says_so(site: Site) -> None:
    assert [await _read(site.records, number) for number in (1, 2, 3)] == [
        ([1, 2], 1, True),
        ([3, 4], 2, True),
        ([5], 3, False),
    ]
    assert await _read(site.records, 2, most=4) == ([3, 4], 2, False)


async def test_beyond_the_end_and_before_the_beginning_is_the_first_page(site: Site) -> None:
    for number in (4, 999_999, 0, -1):
        assert await _read(site.records, number) == ([1, 2], 1, True)
    assert await _read(site.records, 7, most=0) == ([], 1, False)


async def test_the_last_page_of_all_offers_no_further_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "LAST", 2)
    assert await _read(site.records, 2) == ([3, 4], 2, False)
