"""Claims about the rules of hiring, without a database."""

from datetime import UTC, date, datetime

import pytest

from recruit.errors import NotAllowed, NotFound
from recruit.hiring import rules
from recruit.i18n import either
from recruit.retention.rules import ConsentFact, Facts, Policy

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
RUNNING = Facts(submitted_at=NOW, last_activity_on=TODAY)
CLOSED = Facts(submitted_at=NOW, last_activity_on=TODAY, outcome="rejected", closed_on=TODAY)
RESTRICTED = Facts(submitted_at=NOW, last_activity_on=TODAY, restriction="temporary")
POOL = Facts(
    submitted_at=NOW, last_activity_on=TODAY, outcome="rejected", closed_on=TODAY, consents=(ConsentFact(True, NOW),)
)


IN_TEAM = {
    "recruiter": ("", False),
    "manager": ("hiring_manager", False),
    "assigned": ("interviewer", True),
    "unassigned": ("interviewer", False),
    "stranger": ("", False),
}


@pytest.mark.parametrize(
    ("roles", "place", "facts", "role"),
    [
        ({"recruiter"}, "stranger", RUNNING, "recruiter"),
        ({"recruiter"}, "stranger", CLOSED, "recruiter"),
        ({"hiring_manager"}, "manager", RUNNING, "hiring_manager"),
        ({"interviewer"}, "assigned", POOL, "interviewer"),
        ({"interviewer", "hiring_manager"}, "manager", RUNNING, "hiring_manager"),
        ({"interviewer", "hiring_manager"}, "assigned", RUNNING, "interviewer"),
        ({"hiring_manager"}, "assigned", RUNNING, "interviewer"),
        ({"dpo"}, "stranger", CLOSED, "dpo"),
        ({"recruiter", "dpo"}, "stranger", RESTRICTED, "dpo"),
    ],
)
def test_who_may_open_opens_in_the_widest_role(roles: set[str], place: str, facts: Facts, role: str) -> None:
    assert rules.role_for(rules.standing(roles, *IN_TEAM[place]), facts) == role


@pytest.mark.parametrize(
    ("roles", "place", "facts", "error"),
    [
        ({"admin"}, "manager", RUNNING, NotFound),
        ({"interviewer"}, "stranger", RUNNING, NotFound),
        ({"interviewer"}, "unassigned", RUNNING, NotFound),
        ({"interviewer"}, "manager", RUNNING, NotFound),
        ({"hiring_manager"}, "unassigned", RUNNING, NotFound),
        ({"hiring_manager"}, "stranger", CLOSED, NotFound),
        ({"hiring_manager"}, "manager", CLOSED, rules.OnlyRecruiterAndDpo),
        ({"interviewer"}, "assigned", CLOSED, rules.OnlyRecruiterAndDpo),
        ({"recruiter"}, "stranger", RESTRICTED, NotFound),
        ({"hiring_manager"}, "manager", RESTRICTED, NotFound),
        (set(), "manager", RUNNING, NotFound),
    ],
)
def test_who_may_not_open_does_not(roles: set[str], place: str, facts: Facts, error: type[Exception]) -> None:
    with pytest.raises(error):
        rules.role_for(rules.standing(roles, *IN_TEAM[place]), facts)


def test_looking_is_not_acting() -> None:
    for act in ("move", "outcome", "undo", "note", "screening", "tag", "assign"):
        with pytest.raises(NotAllowed):
            rules.role_for(rules.standing({"dpo"}), RUNNING, act)
    assert rules.role_for(rules.standing({"dpo", "recruiter"}), RUNNING, "move") == "recruiter"
    assert rules.role_for(rules.standing({"dpo"}), RUNNING, "hold") == "dpo"


def test_a_vacancy_goes_from_draft_to_published_to_closed_and_back_and_no_other_way() -> None:
    states = ("draft", "published", "closed")
    may = {(a, b) for a in states for b in states if b in rules.VACANCY_MOVES[a]}
    assert may == {
        ("draft", "published"), ("draft", "closed"), ("published", "closed"), ("closed", "published"),
        ("closed", "draft"),
    }  # fmt: skip
    with pytest.raises(rules.VacancyMoveNotAllowed):
        rules.require_vacancy_move("published", "draft")


def test_a_plan_counts_each_once_and_leaves_the_restricted_alone() -> None:
    from uuid import uuid4

    waiting = Facts(submitted_at=NOW, last_activity_on=TODAY, consents=(ConsentFact(True, NOW),))
    facts = {uuid4(): fact for fact in (RUNNING, RUNNING, waiting, CLOSED, RESTRICTED)}
    plan = rules.plan_close(facts, "position_filled", Policy(), NOW, TODAY)
    assert len(plan.closing) == 3
    assert {(g.why, g.n, str(g.until)) for g in plan.groups} == {
        ("no_consent", 2, "2026-03-16"),
        ("consented", 1, "2027-03-02"),
    }
    assert (plan.unchanged, plan.restricted, plan.held) == (1, 1, 0)


def test_every_stage_leads_on_and_to_an_outcome_but_only_an_offer_to_being_hired() -> None:
    for stage in ("received", "screening", "interview", "finalist", "offer"):
        assert rules.next_stages(stage)
        assert ("hired" in rules.next_outcomes(stage)) == (stage == "offer")
        assert "rejected" in rules.next_outcomes(stage)


def test_a_title_falls_back_to_the_language_that_it_has() -> None:
    vacancy = {"title_nb": "Utvikler", "title_en": ""}
    assert either(vacancy, "title", "en") == either(vacancy, "title", "nb") == "Utvikler"
