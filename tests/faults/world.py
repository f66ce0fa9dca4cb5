"""A small installation on the evening before a purge, made once and copied for every interruption; and the acts that
are interrupted. Also a program of its own: `python -m tests.faults.world FOLDER ACT STEPS` acts until it is killed.
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from recruit import backup, mail, restoring
from recruit.careers import rules as forms
from recruit.careers import service as careers
from recruit.documents import confined
from recruit.documents.results import Examined
from recruit.employer import set_employer, set_policy
from recruit.retention import consent, holds, issuing, parts, purge, remembered, service
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site
from recruit.tables import ApplicationData, Person, Referee
from recruit.vault import keyring
from recruit.vault.keyring import Birth
from recruit.vault.sealing import seal, unseal
from tests import factories
from tests.careers.conftest import pdf
from tests.conftest import EMPLOYER
from tests.faults.boundaries import Fate
from tests.faults.invariants import Place

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DOCUMENT = (("cv.pdf", "application/pdf", b"%PDF-1.4 a small CV"),)


def settings_of(folder: Path, mode: str, recipient: str, urls: Sequence[str] = ("", "")) -> Settings:
    return Settings(
        data=folder / "data",
        records_url=urls[0],
        keyring_url=urls[1],
        holders=(folder / "keys-1", folder / "keys-2"),
        backups=folder / "backups",
        backup_mode=mode,
        recovery_recipient=recipient,
        smtp=f"maildir:{folder / 'mail'}",
    )


class World:
    """An installation in a folder: who is due, who lives, who is held, and what day it is."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.place = folder, Place(folder)
        told = json.loads((folder / "world.json").read_text())
        self.mode: str = told["mode"]
        self.now = datetime.fromisoformat(told["now"])
        self.ids: dict[str, str] = told["ids"]
        self.due: list[str] = told["due"]
        self.living: list[str] = told["living"]
        self.secret: str = told["secret"]
        self.settings = settings_of(folder, self.mode, told["recipient"], told["urls"])

    def id(self, name: str) -> UUID:
        return UUID(self.ids[name])

    def copy(self, to: Path) -> "World":
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)
        return World(to)

    async def open(self) -> Site:
        return await Site.open(self.settings)


async def make(folder: Path, mode: str, urls: Sequence[str] = ("", "")) -> World:
    """Live until the evening before two applications, one of them with a referee, and a draft fall due."""
    assert not (folder / "world.json").exists(), "a second world on top of the first is neither"
    secret, recipient = backup.make_recovery_key()
    site = await Site.open(settings_of(folder, mode, recipient, urls))
    await set_employer(site, EMPLOYER, None, START)
    await set_policy(site, Policy(), None, START)
    kari = await factories.staff(site, START, "recruiter", "dpo")
    vacancy = await factories.vacancy(site, START)
    ids = {"kari": kari, "vacancy": vacancy}
    for name in ("due", "second", "running", "held", "consenting", "undecided"):
        ids[name] = await factories.application(site, START, vacancy, f"{name}@example.org", documents=DOCUMENT)
        ids[f"{name}'s profile"] = await factories.candidate_of(site, ids[name])
    ids["referee"] = await _referee(site, ids["due"])
    ids["draft"] = uuid4()
    await site.keyring.birth(Birth(ids["draft"], "draft", START, retain_until=date(2026, 3, 16)))
    await issuing.issuer(site, START)
    await backup.back_up(site, site.settings.backups, START)
    await purge.run(site, START)
    await service.close_applications(site, [ids["due"], ids["second"], ids["held"]], "rejected", kari, START)
    await holds.place(site, ids["held"], kari, "dispute", "17(3)(e)", date(2027, 3, 2), START)
    now = START
    for _ in range(14):
        now += timedelta(days=1)
        if now.day == 12:
            await service.close_applications(site, [ids["consenting"], ids["undecided"]], "rejected", kari, now)
        await a_day(site, now)
    await site.close()
    due = [str(ids[name]) for name in ("due", "due's profile", "second", "second's profile", "referee", "draft")]
    living = [str(unit) for name, unit in ids.items() if str(unit) not in due and name != "vacancy"]
    told = {"mode": mode, "now": now.isoformat(), "due": due, "living": living, "secret": secret}
    told |= {"recipient": recipient, "urls": urls, "ids": {name: str(unit) for name, unit in ids.items()}}
    (folder / "world.json").write_text(json.dumps(told))
    return World(folder)


async def _referee(site: Site, application: UUID) -> UUID:
    unit = uuid4()
    (key,) = await site.keyring.birth(Birth(unit, "referee", START, parent=application))
    sealed = seal(key, "referee", unit, Person(name="Eva Rett", email="eva@example.org"))
    await Referee.insert(Referee(id=unit, application=application, added_at=START, sealed=sealed)).run()
    return unit


async def a_day(site: Site, now: datetime) -> purge.Counts:
    """What the worker does on a day, in short."""
    await careers.reconcile(site, now)
    await mail.deliver(site, mail.transport_of(site), now)  # type: ignore[arg-type]
    counts = await purge.run(site, now)
    await mail.deliver(site, mail.transport_of(site), now)  # type: ignore[arg-type]
    return counts


