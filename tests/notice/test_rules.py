"""What strange hands can read of what they got: nothing is called unreadable that has a whole way to its key."""

import itertools
from datetime import UTC, datetime

import pytest

from recruit.notice import rules
from recruit.notice.rules import STORES, Store, judge


def verdict(*stores: Store, strict: bool = False, passphrase: bool = False) -> str:
    return judge(stores, strict, passphrase, 5, 5).verdict


@pytest.mark.parametrize(
    ("stores", "said"),
    [
        ((), "nothing"),
        (("keyring",), "nothing"),
        (("holder",), "nothing"),
        (("keyring", "holder", "recovery"), "nothing"),
        (("records",), "unreadable"),
        (("records", "documents", "keyring"), "unreadable"),
        (("records", "holder"), "unreadable"),
        (("documents", "recovery"), "unreadable"),
        (("records", "keyring", "holder"), "readable"),
        (("documents", "keyring", "holder"), "readable"),
        (("archive",), "unreadable"),
        (("archive", "holder", "keyring"), "unreadable"),
        (("archive", "recovery"), "readable"),
        (("account",), "readable"),
        (("records", "mail"), "readable"),
        (("export",), "readable"),
        (("machine",), "readable"),
    ],
)
def test_content_can_be_read_only_with_a_whole_way_to_its_key(stores: tuple[Store, ...], said: str) -> None:
    assert verdict(*stores) == said


def test_in_strict_mode_an_archive_opens_with_a_holder_and_not_with_a_recovery_key() -> None:
    assert verdict("archive", strict=True) == "unreadable"
    assert verdict("archive", "recovery", strict=True) == "unreadable"
    assert verdict("archive", "holder", strict=True) == "readable"
    assert verdict("archive", "holder") == "unreadable"


def test_a_passphrase_protects_as_far_as_it_is_strong_and_not_what_the_recovery_key_opens() -> None:
    assert verdict("records", "keyring", "holder", passphrase=True) == "passphrase"
    assert verdict("archive", "recovery", passphrase=True) == "readable"


def test_getting_more_never_makes_it_less_readable() -> None:
    """Every set of stores against every larger one, in both modes, with a passphrase and without."""
    rank = ["nothing", "unreadable", "passphrase", "readable"]
    sets = [frozenset(some) for n in range(len(STORES) + 1) for some in itertools.combinations(STORES, n)]
    for strict, locked in itertools.product((False, True), repeat=2):
        found = {some: rank.index(judge(some, strict, locked, 1, 1).verdict) for some in sets}
        for some in sets:
            assert all(found[some - {one}] <= found[some] for one in some), some


def test_a_rotation_kills_what_was_got_without_the_epoch_key() -> None:
    got: tuple[Store, ...] = ("records", "keyring")
    assert not judge(got, False, False, 5, 5).dead
    assert judge(got, False, False, 5, 6).dead
    assert not judge((*got, "archive"), False, False, 5, 6).dead  # until it is pruned
    assert judge((*got, "archive"), True, False, 5, 6).dead
    assert not judge(("records", "holder"), False, False, 5, 6).dead


def test_only_what_nobody_can_read_speaks_for_article_34_3_a() -> None:
    for said, text in rules.ART_34.items():
        assert ("may be unnecessary" in text or "not needed" in text) is (said in ("nothing", "unreadable")), said


def test_datatilsynet_is_told_within_72_hours() -> None:
    known = datetime(2026, 3, 27, 14, tzinfo=UTC)
    assert rules.authority_by(known) == datetime(2026, 3, 30, 14, tzinfo=UTC)
