"""The bucket is down from any request of an act on, and comes back: nothing is lost, nothing is claimed too early.

Documents lie in a versioned bucket. What is left in it, every version, marker and begun upload, is laid out as a folder
for the independent reader, who knows of folders only.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec
import pytest

from recruit.careers import rules as forms
from recruit.careers import service as careers
from recruit.careers.uploads import StoreAway
from recruit.retention import purge
from recruit.site import Site
from recruit.vault import bucket, documents
from recruit.vault.documents import StoreDown
from tests.careers.conftest import pdf
from tests.faults.conftest import Fresh
from tests.faults.invariants import check, differences, fingerprint
from tests.faults.world import World, a_day, quick
from tests.objects import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is down is not asked twice; and what is tested elsewhere is left out."""
    monkeypatch.setattr(documents, "TRIES", 1)
    monkeypatch.setattr(bucket, "TRIES", 1)
    quick(monkeypatch)


class Stored:
    """A world whose documents have moved into a bucket of their own."""

    def __init__(self, world: World, server: Server) -> None:
        self.world, self._server = world, server
        self.settings = msgspec.structs.replace(world.settings, documents_url=server.bucket())
        self._bucket = urlsplit(self.settings.documents_url).path.strip("/")
        self._folder = world.place.data / "documents"
        for path in (path for path in self._folder.rglob("*") if path.is_file()):
            key = str(path.relative_to(self._folder))
            server.client().put_object(Bucket=self._bucket, Key=key, Body=path.read_bytes())

    def lay_out(self) -> None:
        """All that the bucket holds, as the folder that it was."""
        shutil.rmtree(self._folder)
        client = self._server.client()
        listed = client.list_object_versions(Bucket=self._bucket)
        uploads = client.list_multipart_uploads(Bucket=self._bucket).get("Uploads", [])
        for each in (*listed.get("Versions", []), *listed.get("DeleteMarkers", []), *uploads):
            path = self._folder / each["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        for each in client.list_objects_v2(Bucket=self._bucket).get("Contents", []):
            found = client.get_object(Bucket=self._bucket, Key=each["Key"])
            (self._folder / each["Key"]).write_bytes(found["Body"].read())


async def purging(site: Site, stored: Stored, now: datetime) -> None:
    await purge.run(site, now)


async def applying(site: Site, stored: Stored, now: datetime) -> None:
    answers = forms.Answers(name="Åse Ny", email="new@example.org", phone="", letter="Hei")
    await careers.submit(site, stored.world.id("vacancy"), answers, [("cv.pdf", "cv", LARGE)], True, "nb", now)


LARGE = pdf("canary", 6 * 1024 * 1024)
"""Goes in two parts."""
ACTS = {"purge": purging, "apply": applying}


async def one(fresh: Fresh, server: Server, act: str, requests: int | None) -> int:
    """Act until the store goes down before its n-th request; how many it answered."""
    stored = Stored(fresh(), server)
    world, place, now = stored.world, stored.world.place, stored.world.now + timedelta(days=1)
    before, held, answered = fingerprint(place, world.living), [world.ids["held"]], 0

    def fault(method: str, path: str) -> str:
        nonlocal answered
        if requests is not None and answered >= requests:
            return "500"
        answered += 1
        return ""

    site = await Site.open(stored.settings)
    server.fault, said = fault, ""
    try:
        await ACTS[act](site, stored, now)
    except (StoreDown, StoreAway) as down:
        said = str(down)
    server.fault = lambda method, path: ""
    stored.lay_out()
    wrong = check(place, held, ended=False)
    if act == "apply":
        assert len(await new(site, now)) == (not said), "who was told to try again has applied, or the other way round"
        if said:
            await applying(site, stored, now)
    for days in (1, 2):
        await a_day(site, now + timedelta(days=days))
    stored.lay_out()
    wrong += check(place, held) + differences(before, fingerprint(place, world.living))
    wrong += [f"{name} is left of somebody who was due" for name in fingerprint(place, world.due)]
    assert not wrong, f"down before request {requests} of {act}: {wrong}"
    if act == "apply":
        assert await new(site, now) == [LARGE]
    await site.close()
    return answered


async def new(site: Site, since: datetime) -> list[bytes]:
    """The documents of whoever has applied since."""
    sql = "SELECT d.id, d.unit FROM document d JOIN application a ON a.id = d.unit WHERE a.submitted_at >= ?"
    rows = await site.records.run_sql(sql, since)
    return [await site.documents.whole(await site.keyring.key(row["unit"]), row["id"]) for row in rows]


async def every(fresh: Fresh, server: Server, act: str, stride: int) -> None:
    total = await one(fresh, server, act, None)
    chosen = range(0, total, stride)
    done = sum([await one(fresh, server, act, requests) == requests for requests in chosen])
    print(f"{act} with a store that goes down: interrupted {done} of {len(chosen)} (of {total} requests)")
    assert done == len(chosen) > 0


@pytest.mark.parametrize("template", ["plain"], indirect=True)
@pytest.mark.parametrize(("act", "stride"), [("apply", 3), ("purge", 9)])
async def test_a_store_that_goes_down_midway_loses_nothing(fresh: Fresh, server: Server, act: str, stride: int) -> None:
    await every(fresh, server, act, stride)


@pytest.mark.faults
@pytest.mark.parametrize("act", ACTS)
async def test_a_store_that_goes_down_before_any_request_loses_nothing(fresh: Fresh, server: Server, act: str) -> None:
    await every(fresh, server, act, 1)