async def left_of(site: Site, application: UUID) -> tuple[str, list[bytes], list[parts.Part]]:
    """Of an application of which a part is erased: its letter, its documents, and what waits. All of it must open."""
    key = await site.keyring.key(application)
    (row,) = await site.records.run_sql("SELECT sealed FROM application WHERE id = ?", application)
    given = unseal(key, "application", application, bytes(row["sealed"]), ApplicationData)
    assert given.name, "what stays was lost"
    papers = await site.records.run_sql("SELECT id FROM document WHERE unit = ?", application)
    files = [await site.documents.whole(key, paper["id"]) for paper in papers]
    return given.letter, files, await parts.of_application(site, application)


# --- the acts ---------------------------------------------------------------------------------------------------------


async def _purge(site: Site, world: World, now: datetime) -> None:
    await purge.run(site, now)


async def _rotate(site: Site, world: World, now: datetime) -> None:
    await site.keyring.rotate()
    await site.keyring.retire_older()


async def _apply(site: Site, world: World, now: datetime) -> None:
    answers = forms.Answers(name="Åse Ny", email="new@example.org", phone="", letter="Hei")
    await careers.submit(site, world.id("vacancy"), answers, [("cv.pdf", "cv", pdf())], True, "nb", now)


async def _back_up(site: Site, world: World, now: datetime) -> None:
    await backup.back_up(site, site.settings.backups, now)


async def _consent(site: Site, world: World, now: datetime) -> None:
    await consent.give(site, world.id("consenting's profile"), "my_data", "nb", now)


async def _hold(site: Site, world: World, now: datetime) -> None:
    await holds.place(site, world.id("undecided"), world.id("kari"), "dispute", "17(3)(e)", date(2027, 3, 2), now)


async def _undo(site: Site, world: World, now: datetime) -> None:
    await service.undo_close(site, world.id("undecided"), world.id("kari"), now)


async def _close(site: Site, world: World, now: datetime) -> None:
    await service.close_applications(site, [world.id("running")], "rejected", world.id("kari"), now)


async def _part(site: Site, world: World, now: datetime) -> None:
    await parts.grant(site, world.id("running"), PARTED, world.id("kari"), now)


async def _hold_paper(site: Site, world: World, now: datetime) -> None:
    (paper, *_) = await site.records.run_sql("SELECT id FROM document WHERE unit = ?", world.id("undecided"))
    why = holds.Because("dispute", "17(3)(e)", date(2027, 3, 2))
    await holds.place_on_document(site, paper["id"], world.id("kari"), why, now)


PARTED = ("document", "application")

Act = Callable[[Site, World, datetime], Awaitable[None]]

ACTS: dict[str, Act] = {
    "purge": _purge,
    "rotate": _rotate,
    "apply": _apply,
    "back_up": _back_up,
    "consent": _consent,
    "hold": _hold,
    "hold_paper": _hold_paper,
    "undo": _undo,
    "close": _close,
    "part": _part,
}


async def restore(world: World) -> None:
    """Restore the newest archive on the day after."""
    await restoring.restore(world.settings, world.settings.backups, world.secret, world.now + timedelta(days=1))


async def restore_as_told(world: World, now: datetime) -> None:
    """Restore the newest archive; what a start in between has made is moved away first, as the refusal says."""
    try:
        await restoring.restore(world.settings, world.settings.backups, world.secret, now)
    except restoring.RestoreRefused as refused:
        if "move that folder away" not in str(refused):
            raise
        shutil.rmtree(world.settings.data)
        await restoring.restore(world.settings, world.settings.backups, world.secret, now)


async def confirm(site: Site, world: World, now: datetime) -> None:
    """A person looks after a restore."""
    await remembered.confirm(site, world.id("kari"), now)


def quick(patch: pytest.MonkeyPatch) -> None:
    """Leave out what takes long and has tests of its own: looking into files, drawing and signing the receipt. And go
    through the keys by slices so small that there are several.
    """

    async def fine(data: bytes, media_type: str) -> Examined:
        return Examined(media_type, 1)

    patch.setattr(confined, "examine", fine)
    patch.setattr(keyring, "SLICE", 7)
    patch.setattr(keyring, "BREATH", 0.0)
    patch.setattr(issuing.Issuer, "_signed", lambda self, facts: f"receipt of {facts.purge_id}".encode())


async def _act(world: World, name: str, fate: Fate, steps: int | None) -> None:
    now = world.now + timedelta(days=1)
    if name == "restore":
        shutil.rmtree(world.settings.data)
        fate.arm(steps)
        await restoring.restore(world.settings, world.settings.backups, world.secret, now)
        return
    site = await world.open()
    fate.arm(steps)
    await ACTS[name](site, world, now)


def main() -> None:
    """Act in a process of its own that is ended hard before a step; prints how many steps there were if it was not."""
    folder, name, steps = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    patch = pytest.MonkeyPatch()
    quick(patch)
    fate = Fate(patch, end=lambda: os._exit(9))
    asyncio.run(_act(World(folder), name, fate, steps if steps >= 0 else None))
    taken = fate.disarm()
    sys.stdout.write(f"{taken}\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
