"""Referees: who can speak for a candidate, what they are asked, and what they answer (L11).

Guards that a referee is told at once that they are known, that they are asked by a link of their own which dies with
the process, that nobody but they changes what they answered, and that the candidate learns that it came (L10). What
they say is about the candidate and sealed with the application; who they are is sealed under their own key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from recruit import audit, employer, letters, mail, typed
from recruit.accounts import links, staff
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.hiring import notes, rules
from recruit.hiring.access import Opened
from recruit.hiring.reference_forms import Question
from recruit.hiring.rules import CheckState
from recruit.hiring.service import touch
from recruit.i18n import Language, either, translator
from recruit.retention import recipients
from recruit.retention import service as retention
from recruit.site import Site
from recruit.tables import Person, Referee, ReferenceWords, Replied
from recruit.vault.keyring import Birth
from recruit.vault.sealing import UnitKey, seal, unseal
from recruit.visible import APPLICATIONS

LIVES = timedelta(days=14)
"""How long a referee has to answer, and to change what they answered."""
LONGEST = 4000
PURPOSE = "referee"

STATES: dict[CheckState, str] = {
    "asked": "Waits for the referee's answer",
    "answered": "Answered",
    "declined": "Does not want to answer",
    "cancelled": "Called off",
}
"""How it stands with asking a referee (English message ids)."""


class NotAskedAnyMore(RecruitError):
    """A referee opens the link of a process that has ended, or that rests."""

    status = 410
    text = "This reference is not asked for any more, or not at the moment. Nothing is wanted of you."


@dataclass(frozen=True)
class Check:
    """What a referee was asked and how far it is; `until` is when their link dies."""

    id: UUID
    state: CheckState
    channel: str
    asked_by: UUID | None
    asked_at: datetime
    until: datetime | None
    answered_at: datetime | None
    words: ReferenceWords

    def late(self, now: datetime) -> bool:
        return self.state == "asked" and self.until is not None and self.until <= now


@dataclass(frozen=True)
class Known:
    """A referee, opened."""

    id: UUID
    added_at: datetime
    person: Person
    check: Check | None = None


# --- reading ----------------------------------------------------------------------------------------------------------


async def listed(site: Site, opened: Opened, now: datetime) -> list[Known]:
    """The referees of an application; a look at them is a look at persons of their own (L11)."""
    rows = await site.records.run_sql("SELECT * FROM referee WHERE application = ? ORDER BY added_at", opened.id)
    keys = await site.keyring.keys([row["id"] for row in rows])
    living = [row for row in rows if row["id"] in keys]
    await audit.look(opened.me.id, opened.role, [row["id"] for row in living], "review", now)
    checks = await _checks(site, opened.key)
    return [
        Known(
            row["id"],
            row["added_at"],
            unseal(keys[row["id"]], "referee", row["id"], bytes(row["sealed"]), Person),
            checks.get(row["id"]),
        )
        for row in living
    ]


async def one(site: Site, opened: Opened, referee: UUID, now: datetime) -> Known:
    """NotFound if the application has no such referee."""
    found = [each for each in await listed(site, opened, now) if each.id == referee]
    if not found:
        raise NotFound()
    return found[0]


async def _checks(site: Site, key: UnitKey) -> dict[UUID, Check]:
    rows = await site.records.run_sql("SELECT * FROM reference_check WHERE application = ?", key.unit)
    return {row["referee"]: _check(key, row) for row in rows}


def _check(key: UnitKey, row: dict[str, Any]) -> Check:
    return Check(
        id=row["id"],
        state=row["state"],
        channel=row["channel"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        until=row["until"],
        answered_at=row["answered_at"],
        words=unseal(key, "reference_check", row["id"], bytes(row["sealed"]), ReferenceWords),
    )


# --- who they are -----------------------------------------------------------------------------------------------------


async def add(
    site: Site,
    opened: Opened,
    person: Person,
    candidate: str,
    now: datetime,
    questions: Sequence[Question] = (),
) -> UUID:
    """A referee under a key of their own, and the notice to them (L11). ScreeningTooEarly before the stage (L9).

    `candidate` is the candidate's name: the referee has to know for whom they are asked. With `questions` the notice
    asks them at once, by a link.
    """
    policy = await employer.policy(site)
    notes.require_open(opened, "reference_check", policy)
    referee = uuid4()
    (key,) = await site.keyring.birth(Birth(referee, "referee", now, parent=opened.id))
    sealed = seal(key, "referee", referee, person)
    async with site.records.transaction():
        await Referee.insert(
            Referee(id=referee, application=opened.id, added_by=opened.me.id, added_at=now, sealed=sealed)
        ).run()
        asks = await _begin(site, opened, referee, None, questions, now) if questions else {}
        await _write_to(site, opened, key, person, f"referee:{referee}", "referee", candidate, now, **asks)
        await audit.record("referee.added", now, opened.me.id, application=opened.id, referee=referee)
    return referee


async def _write_to(
    site: Site,
    opened: Opened,
    key: UnitKey,
    person: Person,
    cause: str,
    template: str,
    candidate: str,
    now: datetime,
    **asks: Any,
) -> None:
    """A mail to a referee, which tells them who has applied: a disclosure."""
    lang, title = await notes.addressed_in(site, opened)
    await mail.queue(
        site,
        key,
        cause,
        template,
        lang,
        person.email,
        now,
        name=typed.line(person.name),
        candidate=typed.line(candidate),
        title=title,
        employer=await employer.current(site),
        policy=await employer.policy(site),
        privacy_url=site.settings.link("/privacy"),
        **({"ask_url": "", "until": None} | asks),
    )
    await recipients.disclosed(site, [opened.id], "referee", "mail", now, party=key.unit)
    await touch(site, opened.id, now)


async def remove(site: Site, opened: Opened, referee: UUID, now: datetime) -> None:
    """A referee's data go at once: what they answered, their link, a mail that was not sent; the key ends with the next
    purge. NotFound if the application has no such referee.
    """
    async with site.records.transaction():
        gone = await site.records.run_sql(
            "DELETE FROM referee WHERE id = ? AND application = ? RETURNING id", referee, opened.id
        )
        if not gone:
            raise NotFound()
        await site.records.run_sql(
            "DELETE FROM reference_check WHERE application = ? AND referee = ?", opened.id, referee
        )
        await site.records.run_sql("DELETE FROM link WHERE person = ?", referee)
        await site.records.run_sql("DELETE FROM mail WHERE unit = ?", referee)
        await audit.record("referee.removed", now, opened.me.id, application=opened.id, referee=referee)
    await retention.let_go(site, [referee], now)


# --- asking -----------------------------------------------------------------------------------------------------------


async def ask(
    site: Site, opened: Opened, known: Known, questions: Sequence[Question], candidate: str, now: datetime
) -> None:
    """Ask a referee by a link of their own, or once more by a new one; an earlier link dies. See `add`."""
    notes.require_open(opened, "reference_check", await employer.policy(site))
    key = await site.keyring.key(known.id)
    async with site.records.transaction():
        asks = await _begin(site, opened, known.id, known.check, questions, now)
        cause = f"referee_asked:{known.id}:{now.isoformat()}"
        await _write_to(site, opened, key, known.person, cause, "referee_asked", candidate, now, **asks)
        await audit.record("referee.asked", now, opened.me.id, application=opened.id, referee=known.id)


async def _begin(
    site: Site, opened: Opened, referee: UUID, before: Check | None, questions: Sequence[Question], now: datetime
) -> dict[str, Any]:
    """In the caller's transaction: the check that waits for an answer, and the link that leads to it."""
    rules.require_check_move(before.state if before else None, "asked")
    answers = [Replied(asked_nb=each.nb, asked_en=each.en) for each in questions]
    number, until = before.id if before else uuid4(), now + LIVES
    await links.spend_all(site, PURPOSE, referee, now)
    await _store(site, opened, number, referee, "asked", "link", ReferenceWords(answers=answers), now, until)
    token = await links.make(site, PURPOSE, referee, now, LIVES, target=number)
    return {"ask_url": site.settings.link(f"/referee/{token}"), "until": until}


