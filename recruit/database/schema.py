"""Making the tables, and the triggers by which the database itself enforces rules, on either engine; and their changes.

Guards that a rule is written once: a `Refusal` says what a table refuses, and both engines' triggers are made from it.
All of a database is made, or brought forward, in one transaction, and one that a newer version has changed is refused.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

from piccolo.table import Table

from recruit.database.embedded import Embedded
from recruit.database.engine import Engine
from recruit.errors import RecruitError


@dataclass(frozen=True)
class Refusal:
    """An act (INSERT, UPDATE, DELETE) that a table refuses, under a name; `when` is a condition on OLD and NEW.

    The condition is understood by both engines; one that is unknown (NULL) does not refuse.
    """

    table: str
    act: str
    name: str
    when: str = ""

    def embedded(self) -> list[str]:
        return [
            f"DROP TRIGGER IF EXISTS {self.table}_{self.name}",
            f"CREATE TRIGGER {self.table}_{self.name} BEFORE {self.act} ON {self.table} "
            f"WHEN {self.when or '1'} BEGIN SELECT RAISE(ABORT, '{self.name}'); END",
        ]

    def server(self) -> list[str]:
        """A function and a trigger; where a table keeps its rows, emptying it at one stroke is refused as well."""
        name, row = f"{self.table}_{self.name}", "OLD" if self.act == "DELETE" else "NEW"
        refuse = f"RAISE EXCEPTION '{self.name}' USING ERRCODE = 'integrity_constraint_violation'"
        made = [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF ({self.when or 'TRUE'}) THEN {refuse}; END IF; RETURN {row}; END $$",
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {self.act} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
        if self.act == "DELETE" and not self.when:
            made.append(
                f"CREATE OR REPLACE TRIGGER {name}_all BEFORE TRUNCATE ON {self.table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
        return made


def bind(tables: Sequence[type[Table]], engine: Engine) -> None:
    """Point tables at an engine: one process serves one installation."""
    engine.tables = tuple(tables)
    for table in tables:
        table._meta._db = engine  # type: ignore[assignment]  # both engines are Piccolo's as well


def tables_for(kind: str, tables: Sequence[type[Table]]) -> list[str]:
    """The statements that make tables and indexes on a kind of engine ("sqlite", "postgres"), whichever is bound."""
    bound = [table._meta._db for table in tables]
    try:
        for table in tables:
            table._meta._db = SimpleNamespace(engine_type=kind)  # type: ignore[assignment]  # all that is asked
        return [statement for table in tables for statement in table.create_table(if_not_exists=True).ddl]
    finally:
        for table, engine in zip(tables, bound, strict=True):
            table._meta._db = engine


@dataclass(frozen=True)
class Step:
    """What one released version changed in a database: `act` leads from the step before to this one, on either engine.

    It runs inside the transaction that also counts the step, so it happens whole or not at all.
    """

    number: int
    why: str
    act: Callable[[Engine], Awaitable[None]]


class NewerDatabase(RecruitError):
    """Somebody went back to an older version without restoring its archive."""

    status = 503
    text = (
        "The database is at step {there}, and this version of recruit knows steps up to {here}: a newer version has "
        "changed it. Install that version again; nothing was changed."
    )


@dataclass(frozen=True)
class Schema:
    """All of one database: tables, refusals and further indexes as they are now, and the steps that lead to them."""

    tables: tuple[type[Table], ...]
    refusals: tuple[Refusal, ...]
    steps: tuple[Step, ...] = ()
    indexes: tuple[str, ...] = ()

    @property
    def newest(self) -> int:
        return self.steps[-1].number if self.steps else FIRST

    async def bring(self, engine: Engine) -> None:
        """A new database is made as it is now; an older one goes step by step. NewerDatabase if that is too late."""
        kind = "sqlite" if isinstance(engine, Embedded) else "postgres"
        made = _statements(self, kind)
        now = (self.newest, hashlib.sha256("\n".join(made).encode()).hexdigest())
        if await self._stands(engine) == now:
            return
        async with engine.transaction():
            there = await self._stands(engine)
            for step in self.steps:
                if there and step.number > there[0]:
                    await step.act(engine)
            for statement in made:
                await engine.run_sql(statement)
            await engine.run_sql(f"CREATE TABLE IF NOT EXISTS {VERSION} (number INTEGER, digest TEXT)")
            await engine.run_sql(f"DELETE FROM {VERSION}")
            await engine.run_sql(f"INSERT INTO {VERSION} (number, digest) VALUES (?, ?)", *now)

    async def _stands(self, engine: Engine) -> tuple[int, str] | None:
        """Step and digest of what is there; None of an empty database."""
        if not await engine.has_table(VERSION):
            return (FIRST, "") if await engine.has_table(self.tables[0]._meta.tablename) else None
        rows = await engine.run_sql(f"SELECT number, digest FROM {VERSION}")
        number, digest = (rows[0]["number"], rows[0]["digest"]) if rows else (FIRST, "")
        if number > self.newest:
            raise NewerDatabase(there=number, here=self.newest)
        return number, digest


@cache
def _statements(schema: Schema, kind: str) -> tuple[str, ...]:
    """All that makes a schema from nothing on a kind of engine ("sqlite", "postgres"); harmless where it is there."""
    made = [*tables_for(kind, schema.tables), *schema.indexes]
    for each in schema.refusals:
        made += each.embedded() if kind == "sqlite" else each.server()
    return tuple(made)


FIRST = 1
"""The step at which the first released version is."""
VERSION = "schema_version"
"""The table of one row that says at which step a database is, and by which statements it was made."""
