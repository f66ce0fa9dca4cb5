"""Restrictions: data that everybody leaves alone until a question about them is decided (L15, art. 18).

Guards that a granted restriction keeps its key: it stands in the keyring before anybody is told that it stands; and
that the person is told before it is lifted: deciding to lift one writes the mail, and only the mail server's answer, or
the longest time that a notice waits for it, lifts it. What it hides, and from whom, stands in recruit/visible.py alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from recruit import audit, employer, letters
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.errors import FormInvalid, NotFound
from recruit.retention.recipients import notify_recipients
from recruit.retention.rules import add_months
from recruit.retention.service import call_off, settle, take_version, until_first
from recruit.site import Site
from recruit.tables import Written
from recruit.vault.keyring import TooLate
from recruit.vault.sealing import UnitKey, seal, unseal

Ground = Literal["accuracy", "unlawful", "claims", "objection"]

GROUNDS: dict[Ground, str] = {
    "accuracy": "The person says that the data are wrong, and that is being looked into (art. 18(1)(a))",
    "unlawful": "The use was unlawful, and the person wants the data kept rather than erased (art. 18(1)(b))",
    "claims": "We no longer need the data, but the person does, for a legal claim (art. 18(1)(c))",
    "objection": "The person has objected, and that is being looked into (art. 18(1)(d))",
}
"""Why data are restricted: the four grounds of the law (message ids)."""

TEMPORARY_MONTHS = 1
PERMANENT_MONTHS = 12
"""After so long somebody looks at it again."""
_MOST_AHEAD = 12
LONGEST = 4000


@dataclass(frozen=True)
class Cause:
    """Why something is restricted, and by whom; `by` None: the program, at the very moment in which a person asks.

    `request` is the rights request that it comes with; `review_on` None: a month from now, or a year if permanent.
    """

    ground: Ground
    by: UUID | None = None
    reason: str = ""
    permanent: bool = False
    request: UUID | None = None
    review_on: date | None = None


@dataclass(frozen=True)
class Restriction:
    """A restriction as the DPO sees it; `reason` is empty where it may not be shown."""

    id: UUID
    application: UUID
    request: UUID | None
    ground: Ground
    permanent: bool
    placed_on: date
    review_on: date
    told_at: datetime | None
    lifted_on: date | None
    reason: str
    answer: str

    @property
    def standing(self) -> bool:
        return self.lifted_on is None


# --- placing ----------------------------------------------------------------------------------------------------------


async def place(site: Site, applications: Iterable[UUID], cause: Cause, now: datetime) -> list[UUID]:
    """Restrict these applications of one candidate, and tell them; those that the same request restricts already are
    left alone. The new restrictions.

    FormInvalid for the form; TooLate if all of them were erased meanwhile.
    """
    review_on = cause.review_on or _review_day(day(now), cause.permanent)
    _check(cause, review_on, day(now))
    placed, gone, letter = [], None, f"restriction_placed:{cause.request or uuid4()}"
    for application in await _free(site, applications, cause.request):
        try:
            placed.append(await _place_one(site, application, cause, review_on, letter, now))
        except TooLate as error:
            gone = error
    if gone and not placed:
        raise gone
    return placed


def _review_day(today: date, permanent: bool) -> date:
    return add_months(today, PERMANENT_MONTHS if permanent else TEMPORARY_MONTHS)


def _check(cause: Cause, review_on: date, today: date) -> None:
    errors = {}
    if cause.ground not in GROUNDS:
        errors["ground"] = "Choose why the data are restricted."
    if len(cause.reason) > LONGEST:
        errors["reason"] = "Write at most 4000 characters."
    errors |= _check_review(review_on, today)
    if errors:
        raise FormInvalid(errors)


def _check_review(review_on: date | None, today: date) -> dict[str, str]:
    """L15: looked at at least once a year."""
    if review_on is None or not today < review_on <= add_months(today, _MOST_AHEAD):
        return {"review_on": "Choose a review date after today, at most a year ahead."}
    return {}


async def _free(site: Site, applications: Iterable[UUID], request: UUID | None) -> list[UUID]:
    wanted = list(applications)
    if request is None:
        return wanted
    rows = await site.records.run_sql(
        f"SELECT application FROM restriction WHERE request = ? AND lifted_on IS NULL AND application IN {IDS}",
        *(request, ids(wanted)),
    )
    taken = {row["application"] for row in rows}
    return [unit for unit in wanted if unit not in taken]


async def _place_one(site: Site, application: UUID, cause: Cause, review_on: date, letter: str, now: datetime) -> UUID:
    key, restriction = await site.keyring.key(application), uuid4()

    async def once() -> None:
        version = await site.keyring.block(application, "restrictions")
        async with site.records.transaction():
            await take_version(site, application, version)
            await site.records.run_sql(
                "INSERT INTO restriction (id, application, request, ground, permanent, placed_by, placed_on, "
                "review_on, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(restriction, application, cause.request, cause.ground, cause.permanent, cause.by, day(now)),
                *(review_on, seal(key, "restriction", restriction, Written(text=cause.reason))),
            )
            await call_off(site, application, now, parts=True)
            await _tell(site, [restriction], letter, "restriction_placed", now, ground=cause.ground)
            await notify_recipients(site, [application], "restricted", now)
            await audit.record(
                "restriction.placed", now, cause.by, application=application, restriction=restriction,
                ground=cause.ground,
            )  # fmt: skip

    await until_first(once)
    await settle(site, [application], now)
    site.keyring.holders.note(
        {
            "kind": "restriction",
            "restriction": str(restriction),
            "application": str(application),
            "ground": cause.ground,
            "permanent": cause.permanent,
            "placed_on": day(now).isoformat(),
            "review_on": review_on.isoformat(),
        }
    )
    return restriction


async def _tell(
    site: Site, restrictions: Sequence[UUID], letter: str, template: str, now: datetime, **context: Any
) -> None:
    """One mail to the person, in the caller's transaction; under the profile, so that it waits for no restriction."""
    rows = await site.records.run_sql(
        "SELECT DISTINCT a.candidate FROM restriction r JOIN application a ON a.id = r.application "
        f"WHERE r.id IN {IDS}",
        ids(restrictions),
    )
    for candidate in [row["candidate"] for row in rows]:
        key = await site.keyring.key(candidate)
        await letters.to_candidate(site, candidate, key, letter, template, now, **context)


