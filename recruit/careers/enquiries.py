"""Questions from outside, about a vacancy or about privacy: asked in a form, answered by e-mail, erased in time (L34).

Guards that a question has a key of its own and hangs on nobody's profile; that the confirmation repeats nothing that a
stranger typed, since anybody can name anybody's address; that recruiters see questions about vacancies, the DPO those
about privacy, and nobody else any. An answer lengthens the guard first, then it is written with its mail. A question
lives as long as the policy said at its last act, which is what its mail promised.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from recruit import audit, employer, letters, mail, typed
from recruit.accounts.guards import DPO, RECRUITER, Me
from recruit.accounts.staff import with_role
from recruit.careers.rules import MAX_NAME, well_formed
from recruit.clock import day
from recruit.errors import FormInvalid, NotFound
from recruit.i18n import Language, either
from recruit.retention.rules import enquiry_kept_through
from recruit.site import Site
from recruit.tables import EnquiryWords
from recruit.vault.epoch import address_digest
from recruit.vault.judging import GuardRow
from recruit.vault.keyring import Birth
from recruit.vault.sealing import UnitKey, seal, unseal

About = Literal["vacancy", "privacy"]

MAX_TEXT = 5_000
_WHO: dict[str, str] = {"vacancy": RECRUITER, "privacy": DPO}
"""Which role answers what."""


@dataclass(frozen=True)
class Enquiry:
    """A question, opened. `title` is the vacancy's, where it is about one."""

    id: UUID
    about: About
    title: str
    state: str
    received_at: datetime
    kept_through: date | None
    words: EnquiryWords


def problems(words: EnquiryWords) -> dict[str, str]:
    """What keeps a question from being sent: a sentence (English message id) for each field at fault."""
    found: dict[str, str] = {}
    if not words.name:
        found["name"] = "Write your name."
    elif len(words.name) > MAX_NAME:
        found["name"] = "Shorten the name to 200 characters."
    elif typed.holds_address(words.name):
        found["name"] = "Write only your name here, without addresses."
    if not words.email:
        found["email"] = "Write your e-mail address."
    elif not typed.is_email(words.email):
        found["email"] = typed.EMAIL_UNFIT
    return found | _text_problem("text", words.text, "Write your question.")


def _text_problem(name: str, text: str, missing: str) -> dict[str, str]:
    if not text:
        return {name: missing}
    return {name: "Shorten the text to 5,000 characters."} if len(text) > MAX_TEXT else {}


def unit_of(token: str) -> UUID:
    """The unit that a form's secret leads to: the same form, sent twice, is one question."""
    return UUID(bytes=hashlib.blake2b(token.encode(), person=b"enquiry", digest_size=16).digest(), version=4)


async def ask(
    site: Site, token: str, about: About, vacancy: UUID | None, words: EnquiryWords, lang: Language, now: datetime
) -> UUID:
    """Keep a question and confirm it by e-mail; asking again with the same secret changes nothing.

    FormInvalid if something is wrong with it.
    """
    found = problems(words)
    if found or not well_formed(token):
        raise FormInvalid(found or {"text": "The form is too old. Please send it again."})
    unit = unit_of(token)
    key = await _key(site, unit, words.email, now)
    async with site.records.transaction():
        rows = await site.records.run_sql(
            "INSERT INTO enquiry (id, about, vacancy, state, language, received_at, touched_at, sealed) "
            "VALUES (?, ?, ?, 'open', ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id",
            *(unit, about, vacancy, lang, now, now, seal(key, "enquiry", unit, words)),
        )
        if rows:
            await _write(site, key, "enquiry_received", lang, words.email, now)
            await _tell_staff(site, unit, about, now)
            await audit.record("enquiry.received", now, enquiry=unit, about=about)
    return unit


async def _key(site: Site, unit: UUID, email: str, now: datetime) -> UnitKey:
    """The question's key; one that an earlier round has made already is taken up."""
    if await site.keyring.guard(unit) is None:
        until = enquiry_kept_through(day(now), await employer.policy(site))
        digest = address_digest("enquiry", email)
        return (await site.keyring.birth(Birth(unit, "enquiry", now, digest=digest, retain_until=until)))[0]
    return await site.keyring.key(unit)


