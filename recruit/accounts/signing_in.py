"""Signing in, and what people change about their own way in: password, second factor, e-mail address.

What may never happen: a refusal that tells whether an account exists; a session after the password alone where a second
factor is set up; a code, recovery code or link that works twice. Each change reads and stores the account in one
records transaction with its audit entry and the mail that tells its owner.
"""

from datetime import datetime, timedelta
from uuid import UUID

from recruit import audit, letters
from recruit.accounts import limits, links, passwords, second_factor, sessions, staff
from recruit.accounts.staff import Account
from recruit.errors import FormInvalid, RecruitError
from recruit.i18n import Language
from recruit.site import Site

SECOND_STEP = timedelta(minutes=5)
RESET_LIFE = timedelta(hours=1)
EMAIL_LIFE = timedelta(hours=24)


class SignInRefused(RecruitError):
    """Wrong password, unknown address, closed account: always the same words."""

    status = 422
    text = "The e-mail address or the password is not right."


class CodeRefused(RecruitError):
    """A code that is wrong, too old, or was used before."""

    status = 422
    text = "This code is not right, or it was used before. Wait for the next one."


class PasswordRefused(RecruitError):
    """The present password was asked for and is another one."""

    status = 422
    text = "This is not your present password."


# --- in ---------------------------------------------------------------------------------------------------------------


async def first_step(site: Site, email: str, password: str, now: datetime) -> Account:
    """The account whose e-mail address and password these are; SignInRefused otherwise, at the same pace."""
    await limits.count(site, "sign-in", email.strip().casefold(), now)
    account = await staff.by_email(site, email)
    stored = account.secrets.password if account and account.active else ""
    fits = await passwords.matches(stored, password)
    if account is None or not fits:
        async with site.records.transaction():
            await audit.record("sign_in.refused", now, account=account.id if account else None)
        raise SignInRefused()
    if passwords.outdated(stored):
        await _renew_hash(site, account.id, stored, password)
    return account


async def begin_second_step(site: Site, account: UUID, now: datetime) -> str:
    """A short-lived token that stands for "the password was right" until the code comes. It is no session."""
    return await links.make(site, "totp", account, now, SECOND_STEP)


async def second_step(site: Site, token: str, code: str, now: datetime) -> Account:
    """The account whose code this is; CodeRefused, or LinkDead when the first step is too long ago."""
    found = await links.find(site, token, "totp", now)
    await limits.count(site, "totp", str(found.person), now)
    await limits.count(site, "totp a day", str(found.person), now, most=50, window=timedelta(days=1))
    async with site.records.transaction():
        account = await staff.load(site, found.person)
        right = account.active and second_factor.take(account.secrets, code, now)
        if right:
            await links.use(site, token, "totp", now)
            await staff.store(site, account)
        else:
            await audit.record("second_factor.refused", now, account=found.person)
    if not right:
        raise CodeRefused()
    return account


async def _renew_hash(site: Site, who: UUID, stored: str, password: str) -> None:
    """The hash is made anew when the library's parameters have changed."""
    fresh = await passwords.remember(password)
    async with site.records.transaction():
        account = await staff.load(site, who)
        if account.secrets.password == stored:
            account.secrets.password = fresh
            await staff.store(site, account)


# --- passwords --------------------------------------------------------------------------------------------------------


async def forgot(site: Site, email: str, now: datetime) -> None:
    """Mail a link for a new password, if there is such an account; nothing tells whether there was."""
    await limits.count(site, "forgot", email.strip().casefold(), now, most=5)
    account = await staff.by_email(site, email)
    if account is None or not account.active:
        return
    async with site.records.transaction():
        token = await links.make(site, "password", account.id, now, RESET_LIFE)
        await tell(site, account, "password_reset", sessions.hashed(token), now, url=reset_address(site, token))
        await audit.record("staff.reset_asked", now, account=account.id)


def reset_address(site: Site, token: str) -> str:
    """Where a new password is chosen, for a reset as for an invitation."""
    return site.settings.link(f"/password/reset/{token}")


async def reset(site: Site, token: str, password: str, now: datetime) -> Account:
    """Choose a new password by a mailed link, which is used up; every session ends. LinkDead, FormInvalid."""
    found = await links.find(site, token, "password", now)
    account = await staff.load(site, found.person)
    _check(password, account.secrets.email)
    fresh = await passwords.remember(password)
    async with site.records.transaction():
        await links.use(site, token, "password", now)
        account = await staff.load(site, found.person)
        if not account.active:
            raise links.LinkDead()
        await _set_password(site, account, fresh, now)
    return account


async def change_password(site: Site, who: UUID, old: str, new: str, now: datetime) -> None:
    """A new password in place of the old one; every session ends. PasswordRefused, FormInvalid."""
    account = await confirm(site, who, old, now)
    _check(new, account.secrets.email)
    fresh = await passwords.remember(new)
    async with site.records.transaction():
        await _set_password(site, await staff.load(site, who), fresh, now)


async def confirm(site: Site, who: UUID, password: str, now: datetime) -> Account:
    """Who is signed in gives the password again before something that matters; PasswordRefused."""
    await limits.count(site, "confirm", str(who), now)
    account = await staff.load(site, who)
    if not await passwords.matches(account.secrets.password, password):
        raise PasswordRefused()
    return account


async def sign_out_everywhere(site: Site, who: UUID, now: datetime) -> None:
    async with site.records.transaction():
        await sessions.end_all(site, who)
        await audit.record("staff.signed_out_everywhere", now, who)


