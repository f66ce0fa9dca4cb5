"""What stands around an application: its neighbours in the pipeline, the candidate's others, and the mails about it.

Guards that of a candidate's other applications only those are named that one may open oneself, each as a look; and that
a mail's words are unsealed only with an application that `access.opened` gave, and shown without the links by which its
candidate answers, decides and comes in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from recruit import audit, mail
from recruit.accounts.guards import DPO
from recruit.database import IDS, ids
from recruit.hiring import access, likeness
from recruit.hiring.access import Condition, Opened
from recruit.i18n import Translate
from recruit.site import Site
from recruit.tables import MailWords, Message
from recruit.vault.sealing import unseal
from recruit.visible import APPLICATIONS


@dataclass(frozen=True)
class Other:
    """Another application of the same candidate: its row with the vacancy's titles; `same`: for the same vacancy.

    `elsewhere`: under another address, which somebody has decided is the same person's.
    """

    id: UUID
    row: dict[str, Any]
    same: bool
    elsewhere: bool


async def others(site: Site, opened: Opened, now: datetime) -> list[Other]:
    """The candidate's other applications that this person may open, the newest first. The DPO has cases for that."""
    if opened.role == DPO:
        return []
    own = opened.row["candidate"]
    people = ids([own, *(who for _, who in await likeness.of_candidate(site, own, "same"))])
    vacancies = await site.records.run_sql(
        f"SELECT DISTINCT vacancy FROM {APPLICATIONS} a WHERE candidate IN {IDS} AND id <> ?", people, opened.id
    )
    found: list[Other] = []
    for each in vacancies:
        found += await _in_vacancy(site, opened, each["vacancy"], people, now)
    return sorted(found, key=lambda other: other.row["submitted_at"], reverse=True)


async def _in_vacancy(site: Site, opened: Opened, vacancy: UUID, people: str, now: datetime) -> list[Other]:
    role = await access.role_in(site, opened.me, vacancy)
    if not role:
        return []
    theirs = Condition(f"a.candidate IN {IDS} AND a.id <> ? AND a.vacancy = ?", (people, opened.id, vacancy))
    where = theirs & access.within(role, opened.me)
    rows = await site.records.run_sql(
        "SELECT a.id, a.candidate, a.vacancy, a.stage, a.step, a.outcome, a.submitted_at, v.title_nb, v.title_en, "
        f"v.steps FROM {APPLICATIONS} a JOIN vacancy v ON v.id = a.vacancy WHERE {where.sql}",
        *where.params,
    )
    await audit.look(opened.me.id, role, [row["id"] for row in rows], "list", now)
    here = opened.row["candidate"], opened.row["vacancy"]
    return [Other(row["id"], row, vacancy == here[1], row["candidate"] != here[0]) for row in rows]


@dataclass(frozen=True)
class Letter:
    """A mail about the application: when it was written, what became of it (a message id), and its words.

    `by`: who wrote them; nobody, if they are the program's. `waits`: until then it can be taken back.
    """

    id: UUID
    at: datetime
    state: str
    by: UUID | None
    waits: bool
    to: str
    subject: str
    text: str
    lang: str


STATES = {
    "waits": "Leaves then",
    "queued": "Waiting to be sent",
    "sent": "Sent",
    "refused": "Refused by the mail server",
}
"""What became of a mail (English message ids)."""


@dataclass(frozen=True)
class Received:
    """A mail that came in about the application, how it was recognised (a message id), and its words; `by`: who put it
    here, if a person did.

    `kept`: it lies here as it came too, since something of it could not be taken over.
    """

    id: UUID
    at: datetime
    sent_at: datetime | None
    state: str
    by: UUID | None
    kept: bool
    words: MailWords


KNOWN_BY = {
    "reply": "Received: it answers an e-mail of ours",
    "sender": "Received: recognised by the sender's address",
    "person": "Received: put here by a colleague",
}
"""How the application of a received mail is known (English message ids)."""


async def correspondence(site: Site, opened: Opened, now: datetime, tr: Translate) -> list[Letter | Received]:
    """What was sent and what came in, sealed with the application, the newest first."""
    both: list[Letter | Received] = [*await letters(site, opened, now, tr), *await received(site, opened, tr)]
    return sorted(both, key=lambda each: each.at, reverse=True)


async def received(site: Site, opened: Opened, tr: Translate) -> list[Received]:
    """The mails that came in."""
    rows = await site.records.run_sql(
        "SELECT r.*, o.id AS kept FROM received_mail r LEFT JOIN received_original o ON o.id = r.id WHERE r.unit = ? "
        "ORDER BY r.at DESC, r.id",
        opened.id,
    )
    return [
        Received(
            row["id"],
            row["at"],
            row["sent_at"],
            KNOWN_BY[row["known_by"]],
            row["taken_by"],
            row["kept"] is not None,
            _said(site, unseal(opened.key, "received_mail", row["id"], bytes(row["sealed"]), MailWords), tr),
        )
        for row in rows
    ]


def _said(site: Site, words: MailWords, tr: Translate) -> MailWords:
    """An answer quotes what it answers."""
    return msgspec.structs.replace(words, text=mail.impersonal(site, words.text, tr))


async def letters(site: Site, opened: Opened, now: datetime, tr: Translate) -> list[Letter]:
    """The mails to the candidate."""
    rows = await site.records.run_sql(
        "SELECT * FROM mail WHERE unit = ? AND template <> 'guest' ORDER BY queued_at DESC, id", opened.id
    )
    found = []
    for row in rows:
        message = unseal(opened.key, "mail", row["id"], bytes(row["sealed"]), Message)
        at, waits = row["sent_at"] or row["queued_at"], row["state"] == "queued" and row["queued_at"] > now
        state = STATES["waits" if waits else row["state"]]
        said = (message.to, message.subject, mail.impersonal(site, message.text, tr), message.lang)
        found.append(Letter(row["id"], at, state, row["written_by"], waits and bool(row["written_by"]), *said))
    return found
