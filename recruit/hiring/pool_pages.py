"""The talent pool as a page, and the invitation from it to a vacancy: chosen, looked at, sent.

Guards that words looked for, which are names as often as not, travel in the form and stand in no address, and that
nothing leaves before the mail and whom it goes to were seen.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts.guards import RECRUITER, staff
from recruit.errors import FormInvalid
from recruit.hiring import access, forms, pool, stages, wanted
from recruit.hiring.pipeline_pages import title_of
from recruit.hiring.pool import Kept, Query
from recruit.i18n import LANGUAGES, Translate, either
from recruit.retention.facts import clocks
from recruit.retention.rules import STAGES
from recruit.web import Req, answers, chosen, language, redirect, render, site_of, user_of, words

_LONGEST = 200
_LAST = 40
"""Pages; who needs more has not said whom they look for."""


@dataclass(frozen=True)
class _Asked:
    """What the form says, for which vacancy (none: one only looks), and whose boxes are ticked."""

    form: dict[str, str]
    vacancy: dict[str, Any] | None = None
    ticked: tuple[UUID, ...] = ()

    @property
    def query(self) -> Query:
        form = self.form
        stage = form.get("stage", "")
        return Query(
            form.get("words", "")[:_LONGEST],
            wanted.id_of(form.get("vacancy", "")),
            stage if stage in STAGES else "",
            wanted.id_of(form.get("tag", "")),
        )

    @property
    def page(self) -> int:
        number = self.form.get("page", "") if "find" not in self.form else ""
        return min(max(1, int(number)), _LAST) if number.isascii() and number.isdigit() and len(number) < 4 else 1


@get("/pool", guards=[staff(RECRUITER)])
async def pool_page(request: Req) -> Response[bytes]:
    """Everybody whom a consent keeps."""
    return await _page(request, _Asked({}))


@post("/pool", guards=[staff(RECRUITER)], status_code=200)
async def pool_search(request: Req) -> Response[bytes]:
    return await _page(request, _Asked(await answers(request)))


@get("/vacancies/{vacancy:uuid}/pool", guards=[staff(RECRUITER)])
async def for_vacancy(request: Req, vacancy: FromPath[UUID]) -> Response[bytes]:
    """The same, to choose whom to invite to a vacancy."""
    return await _page(request, _Asked({}, await access.vacancy_of(site_of(request), user_of(request), vacancy)))


@post("/vacancies/{vacancy:uuid}/pool", guards=[staff(RECRUITER)], status_code=200)
async def choose(request: Req, vacancy: FromPath[UUID]) -> Response[Any]:
    """Look for others, look at the mail, or send it."""
    row = await access.vacancy_of(site_of(request), user_of(request), vacancy)
    ticked = [unit for text in await chosen(request, "application") if (unit := wanted.id_of(text))]
    asked = _Asked(await answers(request), row, tuple(dict.fromkeys(ticked)))
    if asked.form.get("act") in ("look", "send"):
        return await _invitation(request, asked, row)
    return await _page(request, asked)


async def _invitation(request: Req, asked: _Asked, vacancy: dict[str, Any]) -> Response[Any]:
    """The mail that would leave; with the mark of that look, it does."""
    site, me, now, form = site_of(request), user_of(request), clock.now(), asked.form
    if not 0 < len(asked.ticked) <= pool.MOST:
        few = "Choose at least one person." if not asked.ticked else "Choose at most 200 at once."
        return await _page(request, asked, {"chosen": few})
    try:
        said = forms.closing_words(form)
    except FormInvalid as error:
        return await _page(request, asked, error.errors)
    if form["act"] == "look":
        return await _check_page(request, asked, vacancy)
    try:
        await pool.invite(site, me, vacancy, asked.ticked, said, form.get("mark", ""), now)
    except (pool.Changed, pool.NotOpen) as error:
        return await _check_page(request, asked, vacancy, error.status, error.text)
    return redirect(f"/vacancies/{vacancy['id']}/pool", "The invitations are on their way.")


async def _page(request: Req, asked: _Asked, errors: dict[str, str] | None = None) -> Response[bytes]:
    site, now, _ = site_of(request), clock.now(), words(request)
    vacancy = asked.vacancy
    found, more = await pool.find(
        site, user_of(request), asked.query, asked.page, now, vacancy["id"] if vacancy else None
    )
    vacancies, tags = await pool.choices(site, asked.query.vacancy, now)
    shown = {kept.id for kept in found}
    return render(
        request,
        "hiring/pool.html",
        422 if errors else 200,
        here="vacancies" if vacancy else "pool",
        vacancy=vacancy,
        title=title_of(request, vacancy) if vacancy else "",
        open=vacancy is not None and pool.may_invite(vacancy, clock.day(now)),
        query=asked.query,
        form=asked.form,
        errors=errors or {},
        page=asked.page,
        more=more,
        found=[_shown(kept, _) for kept in found],
        ticked=set(asked.ticked),
        elsewhere=[unit for unit in asked.ticked if unit not in shown],
        clocks=await clocks(site, shown, now, _, "staff"),
        stages=[(stage, _(stages.NAMES[stage])) for stage in STAGES],
        vacancies=[(row["id"], either(row, "title", language(request))) for row in vacancies],
        tags=[(tag.id, tag.name) for tag in tags],
    )


def _shown(kept: Kept, _: Translate) -> tuple[Kept, str, str]:
    """With the vacancy that they applied for, and how far they came there."""
    return kept, either(kept.row, "title", _.lang), _(stages.NAMES[kept.row["furthest_stage"]])


async def _check_page(
    request: Req, asked: _Asked, vacancy: dict[str, Any], status: int = 200, problem: str = ""
) -> Response[bytes]:
    """To whom, and how it will read; whoever applied, was invited or is no longer in the pool has fallen out."""
    site, said = site_of(request), forms.closing_words(asked.form)
    to: list[Kept] = await pool.chosen(site, user_of(request), vacancy["id"], asked.ticked, clock.now())
    open_now = pool.may_invite(vacancy, clock.today())
    return render(
        request,
        "hiring/pool_check.html",
        status,
        here="vacancies",
        vacancy=vacancy,
        title=title_of(request, vacancy),
        names=[kept.person.name for kept in to],
        fallen_out=len(asked.ticked) - len(to),
        previews=[(lang, await pool.preview(site, vacancy, said, lang)) for lang in LANGUAGES],
        fields=[("application", str(kept.id)) for kept in to] + [(f"words_{lang}", said[lang]) for lang in said],
        mark=pool.mark(to, said) if to and open_now else "",
        problem=problem or ("" if open_now else pool.NotOpen.text),
    )


ROUTES: list[object] = [pool_page, pool_search, for_vacancy, choose]
