"""Making the tables, and the triggers by which the database itself enforces rules, on either engine.

Guards that a rule is written once: a `Refusal` says what a table refuses, and both engines' triggers are made from it.
All of a database is made in one transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from piccolo.table import Table

from recruit.database.embedded import Embedded
from recruit.database.engine import Engine


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
            f"CREATE TRIGGER IF NOT EXISTS {self.table}_{self.name} BEFORE {self.act} ON {self.table} "
            f"WHEN {self.when or '1'} BEGIN SELECT RAISE(ABORT, '{self.name}'); END"
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


async def create(
    tables: Sequence[type[Table]], refusals: Iterable[Refusal], engine: Engine, indexes: Iterable[str] = ()
) -> None:
    """Make what is missing: tables, indexes and the triggers that enforce rules, all in one transaction."""
    embedded = isinstance(engine, Embedded)
    async with engine.transaction():
        for statement in tables_for("sqlite" if embedded else "postgres", tables):
            await engine.run_sql(statement)
        for statement in indexes:
            await engine.run_sql(statement)
        for refusal in refusals:
            for statement in refusal.embedded() if embedded else refusal.server():
                await engine.run_sql(statement)
