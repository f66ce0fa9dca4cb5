"""The pages of accounts: the first run, signing in and out, one's own account, everybody's accounts, the settings.

Guards that a page after a write is a page of its own, that an id from outside never becomes a session, and that
whatever needs the password again asks for it.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect

from recruit import clock, employer
from recruit.accounts import forms, limits, links, passwords, second_factor, service, sessions, signing_in, staff, words
from recruit.accounts import guards as access
from recruit.accounts.guards import ADMIN, DPO, HIRING, public
from recruit.accounts.staff import Account
from recruit.errors import FormInvalid, NotFound
from recruit.i18n import Language
from recruit.retention.rules import Policy
from recruit.web import Req, address, answers, chosen, language, language_cookie, redirect, render, site_of, user_of

Page = Response[bytes]
Answer = Response[Any]

FROM_ONE_ADDRESS = 50


def _home(roles: Iterable[str]) -> str:
    """Where each role begins."""
    held = set(roles)
    if held.intersection(HIRING):
        return "/vacancies"
    return "/desk" if DPO in held else "/staff"


# --- the first run ----------------------------------------------------------------------------------------------------

_FIRST_RUN = public("before there is an employer there are no accounts; it asks for the printed set-up code")


@get("/first-run", guards=[_FIRST_RUN])
async def first_run_page(request: Req) -> Page:
    await _only_once(request)
    form = forms.policy_form(Policy()) | {"has_dpo": "no"}
    return _first_run(request, form, ["recruiter", DPO, ADMIN], {})


@post("/first-run", guards=[_FIRST_RUN])
async def first_run(request: Req) -> Answer:
    await _only_once(request)
    site, now = site_of(request), clock.now()
    await limits.count(site, "first-run", address(request), now)
    form, roles = await answers(request), await chosen(request, "roles")
    wrong = await service.setup_code_problem(site, form.get("code", ""))
    try:
        given = _first_run_given(form, roles, language(request), wrong)
        await service.first_run(site, given, now)
    except FormInvalid as error:
        return _first_run(request, form, roles, error.errors)
    return redirect("/sign-in", flash="Everything is set up. Sign in with the account you have just made.")


async def _only_once(request: Req) -> None:
    if await employer.current(site_of(request)):
        raise NotFound()


def _first_run(request: Req, form: dict[str, str], roles: list[str], errors: dict[str, str]) -> Page:
    status = 422 if errors else 200
    return render(request, "accounts/first_run.html", status, form=form, roles=roles, errors=errors, words=words)


def _first_run_given(form: dict[str, str], roles: list[str], lang: Language, code: str | None) -> service.FirstRun:
    """What the first-run form says; FormInvalid with all its mistakes at once, the code's first."""
    facts, errors = forms.employer_facts(form)
    policy, unfit = forms.policy(form, Policy())
    found = {
        "code": code,
        **errors,
        **unfit,
        **_person_problems(form),
        "password": passwords.problem(form.get("password", ""), form.get("email", "")),
        "roles": service.roles_problem(roles, first=True),
    }
    if any(found.values()):
        raise FormInvalid(forms.told(found))
    return service.FirstRun(
        employer=facts,
        policy=policy,
        name=form["name"],
        email=form["email"],
        password=form["password"],
        roles=tuple(roles),
        language=lang,
    )


def _person_problems(form: dict[str, str]) -> dict[str, str | None]:
    return {
        "name": forms.text_problem(form.get("name", ""), 200),
        "email": forms.email_problem(form.get("email", "")),
    }


# --- in and out -------------------------------------------------------------------------------------------------------

_SIGN_IN = public("whoever wants to sign in is not signed in yet; attempts are limited")


@get("/sign-in", guards=[_SIGN_IN])
async def sign_in_page(request: Req) -> Answer:
    onward = forms.own_path(request.query_params.get("next", ""))
    if request.user and request.user.kind == "staff":
        return redirect(onward or _home(request.user.roles))
    return _sign_in(request, {"next": onward or ""}, {})


