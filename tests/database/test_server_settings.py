"""A server that would log what is nobody's business is found out at start and by `check`, with its remedy."""

import logging
from pathlib import Path

import asyncpg
import pytest

from recruit import check
from recruit.database import ServerUnfit
from recruit.database.server_settings import WANTED, remedy, unfit, wrong
from recruit.settings import Settings
from recruit.site import Site
from tests.conftest import Time

GOOD = {each.name: each.value.strip("'") for each in WANTED}
DOCUMENTED = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")


def test_as_documented_nothing_is_wrong() -> None:
    assert wrong(GOOD) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("log_statement", "all"), ("log_statement", "mod"), ("log_min_duration_statement", "0"),
        ("log_min_duration_sample", "100"), ("log_transaction_sample_rate", "0.1"), ("log_parameter_max_length", "-1"),
        ("log_parameter_max_length_on_error", "64"), ("log_min_error_statement", "error"),
        ("log_error_verbosity", "default"), ("debug_print_plan", "on"), ("auto_explain.log_min_duration", "0"),
        ("session_preload_libraries", "x, auto_explain"), ("fsync", "off"),
    ],
)  # fmt: skip
def test_each_setting_is_judged(name: str, said: str) -> None:
    faults = wrong({**GOOD, name: said})
    assert [each.name for each in faults] == [name]
    assert f"SET {name} = " in remedy(faults, "recruit")


def test_every_setting_is_documented() -> None:
    assert [each.name for each in WANTED if f"{each.name} = {each.value}" not in DOCUMENTED] == []


def test_an_old_server_or_another_encoding_is_refused() -> None:
    assert unfit({"version": "150000", "encoding": "UTF8"}) == ""
    assert "15" in unfit({"version": "140011", "encoding": "UTF8"})
    assert "UTF8" in unfit({"version": "160001", "encoding": "LATIN1"})
    assert "15" in str(ServerUnfit(why=unfit({"version": "140011", "encoding": "UTF8"})))


@pytest.mark.postgres
async def test_a_talkative_server_is_told_of_at_start_and_red_in_check(
    site: Site, settings: Settings, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    assert await check.servers(site, time.now)
    assert all(finding.ok for finding in await check.servers(site, time.now))
    connection = await asyncpg.connect(dsn=settings.keyring_url)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
    try:
        caplog.set_level(logging.WARNING, "recruit")
        talkative = await Site.open(settings)
        assert "log_statement should be none" in caplog.text
        records, keyring = await check.servers(talkative, time.now)
        assert records.ok
        assert not keyring.ok
        assert "ALTER ROLE recruit SET log_statement = none;" in keyring.remedy
        await talkative.close()
    finally:
        await connection.execute(f"ALTER DATABASE {name} RESET log_statement")
        await connection.close()


@pytest.mark.postgres
async def test_a_refused_row_leaves_nothing_of_it_in_the_servers_log(site: Site, settings: Settings) -> None:
    folder = Path(settings.records_url.partition("host=")[2])
    insert = "INSERT INTO fact (name, value) VALUES (?, 'canary-of-the-log')"
    await site.records.run_sql(insert, "canary")
    with pytest.raises(asyncpg.UniqueViolationError):
        await site.records.run_sql(insert, "canary")
    log = (folder / "log").read_text("utf-8")
    assert "duplicate key value violates unique constraint" in log
    assert "canary" not in log
