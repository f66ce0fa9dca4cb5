"""Hash chains: whatever is changed, left out, doubled or put elsewhere is found."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recruit.vault.ledger import EMPTY, Entry, first_fault, from_line, head_of, link, to_line
from tests.vault.conftest import NOW


@pytest.fixture
def chain() -> list[Entry]:
    head, entries = EMPTY, []
    for number in range(5):
        entry = link(head, NOW + timedelta(hours=number), "erase", {"purge": str(number), "counts": {"key": number}})
        entries.append(entry)
        head = head_of(entry)
    return entries


def test_a_chain_is_whole_from_its_beginning_and_from_any_head(chain: list[Entry]) -> None:
    assert first_fault(chain) is None
    assert first_fault([]) is None
    assert first_fault(chain[2:], head_of(chain[1])) is None


def test_every_change_of_an_entry_is_found(chain: list[Entry]) -> None:
    for change in (
        {"at": "2026-01-01T00:00:00.000000+00:00"},
        {"kind": "verify"},
        {"body": {"purge": "9"}},
        {"previous": bytes(32)},
        {"hash": bytes(32)},
        {"number": 9},
    ):
        forged = [*chain[:2], replace(chain[2], **change), *chain[3:]]
        assert first_fault(forged), change


def test_what_is_missing_doubled_or_swapped_is_found(chain: list[Entry]) -> None:
    assert first_fault(chain[1:]) == "entry 1 is missing (found 2)"
    assert first_fault(chain[:2] + chain[3:]) == "entry 3 is missing (found 4)"
    assert first_fault([*chain[:2], chain[1], *chain[2:]])
    assert first_fault([chain[1], chain[0], *chain[2:]])


def test_a_line_holds_an_entry_whole(chain: list[Entry]) -> None:
    assert [from_line(to_line(entry)) for entry in chain] == chain


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"nonsense", b'{"number":1}', b'"x"'])
def test_what_is_no_line_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        from_line(line)
