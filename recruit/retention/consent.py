"""Consent: to be considered for future vacancies, given or withdrawn by the candidate alone.

Guards L5 to L7: every act is an immutable row with the wording that was shown; giving commits its longer life in the
keyring before it is acknowledged; withdrawing acts at once and takes no more steps than giving.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from recruit import audit, employer, letters
from recruit.clock import day
from recruit.errors import RecruitError
from recruit.i18n import Language
from recruit.retention import rules
from recruit.retention.facts import of_applications
from recruit.retention.rules import ConsentFact
from recruit.retention.service import call_off, settle, take_version, until_first
from recruit.site import Site
from recruit.vault.keyring import TooLate

_NUMBER = 1
_TEXTS: dict[Language, str] = {
    "nb": "Ja, {employer} kan lagre søknaden min i {months} måneder etter at rekrutteringen er avsluttet, for å "
    "vurdere meg for fremtidige stillinger. Samtykket er frivillig, har ingen betydning for denne søknaden, og jeg kan "
    "trekke det tilbake når som helst med lenken i enhver e-post. Da slettes det som bare er lagret på grunn av "
    "samtykket.",
    "en": "Yes, {employer} may keep my application for {months} months after the recruitment has ended, to consider me "
    "for future vacancies. Consent is voluntary, makes no difference to this application, and I can withdraw it at any "
    "time with the link in every e-mail. Then whatever only the consent kept is erased.",
}


class NothingToConsentTo(RecruitError):
    """There is no application left that consent could keep."""

    status = 410
    text = "There is no application of yours left that consent could keep."


@dataclass(frozen=True)
class Wording:
    """The exact text of the question: its version, language and SHA-256 (hex)."""

    number: int
    lang: Language
    text: str
    hash: str


@dataclass(frozen=True)
class Act:
    """One act in the history of a candidate's consent; `text` is the question exactly as it was answered.

    `text` is empty only where the installation was restored from before the wording was kept.
    """

    given: bool
    at: datetime
    channel: str
    language: Language
    wording: int
    text: str


async def wording(site: Site, lang: Language) -> Wording:
    """The question as it is asked now, with the policy's period and the employer's name in it."""
    months, who = (await employer.policy(site)).consent_months, await employer.current(site)
    text = _TEXTS[lang].format(months=months, employer=who.name if who else "")
    return Wording(_NUMBER, lang, text, hashlib.sha256(text.encode()).hexdigest())


async def history(site: Site, candidate: UUID) -> list[Act]:
    """All acts, oldest first."""
    rows = await site.records.run_sql(
        "SELECT c.given, c.at, c.channel, c.language, c.wording, w.text FROM consent c "
        "LEFT JOIN consent_wording w ON w.id = c.wording_hash WHERE c.candidate = ? ORDER BY c.at",
        candidate,
    )
    return [Act(bool(r["given"]), r["at"], r["channel"], r["language"], r["wording"], r["text"] or "") for r in rows]


async def standing(site: Site, candidate: UUID) -> datetime | None:
    """Since when consent stands, or None."""
    acts = await history(site, candidate)
    return acts[-1].at if acts and acts[-1].given else None


async def give(site: Site, candidate: UUID, channel: str, lang: Language, now: datetime) -> None:
    """Give or renew consent for the applications that exist now (L5, L7).

    `channel` is where it was given (`mail_link`, `my_data`). NothingToConsentTo if all of them are erased.
    """
    await _give(site, candidate, await _applications(site, candidate), None, channel, lang, now)


async def record_first(site: Site, candidate: UUID, application: UUID, lang: Language, now: datetime) -> None:
    """Consent that was given with the form of an application, for this one alone: nobody was signed in.

    Its confirmation stands in the mail about the application.
    """
    await _give(site, candidate, [application], application, "form", lang, now)


async def _give(
    site: Site,
    candidate: UUID,
    covered: list[UUID],
    application: UUID | None,
    channel: str,
    lang: Language,
    now: datetime,
) -> None:
    async def once() -> None:
        versions = await _lengthen(site, covered, now)
        async with site.records.transaction():
            for unit, version in versions.items():
                await take_version(site, unit, version)
                await call_off(site, unit, now)
            template = "consent_renewed" if await standing(site, candidate) else "consent_given"
            noted = await _record(site, candidate, application, True, channel, lang, now)
            if application is None:
                await _confirm(site, candidate, template, noted, now)
        site.keyring.holders.note(noted)
        await settle(site, versions, now)

    await until_first(once)


async def withdraw(site: Site, candidate: UUID, channel: str, lang: Language, now: datetime) -> None:
    """Withdraw consent: at once, for everything it kept (L6)."""
    async with site.records.transaction():
        noted = await _record(site, candidate, None, False, channel, lang, now)
        await _confirm(site, candidate, "consent_withdrawn", noted, now)
    site.keyring.holders.note(noted)
    await settle(site, await _applications(site, candidate), now)


async def _lengthen(site: Site, covered: list[UUID], now: datetime) -> dict[UUID, int]:
    """Protect every living application as the consent that is about to be recorded will."""
    policy = await employer.policy(site)
    facts = await of_applications(site, covered)
    versions: dict[UUID, int] = {}
    for unit, fact in facts.items():
        with_it = msgspec.structs.replace(fact, consents=(*fact.consents, ConsentFact(True, now)))
        until = rules.decide(with_it, policy, day(now)).kept_through
        try:
            versions[unit] = await site.keyring.lengthen(unit, until)
        except TooLate:
            continue
    if not versions:
        raise NothingToConsentTo()
    return versions


async def _applications(site: Site, candidate: UUID) -> list[UUID]:
    rows = await site.records.run_sql("SELECT id FROM application WHERE candidate = ?", candidate)
    return [row["id"] for row in rows]


async def _record(
    site: Site, candidate: UUID, application: UUID | None, given: bool, channel: str, lang: Language, now: datetime
) -> dict[str, Any]:
    """The immutable row; returns what the journal remembers of it."""
    asked, act = await wording(site, lang), uuid4()
    await keep_wording(site, asked)
    await site.records.run_sql(
        "INSERT INTO consent (id, candidate, application, given, at, channel, language, wording, wording_hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(act, candidate, application, given, now, channel, lang, asked.number, asked.hash),
    )
    await audit.record("consent.given" if given else "consent.withdrawn", now, candidate=candidate, channel=channel)
    return {
        "kind": "consent",
        "id": str(act),
        "candidate": str(candidate),
        "application": str(application) if application else None,
        "given": given,
        "at": now.isoformat(),
        "channel": channel,
        "language": lang,
        "wording": asked.number,
        "wording_hash": asked.hash,
        "wording_text": asked.text,
    }


async def keep_wording(site: Site, asked: Wording) -> None:
    """The exact text, once for everybody who answers it, so that each history can show it (art. 7(1))."""
    await site.records.run_sql(
        "INSERT INTO consent_wording (id, number, language, text) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        *(asked.hash, asked.number, asked.lang, asked.text),
    )


async def _confirm(site: Site, candidate: UUID, template: str, noted: dict[str, Any], now: datetime) -> None:
    policy = await employer.policy(site)
    key = await site.keyring.key(candidate)
    await letters.to_candidate(
        site, candidate, key, f"{template}:{noted['id']}", template, now, months=policy.consent_months
    )
