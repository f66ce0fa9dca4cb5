"""The privacy contact's desk.

Guards that the desk names nobody: a case does, and the look at it is written before it is shown (`case_pages`).
"""

from typing import Any

from litestar import Response, get

from recruit import clock
from recruit.accounts.guards import DPO, staff
from recruit.retention import overview
from recruit.rights import views, words
from recruit.web import Req, render, site_of


@get("/desk", guards=[staff(DPO)])
async def desk(request: Req) -> Response[Any]:
    site, now = site_of(request), clock.now()
    return render(
        request,
        "rights/desk.html",
        here="desk",
        waiting=await views.waiting(site, clock.day(now)),
        request_kinds=words.REQUESTS,
        states=words.STATES,
        came_by=words.CAME_BY,
        overview=await overview.of_now(site, now),
    )


ROUTES: list[object] = [desk]
