"""The talent pool: who has said yes to being considered for other positions, and whom somebody invites to one.

Guards that only a standing consent puts anybody here (`retention.rules.in_pool`, of which the condition is the query),
that whoever is restricted, objects or has asked to be erased is in no row (L15, L28), that looks are written before
names are shown, and that a person is invited to a vacancy once, by exactly the mail that was looked at.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from recruit import audit, employer, letters, mail
from recruit.accounts import links
from recruit.accounts.guards import RECRUITER, Me
from recruit.careers import invited
from recruit.careers.rules import takes_applications
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.errors import RecruitError
from recruit.hiring import access, likeness, search, tags
from recruit.hiring.access import IN_POOL, Condition, pair_id
from recruit.i18n import Language, either
from recruit.retention.facts import REQUEST_OPEN
from recruit.retention.rules import DAY, Policy, end_of_local_day, pool_since
from recruit.searching.index import index_of
from recruit.site import Site
from recruit.tables import Message, Person
from recruit.vault.sealing import UnitKey
from recruit.visible import APPLICATIONS, RESTRICTED_PEOPLE

PAGE = 25
MOST = 200
"""So many are invited at once."""


class Changed(RecruitError):
    """Between the look and the confirmation a consent ended, or somebody applied or was invited."""

    status = 409
    text = "Meanwhile something has changed for one of them. Nothing was sent. Check once more."


class NotOpen(RecruitError):
    """Invitations are for a vacancy that takes applications."""

    status = 409
    text = "This vacancy takes no applications now, so nobody can be invited to it."


@dataclass(frozen=True)
class Query:
    """Whom one looks for; what is empty does not narrow it. `stage` is the furthest that an application came."""

    words: str = ""
    vacancy: UUID | None = None
    stage: str = ""
    tag: UUID | None = None


@dataclass(frozen=True)
class Kept:
    """A profile in the pool, with the newest application that fits. `asked_at`: invited to the vacancy at hand, by
    whichever address; `who`: the same for all profiles of one person.
    """

    id: UUID
    row: dict[str, Any]
    person: Person
    tags: tuple[tags.Named, ...]
    who: UUID
    asked_at: datetime | None = None
    applied: bool = False

    @property
    def free(self) -> bool:
        """Whether this person can be invited."""
        return bool(self.person.email) and self.asked_at is None and not self.applied


# --- who is in it -----------------------------------------------------------------------------------------------------


def in_pool(policy: Policy, today: date) -> Condition:
    """Of `APPLICATIONS` a, those that consent keeps today."""
    since = pool_since(policy, today)
    lasting = (
        f"{IN_POOL} AND a.erasure_granted_on IS NULL AND (a.closed_on >= ? OR EXISTS "
        "(SELECT 1 FROM consent e WHERE e.candidate = a.candidate AND (e.application IS NULL OR e.application = a.id) "
        "AND e.given AND e.at >= ?))"
    )
    left_alone = (
        f"a.candidate NOT IN {RESTRICTED_PEOPLE} AND a.candidate NOT IN (SELECT q.candidate FROM rights_request q "
        f"WHERE q.kind IN ('objection', 'restriction', 'erasure') AND {REQUEST_OPEN})"
    )
    return Condition(lasting, (since, end_of_local_day(since - DAY))) & Condition(left_alone)


async def find(
    site: Site, me: Me, query: Query, page: int, now: datetime, into: UUID | None = None
) -> tuple[list[Kept], bool]:
    """A page of people, whose newest application came last first, and whether there are more. `into`: see `Kept`."""
    wanted, most = in_pool(await employer.policy(site), day(now)) & _narrowed(query), page * PAGE + 1
    rows = await _among(site, query.words, wanted, most, now) if query.words else await _rows(site, wanted, most)
    return await _named(site, me, rows[(page - 1) * PAGE : page * PAGE], now, into), len(rows) > page * PAGE


def _narrowed(query: Query) -> Condition:
    found = Condition("1 = 1")
    if query.vacancy:
        found &= Condition("a.vacancy = ?", (query.vacancy,))
    if query.stage:
        found &= Condition("a.furthest_stage = ?", (query.stage,))
    if query.tag:
        marked = "EXISTS (SELECT 1 FROM application_tag t WHERE t.application = a.id AND t.tag = ?)"
        found &= Condition(marked, (query.tag,))
    return found


async def _rows(site: Site, wanted: Condition, most: int) -> list[dict[str, Any]]:
    """Of each person the newest application that is wanted, the newest of all first: read no further than needed."""
    found: dict[UUID, dict[str, Any]] = {}
    further, more = wanted, True
    while more and len(found) < most:
        rows = await site.records.run_sql(
            f"SELECT a.*, v.title_nb, v.title_en FROM {APPLICATIONS} a JOIN vacancy v ON v.id = a.vacancy "
            f"WHERE {further.sql} ORDER BY a.submitted_at DESC, a.id LIMIT ?",
            *(*further.params, most),
        )
        for row in rows:
            found.setdefault(row["candidate"], row)
        more = len(rows) == most
        if more:
            at, unit = rows[-1]["submitted_at"], rows[-1]["id"]
            further = wanted & Condition("(a.submitted_at < ? OR (a.submitted_at = ? AND a.id > ?))", (at, at, unit))
    return list(found.values())[:most]


async def _among(site: Site, words: str, wanted: Condition, most: int, now: datetime) -> list[dict[str, Any]]:
    """The same with these words; the index gives the newest first, so the first application of a person stands."""
    index, found = index_of(site), dict[UUID, dict[str, Any]]()
    await index.update(site, now)
    async for units, _ in index.matching(words):
        for row in await _rows(site, Condition(f"a.id IN {IDS}", (ids(units),)) & wanted, most):
            found.setdefault(row["candidate"], row)
        if len(found) >= most:
            break
    return list(found.values())[:most]


async def _named(
    site: Site, me: Me, rows: Sequence[dict[str, Any]], now: datetime, into: UUID | None = None
) -> list[Kept]:
    """With names, after the access rows."""
    people = await access.names_of(site, me, RECRUITER, rows, "pool", now)
    marks, same = await tags.of(site, people), await likeness.one_person(site)
    asked = await site.records.run_sql("SELECT candidate, invited_at FROM pool_invitation WHERE vacancy = ?", into)
    sent = await site.records.run_sql(f"SELECT candidate FROM {APPLICATIONS} a WHERE vacancy = ?", into)
    asked_at = {same.get(row["candidate"], row["candidate"]): row["invited_at"] for row in asked}
    applied = {same.get(row["candidate"], row["candidate"]) for row in sent}
    found = []
    for row in (row for row in rows if row["id"] in people):
        who = same.get(row["candidate"], row["candidate"])
        mine = marks.get(row["id"], ())
        found.append(Kept(row["id"], row, people[row["id"]], mine, who, asked_at.get(who), who in applied))
    return found


async def choices(site: Site, chosen: UUID | None, now: datetime) -> tuple[list[dict[str, Any]], list[tags.Named]]:
    """The vacancies and the tags by which the pool can be narrowed; `chosen`: a vacancy that must be among them."""
    wanted = in_pool(await employer.policy(site), day(now))
    return await search.newest_vacancies(site, wanted, chosen), await tags.listed(site)


# --- inviting ---------------------------------------------------------------------------------------------------------


def may_invite(vacancy: dict[str, Any], today: date) -> bool:
    """Whether the vacancy takes applications."""
    return takes_applications(vacancy["state"], vacancy["deadline"], today)


async def chosen(site: Site, me: Me, vacancy: UUID, units: Sequence[UUID], now: datetime) -> list[Kept]:
    """Those of these applications' people who can be invited now, by name, each once; each name is a look."""
    wanted = in_pool(await employer.policy(site), day(now)) & Condition(f"a.id IN {IDS}", (ids(units),))
    found = await _named(site, me, await _rows(site, wanted, MOST), now, vacancy)
    once = {each.who: each for each in reversed(found) if each.free}  # by the address that they used last
    return sorted(once.values(), key=lambda each: each.person.name.casefold())


