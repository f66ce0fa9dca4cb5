"""Pages that the main path does not lead to: whom each is shown to in the demonstration, and where it is found.

Guards that every page of the app is looked at: a route belongs to the main path or stands here (test_main_path.py and
test_demonstration.py see to it). A new page is one more line.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from jinja2 import meta

from recruit import clock
from recruit.accounts import links
from recruit.careers import invited, sourcing
from recruit.mydata import readdressing
from recruit.retention import restrictions
from recruit.retention.restrictions import Cause
from recruit.site import Site
from recruit.templating import environment

Finder = Callable[[Site], Awaitable[object]]

GUEST = ""
CONSENTED, RUNNING, HIRED = "Magnus Ødegård", "Jonas Lindqvist", "Åse Strand"
PASSED_OVER = "Hedda Aasen"
RECRUITER, INTERVIEWER, DPO, ADMIN = "Ingrid Solbakken", "Sunniva Berge", "Liv Tangen", "Arne Myhre"


@dataclass(frozen=True)
class Place:
    """A page: its route and template (none: a download), who looks at it, and what fills the first gap of the route.

    `found` is a statement whose first value is that, or a coroutine function that makes it (a link's token, say); empty
    for a route without a gap. `query` is appended. What begins with a slash is the whole address.
    """

    route: str
    template: str
    who: str = DPO
    found: str | Finder = ""
    query: str = ""
    quotes: bool = False

    async def address(self, site: Site) -> str:
        """Where the page stands; an AssertionError if the demonstration has nothing to show there."""
        if not self.found:
            return self.route + self.query
        value = await (_first(site, self.found) if isinstance(self.found, str) else self.found(site))
        if str(value).startswith("/"):
            return str(value)
        return re.sub(r"\{[^}]+\}", str(value), self.route, count=1) + self.query


async def _first(site: Site, statement: str) -> UUID:
    rows = await site.records.run_sql(statement)
    assert rows, f"the demonstration has nothing for {statement}"
    value: UUID = next(iter(rows[0].values()))
    return value


_INTERVIEWED = "SELECT application FROM interview WHERE state = 'agreed'"
_OFFERED = "SELECT application FROM screening WHERE kind = 'offer_details'"
_AGREED, _PROPOSED = (f"SELECT id FROM interview WHERE state = '{state}'" for state in ("agreed", "proposed"))


async def _an_invitation(site: Site) -> str:
    """The demonstration's invitations are sealed in the outbox; another link to one that waits for its answer."""
    rows = await site.records.run_sql("SELECT id, application FROM interview WHERE state = 'proposed'")
    return await links.make(site, "interview", rows[0]["application"], clock.now(), target=rows[0]["id"])


async def _an_objection(site: Site) -> str:
    """Another link of the notice to somebody who did not apply."""
    rows = await site.records.run_sql(
        "SELECT a.id, a.candidate FROM sourced s JOIN application a ON a.id = s.application ORDER BY s.entered_at DESC"
    )
    return await links.make(site, sourcing.LINK, rows[0]["candidate"], clock.now(), target=rows[0]["id"])


async def _a_reference(site: Site) -> str:
    """Another link to a question that waits for its answer."""
    rows = await site.records.run_sql("SELECT id, referee FROM reference_check WHERE state = 'asked'")
    return await links.make(site, "referee", rows[0]["referee"], clock.now(), target=rows[0]["id"])


async def _a_pool_invitation(site: Site) -> str:
    """Another link to an invitation that waits for its answer."""
    rows = await site.records.run_sql(
        "SELECT i.candidate, i.vacancy FROM pool_invitation i WHERE NOT EXISTS (SELECT 1 FROM application a "
        "WHERE a.candidate = i.candidate AND a.vacancy = i.vacancy)"
    )
    return await links.make(site, invited.PURPOSE, rows[0]["candidate"], clock.now(), target=rows[0]["vacancy"])


async def _a_guest(site: Site) -> str:
    """Another link of a guest who may read now."""
    rows = await site.records.run_sql("SELECT id FROM guest WHERE withdrawn_at IS NULL")
    return await links.make(site, "guest", rows[0]["id"], clock.now())


async def _a_guests_application(site: Site) -> str:
    token = await _a_guest(site)
    rows = await site.records.run_sql(
        "SELECT s.application FROM guest_application s JOIN guest g ON g.id = s.guest JOIN document d "
        "ON d.unit = s.application WHERE g.withdrawn_at IS NULL"
    )
    return f"/guest/{token}/applications/{rows[0]['application']}"


async def _a_guests_page(site: Site) -> str:
    """A page that was drawn when the application was opened."""
    token, whole = await _a_guest(site), await _a_guests_application(site)
    paper = await _first(
        site, f"SELECT id FROM document WHERE unit = '{whole.rsplit('/', 1)[1]}' ORDER BY kind <> 'cv'"
    )
    return f"/guest/{token}/documents/{paper}/page/1.png"


def _request(kind: str, state: str = "received") -> str:
    return f"SELECT id FROM rights_request WHERE kind = '{kind}' AND state = '{state}' AND extended_on IS NULL"


_BUSIEST = "SELECT vacancy FROM application WHERE outcome IS NULL GROUP BY vacancy ORDER BY count(*) DESC"
_OWN = (
    "SELECT id FROM application WHERE candidate = (SELECT person FROM session WHERE kind = 'candidate' "
    "ORDER BY created_at DESC LIMIT 1) ORDER BY submitted_at DESC"
)
"""An application of the candidate who signed in last."""


async def _a_new_address(site: Site) -> str:
    """A change of address that waits for the press in the old mailbox."""
    rows = await site.records.run_sql("SELECT person FROM session WHERE kind = 'candidate' ORDER BY created_at DESC")
    await readdressing.ask(site, rows[0]["person"], "ny.adresse@post.example", clock.now())
    change = await site.records.run_sql("SELECT id FROM address_change WHERE candidate = ?", rows[0]["person"])
    token = await links.make(site, "email-old", rows[0]["person"], clock.now(), target=change[0]["id"])
    return f"/my/email/old/{token}"


async def _another_mailbox(site: Site) -> str:
    """The link to another profile of the candidate who signed in last."""
    rows = await site.records.run_sql("SELECT person FROM session WHERE kind = 'candidate' ORDER BY created_at DESC")
    other = await site.records.run_sql("SELECT one FROM likeness WHERE verdict = 'same'")
    return await links.make(site, "same_person", other[0]["one"], clock.now(), target=rows[0]["person"])


async def _a_question(site: Site) -> str:
    rows = await site.records.run_sql("SELECT id, vacancy FROM vacancy_question ORDER BY id")
    return f"/vacancies/{rows[0]['vacancy']}/questions/{rows[0]['id']}"


async def _a_case(site: Site) -> str:
    rows = await site.records.run_sql("SELECT id FROM application WHERE outcome IS NULL ORDER BY submitted_at")
    return f"/desk/restrictions/new?application={rows[0]['id']}"


async def _facts(site: Site) -> str:
    """Facts about who was hired, to be written for the one who waits for them."""
    rows = await site.records.run_sql(
        "SELECT s.id, a.id AS hired FROM section31 s JOIN application a ON a.vacancy = s.vacancy "
        "WHERE s.state = 'open' AND a.outcome = 'hired'"
    )
    return f"/section31/{rows[0]['id']}/about/{rows[0]['hired']}"


_GIVEN = "SELECT q.id, q.request, s.application FROM qualification q JOIN section31 s ON s.id = q.request"


async def _given_facts(site: Site) -> str:
    rows = await site.records.run_sql(_GIVEN)
    return f"/section31/{rows[0]['request']}/letters/{rows[0]['id']}"


async def _given_letter(site: Site) -> str:
    rows = await site.records.run_sql(_GIVEN)
    return f"/my/applications/{rows[0]['application']}/section31/{rows[0]['id']}"


async def _a_restriction(site: Site) -> object:
    """One that stands; nobody is restricted in the story, so the oldest of the running is."""
    rows = await site.records.run_sql("SELECT id FROM application WHERE outcome IS NULL ORDER BY submitted_at")
    standing = await site.records.run_sql("SELECT id FROM restriction WHERE lifted_on IS NULL")
    if standing:
        return standing[0]["id"]
    (placed,) = await restrictions.place(site, [rows[0]["id"]], Cause("claims", uuid4(), "Et krav"), clock.now())
    return placed


_WAITING = "SELECT id FROM received_mail WHERE waiting AND mark = '' ORDER BY at"


async def _a_kept_mail(site: Site) -> str:
    """One that holds what could not be taken over as a document."""
    rows = await site.records.run_sql(
        "SELECT r.id, r.unit FROM received_mail r JOIN received_original o ON o.id = r.id WHERE NOT r.waiting"
    )
    return f"/applications/{rows[0]['unit']}/mail/{rows[0]['id']}"


_OPEN_VACANCY = "SELECT id FROM vacancy WHERE state = 'published' ORDER BY published_at"
PLACES: tuple[Place, ...] = (
    Place("/privacy/versions", "notice/versions.html", GUEST),
    Place("/privacy/versions/{number}", "notice/privacy.html", GUEST, "SELECT min(number) FROM notice_version"),
    Place("/privacy/versions/{number}/changes", "notice/changes.html", GUEST, "SELECT min(number) FROM notice_version"),
    Place("/privacy/pdf", "", GUEST),
    Place("/cookies/pdf", "", GUEST),
    Place("/desk/papers", "notice/papers.html"),
    Place("/desk/papers/assessment", ""),
    Place("/desk/breaches/new", "notice/breach_form.html"),
    Place("/desk/breaches/{number}", "notice/breach.html", DPO, "SELECT id FROM breach_note"),
    Place("/desk/breaches/{number}/pdf", "", DPO, "SELECT id FROM breach_note"),
    Place("/desk/breaches/{number}/edit", "notice/breach_form.html", DPO, "SELECT id FROM breach_note"),
    Place("/desk/breaches/{number}/delete", "notice/breach_delete.html", DPO, "SELECT id FROM breach_note"),
    Place("/desk/record", "notice/record.html"),
    Place("/desk/record/pdf", ""),
    Place("/desk/record/{key}", "notice/entry.html", DPO, "SELECT 'contacts'"),
    Place("/desk/record/{key}/edit", "notice/entry_form.html", DPO, "SELECT 'contacts'"),
    Place("/desk/record/{key}/remove", "notice/entry_remove.html", DPO, "SELECT 'contacts'"),
    Place("/embed", "careers/embed.html", GUEST),
    Place("/feed.atom", "", GUEST),
    Place("/positions.xml", "", GUEST),
    Place("/sitemap.xml", "", GUEST),
    Place("/robots.txt", "", GUEST),
    Place("/health/live", "", GUEST),
    Place("/metrics", "", GUEST),
    Place("/enquiry", "careers/enquiry.html", GUEST),
    Place("/enquiry/sent", "careers/enquiry_sent.html", GUEST),
    Place("/enquiries", "careers/enquiries.html"),
    Place(
        "/enquiries/{enquiry}",
        "careers/enquiry_answer.html",
        DPO,
        "SELECT id FROM enquiry WHERE about = 'privacy' ORDER BY state DESC",
    ),
    Place("/advertising", "careers/advertising.html", RECRUITER),
    Place(
        "/vacancies/{vacancy}/advertising",
        "careers/vacancy_advertising.html",
        RECRUITER,
        "SELECT id FROM vacancy WHERE elsewhere <> '' ORDER BY published_at",
    ),
    Place("/vacancies/{vacancy}/enter", "careers/enter.html", RECRUITER, _OPEN_VACANCY),
    Place("/vacancies/{vacancy}/import", "careers/import.html", RECRUITER, _OPEN_VACANCY),
    Place("/sourced", "careers/sourced.html", RECRUITER),
    Place("/sourced/{number}", "careers/told.html", RECRUITER, "SELECT application FROM sourced"),
    Place("/incoming", "incoming/list.html", RECRUITER),
    Place("/incoming/{mail}", "incoming/mail.html", RECRUITER, _WAITING),
    Place("/incoming/{mail}/original", "", RECRUITER, _WAITING),
    Place("/applications/{application}/mail", "incoming/bring.html", RECRUITER, _INTERVIEWED),
    Place("/applications/{application}/mail/{mail}", "", RECRUITER, _a_kept_mail),
    Place("/letters", "hiring/letter_templates.html", RECRUITER),
    Place("/letters/new", "hiring/letter_template.html", RECRUITER),
    Place("/letters/{letter}", "hiring/letter_template.html", RECRUITER, "SELECT id FROM letter_template"),
    Place("/applications/{application}/letter", "hiring/letter.html", RECRUITER, _INTERVIEWED),
    Place("/applications/{application}/offer", "hiring/offer.html", RECRUITER, _OFFERED),
    Place(
        "/applications/{application}/hand-over",
        "hiring/hand_over.html",
        RECRUITER,
        "SELECT id FROM application WHERE outcome = 'hired'",
    ),
    Place("/section31", "hiring/section31_list.html", RECRUITER),
    Place("/section31/{claim}", "hiring/section31.html", RECRUITER, "SELECT id FROM section31 WHERE state = 'open'"),
    Place("/section31/{claim}/about/{hired}", "hiring/section31_facts.html", RECRUITER, _facts),
    Place("/section31/{claim}/letters/{facts}", "", RECRUITER, _given_facts),
    Place("/my/applications/{application}/section31", "mydata/section31.html", PASSED_OVER, _OWN),
    Place("/my/applications/{application}/section31/{letter}", "", PASSED_OVER, _given_letter),
    Place("/offers/{number}/letter.pdf", "", RECRUITER, "SELECT id FROM screening WHERE kind = 'offer_details'"),
    Place("/account/news", "accounts/news.html", RECRUITER),
    Place("/ledger", "retention/ledger.html"),
    Place("/desk/access", "retention/access.html"),
    Place("/desk/recipients", "retention/recipients.html"),
    Place("/desk/recipients/{unit}", "retention/recipients_unit.html", DPO, "SELECT unit FROM recipient"),
    Place("/desk/audit", "retention/audit.html"),
    Place("/my/rights", "rights/rights.html", CONSENTED),
    Place("/my/rights/{right}", "rights/ask.html", CONSENTED, "SELECT 'rectification'"),
    Place("/my/requests/{number}", "rights/request.html", CONSENTED, _request("portability", "granted")),
    Place("/my/requests/{number}/answer.pdf", "", CONSENTED, _request("portability", "granted")),
    Place("/desk/requests/new", "rights/find.html"),
    Place("/desk/requests/new/{candidate}", "rights/record.html", DPO, "SELECT candidate FROM application"),
    Place("/desk/requests/new/stranger", "rights/record.html"),
    Place("/desk/requests/{number}/identity", "rights/identity.html", DPO, _request("access")),
    Place("/desk/requests/{number}/extension", "rights/extension.html", DPO, _request("access")),
    Place("/desk/requests/{number}/release", "rights/release.html", DPO, _request("access")),
    Place("/desk/requests/{number}/rectification", "rights/rectification.html", DPO, _request("rectification")),
    Place("/desk/requests/{number}/answer.pdf", "", DPO, _request("complaint", "granted")),
    Place("/my/consent", "mydata/consent.html", CONSENTED),
    Place("/my/looks", "mydata/looks.html", CONSENTED),
    Place("/my/receipts", "mydata/receipts.html", CONSENTED),
    Place("/my/email", "mydata/email.html", CONSENTED),
    Place("/my/applications/{application}", "mydata/application.html", CONSENTED, _OWN),
    Place("/my/applications/{application}/documents", "mydata/documents.html", RUNNING, _OWN),
    Place(
        "/my/offers/{number}",
        "",
        HIRED,
        "SELECT s.id FROM screening s JOIN application a ON a.id = s.application "
        "WHERE s.kind = 'offer_details' AND a.outcome = 'hired'",
    ),
    Place("/my/interviews/{interview}", "mydata/interview.html", RUNNING, _PROPOSED),
    Place("/my/email/{side}/{token}", "mydata/confirm_email.html", CONSENTED, _a_new_address),
    Place("/desk/holds/{number}/document", "", DPO, "SELECT id FROM legal_hold WHERE application IS NULL"),
    Place("/desk/restrictions", "retention/restrictions.html"),
    Place("/desk/restrictions/new", "retention/restrict.html", DPO, _a_case),
    Place("/desk/restrictions/{number}", "retention/restriction.html", DPO, _a_restriction),
    Place("/vacancies/{vacancy}", "hiring/_board.html", RECRUITER, _BUSIEST, "?view=board"),
    Place("/stages", "hiring/stages.html", RECRUITER),
    Place("/tags", "hiring/tags.html", RECRUITER),
    Place("/vacancies/{vacancy}/questions", "hiring/questions.html", RECRUITER, "SELECT vacancy FROM vacancy_question"),
    Place("/vacancies/{vacancy}/questions/{question}", "hiring/questions.html", RECRUITER, _a_question),
    Place("/search", "hiring/search.html", RECRUITER),
    Place("/pool", "hiring/pool.html", RECRUITER),
    Place("/vacancies/{vacancy}/pool", "hiring/pool.html", RECRUITER, _OPEN_VACANCY),
    Place("/invited/{token}", "careers/invited.html", GUEST, _a_pool_invitation),
    Place("/same-person", "hiring/likenesses.html", RECRUITER),
    Place("/same-person/{pair}", "hiring/likeness.html", RECRUITER, "SELECT id FROM likeness WHERE verdict = ''"),
    Place("/my/addresses", "mydata/addresses.html", CONSENTED),
    Place("/my/addresses/{token}", "mydata/prove_address.html", CONSENTED, _another_mailbox),
    Place("/tripwire", "", RECRUITER),
    Place("/insight", "hiring/insight.html", RECRUITER),
    Place("/vacancies/{vacancy}/insight", "hiring/insight.html", RECRUITER, _BUSIEST),
    Place("/referees/{referee}", "hiring/referee.html", RECRUITER, "SELECT referee FROM reference_check"),
    Place("/reference-forms", "hiring/reference_forms.html", RECRUITER),
    Place("/reference-forms/{form}", "hiring/reference_forms.html", RECRUITER, "SELECT id FROM reference_form"),
    Place("/referee/{token}", "hiring/reference.html", GUEST, _a_reference),
    Place("/vacancies/{vacancy}/guests", "hiring/guests.html", RECRUITER, "SELECT vacancy FROM guest"),
    Place("/applications/{application}/guest", "hiring/guest_form.html", RECRUITER, _INTERVIEWED),
    Place("/guest/{token}", "hiring/guest.html", GUEST, _a_guest),
    Place("/guest/{token}/applications/{application}", "hiring/guest_application.html", GUEST, _a_guests_application),
    Place("/guest/{token}/documents/{document}/page/{name}", "", GUEST, _a_guests_page),
    Place("/kits", "hiring/kits.html", RECRUITER),
    Place("/kits/new", "hiring/kit.html", RECRUITER),
    Place("/kits/{kit}", "hiring/kit.html", RECRUITER, "SELECT id FROM interview_kit"),
    Place("/applications/{application}/interviews/new", "hiring/interview_form.html", RECRUITER, _INTERVIEWED),
    Place("/applications/{application}/scorecards", "hiring/scorecards.html", RECRUITER, _INTERVIEWED),
    Place("/interviews/{interview}", "hiring/interview.html", RECRUITER, _AGREED),
    Place("/interviews/{interview}/change", "hiring/interview_form.html", RECRUITER, _PROPOSED),
    Place("/interview/{token}", "hiring/invitation.html", GUEST, _an_invitation),
    Place("/objection/{token}", "rights/objection.html", GUEST, _an_objection),
)
ROUTES = {place.route for place in PLACES} | {"/my/receipts/{purge}", "/health/ready"}
"""The receipt of an erasure in part is a download too; its test walks to it over HTTP."""


def _with_parts(names: set[str]) -> set[str]:
    """These templates and all that they are made of."""
    env, found, waiting = environment(), set[str](), list(names - {""})
    while waiting:
        name = waiting.pop()
        found.add(name)
        assert env.loader
        source = env.loader.get_source(env, name)[0]
        parts = {part for part in meta.find_referenced_templates(env.parse(source)) if part}
        waiting += sorted(parts - found)
    return found


ON_PAPER = {
    "hiring/panel_paper.html",
    "notice/assessment_paper.html",
    "notice/breach_paper.html",
    "notice/paper.html",
    "notice/record_paper.html",
    "paper/answer.html",
    "paper/copy.html",
    "paper/offer.html",
    "paper/section31.html",
}
"""Papers: they are drawn as PDF, for the downloads above."""
AFTER_AN_ACT = {
    "careers/begun_dead.html",
    "hiring/letter_check.html",
    "hiring/pool_check.html",
    "hiring/offer_check.html",
    "hiring/section31_check.html",
    "mydata/email_confirmed.html",
    "retention/policy_check.html",
}
"""What only an act leads to; the tests of the act read it over HTTP."""
TEMPLATES = _with_parts({place.template for place in PLACES} | ON_PAPER | AFTER_AN_ACT)
