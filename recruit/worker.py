"""The worker: APScheduler starts the jobs at their times, and makes good what was missed.

Guards that a fault in one run neither stops the schedule nor the other jobs, and that stopping waits for what is under
way. The schedule lives in memory only; the database decides who runs what (`jobs.run_job`).
"""

import asyncio
import contextlib
import contextvars
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from recruit import attendance, clock, jobs, mail
from recruit.hiring import interviews, likeness, news, reading, referees
from recruit.locking import Busy
from recruit.settings import Settings
from recruit.site import Site

log = logging.getLogger("recruit.worker")

_MAIL_EVERY = 5
_LOOK_EVERY = 60
_READ_EVERY = 20


@contextlib.asynccontextmanager
async def scheduling(site: Site) -> AsyncIterator[None]:
    """Run the schedule while the block lasts; leaving it waits for runs that are under way."""
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    under_way: set[asyncio.Task[None]] = set()
    scheduler.add_job(_apart(under_way, _mail, site), IntervalTrigger(seconds=_MAIL_EVERY))
    scheduler.add_job(_apart(under_way, _whatever_is_due, site), IntervalTrigger(seconds=_LOOK_EVERY))
    scheduler.add_job(_apart(under_way, _look_after_hiring, site), IntervalTrigger(seconds=_READ_EVERY))
    scheduler.add_job(_apart(under_way, _read_mailbox, site), IntervalTrigger(seconds=_LOOK_EVERY))
    scheduler.start()
    starting = _spawn(under_way, _whatever_is_due, site)
    try:
        yield
    finally:
        scheduler.pause()
        await asyncio.gather(starting, *under_way, return_exceptions=True)
        scheduler.shutdown(wait=False)


async def work(settings: Settings) -> None:
    """A process of its own that runs the jobs until it is told to stop."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    site = await Site.open(settings)
    try:
        await site.know_store()
        async with attending(site, works=True), scheduling(site):
            await stop.wait()
    finally:
        await site.close()


@contextlib.asynccontextmanager
async def attending(site: Site, works: bool = False) -> AsyncIterator[None]:
    """Beat while the block lasts (`attendance`), saying whether the jobs run here. A beat that fails is followed by the
    next one.
    """

    async def beating() -> None:
        while True:
            await asyncio.sleep(attendance.BEAT)
            try:
                await attendance.beat(site, clock.now(), works)
            except Exception as error:
                log.error("a beat failed: %s", type(error).__name__)

    await attendance.beat(site, clock.now(), works)
    task = asyncio.get_running_loop().create_task(beating(), context=contextvars.Context())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await attendance.leave(site)


async def _mail(site: Site) -> None:
    """Few at a time, so that a slow mail server never outlasts the lease; until nothing is left that is due."""
    while any((await jobs.send_mail(site, clock.now(), mail.AT_ONCE)).values()):
        pass


async def _read_mailbox(site: Site) -> None:
    """Until nothing new is left in it."""
    while any((await jobs.read_mailbox(site, clock.now())).values()):
        pass


async def _look_after_hiring(site: Site) -> None:
    """Documents are read ahead, people who applied twice recognised, interviews and references of ended processes
    called off, and news told at once.
    """
    now = clock.now()
    await reading.read_ahead(site, now)
    await likeness.recognise(site, now)
    await interviews.cancel_ended(site, now)
    await referees.cancel_ended(site, now)
    await news.tell_at_once(site, now)


async def _whatever_is_due(site: Site) -> None:
    """Each due job in turn; one that fails is noted in its row and tried again later."""
    for name in await jobs.due_jobs(site, clock.now()):
        now = clock.now()
        try:
            await jobs.run_job(site, name, now, jobs.JOBS[name].slot(now))
        except Busy:
            log.info("%s waits: another one is at work", name)
        except Exception as error:
            log.error("%s failed: %s", name, type(error).__name__)


def _apart(
    under_way: set[asyncio.Task[None]], act: Callable[[Site], Awaitable[None]], site: Site
) -> Callable[[], Awaitable[None]]:
    """The act as a task of its own: pausing lets it end, where the scheduler would cancel it."""

    async def start() -> None:
        await asyncio.wait([_spawn(under_way, act, site)])

    return start


def _spawn(
    under_way: set[asyncio.Task[None]], act: Callable[[Site], Awaitable[None]], site: Site
) -> asyncio.Task[None]:
    """In an empty context, so that no transaction of whoever starts it is inherited."""

    async def run() -> None:
        try:
            await act(site)
        except Exception as error:
            log.error("%s failed: %s", act.__name__, type(error).__name__)

    task = asyncio.get_running_loop().create_task(run(), context=contextvars.Context())
    under_way.add(task)
    task.add_done_callback(under_way.discard)
    return task
