"""Sealing: a value opens in its own place under its own key, and nowhere else; a document opens whole or not at all."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from recruit.tables import Person, Written
from recruit.vault.sealing import (
    SEGMENT,
    SealBroken,
    StreamSealer,
    UnitKey,
    new_secret,
    open_stream,
    seal,
    unseal,
)

OVERHEAD, HEAD = 17, 2 + 16 + 24
"""Bytes that a document gains per segment, and those that stand in front of it."""


@pytest.fixture
def key() -> UnitKey:
    return UnitKey(uuid4(), new_secret())


@pytest.fixture
def row() -> UUID:
    return uuid4()


NOTE = Written(text="canary in a note", more="")


def test_a_value_opens_in_its_own_place(key: UnitKey, row: UUID) -> None:
    sealed = seal(key, "interview_note", row, NOTE)
    assert unseal(key, "interview_note", row, sealed, Written) == NOTE
    assert b"canary" not in sealed


def test_two_sealings_of_one_value_differ(key: UnitKey, row: UUID) -> None:
    assert seal(key, "mail", row, NOTE) != seal(key, "mail", row, NOTE)


def test_a_value_moved_to_another_table_row_or_unit_does_not_open(key: UnitKey, row: UUID) -> None:
    sealed = seal(key, "interview_note", row, NOTE)
    with pytest.raises(SealBroken):
        unseal(key, "screening", row, sealed, Written)
    with pytest.raises(SealBroken):
        unseal(key, "interview_note", uuid4(), sealed, Written)
    moved = UnitKey(uuid4(), key.secret)
    with pytest.raises(SealBroken):
        unseal(moved, "interview_note", row, sealed, Written)
    with pytest.raises(SealBroken):
        unseal(moved, "interview_note", row, sealed[:2] + moved.unit.bytes + sealed[18:], Written)


def test_another_key_does_not_open_a_value(key: UnitKey, row: UUID) -> None:
    sealed = seal(key, "interview_note", row, NOTE)
    with pytest.raises(SealBroken):
        unseal(UnitKey(key.unit, new_secret()), "interview_note", row, sealed, Written)


def test_every_changed_byte_is_noticed(key: UnitKey, row: UUID) -> None:
    sealed = seal(key, "interview_note", row, NOTE)
    assert sealed[:2] == b"\x01\x01"
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            unseal(key, "interview_note", row, bytes(changed), Written)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            unseal(key, "interview_note", row, sealed[:length], Written)


def test_a_value_of_another_shape_is_broken_too(key: UnitKey, row: UUID) -> None:
    with pytest.raises(SealBroken):
        unseal(key, "candidate", row, seal(key, "candidate", row, NOTE), Person)


# --- documents --------------------------------------------------------------------------------------------------------


async def opened(key: UnitKey, document: UUID, sealed: bytes, piece: int = 1 << 20) -> bytes:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(sealed), piece):
            yield sealed[start : start + piece]

    return b"".join([plain async for plain in open_stream(key, document, pieces())])


def sealed_document(key: UnitKey, document: UUID, plain: bytes) -> bytes:
    sealer = StreamSealer(key, document)
    return sealer.push(plain) + sealer.finish()


def parts(sealed: bytes) -> tuple[bytes, list[bytes]]:
    """The head of a document, and its segments."""
    step = SEGMENT + OVERHEAD
    body = sealed[HEAD:]
    return sealed[:HEAD], [body[start : start + step] for start in range(0, len(body), step)]


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 5])
async def test_a_document_of_any_size_comes_back_whole(key: UnitKey, row: UUID, size: int) -> None:
    plain = bytes(place % 251 for place in range(size))
    sealed = sealed_document(key, row, plain)
    for piece in (1 << 20, 1000):
        assert await opened(key, row, sealed, piece) == plain


async def test_a_document_that_was_cut_does_not_open(key: UnitKey, row: UUID) -> None:
    head, segments = parts(sealed_document(key, row, bytes(3 * SEGMENT)))
    assert len(segments) == 3
    for kept in range(3):
        with pytest.raises(SealBroken):
            await opened(key, row, head + b"".join(segments[:kept]))
    for length in (0, 1, 10, HEAD - 1, HEAD, HEAD + 1):
        with pytest.raises(SealBroken):
            await opened(key, row, (head + b"".join(segments))[:length])


async def test_segments_can_not_be_reordered_swapped_doubled_or_added(key: UnitKey, row: UUID) -> None:
    whole = sealed_document(key, row, bytes(3 * SEGMENT))
    head, (first, second, last) = parts(whole)
    other = parts(sealed_document(key, row, bytes(3 * SEGMENT)))[1]
    for forged in (
        [second, first, last],
        [first, first, last],
        [first, last],
        [first, other[1], last],
        [first, second, other[2]],
        [first, second, last, last],
        [first, second, last, b"x"],
    ):
        with pytest.raises(SealBroken):
            await opened(key, row, head + b"".join(forged))
    assert await opened(key, row, whole) == bytes(3 * SEGMENT)


async def test_a_document_opens_only_as_itself_and_under_its_own_key(key: UnitKey, row: UUID) -> None:
    sealed = sealed_document(key, row, b"a CV")
    for who, name in ((key, uuid4()), (UnitKey(key.unit, new_secret()), row), (UnitKey(uuid4(), key.secret), row)):
        with pytest.raises(SealBroken):
            await opened(who, name, sealed)
    for place in (0, 1, 2, 20, HEAD, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            await opened(key, row, bytes(changed))
