"""Every form of the candidate's side takes anything: an answer in words, and never a fault of ours.

No form can be forgotten: the routes come from the list of who is let in, which a test compares with the app, and a
route without an address here fails. What can be filled in is read from the page that shows the form.
"""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest

from recruit.accounts import links
from recruit.accounts.guards import Me
from recruit.careers import invited, sourcing
from recruit.careers.resuming import PURPOSE
from recruit.careers.rules import draft_of
from recruit.hiring import access, interviews, likeness, referees, reference_forms, section31
from recruit.hiring.access import Opened
from recruit.hiring.interviews import Plan
from recruit.site import Site
from recruit.tables import Person
from tests import factories
from tests.browsing import Client
from tests.careers.conftest import pdf
from tests.careers.test_form import vacancy_with
from tests.careers.test_hostile import VALUES, fine
from tests.conftest import Time
from tests.test_audiences import BY_LINK, audiences

OF_STAFF = {
    "/account/email/{token}": "a colleague's new address",
    "/first-run": "before there is an employer",
    "/password/forgot": "a colleague's password",
    "/password/reset/{token}": "a colleague's password",
    "/sign-in": "a colleague's way in",
    "/sign-in/code": "a colleague's way in",
    "/demo/clock": "only in the demonstration",
    "/demo/sign-in": "only in the demonstration",
}
"""Open to guests, and not for candidates or referees; all else that is open to either is tried here."""

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


def routes() -> set[str]:
    """Every form that is open to candidates, to whoever has a mailed link, or to anybody."""
    open_to = {("candidate",), ("public",), *BY_LINK}
    posts = {path for (method, path), who in audiences() if method == "POST" and who in open_to}
    return {re.sub(r":\w+}", "}", path) for path in posts} - OF_STAFF.keys()


async def addresses(site: Site, client: Client, time: Time) -> dict[str, tuple[str, str]]:
    """Of each route: the page that shows its form, and where that form goes. The client is signed in as Ola."""
    vacancy = await vacancy_with(site, time, Hvorfor=("long", False, ""), Fil=("file", False, ""))
    recruiter = await factories.staff(site, time.now, "recruiter")
    papers = (("cv.pdf", "application/pdf", pdf()),)
    mine = await factories.application(site, time.now, vacancy, documents=papers, finalist=True)
    person = await factories.candidate_of(site, mine)
    await factories.sign_in(client, site, person, "candidate")
    interview = await meeting(site, recruiter, mine, time)
    number = await asked(site, client)
    draft, other = await begun(site, client, vacancy), await another(site, vacancy, person, time)
    asking, waits = await passed_over(site, recruiter, time)
    link_of = {
        "interview": (mine, interview),
        PURPOSE: (draft, vacancy),
        "same_person": (other[1], person),
        "referee": await referee(site, recruiter, mine, time),
        sourcing.LINK: (other[1], other[0]),
        invited.PURPOSE: (person, vacancy),
    }
    made = {}
    for purpose in ("sign_in", "my", "consent", "email-old", *link_of):
        about = link_of.get(purpose, (person, None))
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
        "/my/addresses": "/my/addresses",
        "/my/addresses/{token}": f"/my/addresses/{made['same_person']}",
        "/referee/{token}": f"/referee/{made['referee']}",
        "/objection/{token}": f"/objection/{made[sourcing.LINK]}",
        "/invited/{token}": f"/invited/{made[invited.PURPOSE]}",
        "/my/rights/{right}": right,
        "/my/applications/{application}/documents": f"/my/applications/{mine}/documents",
        "/my/applications/{application}/section31": f"/my/applications/{asking}/section31",
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
        "/my/applications/{application}/section31/withdraw": (
            f"/my/applications/{waits}/section31",
            f"/my/applications/{waits}/section31/withdraw",
        ),
        "/my/invitations/{vacancy}": ("/my", f"/my/invitations/{vacancy}"),
        "/my/addresses/{pair}/open": ("/my/addresses", f"/my/addresses/{other[2]}/open"),
        "/my/addresses/{pair}/part": ("/my/addresses", f"/my/addresses/{other[2]}/part"),
        "/my/email/cancel": ("/my/contact", "/my/email/cancel"),
        "/my/requests/{number}/withdraw": (f"/my/requests/{number}", f"/my/requests/{number}/withdraw"),
        "/my/requests/{number}/identity": (f"/my/requests/{number}", f"/my/requests/{number}/identity"),
        "/my/requests/{number}/copy": (f"/my/requests/{number}", f"/my/requests/{number}/copy"),
        "/sign-out": ("/my", "/sign-out"),
    }
    return {route: (path, path) for route, path in alone.items()} | elsewhere


async def another(site: Site, vacancy: UUID, person: UUID, time: Time) -> tuple[UUID, UUID, UUID]:
    """Ola's application from another address, its profile, and the pair, which is proved."""
    unit = await factories.application(site, time.now, vacancy, "ola@elsewhere.example")
    there = await factories.candidate_of(site, unit)
    async with site.records.transaction():
        await likeness.proved(site, person, there, time.now)
    return unit, there, likeness.number_of(person, there)[0]


async def referee(site: Site, recruiter: UUID, application: UUID, time: Time) -> tuple[UUID, UUID]:
    """One who is asked by a link, and the question."""
    opened, who = await _opened(site, recruiter, application, time), Person(name="Eva Rett", email="eva@example.org")
    unit = await referees.add(site, opened, who, "Ola", time.now, reference_forms.ready())
    (row,) = await site.records.run_sql("SELECT id FROM reference_check")
    return unit, row["id"]


async def _opened(site: Site, recruiter: UUID, application: UUID, time: Time) -> Opened:
    me = Me(kind="staff", id=recruiter, name="Kari", session="", language="nb", roles=frozenset({"recruiter"}))
    return await access.opened(site, me, application, "review", time.now)


async def meeting(site: Site, recruiter: UUID, application: UUID, time: Time) -> UUID:
    opened = await _opened(site, recruiter, application, time)
    plan = Plan((time.now + timedelta(days=300),), 45, "Rom 4", "", (recruiter,), None)
    return await interviews.arrange(site, opened, plan, time.now)


async def passed_over(site: Site, recruiter: UUID, time: Time) -> tuple[UUID, UUID]:
    """Two applications of Ola's that were rejected; about the second one facts are asked for already."""
    vacancy, ended = await factories.vacancy(site, time.now), {"closed": time.now, "decided_by": recruiter}
    await factories.application(site, time.now, vacancy, "eva@example.org", outcome="hired", **ended)
    first, second = [await factories.application(site, time.now, vacancy, **ended) for _ in range(2)]
    await section31.ask(site, second, section31.Asked(), time.now)
    return first, second


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
    assert routes() == known.keys(), "a form of the candidate's side without an address here"
    fields = {}
    for route, (page, action) in known.items():
        shown = Fields((await client.get(page)).text).forms
        fields[route] = shown.get(action, set()) | {"act", "time", "answer", "back", "format"}
    assert sum(any(name.startswith("*") for name in names) for names in fields.values()) == 3, "forms with files"
    (row,) = await site.records.run_sql("SELECT candidate FROM interview i JOIN application a ON a.id = i.application")
    person = row["candidate"]
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
