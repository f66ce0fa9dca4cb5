"""Claims about the facts: nothing personal fits, nothing contradictory passes, and the JSON is canonical."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest

from recruit.i18n import known
from recruit.receipts import facts as module
from recruit.receipts import words
from recruit.receipts.facts import (
    Erased,
    FactsInvalid,
    LedgerPlace,
    ReceiptFacts,
    contradictions,
    decode,
    encode,
    limits_for,
    reason,
)
from tests.receipts.making import ERASED_AT, WHY, Chain, employer, facts

CANARY = "Kanarifugl Kvitteringsen"


def test_facts_survive_the_way_through_json() -> None:
    assert decode(encode(facts())) == facts()


def test_the_same_facts_give_the_same_bytes() -> None:
    assert encode(facts()) == encode(facts())


@pytest.mark.parametrize("change", [b" ", b'{"a":1}', b"\xff", b"[" * 100_000, b""])
def test_other_bytes_are_no_facts(change: bytes) -> None:
    with pytest.raises(FactsInvalid):
        decode(change + (b"" if change != b" " else encode(facts())))


def test_json_with_another_order_of_keys_is_refused() -> None:
    raw = msgspec.json.encode(dict(reversed(msgspec.json.decode(encode(facts())).items())))
    with pytest.raises(FactsInvalid):
        decode(raw)


def test_an_added_field_is_refused() -> None:
    raw = msgspec.json.decode(encode(facts())) | {"name": CANARY}
    with pytest.raises(FactsInvalid):
        decode(msgspec.json.encode(raw, order="deterministic"))


@pytest.mark.parametrize(
    "changed",
    [
        {"number": CANARY},
        {"rule": CANARY},
        {"purge_id": CANARY},
        {"subject_ids": (CANARY,)},
        {"subject_kind": CANARY},
        {"erased": (Erased(category=CANARY, count=1),)},  # type: ignore[arg-type]
        {"previous": CANARY},
        {"verify_url": f"https://example/{CANARY}"},
        {"verify_url": "javascript:alert(1)"},
        {"limits": (CANARY,)},
        {"entry": LedgerPlace(number=1, hash=CANARY)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_no_field_takes_a_name(changed: dict[str, Any]) -> None:
    with pytest.raises(FactsInvalid):
        encode(facts(**changed))


def test_every_text_field_outside_the_employer_and_the_reasons_is_bound_to_a_pattern() -> None:
    free = {
        f"{struct}.{name}" for struct, name, kind in _fields(msgspec.inspect.type_info(ReceiptFacts)) if _free(kind)
    }
    assert {name.split(".")[0] for name in free} == {"Employer", "Reason"}
    assert {name for name in free if name.startswith("Reason")} == {"Reason.sentence", "Reason.words"}


def test_a_reason_is_filled_with_dates_and_numbers_alone() -> None:
    with pytest.raises(FactsInvalid):
        reason("nb", "L4", WHY, due_on=CANARY)


def test_a_reason_carries_only_what_its_sentence_names() -> None:
    made = reason("nb", "L4", WHY, due_on=date(2026, 11, 21), closed_on=date(2026, 11, 7), who=CANARY)
    assert made.dates == {"due_on": date(2026, 11, 21)}
    expected = "Lagret til og med 21. nov. 2026, da svarfristen var ute; det var ikke samtykket til videre lagring"
    assert made.words == expected


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("verified before erased", {"verified_at": ERASED_AT - timedelta(seconds=1)}),
        ("issued before verified", {"issued_at": ERASED_AT}),
        ("archives gone before erased", {"archives_gone_on": date(2026, 11, 1)}),
        ("strict with archives", {"mode": "strict", "archives_gone_on": date(2026, 12, 22)}),
        ("epoch not moved", {"epoch_after": 41}),
        ("head before entry", {"head": LedgerPlace(number=1, hash="0" * 64)}),
        ("two hashes for one place", {"head": LedgerPlace(number=4, hash="0" * 64)}),
        ("a category named twice", {"erased": (Erased(category="key", count=1), Erased(category="key", count=2))}),
    ],
)
def test_contradictions_are_refused(name: str, changed: dict[str, Any]) -> None:
    stated = facts(**changed)
    assert name in contradictions(stated)
    with pytest.raises(FactsInvalid):
        encode(stated)


def test_honest_facts_contradict_nothing() -> None:
    assert contradictions(facts()) == ()
    assert contradictions(facts(mode="strict")) == ()


def test_only_a_plain_receipt_prints_the_limit_of_archives() -> None:
    assert set(limits_for("plain")) - set(limits_for("strict")) == {"archives"}


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (words.SUBJECT, module.SubjectKind),
        (words.OUTCOME, module.Outcome),
        (words.ERASED, module.ErasedKind),
        (words.KEPT, module.KeptKind),
        (words.RECIPIENTS, module.RecipientKind),
        (words.LIMITS, module.Limit),
    ],
)
def test_every_key_has_words_in_both_languages(table: dict[str, Any], keys: Any) -> None:
    assert set(table) == set(get_args(keys))
    assert all(known(text) for said in table.values() for text in ((said,) if isinstance(said, str) else said))


def test_every_check_has_words_in_both_languages() -> None:
    said = [text for three in words.CHECKS.values() for text in three]
    said += [*words.PROBLEMS.values(), *words.PROVES, *words.PROVES_NOT]
    said += [words.NOT_CHECKED, words.UNKNOWN_EDITION, words.WHY_NO_NAME, words.WHY_UNKNOWN_SIGNER]
    assert [text for text in said if not known(text)] == []


def test_the_employers_own_lines_cannot_break_the_line() -> None:
    with pytest.raises(FactsInvalid):
        encode(facts(employer=employer(address="Strandgata 4\nhidden")))


def test_ids_are_those_of_the_chain() -> None:
    assert facts(chain=Chain(before=9)).entry.number == 10
    assert isinstance(facts().purge_id, UUID)


def _fields(kind: Any, seen: tuple[str, ...] = ()) -> Iterator[tuple[str, str, Any]]:
    if isinstance(kind, msgspec.inspect.StructType) and kind.cls.__name__ not in seen:
        for field in kind.fields:
            yield kind.cls.__name__, field.name, field.type
            yield from _fields(field.type, (*seen, kind.cls.__name__))
    for part in ("item_type", "value_type", "key_type"):
        if hasattr(kind, part):
            yield from _fields(getattr(kind, part), seen)
    for part in getattr(kind, "types", ()):
        yield from _fields(part, seen)


def _free(kind: Any) -> bool:
    """Text without a pattern that names its letters: the patterns that only forbid control characters begin with [^."""
    return isinstance(kind, msgspec.inspect.StrType) and (kind.pattern is None or kind.pattern.startswith("^[^"))