async def _store(
    site: Site,
    opened: Opened,
    number: UUID,
    referee: UUID,
    state: CheckState,
    channel: str,
    said: ReferenceWords,
    now: datetime,
    until: datetime | None = None,
) -> None:
    await site.records.run_sql(
        "INSERT INTO reference_check (id, application, referee, state, channel, asked_by, asked_at, until, "
        "answered_at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "state = excluded.state, channel = excluded.channel, asked_by = excluded.asked_by, "
        "asked_at = excluded.asked_at, until = excluded.until, answered_at = excluded.answered_at, "
        "sealed = excluded.sealed",
        *(number, opened.id, referee, state, channel, opened.me.id, now, until),
        *(now if state == "answered" else None, seal(opened.key, "reference_check", number, said)),
    )


async def write_down(site: Site, opened: Opened, known: Known, said: ReferenceWords, now: datetime) -> None:
    """What a referee said on the telephone, with the source; an open link dies, and the candidate is told (L10).

    CheckMoveNotAllowed where the referee has answered by themselves: only they change that.
    """
    notes.require_open(opened, "reference_check", await employer.policy(site))
    before = known.check
    if before and before.state == "answered" and before.channel == "link":
        raise rules.CheckMoveNotAllowed()
    rules.require_check_move(before.state if before else None, "answered")
    _require_words(said)
    if not said.source:
        raise FormInvalid({"source": "Say who was asked, when and how. The candidate can read it."})
    number = before.id if before else uuid4()
    async with site.records.transaction():
        await links.spend_all(site, PURPOSE, known.id, now)
        await _store(site, opened, number, known.id, "answered", "phone", said, now)
        await notes.tell_source(site, opened, number, await _source(site, opened.row["candidate"]), now)
        await touch(site, opened.id, now)
        await audit.record("referee.answered", now, opened.me.id, application=opened.id, referee=known.id)


