"""What machines are told: yes or no to anybody, parts and figures to insiders, and in the log nothing about anyone."""

import asyncio
import dataclasses
import gc
import io
import json
import logging
import re
from collections.abc import Iterator

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from recruit import alarms, attendance, jobs, logs
from recruit.serving import AccessLog
from recruit.settings import SettingsInvalid, read
from recruit.site import Site
from tests import factories
from tests.browsing import Client
from tests.conftest import ORIGIN, Time, app_of_tests

TOKEN = "a-token-of-the-monitoring"
HERE = "http://127.0.0.1:8000"


class Around:
    """The app as it is served, asked from wherever a test wants."""

    def __init__(self) -> None:
        self.app = app_of_tests(False)
        self.served = AccessLog(self.app, self.app.state.measures)

    async def ask(self, path: str, host: str = HERE, peer: str = "127.0.0.1", **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.served, client=(peer, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=host) as outside:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await outside.get(path, headers=named)


async def test_strangers_learn_yes_or_no_and_insiders_which_part(
    client: Client, site: Site, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = Around()
    assert (await around.ask("/health/live", "https://jobs.example.no", "203.0.113.9")).text == "live\n"
    assert "worker: not ready" in (await around.ask("/health/ready")).text
    await attendance.beat(site, time.now, works=True)
    well = await around.ask("/health/ready")
    assert (well.status_code, well.text.count(": ok")) == (200, 5)
    for key in site.settings.holders[0].glob("epoch-*"):
        key.rename(key.with_name("away"))
    broken = await around.ask("/health/ready")
    assert broken.status_code == 503
    assert "holders: not ready" in broken.text
    assert str(site.settings.data) not in broken.text
    for told in (
        await around.ask("/health/ready", "https://jobs.example.no"),  # the proxy's request, which comes from here
        await around.ask("/health/ready", x_forwarded_for="203.0.113.9"),
        await around.ask("/health/ready", peer="203.0.113.9"),
        await around.ask("/health/ready", peer="203.0.113.9", authorization="Bearer "),
    ):
        assert (told.status_code, told.text) == (503, "not ready\n")
    assert (await around.ask("/metrics", "https://jobs.example.no")).status_code == 404
    with_token = msgspec.structs.replace(site.settings, metrics_token=TOKEN)
    monkeypatch.setattr(around.app.state, "site", dataclasses.replace(site, settings=with_token))
    inside = await around.ask("/metrics", peer="203.0.113.9", authorization=f"Bearer {TOKEN}")
    assert inside.status_code == 200
    assert (await around.ask("/metrics", peer="203.0.113.9", authorization=f"Bearer {TOKEN}x")).status_code == 404


def _figures(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_the_figures_say_how_old_how_many_and_never_who(client: Client, site: Site, time: Time) -> None:
    around = Around()
    await jobs.run_job(site, "purge", time.now)
    time.forward(hours=30)
    await attendance.beat(site, time.now, works=True)
    await around.ask("/careers/kari@example.no?q=kari@example.no", ORIGIN)
    said = (await around.ask("/metrics")).text
    found = _figures(said)
    assert found[("recruit_job_age_seconds", "purge")] == 30 * 3600
    assert found[("recruit_alarm", "purge_ran", "alarm")] == 1
    assert {name[1] for name in found if name[0] == "recruit_alarm"} == set(alarms.KINDS)
    assert found[("recruit_processes", "worker")] == 1
    assert found[("recruit_overdue",)] == found[("recruit_rights_requests_open",)] == 0
    assert found[("recruit_outbox", "queued")] == 0
    assert found[("recruit_requests_total", "GET", "-", "404")] >= 1
    assert "kari" not in said
    await jobs.run_job(site, "purge", time.now)
    assert _figures((await around.ask("/metrics")).text)[("recruit_job_age_seconds", "purge")] == 30 * 3600
    time.forward(minutes=1)
    assert _figures((await around.ask("/metrics")).text)[("recruit_job_age_seconds", "purge")] == 60


CANARY = "Kari Nordmann kari@example.no"


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """What the program logs as JSON meanwhile."""
    root = logging.getLogger()
    before, level, stream = list(root.handlers), root.level, io.StringIO()
    logs.begin("json", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.raiseExceptions = True


async def test_nothing_about_anybody_lands_in_the_log(
    client: Client, site: Site, time: Time, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that are found and not, refused and broken; a library's complaint; a task that fails unseen."""
    around = Around()
    vacancy = await factories.vacancy(site, time.now)
    await factories.application(site, time.now, vacancy, "kari@example.no", "Kari Nordmann")
    for path in (f"/vacancies/{vacancy}?q=kari", "/r/kari-nordmann", "/kari@example.no", "/my"):
        await around.ask(path, ORIGIN)

    async def broken(*_: object) -> None:
        raise ValueError(CANARY) from KeyError(CANARY)

    logging.getLogger("somebody.else").error("refused %s\nfor %s", CANARY, CANARY)
    logging.getLogger("recruit.worker").error("it failed", exc_info=ValueError(CANARY))
    await asyncio.wait([asyncio.create_task(broken())])
    monkeypatch.setattr(site.records, "run_sql", broken)
    for path in ("/health/ready", "/"):
        await around.ask(path, ORIGIN)
    monkeypatch.undo()
    gc.collect()
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    assert {"asyncio", "somebody.else", "recruit", "recruit.access", "recruit.health", "recruit.worker"} <= {
        line["log"] for line in lines
    }
    assert next(line for line in lines if line["log"] == "asyncio")["fault"].startswith("KeyError")
    secret = next(line for line in lines if line.get("route") == "/r/{token:str}")
    assert (secret["method"], secret["status"], secret["level"]) == ("GET", 404, "info")
    assert not {"kari", "nordmann"} & set(re.findall(r"\w+", said.getvalue().lower()))


def test_a_token_that_can_be_guessed_and_an_unknown_kind_of_log_are_refused() -> None:
    for name, value in (("METRICS_TOKEN", "short"), ("LOG", "xml")):
        with pytest.raises(SettingsInvalid, match=f"RECRUIT_{name}"):
            read({f"RECRUIT_{name}": value})
