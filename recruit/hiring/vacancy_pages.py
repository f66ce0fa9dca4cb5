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
from recruit.hiring import access, contacts, forms, questions, rules, stages, team, vacancies, ways
from recruit.hiring.pipeline_pages import shown_vacancy, title_of
from recruit.web import Req, answers, page_number, redirect, render, site_of, user_of, words


@get("/vacancies", guards=[staff(*HIRING)])
async def vacancy_list(request: Req) -> Response[bytes]:
    """All vacancies of a recruiter, the own ones of everybody else, and where something is waiting."""
    me, asked = user_of(request), page_number(request)
    page = await vacancies.listed(site_of(request), me, asked, clock.today())
    shown = [{"line": line, "title": title_of(request, line.row)} for line in page.rows]
    return render(request, "hiring/vacancies.html", here="vacancies", vacancies=shown, page=page)


@get("/vacancies/new", guards=[staff(RECRUITER)])
async def vacancy_new(request: Req) -> Response[bytes]:
    return await _vacancy_form(request, {}, {}, None)


@post("/vacancies/new", guards=[staff(RECRUITER)])
async def vacancy_create(request: Req) -> Response[Any]:
    form = await answers(request)
    try:
        number = await vacancies.create(site_of(request), forms.vacancy(form), user_of(request).id, clock.now())
    except FormInvalid as error:
        return await _vacancy_form(request, form, error.errors, None, 422)
    return redirect(f"/vacancies/{number}", "Saved as a draft. Only colleagues see it so far.")


@get("/vacancies/{vacancy:uuid}/edit", guards=[staff(RECRUITER)])
async def vacancy_edit(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    site = site_of(request)
    row = await access.vacancy_of(site, user_of(request), vacancy)
    typed = {name: "" if value is None else str(value) for name, value in row.items()}
    contact = await contacts.of_vacancy(site, vacancy)
    if contact:
        typed |= {"contact": str(contact.staff), "contact_phone": contact.phone, "contact_title": contact.title}
    return await _vacancy_form(request, typed | {"standing": "1" if row["standing"] else ""}, {}, row)


@post("/vacancies/{vacancy:uuid}/edit", guards=[staff(RECRUITER)])
async def vacancy_change(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me, form = site_of(request), user_of(request), await answers(request)
    row = await access.vacancy_of(site, me, vacancy)
    try:
        await vacancies.change(site, row, forms.vacancy(form), me.id, clock.now())
    except FormInvalid as error:
        return await _vacancy_form(request, form, error.errors, row, 422)
    return redirect(f"/vacancies/{vacancy}", "Saved.")


async def _vacancy_form(
    request: Req, form: dict[str, str], errors: dict[str, str], row: dict[str, Any] | None, status: int = 200
) -> Response[bytes]:
    site, _ = site_of(request), words(request)
    ways_there = await ways.listed(site, _) if row is None or await questions.may_change(site, row["id"]) else []
    return render(
        request,
        "hiring/vacancy_form.html",
        status,
        "vacancies",
        form=form,
        errors=errors,
        vacancy=row,
        title=title_of(request, row) if row else None,
        colleagues=[(str(who.id), who.name) for who in await team.active(site)],
        ways=[(way.key, way.name, " → ".join(step.called(_) for step in way.steps)) for way in ways_there],
        steps=" → ".join(step.called(_) for step in stages.read(row["steps"])) if row else "",
    )


@post("/vacancies/{vacancy:uuid}/copy", guards=[staff(RECRUITER)])
async def vacancy_copy(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """A new draft from an earlier vacancy, opened in its form: what is new is at least the deadline."""
    site, me = site_of(request), user_of(request)
    row = await access.vacancy_of(site, me, vacancy)
    number = await vacancies.copy(site, row, me.id, clock.now())
    return redirect(f"/vacancies/{number}/edit", "Copied into a new draft. Look at the deadline.")


@post("/vacancies/{vacancy:uuid}/publish", guards=[staff(RECRUITER)])
async def vacancy_publish(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    row = await access.vacancy_of(site, me, vacancy)
    try:
        await vacancies.publish(site, row, me.id, clock.now())
    except rules.NotReadyToPublish as error:
        return await shown_vacancy(request, vacancy, error.status)
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
        team=await team.of_vacancy(site, vacancy),
        options=[(who.id, who.name) for who in await team.could_join(site, vacancy)],
        errors=errors,
    )


@post("/vacancies/{vacancy:uuid}/team", guards=[staff(RECRUITER)])
async def team_add(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    site, me, form = site_of(request), user_of(request), await answers(request)
    await access.vacancy_of(site, me, vacancy)
    try:
        await team.add(site, vacancy, form.get("staff", ""), me.id, clock.now(), form.get("role", ""))
    except FormInvalid as error:
        return await _team_page(request, vacancy, error.errors, 422)
    return redirect(f"/vacancies/{vacancy}/team", "Added to the hiring team.")


@post("/vacancies/{vacancy:uuid}/team/{member:uuid}", guards=[staff(RECRUITER)])
async def team_role(request: Req, vacancy: FromPath[UUID], member: FromPath[UUID]) -> Response[Any]:
    """What a colleague is in this team: hiring manager, or interviewer who sees assigned applications only."""
    site, me, form = site_of(request), user_of(request), await answers(request)
    await access.vacancy_of(site, me, vacancy)
    try:
        await team.change_role(site, vacancy, member, form.get("role", ""), me.id, clock.now())
    except FormInvalid as error:
        return await _team_page(request, vacancy, error.errors, 422)
    return redirect(f"/vacancies/{vacancy}/team", "Saved.")


@post("/vacancies/{vacancy:uuid}/team/{member:uuid}/remove", guards=[staff(RECRUITER)])
async def team_remove(request: Req, vacancy: FromPath[UUID], member: FromPath[UUID]) -> Response[Any]:
    site, me = site_of(request), user_of(request)
    await access.vacancy_of(site, me, vacancy)
    await team.remove(site, vacancy, member, me.id, clock.now())
    return redirect(f"/vacancies/{vacancy}/team", "Removed from the hiring team.")


ROUTES: list[object] = [
    vacancy_list, vacancy_new, vacancy_create, vacancy_edit, vacancy_change, vacancy_copy, vacancy_publish, team_page,
    team_add, team_role, team_remove,
]  # fmt: skip
