"""The pages of the demonstration: the guide, the mailbox, the clock. They exist only where `RECRUIT_DEMO` is set.

Guards that a real installation has no way in without a sign-in and no clock that can be moved: `create_app` adds these
routes to a demonstration only.
"""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from recruit import clock, mail
from recruit.accounts import sessions
from recruit.accounts.guards import public
from recruit.accounts.staff import by_email
from recruit.demo import life, outside, passing, people
from recruit.errors import NotFound
from recruit.retention.remembered import recall, remember
from recruit.retention.rules import add_months
from recruit.site import Site
from recruit.web import Req, answers, redirect, render, site_of

LAST = "demo_passed"
FURTHEST_MONTHS = 36
_PER_PAGE = 40
_SHOWN = 25
_MADE_UP = public("a demonstration with made-up people, on the machine of whoever tries it")
_moving = asyncio.Lock()


# --- the guide --------------------------------------------------------------------------------------------------------


@get("/demo", guards=[_MADE_UP])
async def guide(request: Req) -> Response[bytes]:
    site = site_of(request)
    return render(
        request,
        "demo/guide.html",
        staff=people.STAFF,
        cast=await life.cast(site),
        parts=PARTS,
        password=people.PASSWORD,
        address=site.settings.public_url,
    )


PARTS = {
    "new": "Has just applied",
    "running": "Has been interviewed",
    "finalist": "Finalist, with a referee",
    "window": "Not chosen: in the answer window",
    "asking": "Has asked for erasure",
    "doubted": "Is asked to confirm a request",
    "announced": "Erasure is announced",
    "expiring": "The consent is about to run out",
    "consented": "Has consented, and applied again",
    "held": "Under a legal hold",
    "hired": "Was hired",
    "stale": "Has waited for months without an answer",
}
"""What each candidate of the guide stands for (English message ids)."""


@post("/demo/sign-in", guards=[_MADE_UP])
async def sign_in(request: Req) -> Redirect:
    """One press instead of a password or a mailed link."""
    site, who = site_of(request), (await answers(request)).get("who", "")
    kind, person, start = await _chosen(site, who)
    before = request.user.session if request.user else None
    answer = redirect(start)
    answer.set_cookie(sessions.cookie(site, await sessions.begin(site, kind, person, clock.now(), before), kind))
    return answer


async def _chosen(site: Site, who: str) -> tuple[str, UUID, str]:
    """Kind, id and first page of a colleague or of a candidate of the guide; NotFound for anybody else."""
    for colleague in people.STAFF:
        if colleague.key == who:
            account = await by_email(site, colleague.email)
            if account is None:
                raise NotFound()
            return "staff", account.id, colleague.start
    for role in await life.cast(site):
        if role.part == who and role.here:
            return "candidate", role.unit, "/my"
    raise NotFound()


# --- the mailbox ------------------------------------------------------------------------------------------------------


@get("/demo/mailbox", guards=[_MADE_UP])
async def mailbox(request: Req) -> Response[bytes]:
    site, to = site_of(request), request.query_params.get("to", "")
    await _empty_outbox(site)
    everything = outside.letters(site)
    found = [letter for letter in everything if not to or letter.to == to]
    pages = max(1, -(-len(found) // _PER_PAGE))
    page = min(max(1, _number(request.query_params.get("page", "1"))), pages)
    return render(
        request,
        "demo/mailbox.html",
        letters=found[(page - 1) * _PER_PAGE : page * _PER_PAGE],
        addresses=sorted({letter.to for letter in everything}),
        to=to,
        page=page,
        pages=pages,
    )


@get("/demo/mailbox/{number:int}", guards=[_MADE_UP])
async def letter_page(request: Req, number: FromPath[int]) -> Response[bytes]:
    for letter in outside.letters(site_of(request)):
        if letter.number == number:
            return render(request, "demo/letter.html", letter=letter)
    raise NotFound()


async def _empty_outbox(site: Site) -> None:
    """What was just written is there at once; the scheduled job would take up to a minute."""
    transport = mail.transport_of(site)
    if transport:
        await mail.deliver(site, transport, clock.now())


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 1


# --- the clock --------------------------------------------------------------------------------------------------------


@get("/demo/clock", guards=[_MADE_UP])
async def clock_page(request: Req) -> Response[bytes]:
    return await _clock(request, {}, {})


@post("/demo/clock", guards=[_MADE_UP])
async def forward(request: Req) -> Response[Any]:
    """Move the clock, and stay signed in: a session would not outlive the night."""
    site, form = site_of(request), await answers(request)
    until = _until(form, clock.now())
    if until is None:
        return await _clock(request, form, {"until": "Choose a date after today, at most three years ahead."})
    async with _moving:
        passed = await passing.forward(site, until)
    await remember(site, LAST, _told(passed))
    answer = redirect("/demo/clock")
    me = request.user
    if me and await site.keyring.keys([me.id]):
        token = await sessions.begin(site, me.kind, me.id, clock.now(), me.session)
        answer.set_cookie(sessions.cookie(site, token, me.kind))
    return answer


def _until(form: dict[str, str], now: datetime) -> datetime | None:
    """The instant that was asked for; None if it is no day ahead, or too far."""
    today = clock.day(now)
    steps = {
        "day": today + timedelta(days=1),
        "week": today + timedelta(days=7),
        "month": add_months(today, 1),
        "months13": add_months(today, 13),
    }
    day = steps.get(form.get("by", "")) or _date(form.get("until", ""))
    if day is None or not today < day <= add_months(today, FURTHEST_MONTHS):
        return None
    return now + (day - today)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _told(passed: passing.Passed) -> dict[str, Any]:
    return {
        "start": passed.start.isoformat(),
        "end": passed.end.isoformat(),
        "days": passed.days,
        "noticed": passed.noticed,
        "erased": passed.erased,
        "receipts": passed.receipts,
        "confirmed": passed.confirmed,
    }


async def _clock(request: Req, form: dict[str, str], errors: dict[str, str]) -> Response[bytes]:
    site, last = site_of(request), await recall(site_of(request), LAST)
    promised: list[outside.Letter] = []
    mails: list[outside.Letter] = []
    if last:
        start, end = datetime.fromisoformat(last["start"]), datetime.fromisoformat(last["end"])
        last = last | {"start": start, "end": end}
        promised = await outside.receipts_since(site, start)
        mails = [letter for letter in outside.letters(site) if letter.at > start.replace(microsecond=0)]
    return render(
        request,
        "demo/clock.html",
        422 if errors else 200,
        last=last,
        promised=promised[:_SHOWN],
        mails=mails[:_SHOWN],
        sent=len(mails),
        form=form,
        errors=errors,
        real=clock.now() - clock.offset(),
        tomorrow=clock.today() + timedelta(days=1),
    )


ROUTES = [guide, sign_in, mailbox, letter_page, clock_page, forward]
