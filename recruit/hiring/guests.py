"""Guests: somebody outside, such as a union representative, who reads chosen applications by a link, for a while.

Guards that a link opens exactly what was chosen, as long as it lives, the process runs and nobody has restricted or
erased it; that a guest never reads what others have found; that each look stands in the access log and, as a disclosure
to that guest, in the ledger of recipients before anything is shown (L29). Who a guest is, is sealed with each
application that was chosen, as a recipient of it, and goes with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from recruit import audit, employer, mail, typed
from recruit.accounts import links
from recruit.database import IDS, ids
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.hiring import access, papers, rules
from recruit.hiring.papers import Paper
from recruit.hiring.pipeline import Pipeline
from recruit.i18n import LANGUAGES, Language, either
from recruit.retention import recipients
from recruit.site import Site
from recruit.tables import ApplicationData, GuestWords, Party, Person
from recruit.vault.sealing import UnitKey, seal, unseal
from recruit.visible import APPLICATIONS

PURPOSE = ROLE = "guest"
USUAL_DAYS, MOST_DAYS = 7, 30
MOST = 25
LONGEST = 200
LEAFING = timedelta(minutes=15)
"""A look that is not older counts as the same one."""

_OPEN = "a.outcome IS NULL AND a.erasure_granted_on IS NULL"
"""Of `APPLICATIONS` a: what a guest may still read. What is restricted is not among them (L15)."""


class NothingToRead(RecruitError):
    """A guest's link lives, but the process has ended for all that was chosen, or it rests."""

    status = 410
    text = "There is nothing for you to read here any more, or not at the moment. Nothing is wanted of you."


@dataclass(frozen=True)
class Shown:
    """An application that a guest may read. `party` is the guest as a recipient of its data."""

    key: UnitKey
    candidate: UnitKey
    row: dict[str, Any]
    party: UUID
    name: str

    @property
    def id(self) -> UUID:
        return self.key.unit


@dataclass(frozen=True)
class Guest:
    """A guest, opened with what they may read now; `row` has the guest's days and the vacancy's title."""

    id: UUID
    row: dict[str, Any]
    who: Party
    words: GuestWords
    shown: tuple[Shown, ...]

    def title(self, lang: Language) -> str:
        return either(self.row, "title", lang)

    def alive(self, now: datetime) -> bool:
        return self.row["withdrawn_at"] is None and bool(self.row["until"] > now)


# --- inviting ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invitation:
    """Who is invited, for how many days, and why."""

    who: Party
    words: GuestWords
    days: int
    lang: Language


def invitation(form: Mapping[str, str]) -> Invitation:
    """What a form says; FormInvalid names what is missing."""
    who = Party(name=typed.line(form.get("name", "")), email=typed.email(form.get("email", "")))
    words = GuestWords(capacity=typed.line(form.get("capacity", "")), reason=form.get("reason", ""))
    days, lang = form.get("days", ""), form.get("lang", "nb")
    errors = {
        name: "Write this, in at most 200 characters."
        for name, text in (("name", who.name), ("capacity", words.capacity), ("reason", words.reason))
        if not 0 < len(text) <= LONGEST
    }
    if not typed.is_email(who.email):
        errors["email"] = typed.EMAIL_UNFIT
    if not (days.isascii() and days.isdigit() and len(days) < 3 and 1 <= int(days) <= MOST_DAYS):
        errors["days"] = "Write how many days the link lives, from 1 to 30."
    if lang not in LANGUAGES:
        errors["lang"] = "Choose the language."
    if errors:
        raise FormInvalid(errors)
    return Invitation(who, words, int(days), cast("Language", lang))


async def chosen(of: Pipeline, units: Sequence[UUID]) -> list[dict[str, Any]]:
    """Of these, the running ones within reach: id and candidate, for whom a guest may be invited."""
    wanted = ids(await of.only_mine(units))
    return await of.site.records.run_sql(
        f"SELECT a.id, a.candidate FROM {APPLICATIONS} a WHERE a.id IN {IDS} AND {_OPEN} ORDER BY a.submitted_at, a.id",
        wanted,
    )


