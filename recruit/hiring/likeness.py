"""Whether two profiles are the same person: recognised by signs, decided by a person, and never by itself.

What may never happen: two profiles become one. Each keeps its keys, its consent, its way in and its end; what is
decided shows a recruiter, and whoever may open them, the applications of both. Transaction boundary: a decision is one
records transaction with its audit entry, and what the candidate has decided no colleague changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from recruit import audit
from recruit.accounts.guards import RECRUITER, Me
from recruit.database import IDS, ids
from recruit.errors import NotFound, RecruitError
from recruit.hiring import access
from recruit.searching.index import index_of
from recruit.site import Site
from recruit.tables import Person
from recruit.visible import APPLICATIONS, RESTRICTED

PAGE = 25
Verdict = Literal["", "same", "apart"]
_PAIR = UUID("0b5e7a55-0d6c-4c1d-8a77-6b9a1f3f5c21")


class DecidedByCandidate(RecruitError):
    """A colleague would change what the candidate has said of their own profiles."""

    status = 409
    text = "The candidate has decided this, so nobody else changes it."


@dataclass(frozen=True)
class Side:
    """One of the two profiles: who it is, and those of its applications that may be seen, the newest first."""

    candidate: UUID
    person: Person
    applications: list[dict[str, Any]]


@dataclass(frozen=True)
class Couple:
    """Two profiles beside each other; `row` is that of the table."""

    row: dict[str, Any]
    sides: tuple[Side, Side]


def number_of(one: UUID, other: UUID) -> tuple[UUID, UUID, UUID]:
    """The id of the pair, and its two profiles in their order."""
    first, second = sorted((one, other))
    return uuid5(_PAIR, first.bytes.hex() + second.bytes.hex()), first, second


# --- recognised -------------------------------------------------------------------------------------------------------


async def recognise(site: Site, now: datetime) -> int:
    """Note the pairs that are new, let go of guesses that no longer hold; what was decided stays. How many are new."""
    index = index_of(site)
    await index.update(site, now)
    hidden = {row["application"] for row in await site.records.run_sql(f"SELECT s.application FROM {RESTRICTED} s")}
    alike = {number_of(*pair): why for pair, why in (await index.alike(hidden)).items()}
    known = {row["id"]: row["verdict"] for row in await site.records.run_sql("SELECT id, verdict FROM likeness")}
    new = [(pair, why) for pair, why in alike.items() if pair[0] not in known]
    for pair, why in new:
        await site.records.run_sql(
            "INSERT INTO likeness (id, one, other, why, found_at, verdict) SELECT ?, ?, ?, ?, ?, '' "
            "WHERE (SELECT count(*) FROM candidate WHERE id IN (?, ?)) = 2 ON CONFLICT (id) DO NOTHING",
            *(*pair, why, now, *pair[1:]),
        )
    gone = known.keys() - {pair[0] for pair in alike}
    await site.records.run_sql(f"DELETE FROM likeness WHERE verdict = '' AND id IN {IDS}", ids(gone))
    return len(new)


# --- shown ------------------------------------------------------------------------------------------------------------


_BOTH = " AND ".join(
    f"EXISTS (SELECT 1 FROM {APPLICATIONS} a WHERE a.candidate = l.{side})" for side in ("one", "other")
)


async def listed(site: Site, me: Me, page: int, now: datetime) -> tuple[list[Couple], bool]:
    """A page of pairs, those that wait first and then what was decided last; and whether there are more."""
    rows = await site.records.run_sql(
        f"SELECT l.* FROM likeness l WHERE {_BOTH} ORDER BY l.verdict <> '', l.decided_at DESC, l.found_at DESC, l.id "
        "LIMIT ? OFFSET ?",
        *(PAGE + 1, (page - 1) * PAGE),
    )
    return await _coupled(site, me, rows[:PAGE], now), len(rows) > PAGE


async def waiting(site: Site) -> int:
    """How many pairs nobody has decided about."""
    rows = await site.records.run_sql(f"SELECT count(*) AS n FROM likeness l WHERE l.verdict = '' AND {_BOTH}")
    return int(rows[0]["n"])


async def one(site: Site, me: Me, number: UUID, now: datetime) -> Couple:
    """One pair; NotFound if there is none, or if a profile shows no application any more."""
    couples = await _coupled(site, me, [await _row(site, number)], now)
    if not couples:
        raise NotFound()
    return couples[0]


async def _row(site: Site, number: UUID) -> dict[str, Any]:
    rows = await site.records.run_sql(f"SELECT l.* FROM likeness l WHERE l.id = ? AND {_BOTH}", number)
    if not rows:
        raise NotFound()
    return rows[0]


async def _coupled(site: Site, me: Me, rows: Sequence[dict[str, Any]], now: datetime) -> list[Couple]:
    wanted = {row[side] for row in rows for side in ("one", "other")}
    sent = await site.records.run_sql(
        "SELECT a.id, a.candidate, a.vacancy, a.stage, a.outcome, a.source, a.submitted_at, v.title_nb, v.title_en "
        f"FROM {APPLICATIONS} a JOIN vacancy v ON v.id = a.vacancy WHERE a.candidate IN {IDS} "
        "ORDER BY a.submitted_at DESC",
        ids(wanted),
    )
    people = await access.names_of(site, me, RECRUITER, sent, "list", now)
    sides: dict[UUID, Side] = {}
    for row in sent:
        if row["id"] in people:
            side = sides.setdefault(row["candidate"], Side(row["candidate"], people[row["id"]], []))
            side.applications.append(row)
    return [
        Couple(row, (sides[row["one"]], sides[row["other"]]))
        for row in rows
        if row["one"] in sides and row["other"] in sides
    ]


async def of_candidate(site: Site, candidate: UUID, verdict: Verdict) -> list[tuple[dict[str, Any], UUID]]:
    """The pairs of a profile with this verdict, and who stands on the other side."""
    rows = await site.records.run_sql(
        f"SELECT l.* FROM likeness l WHERE (l.one = ? OR l.other = ?) AND l.verdict = ? AND {_BOTH} ORDER BY l.id",
        *(candidate, candidate, verdict),
    )
    return [(row, row["other"] if row["one"] == candidate else row["one"]) for row in rows]


async def one_person(site: Site) -> dict[UUID, UUID]:
    """Of profiles that are the same person's, as somebody decided or the candidate proved: the one that all of a person
    have in common. Others are not in it.
    """
    rows = await site.records.run_sql("SELECT one, other FROM likeness WHERE verdict = 'same'")
    first: dict[UUID, UUID] = {}
    for row in rows:
        low, high = sorted(first.setdefault(row[side], row[side]) for side in ("one", "other"))
        first |= {profile: low for profile, known in first.items() if known == high}
    return first


# --- decided ----------------------------------------------------------------------------------------------------------


async def decide(site: Site, me: Me, number: UUID, verdict: Verdict, now: datetime) -> None:
    """A recruiter says that two profiles are the same person, or not; an empty verdict takes it back.

    NotFound for a pair that nobody may see, DecidedByCandidate if it is not the recruiter's to change.
    """
    row = await _row(site, number)
    async with site.records.transaction():
        done = await site.records.run_sql(
            "UPDATE likeness SET verdict = ?, decided_by = ?, decided_at = ? "
            "WHERE id = ? AND (verdict = '' OR decided_by IS NOT NULL) RETURNING id",
            *(verdict, me.id if verdict else None, now if verdict else None, number),
        )
        if not done:
            raise DecidedByCandidate()
        await audit.record(f"likeness.{verdict or 'undecided'}", now, me.id, one=row["one"], other=row["other"])


async def proved(site: Site, here: UUID, there: UUID, now: datetime) -> None:
    """In the caller's transaction: the candidate has shown that both addresses are theirs."""
    pair = number_of(here, there)
    await site.records.run_sql(
        "INSERT INTO likeness (id, one, other, why, found_at, verdict, decided_at, proved_at) "
        "VALUES (?, ?, ?, 'proved', ?, 'same', ?, ?) ON CONFLICT (id) DO UPDATE SET verdict = 'same', "
        "decided_by = NULL, decided_at = excluded.decided_at, proved_at = excluded.proved_at",
        *(*pair, now, now, now),
    )
    await audit.record("likeness.proved", now, one=pair[1], other=pair[2])


async def part(site: Site, candidate: UUID, number: UUID, now: datetime) -> None:
    """The candidate says that they are not the other one, or keeps the two apart; NotFound if it isn't theirs."""
    async with site.records.transaction():
        done = await site.records.run_sql(
            "UPDATE likeness SET verdict = 'apart', decided_by = NULL, decided_at = ?, proved_at = NULL "
            "WHERE id = ? AND (one = ? OR other = ?) AND verdict = 'same' RETURNING one, other",
            *(now, number, candidate, candidate),
        )
        if not done:
            raise NotFound()
        await audit.record("likeness.apart", now, one=done[0]["one"], other=done[0]["other"])
