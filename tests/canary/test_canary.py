"""After a purge nobody's words are left anywhere that is ours, older copies of it and every key that is left included;
and everybody who was not purged is there, bit by bit.
"""

import base64
import io
import logging
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recruit import backup, jobs
from recruit.data_map import FIELDS
from recruit.documents import confined
from recruit.documents.results import Examined
from recruit.employer import set_policy
from recruit.retention import parts, purge, remembered, service
from recruit.retention.rules import Policy
from recruit.settings import Settings
from recruit.site import Site
from recruit.tables import RECORDS
from tests.canary import planting, searching
from tests.canary.planting import GOING, House, Someone
from tests.conftest import Time
from tests.faults.invariants import Place, check, derived, differences, epoch_keys, fingerprint, unwrapped
from tests.retention.test_purge import nightly

SECRET, RECIPIENT = backup.make_recovery_key()
_MEMORY = Path("/dev/shm")


@pytest.fixture
def ground() -> Iterator[Path]:
    """In memory where there is such a place: this is about bytes, and thousands of flushes take long."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(params=["plain", "strict"])
def settings(request: pytest.FixtureRequest, settings: Settings, ground: Path) -> Settings:
    """Strict archives are left unsealed here: they have to be worthless by themselves."""
    plain = request.param == "plain"
    ours = ground / "ours"
    return msgspec.structs.replace(
        settings,
        data=ours / "data",
        holders=(ours / "keys-1", ours / "keys-2"),
        backups=ours / "backups",
        backup_mode=request.param,
        recovery_recipient=RECIPIENT if plain else "",
        smtp=f"maildir:{ground / 'outside'}",
    )


@pytest.fixture
def temp(ground: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Whatever is written into a temporary folder is written here."""
    folder = ground / "temp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def log(ground: Path, temp: Path) -> Iterator[Path]:
    """All that anybody logs, down to the last detail."""
    folder = ground / "log"
    folder.mkdir()
    handler = logging.FileHandler(folder / "everything.log")
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("aiosqlite").setLevel(logging.INFO)  # every statement, with its sealed parameters: too much
    yield folder
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def unexamined(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fine(data: bytes, media_type: str) -> Examined:
        return Examined(media_type, 1)

    monkeypatch.setattr(confined, "examine", fine)


@dataclass
class Copies:
    """Raw copies of everything but keys, taken while the installation ran, as a thief or a snapshot would have them."""

    ground: Path
    ours: Path
    keys: list[list[bytes]] = field(default_factory=list)

    def take(self) -> None:
        """And what opened them then, to see that it was all there."""
        self.keys.append(epoch_keys(Place(self.ours)))
        target = self.ground / "copies" / str(len(self.keys))
        shutil.copytree(self.ours, target, ignore=lambda _, names: [n for n in names if n.startswith("epoch-")])

    @property
    def all(self) -> list[Path]:
        return sorted((self.ground / "copies").iterdir())


# --- what older copies still give -------------------------------------------------------------------------------------


def rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return database.execute(sql).fetchall()


def opened_keys(copy: Path, keys: list[bytes]) -> dict[str, bytes]:
    """The data keys that these epoch keys open in a copy: keyring, holders' copies, births in journals, archives."""
    found: dict[str, bytes] = {}
    stores = [*copy.rglob("keyring.db"), *unpacked(copy)]
    for store in stores:
        for row in rows(store, "SELECT id, epoch, wrapped FROM data_key WHERE wrapped IS NOT NULL"):
            for key in keys:
                secret = unwrapped(key, row["id"], row["epoch"], row["wrapped"])
                if secret:
                    found[row["id"]] = secret
    for journal in copy.rglob("journal.jsonl"):
        for line in map(msgspec.json.decode, journal.read_bytes().splitlines()):
            if line["kind"] == "birth":
                row = line["row"]
                for key in keys:
                    secret = unwrapped(key, row["id"], row["epoch"], bytes.fromhex(row["wrapped"]))
                    if secret:
                        found[row["id"]] = secret
    return found


def unpacked(copy: Path) -> list[Path]:
    """The keyrings in unsealed archives."""
    found = []
    for archive in copy.rglob("*.tar"):
        target = archive.with_suffix(".keyring")
        with tarfile.open(archive) as tar:
            member = tar.extractfile("keyring.db")
            assert member
            target.write_bytes(member.read())
        found.append(target)
    return found


def opened_rows(copy: Path, secrets: dict[str, bytes]) -> set[str]:
    """The units of which any of these data keys opens any sealed row in a copy."""
    ciphers = [AESGCM(derived(secret, "value")) for secret in secrets.values()]
    found = set()
    for table in (t for t in RECORDS if any(c._meta.name == "sealed" for c in t._meta.columns)):
        name = table._meta.tablename
        for row in rows(copy / "data" / "records.db", f"SELECT id, sealed FROM {name}"):
            blob, unit = row["sealed"], UUID(bytes=row["sealed"][2:18])
            for cipher in ciphers:
                place = f"{name}.sealed".encode() + UUID(row["id"]).bytes + unit.bytes
                try:
                    cipher.decrypt(blob[18:30], blob[30:], place)
                    found.add(str(unit))
                except InvalidTag:
                    continue
    return found


# --- the claims -------------------------------------------------------------------------------------------------------


def test_the_search_finds_a_canary_in_every_encoding(tmp_path: Path) -> None:
    word = f"before {planting.PREFIX}0000000000000001 after"
    phone = f"tel {planting.DIGITS}000000000001."
    for text in (word, phone):
        data = text.encode()
        hidden = {
            "raw": data,
            "utf-16": text.encode("utf-16"),
            "hex": data.hex().encode(),
            "HEX": data.hex().upper().encode(),
            "quoted": "".join(f"%{byte:02x}" for byte in data).encode(),
            "deflated": b"stream\n" + zlib.compress(data) + b"\nendstream",
            **{f"base64 {pad}": base64.b64encode(b"x" * pad + data) for pad in range(3)},
            "base64 in lines": base64.b64encode(data),
        }
        for name, content in hidden.items():
            assert searching.hits_in(b"\x00" * 77 + content + b"\x00" * 5), name
    (tmp_path / f"{planting.PREFIX}.txt").write_bytes(b"")
    assert searching.hits(tmp_path)
    assert not searching.hits_in(os.urandom(2_000_000))


async def test_nothing_of_the_erased_is_left_and_everything_of_the_living(
    site: Site, time: Time, ground: Path, temp: Path, log: Path, unexamined: None, capfd: pytest.CaptureFixture[str]
) -> None:
    ours = Place(ground / "ours")
    copies = Copies(ground, ours.folder)
    await set_policy(site, Policy(draft_days=14, enquiry_months=1), None, time.now)
    house = await planting.plant(site, time.now)
    going, lessened, living = (
        house.people[:GOING],
        house.people[GOING + 2],
        [*house.people[GOING : GOING + 2], *house.people[GOING + 3 :], house.paper],
    )
    await everything_is_there(site, house)
    await purge.run(site, time.now)
    await backup.back_up(site, site.settings.backups, time.now)
    copies.take()
    erased = await words_of_a_part(site, lessened)
    assert await parts.grant(site, lessened.application, PARTED, house.me.id, time.now)
    await service.close_applications(site, [p.application for p in going], "rejected", house.me.id, time.now)
    await nightly(site, time, 14)
    copies.take()
    await backup.back_up(site, site.settings.backups, time.now)
    before = fingerprint(ours, [str(unit) for who in (*living, house.worker) for unit in who.units])
    for copy, keys in zip(copies.all, copies.keys, strict=True):
        then = opened_keys(copy, keys)
        there = [who for who in going if who.number % 5 != 1]  # the others withdrew their consent, and went at once
        assert {str(unit) for who in there for unit in (who.application, who.profile)} <= then.keys()
        assert {str(who.application) for who in there} <= opened_rows(copy, then)

    runs = await nightly(site, time, 3)
    copies.take()
    assert sum(run.failed for run in runs) == 0
    gone = [str(unit) for who in (*going, house.drafts) for unit in who.units]
    gone += [str(who.units[-1]) for who in living if who.number % 5 == 1]  # the referees who were taken off
    split = [unit for entry in await site.keyring.entries() if "of" in entry.body for unit in entry.body["units"]]
    assert len(gone) > 3 * GOING
    assert split
    gone += split

    assert check(ours) == []
    assert differences(before, fingerprint(ours, [str(u) for who in (*living, house.worker) for u in who.units])) == [
        f"I8: key {unit} is not as it was" for unit in gone if f"key {unit}" in before
    ]
    every_key_is_gone(ours, gone)
    await only_the_living_are_there(site, house, going, living)
    whole = "\n".join((await planting.readable(site)).values())
    assert [word for word in erased if word in whole] == []
    assert [word for word in house.paper.words if word not in whole] == [], "the held paper has outlived the rest"
    assert sum(word in whole for word in lessened.words) >= len(set(lessened.words) - set(erased)) - 8
    await nothing_stands_in_clear(site, ground, temp, log, capfd)
    older_copies_give_nothing(ours, copies, gone, living)
    for copy in copies.all[:1]:  # what stays is under another key by now: what the first copy has of it opens no more
        present = opened_keys(ours.folder, epoch_keys(ours))
        assert str(lessened.application) in present
        assert str(lessened.application) not in opened_rows(copy, present)
    await archives_go(site, time, ours, gone)


async def everything_is_there(site: Site, house: House) -> None:
    """Every canary can be read, and every sealed field that may hold words holds one."""
    texts = await planting.readable(site)
    whole = "\n".join(texts.values())
    missing = [word for who in (*house.people, house.worker) for word in set(who.words) if word not in whole]
    # what was changed or taken off again is gone already: a name and a telephone number, and a removed referee
    removed = sum(6 if who.number % 5 == 1 else 0 for who in house.people)
    assert len(missing) <= 2 * len(house.people) + removed
    empty = {
        place
        for place in planting.fields_with_words()
        if planting.PREFIX not in texts.get(place, "") and planting.DIGITS not in texts.get(place, "")
    }
    assert empty - {("document", "digest")} == set()
    assert planting.PREFIX in texts["document", "bytes"]


PARTED = ("document", "interview_note", "screening")
"""What is erased of somebody who stays."""


async def words_of_a_part(site: Site, who: Someone) -> list[str]:
    """The canaries of these categories, wherever they are sealed."""
    texts = await planting.readable(site)
    named = [name.split(".sealed.") for name, field in FIELDS.items() if field.category in PARTED]
    found = {
        word
        for place in (*map(tuple, named), ("document", "bytes"))
        for word in who.words
        if word in texts.get(place, "")
    }
    found -= {word for word in found if word in texts["mail", "text"]}  # a source that an e-mail names, which stays
    assert len(found) > 10
    return sorted(found)


def every_key_is_gone(ours: Place, gone: list[str]) -> None:
    """Of each erased unit a tombstone that names its purge is left, and nothing that any key of ours opens: in the
    keyring, in what holders keep of it, in their journals and in archives.
    """
    tombs = {
        row["id"]: row for row in rows(ours.data / "keyring.db", "SELECT id, wrapped, lookup, purge FROM data_key")
    }
    for unit in gone:
        assert unit in tombs, f"{unit} has no tombstone"
        assert tombs[unit]["wrapped"] is None, f"the key of {unit} is there"
        assert tombs[unit]["lookup"] is None, f"{unit} can be found by an address"
        assert tombs[unit]["purge"], f"nothing says which purge took {unit}"
    for store in ours.folder.rglob("keyring.db"):
        keys = {row["id"]: row["wrapped"] for row in rows(store, "SELECT id, wrapped FROM data_key")}
        assert [unit for unit in gone if keys.get(unit)] == [], store
    assert not opened_keys(ours.folder, epoch_keys(ours)).keys() & set(gone)


async def only_the_living_are_there(site: Site, house: House, going: list[Someone], living: list[Someone]) -> None:
    whole = "\n".join((await planting.readable(site)).values())
    left = [word for who in (*going, house.drafts) for word in who.words if word in whole]
    assert left == []
    for who in living:
        assert sum(word in whole for word in who.words) >= len(set(who.words)) - 8


async def nothing_stands_in_clear(
    site: Site, ground: Path, temp: Path, log: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ours = ground / "ours"
    assert searching.files(ours) > 6 * GOING
    assert (log / "everything.log").stat().st_size > 1_000
    assert searching.hits(ours, temp, log) == []
    out, err = capfd.readouterr()
    assert searching.hits_in((out + err).encode()) == []
    assert len(list((ours / "data" / "documents" / "receipts").iterdir())) > GOING
    assert searching.hits(ground / "outside"), "the world outside has had mail, and is searched by the same search"


def older_copies_give_nothing(ours: Place, copies: Copies, gone: list[str], living: list[Someone]) -> None:
    keys = epoch_keys(ours)
    assert len(set(keys)) == 1
    present = opened_keys(ours.folder, keys)
    assert not present.keys() & set(gone)
    assert {str(who.application) for who in living} <= present.keys()
    for copy in copies.all:
        assert not opened_keys(copy, keys).keys() & set(gone), copy.name
        opened = opened_rows(copy, present)
        assert not opened & set(gone), copy.name
        assert {str(who.application) for who in living} <= opened
    assert searching.hits(ours.folder, *copies.all) == []


async def archives_go(site: Site, time: Time, ours: Place, gone: list[str]) -> None:
    """Plain archives open with the recovery key alone, and go after the horizon; strict ones are dead already."""
    import pyrage

    first = backup.archives(site.settings.backups)[0]
    if site.settings.backup_mode == "plain":
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(first.read_bytes(), [pyrage.x25519.Identity.generate()])
        whole = pyrage.decrypt(first.read_bytes(), [pyrage.x25519.Identity.from_str(SECRET)])
        with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
            inside = tar.extractfile("epoch.key")
            assert inside
            assert len(inside.read()) == 32
    time.forward(days=31)
    await remembered.confirm(site, UUID(int=1), time.now)  # a person says that the clock is right (L17)
    await jobs.run_job(site, "backup", time.now)
    (left,) = backup.archives(site.settings.backups)
    assert left != first
    assert not opened_keys(ours.folder, epoch_keys(ours)).keys() & set(gone)
