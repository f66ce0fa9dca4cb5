"""Every form of the candidate's side takes anything: an answer in words, and never a fault of ours.

No form can be forgotten: the routes come from the app, and a route without an address here fails. What can be filled in
is read from the page that shows the form.
"""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from recruit.accounts import links
from recruit.accounts.guards import Me
from recruit.careers.resuming import PURPOSE
from recruit.careers.rules import draft_of
from recruit.hiring import access, interviews
from recruit.hiring.interviews import Plan
from recruit.site import Site
from tests import factories
from tests.browsing import Client
from tests.careers.conftest import pdf
from tests.careers.test_form import vacancy_with
from tests.careers.test_hostile import VALUES, fine
from tests.conftest import Time

OURS = ("/positions/", "/enquiry", "/my", "/interview/", "/consent/", "/r/", "/verify", "/sign-out")
"""Where candidates and guests meet a form; all else is behind a sign-in of staff."""

TRIED = ("long", "empty", "right to left", "emoji", "control characters", "markup", "formula")
ENDING = ("/withdraw", "/forget", "/cancel", "/sign-out")
"""What is pressed last: afterwards there is less to fill in."""


class Fields(HTMLParser):
    """The names of all that can be filled in on a page, by the address that the form goes to; `*` marks files."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, set[str]] = {}
        self._here = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("method") == "post":
            self._here = given.get("action") or ""
            self.forms.setdefault(self._here, set())
        elif tag in ("input", "textarea", "select", "button") and given.get("name") and self._here:
            self.forms[self._here].add(("*" if given.get("type") == "file" else "") + str(given["name"]))

    def handle_endtag(self, tag: str) -> None:
        self._here = "" if tag == "form" else self._here


def routes_of(app: Litestar) -> set[str]:
    posts = {r.path_format for r in app.routes if isinstance(r, HTTPRoute) and "POST" in r.methods}
    return {path for path in posts if path.startswith(OURS)}


async def addresses(site: Site, client: Client, time: Time) -> dict[str, tuple[str, str]]:
    """Of each route: the page that shows its form, and where that form goes. The client is signed in as Ola."""
    vacancy = await vacancy_with(site, time, Hvorfor=("long", False, ""), Fil=("file", False, ""))
    recruiter = await factories.staff(site, time.now, "recruiter")
    mine = await factories.application(site, time.now, vacancy, documents=(("cv.pdf", "application/pdf", pdf()),))
    person = await factories.candidate_of(site, mine)
    await factories.sign_in(client, site, person, "candidate")
    interview = await invited(site, recruiter, mine, time)
    number = await asked(site, client)
    draft = await begun(site, client, vacancy)
    made = {}
    for purpose in ("sign_in", "my", "consent", "email-old", "interview", PURPOSE):
        about = {"interview": (mine, interview), PURPOSE: (draft, vacancy)}.get(purpose, (person, None))
        made[purpose] = await links.make(site, purpose, about[0], time.now, timedelta(days=300), target=about[1])
    position, right = f"/positions/{vacancy}", "/my/rights/rectification"
    change = f"/my/email/old/{made['email-old']}"
    alone = {
        "/enquiry": "/enquiry",
        "/verify": "/verify",
        "/my/sign-in": "/my/sign-in",
        "/my/code": "/my/code",
        "/my/contact": "/my/contact",
        "/my/email": "/my/email",
        "/my/rights/{right}": right,
        "/my/applications/{application}/documents": f"/my/applications/{mine}/documents",
        "/my/applications/{application}/withdraw": f"/my/applications/{mine}/withdraw",
        "/my/interviews/{interview}": f"/my/interviews/{interview}",
        "/my/enter/{token}": f"/my/enter/{made['sign_in']}",
        "/my/from/{token}": f"/my/from/{made['my']}",
        "/my/email/{side}/{token}": change,
        "/consent/{token}": f"/consent/{made['consent']}",
        "/interview/{token}": f"/interview/{made['interview']}",
        "/positions/{vacancy}/apply": f"{position}/apply",
        "/positions/begun/{token}": f"/positions/begun/{made[PURPOSE]}",
        "/my/consent": "/my/consent",
    }
    elsewhere = {
        "/positions/{vacancy}/send": (f"{position}/review", f"{position}/send"),
        "/positions/{vacancy}/forget": (f"{position}/apply", f"{position}/forget"),
        "/my/copy": ("/my", "/my/copy"),
        "/my/email/cancel": ("/my/contact", "/my/email/cancel"),
        "/my/requests/{number}/withdraw": (f"/my/requests/{number}", f"/my/requests/{number}/withdraw"),
        "/my/requests/{number}/identity": (f"/my/requests/{number}", f"/my/requests/{number}/identity"),
        "/my/requests/{number}/copy": (f"/my/requests/{number}", f"/my/requests/{number}/copy"),
        "/sign-out": ("/my", "/sign-out"),
    }
    return {route: (path, path) for route, path in alone.items()} | elsewhere


async def invited(site: Site, recruiter: UUID, application: UUID, time: Time) -> UUID:
    roles = frozenset({"recruiter"})
    me = Me(kind="staff", id=recruiter, name="Kari", session="", language="nb", roles=roles)
    opened = await access.opened(site, me, application, "review", time.now)
    plan = Plan((time.now + timedelta(days=300),), 45, "Rom 4", "", (recruiter,), None)
    return await interviews.arrange(site, opened, plan, time.now)


async def asked(site: Site, client: Client) -> UUID:
    """A request that Ola has made; for its page."""
    await client.post("/my/rights/access", data={"words": ""})
    (row,) = await site.records.run_sql("SELECT id FROM rights_request")
    found: UUID = row["id"]
    return found


async def begun(site: Site, client: Client, vacancy: UUID) -> UUID:
    """A draft in this browser, that can be looked over."""
    given = {"name": "Ola Sør", "email": "ola@example.org", "letter": "Hei.", "act": "review"}
    await client.post(f"/positions/{vacancy}/apply", files=[(name, (None, text)) for name, text in given.items()])
    return draft_of(client.cookies.get("form", path=f"/positions/{vacancy}") or "", vacancy)


@pytest.mark.postgres  # the stricter of the two about what is text
async def test_every_form_takes_anything_and_two_hundred_files(site: Site, client: Client, time: Time) -> None:
    known = await addresses(site, client, time)
    assert routes_of(client.app) == known.keys(), "a form of the candidate's side without an address here"
    fields = {}
    for route, (page, action) in known.items():
        shown = Fields((await client.get(page)).text).forms
        fields[route] = shown.get(action, set()) | {"act", "time", "answer", "back", "format"}
    assert sum(any(name.startswith("*") for name in names) for names in fields.values()) == 3, "forms with files"
    (person,) = {row["candidate"] for row in await site.records.run_sql("SELECT candidate FROM application")}
    for route in sorted(known, key=lambda route: route.endswith(ENDING)):
        for what in TRIED:
            time.forward(minutes=16)
            await factories.sign_in(client, site, person, "candidate")
            answer = await client.post(known[route][1], **filled(fields[route], VALUES[what], many=what == "emoji"))
            fine(answer, f"{route}: {what}")
    await factories.sign_in(client, site, person, "candidate")
    for route in known.keys() - {"/sign-out"}:
        for strange in ("%00", "..%2f..%2fetc", "x" * 3000, "%E2%80%AE%F0%9F%91%A9"):
            fine(await client.post(re.sub(r"\{[^}]+\}", strange, route)), f"{route}: {strange[:20]}")


def filled(names: set[str], value: str, many: bool) -> dict[str, Any]:
    """A body with this value in every field; in every file field a file of that name, or two hundred."""
    texts = {name: value for name in names if not name.startswith("*")}
    files = [name[1:] for name in names if name.startswith("*")]
    if not files:
        return {"data": texts}
    parts: list[Any] = [(name, (None, text)) for name, text in texts.items()]
    called = re.sub(r"[^\w.=<>/ ]", "", value[:200]) or "x"
    parts += [(name, (called, b"%PDF-1.4 no", "application/pdf")) for name in files for _ in range(200 if many else 1)]
    return {"files": parts}
