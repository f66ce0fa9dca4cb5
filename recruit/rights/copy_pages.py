"""What comes with an answer: the letter, the copy that lies ready for seven days, and what it shows of others (L24).

Guards that a copy in which third parties were released is given to its candidate alone, only as long as it was
promised, and that whoever prints it at the desk has looked on record.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from recruit import audit, clock
from recruit.accounts import limits
from recruit.accounts.guards import DPO, candidate, staff
from recruit.errors import NotFound
from recruit.i18n import translator
from recruit.letters import addressee
from recruit.rights import answering, export, service, words
from recruit.rights.case_pages import opened
from recruit.rights.masking import Masker
from recruit.rights.service import Request
from recruit.web import Req, answers, chosen, redirect, render, site_of, user_of
from recruit.web import words as translator_of

_AT_ONCE = 20
_FORMATS = {"access": ("pdf", "zip"), "portability": ("resume", "zip")}


@get("/my/requests/{number:uuid}/answer.pdf", guards=[candidate()])
async def my_letter(request: Req, number: FromPath[UUID]) -> Response[Any]:
    return _letter(await service.own_request(site_of(request), user_of(request).id, number))


@get("/desk/requests/{number:uuid}/answer.pdf", guards=[staff(DPO)])
async def desk_letter(request: Req, number: FromPath[UUID]) -> Response[Any]:
    site = site_of(request)
    await audit.look(user_of(request).id, DPO, await service.units_of(site, number), "case", clock.now())
    return _letter(await service.request_of(site, number))


def _letter(asked: Request) -> Response[Any]:
    if not asked.words.letter:
        raise NotFound()
    return Response(asked.words.letter, media_type="application/pdf", headers=_file("answer.pdf"))


def _file(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


@post("/my/requests/{number:uuid}/copy", guards=[candidate()])
async def my_copy(request: Req, number: FromPath[UUID]) -> Response[Any]:
    """The copy that was asked for, until its day is over."""
    site, me = site_of(request), user_of(request)
    asked = await service.own_request(site, me.id, number)
    if asked.copy_until is None or clock.today() > asked.copy_until:
        raise NotFound()
    await limits.count(site, "copy", str(me.id), clock.now(), most=_AT_ONCE)
    return await _copy(request, asked)


@post("/desk/requests/{number:uuid}/copy", guards=[staff(DPO)])
async def desk_copy(request: Req, number: FromPath[UUID]) -> Response[Any]:
    """For somebody who is answered by letter: the copy to be printed or burnt."""
    site = site_of(request)
    await audit.look(user_of(request).id, DPO, await service.units_of(site, number), "case", clock.now())
    asked = await service.request_of(site, number)
    if asked.copy_until is None:
        raise NotFound()
    return await _copy(request, asked)


async def _copy(request: Req, asked: Request) -> Response[Any]:
    site, now, wanted = site_of(request), clock.now(), (await answers(request)).get("format", "")
    if wanted not in _FORMATS[asked.kind]:
        raise NotFound()
    _, lang = await addressee(site, asked.candidate)
    tr, masker = translator(lang), Masker(frozenset(asked.words.released))
    await export.record_copy(site, asked.candidate, now)
    name, media_type = export.COPIES[wanted]
    headers = _file(name.format(day=clock.day(now).isoformat()))
    if wanted == "zip":
        pieces = export.archive(site, asked.candidate, now, tr, masker, given=asked.kind == "portability")
        return Stream(pieces, status_code=200, media_type=media_type, headers=headers)
    if wanted == "pdf":
        data = await export.paper_of(site, asked.candidate, now, tr, masker)
    else:
        data = await export.resume_of(site, asked.candidate, now, tr)
    return Response(data, status_code=200, media_type=media_type, headers=headers)


# --- third parties, place by place ----------------------------------------------------------------------------------


@get("/desk/requests/{number:uuid}/release", guards=[staff(DPO)])
async def release_form(request: Req, number: FromPath[UUID]) -> Response[Any]:
    case = await opened(request, number)
    if case.request.kind != "access" or not case.request.open:
        raise NotFound()
    return render(
        request,
        "rights/release.html",
        here="desk",
        case=case,
        items=await answering.masked(site_of(request), case.request, clock.now(), translator_of(request)),
        places=words.PLACES,
        other_place=words.OTHER_PLACE,
        request_kinds=words.REQUESTS,
        errors={},
    )


@post("/desk/requests/{number:uuid}/release", guards=[staff(DPO)])
async def release(request: Req, number: FromPath[UUID]) -> Response[Any]:
    site, codes = site_of(request), await chosen(request, "released")
    await answering.release(site, await service.request_of(site, number), codes, user_of(request).id, clock.now())
    return redirect(f"/desk/requests/{number}", "Noted. The copy shows what you released, and masks the rest.")


ROUTES: list[object] = [my_letter, desk_letter, my_copy, desk_copy, release_form, release]