@post("/sign-in", guards=[_SIGN_IN])
async def sign_in(request: Req) -> Answer:
    site, now, form = site_of(request), clock.now(), await answers(request)
    await limits.count(site, "sign-in-from", address(request), now, most=FROM_ONE_ADDRESS)
    try:
        account = await signing_in.first_step(site, form.get("email", ""), form.get("password", ""), now)
    except signing_in.SignInRefused as error:
        return _sign_in(request, form, {"email": error.text})
    onward = forms.own_path(form.get("next", ""))
    if not account.secrets.totp:
        return await _signed_in(request, account, onward, second=False)
    token = await signing_in.begin_second_step(site, account.id, now)
    answer = redirect("/sign-in/code" + (f"?next={quote(onward)}" if onward else ""))
    answer.set_cookie(_step_cookie(request, token, int(signing_in.SECOND_STEP.total_seconds())))
    return answer


@get("/sign-in/code", guards=[_SIGN_IN])
async def code_page(request: Req) -> Answer:
    if not request.cookies.get(_step_name(request)):
        return redirect("/sign-in")
    return _code(request, {"next": forms.own_path(request.query_params.get("next", "")) or ""}, {})


@post("/sign-in/code", guards=[_SIGN_IN])
async def code(request: Req) -> Answer:
    site, now, form = site_of(request), clock.now(), await answers(request)
    await limits.count(site, "sign-in-from", address(request), now, most=FROM_ONE_ADDRESS)
    token = request.cookies.get(_step_name(request), "")
    try:
        account = await signing_in.second_step(site, token, form.get("code", ""), now)
    except signing_in.CodeRefused as error:
        return _code(request, form, {"code": error.text})
    except links.LinkDead:
        return redirect("/sign-in", flash="That took too long. Sign in again.")
    answer = await _signed_in(request, account, forms.own_path(form.get("next", "")), second=True)
    answer.set_cookie(_step_cookie(request, "", 0))
    return answer


@post("/sign-out", guards=[public("ends the session of whoever asks, staff or candidate")])
async def sign_out(request: Req) -> Answer:
    site = site_of(request)
    if request.user:
        await sessions.end(site, request.user.session)
    answer = redirect("/", flash="You are signed out.")
    answer.set_cookie(sessions.no_cookie(site))
    return answer


async def _signed_in(request: Req, account: Account, onward: str | None, second: bool) -> Redirect:
    """A session of its own making, in place of whatever the browser brought along."""
    answer = redirect(onward or _home(account.roles))
    await _new_session(request, answer, account.id, second)
    if "lang" not in request.cookies:
        answer.set_cookie(language_cookie(site_of(request), account.language))
    return answer


async def _new_session(request: Req, answer: Answer, person: UUID, second: bool) -> None:
    site = site_of(request)
    brought = request.cookies.get(sessions.cookie_name(site))
    replaces = sessions.hashed(brought) if brought else None
    token = await sessions.begin(site, "staff", person, clock.now(), replaces, second)
    answer.set_cookie(sessions.cookie(site, token, "staff"))


def _step_name(request: Req) -> str:
    return sessions.cookie_name(site_of(request)) + "-step"


def _step_cookie(request: Req, token: str, seconds: int) -> Cookie:
    secure = site_of(request).settings.secure
    name = _step_name(request)
    return Cookie(key=name, value=token, max_age=seconds, httponly=True, secure=secure, samesite="lax", path="/")


def _sign_in(request: Req, form: dict[str, str], errors: dict[str, str]) -> Page:
    status = 422 if errors else 200
    return render(request, "accounts/sign_in.html", status, "sign-in", form=form, errors=errors)


def _code(request: Req, form: dict[str, str], errors: dict[str, str]) -> Page:
    return render(request, "accounts/sign_in_code.html", 422 if errors else 200, "sign-in", form=form, errors=errors)


