"""Tags: words from the employer's own list, with which applications are marked, found and filtered.

Guards that a tag is a word for a kind of application and never about one person: the list is short, the same for all,
kept by recruiters, and what an address or a number looks like is refused. Which application has which tag are two ids.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from recruit import audit, typed
from recruit.database import IDS, ids
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import lawful
from recruit.hiring.access import pair_id
from recruit.site import Site
from recruit.tables import Tag

LONGEST = 40
MOST = 60


@dataclass(frozen=True)
class Named:
    """A tag; `n` is how many applications have it, where that was asked for."""

    id: UUID
    name: str
    n: int = 0


async def listed(site: Site) -> list[Named]:
    """The employer's list, by name."""
    rows = await site.records.run_sql(
        "SELECT t.id, t.name, (SELECT count(*) FROM application_tag m WHERE m.tag = t.id) AS n FROM tag t"
    )
    return sorted((Named(row["id"], row["name"], row["n"]) for row in rows), key=lambda tag: tag.name.casefold())


async def of(site: Site, applications: Iterable[UUID]) -> dict[UUID, tuple[Named, ...]]:
    """The tags of each of these applications, by name."""
    rows = await site.records.run_sql(
        "SELECT m.application, t.id, t.name FROM application_tag m JOIN tag t ON t.id = m.tag "
        f"WHERE m.application IN {IDS} ORDER BY t.name",
        ids(applications),
    )
    found: dict[UUID, tuple[Named, ...]] = {}
    for row in rows:
        found[row["application"]] = (*found.get(row["application"], ()), Named(row["id"], row["name"]))
    return found


async def create(site: Site, name: str, by: UUID, now: datetime) -> UUID:
    """A new word for the list. FormInvalid for one that is there, too long, or speaks of what the law keeps out."""
    word = typed.line(name)
    known = await listed(site)
    error = (
        "Write the tag."
        if not word
        else typed.TOO_LONG
        if len(word) > LONGEST
        else "A tag is a word for a kind of application, not an address or a number."
        if typed.holds_address(word) or sum(c.isdigit() for c in word) > 4
        else "There is such a tag already."
        if word.casefold() in {tag.name.casefold() for tag in known}
        else "The list is full. Remove a tag that nobody uses."
        if len(known) >= MOST
        else lawful.TAG_UNFIT
        if lawful.objections(word)
        else ""
    )
    if error:
        raise FormInvalid({"name": error})
    tag = uuid4()
    async with site.records.transaction():
        await Tag.insert(Tag(id=tag, name=word, made_by=by)).run()
        await audit.record("tag.created", now, by, tag=tag)
    return tag


async def remove(site: Site, tag: UUID, by: UUID, now: datetime) -> None:
    """Take a word off the list, and off every application. NotFound if there is none."""
    async with site.records.transaction():
        gone = await site.records.run_sql("DELETE FROM tag WHERE id = ? RETURNING id", tag)
        if not gone:
            raise NotFound()
        await site.records.run_sql("DELETE FROM application_tag WHERE tag = ?", tag)
        await audit.record("tag.removed", now, by, tag=tag)


async def put(site: Site, applications: Sequence[UUID], tag: UUID, by: UUID, now: datetime) -> None:
    """Mark applications; call with those that `access` or `Pipeline.only_mine` gave. NotFound for an unknown tag."""
    if not await site.records.run_sql("SELECT 1 FROM tag WHERE id = ?", tag):
        raise NotFound()
    async with site.records.transaction():
        await site.records.run_many(
            "INSERT INTO application_tag (id, application, tag, tagged_by, tagged_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            [(str(pair_id(unit, tag)), str(unit), str(tag), str(by), now) for unit in applications],
        )
        await audit.record("applications.tagged", now, by, tag=tag, n=len(applications))


async def take(site: Site, applications: Sequence[UUID], tag: UUID, by: UUID, now: datetime) -> None:
    """Take a mark off applications."""
    async with site.records.transaction():
        await site.records.run_sql(
            f"DELETE FROM application_tag WHERE tag = ? AND application IN {IDS}", tag, ids(applications)
        )
        await audit.record("applications.untagged", now, by, tag=tag, n=len(applications))
