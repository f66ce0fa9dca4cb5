"""People and vacancies made up for tests; each function leaves the installation as the real act would."""

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit import clock
from recruit.accounts import sessions
from recruit.i18n import Language
from recruit.site import Site
from recruit.tables import (
    Application,
    ApplicationData,
    Candidate,
    Document,
    FileName,
    Person,
    Staff,
    StaffSecrets,
    TeamMember,
    Vacancy,
)
from recruit.vault.epoch import address_digest
from recruit.vault.keyring import Birth
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
        roles = (await site.records.run_sql("SELECT roles FROM staff WHERE id = ?", member))[0]["roles"]
        role = "hiring_manager" if "hiring_manager" in roles else "interviewer"
        await TeamMember.insert(TeamMember(id=uuid4(), vacancy=number, staff=member, role=role)).run()
    return number


async def sign_in(
    client: AsyncTestClient[Litestar], site: Site, person: UUID, kind: Literal["staff", "candidate"] = "staff"
) -> str:
    """Sign a staff account (or a candidate) in at the client, without the sign-in page; the cookie's value."""
    token = await sessions.begin(site, kind, person, clock.now())
    client.cookies.set(sessions.cookie_name(site), token, domain="testserver.local", path="/")
    return token


async def application(
    site: Site,
    now: datetime,
    vacancy: UUID,
    email: str = "ola@example.org",
    name: str = "Ola Sør",
    phone: str = "900 00 000",
    letter: str = "Jeg liker å bygge ting som varer.",
    documents: tuple[tuple[str, str, bytes], ...] = (),
    stage: str = "received",
    finalist: bool = False,
    consented: bool = False,
    closed: datetime | None = None,
    outcome: str = "rejected",
    decided_by: UUID | None = None,
    language: Language = "nb",
) -> UUID:
    """An application as sent; `documents` are (name, media type, bytes), the first one the CV.

    `consented`: the candidate answered yes right after sending. `closed`: the instant at which it got its outcome,
    through the real act, decided by `decided_by`.
    """
    unit = uuid4()
    (key,) = await site.keyring.birth(Birth(unit, "draft", now, digest=address_digest("draft", email)))
    profile, is_new = await site.keyring.adopt(unit, email, now)
    profile_key, guard = await site.keyring.key(profile), await site.keyring.guard(unit)
    assert guard
    async with site.records.transaction():
        if is_new:
            person = seal(profile_key, "candidate", profile, Person(name=name, email=email, phone=phone))
            await Candidate.insert(Candidate(id=profile, language=language, created_at=now, sealed=person)).run()
        await Application.insert(
            Application(
                id=unit,
                candidate=profile,
                vacancy=vacancy,
                submitted_at=now,
                last_activity_at=now,
                stage=stage,
                furthest_stage=stage,
                finalist=finalist or stage == "finalist",
                guard_version=guard.version,
                sealed=seal(
                    key, "application", unit, ApplicationData(name=name, email=email, phone=phone, letter=letter)
                ),
            )
        ).run()
    for place, (file, media_type, data) in enumerate(documents):
        await document(site, now, unit, file, media_type, data, kind="cv" if place == 0 else "certificate")
    if consented:
        from recruit.retention import consent

        await consent.record_first(site, profile, unit, language, now)
    if closed:
        from recruit.retention import service

        await service.close_applications(site, [unit], outcome, decided_by or uuid4(), closed)
    return unit


async def document(
    site: Site, now: datetime, unit: UUID, name: str, media_type: str, data: bytes, kind: str = "cv"
) -> UUID:
    """A sealed file of an application."""
    number = uuid4()
    key = await site.keyring.key(unit)
    await site.documents.put(key, number, "original", data)
    await Document.insert(
        Document(
            id=number,
            unit=unit,
            kind=kind,
            media_type=media_type,
            size=len(data),
            added_at=now,
            sealed=seal(key, "document", number, FileName(name=name)),
        )
    ).run()
    return number


async def candidate_of(site: Site, application: UUID) -> UUID:
    """The candidate who sent an application."""
    rows = await site.records.run_sql("SELECT candidate FROM application WHERE id = ?", application)
    found: UUID = rows[0]["candidate"]
    return found
