"""The recipients ledger (L29, art. 19): who got data of a unit, and who was told when they were corrected or erased.

Guards that no disclosure goes unwritten, that names and addresses of recipients stand sealed under the unit and go with
it, and that everybody who can be reached is told once for each act, with the reason kept where somebody could not be.
`disclosed` and `notify_recipients` run inside the caller's records transaction: act and rows stand or fall together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID, uuid4

from recruit import audit, employer, letters, mail, typed
from recruit.accounts import staff
from recruit.accounts.staff import Account
from recruit.clock import day
from recruit.database import IDS, ids
from recruit.errors import FormInvalid, NotFound
from recruit.i18n import Language, Translate, either
from recruit.site import Site
from recruit.tables import Disclosure, Party, Person, Recipient, RecipientNotice
from recruit.vault.sealing import UnitKey, seal, unseal

Act = Literal["rectified", "erased", "part_erased", "restricted"]
Channel = Literal["mail", "export", "calendar_file", "download", "hand_over", "api", "print", "link", "mailbox"]
State = Literal["queued", "sent", "not_reachable"]

LONGEST = 200
MAILBOX = "mailbox"
"""An original that stays where it came in: nobody can be told, somebody has to delete it there."""
THEMSELVES = "candidate"
"""Copies that went to the person whose data it is: written down, but nobody has to be told."""


@dataclass(frozen=True)
class Notice:
    """What became of telling one recipient. `why` (no_address, no_account, closed, refused) says why they were not."""

    act: str
    state: State
    why: str
    at: datetime


@dataclass(frozen=True)
class Given:
    """One disclosure as a case shows it. `name` is empty where only the category may be said."""

    id: UUID
    unit: UUID
    at: datetime
    recipient: str
    channel: str
    name: str
    account: UUID | None
    notices: tuple[Notice, ...]


# --- writing down ---------------------------------------------------------------------------------------------------


async def disclosed(
    site: Site,
    units: Iterable[UUID],
    recipient: str,
    channel: Channel,
    now: datetime,
    account: UUID | None = None,
    party: UUID | None = None,
) -> None:
    """Write down that data of these units go to somebody, before they do.

    `account` is the colleague who takes or gets them, `party` a referee's id or what `known` returned.
    """
    rows = [
        Disclosure(id=uuid4(), unit=unit, recipient=recipient, channel=channel, at=now, account=account, party=party)
        for unit in units
    ]
    if rows:
        await Disclosure.insert(*rows).run()


async def known(site: Site, unit: UUID, name: str, email: str = "") -> UUID:
    """A person or firm outside, as a recipient of this unit's data; the same one as before, if it was named before."""
    key = await site.keyring.key(unit)
    for row in await site.records.run_sql("SELECT id, sealed FROM recipient WHERE unit = ?", unit):
        if unseal(key, "recipient", row["id"], bytes(row["sealed"]), Party) == Party(name=name, email=email):
            found: UUID = row["id"]
            return found
    party = uuid4()
    sealed = seal(key, "recipient", party, Party(name=name, email=email))
    await Recipient.insert(Recipient(id=party, unit=unit, sealed=sealed)).run()
    return party


# --- telling them ---------------------------------------------------------------------------------------------------


async def notify_recipients(site: Site, units: Iterable[UUID], act: Act, now: datetime, what: str = "") -> list[Notice]:
    """Tell everybody outside who got data of these units, and colleagues who hold copies, what became of the data.

    `what` says it in words (old and new value of a rectification); it goes only into mails that are sealed under the
    unit. One notice for each recipient: queued, or not reachable with the reason. An erasure is told once.
    """
    owed = await _owed(site, list(units), act)
    accounts = {a.id: a for a in await staff.listed(site)} if any(row["account"] for row in owed) else {}
    told_now, by_account = [], dict[UUID, list[dict[str, Any]]]()
    for row in owed:
        account = accounts.get(row["account"])
        if row["party"] is None and account is not None and account.active:
            by_account.setdefault(account.id, []).append(row)
        else:
            told_now.append(await _tell_outside(site, row, act, now, what, account))
    for who, rows in by_account.items():
        told_now += await _tell_colleague(site, accounts[who], rows, act, now)
    return told_now


