"""Holders: keys locked or plain, and memories that a fault in between can't confuse."""

import multiprocessing
from pathlib import Path

import pytest

from recruit.vault.holders import Holder, Holders, HolderUnusable, Memory, Root
from recruit.vault.ledger import EMPTY, Entry, first_fault, head_of, link
from tests.vault.conftest import NOW


def chain(length: int) -> list[Entry]:
    head, entries = EMPTY, []
    for number in range(length):
        entries.append(link(head, NOW, "erase", {"purge": str(number)}))
        head = head_of(entries[-1])
    return entries


def test_a_locked_slot_opens_only_with_its_passphrase() -> None:
    slot = Root(b"correct horse").lock(b"k" * 32)
    assert b"k" * 32 not in slot
    assert Root(b"correct horse").unlock(slot) == b"k" * 32
    for root in (Root(), Root(b"battery staple")):
        with pytest.raises(ValueError):
            root.unlock(slot)


def test_a_holder_without_a_passphrase_opens_what_was_never_locked() -> None:
    assert Root().unlock(Root().lock(b"k" * 32)) == b"k" * 32


def test_the_key_is_found_wherever_it_can_be_read(tmp_path: Path) -> None:
    holders = Holders((tmp_path / "a", tmp_path / "b"), Root())
    holders.prepare()
    with pytest.raises(HolderUnusable):
        holders.find(1)
    holders.each[1].write(1, b"k" * 32)
    assert holders.find(1) == b"k" * 32
    holders.heal({1: b"k" * 32})
    assert holders.each[0].read(1) == b"k" * 32


def test_healing_destroys_all_other_keys_half_written_ones_too_and_mends_a_damaged_one(tmp_path: Path) -> None:
    holders = Holders((tmp_path / "a", tmp_path / "b"), Root())
    holders.prepare()
    for number in (1, 2, 3):
        holders.write(number, bytes([number]) * 32)
    for name in ("epoch-00000002.key.new", "epoch-00000004.key.new"):
        (tmp_path / "a" / name).write_bytes(b"0half")
    (tmp_path / "b" / "epoch-00000002.key").write_bytes(b"0damaged")
    holders.heal({2: bytes([2]) * 32})
    for folder in ("a", "b"):
        assert [p.name for p in (tmp_path / folder).glob("epoch*")] == ["epoch-00000002.key"]
    assert holders.each[1].read(2) == bytes([2]) * 32


def test_a_holder_that_can_not_be_written_says_which(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HolderUnusable, match="file"):
        Holder(tmp_path / "file", Root()).prepare()
    with pytest.raises(HolderUnusable, match="missing"):
        Holder(tmp_path / "missing", Root()).write(1, b"k" * 32)


def test_a_torn_last_line_of_the_ledger_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    memory, entries = Memory(tmp_path), chain(3)
    memory.remember(entries[:2])
    with (tmp_path / "ledger.jsonl").open("ab") as file:
        file.write(b'{"number":3,"at":"2026')
    assert memory.entries() == entries[:2]
    assert memory.head() == head_of(entries[1])
    memory.remember(entries)
    assert memory.entries() == entries
    assert first_fault(memory.entries()) is None


def test_remembering_again_adds_nothing(tmp_path: Path) -> None:
    memory, entries = Memory(tmp_path), chain(3)
    memory.remember(entries)
    before = (tmp_path / "ledger.jsonl").read_bytes()
    memory.remember(entries)
    assert (tmp_path / "ledger.jsonl").read_bytes() == before


def test_a_torn_last_line_of_the_journal_loses_only_itself(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.note([{"kind": "guard", "unit": "1"}])
    with (tmp_path / "journal.jsonl").open("ab") as file:
        file.write(b'{"kind":"gua')
    assert memory.journal() == [{"kind": "guard", "unit": "1"}]
    memory.note([{"kind": "guard", "unit": "2"}])
    assert [line["unit"] for line in memory.journal()] == ["1", "2"]


def test_a_shortened_journal_keeps_what_is_needed_of_every_memory(tmp_path: Path) -> None:
    holders = Holders((tmp_path / "a", tmp_path / "b"), Root())
    holders.prepare()
    holders.note({"n": 1}, {"n": 2}, {"n": 3})
    holders.each[0].note([{"n": 4}, {"n": 5}])
    holders.each[1].note([{"n": 6}])
    assert holders.shorten_journal(lambda line: line["n"] != 2) == 5
    assert [line["n"] for line in holders.each[0].journal()] == [1, 3, 4, 5]
    assert [line["n"] for line in holders.each[1].journal()] == [1, 3, 4, 5, 6]


def _note_many(folder: Path, who: int) -> None:
    for number in range(50):
        Memory(folder).note([{"who": who, "n": number}])


def test_two_processes_that_note_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_note_many, args=(tmp_path, who)) for who in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(20):
        Memory(tmp_path).shorten_journal([], lambda line: True)
    for worker in workers:
        worker.join()
    lines = Memory(tmp_path).journal()
    for who in range(3):
        assert [line["n"] for line in lines if line["who"] == who] == list(range(50))
