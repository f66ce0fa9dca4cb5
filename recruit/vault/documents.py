"""The document store: sealed files, by unit, through one object-store library; and the receipts.

Guards that no byte of a document rests in clear, that "stored" means on disk, and that "not found" only counts as
erased after a sentinel was read from the same store (an unmounted folder looks empty too).
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol
from uuid import UUID, uuid5

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from recruit.errors import NotFound
from recruit.vault import durable
from recruit.vault.bucket import PATIENCE, TRIES, Bucket, Where
from recruit.vault.bucket import StoreDown as StoreDown
from recruit.vault.sealing import SealBroken, StreamSealer, UnitKey, open_stream

_SENTINEL = "sentinel"
_NEW = ".new"
"""Behind the name of an object that is being sealed anew."""
_PIECE = 1024 * 1024
_BROKEN = (BaseError, OSError)
"""What a stream into an object raises that breaks off."""
_PART = 5 * 1024 * 1024
"""What a bucket takes in one go; anything larger goes in parts of this size, two at a time."""


class Look(Protocol):
    """An independent look at a store, which shares nothing with whoever writes. Blocking."""

    def there(self) -> bool:
        """Whether this is the store that was set up."""
        ...

    def left(self, prefix: str) -> bool:
        """Whether anything is left of what begins so."""
        ...


class Writer:
    """One document on its way in: `push` plain bytes, then `finish`. Leaving the block early leaves nothing behind."""

    def __init__(self, store: "DocumentStore", key: UnitKey, document: UUID, part: str) -> None:
        self._store, self._path = store, store.path(key.unit, document, part)
        self._sealer = StreamSealer(key, _name(document, part))
        self._out = store.open(self._path)
        self._finished = False
        self.size = 0

    async def __aenter__(self) -> "Writer":
        return self

    async def push(self, data: bytes) -> None:
        self.size += len(data)
        await self._write(self._sealer.push(data))

    async def finish(self) -> None:
        """The document is whole and durable when this returns."""
        await self._write(self._sealer.finish())
        try:
            await self._out.close()
        except _BROKEN as error:
            raise StoreDown() from error
        await self._store.make_durable(self._path)
        self._finished = True

    async def _write(self, sealed: bytes) -> None:
        try:
            await self._out.write(sealed)
        except _BROKEN as error:
            raise StoreDown() from error

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            with contextlib.suppress(*_BROKEN):
                await self._out.close()
            # What a store that is down still has of it, no row speaks of: upkeep removes that.
            with contextlib.suppress(StoreDown):
                await self._store.delete([self._path])


class DocumentStore:
    """Objects of one installation: `units/<unit>/<document>.<part>` and `receipts/<purge>.pdf`."""

    def __init__(self, objects: ObjectStore, root: Path | None = None, bucket: Bucket | None = None) -> None:
        self.objects = objects
        self._root, self._bucket = root, bucket

    @classmethod
    def in_folder(cls, folder: Path) -> "DocumentStore":
        durable.make_folder(folder)
        return cls(LocalStore(prefix=folder.resolve()), folder.resolve())

    @classmethod
    def in_bucket(cls, url: str) -> "DocumentStore":
        """In a store that speaks S3; `url` as `bucket.Where` takes it apart."""
        where = Where.of(url)
        objects = S3Store(
            where.bucket, endpoint=where.endpoint, region=where.region,
            access_key_id=where.key, secret_access_key=where.secret, virtual_hosted_style_request=False,
            client_options={"allow_http": True, "connect_timeout": "5s", "timeout": f"{PATIENCE}s"},
            retry_config={"max_retries": TRIES - 1, "retry_timeout": timedelta(seconds=2 * PATIENCE)},
        )  # fmt: skip
        return cls(objects, bucket=Bucket(where))

    @property
    def name(self) -> str:
        """Where it is, without any secret."""
        return self._bucket.where.name if self._bucket else str(self._root)

    def look(self) -> Look:
        """A reader of its own, for who verifies that something is gone."""
        return _BucketLook(Bucket(self._bucket.where)) if self._bucket else _FolderLook(self._root or Path())

    def open(self, path: str) -> Any:
        """A stream into an object; in a bucket it goes in parts, so that memory does not grow with it."""
        return obstore.open_writer_async(self.objects, path, buffer_size=_PART, max_concurrency=2)

    def path(self, unit: UUID, document: UUID, part: str = "original") -> str:
        return f"units/{unit}/{document}.{part}"

    def writer(self, key: UnitKey, document: UUID, part: str = "original") -> Writer:
        return Writer(self, key.parts.get(document, key), document, part)

    async def put(self, key: UnitKey, document: UUID, part: str, data: bytes) -> None:
        async with self.writer(key, document, part) as writer:
            await writer.push(data)
            await writer.finish()

    async def read(self, key: UnitKey, document: UUID, part: str = "original") -> AsyncIterator[bytes]:
        """The plain bytes, segment by segment; NotFound if there is no such object, SealBroken if it was changed."""
        sealed = self._pieces(await self._where(key, document, part))
        async for plain in open_stream(key, _name(document, part), sealed):
            yield plain

    async def _where(self, key: UnitKey, document: UUID, part: str) -> str:
        """Where a part lies: a document that lives apart has a folder of its own, but for what was not moved yet."""
        apart = self.path(document, document, part)
        if document in key.parts and await self.has(apart):
            return apart
        return self.path(key.unit, document, part)

    async def whole(self, key: UnitKey, document: UUID, part: str = "original") -> bytes:
        return b"".join([plain async for plain in self.read(key, document, part)])

    async def exists(self, key: UnitKey, document: UUID, part: str) -> bool:
        return await self.has(await self._where(key, document, part))

    async def delete_document(self, unit: UUID, document: UUID) -> None:
        """Every part of one document, also if it lives apart."""
        await self.delete([*await self._parts(unit, document), *await self._parts(document, document)])

    async def _parts(self, unit: UUID, document: UUID) -> list[str]:
        return [path for path in await self.paths(f"units/{unit}") if f"/{document}." in path]

    async def move_apart(self, key: UnitKey, document: UUID) -> None:
        """Seal every part of a document anew under its own key, in its own folder; what it leaves is deleted by
        `leave`, once records know. Doing it again changes nothing.
        """
        own = key.parts[document]
        for path in await self._parts(key.unit, document):
            part = path.rsplit(f"/{document}.", 1)[1]
            if not part.endswith(_NEW):
                source = open_stream(key, _name(document, part), self._pieces(path))
                await self._replace(own, document, part, source)

    async def leave(self, unit: UUID, documents: Iterable[UUID]) -> None:
        """Remove documents from a unit's folder: they moved apart, or were erased without the rest of the unit."""
        gone = {str(document) for document in documents}
        await self.delete([p for p in await self.paths(f"units/{unit}") if p.rsplit("/", 1)[1].split(".")[0] in gone])

    async def reseal(self, key: UnitKey, but: Collection[UUID] = ()) -> None:
        """Seal all documents of a unit anew under its present key, `but` for some; what is under it already stays."""
        present = UnitKey(key.unit, key.secret)
        for path in await self.paths(f"units/{key.unit}"):
            name, _, part = path.rsplit("/", 1)[1].partition(".")
            document = UUID(name)
            if document in but or part.endswith(_NEW) or await self._opens(present, path, _name(document, part)):
                continue
            source = open_stream(key, _name(document, part), self._pieces(path))
            await self._replace(present, document, part, source)

    async def under_present(self, key: UnitKey, documents: Iterable[UUID]) -> bool:
        """Whether anything of these documents in the unit's folder is under its present key."""
        present, wanted = UnitKey(key.unit, key.secret), set(documents)
        for path in await self.paths(f"units/{key.unit}"):
            name, _, part = path.rsplit("/", 1)[1].partition(".")
            if UUID(name) in wanted and await self._opens(present, path, _name(UUID(name), part)):
                return True
        return False

    async def _opens(self, key: UnitKey, path: str, name: UUID) -> bool:
        """Whether a sealed object begins under this key."""
        try:
            async for _ in open_stream(key, name, self._pieces(path)):
                return True
        except SealBroken:
            pass
        return False

    async def _replace(self, key: UnitKey, document: UUID, part: str, plain: AsyncIterator[bytes]) -> None:
        """Write an object beside its place, and put it there in one step when it is whole and durable."""
        path = self.path(key.unit, document, part)
        sealer = StreamSealer(key, _name(document, part))
        out = self.open(path + _NEW)
        try:
            async for piece in plain:
                await out.write(sealer.push(piece))
            await out.write(sealer.finish())
            await out.close()
            await self.make_durable(path + _NEW)
            await obstore.rename_async(self.objects, path + _NEW, path, overwrite=True)
        except _BROKEN as error:
            raise StoreDown() from error
        await self.make_durable(path)
        if self._bucket:
            await asyncio.to_thread(self._bucket.keep_newest, path)
            await asyncio.to_thread(self._bucket.forget_each, [path + _NEW])

    async def delete_units(self, units: Iterable[UUID]) -> int:
        """All documents of erased units; how many objects there were. What a cut-off upload left goes too."""
        if self._root:
            return await asyncio.to_thread(_remove_units, self._root / "units", list(units))
        if self._bucket:
            return sum([await asyncio.to_thread(self._bucket.forget, f"units/{unit}/") for unit in units])
        paths = [path for unit in units for path in await self.paths(f"units/{unit}")]
        await self.delete(paths)
        return len(paths)

    async def paths(self, prefix: str) -> list[str]:
        try:
            found = [meta["path"] async for batch in obstore.list(self.objects, prefix) for meta in batch]
        except BaseError as error:
            raise StoreDown() from error
        return sorted(found)

    async def stored_before(self, prefix: str, instant: datetime) -> list[str]:
        """The objects that have been there since before an instant, by the store's own clock."""
        try:
            metas = [meta async for batch in obstore.list(self.objects, prefix) for meta in batch]
        except BaseError as error:
            raise StoreDown() from error
        return sorted(meta["path"] for meta in metas if meta["last_modified"] < instant)

    async def delete(self, paths: list[str]) -> None:
        """Remove objects, in a bucket every version of them; those that are not there are not missed."""
        if self._bucket:
            await asyncio.to_thread(self._bucket.forget_each, paths)
            return
        for path in paths:
            try:
                await obstore.delete_async(self.objects, path)
            except FileNotFoundError:
                continue
            except BaseError as error:
                raise StoreDown() from error
        if self._root:
            await asyncio.to_thread(self._sync_emptied, {Path(path).parent for path in paths})

    async def put_once(self, path: str, data: bytes) -> bool:
        """Store an object that must never change; False if it is there already."""
        try:
            await obstore.put_async(self.objects, path, data, mode="create")
        except AlreadyExistsError:
            return False
        except BaseError as error:
            raise StoreDown() from error
        await self.make_durable(path)
        return True

    async def get(self, path: str) -> bytes:
        return b"".join([piece async for piece in self._pieces(path)])

    async def is_ours(self) -> bool:
        """Whether this store was set up for an installation."""
        return await self.has(_SENTINEL)

    async def plant_sentinel(self) -> None:
        if not await self.is_ours():
            await self.put_once(_SENTINEL, b"recruit document store\n")

    async def prove_presence(self) -> None:
        """StoreDown unless this is the store that was set up, so that "not found" means what it says."""
        if not await self.is_ours():
            raise StoreDown()

    async def begin(self, path: str) -> None:
        """In a bucket: begin an upload in parts that nobody will end. A folder knows none."""
        if self._bucket:
            await asyncio.to_thread(self._bucket.begin_upload, path)

    async def forget(self, path: str) -> None:
        """Remove an object with all that was begun under its name."""
        if self._bucket:
            await asyncio.to_thread(self._bucket.forget, path)
        else:
            await self.delete([path])

    async def make_durable(self, path: str) -> None:
        if self._root:
            await asyncio.to_thread(_sync_file, self._root / path, self._root)

    async def has(self, path: str) -> bool:
        try:
            await obstore.head_async(self.objects, path)
        except FileNotFoundError:
            return False
        except BaseError as error:
            raise StoreDown() from error
        return True

    async def _pieces(self, path: str) -> AsyncIterator[bytes]:
        try:
            answer = await obstore.get_async(self.objects, path)
            async for piece in answer.stream(min_chunk_size=_PIECE):
                yield bytes(piece)
        except FileNotFoundError as error:
            raise NotFound() from error
        except BaseError as error:
            raise StoreDown() from error

    # --- for archives: blocking, in a thread --------------------------------------------------------------------------

    def listed(self) -> list[str]:
        try:
            return sorted(meta["path"] for batch in obstore.list(self.objects) for meta in batch)
        except BaseError as error:
            raise StoreDown() from error

    def opened(self, path: str) -> "Opened":
        """One object as it is stored; NotFound if it was erased meanwhile."""
        try:
            return Opened(obstore.get(self.objects, path))
        except FileNotFoundError as error:
            raise NotFound() from error
        except BaseError as error:
            raise StoreDown() from error

    def take_in(self, path: str, pieces: Iterator[bytes]) -> None:
        """While restoring: put an object where it was."""
        try:
            obstore.put(self.objects, path, pieces, chunk_size=_PART, max_concurrency=2)
        except BaseError as error:
            raise StoreDown() from error
        if self._root:
            _sync_file(self._root / path, self._root)

    def is_empty(self) -> bool:
        return not (self._bucket.left("") if self._bucket else self.listed())

    def empty(self) -> None:
        """While restoring: nothing is left of what was refused or cut off."""
        if self._bucket:
            self._bucket.forget("")

    def _sync_emptied(self, folders: set[Path]) -> None:
        assert self._root
        for folder in folders:
            with contextlib.suppress(OSError):
                (self._root / folder).rmdir()
        if (self._root / "units").is_dir():
            durable.sync_folder(self._root / "units")


