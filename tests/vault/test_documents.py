"""The document store: whole and durable, or nothing; "not found" only where the store is the one that was set up."""

import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from recruit.errors import NotFound
from recruit.vault.documents import DocumentStore, StoreDown
from recruit.vault.sealing import SealBroken, UnitKey, new_secret

PLAIN = b"canary of a document " * 10_000


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore.in_folder(tmp_path / "documents")


@pytest.fixture
def key() -> UnitKey:
    return UnitKey(uuid4(), new_secret())


def files(store: DocumentStore) -> list[Path]:
    assert store._root
    return [path for path in store._root.rglob("*") if path.is_file()]


async def test_a_document_comes_back_and_rests_sealed(store: DocumentStore, key: UnitKey) -> None:
    document = uuid4()
    await store.put(key, document, "original", PLAIN)
    assert await store.whole(key, document) == PLAIN
    (file,) = files(store)
    assert b"canary" not in file.read_bytes()


async def test_a_part_does_not_open_as_another_part_or_document(store: DocumentStore, key: UnitKey) -> None:
    document, other = uuid4(), uuid4()
    await store.put(key, document, "original", PLAIN)
    sealed = await store.get(store.path(key.unit, document))
    for name, part in ((document, "page-1"), (other, "original")):
        await store.put_once(store.path(key.unit, name, part), sealed)
        with pytest.raises(SealBroken):
            await store.whole(key, name, part)


async def test_an_aborted_writer_leaves_nothing(store: DocumentStore, key: UnitKey) -> None:
    async def cut_off() -> None:
        async with store.writer(key, uuid4()) as writer:
            await writer.push(PLAIN * 100)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await cut_off()
    async with store.writer(key, uuid4()) as writer:
        await writer.push(b"left without finishing")
    assert files(store) == []


async def test_what_a_cut_off_upload_left_goes_with_its_unit(store: DocumentStore, key: UnitKey) -> None:
    await store.put(key, uuid4(), "original", PLAIN)
    (left,) = files(store)
    left.with_name(f"{uuid4()}.original#1").write_bytes(b"as the library names them")
    assert len(await store.paths("units")) == 1
    assert await store.delete_units([key.unit]) == 2
    assert files(store) == []
    assert store._root
    assert not (store._root / "units" / str(key.unit)).exists()


async def test_erasing_a_unit_leaves_its_neighbour(store: DocumentStore, key: UnitKey) -> None:
    neighbour, document = UnitKey(uuid4(), new_secret()), uuid4()
    for part in ("original", "pages", "page-1"):
        await store.put(key, uuid4(), part, PLAIN)
    await store.put(neighbour, document, "original", PLAIN)
    assert await store.delete_units([key.unit]) == 3
    assert await store.delete_units([key.unit]) == 0
    assert await store.whole(neighbour, document) == PLAIN
    await store.delete_document(neighbour.unit, document)
    with pytest.raises(NotFound):
        await store.whole(neighbour, document)


async def test_an_emptied_or_unmounted_store_is_not_taken_for_erased(store: DocumentStore) -> None:
    with pytest.raises(StoreDown):
        await store.prove_presence()
    await store.plant_sentinel()
    await store.prove_presence()
    assert store._root
    shutil.rmtree(store._root)
    with pytest.raises(StoreDown):
        await store.prove_presence()


async def test_what_is_put_once_stays_what_it_was(store: DocumentStore) -> None:
    assert await store.put_once("receipts/1.pdf", b"first")
    assert not await store.put_once("receipts/1.pdf", b"second")
    assert await store.get("receipts/1.pdf") == b"first"
