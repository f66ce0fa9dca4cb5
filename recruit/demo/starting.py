"""The demonstration's folder: made once, with its whole story, and kept; the next start is instant.

Guards that a demonstration that was cut off while it was made is never taken for a whole one (it is made beside its
place and moved there), and that everything of it lies in that one folder.
"""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from recruit import backup, clock, jobs
from recruit.demo import life, passing
from recruit.paths import PACKAGE
from recruit.settings import Settings
from recruit.site import Site
from recruit.vault import durable

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Ready:
    """A demonstration that can be served. `made` says that it is new."""

    settings: Settings
    made: bool


def usual_folder() -> Path:
    """`var/demo` in a checkout; a cache folder of the user's for an installed wheel."""
    checkout = PACKAGE.parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / "var" / "demo"
    return Path.home() / ".cache" / "recruit-demo"


def settings_in(folder: Path, port: int) -> Settings:
    """All of it under one folder: data, keys, archives, the mailbox and even the recovery key."""
    return Settings(
        data=folder / "data",
        holders=(folder / "keys",),
        backups=folder / "backups",
        recovery_recipient=_recipient(folder),
        public_url=f"http://127.0.0.1:{port}",
        port=port,
        smtp=f"maildir:{folder / 'mailbox'}",
        mail_from="rekruttering@kvitvaer.example",
        demo=True,
    )


async def prepare(folder: Path, port: int, fresh: bool, told: Told) -> Ready:
    """Make the story if there is none (or `fresh`), then bring clock and jobs up to now."""
    made = fresh or not (folder / "data").is_dir()
    if made:
        await _make(folder, port, told)
    settings = settings_in(folder, port)
    site = await Site.open(settings)
    try:
        await passing.wind_up(site)
        await _catch_up(site)
    finally:
        await site.close()
    return Ready(settings, made)


async def _make(folder: Path, port: int, told: Told) -> None:
    waiting = folder.with_name(folder.name + ".new")
    await asyncio.to_thread(shutil.rmtree, waiting, True)
    await asyncio.to_thread(durable.make_folder, waiting)
    now = clock.now()
    site = await Site.open(settings_in(waiting, port))
    try:
        for engine in (site.records, site.keyring.engine):  # the folder gets its name only when it is whole
            await engine.run_sql("PRAGMA synchronous = OFF")
        await life.live(site, now, told)
        for job in ("upkeep", "backup", "trial_restore", "alarms"):
            await jobs.run_job(site, job, now, jobs.JOBS[job].slot(now))
        await jobs.send_mail(site, now)
    finally:
        await site.close()
    await asyncio.to_thread(shutil.rmtree, folder, True)
    waiting.replace(folder)


async def _catch_up(site: Site) -> None:
    """The days on which nobody ran the demonstration, as if somebody had."""
    last = await jobs.last_good(site, "purge")
    if last is not None and clock.now() - last > timedelta(hours=25):
        await passing.let_pass(site, last, clock.now())


def _recipient(folder: Path) -> str:
    """The recovery key of a demonstration lies in its folder; a real one is shown once and kept elsewhere."""
    kept = folder / "recovery-key.txt"
    if not kept.is_file():
        durable.make_folder(folder)
        secret, recipient = backup.make_recovery_key()
        durable.write(kept, f"{secret}\n{recipient}\n".encode())
    return kept.read_text("utf-8").splitlines()[1]
