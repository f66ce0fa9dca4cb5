"""Made-up installations to measure on, written in bulk: nothing here is timed.

Guards that both sides of a benchmark begin with the same rows: candidates with one application, one file, one consent,
two moves and three mails each, sealed as the real acts would have sealed them.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from recruit import clock
from recruit.accounts import sessions
from recruit.employer import EmployerFacts, set_employer, set_policy
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site
from recruit.tables import ApplicationData, FileName, Message, Person, StaffSecrets
from recruit.vault.epoch import address_digest
from recruit.vault.keyring import Birth
from recruit.vault.sealing import StreamSealer, UnitKey, seal

FILE = 20_000
SENT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CLOSED = SENT + timedelta(days=30)
LATER = datetime(2026, 9, 1, 2, 30, tzinfo=UTC)

EMPLOYER = EmployerFacts(
    name="Fjordlys AS",
    number="999 999 999",
    address="Storgata 1, 2380 Brumunddal",
    contact_email="post@fjordlys.example",
    has_dpo=False,
    dpo_name="Kari Nord",
    dpo_email="kari@fjordlys.example",
)


def settings_in(folder: Path) -> Settings:
    return Settings(
        data=folder / "data", holders=(folder / "keys",), backups=folder / "backups", smtp=f"maildir:{folder / 'mail'}"
    )


async def installation(folder: Path, many: int, ended: bool) -> UUID:
    """One vacancy with `many` applications; its id. `ended`: closed long ago, and their purge announced in time."""
    site = await Site.open(settings_in(folder))
    await set_employer(site, EMPLOYER, None, SENT)
    await set_policy(site, Policy(), None, SENT)
    vacancy = uuid4()
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO vacancy (id, state, title_nb, title_en, posting_nb, posting_en, place, extent, created_at) "
            "VALUES (?, 'published', 'Montør', 'Fitter', '', '', 'Brumunddal', '100 %', ?)",
            *(vacancy, SENT),
        )
    for start in range(0, many, 500):
        await _people(site, vacancy, min(500, many - start), ended)
    await site.close()
    return vacancy


async def recruiter(folder: Path) -> str:
    """An account that is signed in; the cookie's value."""
    site, unit, now = await Site.open(settings_in(folder)), uuid4(), clock.now()
    (key,) = await site.keyring.birth(
        Birth(unit, "staff", now, digest=address_digest("staff", "kari@fjordlys.example"))
    )
    secrets = seal(key, "staff", unit, StaffSecrets(name="Kari Nord", email="kari@fjordlys.example"))
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO staff (id, active, roles, language, created_at, sealed) "
            "VALUES (?, 1, 'recruiter', 'nb', ?, ?)",
            *(unit, now, secrets),
        )
    token = await sessions.begin(site, "staff", unit, now + timedelta(hours=1))
    await site.close()
    return token


async def _people(site: Site, vacancy: UUID, many: int, ended: bool) -> None:
    births: list[Birth] = []
    until: date | None = CLOSED.date() if ended else None
    for _ in range(many):
        profile, application = uuid4(), uuid4()
        digest = address_digest("profile", f"{profile}@example.org")
        births.append(Birth(profile, "profile", SENT, digest=digest))
        births.append(Birth(application, "application", SENT, profile, retain_until=until))
    keys = await site.keyring.birth(*births)
    rows: dict[str, list[dict[str, Any]]] = {}
    for profile_key, key in zip(keys[::2], keys[1::2], strict=True):
        for table, row in _rows(vacancy, profile_key, key, ended):
            rows.setdefault(table, []).append(row)
        document = rows["document"][-1]["id"]
        _file(site.settings.data / "documents", key, document)
    async with site.records.transaction():
        for table, lines in rows.items():
            names = ", ".join(lines[0])
            marks = ", ".join("?" * len(lines[0]))
            sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"
            await site.records.run_many(sql, [tuple(line.values()) for line in lines])


def _rows(vacancy: UUID, profile: UnitKey, key: UnitKey, ended: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    candidate, own, document, told = profile.unit, key.unit, uuid4(), uuid4()
    person = Person(name="Ola Sør", email=f"{candidate}@example.org", phone="900 00 000")
    data = ApplicationData(name=person.name, email=person.email, phone=person.phone, letter="Jeg vil bygge. " * 40)
    yield "candidate", _sealed(profile, "candidate", candidate, person, language="nb", created_at=SENT)
    state = {"stage": "screening", "furthest_stage": "screening", "finalist": False, "source": "web"}
    end = (
        {}
        if not ended
        else {"outcome": "rejected", "decided_by": vacancy, "closed_on": CLOSED.date(), "closed_at": CLOSED}
    )
    since = {"submitted_at": SENT, "last_activity_at": CLOSED, "guard_version": 0}
    yield (
        "application",
        _sealed(key, "application", own, data, candidate=candidate, vacancy=vacancy, **state, **end, **since),
    )
    name, about = FileName(name="cv.pdf", pages=2), {"kind": "cv", "media_type": "application/pdf", "size": FILE}
    yield "document", _sealed(key, "document", document, name, unit=own, added_at=SENT, **about)
    yield (
        "consent",
        {"id": uuid4(), "candidate": candidate, "application": own, "given": False, "at": SENT, "channel": "form"}
        | {"language": "nb", "wording": 1, "wording_hash": "0" * 64},
    )
    for was, became in (("received", "screening"), ("screening", "rejected")):
        yield "move", {"id": uuid4(), "application": own, "at": CLOSED, "was": was, "became": became}
    for cause in (f"applied:{own}", f"closed:{own}", f"purge_notice:{told}"):
        mail = uuid4()
        words = Message(to=person.email, subject="Søknaden din", text="Takk. " * 100, html="<p>Takk.</p>" * 100)
        at = {"cause": cause, "template": "applied", "state": "sent", "attempts": 1, "queued_at": SENT, "next_at": SENT}
        yield "mail", _sealed(key, "mail", mail, words, unit=own, sent_at=CLOSED, **at)
    if not ended:
        return
    notice = {"id": told, "application": own, "candidate": candidate, "token": told.hex * 2, "rule": "L4"}
    yield (
        "purge_notice",
        {**notice, "state": "announced", "noticed_at": CLOSED, "erase_from": CLOSED, "due_on": CLOSED.date()},
    )


def _sealed(key: UnitKey, table: str, row: UUID, value: Any, **columns: Any) -> dict[str, Any]:
    return {"id": row, **columns, "sealed": seal(key, table, row, value)}


def _file(folder: Path, key: UnitKey, document: UUID) -> None:
    sealer = StreamSealer(key, document)
    path = folder / "units" / str(key.unit) / f"{document}.original"
    path.parent.mkdir(parents=True)
    path.write_bytes(sealer.push(os.urandom(FILE)) + sealer.finish())