async def _write(
    site: Site, key: UnitKey, template: str, lang: Language, to: str, now: datetime, **context: Any
) -> None:
    policy = await employer.policy(site)
    named = {"employer": await employer.current(site), "privacy_url": site.settings.link("/privacy")}
    cause = f"{template}:{key.unit}"
    await mail.queue(site, key, cause, template, lang, to, now, **named, months=policy.enquiry_months, **context)


async def _tell_staff(site: Site, unit: UUID, about: About, now: datetime) -> None:
    url = site.settings.link(f"/enquiries/{unit}")
    for account in await with_role(site, _WHO[about]):
        await letters.to_staff(site, account, f"enquiry_waits:{unit}:{account.id}", "enquiry_waits", now, url=url)


# --- answering --------------------------------------------------------------------------------------------------------


def _kinds(me: Me) -> list[str]:
    return [about for about, role in _WHO.items() if me.has(role)]


async def waiting(site: Site, me: Me) -> int:
    """How many questions wait for somebody with these roles."""
    return sum(row["state"] == "open" for row in await _rows(site, me))


async def listed(site: Site, me: Me, lang: Language) -> list[Enquiry]:
    """The questions that this person answers, those that wait first; who asked is seen only in the single one."""
    rows = await _rows(site, me)
    guards = await site.keyring.guards(row["id"] for row in rows)
    found = [_opened(row, guards[row["id"]], None, lang) for row in rows if guards[row["id"]].present]
    return sorted(found, key=lambda one: (one.state != "open", one.received_at))


async def opened(site: Site, me: Me, enquiry: UUID, lang: Language, now: datetime) -> Enquiry:
    """One question with its words: a look, written before it is shown. NotFound for whoever does not answer it."""
    rows = [row for row in await _rows(site, me) if row["id"] == enquiry]
    key, guard = (await site.keyring.keys([enquiry])).get(enquiry), await site.keyring.guard(enquiry)
    if not rows or key is None or guard is None:
        raise NotFound()
    await audit.look(me.id, _WHO[rows[0]["about"]], [enquiry], "enquiry", now)
    return _opened(rows[0], guard, key, lang)


async def _rows(site: Site, me: Me) -> list[dict[str, Any]]:
    rows = await site.records.run_sql(
        "SELECT e.*, v.title_nb, v.title_en FROM enquiry e LEFT JOIN vacancy v ON v.id = e.vacancy "
        "ORDER BY e.received_at"
    )
    return [row for row in rows if row["about"] in _kinds(me)]


def _opened(row: dict[str, Any], guard: GuardRow, key: UnitKey | None, lang: Language) -> Enquiry:
    words = unseal(key, "enquiry", row["id"], bytes(row["sealed"]), EnquiryWords) if key else EnquiryWords()
    return Enquiry(
        id=row["id"],
        about=row["about"],
        title=either(row, "title", lang) if row["title_nb"] else "",
        state=row["state"],
        received_at=row["received_at"],
        kept_through=guard.retain_until,
        words=words,
    )


def _quoted(text: str) -> str:
    """Marked as somebody else's words, so that no line of it can look like a link of ours."""
    return "\n".join(f"> {line}" for line in text.splitlines())


async def answer(site: Site, me: Me, enquiry: UUID, text: str, now: datetime) -> None:
    """Send the answer by e-mail and keep it with the question; a second press sends nothing more.

    FormInvalid without a text; NotFound for whoever does not answer it; TooLate if it was erased meanwhile.
    """
    found = _text_problem("answer", text, "Write the answer.")
    if found:
        raise FormInvalid(found)
    rows = [row for row in await _rows(site, me) if row["id"] == enquiry]
    if not rows:
        raise NotFound()
    await site.keyring.lengthen(enquiry, enquiry_kept_through(day(now), await employer.policy(site)))
    key = await site.keyring.key(enquiry)
    words = unseal(key, "enquiry", enquiry, bytes(rows[0]["sealed"]), EnquiryWords)
    words.answer = text
    async with site.records.transaction():
        answered = await site.records.run_sql(
            "UPDATE enquiry SET state = 'answered', answered_by = ?, touched_at = ?, sealed = ? "
            "WHERE id = ? AND state = 'open' RETURNING language",
            *(me.id, now, seal(key, "enquiry", enquiry, words), enquiry),
        )
        if answered:
            lang = answered[0]["language"]
            await _write(
                site, key, "enquiry_answered", lang, words.email, now, question=_quoted(words.text), answer=text
            )
            await audit.record("enquiry.answered", now, me.id, enquiry=enquiry)
