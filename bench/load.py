"""Mixed work on an installation with many stored applications, beside the same work on one that has nothing else.

People browse vacancies, apply with a CV of 1 MB, review (desk, list, application, a move to another stage), all at once
and one after another without a pause, while `recruit purge` erases what is due in a process of its own. `recruit serve`
is one process. Both installations have what the work needs: open vacancies, and applications that are due; one of them
has the stored applications besides, sealed as the real acts would have sealed them, in vacancies that have ended, kept
by consent. Those have rows and keys but no file: nothing here would open it.

Counted: answers per second, and the time of each kind of act. Looked at afterwards: that memory has stayed where it
was, that nothing which was acknowledged is lost, that all that was due is gone and has its receipt.

    python -m bench.load [--engine sqlite|postgres|both] [--stored N] [--seconds S] [--due N] [--folder DIR]
"""

import argparse
import asyncio
import http.client
import itertools
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec

from bench import Promise
from bench._installation import EMPLOYER, Life, people, settings_in, signed_in
from bench._serving import PATIENCE, Server, environment, serving
from bench.memory import resident
from recruit import clock
from recruit.clock import day
from recruit.employer import set_employer, set_policy
from recruit.paging import PAGE
from recruit.retention import remembered
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site
from tests import postgres
from tests.careers.conftest import PERSON, pdf

OPEN, IN_EACH = 10, 100
"""Open vacancies, and the applications that each has before anybody applies."""
ENDED_EACH = 500
ENDED_FOR = timedelta(days=60)
LIMIT = 2.0
"""How many times as long the median of any kind of act may take as on an empty database."""
GROWTH = 1.15
_ROOMY = {**postgres.OPTIONS, "autovacuum": "on", "shared_buffers": "1GB", "max_wal_size": "8GB"}


@dataclass
class Made:
    """What an installation holds: where people apply, who is reviewed, who is due, and how many there are."""

    settings: Settings
    cookie: str = ""
    vacancies: list[UUID] = field(default_factory=list)
    running: list[UUID] = field(default_factory=list)
    due: int = 0
    stored: int = 0


# --- making -----------------------------------------------------------------------------------------------------------