# --- a forgotten password ---------------------------------------------------------------------------------------------

_RESET = public("whoever forgot the password cannot sign in; the mailed link is the proof")


@get("/password/forgot", guards=[_RESET])
async def forgot_page(request: Req) -> Page:
    return render(request, "accounts/forgot.html", form={}, errors={})


@post("/password/forgot", guards=[_RESET])
async def forgot(request: Req) -> Answer:
    site, now, form = site_of(request), clock.now(), await answers(request)
    await limits.count(site, "forgot-from", address(request), now)
    problem = forms.email_problem(form.get("email", ""))
    if problem:
        return render(request, "accounts/forgot.html", 422, form=form, errors={"email": problem})
    async with limits.same_pace():
        await signing_in.forgot(site, form["email"], now)
    return redirect("/password/sent")


@get("/password/sent", guards=[_RESET])
async def forgot_sent(request: Req) -> Page:
    return render(request, "accounts/forgot_sent.html")


@get("/password/reset/{token:str}", guards=[_RESET])
async def reset_page(request: Req, token: FromPath[str]) -> Page:
    await links.find(site_of(request), token, "password", clock.now())
    return render(request, "accounts/reset.html", token=token, errors={})


@post("/password/reset/{token:str}", guards=[_RESET])
async def reset(request: Req, token: FromPath[str]) -> Answer:
    site, now, form = site_of(request), clock.now(), await answers(request)
    await limits.count(site, "reset-from", address(request), now)
    try:
        await signing_in.reset(site, token, form.get("password", ""), now)
    except FormInvalid as error:
        return render(request, "accounts/reset.html", 422, token=token, errors=error.errors)
    return redirect("/sign-in", flash="The new password is saved. Sign in with it.")


# --- one's own account ------------------------------------------------------------------------------------------------

_OWN = access.staff()


@get("/account", guards=[_OWN])
async def account_page(request: Req) -> Page:
    site, me = site_of(request), user_of(request)
    account = await staff.load(site, me.id)
    places = await sessions.places(site, me.id, clock.now())
    return render(
        request,
        "accounts/account.html",
        here="account",
        account=account,
        roles=[words.ROLES[role].name for role in account.roles],
        news=service.NEWS[await service.news_of(site, me.id)] if me.has(*HIRING) else "",
        places=places,
    )


@get("/account/name", guards=[_OWN])
async def name_page(request: Req) -> Page:
    account = await staff.load(site_of(request), user_of(request).id)
    form = {"name": account.secrets.name, "language": account.language}
    return render(request, "accounts/name.html", here="account", form=form, errors={})


@post("/account/name", guards=[_OWN])
async def change_name(request: Req) -> Answer:
    form = await answers(request)
    problem = forms.text_problem(form.get("name", ""), 200)
    if problem:
        return render(request, "accounts/name.html", 422, "account", form=form, errors={"name": problem})
    lang: Language = "en" if form.get("language") == "en" else "nb"
    await signing_in.change_name(site_of(request), user_of(request).id, form["name"], lang, clock.now())
    answer = redirect("/account", flash="Saved.")
    answer.set_cookie(language_cookie(site_of(request), lang))
    return answer


_TOLD = access.staff(*HIRING)


@get("/account/news", guards=[_TOLD])
async def news_page(request: Req) -> Page:
    return _news(request, await service.news_of(site_of(request), user_of(request).id), {})


@post("/account/news", guards=[_TOLD])
async def choose_news(request: Req) -> Answer:
    often = (await answers(request)).get("news", "")
    try:
        await service.choose_news(site_of(request), user_of(request).id, often, clock.now())
    except FormInvalid as error:
        return _news(request, often, error.errors)
    return redirect("/account", flash="Saved.")


def _news(request: Req, often: str, errors: dict[str, str]) -> Page:
    status = 422 if errors else 200
    return render(request, "accounts/news.html", status, "account", often=often, choices=service.NEWS, errors=errors)


