"""Every route of the app by everybody: who is let in, who is not, and that a foreign id is nothing at all.

Guards that no page opens to a role by accident: a new route fails here until somebody has written down for whom it is,
and what stands here is tried over HTTP. What is inside a vacancy, by team and assignment, is tried in
tests/hiring/test_access.py.
"""

import re
from collections.abc import ItemsView
from itertools import product
from pathlib import Path
from uuid import UUID

from recruit.accounts import links
from recruit.accounts.guards import Me
from recruit.app import create_app
from recruit.hiring import access, guests, pipeline, referees, reference_forms
from recruit.settings import Settings
from recruit.site import Site
from recruit.tables import Person
from tests import factories
from tests.conftest import Time
from tests.contracts.test_routes import handlers
from tests.hiring.helping import Client, House, house

FOR: dict[str, str] = {
    "candidate": """
        GET /my
        GET /my/applications/{application:uuid}
        GET POST /my/addresses
        POST /my/addresses/{pair:uuid}/open
        POST /my/addresses/{pair:uuid}/part
        GET POST /my/addresses/{token:str}
        GET POST /my/applications/{application:uuid}/documents
        GET POST /my/applications/{application:uuid}/section31
        GET /my/applications/{application:uuid}/section31/{letter:uuid}
        POST /my/applications/{application:uuid}/section31/withdraw
        GET POST /my/applications/{application:uuid}/withdraw
        GET POST /my/consent
        GET POST /my/contact
        POST /my/copy
        GET /my/documents/{document:uuid}
        GET POST /my/email
        POST /my/email/cancel
        GET POST /my/interviews/{interview:uuid}
        POST /my/invitations/{vacancy:uuid}
        GET /my/offers/{number:uuid}
        GET /my/looks
        GET /my/receipts
        GET /my/receipts/{purge:uuid}
        GET /my/requests/{number:uuid}
        GET /my/requests/{number:uuid}/answer.pdf
        POST /my/requests/{number:uuid}/copy
        POST /my/requests/{number:uuid}/identity
        POST /my/requests/{number:uuid}/withdraw
        GET /my/rights
        GET POST /my/rights/{right:str}
    """,
    "public": """
        GET /
        GET POST /account/email/{token:str}
        GET POST /consent/{token:str}
        GET /cookies
        GET /cookies/pdf
        GET /demo
        GET POST /demo/clock
        GET /demo/mailbox
        GET /demo/mailbox/{number:int}
        POST /demo/sign-in
        GET /embed
        GET POST /enquiry
        GET /enquiry/sent
        GET /feed.atom
        GET POST /first-run
        GET /health/live
        GET /health/ready
        GET POST /interview/{token:str}
        GET POST /invited/{token:str}
        GET /metrics
        GET POST /my/code
        GET POST /my/email/{side:str}/{token:str}
        GET POST /my/enter/{token:str}
        GET POST /my/from/{token:str}
        GET POST /my/sign-in
        GET POST /objection/{token:str}
        GET POST /password/forgot
        GET POST /password/reset/{token:str}
        GET /password/sent
        GET /positions.xml
        GET POST /positions/begun/{token:str}
        GET /positions/{vacancy:uuid}
        GET /positions/{vacancy:uuid}/applied
        GET POST /positions/{vacancy:uuid}/apply
        POST /positions/{vacancy:uuid}/forget
        GET /positions/{vacancy:uuid}/review
        GET /positions/{vacancy:uuid}/saved
        POST /positions/{vacancy:uuid}/send
        GET /privacy
        GET /privacy/pdf
        GET /privacy/versions
        GET /privacy/versions/{number:int}
        GET /privacy/versions/{number:int}/changes
        GET /r/{token:str}
        GET /r/{token:str}/receipt.pdf
        GET /robots.txt
        GET POST /sign-in
        GET POST /sign-in/code
        POST /sign-out
        GET /sitemap.xml
        GET /static/{file_path:path}
        GET /tripwire
        GET POST /verify
        GET /verify/certificate.pem
    """,
    "guest": """
        GET /guest/{token:str}
        GET /guest/{token:str}/applications/{application:uuid}
        GET /guest/{token:str}/documents/{document:uuid}/page/{name:str}
    """,
    "referee": """
        GET POST /referee/{token:str}
    """,
    "admin": """
        GET POST /settings
        GET /staff
        GET POST /staff/new
        GET POST /staff/{who:uuid}
        POST /staff/{who:uuid}/close
        POST /staff/{who:uuid}/invite
        POST /staff/{who:uuid}/reopen
        POST /staff/{who:uuid}/second-factor
    """,
    "any": """
        GET /account
        GET POST /account/email
        GET POST /account/name
        GET POST /account/password
        GET POST /account/second-factor
        GET /account/second-factor/qr.svg
        GET POST /account/second-factor/set-up
        POST /account/sessions
    """,
    "dpo": """
        GET /desk
        GET /desk/access
        POST /desk/access/export
        GET /desk/audit
        POST /desk/audit/check
        GET POST /desk/breaches/new
        GET /desk/breaches/{number:uuid}
        GET POST /desk/breaches/{number:uuid}/delete
        GET POST /desk/breaches/{number:uuid}/edit
        GET /desk/breaches/{number:uuid}/pdf
        GET /desk/holds
        GET /desk/holds/{number:uuid}
        POST /desk/holds/{number:uuid}/decline
        GET /desk/holds/{number:uuid}/document
        POST /desk/holds/{number:uuid}/release
        POST /desk/holds/{number:uuid}/review
        GET /desk/papers
        GET /desk/papers/assessment
        GET POST /desk/purge
        POST /desk/purge/approve
        POST /desk/purge/confirm
        GET /desk/receipts
        GET /desk/receipts/{number:uuid}
        GET /desk/recipients
        GET POST /desk/recipients/{unit:uuid}
        GET /desk/record
        GET /desk/record/pdf
        GET /desk/record/{key:str}
        GET POST /desk/record/{key:str}/edit
        GET POST /desk/record/{key:str}/remove
        GET /desk/requests
        GET POST /desk/requests/new
        GET POST /desk/requests/new/stranger
        GET POST /desk/requests/new/{candidate:uuid}
        GET POST /desk/requests/{number:uuid}
        GET /desk/requests/{number:uuid}/answer.pdf
        POST /desk/requests/{number:uuid}/copy
        GET POST /desk/requests/{number:uuid}/extension
        GET POST /desk/requests/{number:uuid}/identity
        GET POST /desk/requests/{number:uuid}/rectification
        GET POST /desk/requests/{number:uuid}/release
        GET /desk/restrictions
        GET POST /desk/restrictions/new
        GET /desk/restrictions/{number:uuid}
        POST /desk/restrictions/{number:uuid}/lift
        POST /desk/restrictions/{number:uuid}/review
        GET /ledger
        POST /ledger/check
        GET POST /settings/policy
        POST /settings/policy/withdraw
    """,
    "recruiter": """
        GET POST /letters/new
        GET POST /letters/{letter:uuid}
        POST /letters/{letter:uuid}/remove
        GET /advertising
        GET POST /applications/{application:uuid}/hand-over
        POST /applications/{application:uuid}/section31
        GET /section31
        GET /section31/{claim:uuid}
        GET POST /section31/{claim:uuid}/about/{hired:uuid}
        POST /section31/{claim:uuid}/answered
        GET /section31/{claim:uuid}/letters/{facts:uuid}
        POST /applications/{application:uuid}/undo
        GET /insight
        GET POST /pool
        GET /same-person
        GET POST /same-person/{pair:uuid}
        GET POST /reference-forms
        GET POST /reference-forms/{form:uuid}
        POST /reference-forms/{form:uuid}/remove
        GET POST /stages
        POST /stages/{template:uuid}/remove
        GET POST /tags
        POST /tags/{tag:uuid}/remove
        GET POST /vacancies/new
        GET POST /vacancies/{vacancy:uuid}/advertising
        GET POST /vacancies/{vacancy:uuid}/close
        POST /vacancies/{vacancy:uuid}/copy
        GET POST /vacancies/{vacancy:uuid}/edit
        GET POST /vacancies/{vacancy:uuid}/enter
        GET POST /vacancies/{vacancy:uuid}/import
        GET POST /vacancies/{vacancy:uuid}/pool
        GET POST /incoming
        GET /incoming/{mail:uuid}
        POST /incoming/{mail:uuid}/attach
        POST /incoming/{mail:uuid}/discard
        POST /incoming/{mail:uuid}/enter
        POST /incoming/{mail:uuid}/find
        GET /incoming/{mail:uuid}/original
        POST /vacancies/{vacancy:uuid}/publish
        GET POST /vacancies/{vacancy:uuid}/questions
        GET POST /vacancies/{vacancy:uuid}/questions/{question:uuid}
        POST /vacancies/{vacancy:uuid}/questions/{question:uuid}/remove
        POST /vacancies/{vacancy:uuid}/questions/{question:uuid}/up
        GET POST /vacancies/{vacancy:uuid}/reopen
        GET POST /vacancies/{vacancy:uuid}/team
        POST /vacancies/{vacancy:uuid}/team/{member:uuid}
        POST /vacancies/{vacancy:uuid}/team/{member:uuid}/remove
    """,
    "recruiter dpo": """
        POST /applications/{application:uuid}/holds
        GET /enquiries
        GET POST /enquiries/{enquiry:uuid}
        POST /holds/{hold:uuid}/decline
        POST /holds/{hold:uuid}/release
        POST /holds/{hold:uuid}/review
        GET /sourced
        GET POST /sourced/{number:uuid}
    """,
    "recruiter hiring_manager": """
        POST /applications/{application:uuid}/finalist
        POST /applications/{application:uuid}/interviewers
        GET POST /applications/{application:uuid}/interviews/new
        POST /applications/{application:uuid}/move
        GET POST /applications/{application:uuid}/outcome
        GET POST /applications/{application:uuid}/offer
        GET /offers/{number:uuid}/letter.pdf
        POST /applications/{application:uuid}/referees
        POST /applications/{application:uuid}/screening
        GET /applications/{application:uuid}/guest
        POST /guests/{guest:uuid}/withdraw
        GET POST /vacancies/{vacancy:uuid}/guests
        POST /applications/{application:uuid}/tags
        POST /applications/{application:uuid}/waiting/stop
        POST /vacancies/{vacancy:uuid}/waiting/stop
        POST /applications/{application:uuid}/tell
        POST /interviews/{interview:uuid}/cancel
        GET POST /interviews/{interview:uuid}/change
        GET POST /kits/new
        GET POST /kits/{kit:uuid}
        POST /kits/{kit:uuid}/remove
        GET /applications/{application:uuid}/letter
        GET POST /applications/{application:uuid}/mail
        GET /applications/{application:uuid}/mail/{mail:uuid}
        POST /applications/{application:uuid}/letters/{mail:uuid}/take-back
        GET /letters
        POST /vacancies/{vacancy:uuid}/letter
        POST /referees/{referee:uuid}/ask
        POST /referees/{referee:uuid}/cancel
        POST /referees/{referee:uuid}/phone
        POST /referees/{referee:uuid}/remove
        POST /vacancies/{vacancy:uuid}/decide
        GET /vacancies/{vacancy:uuid}/insight
    """,
    "recruiter hiring_manager dpo": """
        GET /referees/{referee:uuid}
    """,
    "recruiter hiring_manager interviewer": """
        GET POST /account/news
        POST /applications/{application:uuid}/notes
        GET POST /applications/{application:uuid}/scorecards
        POST /applications/{application:uuid}/unread
        GET /interviews/{interview:uuid}
        GET /kits
        GET POST /notes/{note:uuid}
        POST /notes/{note:uuid}/delete
        GET POST /search
        GET /vacancies
        GET /vacancies/{vacancy:uuid}
        POST /vacancies/{vacancy:uuid}/many
        POST /vacancies/{vacancy:uuid}/print
        POST /applications/{application:uuid}/print
    """,
    "recruiter hiring_manager interviewer dpo": """
        GET /applications/{application:uuid}
        GET /documents/{document:uuid}/original
        GET /documents/{document:uuid}/page/{name:str}
    """,
}
"""Who is let in (the roles of staff, `any` for all of them; guests and referees by a link that was mailed), to the
methods and path of each route.
"""
BY_LINK = (("guest",), ("referee",))