# --- reviewing and lifting --------------------------------------------------------------------------------------------


async def review(site: Site, restriction: UUID, review_on: date | None, by: UUID, now: datetime) -> None:
    """Somebody has looked: it is still needed, and is looked at again on that day."""
    errors = _check_review(review_on, day(now))
    if errors:
        raise FormInvalid(errors)
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "UPDATE restriction SET review_on = ? WHERE id = ? AND lifted_on IS NULL RETURNING application",
            *(review_on, restriction),
        )
        if not rows:
            raise NotFound()
        await audit.record("restriction.reviewed", now, by, application=rows[0]["application"], restriction=restriction)


async def lift(site: Site, restriction: UUID, words: str, by: UUID | None, now: datetime) -> int:
    """Decide to lift a restriction, with all that came with the same request: the person is told first, and it is
    lifted once they are. How many.
    """
    rows = await site.records.run_sql("SELECT id, request FROM restriction WHERE id = ?", restriction)
    if not rows:
        raise NotFound()
    if rows[0]["request"]:
        return await lift_request(site, rows[0]["request"], words, by, now)
    return await _announce_lifting(site, [restriction], restriction, words, by, now)


async def lift_request(site: Site, request: UUID, words: str, by: UUID | None, now: datetime) -> int:
    """The same for whatever a rights request restricts, when it is settled."""
    rows = await site.records.run_sql(
        "SELECT id FROM restriction WHERE request = ? AND lifted_on IS NULL AND told_at IS NULL", request
    )
    return await _announce_lifting(site, [row["id"] for row in rows], request, words, by, now)


async def _announce_lifting(
    site: Site, restrictions: list[UUID], group: UUID, words: str, by: UUID | None, now: datetime
) -> int:
    """`group` names the mail that the lifting waits for: the request, or the single restriction."""
    if len(words) > LONGEST:
        raise FormInvalid({"words": "Write at most 4000 characters."})
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "UPDATE restriction SET lifting_by = ?, told_at = ? WHERE told_at IS NULL AND lifted_on IS NULL "
            f"AND id IN {IDS} RETURNING id, application, sealed",
            *(by, now, ids(restrictions)),
        )
        keys = await site.keyring.keys(row["application"] for row in rows)
        for row in rows:
            await _answer(site, row, keys[row["application"]], words)
            await audit.record("restriction.lifting", now, by, application=row["application"], restriction=row["id"])
        if rows:
            letter = f"restriction_lifting:{group}"
            await _tell(site, [row["id"] for row in rows], letter, "restriction_lifting", now, words=words)
    return len(rows)


