"""Where a world stands: in files, or on PostgreSQL with its documents in a versioned bucket.

A world is made in files and settled there as an operator moves one. For the independent reader, who knows of files
only, it is read out again: what the two databases and the bucket hold, laid out as a folder.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from recruit import tables, target
from recruit.database import Server
from recruit.site import Site
from tests import objects, postgres
from tests.faults.invariants import Place
from tests.faults.world import World


class Files:
    """A data folder with all in it."""

    async def settle(self, world: World) -> None:
        """The world stands here from now on."""

    async def see(self, world: World) -> Place:
        """What is left of it, for the reader."""
        return world.place

    async def lose(self, world: World, what: str) -> None:
        """ "records", "keyring" or "documents": the place is there again, and empty."""
        for path in world.settings.data.glob("documents" if what == "documents" else f"{what}.db*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    async def make_room(self, world: World) -> None:
        """What is told before a restore: the old installation is out of the way, and nothing stands in its place."""
        world.settings.data.rename(world.folder / "away")


@dataclass(frozen=True)
class _ReadOut(Place):
    @property
    def data(self) -> Path:
        return self.folder / "read-out"


class OnServers(Files):
    """Two databases and a bucket; of the data folder, what no server holds."""

    def __init__(self, urls: tuple[str, str], store: objects.Server) -> None:
        self._urls, self._store = urls, store

    async def settle(self, world: World) -> None:
        data = world.settings.data
        world.settings = msgspec.structs.replace(
            world.settings, records_url=self._urls[0], keyring_url=self._urls[1], documents_url=self._store.bucket()
        )
        world.place = _ReadOut(world.folder)
        site = await Site.assemble(world.settings)
        await target.fill(site)
        await site.close()
        client, bucket = self._bucket(world)
        for path in (path for path in (data / "documents").rglob("*") if path.is_file()):
            client.put_object(Bucket=bucket, Key=str(path.relative_to(data / "documents")), Body=path.read_bytes())
        shutil.rmtree(data / "documents")
        for leftover in data.glob("*.db*"):
            leftover.unlink()

    async def see(self, world: World) -> Place:
        place = world.place
        shutil.rmtree(place.data, ignore_errors=True)
        place.data.mkdir()
        for engine, name in zip(self._engines(), ("records", "keyring"), strict=True):
            await engine.copy_into(place.data / f"{name}.db")
            await engine.close()
        client, bucket = self._bucket(world)
        for each in client.list_objects_v2(Bucket=bucket).get("Contents", []):
            path = place.data / "documents" / each["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read())
        return place

    async def lose(self, world: World, what: str) -> None:
        if what == "documents":
            client, bucket = self._bucket(world)
            listed = client.list_object_versions(Bucket=bucket)
            for each in (*listed.get("Versions", []), *listed.get("DeleteMarkers", [])):
                client.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
            return
        for engine, name in zip(self._engines(), ("records", "keyring"), strict=True):
            if name == what:
                await engine.empty()
            await engine.close()

    async def make_room(self, world: World) -> None:
        await super().make_room(world)
        for what in ("records", "keyring"):
            await self.lose(world, what)
        world.settings = msgspec.structs.replace(world.settings, documents_url=self._store.bucket())

    def _engines(self) -> tuple[Server, Server]:
        engines = Server(self._urls[0]), Server(self._urls[1])
        engines[0].tables, engines[1].tables = tables.RECORDS, tables.KEYRING
        return engines

    def _bucket(self, world: World) -> tuple[Any, str]:
        return self._store.client(), urlsplit(world.settings.documents_url).path.strip("/")


@contextmanager
def on_servers(worker: str) -> Iterator[OnServers]:
    store = objects.Server()
    try:
        with postgres.fresh(postgres.server(), f"{worker}_lost_records", f"{worker}_lost_keyring") as (
            records,
            keyring,
        ):
            yield OnServers((records, keyring), store)
    finally:
        store.stop()
