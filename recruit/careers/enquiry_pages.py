"""The form for questions, for everybody, and the page on which staff answer them.

Guards that a question needs no account, that its address says nothing about who asks, and that staff see only the
questions that are theirs to answer.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock, employer
from recruit.accounts import limits
from recruit.accounts.guards import DPO, RECRUITER, public, staff
from recruit.careers import enquiries, positions, service
from recruit.careers.enquiries import About
from recruit.careers.pages import counted
from recruit.errors import FormInvalid, NotFound
from recruit.tables import EnquiryWords
from recruit.typed import email, line, tidy
from recruit.web import Req, address, answers, language, redirect, render, site_of, user_of

_MOST = 5
_MOST_TO_ONE = 3
_ANSWERS = staff(RECRUITER, DPO)


@get("/enquiry", guards=[public("anybody may ask")])
async def ask_page(request: Req) -> Response[bytes]:
    today = clock.today()
    vacancy = tidy(request.query_params.get("vacancy", ""))
    about = _about("vacancy" if vacancy else request.query_params.get("about", ""))
    given = {"about": about or "", "vacancy": vacancy}
    return counted(request, await _ask_page(request, given, {}), "enquiry", None, today)


@post("/enquiry", guards=[public("anybody may ask")])
async def ask(request: Req) -> Response[Any]:
    site, now, form = site_of(request), clock.now(), await answers(request)
    words = EnquiryWords(name=line(form.get("name", "")), email=email(form.get("email", "")), text=form.get("text", ""))
    about: About | None = _about(form.get("about", ""))
    errors = enquiries.problems(words) | ({} if about else {"about": "Choose what your question is about."})
    if errors or about is None:
        return await _ask_page(request, form, errors, 422)
    await limits.count(site, "enquiry", address(request), now, most=_MOST)
    await limits.count(site, "enquiry-to", words.email, now, most=_MOST_TO_ONE)
    vacancy = await _vacancy(request, form.get("vacancy", "")) if about == "vacancy" else None
    try:
        await enquiries.ask(site, form.get("form", ""), about, vacancy, words, language(request), now)
    except FormInvalid as error:
        return await _ask_page(request, form, error.errors, 422)
    return redirect("/enquiry/sent")


def _about(text: str) -> About | None:
    return "vacancy" if text == "vacancy" else "privacy" if text == "privacy" else None


@get("/enquiry/sent", guards=[public("says only that a question has arrived")])
async def sent(request: Req) -> Response[bytes]:
    return render(request, "careers/enquiry_sent.html", here="enquiry")


async def _ask_page(request: Req, form: dict[str, str], errors: dict[str, str], status: int = 200) -> Response[bytes]:
    listed = await positions.positions(site_of(request), language(request), clock.today())
    page = render(
        request,
        "careers/enquiry.html",
        status,
        here="enquiry",
        form=form,
        errors=errors,
        token=service.new_token(),
        vacancies=[(found.id, found.title) for found in listed],
        policy=await employer.policy(site_of(request)),
    )
    page.headers["cache-control"] = "no-store"
    return page


async def _vacancy(request: Req, chosen: str) -> UUID | None:
    """The vacancy that a question is about, if it is one that the public knows."""
    try:
        found = await positions.position(site_of(request), UUID(chosen), language(request), clock.today())
    except (ValueError, NotFound):
        return None
    return found.id


# --- answering --------------------------------------------------------------------------------------------------------


@get("/enquiries", guards=[_ANSWERS])
async def listed(request: Req) -> Response[bytes]:
    """The questions that this person answers, those that wait first."""
    found = await enquiries.listed(site_of(request), user_of(request), language(request))
    return render(request, "careers/enquiries.html", here="enquiries", enquiries=found)


@get("/enquiries/{enquiry:uuid}", guards=[_ANSWERS])
async def answer_page(request: Req, enquiry: FromPath[UUID]) -> Response[bytes]:
    return await _answer_page(request, enquiry, {}, "")


async def _answer_page(
    request: Req, enquiry: UUID, errors: dict[str, str], typed: str, status: int = 200
) -> Response[bytes]:
    site, me = site_of(request), user_of(request)
    found = await enquiries.opened(site, me, enquiry, language(request), clock.now())
    return render(
        request, "careers/enquiry_answer.html", status, here="enquiries", enquiry=found, errors=errors, typed=typed
    )


@post("/enquiries/{enquiry:uuid}", guards=[_ANSWERS])
async def answer(request: Req, enquiry: FromPath[UUID]) -> Response[Any]:
    site, form = site_of(request), await answers(request)
    try:
        await enquiries.answer(site, user_of(request), enquiry, form.get("answer", ""), clock.now())
    except FormInvalid as error:
        return await _answer_page(request, enquiry, error.errors, form.get("answer", ""), 422)
    return redirect("/enquiries", "The answer is on its way.")


ROUTES: list[object] = [ask_page, ask, sent, listed, answer_page, answer]