def mark(to: Sequence[Kept], words: Mapping[Language, str]) -> str:
    """Stands for exactly these people and these words: a confirmation carries it back."""
    text = "|".join([*sorted(str(each.id) for each in to), *(f"{lang}:{words[lang]}" for lang in sorted(words))])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


async def invite(
    site: Site,
    me: Me,
    vacancy: dict[str, Any],
    units: Sequence[UUID],
    words: Mapping[Language, str],
    looked_at: str,
    now: datetime,
) -> int:
    """A mail to each of them in their own language, with one link; how many. NotOpen or Changed: nothing was sent."""
    if not may_invite(vacancy, day(now)):
        raise NotOpen()
    to = await chosen(site, me, vacancy["id"], units, now)
    keys = await site.keyring.keys(each.id for each in to)
    if not to or mark(to, words) != looked_at or len(keys) != len(to):
        raise Changed()
    async with site.records.transaction():
        sent = [await _invite(site, me, vacancy, each, keys[each.id], words, now) for each in to]
    return sum(sent)


async def _invite(
    site: Site,
    me: Me,
    vacancy: dict[str, Any],
    to: Kept,
    key: UnitKey,
    words: Mapping[Language, str],
    now: datetime,
) -> bool:
    """The row and its mail, in the caller's transaction; False if somebody else was quicker."""
    candidate = to.row["candidate"]
    number = pair_id(to.who, vacancy["id"])
    rows = await site.records.run_sql(
        "INSERT INTO pool_invitation (id, candidate, vacancy, invited_by, invited_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO NOTHING RETURNING id",
        *(number, candidate, vacancy["id"], me.id, now),
    )
    if not rows:
        return False
    token = await links.make(site, invited.PURPOSE, candidate, now, target=vacancy["id"])
    _, lang = await letters.addressee(site, candidate)
    url = site.settings.link(f"/invited/{token}")
    said = _said(site, vacancy, words, lang) | {"invited_url": url, "by": me.id}
    await letters.to_candidate(site, candidate, key, f"invited:{number}", "invited", now, **said)
    await audit.record("pool.invited", now, me.id, application=to.id, vacancy=vacancy["id"])
    return True


def _said(site: Site, vacancy: dict[str, Any], words: Mapping[Language, str], lang: Language) -> dict[str, Any]:
    """What the mail says to everybody alike."""
    return {
        "title": either(vacancy, "title", lang),
        "deadline": vacancy["deadline"],
        "words": words,
        "posting_url": site.settings.link(f"/positions/{vacancy['id']}"),
    }


async def preview(site: Site, vacancy: dict[str, Any], words: Mapping[Language, str], lang: Language) -> Message:
    """The mail as it will read, with a line in place of what is different for each person."""
    theirs = dict.fromkeys(("name", "my_url", "withdraw_url", "invited_url"), "…")
    common = {"employer": await employer.current(site), "privacy_url": site.settings.link("/privacy")}
    return mail.render("invited", lang, "", **theirs, **common, **_said(site, vacancy, words, lang))
