"""The pages of vacancies: the list, the form, publishing, the hiring team.

Guards that what was typed is never lost to a refusal, and that only a recruiter writes, publishes and staffs a vacancy.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import HIRING, RECRUITER, staff
from recruit.errors import FormInvalid
from recruit.hiring import access, forms, rules, vacancies
from recruit.hiring.pipeline_pages import shown_vacancy, title_of
from recruit.web import Req, answers, redirect, render, site_of, user_of


@get("/vacancies", guards=[staff(*HIRING)])
async def vacancy_list(request: Req) -> Response[bytes]:
    """All vacancies of a recruiter, the own ones of everybody else, and where something is waiting."""
    lines = await vacancies.listed(site_of(request), user_of(request), clock.today())
    shown = [{"line": line, "title": title_of(request, line.row)} for line in lines]
    return render(request, "hiring/vacancies.html", here="vacancies", vacancies=shown)


@get("/vacancies/new", guards=[staff(RECRUITER)])
async def vacancy_new(request: Req) -> Response[bytes]:
    return _vacancy_form(request, {}, {}, None)


@post("/vacancies/new", guards=[staff(RECRUITER)])
async def vacancy_create(request: Req) -> Response[Any]:
    form = await answers(request)
    try:
        number = await vacancies.create(site_of(request), forms.vacancy(form), user_of(request).id, clock.now())
    except FormInvalid as error:
        return _vacancy_form(request, form, error.errors, None, 422)
    return redirect(f"/vacancies/{number}", "Saved as a draft. Only colleagues see it so far.")


@get("/vacancies/{vacancy:uuid}/edit", guards=[staff(RECRUITER)])
async def vacancy_edit(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    row = await access.vacancy_of(site_of(request), user_of(request), vacancy)
    typed = {name: "" if value is None else str(value) for name, value in row.items()}
    return _vacancy_form(request, typed, {}, row)


@post("/vacancies/{vacancy:uuid}/edit", guards=[staff(RECRUITER)])
async def vacancy_change(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me, form = site_of(request), user_of(request), await answers(request)
    row = await access.vacancy_of(site, me, vacancy)
    try:
        await vacancies.change(site, row, forms.vacancy(form), me.id, clock.now())
    except FormInvalid as error:
        return _vacancy_form(request, form, error.errors, row, 422)
    return redirect(f"/vacancies/{vacancy}", "Saved.")


def _vacancy_form(
    request: Req, form: dict[str, str], errors: dict[str, str], row: dict[str, Any] | None, status: int = 200
) -> Response[bytes]:
    title = title_of(request, row) if row else None
    return render(
        request, "hiring/vacancy_form.html", status, "vacancies", form=form, errors=errors, vacancy=row, title=title
    )


@post("/vacancies/{vacancy:uuid}/publish", guards=[staff(RECRUITER)])
async def vacancy_publish(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    row = await access.vacancy_of(site, me, vacancy)
    try:
        await vacancies.publish(site, row, me.id, clock.now())
    except rules.NotReadyToPublish as error:
        return await shown_vacancy(request, row, error.status)
    return redirect(f"/vacancies/{vacancy}", "Published. Candidates can apply now.")


@get("/vacancies/{vacancy:uuid}/team", guards=[staff(RECRUITER)])
async def team_page(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    return await _team_page(request, vacancy, {})


async def _team_page(request: Req, vacancy: UUID, errors: dict[str, str], status: int = 200) -> Response[bytes]:
    site = site_of(request)
    row = await access.vacancy_of(site, user_of(request), vacancy)
    return render(
        request,
        "hiring/team.html",
        status,
        here="vacancies",
        vacancy=row,
        title=title_of(request, row),
        team=await vacancies.team(site, vacancy),
        options=[(who.id, who.name) for who in await vacancies.could_join(site, vacancy)],
        errors=errors,
    )


@post("/vacancies/{vacancy:uuid}/team", guards=[staff(RECRUITER)])
async def team_add(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me, form = site_of(request), user_of(request), await answers(request)
    await access.vacancy_of(site, me, vacancy)
    try:
        await vacancies.add_member(site, vacancy, form.get("staff", ""), me.id, clock.now())
    except FormInvalid as error:
        return await _team_page(request, vacancy, error.errors, 422)
    return redirect(f"/vacancies/{vacancy}/team", "Added to the hiring team.")


@post("/vacancies/{vacancy:uuid}/team/{member:uuid}/remove", guards=[staff(RECRUITER)])
async def team_remove(request: Req, vacancy: FromPath[UUID], member: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    await access.vacancy_of(site, me, vacancy)
    await vacancies.remove_member(site, vacancy, member, me.id, clock.now())
    return redirect(f"/vacancies/{vacancy}/team", "Removed from the hiring team.")


ROUTES: list[object] = [
    vacancy_list,
    vacancy_new,
    vacancy_create,
    vacancy_edit,
    vacancy_change,
    vacancy_publish,
    team_page,
    team_add,
    team_remove,
]
