"""The first run, and the accounts of the staff: who works here, with which roles.

What may never happen: a second first run, or one without the code that the program printed; an installation without an
administrator; an account that is closed and still signed in. An account's key is durable before its row; everything
else about an act is one records transaction with its audit entry.
"""

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from recruit import audit, employer
from recruit.accounts import links, passwords, second_factor, sessions, signing_in, staff
from recruit.accounts.guards import ADMIN, ROLES
from recruit.accounts.staff import Account
from recruit.employer import EmployerFacts
from recruit.errors import FormInvalid, NotFound, RecruitError
from recruit.i18n import Language
from recruit.retention.rules import Policy
from recruit.site import Site
from recruit.tables import StaffSecrets

INVITATION_LIFE = timedelta(days=7)

CODE_WRONG = "This is not the set-up code that the program printed when it last started."
NO_ROLE = "Choose at least one role."
NO_ADMIN = "The first account has to be administrator, or nobody could add the others."
_CODE = "setup_code"
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class LastAdmin(RecruitError):
    status = 409
    text = "This is the only administrator. Give somebody else that role first."


class NotOnYourself(RecruitError):
    status = 409
    text = "Another administrator has to do this. What concerns your own way in is on your account page."


# --- the first run ----------------------------------------------------------------------------------------------------


class FirstRun(msgspec.Struct, frozen=True, kw_only=True):
    """All that the first-run page asks for. `roles` are the first account's."""

    employer: EmployerFacts
    policy: Policy
    name: str
    email: str
    password: str
    roles: tuple[str, ...] = ("recruiter", "dpo", "admin")
    language: Language = "nb"


async def setup_code(site: Site, now: datetime) -> str:
    """A new set-up code, to be printed where only the installation's owner reads; only its hash is kept.

    Asked for at each start without an employer; the code before it is worth nothing from then on.
    """
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    await site.records.run_sql(
        "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        *(_CODE, _hashed(code)),
    )
    return code


async def setup_code_problem(site: Site, code: str) -> str | None:
    """Why this is not the code printed last (an English message id), or None."""
    rows = await site.records.run_sql("SELECT value FROM fact WHERE name = ?", _CODE)
    right = bool(rows) and hmac.compare_digest(rows[0]["value"], _hashed(code))
    return None if right else CODE_WRONG


async def first_run(site: Site, given: FirstRun, now: datetime) -> UUID:
    """Write employer, policy and first account, all or nothing; the account's id.

    NotFound once there is an employer. FormInvalid names what is missing. The set-up code is the page's to check.
    """
    problem = passwords.problem(given.password, given.email)
    if problem:
        raise FormInvalid({"password": problem})
    roles = _checked(given.roles, first=True)
    if await employer.current(site):
        raise NotFound()
    fresh = await passwords.remember(given.password)
    key = await staff.born(site, given.email, now)
    async with site.records.transaction():
        if await employer.current(site):
            raise NotFound()
        account = StaffSecrets(name=given.name, email=given.email, password=fresh)
        await staff.insert(site, key, account, roles, given.language, now)
        await employer.write_employer(site, given.employer, key.unit, now)
        await employer.write_policy(site, given.policy, key.unit, now)
        await audit.record("staff.added", now, key.unit, account=key.unit, roles=list(roles))
        await site.records.run_sql("DELETE FROM fact WHERE name = ?", _CODE)
    return key.unit


def _hashed(code: str) -> str:
    return sessions.hashed("".join(c for c in code.upper() if c.isalnum()))


# --- accounts ---------------------------------------------------------------------------------------------------------


async def add_staff(
    site: Site,
    name: str,
    email: str,
    roles: Iterable[str],
    now: datetime,
    by: UUID | None = None,
    language: Language = "nb",
) -> str:
    """A new account and its invitation by mail; the link to choose a password, good for seven days.

    AccountExists if the address has one; FormInvalid without a role. Where no mail leaves, hand the link over.
    """
    chosen = _checked(roles)
    key = await staff.born(site, email, now)
    async with site.records.transaction():
        await staff.insert(site, key, StaffSecrets(name=name, email=email), chosen, language, now)
        await audit.record("staff.added", now, by, account=key.unit, roles=list(chosen))
        return await _invite(site, await staff.load(site, key.unit), now)


async def invite_again(site: Site, who: UUID, by: UUID, now: datetime) -> str:
    """A fresh link to choose a password; earlier ones die."""
    async with site.records.transaction():
        account = await staff.load(site, who)
        if not account.active:
            raise NotFound()
        await audit.record("staff.invited", now, by, account=who)
        return await _invite(site, account, now)


