"""The house rules over the program's source.

Guards that a rule worth having is obeyed by all of it. test_planted.py proves that each of them can fail.
"""

import statistics
from collections.abc import Callable

import pytest

from tests.contracts import layers, reading, rules
from tests.contracts.house import Source, functions, modules, project_files, texts

RULES: tuple[Callable[[Source], list[str]], ...] = (
    layers.wrong_arrows,
    layers.impure,
    rules.wall_clock,
    rules.clock_users,
    rules.long_functions,
    rules.no_docstring,
    rules.prints,
    rules.environment,
    rules.shadows,
    rules.swallowed,
    rules.left_for_later,
    reading.unguarded_reads,
)
# Written by the tool or by the licence's authors; and the files that must name what they forbid.
NOT_OUR_WORDS = ("LICENSE", "requirements.txt", "deploy/requirements.txt", "tests/contracts/")


def breaches(rule: Callable[[Source], list[str]], sources: tuple[Source, ...]) -> str:
    return "\n".join(line for source in sources for line in rule(source))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_program_obeys(rule: Callable[[Source], list[str]]) -> None:
    assert len(modules()) > 20, "the program was not found"
    assert breaches(rule, modules()) == ""


def test_half_of_all_functions_are_short() -> None:
    assert statistics.median(rules.length(f) for m in modules() for f in functions(m)) <= rules.MEDIAN


def test_banned_words_stand_nowhere() -> None:
    ours = tuple(s for s in texts() if not s.path.startswith(NOT_OUR_WORDS))
    assert {"README.md", "recruit/errors.py", "templates/base.html"} <= {s.path for s in ours}
    assert breaches(rules.banned_words, ours) == ""


def test_nothing_belongs_to_one_machine() -> None:
    assert breaches(rules.of_one_machine, texts()) == ""


def test_every_library_that_is_imported_is_declared_and_the_other_way_round() -> None:
    imported, declared = rules.libraries(modules()), rules.declared(texts("pyproject.toml")[0])
    assert sorted(imported - declared) == [], "imported, but not declared in pyproject.toml"
    assert sorted(declared - imported - rules.USED_BY_OTHERS) == [], "declared, but nothing imports it"


def test_every_locked_library_has_its_hashes() -> None:
    lock = next(source for source in texts("requirements.txt") if source.path == "requirements.txt")
    assert rules.without_hashes(lock) == []
    assert rules.not_locked(texts("pyproject.toml")[0], lock) == []


def test_entries_that_a_server_runs_are_executable() -> None:
    from tests.contracts.house import ROOT

    assert {"dev", ".ci/run"} <= set(project_files())
    assert [name for name in ("dev", ".ci/run") if not (ROOT / name).stat().st_mode & 0o100] == []