async def untold(site: Site, units: Iterable[UUID], act: Act) -> set[UUID]:
    """The units that have a recipient who was not told of this act yet, reachable or not."""
    return {row["unit"] for row in await _owed(site, list(units), act)}


async def awaited(site: Site, units: Iterable[UUID], since: datetime) -> set[UUID]:
    """The units whose recipients' mails still wait for the mail server and must leave before the key goes: those that
    were queued at `since` or later.
    """
    rows = await site.records.run_sql(
        "SELECT n.unit FROM recipient_notice n JOIN mail m ON m.cause = n.cause WHERE n.state = 'queued' "
        f"AND n.act = 'erased' AND m.state = 'queued' AND m.queued_at >= ? AND n.party IS NOT NULL AND n.unit IN {IDS}",
        *(since, ids(units)),
    )
    return {row["unit"] for row in rows}


async def keep_states(site: Site, units: Iterable[UUID] | None = None) -> None:
    """Take over what became of the mails, before they go with their unit (all of them, if no units are named)."""
    where, params = ("1 = 1", []) if units is None else (f"n.unit IN {IDS}", [ids(units)])
    rows = await site.records.run_sql(
        "SELECT n.id, m.state FROM recipient_notice n JOIN mail m ON m.cause = n.cause "
        f"WHERE n.state = 'queued' AND m.state <> 'queued' AND {where}",
        *params,
    )
    for state, why in (("sent", ""), ("refused", "refused")):
        found = ids(row["id"] for row in rows if row["state"] == state)
        became = "not_reachable" if why else state
        await site.records.run_sql(
            f"UPDATE recipient_notice SET state = ?, why = ? WHERE id IN {IDS}", became, why, found
        )


async def _owed(site: Site, units: Sequence[UUID], act: Act) -> list[dict[str, Any]]:
    """Each recipient of each unit once, with the last disclosure; without those who know of this erasure already."""
    given = await site.records.run_sql(
        "SELECT unit, recipient, account, party, at FROM disclosure "
        f"WHERE recipient <> ? AND unit IN {IDS} ORDER BY at",
        *(THEMSELVES, ids(units)),
    )
    rows = list({whose(row): row for row in given}.values())
    if act != "erased":
        return rows
    told = await site.records.run_sql(
        f"SELECT unit, recipient, account, party, at FROM recipient_notice WHERE act = 'erased' AND unit IN {IDS}",
        ids(units),
    )
    known_since = {whose(row): row["at"] for row in told}
    return [row for row in rows if whose(row) not in known_since or known_since[whose(row)] < row["at"]]


def whose(row: dict[str, Any]) -> tuple[Any, ...]:
    """What tells one recipient of one unit from all others."""
    return row["unit"], row["recipient"], row["account"], row["party"]


async def _tell_outside(
    site: Site, row: dict[str, Any], act: Act, now: datetime, what: str, account: Account | None
) -> Notice:
    """A referee, or a person or firm outside: by a mail that is sealed under their unit, and says who it is about."""
    party, key = await _party(site, row)
    if party is None or not party.email:
        by_hand = "by_hand" if row["recipient"] == MAILBOX else "no_account"
        why = "no_address" if row["party"] else "closed" if account else by_hand
        return await _noted(site, [row], act, "not_reachable", why, "", now)
    candidate, lang = await _about(site, row["unit"])
    cause = f"recipient:{uuid4()}"
    context = {"name": party.name, "candidate": candidate, "act": act, "what": what, "given_on": day(row["at"])}
    await mail.queue(
        site, key, cause, "recipient", lang, party.email, now, employer=await employer.current(site), **context
    )
    return await _noted(site, [row], act, "queued", "", cause, now)


async def _tell_colleague(
    site: Site, account: Account, rows: list[dict[str, Any]], act: Act, now: datetime
) -> list[Notice]:
    """One mail for all copies that a colleague holds; it outlives the units, so it names nobody."""
    cause = f"recipient:{uuid4()}"
    copies = [(day(row["at"]), await _vacancy(site, row["unit"], account.language)) for row in rows]
    copies = list(dict.fromkeys(copies))
    await letters.to_staff(site, account, cause, "copies", now, act=act, copies=copies)
    return [await _noted(site, [row], act, "queued", "", cause, now) for row in rows]