async def reset_staff(site: Site, email: str, now: datetime) -> str:
    """From the command line, for who is locked out: no second factor, no sessions, and a link for a new password.

    NotFound without such an account.
    """
    account = await staff.by_email(site, email)
    if account is None:
        raise NotFound()
    async with site.records.transaction():
        await _drop_second_factor(site, account.id, None, now)
        return await _invite(site, await staff.load(site, account.id), now)


async def set_roles(site: Site, who: UUID, roles: Iterable[str], by: UUID, now: datetime) -> None:
    """Other roles for an account, in force with its next request. LastAdmin, FormInvalid."""
    chosen = _checked(roles)
    async with site.records.transaction():
        account = await staff.load(site, who)
        if ADMIN not in chosen:
            await _another_admin(site, account)
        await site.records.run_sql("UPDATE staff SET roles = ? WHERE id = ?", ",".join(chosen), who)
        await audit.record("staff.roles", now, by, account=who, roles=list(chosen))


async def close_account(site: Site, who: UUID, by: UUID, now: datetime) -> None:
    """Nobody signs in with this account any more, and who is signed in is so no longer. LastAdmin, NotOnYourself."""
    if who == by:
        raise NotOnYourself()
    async with site.records.transaction():
        await _another_admin(site, await staff.load(site, who))
        await site.records.run_sql("UPDATE staff SET active = FALSE WHERE id = ?", who)
        await sessions.end_all(site, who)
        for purpose in ("password", "totp", "staff-email"):
            await links.spend_all(site, purpose, who, now)
        await audit.record("staff.closed", now, by, account=who)


async def reopen_account(site: Site, who: UUID, by: UUID, now: datetime) -> None:
    async with site.records.transaction():
        await staff.load(site, who)
        await site.records.run_sql("UPDATE staff SET active = TRUE WHERE id = ?", who)
        await audit.record("staff.reopened", now, by, account=who)


async def reset_second_factor(site: Site, who: UUID, by: UUID, now: datetime) -> None:
    """For who has lost phone and recovery codes; its owner is told, and every session ends."""
    if who == by:
        raise NotOnYourself()
    async with site.records.transaction():
        await _drop_second_factor(site, who, by, now)


async def _drop_second_factor(site: Site, who: UUID, by: UUID | None, now: datetime) -> None:
    account = await staff.load(site, who)
    second_factor.forget(account.secrets)
    await staff.store(site, account)
    await sessions.end_all(site, who)
    await links.spend_all(site, "totp", who, now)
    await audit.record("staff.second_factor_reset", now, by, account=who)
    await signing_in.tell_change(site, account, "second_factor_off", now)


NEWS: dict[str, str] = {
    "at_once": "At once, at most every quarter of an hour",
    "daily": "Once a day, in the morning",
    "never": "Never",
}
"""How often somebody is told of new applications (message ids)."""


async def choose_news(site: Site, who: UUID, often: str, now: datetime) -> None:
    """How often one is told of new applications from now on. FormInvalid for what is no choice."""
    if often not in NEWS:
        raise FormInvalid({"news": "Choose how often."})
    async with site.records.transaction():
        await site.records.run_sql("UPDATE staff SET news = ?, told_at = ? WHERE id = ?", often, now, who)
        await audit.record("staff.changed", now, who)


async def news_of(site: Site, who: UUID) -> str:
    """How often somebody is told of new applications."""
    rows = await site.records.run_sql("SELECT news FROM staff WHERE id = ?", who)
    return str(rows[0]["news"])


async def _invite(site: Site, account: Account, now: datetime) -> str:
    await links.spend_all(site, "password", account.id, now)
    token = await links.make(site, "password", account.id, now, INVITATION_LIFE)
    url = signing_in.reset_address(site, token)
    await signing_in.tell(site, account, "invitation", sessions.hashed(token), now, url=url)
    return url


async def _another_admin(site: Site, account: Account) -> None:
    """Someone else must be administrator before this account stops being one."""
    others = [other for other in await staff.listed(site) if other.is_admin and other.id != account.id]
    if account.is_admin and not others:
        raise LastAdmin()


def roles_problem(roles: Iterable[str], first: bool = False) -> str | None:
    """Why an account may not have these roles (an English message id), or None; `first` is the very first account."""
    wanted = set(roles)
    if not wanted or wanted - set(ROLES):
        return NO_ROLE
    return NO_ADMIN if first and ADMIN not in wanted else None


def _checked(roles: Iterable[str], first: bool = False) -> tuple[str, ...]:
    wanted = set(roles)
    problem = roles_problem(wanted, first)
    if problem:
        raise FormInvalid({"roles": problem})
    return tuple(role for role in ROLES if role in wanted)
