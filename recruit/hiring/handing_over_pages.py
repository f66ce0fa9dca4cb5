"""The hand-over of a hired person's application to the personnel file: what goes along, and the ZIP.

Guards that nobody hands over what they have not been shown the list of, and that a page that was only looked at
discloses nothing.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Stream

from recruit import clock
from recruit.accounts.guards import RECRUITER, staff
from recruit.hiring import access, handing_over, service
from recruit.hiring.application_pages import frame
from recruit.web import Req, redirect, render, site_of, user_of, words


@get("/applications/{application:uuid}/hand-over", guards=[staff(RECRUITER)])
async def hand_over_page(request: Req, application: FromPath[UUID]) -> Response[Any]:
    site, now = site_of(request), clock.now()
    opened = await access.opened(site, user_of(request), application, "decide", now, "hand_over")
    if opened.row["outcome"] != "hired":
        return redirect(f"/applications/{application}", handing_over.NotHired.text)
    found = await handing_over.contents(site, opened, now)
    person, _ = await service.contents(site, opened)
    return render(
        request,
        "hiring/hand_over.html",
        here="vacancies",
        person=person,
        found=found,
        asked_for=opened.facts.section31_open,
        **await frame(request, opened, now),
    )


@post("/applications/{application:uuid}/hand-over", guards=[staff(RECRUITER)])
async def hand_over(request: Req, application: FromPath[UUID]) -> Stream:
    """The ZIP, written while it is sent."""
    site, now = site_of(request), clock.now()
    opened = await access.opened(site, user_of(request), application, "hand_over", now, "hand_over")
    found = await handing_over.contents(site, opened, now)
    await handing_over.record(site, opened, now)
    name = f"hand-over-{clock.day(now).isoformat()}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    pieces = handing_over.archive(site, opened, found, now, words(request))
    return Stream(pieces, status_code=200, media_type="application/zip", headers=headers)


ROUTES: list[object] = [hand_over_page, hand_over]
