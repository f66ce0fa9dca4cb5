"""Documents in an S3-compatible store: every version goes, nothing is lost, and a store that is down says so."""

import asyncio
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec
import pytest

from recruit import backup, initialising, restoring
from recruit.careers import rules as forms
from recruit.careers import service as careers
from recruit.employer import set_employer, set_policy
from recruit.initialising import FileOfAnswers
from recruit.retention import purge, service, sweeping
from recruit.retention.rules import Policy
from recruit.settings import Settings, SettingsInvalid, read
from recruit.site import Site
from recruit.vault import bucket, documents
from recruit.vault.documents import DocumentStore, StoreDown
from recruit.vault.keyring import TooLate
from recruit.vault.sealing import UnitKey
from tests import factories
from tests.careers.conftest import Send, cv, pdf
from tests.conftest import EMPLOYER, Time
from tests.faults.world import quick
from tests.objects import Server
from tests.retention.test_purge import nightly

SECRET, RECIPIENT = backup.make_recovery_key()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


@pytest.fixture
def settings(settings: Settings, server: Server, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Documents in a versioned bucket, which is waited for one second at most."""
    monkeypatch.setattr(documents, "PATIENCE", 1)
    monkeypatch.setattr(bucket, "PATIENCE", 1)
    monkeypatch.setattr(documents, "TRIES", 3)
    monkeypatch.setattr(server, "fault", lambda method, path: "")
    return msgspec.structs.replace(settings, documents_url=server.bucket(), recovery_recipient=RECIPIENT)


def stored(server: Server, settings: Settings) -> list[str]:
    """Every version, delete marker and cut-off upload, as another program sees them."""
    client, name = server.client(), urlsplit(settings.documents_url).path.strip("/")
    found = client.list_object_versions(Bucket=name)
    uploads = client.list_multipart_uploads(Bucket=name).get("Uploads", [])
    return [each["Key"] for each in (*found.get("Versions", []), *found.get("DeleteMarkers", []), *uploads)]


async def test_every_version_of_the_erased_goes_and_an_archive_brings_the_living_back(
    site: Site, settings: Settings, server: Server, time: Time
) -> None:
    kari, vacancy = await factories.staff(site, time.now, "recruiter"), await factories.vacancy(site, time.now)
    files = (("cv.pdf", "application/pdf", pdf("canary", 6 * 1024 * 1024)),)
    dead = await factories.application(site, time.now, vacancy, documents=files[:1])
    living = await factories.application(site, time.now, vacancy, email="b@example.org", documents=files)
    client, name = server.client(), urlsplit(settings.documents_url).path.strip("/")
    (path,) = await site.documents.paths(f"units/{dead}")
    client.put_object(Bucket=name, Key=path, Body=b"an older state, and a newer one")
    client.delete_object(Bucket=name, Key=path)
    client.create_multipart_upload(Bucket=name, Key=f"{path}.cut-off")
    assert any(str(dead) in key for key in stored(server, settings))
    await backup.back_up(site, settings.backups, time.now)
    await purge.run(site, time.now)
    await service.close_applications(site, [dead], "rejected", kari, time.now)
    runs = await nightly(site, time, 16)
    assert sum(run.receipts for run in runs) == 1
    assert not [key for key in stored(server, settings) if str(dead) in key]
    assert sum(str(living) in key for key in stored(server, settings)) == 1
    (document,) = await site.records.run_sql("SELECT id FROM document")
    key = await site.keyring.key(living)
    assert await site.documents.whole(key, document["id"]) == files[0][2]
    await backup.back_up(site, settings.backups, time.now)
    for engine in (site.records, site.keyring.engine):
        if settings.records_url:
            await engine.empty()  # type: ignore[attr-defined]
    await site.close()
    shutil.rmtree(settings.data)
    with pytest.raises(restoring.RestoreRefused, match="Make an empty one for RECRUIT_DOCUMENTS_URL"):
        await restoring.restore(settings, settings.backups, SECRET, time.now)
    assert any(str(living) in key for key in stored(server, settings)), "a refusal touched the bucket"
    anew = msgspec.structs.replace(settings, documents_url=server.bucket())
    await restoring.restore(anew, backup.archives(settings.backups)[0], SECRET, time.now)
    assert not [key for key in stored(server, anew) if str(dead) in key], "an old archive brought the erased back"
    again = await Site.open(anew)
    assert await again.documents.whole(await again.keyring.key(living), document["id"]) == files[0][2]
    await again.close()


@pytest.mark.postgres
async def test_a_strict_archive_made_while_people_apply_holds_whom_it_holds_whole(
    settings: Settings, tmp_path: Path, server: Server, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And after a purge it still brings back who lives, by the holders' keyring, and nobody who was erased."""
    quick(monkeypatch)
    strict = msgspec.structs.replace(settings, backup_mode="strict", holders=(tmp_path / "keys", tmp_path / "keys-2"))
    site, over = await Site.open(strict), asyncio.Event()
    await set_employer(site, EMPLOYER, None, time.now)
    await set_policy(site, Policy(), None, time.now)
    kari, vacancy = await factories.staff(site, time.now, "recruiter"), await factories.vacancy(site, time.now)

    async def apply() -> UUID:
        answers = forms.Answers(name="Åse Ny", email=f"{uuid4()}@example.org", phone="", letter="Hei")
        return await careers.submit(site, vacancy, answers, [("cv.pdf", "cv", CV)], True, "nb", time.now)

    async def crowd() -> list[UUID]:
        came = []
        while not over.is_set():
            came.append(await apply())
        return came

    before = [await apply() for _ in range(4)]
    crowds = [asyncio.create_task(crowd()) for _ in range(3)]
    await backup.back_up(site, strict.backups, time.now, lambda step, done, total: sleep(0.2))
    over.set()
    meanwhile = {each for came in await asyncio.gather(*crowds) for each in came}
    assert len(meanwhile) > len(crowds)
    await service.grant_erasure(site, before[:1], kari, time.now)
    assert sum(run.receipts for run in await nightly(site, time, 4)) == 1
    for engine in (site.records, site.keyring.engine):
        await engine.empty()  # type: ignore[attr-defined]
    await site.close()
    shutil.rmtree(strict.data)
    anew = msgspec.structs.replace(strict, documents_url=server.bucket())
    await restoring.restore(anew, strict.backups, SECRET, time.now)
    again = await Site.open(anew)
    back = {row["id"] for row in await again.records.run_sql("SELECT id FROM application")}
    assert set(before[1:]) <= back <= {*before[1:], *meanwhile}
    papers = await again.records.run_sql("SELECT id, unit FROM document")
    assert {paper["unit"] for paper in papers} == back
    for paper in papers:
        assert await again.documents.whole(await again.keyring.key(paper["unit"]), paper["id"]) == CV
    with pytest.raises(TooLate):
        await again.keyring.key(before[0])
    assert not [key for key in stored(server, anew) if str(before[0]) in key]
    await again.close()


CV = pdf("canary", 300_000)


@pytest.mark.parametrize("versioned", [True, False], ids=["versioned", "plain"])
async def test_what_a_plain_delete_hides_keeps_a_receipt_back(server: Server, versioned: bool) -> None:
    """The mistake, planted: where the bucket keeps versions something is left, and the independent reader sees it."""
    url, unit, document = server.bucket(versioned), uuid4(), uuid4()
    store, client, name = DocumentStore.in_bucket(url), server.client(), urlsplit(url).path.strip("/")
    await store.plant_sentinel()
    await store.put(UnitKey(unit, bytes(32)), document, "original", b"canary")
    client.delete_object(Bucket=name, Key=store.path(unit, document))
    look = store.look()
    assert look.left(f"units/{unit}/") is versioned
    assert await store.delete_units([unit]) == versioned
    sweeping._files_are_gone(look, [unit])
    assert await store.put_once("receipts/x.pdf", b"first")
    assert not await store.put_once("receipts/x.pdf", b"second")
    client.delete_object(Bucket=name, Key="sentinel")
    with pytest.raises(sweeping.NotGone, match="store is not there"):
        sweeping._files_are_gone(look, [unit])


@pytest.mark.postgres
async def test_faults_of_the_store_are_survived_or_said_and_nothing_is_lost(
    site: Site, settings: Settings, server: Server, send: Send, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacancy = await factories.vacancy(site, time.now)
    interrupted, kinds = 0, ("500", "409", "late")
    for number, kind in enumerate(kinds):
        left = itertools.count()

        def once(method: str, path: str, kind: str = kind, left: "itertools.count[int]" = left) -> str:
            return kind if method == "PUT" and next(left) < 1 else ""

        monkeypatch.setattr(server, "fault", once)
        page = await send(vacancy, cv(pdf()), email=f"{number}@example.org")
        interrupted += next(left) > 0
        sent = await site.records.run_sql("SELECT id FROM application")
        if page.status_code == 503:
            assert "try again in a while" in page.text
            assert f"{number}@example.org" in page.text
            page = await send(vacancy, cv(pdf()), email=f"{number}@example.org")
            sent = await site.records.run_sql("SELECT id FROM application")
        assert len(sent) == number + 1
    print(f"interrupted {interrupted} of {len(kinds)}")
    assert interrupted == len(kinds)
    parts = itertools.count()
    monkeypatch.setattr(server, "fault", lambda method, path: "500" if method != "PUT" or next(parts) else "")
    large = cv(pdf("x", 6 * 1024 * 1024))
    page = await send(vacancy, large, email="down@example.org", letter="Mine ord")
    assert page.status_code == 503
    assert "try again in a while" in page.text
    assert "down@example.org" in page.text
    assert "Mine ord" in page.text
    with pytest.raises(StoreDown):
        await site.documents.prove_presence()
    monkeypatch.setattr(server, "fault", lambda method, path: "")
    await careers.reconcile(site, time.forward(days=2))
    listed = {str(row["id"]) for row in await site.records.run_sql("SELECT id FROM document")}
    keys = [key for key in stored(server, settings) if key.startswith("units/")]
    assert len(listed) == len(kinds)
    assert {key.rsplit("/", 1)[1].split(".")[0] for key in keys} >= listed


DENIALS = [
    ("PUT", "/probe/", "403", "can't be written", "s3:PutObject"),
    ("PUT", "/probe/", "deaf", "replaces what must never change", "If-None-Match"),
    ("POST", "/probe/", "403", "no uploads in parts", "s3:PutObject"),
    ("GET", "/probe/", "403", "can't be read", "s3:GetObject"),
    ("GET", "", "403", "can't be listed", "s3:ListBucketVersions"),
    ("DELETE", "/probe/", "403", "every version be deleted", "s3:DeleteObjectVersion"),
]


async def test_a_bucket_that_denies_anything_we_need_is_red_with_what_to_allow_before_anything_stands_on_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.bucket()
    given, name, told = Settings(documents_url=url), urlsplit(url).path, FileOfAnswers("")
    said: list[str] = []
    monkeypatch.setattr(told, "say", said.append)
    for method, under, fault, sentence, remedy in DENIALS:

        def deny(asked: str, path: str, method: str = method, under: str = under, fault: str = fault) -> str:
            of_objects = under in path if under else path.rstrip("/") == name
            return fault if asked == method and of_objects else ""

        monkeypatch.setattr(server, "fault", deny)
        assert not await initialising.store_tried(told, given)
        assert sentence in said[-1]
        assert remedy in said[-1]
        assert "secret" not in said[-1]
        monkeypatch.setattr(server, "fault", lambda method, path: "")
        if left := stored(server, given):
            assert method == "DELETE" or not under, "it could have removed what it tried"
            DocumentStore.in_bucket(url).empty()
            assert len(left) == 2
    for each in (given, Settings(documents_url=server.bucket(versioned=False))):
        assert await initialising.store_tried(told, each)
        assert stored(server, each) == []


def test_an_address_that_is_no_bucket_is_refused(tmp_path: Path) -> None:
    for url in ("s3://bucket", "https://host/bucket", "https://key:secret@host", "https://key:secret@host/a/b"):
        with pytest.raises(SettingsInvalid, match="RECRUIT_DOCUMENTS_URL"):
            read({"RECRUIT_DOCUMENTS_URL": url})
    given: Any = read({"RECRUIT_DOCUMENTS_URL": "https://key:secret@host/bucket?region=eu-north-1"})
    assert "secret" not in str(bucket.Where.of(given.documents_url))
