"""The weekly trial: an archive is made and restored beside the installation, and the living are opened from it.

Guards that backups are known to work before they are needed. It is made with a recovery key that lives only during the
trial; what it can't show is that the employer still has theirs. With PostgreSQL it is restored onto two databases
beside ours, or into files where the role may not make any. It runs in a process of its own, because one process serves
one installation, and everything it made is destroyed afterwards, keys first. While it lasts there is a second copy of
all keys, so no purge runs beside it, and none runs before what a cut-off trial has left is destroyed.
"""

import asyncio
import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from recruit import backup
from recruit.database import drop_beside, make_beside
from recruit.errors import RecruitError
from recruit.locking import alone
from recruit.settings import Settings
from recruit.site import Site
from recruit.vault import durable


class TrialFailed(RecruitError):
    """The archive did not bring everybody back."""

    status = 503
    text = "The trial restore failed: {why}. Make a backup by hand and look into it before you need one."


class Given(msgspec.Struct, frozen=True):
    """What the trial's process is told and nobody else may read: its recovery key, and its databases if it has any."""

    secret: str
    urls: tuple[str, str]


async def run(site: Site, now: datetime) -> dict[str, Any]:
    """Back up, restore and open; counts of units and documents opened. Busy, or TrialFailed if anything is missing."""
    folder = _folder(site.settings)
    secret, recipient = backup.make_recovery_key()
    async with alone(site.settings):
        await _clear(site.settings)
        try:
            sealed_to_it = msgspec.structs.replace(site.settings, recovery_recipient=recipient)
            trial_site = msgspec.structs.replace(sealed_to_it, backup_mode="plain")
            await backup.write(Site(trial_site, site.records, site.keyring, site.documents), folder / "archive", now)
            expected = await _living(site)
            answer = await _in_its_own_process(folder, Given(secret, await _beside(site.settings)), now)
        finally:
            await _clear(site.settings)
    if answer.get("units", 0) < expected:
        raise TrialFailed(why=answer.get("why") or f"{answer.get('units', 0)} of {expected} units came back")
    return answer


async def forget_interrupted(site: Site) -> None:
    """Destroy what a trial has left that was cut off; Busy while one is under way."""
    async with alone(site.settings):
        await _clear(site.settings)


async def _beside(settings: Settings) -> tuple[str, str]:
    """Two databases for the trial, or none of them."""
    made = [await make_beside(url) for url in (settings.records_url, settings.keyring_url) if url]
    return (made[0], made[1]) if all(made) and made else ("", "")


async def _clear(settings: Settings) -> None:
    _destroy(_folder(settings))
    for url in (settings.records_url, settings.keyring_url):
        if url:
            await drop_beside(url)


def _folder(settings: Settings) -> Path:
    return settings.backups / "trial"


async def _living(site: Site) -> int:
    rows = await site.keyring.engine.run_sql("SELECT count(*) AS n FROM data_key WHERE wrapped IS NOT NULL")
    return int(rows[0]["n"])


async def _in_its_own_process(folder: Path, given: Given, now: datetime) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "recruit.trial", str(folder), now.isoformat()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate(msgspec.json.encode(given))
    try:
        answer: dict[str, Any] = json.loads(out)
    except ValueError:
        return {"why": "its process ended without an answer"}
    return answer


async def open_everything(folder: Path, given: Given, now: datetime) -> dict[str, Any]:
    """Restore the trial's archive and open every key and every document in it."""
    from recruit.restoring import restore

    records, keyring = given.urls
    places = Settings(data=folder / "data", holders=(folder / "keys",), backups=folder / "none")
    settings = msgspec.structs.replace(places, records_url=records, keyring_url=keyring)
    await restore(settings, folder / "archive", given.secret, now)
    site = await Site.open(settings)
    try:
        rows = await site.keyring.engine.run_sql("SELECT id FROM data_key WHERE wrapped IS NOT NULL")
        keys = await site.keyring.keys(row["id"] for row in rows)
        documents = await site.records.run_sql("SELECT id, unit FROM document")
        opened = 0
        for row in documents:
            if row["unit"] in keys:
                async for _ in site.documents.read(keys[row["unit"]], row["id"]):
                    pass
                opened += 1
        return {"units": len(keys), "documents": opened}
    finally:
        await site.close()


def _destroy(folder: Path) -> None:
    for key in folder.glob("keys/epoch-*"):
        durable.destroy(key)
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """The trial's own process: what is secret comes on standard input, the counts leave on standard output."""
    folder, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    try:
        answer = asyncio.run(open_everything(folder, msgspec.json.decode(sys.stdin.read(), type=Given), now))
    except RecruitError as error:
        answer = {"why": str(error)}
    finally:
        _destroy(folder)  # whoever started this may have been killed meanwhile
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
