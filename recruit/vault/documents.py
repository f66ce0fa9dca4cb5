"""The document store: sealed files, by unit, through one object-store library; and the receipts.

Guards that no byte of a document rests in clear, that "stored" means on disk, and that "not found" only counts as
erased after a sentinel was read from the same store (an unmounted folder looks empty too).
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from uuid import UUID, uuid5

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore

from recruit.errors import NotFound, RecruitError
from recruit.vault import durable
from recruit.vault.sealing import SealBroken, StreamSealer, UnitKey, open_stream

_SENTINEL = "sentinel"
_NEW = ".new"
"""Behind the name of an object that is being sealed anew."""
_PIECE = 1024 * 1024


class StoreDown(RecruitError):
    """The store does not answer, or is not the one that it was."""

    status = 503
    text = "The document store can't be reached just now. Nothing was lost; please try again in a while."


class Writer:
    """One document on its way in: `push` plain bytes, then `finish`. Leaving the block early leaves nothing behind."""

    def __init__(self, store: "DocumentStore", key: UnitKey, document: UUID, part: str) -> None:
        self._store, self._path = store, store.path(key.unit, document, part)
        self._sealer = StreamSealer(key, _name(document, part))
        self._out = obstore.open_writer_async(store.objects, self._path)
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
        except BaseError as error:
            raise StoreDown() from error
        await self._store.make_durable(self._path)
        self._finished = True

    async def _write(self, sealed: bytes) -> None:
        try:
            await self._out.write(sealed)
        except BaseError as error:
            raise StoreDown() from error

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            with contextlib.suppress(BaseError):
                await self._out.close()
            await self._store.delete([self._path])


class DocumentStore:
    """Objects of one installation: `units/<unit>/<document>.<part>` and `receipts/<purge>.pdf`."""

    def __init__(self, objects: ObjectStore, root: Path | None) -> None:
        self.objects = objects
        self._root = root

    @classmethod
    def in_folder(cls, folder: Path) -> "DocumentStore":
        durable.make_folder(folder)
        return cls(LocalStore(prefix=folder.resolve()), folder.resolve())

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
        out = obstore.open_writer_async(self.objects, path + _NEW)
        try:
            async for piece in plain:
                await out.write(sealer.push(piece))
            await out.write(sealer.finish())
            await out.close()
            await self.make_durable(path + _NEW)
            await obstore.rename_async(self.objects, path + _NEW, path, overwrite=True)
        except BaseError as error:
            raise StoreDown() from error
        await self.make_durable(path)

    async def delete_units(self, units: Iterable[UUID]) -> int:
        """All documents of erased units; how many objects there were. What a cut-off upload left goes too."""
        if self._root:
            return await asyncio.to_thread(_remove_units, self._root / "units", list(units))
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
        """Remove objects; those that are not there are not missed."""
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

    async def plant_sentinel(self) -> None:
        if not await self.has(_SENTINEL):
            await self.put_once(_SENTINEL, b"recruit document store\n")

    async def prove_presence(self) -> None:
        """StoreDown unless this is the store that was set up, so that "not found" means what it says."""
        if not await self.has(_SENTINEL):
            raise StoreDown()

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

    def _sync_emptied(self, folders: set[Path]) -> None:
        assert self._root
        for folder in folders:
            with contextlib.suppress(OSError):
                (self._root / folder).rmdir()
        if (self._root / "units").is_dir():
            durable.sync_folder(self._root / "units")


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