async def invite(of: Pipeline, units: Sequence[UUID], asked: Invitation, now: datetime) -> UUID:
    """A guest, and the mail with their link. NotFound for what is out of reach, ProcessEnded for what has ended."""
    opened = [await access.opened(of.site, of.me, unit, "decide", now, "guest") for unit in units]
    for each in opened:
        rules.require_running(each.row["outcome"])
    if not 0 < len(opened) <= MOST:
        raise NotFound()
    number, until = uuid4(), now + timedelta(days=asked.days)
    async with of.site.records.transaction():
        await of.site.records.run_sql(
            "INSERT INTO guest (id, vacancy, language, invited_by, until) VALUES (?, ?, ?, ?, ?)",
            *(number, of.vacancy["id"], asked.lang, of.me.id, until),
        )
        for each in opened:
            await _choose(of.site, number, each.key, asked, now)
        token = await links.make(of.site, PURPOSE, number, now, until - now)
        await _write_to(of, opened[0].key, number, asked, token, until, now)
        await audit.record("guest.invited", now, of.me.id, guest=number, vacancy=of.vacancy["id"], n=len(opened))
    return number


async def _choose(site: Site, guest: UUID, key: UnitKey, asked: Invitation, now: datetime) -> None:
    row, party = uuid4(), await recipients.known(site, key.unit, asked.who.name, asked.who.email)
    await site.records.run_sql(
        "INSERT INTO guest_application (id, guest, application, party, invited_at, sealed) VALUES (?, ?, ?, ?, ?, ?)",
        *(row, guest, key.unit, party, now, seal(key, "guest_application", row, asked.words)),
    )


async def _write_to(
    of: Pipeline, key: UnitKey, guest: UUID, asked: Invitation, token: str, until: datetime, now: datetime
) -> None:
    """The mail names no candidate, and is sealed with one of the applications, so that it goes with it."""
    site = of.site
    await mail.queue(
        site,
        key,
        _cause(guest),
        "guest",
        asked.lang,
        asked.who.email,
        now,
        name=asked.who.name,
        capacity=asked.words.capacity,
        inviter=of.me.name,
        title=either(of.vacancy, "title", asked.lang),
        until=until,
        employer=await employer.current(site),
        policy=await employer.policy(site),
        guest_url=site.settings.link(f"/guest/{token}?lang={asked.lang}"),
        privacy_url=site.settings.link("/privacy"),
    )


def _cause(guest: UUID) -> str:
    return f"guest:{guest}"


async def withdraw(of: Pipeline, guest: UUID, now: datetime) -> None:
    """The link is dead at once, and a mail that has not left does not. NotFound for a guest of another vacancy."""
    async with of.site.records.transaction():
        rows = await of.site.records.run_sql(
            "UPDATE guest SET withdrawn_at = ? WHERE id = ? AND vacancy = ? AND withdrawn_at IS NULL RETURNING id",
            *(now, guest, of.vacancy["id"]),
        )
        if not rows:
            raise NotFound()
        await links.spend_all(of.site, PURPOSE, guest, now)
        await of.site.records.run_sql("DELETE FROM mail WHERE cause = ? AND state = 'queued'", _cause(guest))
        await audit.record("guest.withdrawn", now, of.me.id, guest=guest, vacancy=of.vacancy["id"])


async def vacancy_of(site: Site, guest: UUID) -> UUID:
    """For `pipeline.of` to judge who works with it; NotFound if there is no such guest."""
    rows = await site.records.run_sql("SELECT vacancy FROM guest WHERE id = ?", guest)
    if not rows:
        raise NotFound()
    found: UUID = rows[0]["vacancy"]
    return found


# --- reading ----------------------------------------------------------------------------------------------------------


async def listed(of: Pipeline) -> list[Guest]:
    """The guests of a vacancy, the newest first, with what of it lives and whoever asks may see (L4)."""
    found = await _guests(of.site, "g.vacancy = ?", of.vacancy["id"])
    mine = set(await of.only_mine([each.id for guest in found for each in guest.shown]))
    seen = [replace(guest, shown=tuple(each for each in guest.shown if each.id in mine)) for guest in found]
    return [guest for guest in seen if guest.shown]