async def _answer(site: Site, row: dict[str, Any], key: UnitKey, words: str) -> None:
    before = unseal(key, "restriction", row["id"], bytes(row["sealed"]), Written)
    sealed = seal(key, "restriction", row["id"], Written(text=before.text, more=words))
    await site.records.run_sql("UPDATE restriction SET sealed = ? WHERE id = ?", sealed, row["id"])


async def lift_told(site: Site, now: datetime) -> int:
    """Lift what the persons were told of: the mail server has answered, or the longest wait is over. How many."""
    policy = await employer.policy(site)
    rows = await site.records.run_sql(
        "SELECT r.id, r.application, r.told_at, r.lifting_by, m.state FROM restriction r LEFT JOIN mail m "
        "ON m.cause = 'restriction_lifting:' || coalesce(r.request, r.id) "
        "WHERE r.told_at IS NOT NULL AND r.lifted_on IS NULL"
    )
    longest = timedelta(hours=policy.notice_wait_hours)
    told = [row for row in rows if row["state"] in ("sent", "refused") or now >= row["told_at"] + longest]
    if not told:
        return 0
    async with site.records.transaction():
        for row in told:
            await site.records.run_sql("UPDATE restriction SET lifted_on = ? WHERE id = ?", day(now), row["id"])
            await audit.record(
                "restriction.lifted", now, row["lifting_by"], application=row["application"], restriction=row["id"]
            )
    site.keyring.holders.note(
        *(
            {
                "kind": "lift",
                "restriction": str(row["id"]),
                "application": str(row["application"]),
                "lifted_on": day(now).isoformat(),
            }
            for row in told
        )
    )
    await settle(site, [row["application"] for row in told], now)
    return len(told)


# --- reading ----------------------------------------------------------------------------------------------------------


async def standing(site: Site) -> list[dict[str, Any]]:
    """All restrictions that stand, by review date: ids, days and states, no words."""
    return await site.records.run_sql(
        "SELECT id, application, request, ground, permanent, placed_on, review_on, told_at FROM restriction "
        "WHERE lifted_on IS NULL ORDER BY review_on, id"
    )


async def past_review(site: Site, today: date) -> int:
    """How many stand though their review date has passed: they alarm, and go on (L15)."""
    rows = await site.records.run_sql(
        "SELECT count(*) AS n FROM restriction WHERE lifted_on IS NULL AND review_on < ?", today
    )
    return int(rows[0]["n"])


async def restricted(site: Site, applications: Iterable[UUID]) -> set[UUID]:
    """Which of these are restricted."""
    rows = await site.records.run_sql(
        f"SELECT application FROM restriction WHERE lifted_on IS NULL AND application IN {IDS}", ids(applications)
    )
    return {row["application"] for row in rows}


async def require_present(site: Site, application: UUID) -> None:
    """NotFound unless there is such an application."""
    if not await site.records.run_sql("SELECT 1 FROM application WHERE id = ?", application):
        raise NotFound()


async def owner(site: Site, restriction: UUID) -> UUID:
    """Whom a restriction is about; NotFound if there is none, or none any more."""
    rows = await site.records.run_sql("SELECT application FROM restriction WHERE id = ?", restriction)
    if not rows:
        raise NotFound()
    unit: UUID = rows[0]["application"]
    return unit


async def one(site: Site, restriction: UUID) -> Restriction:
    """A restriction with its words; the look at it is to be written first."""
    return next(r for r in await of_application(site, await owner(site, restriction)) if r.id == restriction)


async def of_application(site: Site, application: UUID) -> list[Restriction]:
    """All restrictions of an application with their words, the newest first; NotFound once it is erased."""
    rows = await site.records.run_sql(
        "SELECT * FROM restriction WHERE application = ? ORDER BY placed_on DESC, id", application
    )
    key = (await site.keyring.keys([application])).get(application)
    if key is None:
        raise NotFound()
    return [_restriction(row, key) for row in rows]


def _restriction(row: dict[str, Any], key: UnitKey) -> Restriction:
    words = unseal(key, "restriction", row["id"], bytes(row["sealed"]), Written)
    return Restriction(
        id=row["id"],
        application=row["application"],
        request=row["request"],
        ground=row["ground"],
        permanent=bool(row["permanent"]),
        placed_on=row["placed_on"],
        review_on=row["review_on"],
        told_at=row["told_at"],
        lifted_on=row["lifted_on"],
        reason=words.text,
        answer=words.more,
    )
