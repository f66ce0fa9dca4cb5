"""Facts about the person hired, for the candidate who asks: the request, how it stands, and the answer (L31).

Guards that a candidate reaches only what is theirs, and reads of the person hired exactly what was given to them.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import candidate
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import qualifications, section31
from recruit.hiring.section31 import AlreadyAnswered, Asked, NotEntitled, Request
from recruit.mydata import following
from recruit.mydata.following import Followed
from recruit.web import Req, answers, redirect, render, site_of, user_of
from recruit.web import words as translator_of


async def _own(request: Req, application: UUID) -> tuple[Followed, list[Request]]:
    """An application of the candidate's own, and what they asked of it; NotFound for any other."""
    site, tr = site_of(request), translator_of(request)
    found = await following.application(site, user_of(request).id, application, clock.now(), tr)
    return found, await section31.of_application(site, await site.keyring.key(application))


@get("/my/applications/{application:uuid}/section31", guards=[candidate()])
async def facts_page(request: Req, application: FromPath[UUID]) -> Response[Any]:
    return await _page(request, application, {}, {})


async def _page(
    request: Req,
    application: UUID,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    problem: str = "",
) -> Response[Any]:
    site = site_of(request)
    found, asked = await _own(request, application)
    given = {one.id: await qualifications.given(site, one.id) for one in asked}
    return render(
        request,
        "mydata/section31.html",
        status,
        here="my",
        view=found.view,
        requests=[(one, [(each, qualifications.named(each.said)) for each in given[one.id]]) for one in asked],
        open=any(one.state == "open" for one in asked),
        may_ask=found.view.outcome in section31.MAY_ASK,
        states=section31.STATES,
        form=form,
        errors=errors,
        problem=problem,
    )


@post("/my/applications/{application:uuid}/section31", guards=[candidate()])
async def facts_ask(request: Req, application: FromPath[UUID]) -> Response[Any]:
    form = await answers(request)
    await _own(request, application)
    try:
        await section31.ask(site_of(request), application, Asked(form.get("reason", "")), clock.now())
    except FormInvalid as error:
        return await _page(request, application, form, error.errors, error.status)
    except NotEntitled as error:
        return await _page(request, application, form, {}, error.status, error.text)
    return redirect(f"/my/applications/{application}/section31", "We have your request. You get the answer in writing.")


@post("/my/applications/{application:uuid}/section31/withdraw", guards=[candidate()])
async def facts_withdraw(request: Req, application: FromPath[UUID]) -> Response[Any]:
    _, asked = await _own(request, application)
    standing = next((one for one in asked if one.state == "open"), None)
    if standing is None:
        return await _page(request, application, {}, {}, AlreadyAnswered.status, AlreadyAnswered.text)
    await section31.withdraw(site_of(request), standing, clock.now())
    return redirect(f"/my/applications/{application}/section31", "Your request is taken back.")


@get("/my/applications/{application:uuid}/section31/{letter:uuid}", guards=[candidate()])
async def facts_letter(request: Req, application: FromPath[UUID], letter: FromPath[UUID]) -> Response[Any]:
    """The letter about one person hired, as it was sent; NotFound once that person is erased."""
    site, (_, asked) = site_of(request), await _own(request, application)
    for one in asked:
        for each in await qualifications.given(site, one.id):
            if each.id == letter:
                name = qualifications.NAMES[translator_of(request).lang]
                headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
                return Response(each.said.letter, media_type="application/pdf", headers=headers)
    raise NotFound()


ROUTES: list[object] = [facts_page, facts_ask, facts_withdraw, facts_letter]
