"""A request is answered, or its time is extended, its clock paused, or it is taken back.

Guards that a request is answered once, that an answer against the person, in whole or in part, says why and where to
complain (L22), that an extension comes once, with its reasons, within the first month (L21), and that the clock rests
only while we wait to learn who it is (L23). Transaction boundary: what granting does is done first (`granting`), then
the answer is one records transaction, then the guards follow; a fault in between leaves the request open, and answering
again is harmless.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from recruit import audit, letters, typed
from recruit.clock import day
from recruit.errors import FormInvalid, NotFound
from recruit.i18n import Translate, translator
from recruit.retention import service as retention
from recruit.rights import export, granting, letter, rectifying, rules, words
from recruit.rights.asking import LONGEST, TOO_LONG
from recruit.rights.masking import Item, Masker
from recruit.rights.rules import State
from recruit.rights.service import Request, covered, own_request, scope_of
from recruit.site import Site
from recruit.tables import RequestWords
from recruit.vault.sealing import UnitKey, seal

MOST_MONTHS = 2
"""L21: by how much the time to answer may be extended."""


@dataclass(frozen=True)
class Answer:
    """What the person is told; `grounds` are codes of the reviewed list (L22).

    `categories`: of an erasure that is granted in part, what goes of each application (L27); none means all of it.
    """

    words: str = ""
    grounds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


async def answer(site: Site, request: Request, verdict: State, given: Answer, by: UUID, now: datetime) -> State:
    """Do what the verdict means and tell the person. Returns the verdict, in part where a hold keeps something (L14).

    FormInvalid without reasons where they are owed; RequestAnswered or IdentityAwaited where the table has no move.
    """
    rules.require_move(request.state, verdict)
    if verdict == "granted" and request.kind in ("erasure", "objection") and (await scope_of(site, request))[1]:
        verdict = "partly"
    _require_reasons(request, verdict, given)
    if request.kind == "rectification" and verdict != "refused" and not request.words.became:
        raise FormInvalid({"answer": "Say first what is put right, and where."})
    if request.kind == "erasure" and verdict == "partly" and given.categories:
        await granting.erase_categories(site, request, given.categories, by, now)
    else:
        acts = granting.REFUSED if verdict == "refused" else granting.GRANTED
        await acts[request.kind](site, request, by, now)
    await _tell(site, request, verdict, given, by, now)
    await _let_go(site, request, now)
    return verdict


def _require_reasons(request: Request, verdict: State, given: Answer) -> None:
    if set(given.grounds) - set(rules.GROUNDS[request.kind]):
        raise FormInvalid({"grounds": "Choose from the reasons that are listed."})
    if len(given.words) > LONGEST:
        raise FormInvalid({"words": TOO_LONG})
    if given.words or (given.grounds and request.kind != "complaint"):
        return
    if verdict == "partly":
        raise FormInvalid({"words": "Say what is kept and why: part of the request is refused."})
    if verdict == "refused":
        raise FormInvalid({"words": "Say why: a refusal must give its reasons."})
    if request.kind == "complaint":
        raise FormInvalid({"words": "Write the answer: a complaint is not answered by a word."})


async def _tell(site: Site, request: Request, verdict: State, given: Answer, by: UUID, now: datetime) -> None:
    key = await site.keyring.key(request.candidate)
    said = msgspec.structs.replace(request.words, more=given.words, grounds=list(given.grounds))
    enclosed = await letter.of_answer(site, request, verdict, said, now)
    said.letter = enclosed.data
    gives_copy = verdict != "refused" and request.found and request.kind in rules.DELAYING
    until = day(now) + rules.COPY_LIVES if gives_copy else None
    async with site.records.transaction():
        await _move(site, request, verdict, key, said, decided_by=by, decided_on=day(now), copy_until=until)
        await _write(
            site,
            request,
            key,
            "request_answered",
            now,
            verdict=verdict,
            words=given.words,
            grounds=[words.GROUNDS[code] for code in given.grounds],
            copy_until=until,
            enclosures=[enclosed],
        )
        await audit.record("request.answered", now, by, request=request.id, verdict=verdict)


async def _write(site: Site, request: Request, key: UnitKey, template: str, now: datetime, **context: Any) -> None:
    """The letter about a step of the request; the step is its cause."""
    cause = f"{template}:{request.id}:{now.isoformat()}"
    known = {"kind": request.kind, "received_on": request.received_on}
    await letters.to_candidate(site, request.candidate, key, cause, template, now, **known, **context)


async def _move(site: Site, request: Request, after: State, key: UnitKey, words: RequestWords, **columns: Any) -> None:
    """The move of the table, in the caller's transaction; RequestAnswered if somebody was quicker."""
    names = "".join(f", {name} = ?" for name in columns)
    rows = await site.records.run_sql(
        f"UPDATE rights_request SET state = ?, sealed = ?{names} WHERE id = ? AND state = ? RETURNING id",
        *(after, seal(key, "rights_request", request.id, words), *columns.values(), request.id, request.state),
    )
    if not rows:
        raise rules.RequestAnswered()


async def _let_go(site: Site, request: Request, now: datetime) -> None:
    """The guards no longer count this request."""
    await retention.settle_profile(site, request.candidate)
    if request.kind in rules.DELAYING:
        await retention.settle(site, await covered(site, request), now)


