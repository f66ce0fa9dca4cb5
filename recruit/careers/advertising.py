"""How a vacancy is advertised: whether experience may be typed instead of a CV file, and where else it stands.

Guards that only what the form and the posting know is stored, and that every change is in the audit.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from recruit import audit
from recruit.careers.rules import PLATFORMS
from recruit.errors import NotFound
from recruit.site import Site


async def row_of(site: Site, vacancy: UUID) -> dict[str, Any]:
    """The vacancy's row; NotFound for an unknown id."""
    rows = await site.records.run_sql("SELECT * FROM vacancy WHERE id = ?", vacancy)
    if not rows:
        raise NotFound()
    return rows[0]


async def change(site: Site, vacancy: UUID, typed_cv: bool, elsewhere: list[str], by: UUID, now: datetime) -> None:
    """Set both; platforms that we do not know are left out."""
    codes = ",".join(code for code in PLATFORMS if code in elsewhere)
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE vacancy SET typed_cv = ?, elsewhere = ? WHERE id = ?", typed_cv, codes, vacancy
        )
        await audit.record("vacancy.advertised", now, by, vacancy=vacancy)
