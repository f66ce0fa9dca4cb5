"""A vacancy's own questions, and the templates of stages.

Guards that whoever writes a question which the law may forbid reads the rule before it is kept, with all that was typed
still there.
"""

from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import RECRUITER, staff
from recruit.errors import FormInvalid, NotFound
from recruit.hiring import access, forms, questions, stages, ways
from recruit.hiring.lawful import Objection
from recruit.hiring.pipeline_pages import title_of
from recruit.hiring.questions import MayBeForbidden, Question, QuestionsAnswered
from recruit.retention.rules import STAGES
from recruit.web import Req, answers, redirect, render, site_of, user_of, words


@get("/vacancies/{vacancy:uuid}/questions", guards=[staff(RECRUITER)])
async def question_list(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """The questions in their order, and an empty form for one more."""
    return await _questions(request, vacancy, None, {}, {})


@get("/vacancies/{vacancy:uuid}/questions/{question:uuid}", guards=[staff(RECRUITER)])
async def question_page(request: Req, vacancy: FromPath[UUID], question: FromPath[UUID]) -> Response[bytes]:
    found = await _one(request, vacancy, question)
    form = {"kind": found.kind, "required": "1" if found.required else "", "text_nb": found.text_nb}
    form |= {"text_en": found.text_en, "options_nb": "\n".join(found.options_nb)}
    return await _questions(request, vacancy, found, form | {"options_en": "\n".join(found.options_en)}, {})


async def _one(request: Req, vacancy: UUID, question: UUID) -> Question:
    site = site_of(request)
    await access.vacancy_of(site, user_of(request), vacancy)
    found = next((each for each in await questions.of_vacancy(site, vacancy) if each.id == question), None)
    if found is None:
        raise NotFound()
    return found


async def _questions(
    request: Req,
    vacancy: UUID,
    changing: Question | None,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    objections: tuple[Objection, ...] = (),
) -> Response[bytes]:
    site, _ = site_of(request), words(request)
    row = await access.vacancy_of(site, user_of(request), vacancy)
    return render(
        request,
        "hiring/questions.html",
        status,
        here="vacancies",
        vacancy=row,
        title=title_of(request, row),
        questions=await questions.of_vacancy(site, vacancy),
        kinds=[(kind, _(name)) for kind, name in questions.KINDS.items()],
        kind_names=questions.KINDS,
        may_change=await questions.may_change(site, vacancy),
        changing=changing,
        form=form,
        errors=errors,
        objections=objections,
    )


@post("/vacancies/{vacancy:uuid}/questions", guards=[staff(RECRUITER)])
async def question_add(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    return await _keep(request, vacancy, None)


@post("/vacancies/{vacancy:uuid}/questions/{question:uuid}", guards=[staff(RECRUITER)])
async def question_change(request: Req, vacancy: FromPath[UUID], question: FromPath[UUID]) -> Response[Any]:
    return await _keep(request, vacancy, await _one(request, vacancy, question))


async def _keep(request: Req, vacancy: UUID, changing: Question | None) -> Response[Any]:
    site, me, form = site_of(request), user_of(request), await answers(request)
    await access.vacancy_of(site, me, vacancy)
    try:
        asked = forms.question(form, changing.id if changing else uuid4())
        await questions.keep(site, vacancy, asked, form.get("accepted") == "1", me.id, clock.now())
    except MayBeForbidden as error:
        return await _questions(request, vacancy, changing, form, {}, error.status, error.found)
    except FormInvalid as error:
        return await _questions(request, vacancy, changing, form, error.errors, error.status)
    except QuestionsAnswered as error:
        return await _questions(request, vacancy, changing, form, {"text_nb": error.text}, error.status)
    return redirect(f"/vacancies/{vacancy}/questions", "The question is saved.")


@post("/vacancies/{vacancy:uuid}/questions/{question:uuid}/remove", guards=[staff(RECRUITER)])
async def question_remove(request: Req, vacancy: FromPath[UUID], question: FromPath[UUID]) -> Response[Any]:
    found = await _one(request, vacancy, question)
    await questions.remove(site_of(request), vacancy, found.id, user_of(request).id, clock.now())
    return redirect(f"/vacancies/{vacancy}/questions", "The question is removed.")


@post("/vacancies/{vacancy:uuid}/questions/{question:uuid}/up", guards=[staff(RECRUITER)])
async def question_up(request: Req, vacancy: FromPath[UUID], question: FromPath[UUID]) -> Response[Any]:
    found = await _one(request, vacancy, question)
    await questions.raise_up(site_of(request), vacancy, found.id, user_of(request).id, clock.now())
    return redirect(f"/vacancies/{vacancy}/questions", "The order is saved.")


# --- templates of stages ----------------------------------------------------------------------------------------------


@get("/stages", guards=[staff(RECRUITER)])
async def way_list(request: Req) -> Response[bytes]:
    """The ways through the stages that a vacancy can begin with."""
    return await _ways(request, {}, {})


async def _ways(request: Req, form: dict[str, str], errors: dict[str, str], status: int = 200) -> Response[bytes]:
    _ = words(request)
    return render(
        request,
        "hiring/stages.html",
        status,
        here="vacancies",
        ways=[(way, [step.called(_) for step in way.steps]) for way in await ways.listed(site_of(request), _)],
        stages=[(stage, _(stages.NAMES[stage])) for stage in STAGES],
        most=stages.MOST,
        form=form,
        errors=errors,
    )


@post("/stages", guards=[staff(RECRUITER)])
async def way_create(request: Req) -> Response[Any]:
    form = await answers(request)
    rows = [(form.get(f"stage_{n}", ""), form.get(f"nb_{n}", ""), form.get(f"en_{n}", "")) for n in range(stages.MOST)]
    try:
        steps = stages.of_form(rows)
        await ways.create(site_of(request), form.get("name", ""), steps, user_of(request).id, clock.now())
    except FormInvalid as error:
        return await _ways(request, form, error.errors, error.status)
    return redirect("/stages", "The template is saved. New vacancies can begin with it.")


@post("/stages/{template:uuid}/remove", guards=[staff(RECRUITER)])
async def way_remove(request: Req, template: FromPath[UUID]) -> Response[Any]:
    await ways.remove(site_of(request), template, user_of(request).id, clock.now())
    return redirect("/stages", "The template is removed. Vacancies that began with it keep their stages.")


ROUTES: list[object] = [
    question_list, question_page, question_add, question_change, question_remove, question_up, way_list, way_create,
    way_remove,
]  # fmt: skip
