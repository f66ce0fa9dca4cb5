"""The access log's page: searched by colleague, role, purpose, day and case; what stands out on top; a file of it.

Guards that the log names no candidate, and that the file runs no formula where it is opened.
"""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post

from recruit import clock, spreadsheets
from recruit.accounts.guards import DPO, staff
from recruit.i18n import Translate
from recruit.retention import access_log, looking, unusual
from recruit.web import Req, answers, page_number, redirect, render, site_of, user_of
from recruit.web import words as translator_of

_FIELDS = ("staff", "role", "purpose", "first", "last", "case")


@get("/desk/access", guards=[staff(DPO)])
async def access_log_page(request: Req) -> Response[Any]:
    site, tr = site_of(request), translator_of(request)
    form = {name: request.query_params.get(name, "").strip() for name in _FIELDS}
    search, errors = access_log.search_of(form)
    page, until = await access_log.found(site, search, page_number(request))
    plain = not any(form.values())
    judged = await access_log.oddities(site)
    return render(
        request,
        "retention/access.html",
        422 if errors else 200,
        here="desk",
        page=page,
        until=until,
        form=form,
        errors=errors,
        searched=not plain,
        more=urlencode({name: value for name, value in form.items() if value}),
        names=await access_log.names(site),
        roles=looking.ROLES,
        purposes=looking.PURPOSES,
        other_role=looking.OTHER_ROLE,
        other_purpose=looking.OTHER_PURPOSE,
        on_top=plain and page.number == 1,
        judged=judged,
        odd=[_odd(each, tr) for each in judged.what] if judged else [],
    )


def _odd(found: unusual.Oddity, tr: Translate) -> dict[str, Any]:
    return {"day": found.day, "staff": found.staff, "reasons": [_reason(*reason, tr) for reason in found.reasons]}


def _reason(key: str, n: int, usual: int, tr: Translate) -> str:
    one, many = unusual.REASONS[key]
    return tr.plural(one, many, n) if many else tr(one, n=n, usual=usual)


@post("/desk/access/export", guards=[staff(DPO)])
async def export_access_log(request: Req) -> Response[Any]:
    site, now, tr = site_of(request), clock.now(), translator_of(request)
    search, errors = access_log.search_of(await answers(request))
    if errors:
        return redirect("/desk/access")
    rows = await access_log.everything(site, search, user_of(request).id, now)
    names = await access_log.names(site)
    head = [tr(name) for name in ("When (UTC)", "Account", "Name", "Role", "Purpose", "Random id")]
    body = [
        (
            f"{row['at']:%Y-%m-%d %H:%M:%S}",
            row["staff"],
            names.get(row["staff"], ""),
            tr(looking.ROLES.get(row["role"], looking.OTHER_ROLE)),
            tr(looking.PURPOSES.get(row["purpose"], looking.OTHER_PURPOSE)),
            row["unit"],
        )
        for row in rows
    ]
    answer = Response(spreadsheets.table([head, *body]), media_type="text/csv; charset=utf-8", status_code=200)
    name = f"access-log-{clock.day(now).isoformat()}.csv"
    answer.headers["content-disposition"] = f'attachment; filename="{name}"'
    answer.headers["cache-control"] = "no-store"
    return answer


ROUTES: list[object] = [access_log_page, export_access_log]
