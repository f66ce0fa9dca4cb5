"""What the tests of hiring share: a vacancy with a team, people of every role, and what is in the outbox."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit.accounts.guards import ADMIN, DPO, INTERVIEWER, MANAGER, RECRUITER
from recruit.hiring import team
from recruit.site import Site
from recruit.tables import Message
from recruit.vault.sealing import unseal
from tests import factories

Client = AsyncTestClient[Litestar]


@dataclass(frozen=True)
class House:
    """A vacancy with one candidate, its team, and people who have nothing to do with it."""

    people: dict[str, UUID]
    vacancy: UUID
    application: UUID


async def house(site: Site, now: datetime, **application: Any) -> House:
    """Colleagues `recruiter`, `hiring_manager`, `interviewer` (both in the team), `dpo`, `admin`, `foreign_manager`,
    `foreign_interviewer`.
    """
    people = {}
    for role in (RECRUITER, MANAGER, INTERVIEWER, DPO, ADMIN):
        people[role] = await factories.staff(site, now, role, email=f"{role}@fjordlys.example", name=f"Navn {role}")
    for role in (MANAGER, INTERVIEWER):
        people[f"foreign_{role.removeprefix('hiring_')}"] = await factories.staff(
            site, now, role, email=f"other-{role}@fjordlys.example", name="Noen Andre"
        )
    vacancy = await factories.vacancy(site, now, team=(people[MANAGER], people[INTERVIEWER]))
    number = await factories.application(site, now, vacancy, **application)
    await team.assign(site, vacancy, [number], people[INTERVIEWER], people[RECRUITER], now)
    return House(people, vacancy, number)


async def rows(site: Site, table: str, **where: Any) -> list[dict[str, Any]]:
    clause = " AND ".join(f"{name} = ?" for name in where) or "1 = 1"
    return await site.records.run_sql(f"SELECT * FROM {table} WHERE {clause}", *where.values())


async def row(site: Site, application: UUID) -> dict[str, Any]:
    return (await rows(site, "application", id=application))[0]


async def letters(site: Site, template: str) -> list[Message]:
    """The mails of a template that are in the outbox, opened."""
    found = await rows(site, "mail", template=template)
    return [unseal(await site.keyring.key(r["unit"]), "mail", r["id"], bytes(r["sealed"]), Message) for r in found]


async def close(client: Client, vacancy: UUID, **typed: Any) -> str:
    """Close a vacancy as a recruiter does: look at what would go out, then confirm it. The page that was looked at."""
    form = {"others": "position_filled", "ask": "1", **typed}
    looked = (await client.post(f"/vacancies/{vacancy}/close", data=form)).text
    mark = re.search(r'name="mark" value="([0-9a-f]+)"', looked)
    assert mark, looked
    answer = await client.post(f"/vacancies/{vacancy}/close", data={**form, "mark": mark[1]})
    assert answer.status_code == 200, answer.text
    return looked
