"""The privacy notice and the cookie page: public, in both languages, made anew from what is in force.

Guards that nobody has to sign in to read what is done with their data, and that the pages speak of nobody.
"""

from litestar import Response, get

from recruit.accounts.guards import public
from recruit.notice import activities, cookies, periods, service
from recruit.web import Req, render, site_of, words

_NOTICE = public("whoever considers applying may read what is done with their data (art. 13)")


@get("/privacy", guards=[_NOTICE])
async def privacy(request: Req) -> Response[bytes]:
    notice = await service.of_now(site_of(request))
    return render(
        request,
        "notice/privacy.html",
        here="privacy",
        notice=notice,
        activity=activities.RECRUITMENT,
        categories=activities.rows(notice.policy),
        basis=activities.BASIS[notice.policy.lawful_basis],
        outcome=activities.OUTCOME[notice.policy.outcome],
        periods=periods.of_policy(notice.policy, "strict" if notice.strict else "plain", words(request)),
    )


@get("/cookies", guards=[_NOTICE])
async def cookie_page(request: Req) -> Response[bytes]:
    secure = site_of(request).settings.secure
    listed = [(cookies.called(cookie, secure), cookie) for cookie in cookies.COOKIES]
    return render(request, "notice/cookies.html", here="cookies", cookies=listed, life=_life(request))


def _life(request: Req) -> dict[str, str]:
    """How long each cookie lives, in the largest unit that divides it."""
    tr = words(request)
    units = (
        (86_400, "{n} day", "{n} days"),
        (3_600, "{n} hour", "{n} hours"),
        (60, "{n} minute", "{n} minutes"),
    )
    found = {}
    for cookie in cookies.COOKIES:
        seconds = int(cookie.life.total_seconds())
        size, one, many = next(unit for unit in units if seconds % unit[0] == 0)
        found[cookie.name] = tr.plural(one, many, seconds // size)
    return found


ROUTES = [privacy, cookie_page]