async def _source(site: Site, candidate: UUID) -> str:
    """What the candidate reads of who answered: they named the referee, or can ask who it was."""
    _, lang = await letters.addressee(site, candidate)
    return translator(lang)("a referee")


def _require_words(said: ReferenceWords) -> None:
    long = {f"answer_{n}": typed.TOO_LONG for n, each in enumerate(said.answers, 1) if len(each.text) > LONGEST}
    for name, text in (("more", said.text), ("source", said.source)):
        if len(text) > LONGEST:
            long[name] = typed.TOO_LONG
    if long:
        raise FormInvalid(long)
    if not any(each.text for each in said.answers) and not said.text:
        raise FormInvalid({"answer_1" if said.answers else "more": "Write an answer to at least one of the questions."})


async def cancel(site: Site, opened: Opened, known: Known, now: datetime) -> None:
    """The question is taken back; the referee is told."""
    if known.check is None:
        raise NotFound()
    rules.require_check_move(known.check.state, "cancelled")
    await _call_off(site, opened.id, known.id, opened.me.id, now)


async def cancel_ended(site: Site, now: datetime) -> int:
    """Questions to referees of applications whose process has ended are called off (L2, L11); how many.

    The link is dead as soon as it has; this takes down what waits, and spares the referee the work.
    """
    rows = await site.records.run_sql(
        f"SELECT c.application, c.referee FROM reference_check c JOIN {APPLICATIONS} a ON a.id = c.application "
        "WHERE c.state = 'asked' AND (a.outcome IS NOT NULL OR a.erasure_granted_on IS NOT NULL)"
    )
    keys = await site.keyring.keys(row["referee"] for row in rows)
    for row in rows:
        if row["referee"] in keys:
            await _call_off(site, row["application"], row["referee"], None, now)
    return len(rows)


async def _call_off(site: Site, application: UUID, referee: UUID, by: UUID | None, now: datetime) -> None:
    """A question that has not left yet is taken out of the outbox; who has got it is told that it no longer stands."""
    key = await site.keyring.key(referee)
    async with site.records.transaction():
        await site.records.run_sql(
            "UPDATE reference_check SET state = 'cancelled' WHERE referee = ? AND state = 'asked'", referee
        )
        await links.spend_all(site, PURPOSE, referee, now)
        await site.records.run_sql(
            "DELETE FROM mail WHERE unit = ? AND template = 'referee_asked' AND state = 'queued'", referee
        )
        sent = await site.records.run_sql(
            f"SELECT c.language FROM mail m, {APPLICATIONS} a JOIN candidate c ON c.id = a.candidate "
            "WHERE m.unit = ? AND a.id = ? AND m.template IN ('referee', 'referee_asked')",
            *(referee, application),
        )
        if sent:
            await _tell_off(site, key, sent[0]["language"], now)
        await audit.record("referee.called_off", now, by, application=application, referee=referee)


