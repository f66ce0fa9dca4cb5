"""Claims about one application: moves, finalists, screening (L9), outcomes (L13), undo (L4), notes, referees, holds."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from recruit import employer
from recruit.accounts.guards import DPO, RECRUITER, Me
from recruit.clock import day
from recruit.database import REFUSED
from recruit.hiring import access, notes, rules
from recruit.retention import holds, service
from recruit.retention.rules import Policy
from recruit.site import Site
from tests import factories
from tests.conftest import Time
from tests.hiring.helping import Client, House, house, letters, row, rows

REFEREE = {"name": "Rolf Referanse", "email": "rolf@example.org", "phone": "99 88 77 66", "relation": "Tidligere leder"}


async def _at(site: Site, client: Client, time: Time, role: str = "recruiter", **application: Any) -> House:
    at = await house(site, time.now, **application)
    await factories.sign_in(client, site, at.people[role])
    return at


# --- moves ------------------------------------------------------------------------------------------------------------


async def test_a_move_names_who_moved_and_counts_as_activity(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, "hiring_manager")
    later = time.forward(hours=2)
    answer = await client.post(f"/applications/{at.application}/move", data={"stage": "interview"})
    assert answer.status_code == 200
    moved = await row(site, at.application)
    assert (moved["stage"], moved["furthest_stage"], moved["last_activity_at"]) == ("interview", "interview", later)
    (move,) = await rows(site, "move", application=at.application)
    assert (move["was"], move["became"], move["moved_by"]) == ("received", "interview", at.people["hiring_manager"])


async def test_going_back_keeps_the_furthest_stage(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, stage="finalist")
    await client.post(f"/applications/{at.application}/move", data={"stage": "interview"})
    moved = await row(site, at.application)
    assert (moved["stage"], moved["furthest_stage"], moved["finalist"]) == ("interview", "finalist", False)


async def test_an_unlawful_move_is_refused_in_words_with_the_lawful_ones(
    site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time)
    answer = await client.post(f"/applications/{at.application}/move", data={"stage": "offer"})
    assert answer.status_code == 409
    assert "cannot be moved from that step" in answer.text
    assert "it can move to: Screening, Interview" in answer.text
    assert (await row(site, at.application))["stage"] == "received"
    assert await rows(site, "move") == []


@pytest.mark.parametrize("stage", ["", "hired", "rejected", "x" * 5000, "'; DROP TABLE move; --"])
async def test_a_word_that_is_no_stage_is_refused(stage: str, site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time)
    answer = await client.post(f"/applications/{at.application}/move", data={"stage": stage})
    assert answer.status_code == 422
    assert (await row(site, at.application))["stage"] == "received"


# --- screening: L9 ----------------------------------------------------------------------------------------------------


async def test_l9_before_its_stage_the_page_says_why_and_offers_the_lawful_step(
    site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time, stage="interview")
    page = (await client.get(f"/applications/{at.application}")).text
    assert "recorded only for candidates who are successful so far" in page
    assert f'action="/applications/{at.application}/finalist"' in page
    assert f'action="/applications/{at.application}/screening"' not in page


async def test_l9_a_screening_before_its_stage_is_refused_and_nothing_typed_is_lost(
    site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time, stage="interview")
    typed = {"kind": "expectations", "wishes": "Vil jobbe i team", "source": ""}
    answer = await client.post(f"/applications/{at.application}/screening", data=typed)
    assert answer.status_code == 409
    assert "Mark as finalist first" in answer.text
    assert "Vil jobbe i team" in answer.text
    assert await rows(site, "screening") == []


async def test_l9_the_database_refuses_what_a_page_would_let_through(site: Site, time: Time) -> None:
    at = await house(site, time.now, stage="interview")
    insert = "INSERT INTO screening (id, application, kind, recorded_by, recorded_at, sealed) VALUES (?, ?, ?, ?, ?, ?)"
    values = (uuid4(), at.application, "expectations", at.people["recruiter"], time.now, b"x")
    with pytest.raises(REFUSED, match="screening_too_early"):
        await site.records.run_sql(insert, *values)
    await site.records.run_sql("UPDATE application SET finalist = ? WHERE id = ?", True, at.application)
    await site.records.run_sql(insert, *values)
    assert len(await rows(site, "screening")) == 1


@pytest.mark.parametrize("stage", ["received", "screening", "interview"])
async def test_marking_a_finalist_opens_screening(stage: str, site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, stage=stage)
    assert (await client.post(f"/applications/{at.application}/finalist")).status_code == 200
    typed = {"kind": "expectations", "wishes": "Vil jobbe i team"}
    answer = await client.post(f"/applications/{at.application}/screening", data=typed)
    assert answer.status_code == 200
    assert "Vil jobbe i team" in answer.text
    assert (await row(site, at.application))["stage"] == ("received" if stage == "received" else "finalist")


async def test_earlier_salary_is_off_unless_the_policy_says_otherwise(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, stage="finalist")
    typed = {"kind": "earlier_salary", "text": "Mye"}
    page = (await client.get(f"/applications/{at.application}")).text
    assert 'value="earlier_salary"' not in page
    refused = await client.post(f"/applications/{at.application}/screening", data=typed)
    assert refused.status_code == 409
    assert "Earlier salary is not collected here" in refused.text
    await employer.set_policy(site, Policy(earlier_salary=True), None, time.now)
    assert (await client.post(f"/applications/{at.application}/screening", data=typed)).status_code == 200


async def test_l10_a_verification_names_its_source_and_the_candidate_is_told(
    site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time, stage="finalist")
    typed = {"kind": "verification", "text": "Vitnemålet er ekte"}
    refused = await client.post(f"/applications/{at.application}/screening", data=typed)
    assert refused.status_code == 422
    assert "Say where this comes from" in refused.text
    await client.post(f"/applications/{at.application}/screening", data={**typed, "source": "Universitetet i Oslo"})
    (letter,) = await letters(site, "verification")
    assert letter.to == "ola@example.org"
    assert "Universitetet i Oslo" in letter.text
    assert "Vitnemålet er ekte" not in letter.text


async def test_an_interviewer_sees_no_screening(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, stage="finalist")
    await client.post(f"/applications/{at.application}/screening", data={"kind": "expectations", "wishes": "Hemmelig"})
    await factories.sign_in(client, site, at.people["interviewer"])
    assert "Hemmelig" not in (await client.get(f"/applications/{at.application}")).text


# --- outcomes: L13, L4 ------------------------------------------------------------------------------------------------


async def test_l13_the_page_says_who_decides_and_what_happens(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time)
    page = (await client.get(f"/applications/{at.application}/outcome")).text
    assert "You, Navn recruiter, are recorded as the one who decided" in page
    assert "Erased after 16 Mar 2026" in page
    assert not re.search(r'type="radio"[^>]* checked', page), "the program proposes no outcome"


@pytest.mark.parametrize("outcome", ["rejected", "withdrawn", "position_filled", "hired"])
async def test_an_outcome_names_who_decided_and_tells_the_candidate(
    outcome: str, site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time, stage="offer")
    answer = await client.post(f"/applications/{at.application}/outcome", data={"outcome": outcome})
    assert answer.status_code == 200
    closed = await row(site, at.application)
    assert (closed["outcome"], closed["decided_by"]) == (outcome, at.people["recruiter"])
    assert closed["closed_on"] == day(time.now)
    (letter,) = await letters(site, "withdrawn" if outcome == "withdrawn" else "closed")
    assert letter.to == "ola@example.org"
    assert "/consent/" in letter.text
    guard = await site.keyring.guard(at.application)
    assert guard is not None
    assert guard.retain_until == day(time.now) + timedelta(days=14)


async def test_l13_the_database_refuses_an_outcome_that_nobody_decided(site: Site, time: Time) -> None:
    at = await house(site, time.now)
    with pytest.raises(REFUSED, match="outcome_without_decider"):
        await site.records.run_sql("UPDATE application SET outcome = 'rejected' WHERE id = ?", at.application)
    assert (await row(site, at.application))["outcome"] is None


@pytest.mark.parametrize(("outcome", "status"), [("", 422), ("offer", 422), ("x" * 999, 422), ("hired", 409)])
async def test_an_outcome_that_is_none_or_not_lawful_is_refused(
    outcome: str, status: int, site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time)
    answer = await client.post(f"/applications/{at.application}/outcome", data={"outcome": outcome})
    assert answer.status_code == status
    assert (await row(site, at.application))["outcome"] is None
    assert await letters(site, "closed") == []


async def test_a_second_outcome_changes_nothing(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time)
    await client.post(f"/applications/{at.application}/outcome", data={"outcome": "rejected"})
    answer = await client.post(f"/applications/{at.application}/outcome", data={"outcome": "position_filled"})
    assert answer.status_code == 409
    assert (await row(site, at.application))["outcome"] == "rejected"
    assert len(await letters(site, "closed")) == 1


async def test_a_manager_who_decided_is_led_to_the_list_since_the_window_is_closed_to_them(
    site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time, "hiring_manager")
    answer = await client.post(f"/applications/{at.application}/outcome", data={"outcome": "rejected"})
    assert answer.status_code == 200
    assert answer.url.path == f"/vacancies/{at.vacancy}"


@pytest.mark.parametrize(("days", "works"), [(0, True), (14, True), (15, False)])
async def test_a_close_can_be_undone_inside_the_answer_window_only(
    days: int, works: bool, site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time)
    await client.post(f"/applications/{at.application}/outcome", data={"outcome": "rejected"})
    time.forward(days=days)
    await factories.sign_in(client, site, at.people["recruiter"])
    page = (await client.get(f"/applications/{at.application}")).text
    assert (f'action="/applications/{at.application}/undo"' in page) is works
    answer = await client.post(f"/applications/{at.application}/undo")
    assert answer.status_code == (200 if works else 409)
    assert ((await row(site, at.application))["outcome"] is None) is works
    if not works:
        assert "answer window is over" in answer.text


async def test_after_the_outcome_nothing_more_is_collected(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, stage="finalist")
    await client.post(f"/applications/{at.application}/outcome", data={"outcome": "rejected"})
    base = f"/applications/{at.application}"
    for path, form in (
        ("/notes", {"note": "Nok et notat"}),
        ("/referees", REFEREE),
        ("/screening", {"kind": "expectations", "wishes": "Mer"}),
        ("/move", {"stage": "interview"}),
        ("/finalist", {}),
    ):
        answer = await client.post(base + path, data=form)
        assert answer.status_code == 409, path
        assert "nothing more is collected" in answer.text
    for table in ("interview_note", "referee", "screening"):
        assert await rows(site, table) == []


async def test_a_close_in_the_meantime_undoes_what_was_being_added(site: Site, time: Time) -> None:
    at = await house(site, time.now)
    me = Me("staff", at.people["recruiter"], "Navn", "s", "nb", frozenset({"recruiter"}))
    opened = await access.opened(site, me, at.application, "decide", time.now, "note")
    await service.close_applications(site, [at.application], "rejected", me.id, time.now)
    with pytest.raises(rules.ProcessEnded):
        await notes.write(site, opened, "For sent", time.now)
    assert await rows(site, "interview_note") == []


# --- notes ------------------------------------------------------------------------------------------------------------


async def test_an_interviewer_reads_only_their_own_notes(site: Site, client: Client, time: Time) -> None:
    at = await house(site, time.now)
    for role in ("interviewer", "recruiter"):
        await factories.sign_in(client, site, at.people[role])
        await client.post(f"/applications/{at.application}/notes", data={"note": f"Notat fra {role}"})
    seen = {}
    for role in ("interviewer", "recruiter", "hiring_manager", "dpo"):
        await factories.sign_in(client, site, at.people[role])
        page = (await client.get(f"/applications/{at.application}")).text
        seen[role] = ("Notat fra interviewer" in page, "Notat fra recruiter" in page)
    both = (True, True)
    assert seen == {"interviewer": (True, False), "recruiter": both, "hiring_manager": both, "dpo": both}


async def test_only_the_author_changes_or_deletes_a_note(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, "interviewer")
    await client.post(f"/applications/{at.application}/notes", data={"note": "Mitt notat"})
    (note,) = await rows(site, "interview_note")
    await factories.sign_in(client, site, at.people["recruiter"])
    assert (await client.get(f"/notes/{note['id']}")).status_code == 404
    assert (await client.post(f"/notes/{note['id']}", data={"note": "Rettet av en annen"})).status_code == 404
    assert (await client.post(f"/notes/{note['id']}/delete")).status_code == 404
    assert (await rows(site, "interview_note"))[0]["sealed"] == note["sealed"]
    await factories.sign_in(client, site, at.people["interviewer"])
    assert "Rettet av meg" in (await client.post(f"/notes/{note['id']}", data={"note": "Rettet av meg"})).text
    assert (await client.post(f"/notes/{note['id']}/delete")).status_code == 200
    assert await rows(site, "interview_note") == []


async def test_an_empty_note_is_refused_beside_the_field(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time)
    answer = await client.post(f"/applications/{at.application}/notes", data={"note": "  \x00 "})
    assert answer.status_code == 422
    assert 'href="#f-note"' in answer.text
    assert await rows(site, "interview_note") == []


async def test_what_people_wrote_is_shown_as_text(site: Site, client: Client, time: Time) -> None:
    evil = "<script>alert(1)</script>{{ 7*7 }}"
    at = await _at(site, client, time, name=evil, letter=evil, stage="finalist")
    await client.post(f"/applications/{at.application}/notes", data={"note": evil})
    await client.post(f"/applications/{at.application}/referees", data={**REFEREE, "name": evil})
    await client.post(f"/applications/{at.application}/screening", data={"kind": "expectations", "wishes": evil})
    for path in (
        f"/applications/{at.application}",
        f"/vacancies/{at.vacancy}",
        f"/applications/{at.application}/outcome",
    ):
        page = (await client.get(path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page


# --- referees: L11 ----------------------------------------------------------------------------------------------------


async def test_l11_a_referee_is_a_unit_of_their_own_and_told_at_once(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, stage="finalist", name="Ola Sør")
    answer = await client.post(f"/applications/{at.application}/referees", data=REFEREE)
    assert "Rolf Referanse" in answer.text
    (referee,) = await rows(site, "referee")
    guard = await site.keyring.guard(referee["id"])
    assert guard is not None
    assert (guard.kind, guard.parent, guard.present) == ("referee", at.application, True)
    (mail,) = await rows(site, "mail", template="referee")
    assert mail["unit"] == referee["id"], "sealed under the referee's own key"
    (letter,) = await letters(site, "referee")
    assert letter.to == "rolf@example.org"
    for told in ("Ola Sør", "Systemutvikler", "Fjordlys AS", "personvernombud@fjordlys.example", "14 dager", "innsyn",
                 "Datatilsynet", "/privacy"):  # fmt: skip
        assert told in letter.text


async def test_l9_no_referee_before_the_stage(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time)
    answer = await client.post(f"/applications/{at.application}/referees", data=REFEREE)
    assert answer.status_code == 409
    assert "Rolf Referanse" in answer.text, "nothing typed is lost"
    assert await rows(site, "referee") == []
    assert await rows(site, "mail", template="referee") == []


async def test_removing_a_referee_takes_the_unsent_notice_along_and_lets_the_key_fall_due(
    site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time, stage="finalist")
    await client.post(f"/applications/{at.application}/referees", data=REFEREE)
    await client.post(f"/applications/{at.application}/referees", data={**REFEREE, "name": "Naboen", "email": "n@x.no"})
    gone, stays = await rows(site, "referee")
    answer = await client.post(f"/referees/{gone['id']}/remove")
    assert "Rolf Referanse" not in answer.text
    assert "Naboen" in answer.text
    assert [r["id"] for r in await rows(site, "referee")] == [stays["id"]]
    assert await rows(site, "mail", unit=gone["id"]) == []
    assert len(await rows(site, "mail", unit=stays["id"])) == 1
    assert gone["id"] in await site.keyring.past_due("referee", day(time.now))
    assert stays["id"] not in await site.keyring.past_due("referee", day(time.now))


@pytest.mark.parametrize("email", ["", "no address", "a@b", "a@b.no, c@d.no", "x@y.no\nBcc: z@y.no"])
async def test_a_referee_without_a_real_address_is_refused(email: str, site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, stage="finalist")
    answer = await client.post(f"/applications/{at.application}/referees", data={**REFEREE, "email": email})
    assert answer.status_code == 422
    assert 'href="#f-email"' in answer.text
    assert await rows(site, "referee") == []


async def test_a_name_can_not_put_a_button_into_our_mail(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, stage="finalist", name="Ola\n\n[Logg inn](https://evil.example/x)\n\n")
    await client.post(f"/applications/{at.application}/referees", data=REFEREE)
    (letter,) = await letters(site, "referee")
    assert ">Logg inn</a>" not in letter.html


# --- legal holds: L14 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["recruiter", "dpo"])
async def test_l14_a_hold_is_placed_with_reason_basis_and_review_date_and_released(
    role: str, site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time, role, closed=time.now)
    form = {"reason": "Klage til nemnda", "basis": "Artikkel 17", "review_on": "2026-06-01"}
    answer = await client.post(f"/applications/{at.application}/holds", data=form)
    assert answer.status_code == 200
    assert "Klage til nemnda" in answer.text
    assert "Erasure is stopped" in answer.text
    guard = await site.keyring.guard(at.application)
    assert guard is not None
    assert guard.holds == 1
    (hold,) = await rows(site, "legal_hold")
    assert hold["placed_by"] == at.people[role]
    field = f"review-{hold['id']}"
    wrong = await client.post(f"/holds/{hold['id']}/review", data={field: "2020-01-01"})
    assert wrong.status_code == 422 and f'href="#f-{field}"' in wrong.text and 'value="2020-01-01"' in wrong.text
    assert "1 Sep 2026" in (await client.post(f"/holds/{hold['id']}/review", data={field: "2026-09-01"})).text
    answer = await client.post(f"/holds/{hold['id']}/release")
    assert "Released 2 Mar 2026" in answer.text
    guard = await site.keyring.guard(at.application)
    assert guard is not None
    assert guard.holds == 0
    assert (await client.post(f"/holds/{hold['id']}/release")).status_code == 404, "released once"


@pytest.mark.parametrize(
    ("missing", "value"),
    [("reason", ""), ("basis", ""), ("review_on", ""), ("review_on", "2026-03-02"), ("review_on", "soon")],
)
async def test_a_hold_without_all_three_is_refused_and_keeps_what_was_typed(
    missing: str, value: str, site: Site, client: Client, time: Time
) -> None:
    at = await _at(site, client, time)
    form = {"reason": "Klage til nemnda", "basis": "Artikkel 17", "review_on": "2026-06-01", missing: value}
    answer = await client.post(f"/applications/{at.application}/holds", data=form)
    assert answer.status_code == 422
    assert f'href="#f-{missing}"' in answer.text
    assert all(kept in answer.text for kept in form.values() if kept != value)
    assert await rows(site, "legal_hold") == []


async def test_l14_a_recruiter_does_not_release_the_hold_of_another(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, RECRUITER, closed=time.now)
    hold = await holds.place(site, at.application, at.people[DPO], "Klage", "Artikkel 17", date(2026, 6, 1), time.now)
    assert f"/holds/{hold}/release" not in (await client.get(f"/applications/{at.application}")).text
    answer = await client.post(f"/holds/{hold}/release")
    assert answer.status_code == 403
    assert "Only the one who placed this legal hold" in answer.text
    guard = await site.keyring.guard(at.application)
    assert guard is not None
    assert guard.holds == 1


async def test_the_team_sees_that_a_hold_stands_but_not_why(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time)
    form = {"reason": "Klage til nemnda", "basis": "Artikkel 17", "review_on": "2026-06-01"}
    await client.post(f"/applications/{at.application}/holds", data=form)
    await factories.sign_in(client, site, at.people["hiring_manager"])
    page = (await client.get(f"/applications/{at.application}")).text
    assert "A legal hold of 2 Mar 2026" in page
    assert "Klage til nemnda" not in page


# --- the page ---------------------------------------------------------------------------------------------------------


async def test_the_page_tells_the_story_and_unfolds_the_clock(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, consented=True)
    await client.post(f"/applications/{at.application}/move", data={"stage": "interview"})
    await client.post(f"/applications/{at.application}/notes", data={"note": "Notat"})
    await client.post(f"/applications/{at.application}/outcome", data={"outcome": "rejected"})
    page = (await client.get(f"/applications/{at.application}")).text
    for told in ("From Received to Interview", "An interview note was written", "From Interview to Rejected",
                 "The candidate gave consent", "E-mail to the candidate: the process has ended",
                 "Kept until 2 Mar 2027", "<details open>", '<span class="rule">L3</span>'):  # fmt: skip
        assert told in page


async def test_the_page_speaks_norwegian(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time)
    page = (await client.get(f"/applications/{at.application}?lang=nb")).text
    for told in ("Intervjunotater", "Hvor lenge den lagres", "Merk som finalist", "Slettesperre", "Historikk"):
        assert told in page
    assert "Interview notes" not in page


async def test_every_list_row_shows_its_clock(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time)
    await factories.application(site, time.now, at.vacancy, email="b@example.org", name="Berit", closed=time.now)
    running = (await client.get(f"/vacancies/{at.vacancy}")).text
    ended = (await client.get(f"/vacancies/{at.vacancy}?state=ended")).text
    assert [page.count('class="clock compact') for page in (running, ended)] == [1, 1]
    assert "Kept until 16 Mar 2026" in ended


async def test_nothing_about_the_candidate_stands_in_the_audit(site: Site, client: Client, time: Time) -> None:
    at = await _at(site, client, time, stage="finalist", name="Kanari Fugl", email="kanari@example.org")
    await client.post(f"/applications/{at.application}/notes", data={"note": "Kanari synger"})
    await client.post(f"/applications/{at.application}/referees", data={**REFEREE, "name": "Kanari To"})
    await client.post(f"/applications/{at.application}/screening", data={"kind": "expectations", "wishes": "Kanari"})
    await client.post(f"/applications/{at.application}/outcome", data={"outcome": "rejected"})
    kept = await rows(site, "audit_entry")
    kinds = {entry["kind"] for entry in kept}
    assert {"note.written", "referee.added", "screening.recorded", "application.closed"} <= kinds
    assert "anari" not in "".join(entry["body"] for entry in kept)
