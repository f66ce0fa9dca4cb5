"""What is printed for a panel: the chosen applications of a vacancy, or one.

Guards that a paper is only ever an answer to a form, never an address that somebody could pass on.
"""

from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import HIRING, staff
from recruit.hiring import access, panel, pipeline, wanted
from recruit.hiring.pipeline_pages import shown_vacancy, units_of
from recruit.web import Req, answers, site_of, user_of, words


@post("/vacancies/{vacancy:uuid}/print", guards=[staff(*HIRING)], status_code=200)
async def print_many(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """The chosen applications as one PDF; a refusal stands on the list."""
    form = await answers(request)
    of = await pipeline.of(site_of(request), user_of(request), vacancy)
    units = await units_of(request, of, wanted.of(form), form)
    if not units:
        return await shown_vacancy(request, vacancy, 422, "Choose at least one application.")
    try:
        return _file(await panel.printed(of, units, clock.now(), words(request)))
    except (panel.TooManyToPrint, panel.TooLargeToPrint) as error:
        return await shown_vacancy(request, vacancy, error.status, error.text)


@post("/applications/{application:uuid}/print", guards=[staff(*HIRING)], status_code=200)
async def print_one(request: Req, application: FromPath[UUID]) -> Response[Any]:
    """One application as a PDF."""
    site = site_of(request)
    of = await pipeline.of(site, user_of(request), await access.vacancy_with(site, application))
    return _file(await panel.printed(of, [application], clock.now(), words(request)))


def _file(data: bytes) -> Response[bytes]:
    name = f"panel-{clock.today().isoformat()}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type="application/pdf", headers=headers)


ROUTES: list[object] = [print_many, print_one]