def make(settings: Settings, stored: int, due: int) -> Made:
    """The stored ones are made by as many processes as there are cores, where a server keeps them."""
    made = asyncio.run(_beginning(settings, due))
    shares = os.cpu_count() or 1 if settings.records_url else 1
    parts = [stored * n // shares for n in range(shares + 1)]
    crowd = [
        multiprocessing.Process(target=_store, args=(settings, end - begin)) for begin, end in itertools.pairwise(parts)
    ]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join()
        assert process.exitcode == 0
    made.stored = stored
    return made


async def _beginning(settings: Settings, due: int) -> Made:
    now = clock.now()
    site, made = await Site.open(settings), Made(settings)
    await set_employer(site, EMPLOYER, None, now - timedelta(days=300))
    await set_policy(site, Policy(), None, now - timedelta(days=300))
    made.cookie = await signed_in(site, "dpo")
    for _ in range(OPEN):
        vacancy = await _vacancy(site, "published")
        made.vacancies.append(vacancy)
        made.running += await people(site, vacancy, IN_EACH, Life(now - timedelta(days=9), now, file=pdf()))
    ended = now - ENDED_FOR
    for _ in range(PAGE):  # the list of vacancies is as long on both sides
        await _vacancy(site, "closed")
    gone = Life(ended - timedelta(days=30), ended, ended=True, kept_until=day(ended), announced=True)
    await people(site, await _vacancy(site, "closed"), due, gone)
    made.due = due
    await remembered.confirm(site, None, now)
    await site.close()
    return made


def _store(settings: Settings, many: int) -> None:
    asyncio.run(_stored(settings, many))


async def _stored(settings: Settings, many: int) -> None:
    site, ended = await Site.open(settings), clock.now() - ENDED_FOR
    until = day(ended) + timedelta(days=365)
    kept = Life(ended - timedelta(days=30), ended, ended=True, consented=True, kept_until=until, file=b"", mails=1)
    for start in range(0, many, ENDED_EACH):
        await people(site, await _vacancy(site, "closed"), min(ENDED_EACH, many - start), kept)
        if start // ENDED_EACH % 100 == 99:
            print(f"  {start + ENDED_EACH:,} stored by one of the processes", flush=True)
    await site.close()


async def _vacancy(site: Site, state: str) -> UUID:
    vacancy, at = uuid4(), clock.now() - timedelta(days=100)
    async with site.records.transaction():
        await site.records.run_sql(
            "INSERT INTO vacancy (id, state, title_nb, title_en, posting_nb, posting_en, place, extent, created_at, "
            "published_at) VALUES (?, ?, 'Montør', 'Fitter', 'Bygg.', 'Build.', 'Brumunddal', '100 %', ?, ?)",
            *(vacancy, state, at, at),
        )
    return vacancy


# --- the work ---------------------------------------------------------------------------------------------------------


class Person:
    """Somebody at work in a browser of their own, without a pause; what each act took, and what was acknowledged."""

    def __init__(self, made: Made, server: Server, number: int) -> None:
        self.made, self.server, self.chance = made, server, random.Random(number)
        self.times: dict[str, list[float]] = {}
        self.wrong: list[str] = []
        self.applied = 0
        self._own, self._stages = slice(number % 2, None, 2), dict[UUID, str]()
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)

    def browse(self) -> None:
        vacancy = self.chance.choice(self.made.vacancies)
        for kind, path in (
            ("vacancies", "/"),
            ("a vacancy", f"/positions/{vacancy}"),
            ("its form", f"/positions/{vacancy}/apply"),
        ):
            self._ask(kind, "GET", path, 200)

    def review(self) -> None:
        """Each has applications of their own: two who move the same one would be told so."""
        vacancy, application = self.chance.choice(self.made.vacancies), self.chance.choice(self.made.running[self._own])
        self._ask("the desk", "GET", "/desk", 200)
        self._ask("own vacancies", "GET", "/vacancies", 200)
        self._ask("a list", "GET", f"/vacancies/{vacancy}", 200)
        self._ask("an application", "GET", f"/applications/{application}", 200)
        stage = self._stages[application] = "screening" if self._stages.get(application) == "interview" else "interview"
        form = {"content-type": "application/x-www-form-urlencoded"}
        self._ask("a move", "POST", f"/applications/{application}/move", 303, f"stage={stage}".encode(), form)

    def apply(self) -> None:
        fields = {**PERSON, "email": f"{uuid4()}@example.org"}
        parts = [f'form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
        head = b'form-data; name="cv"; filename="cv.pdf"\r\ncontent-type: application/pdf\r\n\r\n'
        parts.append(head + CV + b"\r\n")
        body = b"".join(b"--frontier\r\ncontent-disposition: " + part for part in parts) + b"--frontier--\r\n"
        kind = {"content-type": "multipart/form-data; boundary=frontier"}
        path = f"/positions/{self.chance.choice(self.made.vacancies)}/apply"
        self.applied += self._ask("applying", "POST", path, 303, body, kind, "/applied")

    def _ask(
        self,
        kind: str,
        method: str,
        path: str,
        wanted: int,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        to: str = "",
    ) -> bool:
        own = {"origin": f"http://127.0.0.1:{self.server.port}", "x-forwarded-for": _address(self.chance)}
        own |= {"cookie": f"recruit={self.made.cookie}"} if kind in STAFF else {}
        begin = time.perf_counter()
        self._connection.request(method, path, body, own | (headers or {}))
        answer = self._connection.getresponse()
        answer.read()
        self.times.setdefault(kind, []).append(time.perf_counter() - begin)
        fine = answer.status == wanted and to in (answer.getheader("location") or "")
        if not fine:
            self.wrong.append(f"{method} {kind}: {answer.status}")
        return fine


STAFF = ("the desk", "own vacancies", "a list", "an application", "a move")
CV = pdf("load", 1024 * 1024)


def _address(chance: random.Random) -> str:
    """Each comes from elsewhere, or the limit on applying would be what is measured."""
    return ".".join(str(chance.randrange(1, 255)) for _ in range(4))


@dataclass
class Seen:
    """What a run has shown."""

    seconds: float
    times: dict[str, list[float]]
    applied: int
    wrong: list[str]
    memory: list[float]
    purged: float

    @property
    def per_second(self) -> float:
        return sum(map(len, self.times.values())) / self.seconds


def work(made: Made, seconds: float) -> Seen:
    """Two who browse, one who applies, two who review, until the time is over and the purge has ended."""
    with serving(made.settings, "--no-worker") as server:
        crowd = [Person(made, server, number) for number in range(5)]
        acts = [crowd[0].browse, crowd[1].browse, crowd[2].apply, crowd[3].review, crowd[4].review]
        over, begin = threading.Event(), time.perf_counter()
        threads = [threading.Thread(target=_again, args=(act, over)) for act in acts]
        for thread in threads:
            thread.start()
        memory: list[float] = []
        purged = 0.0
        with _purging(made.settings) as running:
            while time.perf_counter() - begin < seconds or running():
                memory.append(resident(server.process))
                purged = time.perf_counter() - begin if running() else purged
                time.sleep(0.5)
        over.set()
        for thread in threads:
            thread.join()
        taken = time.perf_counter() - begin
    times: dict[str, list[float]] = {}
    for person in crowd:
        for kind, each in person.times.items():
            times.setdefault(kind, []).extend(each)
    wrong = [word for person in crowd for word in person.wrong]
    return Seen(taken, times, sum(person.applied for person in crowd), wrong, memory, purged)


def _again(act: Callable[[], None], over: threading.Event) -> None:
    while not over.is_set():
        act()


@contextmanager
def _purging(settings: Settings) -> Iterator[Callable[[], bool]]:
    command = [sys.executable, "-m", "recruit", "purge", "--json"]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, env={**os.environ, **environment(settings)}, **quiet)  # type: ignore[call-overload]
    try:
        yield lambda: process.poll() is None
        out, told = process.communicate()
        assert process.returncode == 0, (out, told)
    finally:
        process.kill()


