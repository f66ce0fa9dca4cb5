"""Finding applications by words, stage, tag, source and vacancy, across all that somebody may see.

Guards that a hit is shown only within the reach that lists have too (`access.within`: role, team, assignment, L4, L15),
that an e-mail that came in finds something only for who may read it there (`letter`), and that the access rows stand
before the names are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from recruit.accounts.guards import INTERVIEWER, MANAGER, RECRUITER, Me
from recruit.database import IDS, ids
from recruit.hiring import access, rules
from recruit.hiring.access import Condition
from recruit.retention.rules import OUTCOMES, STAGES
from recruit.searching.index import Index, index_of
from recruit.site import Site
from recruit.tables import Person
from recruit.visible import APPLICATIONS

PAGE = 25
CHOICES = 50
"""So many vacancies stand in a list to choose from; an older one is narrowed by on its own page."""
_READ_MAILS = [role for role in (MANAGER, INTERVIEWER) if "letter" in rules.acts_of(role)]


@dataclass(frozen=True)
class Query:
    """What is looked for; what is empty does not narrow it. `state` is a stage of the running, or an outcome."""

    words: str = ""
    vacancy: UUID | None = None
    state: str = ""
    tag: UUID | None = None
    source: str = ""

    @property
    def empty(self) -> bool:
        return self == Query()


@dataclass(frozen=True)
class Hit:
    """An application that was found: its row with the vacancy's titles, and whose it is."""

    id: UUID
    row: dict[str, Any]
    person: Person


async def find(site: Site, me: Me, query: Query, page: int, now: datetime) -> tuple[list[Hit], bool]:
    """A page of hits, the newest application first, and whether there are more."""
    wanted = await reach(site, me) & _narrowed(query)
    if query.words:
        index = index_of(site)
        await index.update(site, now)
        read = await reach(site, me, _READ_MAILS)
        rows = await _among(site, index, query.words, wanted, read, page * PAGE + 1)
    else:
        rows = await _rows(site, wanted, page * PAGE + 1)
    shown = rows[(page - 1) * PAGE : page * PAGE]
    return await _named(site, me, shown, now), len(rows) > page * PAGE


async def among(site: Site, me: Me, units: Sequence[UUID], now: datetime) -> list[Hit]:
    """Of these applications those that somebody may see."""
    wanted = Condition(f"a.id IN {IDS}", (ids(units),)) & await reach(site, me)
    return await _named(site, me, await _rows(site, wanted, len(units)), now)


async def reach(site: Site, me: Me, roles: Sequence[str] = (MANAGER, INTERVIEWER)) -> Condition:
    """What somebody may see in all vacancies together: each within the role that they have there, if it is of these."""
    if me.has(RECRUITER):
        return access.within(RECRUITER, me)
    rows = await site.records.run_sql("SELECT vacancy, role FROM team_member WHERE staff = ?", me.id)
    held = {row["vacancy"]: rules.standing(me.roles, row["role"], assigned=True) for row in rows}
    parts = []
    for role in roles:
        own = [vacancy for vacancy, roles in held.items() if roles[:1] == (role,)]
        parts.append(Condition(f"a.vacancy IN {IDS}", (ids(own),)) & access.within(role, me))
    either = " OR ".join(f"({part.sql})" for part in parts)
    return Condition(f"({either})", tuple(value for part in parts for value in part.params))


def _narrowed(query: Query) -> Condition:
    found = Condition("1 = 1")
    if query.vacancy:
        found &= Condition("a.vacancy = ?", (query.vacancy,))
    if query.state in STAGES:
        found &= Condition("a.outcome IS NULL AND a.stage = ?", (query.state,))
    elif query.state in OUTCOMES:
        found &= Condition("a.outcome = ?", (query.state,))
    if query.tag:
        marked = "EXISTS (SELECT 1 FROM application_tag t WHERE t.application = a.id AND t.tag = ?)"
        found &= Condition(marked, (query.tag,))
    if query.source:
        found &= Condition("a.source = ?", (query.source,))
    return found


async def _rows(site: Site, wanted: Condition, most: int) -> list[dict[str, Any]]:
    return await site.records.run_sql(
        f"SELECT a.*, v.title_nb, v.title_en FROM {APPLICATIONS} a JOIN vacancy v ON v.id = a.vacancy "
        f"WHERE {wanted.sql} ORDER BY a.submitted_at DESC, a.id LIMIT ?",
        *(*wanted.params, most),
    )


async def _among(
    site: Site, index: Index, words: str, wanted: Condition, read: Condition, most: int
) -> list[dict[str, Any]]:
    """The first applications with these words that are wanted, newest first; by words of e-mails where those are
    `read`.
    """
    found: list[dict[str, Any]] = []
    async for own, mailed in index.matching(words):
        either = Condition(f"(a.id IN {IDS} OR a.id IN {IDS} AND ({read.sql}))", (ids(own), ids(mailed), *read.params))
        found += await _rows(site, either & wanted, most - len(found))
        if len(found) >= most:
            break
    return found


async def _named(site: Site, me: Me, rows: Sequence[dict[str, Any]], now: datetime) -> list[Hit]:
    """By role, since the access log names the one in which somebody looked."""
    roles = {row["vacancy"]: await access.role_in(site, me, row["vacancy"]) for row in rows}
    people: dict[UUID, Person] = {}
    for role in sorted(set(roles.values())):
        own = [row for row in rows if roles[row["vacancy"]] == role]
        people |= await access.names_of(site, me, role, own, "search", now)
    return [Hit(row["id"], row, people[row["id"]]) for row in rows if row["id"] in people]


async def choices(site: Site, me: Me, chosen: UUID | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The vacancies and the tags that somebody may narrow a search by; `chosen`: a vacancy that must be among them."""
    vacancies = await newest_vacancies(site, await reach(site, me), chosen)
    return vacancies, await site.records.run_sql("SELECT id, name FROM tag ORDER BY name")


async def newest_vacancies(site: Site, wanted: Condition, chosen: UUID | None) -> list[dict[str, Any]]:
    """The newest vacancies that have applications a which are wanted, at most `CHOICES`; and that one, if it has."""
    has = f"EXISTS (SELECT 1 FROM {APPLICATIONS} a WHERE a.vacancy = v.id AND {wanted.sql})"
    select = "SELECT v.id, v.title_nb, v.title_en FROM vacancy v"
    found = await site.records.run_sql(
        f"{select} WHERE {has} ORDER BY v.published_at DESC, v.id LIMIT ?", *(*wanted.params, CHOICES)
    )
    if chosen and chosen not in {row["id"] for row in found}:
        found += await site.records.run_sql(f"{select} WHERE v.id = ? AND {has}", *(chosen, *wanted.params))
    return found
