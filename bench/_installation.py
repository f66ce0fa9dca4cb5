"""Made-up installations to measure on, written in bulk: nothing here is timed.

Guards that both sides of a benchmark begin with the same rows: candidates with one application, one file, one consent,
two moves and three mails each, sealed as the real acts would have sealed them.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from recruit import clock
from recruit.accounts import sessions
from recruit.database import Engine, Server
from recruit.employer import EmployerFacts, set_employer, set_policy
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site
from recruit.tables import ApplicationData, FileName, Message, Person, StaffSecrets
from recruit.vault.epoch import address_digest
from recruit.vault.keyring import Birth
from recruit.vault.sealing import StreamSealer, UnitKey, new_secret, seal

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
        await people(site, vacancy, min(500, many - start), ENDED if ended else RUNNING)
    await site.close()
    return vacancy


async def recruiter(folder: Path) -> str:
    """An account that is signed in; the cookie's value."""
    site = await Site.open(settings_in(folder))
    token = await signed_in(site)
    await site.close()
    return token


async def signed_in(site: Site, *roles: str) -> str:
    """A recruiter's session, with further roles if some are named; the cookie's value."""
    unit, now = uuid4(), clock.now()
    (key,) = await site.keyring.birth(
        Birth(unit, "staff", now, digest=address_digest("staff", "kari@fjordlys.example"))
    )
    secrets = seal(key, "staff", unit, StaffSecrets(name="Kari Nord", email="kari@fjordlys.example"))
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO staff (id, active, roles, language, created_at, sealed) VALUES (?, TRUE, ?, 'nb', ?, ?)",
            *(unit, ",".join(("recruiter", *roles)), now, secrets),
        )
    return await sessions.begin(site, "staff", unit, now + timedelta(hours=1))


@dataclass(frozen=True)
class Life:
    """How far the applications of a vacancy have come; `file`: what each sent, empty: its row alone."""

    sent: datetime = SENT
    closed: datetime = CLOSED
    ended: bool = False
    consented: bool = False
    kept_until: date | None = None
    announced: bool = False
    file: bytes = os.urandom(FILE)
    mails: int = 3


RUNNING = Life()
ENDED = Life(ended=True, kept_until=CLOSED.date(), announced=True)


async def people(site: Site, vacancy: UUID, many: int, life: Life) -> list[UUID]:
    """Candidates with one application each to a vacancy; the applications."""
    births: list[Birth] = []
    for _ in range(many):
        profile, application = uuid4(), uuid4()
        digest = address_digest("profile", f"{profile}@example.org")
        births.append(Birth(profile, "profile", life.sent, digest=digest))
        births.append(Birth(application, "application", life.sent, profile, retain_until=life.kept_until))
    keys = await _born(site, births)
    rows: dict[str, list[dict[str, Any]]] = {}
    for profile_key, key in zip(keys[::2], keys[1::2], strict=True):
        for table, row in _rows(vacancy, profile_key, key, life):
            rows.setdefault(table, []).append(row)
        if life.file:
            _file(site.settings.data / "documents", key, rows["document"][-1]["id"], life.file)
    await insert(site.records, rows)
    return [key.unit for key in keys[1::2]]


async def _born(site: Site, births: Sequence[Birth]) -> list[UnitKey]:
    """Keys as `Keyring.birth` makes them; into a server in bulk."""
    if not isinstance(site.keyring.engine, Server):
        return await site.keyring.birth(*births)
    keys, epoch = [UnitKey(birth.unit, new_secret()) for birth in births], site.keyring._epochs.present
    rows = [
        {"id": b.unit, "kind": b.kind, "parent": b.parent, "epoch": epoch.number, "born_at": b.at}
        | {"wrapped": epoch.wrap(b.unit, key.secret + b.digest), "lookup": epoch.lookup(b.digest)}
        | {"retain_until": b.retain_until, "holds": 0, "restrictions": 0, "open_requests": 0, "version": 0}
        for b, key in zip(births, keys, strict=True)
    ]
    await insert(site.keyring.engine, {"data_key": rows})
    return keys


async def insert(engine: Engine, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Rows by their table, in one transaction; a server takes them in bulk, without its triggers looking at each."""
    async with engine.transaction() as held:
        if isinstance(engine, Server):
            await held.connection.execute("SET LOCAL session_replication_role = replica")
        for table, lines in rows.items():
            names, values = list(lines[0]), [tuple(line.values()) for line in lines]
            if isinstance(engine, Server):
                await held.connection.copy_records_to_table(table, records=values, columns=names)
            else:
                marks = ", ".join("?" * len(names))
                await engine.run_many(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)


def _rows(vacancy: UUID, profile: UnitKey, key: UnitKey, life: Life) -> Iterator[tuple[str, dict[str, Any]]]:
    candidate, own, document, told = profile.unit, key.unit, uuid4(), uuid4()
    sent, closed = life.sent, life.closed
    person = Person(name="Ola Sør", email=f"{candidate}@example.org", phone="900 00 000")
    data = ApplicationData(name=person.name, email=person.email, phone=person.phone, letter="Jeg vil bygge. " * 40)
    yield "candidate", _sealed(profile, "candidate", candidate, person, language="nb", created_at=sent)
    state = {"stage": "screening", "furthest_stage": "screening", "finalist": False, "source": "web"}
    end = (
        {}
        if not life.ended
        else {"outcome": "rejected", "decided_by": vacancy, "closed_on": closed.date(), "closed_at": closed}
    )
    since = {"submitted_at": sent, "last_activity_at": closed, "guard_version": 0}
    yield (
        "application",
        _sealed(key, "application", own, data, candidate=candidate, vacancy=vacancy, **state, **end, **since),
    )
    name, about = (
        FileName(name="cv.pdf", pages=2),
        {"kind": "cv", "media_type": "application/pdf", "size": len(life.file)},
    )
    yield "document", _sealed(key, "document", document, name, unit=own, added_at=sent, **about)
    yield (
        "consent",
        {
            "id": uuid4(),
            "candidate": candidate,
            "application": own,
            "given": life.consented,
            "at": sent,
            "channel": "form",
        }
        | {"language": "nb", "wording": 1, "wording_hash": "0" * 64},
    )
    for was, became in (("received", "screening"), ("screening", "rejected")):
        yield "move", {"id": uuid4(), "application": own, "at": closed, "was": was, "became": became}
    for cause in (f"applied:{own}", f"closed:{own}", f"purge_notice:{told}")[: life.mails]:
        mail = uuid4()
        words = Message(to=person.email, subject="Søknaden din", text="Takk. " * 100, html="<p>Takk.</p>" * 100)
        at = {"cause": cause, "template": "applied", "state": "sent", "attempts": 1, "queued_at": sent, "next_at": sent}
        yield "mail", _sealed(key, "mail", mail, words, unit=own, sent_at=closed, **at)
    if not life.announced:
        return
    notice = {"id": told, "application": own, "candidate": candidate, "token": told.hex * 2, "rule": "L4"}
    yield (
        "purge_notice",
        {**notice, "state": "announced", "noticed_at": closed, "erase_from": closed, "due_on": closed.date()},
    )


def _sealed(key: UnitKey, table: str, row: UUID, value: Any, **columns: Any) -> dict[str, Any]:
    return {"id": row, **columns, "sealed": seal(key, table, row, value)}


def _file(folder: Path, key: UnitKey, document: UUID, data: bytes) -> None:
    sealer = StreamSealer(key, document)
    path = folder / "units" / str(key.unit) / f"{document}.original"
    path.parent.mkdir(parents=True)
    path.write_bytes(sealer.push(data) + sealer.finish())