def _check(password: str, email: str) -> None:
    problem = passwords.problem(password, email)
    if problem:
        raise FormInvalid({"password": problem})


async def _set_password(site: Site, account: Account, fresh: str, now: datetime) -> None:
    first = not account.secrets.password
    account.secrets.password = fresh
    await staff.store(site, account)
    await links.spend_all(site, "password", account.id, now)
    await links.spend_all(site, "totp", account.id, now)
    await sessions.end_all(site, account.id)
    await audit.record("staff.password", now, account=account.id)
    if not first:
        await tell_change(site, account, "password", now)


# --- the second factor ------------------------------------------------------------------------------------------------


async def prepare_totp(site: Site, who: UUID, password: str, now: datetime) -> None:
    """A new secret that waits for its first code; the present one, if any, stays in force until then."""
    await confirm(site, who, password, now)
    async with site.records.transaction():
        account = await staff.load(site, who)
        account.secrets.totp_waiting = second_factor.new_secret()
        await staff.store(site, account)


async def confirm_totp(site: Site, who: UUID, code: str, now: datetime) -> list[str]:
    """Turn the waiting secret on by a code made from it. Returns the recovery codes, for the only time."""
    await limits.count(site, "totp", str(who), now)
    codes = second_factor.new_recovery_codes()
    async with site.records.transaction():
        account = await staff.load(site, who)
        waiting = account.secrets.totp_waiting
        step = second_factor.accepted_step(waiting, code, now) if waiting else None
        if step is None:
            raise CodeRefused()
        second_factor.forget(account.secrets)
        account.secrets.totp, account.secrets.totp_used = waiting, step
        account.secrets.recovery = [second_factor.hashed(code) for code in codes]
        await staff.store(site, account)
        await audit.record("staff.second_factor_on", now, who)
        await tell_change(site, account, "second_factor_on", now)
    return codes


async def renew_recovery_codes(site: Site, who: UUID, password: str, now: datetime) -> list[str]:
    """New recovery codes; the old ones are worth nothing from now on."""
    await confirm(site, who, password, now)
    codes = second_factor.new_recovery_codes()
    async with site.records.transaction():
        account = await staff.load(site, who)
        if not account.secrets.totp:
            raise CodeRefused()
        account.secrets.recovery = [second_factor.hashed(code) for code in codes]
        await staff.store(site, account)
        await audit.record("staff.recovery_codes", now, who)
        await tell_change(site, account, "recovery_codes", now)
    return codes


async def turn_off_totp(site: Site, who: UUID, password: str, now: datetime) -> None:
    await confirm(site, who, password, now)
    async with site.records.transaction():
        account = await staff.load(site, who)
        second_factor.forget(account.secrets)
        await staff.store(site, account)
        await audit.record("staff.second_factor_off", now, who)
        await tell_change(site, account, "second_factor_off", now)


# --- name, language, e-mail -------------------------------------------------------------------------------------------


async def change_name(site: Site, who: UUID, name: str, language: Language, now: datetime) -> None:
    async with site.records.transaction():
        account = await staff.load(site, who)
        account.secrets.name = name
        await staff.store(site, account)
        await site.records.run_sql("UPDATE staff SET language = ? WHERE id = ?", language, who)
        await audit.record("staff.changed", now, who)


async def ask_for_email(site: Site, who: UUID, email: str, password: str, now: datetime) -> None:
    """Mail a link to a new address; the account keeps the old one until the link is followed.

    An address that is taken gets no mail, and the page says the same.
    """
    await confirm(site, who, password, now)
    taken = await site.keyring.find("staff", email)
    if taken is not None:
        return
    async with site.records.transaction():
        account = await staff.load(site, who)
        account.secrets.email_waiting = email
        await staff.store(site, account)
        await links.spend_all(site, "staff-email", who, now)
        token = await links.make(site, "staff-email", who, now, EMAIL_LIFE)
        url = site.settings.link(f"/account/email/{token}")
        await tell(site, account, "confirm_email", sessions.hashed(token), now, to=email, url=url)


async def confirm_email(site: Site, token: str, now: datetime) -> None:
    """The account is found by its new address from now on; the old address is told.

    The keyring changes first: if we stop in between, the link still works and does the rest.
    """
    found = await links.find(site, token, "staff-email", now)
    account = await staff.load(site, found.person)
    new = account.secrets.email_waiting
    if await site.keyring.find("staff", new) not in (None, account.id):
        raise staff.AccountExists()
    await site.keyring.readdress(account.id, "staff", new)
    async with site.records.transaction():
        await links.use(site, token, "staff-email", now)
        account = await staff.load(site, found.person)
        await tell_change(site, account, "email", now)
        account.secrets.email, account.secrets.email_waiting = new, ""
        await staff.store(site, account)
        await links.spend_all(site, "password", account.id, now)
        await audit.record("staff.email", now, account.id)


# --- telling ----------------------------------------------------------------------------------------------------------


async def tell_change(site: Site, account: Account, what: str, now: datetime) -> None:
    """Tell the owner that something about the way in has changed, in case it was somebody else."""
    cause = f"{what}:{account.id}:{now.isoformat()}"
    await tell(site, account, "account_changed", cause, now, what=what, url=site.settings.link("/password/forgot"))


async def tell(
    site: Site, account: Account, template: str, cause: str, now: datetime, to: str = "", **context: object
) -> None:
    """A mail to an account's owner about their own account; the same cause of two templates is two mails."""
    await letters.to_staff(site, account, f"{template}:{cause}", template, now, to, **context)