STAFF = ("recruiter", "hiring_manager", "interviewer", "dpo", "admin")
STRANGE = str(UUID(int=0x5EED))
PICTURE = (Path(__file__).parent / "documents" / "samples" / "chromium.png").read_bytes()


def audiences() -> ItemsView[tuple[str, str], tuple[str, ...]]:
    """Each route, method first, with who is let in."""
    return _rows().items()


def _rows() -> dict[tuple[str, str], tuple[str, ...]]:
    rows = {}
    for who, text in FOR.items():
        let_in = STAFF if who == "any" else tuple(who.split())
        for line in filter(None, map(str.strip, text.splitlines())):
            *methods, path = line.split()
            rows.update({(method, path): let_in for method in methods})
    return rows


def test_every_route_says_for_whom_it_is(tmp_path: Path) -> None:
    app = create_app(Settings(data=tmp_path / "data", holders=(tmp_path / "keys",), demo=True))
    served = {(m, path) for path, h in handlers(app) for m in getattr(h, "http_methods", set()) - {"HEAD"}}
    assert set(_rows()) == served


async def test_everybody_else_is_refused_and_a_foreign_id_is_nothing(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    people = {role: at.people[role] for role in STAFF}
    people["candidate"] = await factories.candidate_of(site, at.application)
    client.follow_redirects = False
    rows = {route: who for route, who in _rows().items() if who not in (("public",), *BY_LINK)}
    wrong = []
    for who in ("nobody", *people):
        if who != "nobody":
            await factories.sign_in(client, site, people[who], "candidate" if who == "candidate" else "staff")
        for (method, path), let_in in rows.items():
            if who in let_in and ":uuid}" not in path:
                continue
            answer = await client.request(method, re.sub(r"{[^}]+}", STRANGE, path))
            refused = answer.status_code in (401, 403) or "sign-in" in answer.headers.get("location", "")
            if not (answer.status_code == 404 if who in let_in else refused):
                wrong.append((who, method, path, answer.status_code))
    assert wrong == []


async def test_a_mailed_link_opens_what_it_was_made_for_and_nothing_else(
    site: Site, client: Client, time: Time
) -> None:
    """A guest's and a referee's link at every address that takes a link, with every id that there is."""
    paper = (("cv.png", "image/png", PICTURE),)
    at = await house(site, time.now, stage="finalist", name="Eva Valgt", documents=paper)
    other = await factories.application(site, time.now, at.vacancy, "nn@example.org", "Nina Nabo", documents=paper)
    tokens = await _links(site, at, time)
    papers = {row["unit"]: row["id"] for row in await site.records.run_sql("SELECT id, unit FROM document")}
    own = {
        f"/guest/{tokens['guest']}",
        f"/guest/{tokens['guest']}/applications/{at.application}",
        f"/guest/{tokens['guest']}/documents/{papers[at.application]}/page/1.png",
        f"/referee/{tokens['referee']}",
    }
    found = [at.application, other, *papers.values(), UUID(STRANGE)]
    opened, wrong = set(), []
    for (method, path), who in _rows().items():
        if "{token:str}" not in path or who not in (("public",), *BY_LINK):
            continue  # whatever else takes a link asks for a session too
        for token, unit in product(tokens.values(), found if ":uuid}" in path else found[:1]):
            filled = path.replace("{token:str}", token).replace("{side:str}", "new").replace("{name:str}", "1.png")
            whole = re.sub(r"{[^}]+}", str(unit), filled)
            answer = await client.request(method, whole)
            if whole in own:
                opened |= {whole} if answer.status_code == 200 else set()
            elif answer.status_code not in (404, 410):
                wrong.append((method, whole, answer.status_code))
            elif "Nabo" in answer.text or "Eva" in answer.text:
                wrong.append((method, whole, "names somebody"))
    assert wrong == []
    assert opened == own


async def _links(site: Site, at: House, time: Time) -> dict[str, str]:
    """A guest for the one application, and a referee of it who is asked; both as another link of their own."""
    me = Me("staff", at.people["recruiter"], "Kari Nord", "", "nb", frozenset({"recruiter"}))
    typed = {"name": "Gro", "email": "gro@example.org", "capacity": "Tillitsvalgt", "reason": "Avtalen", "days": "7"}
    of = await pipeline.of(site, me, at.vacancy)
    guest = await guests.invite(of, [at.application], guests.invitation(typed), time.now)
    opened = await access.opened(site, me, at.application, "decide", time.now)
    person = Person(name="Rolf", email="rolf@example.org")
    referee = await referees.add(site, opened, person, "Eva Valgt", time.now, reference_forms.ready())
    check = (await site.records.run_sql("SELECT id FROM reference_check"))[0]["id"]
    return {
        "guest": await links.make(site, guests.PURPOSE, guest, time.now),
        "referee": await links.make(site, referees.PURPOSE, referee, time.now, target=check),
    }
