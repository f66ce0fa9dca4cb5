"""The privacy notice and the cookie page: public, in both languages, with every version that was shown.

Guards that nobody has to sign in to read what is done with their data, and that the pages speak of nobody.
"""

import asyncio
from functools import lru_cache

from litestar import Response, get
from litestar.params import FromPath

from recruit import clock, employer, paper
from recruit.accounts.guards import public
from recruit.employer import EmployerFacts, EmployerUnknown
from recruit.i18n import Language, translator
from recruit.notice import comparing, service
from recruit.notice.service import Version
from recruit.web import Req, language, render, site_of

_NOTICE = public("whoever considers applying may read what is done with their data (art. 13)")


@get("/privacy", guards=[_NOTICE])
async def privacy(request: Req) -> Response[bytes]:
    version = await service.in_force(site_of(request), clock.now())
    text = version.texts[language(request)]
    return render(request, "notice/privacy.html", here="privacy", version=version, text=text, older=False)


@get("/cookies", guards=[_NOTICE])
async def cookie_page(request: Req) -> Response[bytes]:
    version = await service.in_force(site_of(request), clock.now())
    text = [section for section in version.texts[language(request)] if section.key == "cookies"]
    return render(request, "notice/cookies.html", here="cookies", version=version, text=text)


@get("/privacy/versions", guards=[_NOTICE])
async def versions(request: Req) -> Response[bytes]:
    site = site_of(request)
    await service.in_force(site, clock.now())
    return render(request, "notice/versions.html", here="privacy", versions=await service.versions(site))


@get("/privacy/versions/{number:int}", guards=[_NOTICE])
async def older_version(request: Req, number: FromPath[int]) -> Response[bytes]:
    """A notice as it was shown; the one in force stands at its own address too."""
    site = site_of(request)
    await service.in_force(site, clock.now())
    version = await service.version(site, number)
    later = [since for other, since in await service.versions(site) if other > number]
    return render(
        request,
        "notice/privacy.html",
        here="privacy",
        version=version,
        text=version.texts[language(request)],
        older=bool(later),
        until=later[-1] if later else None,
    )


@get("/privacy/versions/{number:int}/changes", guards=[_NOTICE])
async def changes(request: Req, number: FromPath[int]) -> Response[bytes]:
    """From a notice that somebody was shown to the one in force."""
    site, lang = site_of(request), language(request)
    new = await service.in_force(site, clock.now())
    old = await service.version(site, number)
    found = comparing.of_notices(old.texts[lang], new.texts[lang])
    return render(request, "notice/changes.html", here="privacy", old=old, new=new, changes=found)


@get("/privacy/pdf", guards=[_NOTICE])
async def privacy_pdf(request: Req) -> Response[bytes]:
    return await _on_paper(request, "privacy")


@get("/cookies/pdf", guards=[_NOTICE])
async def cookies_pdf(request: Req) -> Response[bytes]:
    return await _on_paper(request, "cookies")


async def _on_paper(request: Req, what: str) -> Response[bytes]:
    site, lang = site_of(request), language(request)
    version, who = await service.in_force(site, clock.now()), await employer.current(site)
    if who is None:
        raise EmployerUnknown()
    drawn = await asyncio.to_thread(_drawn, what, version, who, lang)
    name = f"{what}-{version.number}-{lang}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-cache"}
    return Response(drawn, media_type="application/pdf", headers=headers)


@lru_cache(maxsize=8)
def _drawn(what: str, version: Version, who: EmployerFacts, lang: Language) -> bytes:
    """The PDF of a notice; the same bytes for the same version, so it is drawn once."""
    text = [s for s in version.texts[lang] if what == "privacy" or s.key == "cookies"]
    tr = translator(lang)
    return paper.of_template(
        "notice/paper.html",
        lang=lang,
        _=tr,
        employer=who,
        made_at=version.since,
        title=tr("Privacy notice") if what == "privacy" else tr("Cookies"),
        number=version.number,
        text=text,
    )


ROUTES = [privacy, cookie_page, versions, older_version, changes, privacy_pdf, cookies_pdf]
