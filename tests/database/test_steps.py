"""An older database comes to what it is now by numbered steps, whole or not at all; a newer one is refused."""

import asyncio
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from piccolo.columns import Boolean, Integer, Text
from piccolo.table import Table

from recruit import backup, restoring, steps
from recruit.database import REFUSED, Embedded, Engine, NewerDatabase, Refusal, Schema, Step, engine_of
from recruit.settings import Settings
from recruit.site import Site
from tests import factories
from tests.conftest import Time

SECRET, RECIPIENT = backup.make_recovery_key()


class Paper(Table, tablename="paper"):
    """A table as a later version has it; the first one had no `state`, and called its text `body`."""

    id = Integer(primary_key=True)
    words = Text()
    state = Text(default="kept")
    flagged = Boolean(default=False)


class Margin(Table, tablename="margin"):
    """A table that a later version added."""

    id = Integer(primary_key=True)


async def _rename_and_mark(engine: Engine) -> None:
    await engine.run_sql("ALTER TABLE paper RENAME COLUMN body TO words")
    await engine.run_sql("ALTER TABLE paper ADD COLUMN state TEXT NOT NULL DEFAULT 'kept'")


async def _flag_what_shouts(engine: Engine) -> None:
    await engine.run_sql("ALTER TABLE paper ADD COLUMN flagged BOOLEAN NOT NULL DEFAULT FALSE")
    await engine.run_sql("UPDATE paper SET flagged = ? WHERE words LIKE ?", True, "%!")


NOW = Schema(
    (Paper, Margin),
    (Refusal("paper", "UPDATE", "words_stay", "OLD.words <> NEW.words"), Refusal("paper", "DELETE", "paper_stays")),
    (Step(2, "papers have a state", _rename_and_mark), Step(3, "what shouts is flagged", _flag_what_shouts)),
)


@pytest.fixture
async def empty(settings: Settings, tmp_path: Path):
    """A database in which nothing of all this is; what the test made is gone afterwards."""
    engine = engine_of(settings.records_url, tmp_path / "papers.db")
    await engine.run_sql("DROP TABLE IF EXISTS schema_version")
    yield engine
    for table in ("paper", "margin", "schema_version"):
        await engine.run_sql(f"DROP TABLE IF EXISTS {table}")
    await engine.close()


