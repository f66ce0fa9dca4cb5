"""People and vacancies made up for tests; each function leaves the installation as the real act would."""

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit import clock
from recruit.accounts import sessions
from recruit.site import Site
from recruit.tables import Staff, StaffSecrets, TeamMember, Vacancy
from recruit.vault.keyring import Birth, address_digest
from recruit.vault.sealing import seal


async def staff(
    site: Site, now: datetime, *roles: str, email: str = "kari@fjordlys.example", name: str = "Kari Nord"
) -> UUID:
    """An account with the given roles (without a password)."""
    unit = uuid4()
    (key,) = await site.keyring.birth(Birth(unit, "staff", now, digest=address_digest("staff", email)))
    sealed = seal(key, "staff", unit, StaffSecrets(name=name, email=email))
    await Staff.insert(
        Staff(id=unit, active=True, roles=",".join(roles), language="nb", created_at=now, sealed=sealed)
    ).run()
    return unit


async def vacancy(site: Site, now: datetime, state: str = "published", team: tuple[UUID, ...] = ()) -> UUID:
    """A published vacancy with a hiring team."""
    number = uuid4()
    await Vacancy.insert(
        Vacancy(
            id=number,
            state=state,
            title_nb="Systemutvikler",
            title_en="Software developer",
            posting_nb="Vi søker en systemutvikler.",
            posting_en="We are looking for a software developer.",
            place="Brumunddal",
            extent="100 %",
            created_at=now,
            published_at=now,
        )
    ).run()
    for member in team:
        await TeamMember.insert(TeamMember(id=uuid4(), vacancy=number, staff=member)).run()
    return number


async def sign_in(
    client: AsyncTestClient[Litestar], site: Site, person: UUID, kind: Literal["staff", "candidate"] = "staff"
) -> str:
    """Sign a staff account (or a candidate) in at the client, without the sign-in page; the cookie's value."""
    token = await sessions.begin(site, kind, person, clock.now())
    client.cookies.set(sessions.cookie_name(site), token, domain="testserver.local", path="/")
    return token