async def _tell_off(site: Site, key: UnitKey, lang: Language, now: datetime) -> None:
    rows = await site.records.run_sql("SELECT sealed FROM referee WHERE id = ?", key.unit)
    person = unseal(key, "referee", key.unit, bytes(rows[0]["sealed"]), Person)
    cause, who = f"referee_off:{key.unit}:{now.isoformat()}", await employer.current(site)
    url = site.settings.link("/privacy")
    name = typed.line(person.name)
    await mail.queue(site, key, cause, "referee_off", lang, person.email, now, name=name, employer=who, privacy_url=url)


# --- the referee's own answer -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What a referee's link leads to: themselves, the candidate's name, the vacancy (its row), and the check."""

    key: UnitKey
    referee: UUID
    person: Person
    candidate: str
    profile: UUID
    vacancy: dict[str, Any]
    check: Check

    def title(self, lang: Language) -> str:
        return either(self.vacancy, "title", lang)


async def by_link(site: Site, token: str, now: datetime) -> Asked:
    """LinkDead for a link that is used or too old, NotAskedAnyMore once the process has ended or while it rests."""
    found = await links.find(site, token, PURPOSE, now)
    rows = await site.records.run_sql(
        "SELECT c.*, a.candidate, v.title_nb, v.title_en FROM reference_check c "
        f"JOIN {APPLICATIONS} a ON a.id = c.application JOIN vacancy v ON v.id = a.vacancy "
        "WHERE c.id = ? AND c.state <> 'cancelled' AND a.outcome IS NULL AND a.erasure_granted_on IS NULL",
        found.target,
    )
    if not rows:
        raise NotAskedAnyMore()
    key = await site.keyring.key(rows[0]["application"])
    named, _ = await letters.addressee(site, rows[0]["candidate"])
    return Asked(
        key=key,
        referee=found.person,
        person=await _themselves(site, found.person),
        candidate=named.name,
        profile=rows[0]["candidate"],
        vacancy=rows[0],
        check=_check(key, rows[0]),
    )


async def _themselves(site: Site, referee: UUID) -> Person:
    key = await site.keyring.key(referee)
    rows = await site.records.run_sql("SELECT sealed FROM referee WHERE id = ?", referee)
    return unseal(key, "referee", referee, bytes(rows[0]["sealed"]), Person)


async def answer(site: Site, asked: Asked, texts: Sequence[str], more: str, now: datetime, why: str = "") -> None:
    """The referee answers, or changes what they answered; who asked is told the first time, and the candidate."""
    given = [
        msgspec.structs.replace(each, text=text) for each, text in zip(asked.check.words.answers, texts, strict=True)
    ]
    said = ReferenceWords(answers=given, text=more, why=why)
    _require_words(said)
    await _reply(site, asked, "answered", said, now)


async def decline(site: Site, asked: Asked, text: str, now: datetime, why: str = "") -> None:
    """The referee does not want to; no reason is asked for, and nothing that they answered before is kept."""
    bare = [msgspec.structs.replace(each, text="") for each in asked.check.words.answers]
    said = ReferenceWords(answers=bare, text=text, why=why)
    if len(text) > LONGEST:
        raise FormInvalid({"why": typed.TOO_LONG})
    await _reply(site, asked, "declined", said, now)


async def _reply(site: Site, asked: Asked, state: CheckState, said: ReferenceWords, now: datetime) -> None:
    check, application = asked.check, asked.key.unit
    rules.require_check_move(check.state, state)
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "UPDATE reference_check SET state = ?, answered_at = ?, sealed = ? WHERE id = ? AND state = ? RETURNING id",
            *(state, now, seal(asked.key, "reference_check", check.id, said), check.id, check.state),
        )
        if not rows:
            raise NotAskedAnyMore()
        await touch(site, application, now)
        if state != check.state:
            await _tell_of_reply(site, asked, state, now)
        await audit.record(f"referee.{state}", now, application=application, referee=asked.referee)


async def _tell_of_reply(site: Site, asked: Asked, state: CheckState, now: datetime) -> None:
    check = asked.check
    if check.asked_by:
        account = await staff.load(site, check.asked_by)
        url = site.settings.link(f"/referees/{asked.referee}")
        cause = f"referee_{state}:{check.id}:{check.asked_at.isoformat()}"
        await letters.to_staff(site, account, cause, "referee_replied", now, state=state, case_url=url)
    if state == "answered":
        _, lang = await letters.addressee(site, asked.profile)
        cause, source = f"verification:{check.id}", await _source(site, asked.profile)
        title = asked.title(lang)
        await letters.to_candidate(
            site, asked.profile, asked.key, cause, "verification", now, title=title, source=source
        )
