"""The privacy contact's desk: what is wrong, what waits, what comes, and the way to every paper.

Guards that the desk names nobody: a case does, and the look at it is written before it is shown (`case_pages`).
"""

from typing import Any

from litestar import Response, get

from recruit import alarms, clock
from recruit.accounts.guards import DPO, staff
from recruit.retention import access_log, forecasting, overview
from recruit.rights import picture, service, views, words
from recruit.web import Req, render, site_of
from recruit.web import words as translator_of

LATELY = 12
"""So many answered requests are drawn beside the open ones."""


@get("/desk", guards=[staff(DPO)])
async def desk(request: Req) -> Response[Any]:
    site, now, tr = site_of(request), clock.now(), translator_of(request)
    today, waiting = clock.day(now), await views.waiting(site, clock.day(now))
    lately = [asked for asked, _ in waiting] + (await service.answered_requests(site)).rows[:LATELY]
    foreseen = await forecasting.forecast(site)
    ahead = foreseen.months if foreseen else ()
    judged = await access_log.oddities(site)
    used = [n for n, _ in enumerate(forecasting.REASONS) if any(numbers[n] for _, numbers in ahead)]
    return render(
        request,
        "rights/desk.html",
        here="desk",
        alarms=await alarms.standing(site, now),
        waiting=waiting,
        request_kinds=words.REQUESTS,
        states=words.STATES,
        came_by=words.CAME_BY,
        overview=await overview.of_now(site, now),
        foreseen=foreseen,
        why=[tr(list(forecasting.REASONS.values())[n]) for n in used],
        months=[(month, [numbers[n] for n in used]) for month, numbers in ahead],
        deadlines=picture.bars(lately, today, tr),
        series=[tr(name) for name in picture.SERIES],
        odd=len(judged.what) if judged else 0,
    )


ROUTES: list[object] = [desk]
