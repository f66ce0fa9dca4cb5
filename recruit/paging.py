"""One page of a long list.

Guards that a page costs the same however long its list is: nothing is counted, and whether more follows is seen by one
row beyond the page. The statement must be answered in its order by an index.
"""

from dataclasses import dataclass
from typing import Any

from recruit.database import Engine

PAGE = 50
LAST = 1000
"""No page beyond this one: whoever looks for something that old narrows the list."""


@dataclass(frozen=True)
class Page:
    """The rows of one page (the first is 1), and whether more follow."""

    rows: list[Any]
    number: int
    more: bool


async def read(engine: Engine, number: int, sql: str, *params: Any) -> Page:
    """That page of what a statement finds; the first where the list is not as long."""
    at = min(max(1, number), LAST)
    rows = await engine.run_sql(f"{sql} LIMIT ? OFFSET ?", *params, PAGE + 1, (at - 1) * PAGE)
    if not rows and at > 1:
        return await read(engine, 1, sql, *params)
    return Page(rows[:PAGE], at, len(rows) > PAGE and at < LAST)
