"""Letters: the one way a mail to a candidate or to a colleague is put into the outbox.

Guards that every mail to a candidate is in the candidate's language, names the employer, and carries in its footer the
way to "my data", the withdrawal of consent (one link, no sign-in, L6) and the privacy notice.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from recruit import employer, mail, typed
from recruit.accounts import links
from recruit.accounts.staff import Account
from recruit.i18n import Language
from recruit.site import Site
from recruit.tables import Person
from recruit.vault.sealing import UnitKey, new_secret, unseal


async def to_candidate(
    site: Site, candidate: UUID, under: UnitKey, cause: str, template: str, now: datetime, **context: Any
) -> bool:
    """Queue `templates/mail/<template>.<lang>.txt` in the caller's transaction, sealed under the unit it speaks of.

    The template gets `name`, `employer`, `my_url`, `withdraw_url`, `privacy_url` and the context. False if that cause
    has mailed already, or if there is no e-mail address: whoever wrote a letter without one is answered by letter.
    """
    person, lang = await addressee(site, candidate)
    if not person.email:
        return False
    return await _to(site, candidate, person, lang, under, cause, template, now, **context)


async def to_whoever(site: Site, who: UUID, cause: str, template: str, now: datetime, **context: Any) -> None:
    """The same to a candidate who may not exist, by the same statements, so that time does not tell which.

    What goes to nobody is sealed under a key that nobody keeps: the outbox drops it, as it drops what was erased.
    """
    rows, keys = await _looked_up(site, who)
    key = keys.get(who) or UnitKey(who, new_secret())
    person, lang = _opened(key, rows[0]) if rows else (Person(name="", email="", phone=""), "nb")
    await _to(site, who, person, lang, key, cause, template, now, **context)


async def _to(
    site: Site,
    candidate: UUID,
    person: Person,
    lang: Language,
    under: UnitKey,
    cause: str,
    template: str,
    now: datetime,
    **context: Any,
) -> bool:
    token = await links.make(site, "consent", candidate, now)
    mine = await links.make(site, "my", candidate, now)
    return await mail.queue(
        site,
        under,
        cause,
        template,
        lang,
        person.email,
        now,
        name=typed.line(person.name),
        employer=await employer.current(site),
        my_url=site.settings.link(f"/my/from/{mine}"),
        withdraw_url=site.settings.link(f"/consent/{token}"),
        privacy_url=site.settings.link("/privacy"),
        **context,
    )


async def to_staff(
    site: Site, account: Account, cause: str, template: str, now: datetime, to: str = "", **context: Any
) -> None:
    """Queue a mail to an account's owner, in the caller's transaction; nothing before there is an employer.

    `to` is another address than the account's. The template gets `name`, `employer` and the context.
    """
    who = await employer.current(site)
    if who is None:
        return
    address = to or account.secrets.email
    named = {"name": account.secrets.name, "employer": who}
    await mail.queue(site, account.key, cause, template, account.language, address, now, **named, **context)


async def addressee(site: Site, candidate: UUID) -> tuple[Person, Language]:
    """Whom a letter goes to, and in which language; `TooLate` if the profile was erased."""
    rows, keys = await _looked_up(site, candidate)
    return _opened(keys.get(candidate) or await site.keyring.key(candidate), rows[0])


async def _looked_up(site: Site, candidate: UUID) -> tuple[list[dict[str, Any]], dict[UUID, UnitKey]]:
    rows = await site.records.run_sql("SELECT id, language, sealed FROM candidate WHERE id = ?", candidate)
    return rows, await site.keyring.keys([candidate])


def _opened(key: UnitKey, row: dict[str, Any]) -> tuple[Person, Language]:
    return unseal(key, "candidate", row["id"], bytes(row["sealed"]), Person), row["language"]
