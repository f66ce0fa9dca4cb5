"""Figures for Prometheus: how old, how many, how long; never who.

Guards that a label is one of a few words that are known beforehand (a route's pattern, a job, an alarm), so that
nothing from outside becomes one, and that looking often costs no more than looking once a minute.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from recruit import __version__, alarms, attendance, jobs
from recruit.site import Site

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FRESH = timedelta(minutes=1)
"""How long figures are good that the databases are asked for."""

_METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Measures:
    """What one process has answered since its start, and what its installation looks like."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._answers = Counter(
            "recruit_requests", "Answers by method, pattern of the route and status.", ("method", "route", "status"),
            registry=self._own,
        )  # fmt: skip
        self._seconds = Histogram(
            "recruit_request_seconds", "How long an answer took, by the pattern of the route.", ("route",),
            buckets=_SECONDS, registry=self._own,
        )  # fmt: skip
        self._looked: tuple[datetime, bytes] | None = None
        self._turn = asyncio.Lock()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        self._answers.labels(method if method in _METHODS else "other", route, status).inc()
        self._seconds.labels(route).observe(seconds)

    async def text(self, site: Site, now: datetime) -> bytes:
        """All figures in Prometheus's format."""
        async with self._turn:
            if self._looked is None or not timedelta(0) <= now - self._looked[0] < FRESH:
                self._looked = now, await _of_installation(site, now)
        return generate_latest(self._own) + self._looked[1]


async def _of_installation(site: Site, now: datetime) -> bytes:
    found = CollectorRegistry()
    _gauge(found, "version", "The version that is running.", ("version",), [((__version__,), 1)])
    ages = [((name,), await _age(site, name, now)) for name in jobs.JOBS]
    told = [(labels, age) for labels, age in ages if age is not None]
    _gauge(found, "job_age_seconds", "Time since the job last ended well; none if it never did.", ("job",), told)
    levels = await alarms.levels(site, now)
    standing = [((key, alarms.KINDS[key].severity), n) for key, n in levels.items()]
    _gauge(found, "alarm", "How many things an alarm is about; 0 where all is well.", ("alarm", "severity"), standing)
    _gauge(found, "overdue", "Whoever should have been erased by now.", (), [((), levels["overdue"])])
    _gauge(found, "outbox", "Mails by state.", ("state",), await _outbox(site))
    asked = await site.records.run_sql("SELECT count(*) AS n FROM rights_request WHERE state = 'received'")
    _gauge(found, "rights_requests_open", "Requests of candidates without an answer.", (), [((), asked[0]["n"])])
    up = await attendance.present(site, now)
    _gauge(found, "processes", "Processes that are up.", ("kind",), [((kind,), n) for kind, n in up.items()])
    return generate_latest(found)


def _gauge(
    registry: CollectorRegistry,
    name: str,
    text: str,
    labels: tuple[str, ...],
    values: Iterable[tuple[tuple[str, ...], float]],
) -> None:
    gauge = Gauge(f"recruit_{name}", text, labels, registry=registry)
    for named, value in values:
        (gauge.labels(*named) if labels else gauge).set(value)


async def _age(site: Site, job: str, now: datetime) -> float | None:
    ended = await jobs.last_good(site, job)
    return (now - ended).total_seconds() if ended else None


async def _outbox(site: Site) -> list[tuple[tuple[str, ...], float]]:
    """Of the mails that have not gone: those that have are ever more, and an index passes them by."""
    states = ("queued", "refused")
    rows = await site.records.run_sql(
        "SELECT state, count(*) AS n FROM mail WHERE state IN ('queued', 'refused') GROUP BY state"
    )
    each = {row["state"]: row["n"] for row in rows}
    return [((state,), each.get(state, 0)) for state in states]