@get("/account/email", guards=[_OWN])
async def email_page(request: Req) -> Page:
    return render(request, "accounts/email.html", here="account", form={}, errors={})


@post("/account/email", guards=[_OWN])
async def ask_for_email(request: Req) -> Answer:
    form = await answers(request)
    errors = forms.told({"email": forms.email_problem(form.get("email", ""))})
    if not errors:
        try:
            async with limits.same_pace():
                who, password = user_of(request).id, form.get("password", "")
                await signing_in.ask_for_email(site_of(request), who, form["email"], password, clock.now())
            return redirect("/account", flash="A link has been sent to the new address. Open it to finish.")
        except signing_in.PasswordRefused as error:
            errors = {"password": error.text}
    return render(request, "accounts/email.html", 422, "account", form=form, errors=errors)


_EMAIL_LINK = public("the mailed link proves that the new address is one's own")


@get("/account/email/{token:str}", guards=[_EMAIL_LINK])
async def confirm_email_page(request: Req, token: FromPath[str]) -> Page:
    await links.find(site_of(request), token, "staff-email", clock.now())
    return render(request, "accounts/confirm_email.html", token=token)


@post("/account/email/{token:str}", guards=[_EMAIL_LINK])
async def confirm_email(request: Req, token: FromPath[str]) -> Answer:
    await signing_in.confirm_email(site_of(request), token, clock.now())
    return redirect("/sign-in", flash="The new e-mail address is saved. You sign in with it from now on.")


@get("/account/password", guards=[_OWN])
async def password_page(request: Req) -> Page:
    return render(request, "accounts/password.html", here="account", errors={})


@post("/account/password", guards=[_OWN])
async def change_password(request: Req) -> Answer:
    site, me, form = site_of(request), user_of(request), await answers(request)
    second = await sessions.had_second_factor(site, me.session)
    try:
        await signing_in.change_password(site, me.id, form.get("old", ""), form.get("password", ""), clock.now())
    except signing_in.PasswordRefused as error:
        return render(request, "accounts/password.html", 422, "account", errors={"old": error.text})
    except FormInvalid as error:
        return render(request, "accounts/password.html", 422, "account", errors=error.errors)
    answer = redirect("/account", flash="The new password is saved. You are signed out everywhere else.")
    await _new_session(request, answer, me.id, second)
    return answer


@post("/account/sessions", guards=[_OWN])
async def sign_out_everywhere(request: Req) -> Answer:
    site = site_of(request)
    await signing_in.sign_out_everywhere(site, user_of(request).id, clock.now())
    answer = redirect("/sign-in", flash="You are signed out everywhere.")
    answer.set_cookie(sessions.no_cookie(site))
    return answer


@get("/account/second-factor", guards=[_OWN])
async def second_factor_page(request: Req) -> Page:
    return await _second_factor(request, {})


@post("/account/second-factor", guards=[_OWN])
async def change_second_factor(request: Req) -> Answer:
    """Three acts that each want the password: begin to set up, new recovery codes, turn off."""
    site, me, now, form = site_of(request), user_of(request), clock.now(), await answers(request)
    password = form.get("password", "")
    try:
        if form.get("act") == "renew":
            return _codes(request, await signing_in.renew_recovery_codes(site, me.id, password, now))
        if form.get("act") == "off":
            await signing_in.turn_off_totp(site, me.id, password, now)
            return redirect("/account", flash="The second factor is off.")
        await signing_in.prepare_totp(site, me.id, password, now)
    except signing_in.PasswordRefused as error:
        return await _second_factor(request, {"password": error.text})
    return redirect("/account/second-factor/set-up")


@get("/account/second-factor/set-up", guards=[_OWN])
async def set_up_page(request: Req) -> Answer:
    return await _set_up(request, {})


