"""Which statements are made on which engine, so that a test may run on one: all that it asks of SQLite, other tests ask
of PostgreSQL.

Guards that no statement loses its look at PostgreSQL by a line in `once.txt`: a whole run fails if it has none.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from recruit.database.embedded import Embedded
from recruit.database.server import Server

_OWN = re.compile(r"(PRAGMA|VACUUM|BEGIN|CREATE|DROP TRIGGER)\b|.*\bsqlite_master\b")
"""What only SQLite understands, and the making of tables, which both engines do in words of their own."""
_VALUE = re.compile(r"'[^']*'|\$\d+|\b\d+\b")
_VALUES = re.compile(r"\?([\s,()]*\?)+")


@cache
def once() -> frozenset[str]:
    """The tests that run on SQLite alone."""
    found, file = set(), ""
    for line in Path(__file__).with_name("once.txt").read_text("utf-8").splitlines():
        if line.startswith(" "):
            found.add(f"{file}::{line.strip()}")
        else:
            file = line
    return frozenset(found)


@cache
def plain(sql: str) -> str:
    """A statement without its values, however many: it is the same one for every row."""
    return " ".join(_VALUES.sub("?", _VALUE.sub("?", sql)).split())


class Statements:
    """A plugin of pytest: which statements of the tests in `once.txt` has PostgreSQL never seen?"""

    def __init__(self) -> None:
        self._alone: dict[str, str] = {}
        self._served: set[str] = set()
        self._unserved: list[str] = []
        self._test = ""

    def listen(self) -> None:
        for kind in (Embedded, Server):
            for name in ("run_sql", "run_many", "run_querystring"):
                setattr(kind, name, self._heard(getattr(kind, name)))

    def _heard(self, run: Any) -> Any:
        async def hearing(engine: Any, statement: Any, *rest: Any, **more: Any) -> Any:
            served = isinstance(engine, Server)
            if served or self._test:
                said = statement if isinstance(statement, str) else statement.compile_string(engine.engine_type)[0]
                if served:
                    self._served.add(plain(said))
                else:
                    self._alone.setdefault(plain(said), self._test)
            return await run(engine, statement, *rest, **more)

        return hearing

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._test = nodeid if nodeid.split("[")[0] in once() else ""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """What a worker of xdist has heard."""
        alone, served = getattr(node, "workeroutput", {}).get("statements", ({}, []))
        self._alone |= alone
        self._served |= set(served)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["statements"] = (self._alone, sorted(self._served))
        elif _whole(session.config) and exitstatus == pytest.ExitCode.OK:
            alone = {sql: test for sql, test in self._alone.items() if not _OWN.match(sql)}
            self._unserved = [f"{alone[sql]}: {sql}" for sql in sorted(alone.keys() - self._served)]
            if self._unserved:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self._unserved:
            terminalreporter.write_line(f"no test makes this statement on PostgreSQL any more; take the line out of "
                                        f"tests/once.txt: {line}", red=True)  # fmt: skip


def _whole(config: pytest.Config) -> bool:
    """Nothing was left out of this run."""
    option = config.option
    chosen = (option.keyword, option.markexpr, option.deselect, option.ignore, option.ignore_glob)
    return config.args_source == config.ArgsSource.TESTPATHS and not any(chosen)