# --- before the answer: L21, L23 ------------------------------------------------------------------------------------


async def extend(site: Site, request: Request, months: int, why: str, by: UUID, now: datetime) -> None:
    """L21: one extension, with its reasons. FormInvalid for the form; see `rules.require_extension`."""
    rules.require_extension(request.state, request.received_on, request.paused_days, request.extended_on, day(now))
    errors = {}
    if not 1 <= months <= MOST_MONTHS:
        errors["months"] = "Choose one month or two."
    if not why:
        errors["why"] = "Say why more time is needed: the person is told."
    elif len(why) > LONGEST:
        errors["why"] = TOO_LONG
    if errors:
        raise FormInvalid(errors)
    due = rules.due(request.received_on, months, request.paused_days)
    key = await site.keyring.key(request.candidate)
    said = msgspec.structs.replace(request.words, extension=why)
    async with site.records.transaction():
        await _move(
            site, request, "received", key, said, extended_on=day(now), extended_months=months, due_on=due.plain
        )
        await _write(site, request, key, "request_extended", now, due=due, words=why)
        await audit.record("request.extended", now, by, request=request.id, months=months)


async def ask_identity(site: Site, request: Request, words: str, by: UUID, now: datetime) -> None:
    """L23: ask who it is, in reasonable doubt; the clock rests from today. FormInvalid without words."""
    rules.require_move(request.state, "identity")
    if not words or len(words) > LONGEST:
        raise FormInvalid({"words": TOO_LONG if words else "Say what makes you doubt, and what you need to see."})
    key = await site.keyring.key(request.candidate)
    said = msgspec.structs.replace(request.words, question=words)
    async with site.records.transaction():
        await _move(site, request, "identity", key, said, paused_on=day(now))
        await _write(site, request, key, "request_identity", now, words=words)
        await audit.record("request.paused", now, by, request=request.id)


async def settle_identity(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """The person answered (`by` None: signed in, by themselves); the clock goes on with the days that were left."""
    rules.require_move(request.state, "received")
    assert request.paused_on is not None
    paused = request.paused_days + rules.paused_days(request.paused_on, day(now))
    due = rules.due(request.received_on, request.extended_months, paused)
    key = await site.keyring.key(request.candidate)
    async with site.records.transaction():
        await _move(site, request, "received", key, request.words, paused_on=None, paused_days=paused, due_on=due.plain)
        await audit.record("request.resumed", now, by, request=request.id, days=paused)


async def release(site: Site, request: Request, codes: Iterable[str], by: UUID, now: datetime) -> int:
    """L24: what of third parties is shown in the copy that was asked for, place by place. How many places.

    NotFound for a place that is not in the copy.
    """
    if request.kind != "access":
        raise NotFound()
    if not request.open:
        raise rules.RequestAnswered()
    wanted = sorted(set(codes))
    if set(wanted) - {item.code for item in await masked(site, request, now, translator("nb"))}:
        raise NotFound()
    key = await site.keyring.key(request.candidate)
    said = msgspec.structs.replace(request.words, released=wanted)
    async with site.records.transaction():
        await _move(site, request, request.state, key, said)
        await audit.record("request.released", now, by, request=request.id, places=len(wanted))
    return len(wanted)


async def masked(site: Site, request: Request, now: datetime, tr: Translate) -> list[Item]:
    """The places of the copy in which third parties are named, oldest first, in the reader's language."""
    masker = Masker(frozenset(request.words.released))
    await export.everything(site, request.candidate, now, tr, masker)
    return sorted(masker.met.values(), key=lambda item: (item.at, item.code))


async def decide_rectification(site: Site, request: Request, code: str, text: str, by: UUID, now: datetime) -> None:
    """L26: where something is put right and what shall stand there; it is written when the request is granted.

    FormInvalid for the form; NotFound for a place that is not there.
    """
    if request.kind != "rectification":
        raise NotFound()
    if not request.open:
        raise rules.RequestAnswered()
    errors = {} if code else {"place": "Choose where it is put right."}
    if not text or len(text) > LONGEST:
        errors["text"] = TOO_LONG if text else "Write what shall stand there."
    if errors:
        raise FormInvalid(errors)
    place = await rectifying.place_of(site, request, code)
    if place.kind in rectifying.CONTACT:
        text = typed.line(text)
    key = await site.keyring.key(request.candidate)
    said = msgspec.structs.replace(request.words, field=code, was=place.text, became=text)
    async with site.records.transaction():
        await _move(site, request, request.state, key, said)
        await audit.record("request.place_chosen", now, by, request=request.id, place=place.kind)


async def withdraw(site: Site, candidate: UUID, request: UUID, now: datetime) -> None:
    """The person takes an open request of their own back."""
    own = await own_request(site, candidate, request)
    rules.require_move(own.state, "withdrawn")
    key = await site.keyring.key(candidate)
    async with site.records.transaction():
        await _move(site, own, "withdrawn", key, own.words, decided_on=day(now))
        await audit.record("request.withdrawn", now, request=request)
    await granting.REFUSED[own.kind](site, own, None, now)
    await _let_go(site, own, now)