async def first_version(engine: Engine) -> None:
    """As the first release left it: before there was a table that says at which step it is."""
    await engine.run_sql("CREATE TABLE paper (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
    await engine.run_sql("INSERT INTO paper (id, body) VALUES (1, 'quiet'), (2, 'loud!')")


async def shape(engine: Engine) -> dict[str, set[str]]:
    found = {}
    for table in ("paper", "margin"):
        if isinstance(engine, Embedded):
            rows = await engine.run_sql("SELECT name FROM pragma_table_info(?)", table)
        else:
            sql = "SELECT column_name AS name FROM information_schema.columns WHERE table_name = ?"
            rows = await engine.run_sql(sql, table)
        found[table] = {row["name"] for row in rows}
    return found


async def at_step(engine: Engine) -> int:
    return int((await engine.run_sql("SELECT number FROM schema_version"))[0]["number"])


async def test_a_new_database_is_made_as_it_is_now(empty: Engine) -> None:
    await NOW.bring(empty)
    assert await at_step(empty) == 3
    assert await shape(empty) == {"paper": {"id", "words", "state", "flagged"}, "margin": {"id"}}


async def test_an_old_one_goes_through_every_step_and_comes_out_the_same(empty: Engine) -> None:
    await first_version(empty)
    await NOW.bring(empty)
    assert await at_step(empty) == 3
    assert await shape(empty) == {"paper": {"id", "words", "state", "flagged"}, "margin": {"id"}}
    rows = await empty.run_sql("SELECT words, state FROM paper WHERE flagged ORDER BY id")
    assert rows == [{"words": "loud!", "state": "kept"}]
    with pytest.raises(REFUSED, match="words_stay"):
        await empty.run_sql("UPDATE paper SET words = 'other'")


async def test_the_second_start_changes_nothing(empty: Engine) -> None:
    await first_version(empty)
    await NOW.bring(empty)
    before = await empty.run_sql("SELECT * FROM paper ORDER BY id")
    await NOW.bring(empty)
    assert await empty.run_sql("SELECT * FROM paper ORDER BY id") == before


async def test_a_step_that_fails_leaves_the_database_as_it_was(empty: Engine) -> None:
    async def fail(engine: Engine) -> None:
        await engine.run_sql("UPDATE paper SET words = 'half'")
        raise ZeroDivisionError

    await first_version(empty)
    broken = replace(NOW, steps=(NOW.steps[0], Step(3, "never", fail)))
    with pytest.raises(ZeroDivisionError):
        await broken.bring(empty)
    assert {row["body"] for row in await empty.run_sql("SELECT body FROM paper")} == {"quiet", "loud!"}
    await NOW.bring(empty)
    assert await at_step(empty) == 3


async def test_of_two_that_start_at_once_one_takes_the_steps(empty: Engine, settings: Settings, tmp_path: Path) -> None:
    await first_version(empty)
    other = engine_of(settings.records_url, tmp_path / "papers.db")
    await asyncio.gather(NOW.bring(empty), NOW.bring(other))
    await other.close()
    assert await at_step(empty) == 3


async def test_a_changed_refusal_takes_the_place_of_the_old_one(empty: Engine) -> None:
    await NOW.bring(empty)
    await empty.run_sql("INSERT INTO paper (id, words) VALUES (1, 'quiet')")
    milder = replace(NOW, refusals=(Refusal("paper", "UPDATE", "words_stay", "NEW.words = ''"), NOW.refusals[1]))
    await milder.bring(empty)
    await empty.run_sql("UPDATE paper SET words = 'other'")


@pytest.mark.parametrize("which", ["records", "keyring"])
async def test_a_newer_database_is_refused_and_left_alone(site: Site, settings: Settings, which: str) -> None:
    engine = site.records if which == "records" else site.keyring.engine
    before = await at_step(engine)
    await engine.run_sql("UPDATE schema_version SET number = 99")
    try:
        with pytest.raises(NewerDatabase, match="step 99"):
            await Site.open(settings)
        assert await at_step(engine) == 99
    finally:
        await engine.run_sql("UPDATE schema_version SET number = ?", before)


async def test_an_archive_of_an_older_version_comes_to_what_is_now(
    site: Site, settings: Settings, time: Time, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Both databases take their steps on the way from the archive into new ones."""
    kept = msgspec.structs.replace(settings, recovery_recipient=RECIPIENT)
    old = Site(kept, site.records, site.keyring, site.documents)
    living = await factories.application(site, time.now, await factories.vacancy(site, time.now))
    await backup.back_up(old, settings.backups, time.now)
    await site.close()
    taken: list[str] = []

    def step(name: str) -> Step:
        async def act(engine: Engine) -> None:
            assert await engine.run_sql("SELECT 1 AS here")
            taken.append(name)

        return Step(2, "a made-up step", act)

    monkeypatch.setattr(steps, "RECORDS", replace(steps.RECORDS, steps=(step("records"),)))
    monkeypatch.setattr(steps, "KEYRING", replace(steps.KEYRING, steps=(step("keyring"),)))
    new = msgspec.structs.replace(
        kept, data=tmp_path / "new", holders=(tmp_path / "new-keys",), records_url="", keyring_url=""
    )
    await restoring.restore(new, settings.backups, SECRET, time.now)
    assert sorted(taken) == ["keyring", "records"]
    again = await Site.open(new)
    assert await again.keyring.key(living)
    assert await at_step(again.records) == 2
    await again.close()