@post("/account/second-factor/set-up", guards=[_OWN])
async def set_up(request: Req) -> Answer:
    form = await answers(request)
    try:
        codes = await signing_in.confirm_totp(site_of(request), user_of(request).id, form.get("code", ""), clock.now())
    except signing_in.CodeRefused as error:
        return await _set_up(request, {"code": error.text})
    return _codes(request, codes)


@get("/account/second-factor/qr.svg", guards=[_OWN])
async def second_factor_picture(request: Req) -> Page:
    """The waiting secret as a picture; a route of its own, because the content policy allows no inline image."""
    site = site_of(request)
    account = await staff.load(site, user_of(request).id)
    facts = await employer.current(site)
    if not account.secrets.totp_waiting or facts is None:
        raise NotFound()
    uri = second_factor.address(account.secrets.totp_waiting, account.secrets.email, facts.name)
    answer = Response(second_factor.picture(uri), media_type="image/svg+xml")
    answer.headers["cache-control"] = "no-store"
    return answer


async def _second_factor(request: Req, errors: dict[str, str]) -> Page:
    account = await staff.load(site_of(request), user_of(request).id)
    return render(
        request,
        "accounts/second_factor.html",
        422 if errors else 200,
        "account",
        on=bool(account.secrets.totp),
        left=len(account.secrets.recovery),
        errors=errors,
    )


async def _set_up(request: Req, errors: dict[str, str]) -> Answer:
    account = await staff.load(site_of(request), user_of(request).id)
    secret = account.secrets.totp_waiting
    if not secret:
        return redirect("/account/second-factor")
    typed = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    status = 422 if errors else 200
    return render(request, "accounts/second_factor_set_up.html", status, "account", secret=typed, errors=errors)


def _codes(request: Req, codes: list[str]) -> Page:
    return render(request, "accounts/recovery_codes.html", here="account", codes=codes)


# --- everybody's accounts ---------------------------------------------------------------------------------------------

_ADMIN = access.staff(ADMIN)


@get("/staff", guards=[_ADMIN])
async def staff_page(request: Req) -> Page:
    accounts = await staff.listed(site_of(request))
    return render(request, "accounts/staff.html", here="staff", accounts=accounts, role_words=words.ROLES)


@get("/staff/new", guards=[_ADMIN])
async def new_staff_page(request: Req) -> Page:
    return _new_staff(request, {"language": language(request)}, [], {})


@post("/staff/new", guards=[_ADMIN])
async def new_staff(request: Req) -> Answer:
    site, now, form = site_of(request), clock.now(), await answers(request)
    roles = await chosen(request, "roles")
    errors = forms.told({**_person_problems(form), "roles": service.roles_problem(roles)})
    if errors:
        return _new_staff(request, form, roles, errors)
    lang: Language = "en" if form.get("language") == "en" else "nb"
    try:
        url = await service.add_staff(site, form["name"], form["email"], roles, now, user_of(request).id, lang)
    except staff.AccountExists as error:
        return _new_staff(request, form, roles, {"email": error.text})
    return _invited(request, form["name"], url)


def _new_staff(request: Req, form: dict[str, str], roles: list[str], errors: dict[str, str]) -> Page:
    status = 422 if errors else 200
    return render(
        request,
        "accounts/new_staff.html",
        status,
        "staff",
        form=form,
        roles=roles,
        errors=errors,
        role_words=words.ROLES,
    )


def _invited(request: Req, name: str, url: str) -> Answer:
    """By mail; where no mail leaves, the link is shown once, to be handed over."""
    if site_of(request).settings.smtp:
        return redirect("/staff", flash="The invitation is on its way. Its link is good for seven days.")
    return render(request, "accounts/invited.html", here="staff", name=name, url=url)


@get("/staff/{who:uuid}", guards=[_ADMIN])
async def member_page(request: Req, who: FromPath[UUID]) -> Page:
    account = await staff.load(site_of(request), who)
    return await _member(request, who, list(account.roles), {})