async def _noted(
    site: Site, rows: list[dict[str, Any]], act: Act, state: State, why: str, cause: str, now: datetime
) -> Notice:
    for row in rows:
        who = {name: row[name] for name in ("unit", "recipient", "account", "party")}
        await RecipientNotice.insert(
            RecipientNotice(id=uuid4(), act=act, state=state, why=why, cause=cause, at=now, **who)
        ).run()
    return Notice(act, state, why, now)


async def _party(site: Site, row: dict[str, Any]) -> tuple[Party | None, UnitKey]:
    """Who it is, and the key under which a mail to them stands; None if they are not known, or not any more."""
    key = await site.keyring.key(row["unit"])
    found = await _parties(site, [row])
    if row["recipient"] == "referee" and row["party"] in found:
        key = await site.keyring.key(row["party"])
    return found.get(row["party"]), key


async def _parties(site: Site, rows: Sequence[dict[str, Any]]) -> dict[UUID, Party]:
    """The recipients behind these rows, opened: those outside, and referees."""
    wanted = ids({row["party"] for row in rows if row["party"]})
    outside = await site.records.run_sql(f"SELECT id, unit, sealed FROM recipient WHERE id IN {IDS}", wanted)
    referees = await site.records.run_sql(f"SELECT id, sealed FROM referee WHERE id IN {IDS}", wanted)
    keys = await site.keyring.keys([*(r["unit"] for r in outside), *(r["id"] for r in referees)])
    found = {
        r["id"]: unseal(keys[r["unit"]], "recipient", r["id"], bytes(r["sealed"]), Party)
        for r in outside
        if r["unit"] in keys
    }
    for r in referees:
        if r["id"] in keys:
            person = unseal(keys[r["id"]], "referee", r["id"], bytes(r["sealed"]), Person)
            found[r["id"]] = Party(name=person.name, email=person.email)
    return found


async def _about(site: Site, unit: UUID) -> tuple[str, Language]:
    """The name of the person whose data it is, and the language of the letter. NotFound if the unit has none."""
    rows = await site.records.run_sql(
        "SELECT candidate FROM application WHERE id = ? UNION SELECT id FROM candidate WHERE id = ?", unit, unit
    )
    if not rows:
        raise NotFound()
    person, lang = await letters.addressee(site, rows[0]["candidate"])
    return person.name, lang


async def _vacancy(site: Site, unit: UUID, lang: Language) -> str:
    rows = await site.records.run_sql(
        "SELECT v.title_nb, v.title_en FROM application a JOIN vacancy v ON v.id = a.vacancy WHERE a.id = ?", unit
    )
    return either(rows[0], "title", lang) if rows else ""


# --- reading --------------------------------------------------------------------------------------------------------


async def of_units(site: Site, units: Iterable[UUID]) -> list[Given]:
    """Every disclosure of these units with what became of telling the recipient, newest first; names are opened."""
    wanted = ids(units)
    rows = await site.records.run_sql(f"SELECT * FROM disclosure WHERE unit IN {IDS} ORDER BY at DESC, id", wanted)
    told_of = await notices(site, wanted)
    parties = await _parties(site, rows)
    return [
        Given(
            id=row["id"],
            unit=row["unit"],
            at=row["at"],
            recipient=row["recipient"],
            channel=row["channel"],
            name=parties[row["party"]].name if row["party"] in parties else "",
            account=row["account"],
            notices=tuple(told_of.get(whose(row), ())),
        )
        for row in rows
    ]


async def notices(site: Site, wanted: str) -> dict[tuple[Any, ...], list[Notice]]:
    """What became of telling each recipient of these units (`ids`), by `whose` row it is, oldest first."""
    rows = await site.records.run_sql(
        "SELECT n.*, m.state AS mail_state FROM recipient_notice n LEFT JOIN mail m ON m.cause = n.cause "
        f"WHERE n.unit IN {IDS} ORDER BY n.at",
        wanted,
    )
    found: dict[tuple[Any, ...], list[Notice]] = {}
    for row in rows:
        found.setdefault(whose(row), []).append(notice_of(row))
    return found


