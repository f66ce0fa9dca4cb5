"""Legal holds: what must not be erased while a dispute may need it (L14, art. 17(3)(e)).

Guards that a granted hold keeps its key (I5): it stands in the keyring before anybody is told that it stands. A hold
never lapses by itself; past its review date it alarms.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from recruit import audit
from recruit.clock import day
from recruit.errors import FormInvalid, NotFound
from recruit.retention.service import call_off, settle, take_version, until_first
from recruit.site import Site
from recruit.tables import Written
from recruit.vault.sealing import seal, unseal


@dataclass(frozen=True)
class Hold:
    """A hold as staff see it; `reason` and `basis` are empty where they may not be shown."""

    id: UUID
    application: UUID
    placed_by: UUID
    placed_on: date
    review_on: date
    released_on: date | None
    reason: str
    basis: str


async def place(
    site: Site, application: UUID, by: UUID, reason: str, basis: str, review_on: date, now: datetime
) -> UUID:
    """Place a hold. FormInvalid if reason, basis or review date are missing; TooLate if the key is gone."""
    _check(reason, basis, review_on, day(now))
    key, hold = await site.keyring.key(application), uuid4()

    async def once() -> None:
        version = await site.keyring.block(application, "holds")
        async with site.records.transaction():
            await take_version(site, application, version)
            await site.records.run_sql(
                "INSERT INTO legal_hold (id, application, placed_by, placed_on, review_on, sealed) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                *(hold, application, by, day(now), review_on),
                seal(key, "legal_hold", hold, Written(text=reason, more=basis)),
            )
            await call_off(site, application, now, parts=True)
            await audit.record("hold.placed", now, by, application=application, hold=hold)

    await until_first(once)
    dates = {"placed_on": day(now).isoformat(), "review_on": review_on.isoformat()}
    ids = {"hold": str(hold), "application": str(application), "by": str(by)}
    site.keyring.holders.note({"kind": "hold", **ids, **dates})
    return hold


async def release(site: Site, hold: UUID, by: UUID, now: datetime) -> UUID:
    """Release a hold; the decision is run again at once. Returns the application. NotFound if there is none."""
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "UPDATE legal_hold SET released_on = ?, released_by = ? WHERE id = ? AND released_on IS NULL "
            "RETURNING application",
            *(day(now), by, hold),
        )
        if not rows:
            raise NotFound()
        application: UUID = rows[0]["application"]
        await audit.record("hold.released", now, by, application=application, hold=hold)
    site.keyring.holders.note(
        {"kind": "release", "hold": str(hold), "by": str(by), "released_on": day(now).isoformat()}
    )
    await settle(site, [application], now)
    return application


async def placed_by(site: Site, hold: UUID) -> UUID | None:
    """Who placed a hold; None if there is none."""
    rows = await site.records.run_sql("SELECT placed_by FROM legal_hold WHERE id = ?", hold)
    return rows[0]["placed_by"] if rows else None


async def listed(site: Site, application: UUID | None = None, standing: bool = False) -> list[Hold]:
    """Holds of one application or of all, by review date; `standing` leaves out those that were released."""
    where = "1 = 1" if application is None else "application = ?"
    rows = await site.records.run_sql(
        f"SELECT * FROM legal_hold WHERE {where}{' AND released_on IS NULL' if standing else ''} ORDER BY review_on",
        *([application] if application else []),
    )
    keys = await site.keyring.keys(row["application"] for row in rows)
    return [_hold(row, keys) for row in rows if row["application"] in keys]


def _hold(row: dict[str, Any], keys: dict[UUID, Any]) -> Hold:
    words = unseal(keys[row["application"]], "legal_hold", row["id"], bytes(row["sealed"]), Written)
    return Hold(
        id=row["id"],
        application=row["application"],
        placed_by=row["placed_by"],
        placed_on=row["placed_on"],
        review_on=row["review_on"],
        released_on=row["released_on"],
        reason=words.text,
        basis=words.more,
    )


def _check(reason: str, basis: str, review_on: date | None, today: date) -> None:
    errors = {}
    if not reason:
        errors["reason"] = "Say why this must not be erased."
    if not basis:
        errors["basis"] = "Say on which legal basis the hold rests."
    if review_on is None or review_on <= today:
        errors["review_on"] = "Choose a review date after today."
    if errors:
        raise FormInvalid(errors)
