"""Changing what the databases refuse to change, as somebody could who has their files or their owner's password."""

from typing import Any

from recruit.database import Engine, Server


async def tamper(engine: Engine, sql: str, *args: Any) -> None:
    """Run a statement past the triggers."""
    if isinstance(engine, Server):
        async with engine.transaction():
            await engine.run_sql("SET LOCAL session_replication_role = replica")
            await engine.run_sql(sql, *args)
        return
    for trigger in await engine.run_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        await engine.run_sql(f"DROP TRIGGER {trigger['name']}")
    await engine.run_sql(sql, *args)
