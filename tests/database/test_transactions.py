"""What a transaction promises on either engine: alone, whole, never inside another one, and over when it is over."""

import asyncio
import contextvars

import pytest

from recruit.database import REFUSED, DatabaseAway, DatabaseBusy, Engine, Server, embedded, engine_of, server
from recruit.settings import Settings
from recruit.site import Site
from tests.postgres import execute, url


async def remembered(engine: Engine) -> list[str]:
    rows = await engine.run_sql("SELECT name, value FROM fact WHERE name LIKE 't%' ORDER BY name")
    return [f"{row['name']}={row['value']}" for row in rows]


async def put(engine: Engine, name: str, value: str) -> None:
    await engine.run_sql(
        "INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        *(name, value),
    )


async def test_what_fails_leaves_nothing(site: Site) -> None:
    async def fail() -> None:
        async with site.records.transaction():
            await put(site.records, "t", "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await remembered(site.records) == []


async def test_a_refused_row_ends_the_transaction_and_the_next_one_works(site: Site) -> None:
    insert = "INSERT INTO fact (name, value) VALUES ('t', '1')"

    async def twice() -> None:
        async with site.records.transaction():
            await site.records.run_sql(insert)
            await site.records.run_sql(insert)

    with pytest.raises(REFUSED):
        await twice()
    async with site.records.transaction():
        await site.records.run_sql(insert)
    assert await remembered(site.records) == ["t=1"]


async def test_who_waits_too_long_for_a_turn_is_told_so(
    site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while the keys of very many people are changed, by another process."""
    shorter = [pragma.replace("30000", "200") for pragma in embedded._PRAGMAS]
    monkeypatch.setattr(embedded, "_PRAGMAS", shorter)
    monkeypatch.setitem(server._SESSION, "lock_timeout", "200ms")
    other = engine_of(settings.records_url, settings.data / "records.db")
    async with site.records.transaction():
        with pytest.raises(DatabaseBusy, match="try again in a minute"):
            await put_alone(other, "t", "2")
        await put(site.records, "t", "1")
    await put_alone(other, "s", "1")
    assert await remembered(site.records) == ["t=1"]
    await other.close()


async def put_alone(engine: Engine, name: str, value: str) -> None:
    """In a transaction of its own, as another process would."""
    await asyncio.create_task(put(engine, name, value), context=contextvars.Context())


async def test_a_transaction_inside_another_is_refused(site: Site) -> None:
    async with site.records.transaction():
        with pytest.raises(Exception, match=r"nested|already active"):
            site.records.transaction()
        await put(site.records, "t", "1")
    assert await remembered(site.records) == ["t=1"]


async def test_fifty_that_read_and_then_write_lose_nothing(site: Site, settings: Settings) -> None:
    """By two engines, as two processes have them."""
    other = engine_of(settings.records_url, settings.data / "records.db")
    await put(site.records, "t", "0")

    async def count_up(engine: Engine) -> None:
        async with engine.transaction():
            value = int((await engine.run_sql("SELECT value FROM fact WHERE name = 't'"))[0]["value"])
            await asyncio.sleep(0)
            await put(engine, "t", str(value + 1))

    await asyncio.gather(*(count_up(engine) for engine in (site.records, other) for _ in range(25)))
    await other.close()
    assert await remembered(site.records) == ["t=50"]


async def test_a_lone_write_waits_for_the_transaction_that_judges(site: Site, settings: Settings) -> None:
    other = engine_of(settings.records_url, settings.data / "records.db")
    async with site.records.transaction():
        waiting = asyncio.get_running_loop().create_task(put(other, "t", "other"), context=contextvars.Context())
        await asyncio.sleep(0.05)
        assert not waiting.done()
        assert await remembered(site.records) == []
        await put(site.records, "t", "mine")
    await waiting
    await other.close()
    assert await remembered(site.records) == ["t=other"]


@pytest.mark.postgres
async def test_after_the_server_has_died_inside_a_transaction_everything_goes_on(site: Site) -> None:
    assert isinstance(site.records, Server)
    backend = "SELECT pg_backend_pid() AS pid"
    socket = site.records.url.partition("host=")[2]

    async def struck() -> None:
        async with site.records.transaction():
            await put(site.records, "t", "1")
            pid = (await site.records.run_sql(backend))[0]["pid"]
            await asyncio.to_thread(execute, url(socket, "postgres"), f"SELECT pg_terminate_backend({pid}, 5000)")
            await put(site.records, "t", "2")

    with pytest.raises(DatabaseAway):
        await struck()
    assert site.records.current_transaction.get() is None
    await put(site.records, "t", "3")
    assert await remembered(site.records) == ["t=3"]


@pytest.mark.postgres
async def test_what_keeps_its_rows_can_not_be_emptied_at_one_stroke(site: Site) -> None:
    with pytest.raises(REFUSED, match="append_only_delete"):
        await site.keyring.engine.run_sql("TRUNCATE ledger_entry")