async def by_link(site: Site, token: str, now: datetime) -> Guest:
    """LinkDead for a link that is unknown, withdrawn or too old; NothingToRead where all that was chosen has ended."""
    found = await links.find(site, token, PURPOSE, now)
    guests = await _guests(site, f"g.id = ? AND g.withdrawn_at IS NULL AND g.until > ? AND {_OPEN}", found.person, now)
    if not guests:
        raise NothingToRead()
    return guests[0]


async def _guests(site: Site, where: str, *params: Any) -> list[Guest]:
    rows = await site.records.run_sql(
        "SELECT g.*, v.title_nb, v.title_en, s.id AS place, s.application, s.party, s.invited_at, s.sealed AS words, "
        "p.sealed AS who, c.id AS candidate, c.sealed AS person, a.submitted_at, a.sealed AS sent "
        "FROM guest_application s JOIN guest g ON g.id = s.guest JOIN vacancy v ON v.id = g.vacancy "
        f"JOIN recipient p ON p.id = s.party JOIN {APPLICATIONS} a ON a.id = s.application "
        f"JOIN candidate c ON c.id = a.candidate WHERE {where} "
        "ORDER BY s.invited_at DESC, g.id, a.submitted_at, a.id",
        *params,
    )
    keys = await site.keyring.keys(unit for row in rows for unit in (row["application"], row["candidate"]))
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        if row["application"] in keys and row["candidate"] in keys:
            found.setdefault(row["id"], []).append(row)
    return [_guest(keys, own) for own in found.values()]


def _guest(keys: Mapping[UUID, UnitKey], rows: Sequence[dict[str, Any]]) -> Guest:
    first = rows[0]
    key = keys[first["application"]]
    return Guest(
        first["id"],
        first,
        unseal(key, "recipient", first["party"], bytes(first["who"]), Party),
        unseal(key, "guest_application", first["place"], bytes(first["words"]), GuestWords),
        tuple(_shown(keys, row) for row in rows),
    )


def _shown(keys: Mapping[UUID, UnitKey], row: dict[str, Any]) -> Shown:
    candidate = keys[row["candidate"]]
    person = unseal(candidate, "candidate", row["candidate"], bytes(row["person"]), Person)
    return Shown(keys[row["application"]], candidate, row, row["party"], person.name)


def one_of(guest: Guest, application: UUID) -> Shown:
    """NotFound for whatever was not chosen for this guest, or has gone from them."""
    found = next((each for each in guest.shown if each.id == application), None)
    if found is None:
        raise NotFound()
    return found


async def look(site: Site, guest: Guest, shown: Iterable[Shown], purpose: str, now: datetime) -> None:
    """Write down that a guest is about to read: a look, and a disclosure to them. Leafing counts as one."""
    looked = await site.records.run_sql(
        "SELECT unit FROM look WHERE staff = ? AND purpose = ? AND at > ?", guest.id, purpose, now - LEAFING
    )
    seen = {row["unit"] for row in looked}
    fresh = [each for each in shown if each.id not in seen]
    async with site.records.transaction():
        await audit.look(guest.id, ROLE, [each.id for each in fresh], purpose, now)
        for each in fresh:
            await recipients.disclosed(site, [each.id], "guest", "link", now, party=each.party)


async def read(
    site: Site, guest: Guest, application: UUID, now: datetime
) -> tuple[Shown, ApplicationData, list[Paper]]:
    """What a guest reads of one application: what the candidate sent with it, and nothing else."""
    shown = one_of(guest, application)
    await look(site, guest, [shown], "review", now)
    sent = unseal(shown.key, "application", shown.id, bytes(shown.row["sent"]), ApplicationData)
    return shown, sent, await papers.of_application(site, shown.key, now)


async def sheet(site: Site, guest: Guest, document: UUID, number: int, now: datetime) -> tuple[bytes, str]:
    """One drawn page of a document and its media type; NotFound for a document of what was not chosen."""
    shown = one_of(guest, await papers.owner(site, document))
    await look(site, guest, [shown], "document", now)
    return await papers.page(site, shown.key, document, number)
