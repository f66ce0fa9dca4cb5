"""The words of the clock: each reason has its sentence, in three voices and two languages."""

import ast
import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from msgspec.structs import replace

from recruit.i18n import translator
from recruit.retention import rules
from recruit.retention.rules import Policy, decide
from recruit.retention.words import SENTENCES, headline, progress, reasons, sentence
from tests.retention.cases import HOLD, ended, given, running, withdrawn

POLICY = Policy()
NOW = date(2026, 3, 20)
EN, NB = translator("en"), translator("nb")
CONSENTED = ended(consents=(given(date(2026, 1, 3)),))
WITHDRAWN = replace(CONSENTED, consents=(*CONSENTED.consents, withdrawn(date(2026, 3, 19))))
POOL_ENDED = running(consents=(given(date(2026, 1, 3)), withdrawn(date(2026, 1, 4))))
STOPPED = {"open_requests": ("access", "portability", "objection"), "section31_open": True}
CASES = [
    running(),
    running(consents=(given(date(2026, 1, 3)),)),
    running(last_activity_on=date(2025, 1, 1)),
    POOL_ENDED,
    CONSENTED,
    WITHDRAWN,
    ended(),
    ended(consents=(given(date(2026, 1, 1)),)),
    ended(outcome="withdrawn"),
    ended(outcome="position_filled"),
    ended(outcome="hired", handed_over_on=NOW),
    running(
        erasure_granted_on=NOW, holds=(HOLD,), held_documents=1, part_granted=True, restriction="temporary", **STOPPED
    ),
    running(erasure_granted_on=NOW, restriction="temporary", objection_upheld=True),
    ended(restriction="permanent", holds=(replace(HOLD, review_on=date(2026, 3, 2)),)),
]
DECISIONS = [decide(facts, policy, NOW) for facts in CASES for policy in (POLICY, Policy(outcome="erase"))]


def test_the_cases_give_every_reason_that_has_a_sentence():
    assert {reason.key for decision in DECISIONS for reason in decision.because} == set(SENTENCES)


def test_every_key_written_out_in_the_rules_has_a_sentence():
    tree = ast.parse(Path(rules.__file__).read_text())
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "reason"]
    keys = {call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)}
    assert len(keys) > 8
    assert keys <= set(SENTENCES)


def test_every_sentence_is_translated_with_the_same_names_in_it():
    for text in {text for voices in SENTENCES.values() for text in voices}:
        assert NB(text) != text
        assert _names(NB(text)) == _names(text), text


def _names(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("viewer", ["candidate", "staff", "receipt"])
@pytest.mark.parametrize("_", [EN, NB])
def test_every_reason_can_be_said_to_everybody(viewer, _):
    for decision in DECISIONS:
        for rule, said in reasons(decision, _, viewer):
            assert re.fullmatch(r"L\d+", rule)
            assert "{" not in said
        assert reasons(decision, _, viewer)[0][1] == headline(decision, _, viewer)


def test_L3_the_clock_says_until_when_and_why():
    decision = decide(CONSENTED, POLICY, NOW)
    assert headline(decision, EN, "candidate") == "Kept until 14 Mar 2027, because you consented on 3 Jan 2026"
    assert headline(decision, EN, "staff") == "Kept until 14 Mar 2027, because the candidate consented on 3 Jan 2026"
    assert headline(decision, NB, "candidate") == "Lagres til og med 14. mars 2027, fordi du samtykket 3. jan. 2026"


def test_L1_the_basis_is_named_as_the_law_names_it():
    said = headline(decide(running(), POLICY, NOW), NB, "candidate")
    assert said.endswith("(personvernforordningen artikkel 6 nr. 1 bokstav f)")


def test_one_month_is_not_one_months():
    said = reasons(decide(CASES[1], Policy(consent_months=1), NOW), EN, "candidate")
    assert "kept 1 month more" in said[1][1]


def test_a_receipt_holds_no_date_but_the_due_day():
    for decision in DECISIONS:
        for reason in decision.because:
            text = SENTENCES[reason.key].receipt
            assert {name for name in _names(text) if name.endswith("_on")} <= {"due_on"}
            assert "you" not in re.findall(r"\w+", sentence(reason, EN, "receipt").lower())


def test_staff_are_never_spoken_to_as_the_candidate():
    for voices in SENTENCES.values():
        assert not re.search(r"\byou", voices.staff, re.IGNORECASE)


def test_progress_runs_from_the_close_to_the_end_of_the_due_day():
    facts = ended()
    shown = [progress(decide(facts, POLICY, day), facts, day) for day in (date(2026, 3, 14), date(2026, 3, 28))]
    assert shown == [0.0, 14 / 15]
    assert progress(decide(facts, POLICY, date(2026, 3, 29)), facts, date(2026, 3, 29)) == 1.0
    assert progress(decide(facts, POLICY, date(2026, 3, 1)), facts, date(2026, 3, 1)) == 0.0


def test_progress_is_none_while_nothing_is_due_and_full_when_it_is_due_at_once():
    assert progress(decide(running(), POLICY, NOW), running(), NOW) is None
    granted = running(erasure_granted_on=NOW)
    assert progress(decide(granted, POLICY, NOW), granted, NOW) == 1.0
    assert progress(decide(WITHDRAWN, POLICY, NOW), WITHDRAWN, NOW) == 1.0
