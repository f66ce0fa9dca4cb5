"""The search page. What is looked for is a name as often as not, so it travels in the form, never in the address.

Guards that nothing typed reaches a log, a history or another page: a search is a POST that is answered at once.
"""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from recruit import clock
from recruit.accounts.guards import HIRING, staff
from recruit.hiring import search, story
from recruit.hiring.search import Query
from recruit.i18n import Translate, either
from recruit.retention.facts import clocks
from recruit.retention.rules import OUTCOMES, STAGES
from recruit.web import Req, answers, language, render, site_of, user_of, words

_LONGEST = 200
_LAST = 40
"""Pages; who needs more has not said what they look for."""


@get("/search", guards=[staff(*HIRING)])
async def search_form(request: Req) -> Response[bytes]:
    return await _page(request, Query(), {})


@post("/search", guards=[staff(*HIRING)], status_code=200)
async def search_for(request: Req) -> Response[bytes]:
    form = await answers(request)
    query = Query(
        words=form.get("words", ""),
        vacancy=_id(form.get("vacancy", "")),
        state=form.get("state", ""),
        tag=_id(form.get("tag", "")),
        source=form.get("source", ""),
    )
    if query.empty:
        return await _page(request, query, {"words": "Write a word, or choose something to look for."}, status=422)
    if len(query.words) > _LONGEST:
        return await _page(request, query, {"words": "Write at most 200 characters."}, status=422)
    number = form.get("page", "")
    page = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 4 else 1
    return await _page(request, query, {}, min(max(1, page), _LAST))


async def _page(
    request: Req, query: Query, errors: dict[str, str], page: int = 0, status: int = 200
) -> Response[bytes]:
    site, me, now, lang = site_of(request), user_of(request), clock.now(), language(request)
    hits, more = await search.find(site, me, query, page, now) if page else ([], False)
    vacancies, tags = await search.choices(site, me, query.vacancy)
    return render(
        request,
        "hiring/search.html",
        status,
        here="search",
        query=query,
        errors=errors,
        page=page,
        more=more,
        again=_fields(query),
        hits=[_shown(hit, words(request)) for hit in hits],
        clocks=await clocks(site, [hit.id for hit in hits], now, words(request), "staff"),
        states=[(state, words(request)(story.STATES[state])) for state in (*STAGES, *OUTCOMES)],
        vacancies=[(row["id"], either(row, "title", lang)) for row in vacancies],
        tags=[(row["id"], row["name"]) for row in tags],
        sources=[(source, words(request)(said)) for source, said in story.SOURCES.items()],
    )


def _shown(hit: search.Hit, _: Translate) -> dict[str, Any]:
    return {
        "id": hit.id,
        "name": hit.person.name,
        "title": either(hit.row, "title", _.lang),
        "state": _(story.STATES[hit.row["outcome"] or hit.row["stage"]]),
        "ended": hit.row["outcome"] is not None,
        "received": hit.row["submitted_at"],
    }


def _fields(query: Query) -> dict[str, str]:
    """The search again, for the buttons that lead to its other pages."""
    return {name: str(value or "") for name, value in asdict(query).items()}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


ROUTES: list[object] = [search_form, search_for]