@post("/staff/{who:uuid}", guards=[_ADMIN])
async def change_roles(request: Req, who: FromPath[UUID]) -> Answer:
    roles = await chosen(request, "roles")
    try:
        await service.set_roles(site_of(request), who, roles, user_of(request).id, clock.now())
    except FormInvalid as error:
        return await _member(request, who, roles, error.errors)
    except service.LastAdmin as error:
        return await _member(request, who, roles, {"roles": error.text})
    return redirect("/staff", flash="Saved.")


@post("/staff/{who:uuid}/close", guards=[_ADMIN])
async def close_account(request: Req, who: FromPath[UUID]) -> Answer:
    await service.close_account(site_of(request), who, user_of(request).id, clock.now())
    return redirect("/staff", flash="The account is closed.")


@post("/staff/{who:uuid}/reopen", guards=[_ADMIN])
async def reopen_account(request: Req, who: FromPath[UUID]) -> Answer:
    await service.reopen_account(site_of(request), who, user_of(request).id, clock.now())
    return redirect("/staff", flash="The account is open again.")


@post("/staff/{who:uuid}/second-factor", guards=[_ADMIN])
async def reset_second_factor(request: Req, who: FromPath[UUID]) -> Answer:
    await service.reset_second_factor(site_of(request), who, user_of(request).id, clock.now())
    return redirect("/staff", flash="The second factor of this account is off.")


@post("/staff/{who:uuid}/invite", guards=[_ADMIN])
async def invite_again(request: Req, who: FromPath[UUID]) -> Answer:
    site = site_of(request)
    url = await service.invite_again(site, who, user_of(request).id, clock.now())
    return _invited(request, (await staff.load(site, who)).secrets.name, url)


async def _member(request: Req, who: UUID, roles: list[str], errors: dict[str, str]) -> Page:
    return render(
        request,
        "accounts/member.html",
        422 if errors else 200,
        "staff",
        account=await staff.load(site_of(request), who),
        own=who == user_of(request).id,
        roles=roles,
        errors=errors,
        role_words=words.ROLES,
    )


# --- settings ---------------------------------------------------------------------------------------------------------


@get("/settings", guards=[_ADMIN])
async def settings_page(request: Req) -> Page:
    facts = await employer.current(site_of(request))
    return await _settings(request, forms.employer_form(facts) if facts else {}, {})


@post("/settings", guards=[_ADMIN])
async def change_settings(request: Req) -> Answer:
    site, form = site_of(request), await answers(request)
    facts, errors = forms.employer_facts(form)
    if errors:
        return await _settings(request, form, errors)
    if facts == await employer.current(site):
        return redirect("/settings", flash="Nothing was changed.")
    await employer.set_employer(site, facts, user_of(request).id, clock.now())
    return redirect("/settings", flash="Saved. Pages, mails and receipts show it from now on.")


async def _settings(request: Req, form: dict[str, str], errors: dict[str, str]) -> Page:
    status, versions = 422 if errors else 200, await employer.versions(site_of(request), "employer")
    return render(request, "accounts/settings.html", status, "settings", form=form, errors=errors, versions=versions)


# --- all of them ------------------------------------------------------------------------------------------------------

ROUTES: list[object] = [
    *(first_run_page, first_run, sign_in_page, sign_in, code_page, code, sign_out),
    *(forgot_page, forgot, forgot_sent, reset_page, reset),
    *(news_page, choose_news),
    *(account_page, name_page, change_name, email_page, ask_for_email, confirm_email_page, confirm_email),
    *(password_page, change_password, sign_out_everywhere),
    *(second_factor_page, change_second_factor, set_up_page, set_up, second_factor_picture),
    *(staff_page, new_staff_page, new_staff, member_page, change_roles),
    *(close_account, reopen_account, reset_second_factor, invite_again),
    *(settings_page, change_settings),
]
