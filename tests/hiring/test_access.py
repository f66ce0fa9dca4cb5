"""Claims about who may open what: every route by every role, foreign ids, the access row before the look."""

import ast
import inspect
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from recruit import app, audit
from recruit.accounts.guards import Me
from recruit.database import Engine
from recruit.errors import NotFound
from recruit.hiring import access
from recruit.retention import sweeping
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, House, house, rows

ALL = ("recruiter", "hiring_manager", "interviewer", "dpo", "admin", "foreign_manager", "foreign_interviewer")

RECRUITER_ONLY = dict.fromkeys(ALL, 403) | {"recruiter": 200}
TEAM = {"recruiter": 200, "hiring_manager": 200, "interviewer": 200, "dpo": 403, "admin": 403} | dict.fromkeys(
    ("foreign_manager", "foreign_interviewer"), 404
)
OPEN = TEAM | {"dpo": 200}
DECIDE = TEAM | {"interviewer": 403, "foreign_interviewer": 403}
STAFF = dict.fromkeys(ALL, 200) | {"dpo": 403, "admin": 403}
DECIDERS = STAFF | {"interviewer": 403, "foreign_interviewer": 403}
HOLD = dict.fromkeys(ALL, 403) | {"recruiter": 200, "dpo": 200}

MATRIX: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/vacancies"): dict.fromkeys(ALL, 200) | {"dpo": 403, "admin": 403},
    ("GET", "/vacancies/new"): RECRUITER_ONLY,
    ("GET", "/vacancies/{vacancy}"): TEAM,
    ("GET", "/vacancies/{vacancy}/edit"): RECRUITER_ONLY,
    ("GET", "/vacancies/{vacancy}/team"): RECRUITER_ONLY,
    ("GET", "/vacancies/{vacancy}/close"): RECRUITER_ONLY,
    ("GET", "/vacancies/{vacancy}/reopen"): RECRUITER_ONLY,
    ("GET", "/applications/{application}"): OPEN,
    ("GET", "/applications/{application}/outcome"): DECIDE,
    ("GET", "/notes/{note}"): TEAM,
    ("GET", "/tripwire"): dict.fromkeys(ALL, 200),
    ("GET", "/insight"): RECRUITER_ONLY,
    ("GET", "/vacancies/{vacancy}/insight"): DECIDE,
    ("GET", "/documents/{document}/page/1.png"): OPEN,
    ("GET", "/documents/{document}/original"): OPEN,
    ("POST", "/vacancies/new"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/edit"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/publish"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/team"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/team/{member}"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/team/{member}/remove"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/copy"): RECRUITER_ONLY,
    ("GET", "/vacancies/{vacancy}/questions"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/questions"): RECRUITER_ONLY,
    ("GET", "/vacancies/{vacancy}/questions/{question}"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/questions/{question}"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/questions/{question}/up"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/questions/{question}/remove"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/many"): TEAM,
    ("POST", "/vacancies/{vacancy}/decide"): DECIDE,
    ("POST", "/vacancies/{vacancy}/waiting/stop"): DECIDE,
    ("POST", "/applications/{application}/waiting/stop"): DECIDE,
    ("POST", "/vacancies/{vacancy}/print"): TEAM,
    ("POST", "/applications/{application}/print"): TEAM,
    ("GET", "/vacancies/{vacancy}/guests"): DECIDE,
    ("POST", "/vacancies/{vacancy}/guests"): DECIDE,
    ("GET", "/applications/{application}/guest"): DECIDE,
    ("POST", "/guests/{guest}/withdraw"): DECIDE,
    ("GET", "/guest/{token}"): dict.fromkeys(ALL, 200),
    ("GET", "/guest/{token}/applications/{application}"): dict.fromkeys(ALL, 200),
    ("GET", "/guest/{token}/documents/{document}/page/1.png"): dict.fromkeys(ALL, 200),
    ("GET", "/stages"): RECRUITER_ONLY,
    ("POST", "/stages"): RECRUITER_ONLY,
    ("POST", "/stages/{template}/remove"): RECRUITER_ONLY,
    ("GET", "/tags"): RECRUITER_ONLY,
    ("POST", "/tags"): RECRUITER_ONLY,
    ("POST", "/tags/{tag}/remove"): RECRUITER_ONLY,
    ("GET", "/applications/{application}/letter"): DECIDE,
    ("POST", "/vacancies/{vacancy}/letter"): DECIDE,
    ("POST", "/applications/{application}/letters/{mail}/take-back"): DECIDE,
    ("GET", "/letters"): DECIDERS,
    ("GET", "/letters/new"): RECRUITER_ONLY,
    ("POST", "/letters/new"): RECRUITER_ONLY,
    ("GET", "/letters/{letter}"): RECRUITER_ONLY,
    ("POST", "/letters/{letter}"): RECRUITER_ONLY,
    ("POST", "/letters/{letter}/remove"): RECRUITER_ONLY,
    ("POST", "/applications/{application}/tell"): DECIDE,
    ("POST", "/applications/{application}/tags"): DECIDE,
    ("POST", "/applications/{application}/interviewers"): DECIDE,
    ("POST", "/applications/{application}/unread"): TEAM,
    ("POST", "/vacancies/{vacancy}/close"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/reopen"): RECRUITER_ONLY,
    ("POST", "/applications/{application}/move"): DECIDE,
    ("POST", "/applications/{application}/finalist"): DECIDE,
    ("POST", "/applications/{application}/outcome"): DECIDE,
    ("POST", "/applications/{application}/undo"): RECRUITER_ONLY,
    ("POST", "/applications/{application}/notes"): TEAM,
    ("POST", "/notes/{note}"): TEAM,
    ("POST", "/notes/{note}/delete"): TEAM,
    ("POST", "/applications/{application}/referees"): DECIDE,
    ("POST", "/referees/{referee}/remove"): DECIDE,
    ("GET", "/referees/{referee}"): DECIDE | {"dpo": 200},
    ("POST", "/referees/{referee}/ask"): DECIDE,
    ("POST", "/referees/{referee}/cancel"): DECIDE,
    ("POST", "/referees/{referee}/phone"): DECIDE,
    ("GET", "/reference-forms"): RECRUITER_ONLY,
    ("POST", "/reference-forms"): RECRUITER_ONLY,
    ("GET", "/reference-forms/{form}"): RECRUITER_ONLY,
    ("POST", "/reference-forms/{form}"): RECRUITER_ONLY,
    ("POST", "/reference-forms/{form}/remove"): RECRUITER_ONLY,
    ("GET", "/referee/{token}"): dict.fromkeys(ALL, 200),
    ("POST", "/referee/{token}"): dict.fromkeys(ALL, 200),
    ("POST", "/applications/{application}/screening"): DECIDE,
    ("GET", "/applications/{application}/offer"): DECIDE,
    ("POST", "/applications/{application}/offer"): DECIDE,
    ("GET", "/offers/{number}/letter.pdf"): DECIDE,
    ("GET", "/applications/{application}/hand-over"): RECRUITER_ONLY,
    ("POST", "/applications/{application}/hand-over"): RECRUITER_ONLY,
    ("POST", "/applications/{application}/section31"): RECRUITER_ONLY,
    ("GET", "/section31"): RECRUITER_ONLY,
    ("GET", "/section31/{claim}"): RECRUITER_ONLY,
    ("POST", "/section31/{claim}/answered"): RECRUITER_ONLY,
    ("GET", "/section31/{claim}/about/{hired}"): RECRUITER_ONLY,
    ("POST", "/section31/{claim}/about/{hired}"): RECRUITER_ONLY,
    ("GET", "/section31/{claim}/letters/{facts}"): RECRUITER_ONLY,
    ("GET", "/applications/{application}/interviews/new"): DECIDE,
    ("POST", "/applications/{application}/interviews/new"): DECIDE,
    ("GET", "/applications/{application}/scorecards"): TEAM,
    ("POST", "/applications/{application}/scorecards"): TEAM,
    ("GET", "/interviews/{interview}"): TEAM,
    ("GET", "/interviews/{interview}/change"): DECIDE,
    ("POST", "/interviews/{interview}/change"): DECIDE,
    ("POST", "/interviews/{interview}/cancel"): DECIDE,
    ("GET", "/pool"): RECRUITER_ONLY,
    ("POST", "/pool"): RECRUITER_ONLY,
    ("GET", "/vacancies/{vacancy}/pool"): RECRUITER_ONLY,
    ("POST", "/vacancies/{vacancy}/pool"): RECRUITER_ONLY,
    ("GET", "/same-person"): RECRUITER_ONLY,
    ("GET", "/same-person/{pair}"): RECRUITER_ONLY,
    ("POST", "/same-person/{pair}"): RECRUITER_ONLY,
    ("GET", "/search"): STAFF,
    ("POST", "/search"): STAFF,
    ("GET", "/kits"): STAFF,
    ("GET", "/kits/new"): DECIDERS,
    ("POST", "/kits/new"): DECIDERS,
    ("GET", "/kits/{kit}"): DECIDERS,
    ("POST", "/kits/{kit}"): DECIDERS,
    ("POST", "/kits/{kit}/remove"): DECIDERS,
    ("GET", "/interview/{token}"): dict.fromkeys(ALL, 200),
    ("POST", "/interview/{token}"): dict.fromkeys(ALL, 200),
    ("POST", "/applications/{application}/holds"): HOLD,
    ("POST", "/holds/{hold}/decline"): HOLD,
    ("POST", "/holds/{hold}/review"): HOLD,
    ("POST", "/holds/{hold}/release"): HOLD,
}
"""Every route with what each role gets: 200 stands for "let in" (a form may still be refused in words)."""


async def _fill(site: Site, now: datetime, at: House, role: str) -> dict[str, Any]:
    """Something of every kind that hangs on the application; the note is the asking person's own."""
    from recruit.retention import holds
    from recruit.tables import InterviewNote, Person, Referee, Written
    from recruit.vault.keyring import Birth
    from recruit.vault.sealing import seal

    key = await site.keyring.key(at.application)
    note, referee = uuid4(), uuid4()
    (referee_key,) = await site.keyring.birth(Birth(referee, "referee", now, parent=at.application))
    await InterviewNote.insert(
        InterviewNote(
            id=note,
            application=at.application,
            author=at.people[role],
            written_at=now,
            sealed=seal(key, "interview_note", note, Written(text="Et notat")),
        )
    ).run()
    person = seal(referee_key, "referee", referee, Person(name="Rolf", email="rolf@example.org"))
    await Referee.insert(Referee(id=referee, application=at.application, added_at=now, sealed=person)).run()
    day = now.date().replace(year=now.year + 1)
    hold = await holds.place(site, at.application, at.people["recruiter"], "Krav", "Lov", day, now)
    document = (await rows(site, "document", unit=at.application))[0]["id"]
    return {
        "vacancy": at.vacancy,
        "application": at.application,
        "note": note,
        "referee": referee,
        "hold": hold,
        "document": document,
        "member": at.people["interviewer"],
        "pair": await _alike(site, now, at),
        "number": await _offer(site, now, at),
        **await _asked(site, now, at),
        **await _fixtures_of_the_vacancy(site, now, at),
    }


async def _alike(site: Site, now: datetime, at: House) -> UUID:
    """Somebody with the same telephone."""
    from recruit.hiring import likeness

    await factories.application(site, now, at.vacancy, "twin@example.org")
    await likeness.recognise(site, now)
    number: UUID = (await rows(site, "likeness"))[0]["id"]
    return number


async def _asked(site: Site, now: datetime, at: House) -> dict[str, UUID]:
    """Somebody was hired, and another one asks for facts and has got some."""
    from recruit.hiring import section31
    from recruit.hiring.section31 import Asked
    from recruit.tables import Qualification, Qualified
    from recruit.vault.sealing import seal

    by, facts = at.people["recruiter"], uuid4()
    asker, hired = [
        await factories.application(
            site, now, at.vacancy, f"{uuid4()}@example.org", phone="", closed=now, outcome=outcome, decided_by=by
        )
        for outcome in ("rejected", "hired")
    ]
    claim = await section31.ask(site, asker, Asked(), now)
    sealed = seal(await site.keyring.key(hired), "qualification", facts, Qualified(letter=b"%PDF"))
    await Qualification.insert(
        Qualification(id=facts, application=hired, request=claim, written_by=by, written_at=now, sealed=sealed)
    ).run()
    return {"claim": claim, "hired": hired, "facts": facts}


async def _offer(site: Site, now: datetime, at: House) -> UUID:
    from recruit.hiring import notes
    from recruit.tables import Screened

    who = Me("staff", at.people["recruiter"], "", "", "nb", frozenset({"recruiter"}))
    opened = await access.opened(site, who, at.application, "review", now)
    return await notes.record_screening(site, opened, "offer_details", Screened(text="", letter=b"%PDF"), now)


async def _fixtures_of_the_vacancy(site: Site, now: datetime, at: House) -> dict[str, UUID]:
    from recruit.hiring import stages, tags, ways
    from recruit.tables import VacancyQuestion

    question, word = uuid4(), "".join(chr(ord("a") + int(c, 16)) for c in uuid4().hex[:12])
    await VacancyQuestion.insert(
        VacancyQuestion(id=question, vacancy=at.vacancy, kind="short", text_nb="Hvorfor?", text_en="")
    ).run()
    tag = await tags.create(site, word, at.people["admin"], now)
    template = await ways.create(site, "Kort", stages.READY["short"][1], at.people["admin"], now)
    return {"question": question, "tag": tag, "template": template, **await _letters(site, now, at)}


async def _letters(site: Site, now: datetime, at: House) -> dict[str, Any]:
    """A template, and a mail that waits for its time."""
    from recruit.hiring import correspondence, letter_templates, pipeline
    from recruit.hiring.wording import Words

    said = {"subject_nb": "Hei", "mail_nb": "Hei {navn}", "subject_en": "Hello", "mail_en": "Hello {name}"}
    recruiter = at.people["recruiter"]
    number = await letter_templates.save(site, None, {"name": "Kort", **said}, recruiter, now)
    who = Me(kind="staff", id=recruiter, name="", session="", language="nb", roles=frozenset({"recruiter"}))
    of, words = await pipeline.of(site, who, at.vacancy), {"nb": Words("Hei", "Hei"), "en": Words("Hi", "Hi")}
    looked = correspondence.mark(await correspondence.addressees(of, [at.application], now))
    leaves = now + timedelta(hours=1)
    await correspondence.send(of, [at.application], words, looked, now, leaves)  # type: ignore[arg-type]
    mail = (await rows(site, "mail", template="letter"))[0]["id"]
    return {"letter": number, "mail": mail, **await _interviews(site, now, at)}


async def _interviews(site: Site, now: datetime, at: House) -> dict[str, Any]:
    """A kit, times that wait for an answer, and an invitation's link that leads to no interview."""
    from recruit.hiring import interviews, kits, reference_forms
    from recruit.hiring.interviews import Plan

    recruiter = at.people["recruiter"]
    kit = await kits.save(site, None, "Kort", "Fag: Hva kan du?", recruiter, now)
    who = Me(kind="staff", id=recruiter, name="", session="", language="nb", roles=frozenset({"recruiter"}))
    opened = await access.opened(site, who, at.application, "review", now)
    plan = Plan((now + timedelta(days=1),), 30, "Her", "", (at.people["interviewer"],), kit)
    typed = {"name": "Kort", "questions_nb": "Hva gjorde søkeren?"}
    form = await reference_forms.save(site, None, typed, recruiter, now)
    return {
        "kit": kit,
        "form": form,
        "interview": await interviews.arrange(site, opened, plan, now),
        "guest": await _guest(site, now, at, who),
        "token": "unknown",
    }


async def _guest(site: Site, now: datetime, at: House, who: Me) -> UUID:
    from recruit.hiring import guests, pipeline

    typed = {"name": "Gro", "email": "gro@example.org", "capacity": "Tillitsvalgt", "reason": "Avtalen", "days": "7"}
    return await guests.invite(
        await pipeline.of(site, who, at.vacancy), [at.application], guests.invitation(typed), now
    )


ROUTES: list[Any] = [handler for room in app.rooms("hiring") for handler in room.ROUTES]


def test_the_matrix_names_every_route_of_hiring() -> None:
    served = {
        (method, path.replace(":uuid", "").replace("{name:str}", "1.png").replace(":str", ""))
        for handler in ROUTES
        for path in handler.paths
        for method in handler.http_methods
        if method != "HEAD"
    }
    assert served == set(MATRIX)


PICTURE = (Path(__file__).parent.parent / "documents" / "samples" / "chromium.png").read_bytes()


@pytest.mark.parametrize("role", ALL)
async def test_each_role_gets_exactly_its_pages(role: str, site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, stage="finalist", documents=(("cv.png", "image/png", PICTURE),))
    ids = await _fill(site, time.now, at, role)
    await factories.sign_in(client, site, at.people["recruiter"])
    assert (await client.get(f"/applications/{at.application}")).status_code == 200
    await factories.sign_in(client, site, at.people[role])
    client.follow_redirects = False
    got = {}
    for (method, path), by_role in MATRIX.items():
        answer = await client.request(method, path.format(**ids))
        let_in = answer.status_code if answer.status_code in (401, 403, 404) else 200
        assert answer.status_code < 500, (method, path)
        got[method, path] = let_in
        if (
            by_role[role] == 200
            and path.endswith(("/delete", "/remove", "/close", "/outcome", "/withdraw"))
            and method == "POST"
        ):
            await _restore(site, time.now, at, ids, role)
    assert got == {route: by_role[role] for route, by_role in MATRIX.items()}


async def _restore(site: Site, now: datetime, at: House, ids: dict[str, Any], role: str) -> None:
    """After an act that went through: take it back, so that the next route finds what it needs."""
    from recruit.retention import service

    if (await rows(site, "application", id=at.application))[0]["outcome"]:
        await service.undo_close(site, at.application, at.people["recruiter"], now)
    ids |= await _fill(site, now, at, role)
    team = await rows(site, "team_member", vacancy=at.vacancy, staff=at.people["interviewer"])
    if not team:
        from recruit.tables import TeamMember

        await TeamMember.insert(TeamMember(id=uuid4(), vacancy=at.vacancy, staff=at.people["interviewer"])).run()


@pytest.mark.parametrize("odd", ["no-such-thing", "00000000-0000-0000-0000-000000000000", "%27%20OR%201=1", "..%2f.."])
async def test_hostile_ids_are_nothing_here(odd: str, site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    await factories.sign_in(client, site, at.people["recruiter"])
    for method, path in MATRIX:
        if "{" in path and "{token}" not in path:  # a dead link is 410: it says that a fresh one can be had
            ids = dict.fromkeys(re.findall(r"{(\w+)}", path), odd)
            assert (await client.request(method, path.format(**ids))).status_code == 404, (method, path)


@pytest.mark.parametrize("page", ["0.png", "2.png", "-1.png", "x.png", "1.exe", "99999999999.png", "١.png"])
async def test_pages_that_were_not_drawn_are_nothing_here(page: str, site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, documents=(("cv.png", "image/png", PICTURE),))
    await factories.sign_in(client, site, at.people["recruiter"])
    await client.get(f"/applications/{at.application}")
    document = (await rows(site, "document"))[0]["id"]
    assert (await client.get(f"/documents/{document}/page/{page}")).status_code == 404


async def test_nobody_without_a_session_gets_in(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    client.follow_redirects = False
    answer = await client.get(f"/applications/{at.application}")
    assert answer.status_code in (302, 303, 307)
    assert "/sign-in" in answer.headers["location"]


async def test_a_look_is_written_before_anything_is_shown(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The access row stands first: where it can't be written, nothing is shown."""
    at = await house(site, time.now, name="Kanari Fugl")
    await factories.sign_in(client, site, at.people["recruiter"])

    async def broken(*_: Any) -> None:
        raise OSError("disk full")

    for path in (
        f"/applications/{at.application}",
        f"/vacancies/{at.vacancy}",
        f"/applications/{at.application}/outcome",
    ):
        assert "Kanari" in (await client.get(path)).text
        with monkeypatch.context() as patched:
            patched.setattr(audit, "look", broken)
            refused = await client.get(path)
        assert refused.status_code == 500
        assert "Kanari" not in refused.text


async def test_every_look_says_who_when_in_which_role_and_why(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    for role, path, purpose in (
        ("recruiter", f"/vacancies/{at.vacancy}", "list"),
        ("hiring_manager", f"/applications/{at.application}", "review"),
        ("hiring_manager", f"/applications/{at.application}/outcome", "decide"),
        ("dpo", f"/applications/{at.application}", "case"),
    ):
        await factories.sign_in(client, site, at.people[role])
        before = len(await rows(site, "look"))
        await client.get(path)
        looks = await rows(site, "look")
        assert len(looks) == before + 1
        newest = looks[-1]
        assert (newest["staff"], newest["unit"], newest["role"], newest["purpose"], newest["at"]) == (
            at.people[role], at.application, role, purpose, time.now,
        )  # fmt: skip


async def test_leafing_through_a_document_is_one_look(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, documents=(("cv.png", "image/png", PICTURE),))
    await factories.sign_in(client, site, at.people["recruiter"])
    await client.get(f"/applications/{at.application}")
    document = (await rows(site, "document"))[0]["id"]
    for _ in range(3):
        assert (await client.get(f"/documents/{document}/page/1.png")).status_code == 200
    assert len(await rows(site, "look", purpose="document")) == 1
    time.forward(minutes=16)
    await client.get(f"/documents/{document}/page/1.png")
    assert len(await rows(site, "look", purpose="document")) == 2


async def test_in_the_answer_window_only_recruiter_and_dpo_can_open(site: Site, client: Client, time: Time) -> None:
    """L4: the team reads why in a sentence, strangers read nothing."""
    at = await house(site, time.now, name="Kanari Fugl", closed=time.now)
    expected = {"recruiter": 200, "dpo": 200, "hiring_manager": 403, "interviewer": 403, "foreign_manager": 404}
    for role, status in expected.items():
        await factories.sign_in(client, site, at.people[role])
        answer = await client.get(f"/applications/{at.application}")
        assert answer.status_code == status, role
        assert ("Kanari" in answer.text) == (status == 200)
    await factories.sign_in(client, site, at.people["hiring_manager"])
    assert "(L4)" in (await client.get(f"/applications/{at.application}")).text
    listed = await client.get(f"/vacancies/{at.vacancy}")
    assert "Kanari" not in listed.text
    assert "1 more has ended without consent" in listed.text


async def test_with_consent_the_team_can_still_open_after_the_close(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, consented=True, closed=time.now)
    await factories.sign_in(client, site, at.people["hiring_manager"])
    assert (await client.get(f"/applications/{at.application}")).status_code == 200


async def test_an_erased_application_is_too_late_and_not_listed(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now, name="Kanari Fugl")
    other = await factories.application(site, time.now, at.vacancy, email="b@example.org", name="Den Andre")
    await factories.sign_in(client, site, at.people["recruiter"])
    await site.keyring.engine.run_sql("UPDATE data_key SET wrapped = NULL WHERE id = ?", str(at.application))
    assert (await client.get(f"/applications/{at.application}")).status_code == 410
    listed = await client.get(f"/vacancies/{at.vacancy}")
    assert "Kanari" not in listed.text
    assert "Den Andre" in listed.text
    assert (await client.get(f"/applications/{other}")).status_code == 200


async def test_an_application_that_is_erased_while_its_page_is_made_is_too_late_and_no_fault(
    site: Site, client: Client, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before every other statement of the page in turn."""
    at, real = await house(site, time.now), Engine.run_sql
    await factories.sign_in(client, site, at.people["recruiter"])
    left, asked = 0, 0

    async def run_sql(engine: Engine, sql: str, *args: Any) -> Any:
        nonlocal left, asked
        left, asked = left - 1, asked + 1
        if left == 0:
            units = [unit, await factories.candidate_of(site, unit)]
            for one in units:
                await real(site.keyring.engine, "UPDATE data_key SET wrapped = NULL WHERE id = ?", str(one))
            await sweeping.sweep(site, units, anonymise=False)
        return await real(engine, sql, *args)

    unit = at.application
    monkeypatch.setattr(Engine, "run_sql", run_sql)
    assert (await client.get(f"/applications/{unit}")).status_code == 200
    whole, seen = asked, set[int]()
    for before in range(1, whole, 2):
        unit = await factories.application(site, time.now, at.vacancy, email=f"{before}@example.org")
        left = before
        seen.add((await client.get(f"/applications/{unit}")).status_code)
        assert seen <= {200, 404, 410}, f"before statement {before} of {whole}"
    assert seen == {200, 404, 410}


async def test_one_person_with_two_roles_acts_in_the_one_that_may(site: Site, time: Time) -> None:
    at = await house(site, time.now, closed=time.now)
    both = Me("staff", at.people["interviewer"], "To Hatter", "s", "nb", frozenset({"interviewer", "dpo"}))
    assert (await access.opened(site, both, at.application, "review", time.now)).role == "dpo"
    alone = Me("staff", at.people["foreign_interviewer"], "Ukjent", "s", "nb", frozenset({"interviewer"}))
    with pytest.raises(NotFound):
        await access.opened(site, alone, at.application, "review", time.now)


def test_no_page_of_hiring_opens_an_application_but_through_access() -> None:
    """Only access.py turns an id into a key; pages, notes, papers and story get what it opened."""
    folder = Path(inspect.getfile(access)).parent
    allowed = {
        "access.py": {"key", "keys"},
        "contacts.py": {"key", "keys"},
        "closing.py": {"keys"},
        "correspondence.py": {"keys"},
        "guests.py": {"keys"},
        "interviews.py": {"key", "keys"},
        "reading.py": {"keys"},
        "team.py": {"keys"},
        "papers.py": {"keys"},
        "pool.py": {"keys"},
        "waiting.py": {"keys"},
        "qualifications.py": {"keys"},
        "referees.py": {"key", "keys"},
        "section31.py": {"key"},
    }
    found: dict[str, set[str]] = {}
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ("key", "keys")
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "keyring"
            ):
                found.setdefault(path.name, set()).add(node.attr)
    assert found == allowed
    for handler in ROUTES:
        text = inspect.getsource(handler.fn)
        if "application" in text or "document" in text:
            through = (
                "access.",
                "act(",
                "_arrange(",
                "_asker(",
                "_team_page(",
                "shown_vacancy(",
                "vacancies.listed",
                "pipeline.of(",
                "_deciding(",
                "_entered(",
            )
            assert any(word in text for word in through), handler
    for room in app.rooms("hiring"):
        assert "unseal" not in inspect.getsource(room)