class Opened:
    """An object on its way out, as a file: `size` and `read`."""

    def __init__(self, found: Any) -> None:
        self.size = found.meta["size"]
        self._pieces, self._held = iter(found.stream(min_chunk_size=_PIECE)), b""

    def read(self, count: int) -> bytes:
        try:
            while len(self._held) < count and (piece := next(self._pieces, None)) is not None:
                self._held += bytes(piece)
        except BaseError as error:
            raise StoreDown() from error
        taken, self._held = self._held[:count], self._held[count:]
        return taken


class _FolderLook:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def there(self) -> bool:
        return (self._folder / _SENTINEL).is_file()

    def left(self, prefix: str) -> bool:
        folder, _, begins = prefix.rpartition("/")
        if not begins:
            return (self._folder / folder).exists()
        return any((self._folder / folder).glob(f"{begins}*"))


class _BucketLook:
    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def there(self) -> bool:
        return any(version.path == _SENTINEL and version.latest for version in self._bucket.versions(_SENTINEL))

    def left(self, prefix: str) -> bool:
        return self._bucket.left(prefix)


def _name(document: UUID, part: str) -> UUID:
    """What a part is authenticated by: the document's id, or one derived from it."""
    return document if part == "original" else uuid5(document, part)


def _remove_units(folder: Path, units: Iterable[UUID]) -> int:
    """Everything in these units' folders, half-written files too, which the library hides from its listings.

    A local folder is walked directly: asking the library for one unit after another takes ten times as long.
    """
    gone = 0
    for unit in units:
        own = f"{folder}/{unit}"
        try:
            names = os.listdir(own)
            for name in names:
                os.unlink(f"{own}/{name}")
            os.rmdir(own)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StoreDown() from error
        gone += len(names)
    if folder.is_dir():
        durable.sync_folder(folder)
    return gone


def _sync_file(path: Path, root: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    folder = path.parent
    durable.sync_folder(folder)
    while folder != root:
        folder = folder.parent
        durable.sync_folder(folder)
