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


@pytest.mark.parametrize(
    ("roles", "in_team", "facts", "role"),
    [
        ({"recruiter"}, False, RUNNING, "recruiter"),
        ({"recruiter"}, False, CLOSED, "recruiter"),
        ({"hiring_manager"}, True, RUNNING, "hiring_manager"),
        ({"interviewer"}, True, POOL, "interviewer"),
        ({"interviewer", "hiring_manager"}, True, RUNNING, "hiring_manager"),
        ({"dpo"}, False, CLOSED, "dpo"),
        ({"recruiter", "dpo"}, False, RESTRICTED, "dpo"),
    ],
)
def test_who_may_open_opens_in_the_widest_role(roles: set[str], in_team: bool, facts: Facts, role: str) -> None:
    assert rules.role_for(roles, in_team, facts) == role


@pytest.mark.parametrize(
    ("roles", "in_team", "facts", "error"),
    [
        ({"admin"}, True, RUNNING, NotFound),
        ({"interviewer"}, False, RUNNING, NotFound),
        ({"hiring_manager"}, False, CLOSED, NotFound),
        ({"hiring_manager"}, True, CLOSED, rules.OnlyRecruiterAndDpo),
        ({"recruiter"}, False, RESTRICTED, NotFound),
        ({"hiring_manager"}, True, RESTRICTED, NotFound),
        (set(), True, RUNNING, NotFound),
    ],
)
def test_who_may_not_open_does_not(roles: set[str], in_team: bool, facts: Facts, error: type[Exception]) -> None:
    with pytest.raises(error):
        rules.role_for(roles, in_team, facts)


def test_looking_is_not_acting() -> None:
    for act in ("move", "outcome", "undo", "note", "screening"):
        with pytest.raises(NotAllowed):
            rules.role_for({"dpo"}, False, RUNNING, act)
    assert rules.role_for({"dpo", "recruiter"}, False, RUNNING, "move") == "recruiter"
    assert rules.role_for({"dpo"}, False, RUNNING, "hold") == "dpo"


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
    assert (plan.unchanged, plan.restricted, plan.held, plan.offered) == (1, 1, 0, 0)


def test_every_stage_leads_on_and_to_an_outcome_but_only_an_offer_to_being_hired() -> None:
    for stage in ("received", "screening", "interview", "finalist", "offer"):
        assert rules.next_stages(stage)
        assert ("hired" in rules.next_outcomes(stage)) == (stage == "offer")
        assert "rejected" in rules.next_outcomes(stage)


def test_a_title_falls_back_to_the_language_that_it_has() -> None:
    vacancy = {"title_nb": "Utvikler", "title_en": ""}
    assert either(vacancy, "title", "en") == either(vacancy, "title", "nb") == "Utvikler"