# --- what is left -----------------------------------------------------------------------------------------------------


async def lost(made: Made, applied: int) -> list[str]:
    """What is not as it must be afterwards; everybody who has applied meanwhile is opened, file included."""
    site = await Site.open(made.settings)
    wrong = []
    (row,) = await site.records.run_sql("SELECT count(*) AS n FROM application")
    expected = made.stored + len(made.running) + applied
    if row["n"] != expected:
        wrong.append(f"{row['n']:,} applications instead of {expected:,}")
    ended = await site.keyring.engine.run_sql("SELECT count(*) AS n FROM purge WHERE state = 'issued'")
    if ended[0]["n"] != made.due:
        wrong.append(f"{ended[0]['n']} receipts instead of {made.due}")
    papers = await site.records.run_sql("SELECT id, unit FROM document ORDER BY added_at DESC LIMIT ?", applied)
    for paper in papers:
        if await site.documents.whole(await site.keyring.key(paper["unit"]), paper["id"]) != CV:
            wrong.append("a CV is not what was sent")
    await site.close()
    return wrong


# --- both sides -------------------------------------------------------------------------------------------------------


def compare(bare: Seen, full: Seen, stored: int) -> int:
    """Print both beside each other; the exit status."""
    print(f"{'':16} {'empty: p50':>11} {'p99':>8} {f'{stored:,}: p50':>16} {'p99':>8} {'ratio of p50':>13} {'p99':>6}")
    ratios = {}
    for kind, one in bare.times.items():
        there = full.times[kind]
        (a, b), (c, d) = _quantiles(one), _quantiles(there)
        ratios[kind] = c / a
        print(f"{kind:16} {a:8.1f} ms {b:5.0f} ms {c:13.1f} ms {d:5.0f} ms {c / a:13.2f} {d / b:6.2f}")
    print(
        f"answers per second: {bare.per_second:.1f} and {full.per_second:.1f}, {full.per_second / bare.per_second:.2f}x"
    )
    spans = [f"{each.purged:.0f} of {each.seconds:.0f} s" for each in (bare, full)]
    print(f"the purge had ended after {spans[0]} and {spans[1]}")
    tenths = [full.memory[len(full.memory) * n // 10 :][: max(1, len(full.memory) // 10)] for n in range(10)]
    print(f"memory in tenths of the run: {', '.join(f'{statistics.median(each):.0f}' for each in tenths)} MB")
    quarter = max(1, len(full.memory) // 4)
    before, after = statistics.median(full.memory[quarter : 2 * quarter]), statistics.median(full.memory[-quarter:])
    flat = Promise("memory at the end / in the second quarter", GROWTH).judge([after / before])
    return flat | Promise(f"slowest median of an act at {stored:,} / empty", LIMIT).judge([max(ratios.values())])


def _quantiles(times: list[float]) -> tuple[float, float]:
    """Median and 99th of a hundred, in milliseconds."""
    ordered = sorted(times)
    return statistics.median(ordered) * 1000, ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000


def engine_run(engine: str, place: Path, args: argparse.Namespace) -> int:
    bad = 0
    seen = []
    with _settings(engine, place) as both:
        for settings, stored in zip(both, (0, args.stored), strict=True):
            begin = time.perf_counter()
            made = make(settings, stored, args.due)
            print(f"{engine}: {stored:,} stored applications made in {time.perf_counter() - begin:.0f} s", flush=True)
            seen.append(work(made, args.seconds))
            wrong = [*seen[-1].wrong, *asyncio.run(lost(made, seen[-1].applied))]
            print(f"{engine}: {seen[-1].applied} have applied; lost or refused: {wrong[:9] or 'nothing'}", flush=True)
            bad |= bool(wrong)
        return bad | compare(seen[0], seen[1], args.stored)


@contextmanager
def _settings(engine: str, place: Path) -> Iterator[list[Settings]]:
    """Of an installation for each side."""
    both = [settings_in(place / name) for name in ("empty", "full")]
    if engine == "sqlite":
        yield both
        return
    folder = place / "server"
    folder.mkdir()
    place.chmod(0o755)
    postgres.start(folder, _ROOMY, os.getpid())
    with postgres.fresh(
        str(folder), *(f"{side}_{half}" for side in ("empty", "full") for half in ("records", "keys"))
    ) as u:
        yield [
            msgspec.structs.replace(each, records_url=u[2 * n], keyring_url=u[2 * n + 1]) for n, each in enumerate(both)
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--stored", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--due", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="where the installations lie meanwhile")
    args, bad = parser.parse_args(), 0
    for engine in ("sqlite", "postgres") if args.engine == "both" else (args.engine,):
        with tempfile.TemporaryDirectory(dir=args.folder) as place:
            bad |= engine_run(engine, Path(place), args)
    return bad


if __name__ == "__main__":
    sys.exit(main())