def notice_of(row: dict[str, Any]) -> Notice:
    """A row of recipient_notice with the state of its mail beside it."""
    state, why = row["state"], row["why"]
    if state == "queued" and row["mail_state"] in ("sent", "refused"):
        state, why = ("sent", "") if row["mail_state"] == "sent" else ("not_reachable", "refused")
    return Notice(row["act"], state, why, row["at"])


async def forget_old(site: Site, before: datetime) -> int:
    """Notices about units that are long gone: kept as long as the access log. How many went."""
    rows = await site.records.run_sql("DELETE FROM recipient_notice WHERE at < ? RETURNING id", before)
    return len(rows)


# --- by hand ----------------------------------------------------------------------------------------------------------


async def require(site: Site, unit: UUID) -> None:
    """NotFound unless it is an application or a profile that lives."""
    await _about(site, unit)


async def write_down(site: Site, unit: UUID, form: Mapping[str, str], by: UUID, now: datetime) -> None:
    """A copy that left by hand: to whom, and by which way. FormInvalid names what is missing."""
    await require(site, unit)
    name, email, channel = typed.line(form.get("name", "")), typed.email(form.get("email", "")), form.get("channel", "")
    errors = {}
    if not name or len(name) > LONGEST:
        errors["name"] = "Write who got the data, in at most 200 characters."
    if email and not typed.is_email(email):
        errors["email"] = typed.EMAIL_UNFIT
    if channel not in CHANNELS:
        errors["channel"] = "Choose how the data left."
    if errors:
        raise FormInvalid(errors)
    async with site.records.transaction():
        party = await known(site, unit, name, email)
        await disclosed(site, [unit], "outside", cast("Channel", channel), now, account=by, party=party)
        await audit.record("disclosure.written", now, by, unit=unit, channel=channel)


# --- words ----------------------------------------------------------------------------------------------------------

RECIPIENTS = {
    "candidate": "Yourself",
    "staff_download": "Our own staff, as a download",
    "staff_print": "Our own staff, on paper",
    "staff": "Our own staff",
    "interviewer": "An interviewer",
    "referee": "A referee",
    "guest": "A guest from outside",
    "personnel_file": "The personnel file",
    "section31": "A candidate who asked for facts about the person hired (Equality and Anti-Discrimination Act § 31)",
    "outside": "A person or firm outside",
    "mailbox": "The mailbox in which it came",
}
OTHER_RECIPIENT = "A recipient outside the system"
CHANNELS = {
    "mail": "By e-mail",
    "export": "Exported",
    "calendar_file": "As a calendar file",
    "download": "Downloaded",
    "hand_over": "Handed over",
    "api": "Passed to another system",
    "print": "On paper",
    "link": "Shown by a link",
    "mailbox": "Left where it came in",
}
ACTS = {"rectified": "Corrected", "erased": "Erased", "part_erased": "Erased in part", "restricted": "Restricted"}
STATES = {"queued": "The mail about it waits to be sent", "sent": "Told by e-mail", "not_reachable": "Not reachable"}
WHY_NOT = {
    "": "",
    "no_address": "no e-mail address is known",
    "no_account": "who it was is not recorded",
    "closed": "the account is closed",
    "by_hand": "it is to be deleted there by hand",
    "refused": "the mail server refused the address",
}


def who(given: Given, tr: Translate) -> str:
    """To whom, as the person themselves may read it: a firm by its name; referees and staff by what they are (L24)."""
    if given.recipient == "outside" and given.name:
        return given.name
    return tr(RECIPIENTS.get(given.recipient, OTHER_RECIPIENT))


async def told(site: Site, units: Iterable[UUID], tr: Translate) -> list[dict[str, Any]]:
    """For the person's copy and for answers: which recipients were told of what, and which could not be reached."""
    notices = {
        (n.at, who(given, tr), n.act, n.state, n.why): None
        for given in await of_units(site, units)
        for n in given.notices
    }
    return [
        {"at": at, "recipient": whom, "about": tr(ACTS[act]), "state": said(state, why, tr)}
        for at, whom, act, state, why in sorted(notices, key=lambda each: each[0])
    ]


def said(state: str, why: str, tr: Translate) -> str:
    """How it stands with telling one recipient, in words."""
    return f"{tr(STATES[state])}: {tr(WHY_NOT[why])}" if why else tr(STATES[state])
