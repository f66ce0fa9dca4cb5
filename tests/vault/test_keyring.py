"""The keyring: births under the present epoch, one profile for one address, guards that only records of their own
version may shorten, and erasing that asks the guard first.
"""

from uuid import uuid4

import pytest

from recruit.database import REFUSED
from recruit.retention.rules import Guard
from recruit.vault.epoch import address_digest
from recruit.vault.keyring import Birth, Keyring, TooLate
from recruit.vault.ledger import first_fault
from tests.vault.conftest import LATER, NOW, TODAY, YESTERDAY, Opener, applied, born, erase, order, row

# --- births and keys --------------------------------------------------------------------------------------------------


async def test_a_key_is_the_same_for_every_process_that_reads_it(ring: Keyring, another: Opener) -> None:
    unit = await born(ring)
    assert await (await another()).key(unit) == await ring.key(unit)
    assert len((await ring.key(unit)).secret) == 32


async def test_a_birth_is_under_the_epoch_that_another_process_has_rotated_to(ring: Keyring, another: Opener) -> None:
    other = await another()
    await other.rotate()
    await other.retire_older()
    unit = await born(ring)
    assert (await row(ring, unit))["epoch"] == 2 == other.epoch
    assert await other.key(unit) == await ring.key(unit)


async def test_keys_born_before_a_rotation_elsewhere_are_read_after_it(ring: Keyring, another: Opener) -> None:
    unit = await born(ring)
    before, other = await ring.key(unit), await another()
    await other.rotate()
    await other.retire_older()
    assert await ring.key(unit) == before
    assert ring.epoch == 2


async def test_a_unit_can_not_be_born_twice(ring: Keyring) -> None:
    unit = await born(ring)
    key = await ring.key(unit)
    with pytest.raises(REFUSED):
        await ring.birth(Birth(unit, "draft", NOW))
    assert await ring.key(unit) == key


async def test_a_unit_that_never_was_is_too_late_and_simply_missing(ring: Keyring) -> None:
    with pytest.raises(TooLate):
        await ring.key(uuid4())
    assert await ring.keys([uuid4()]) == {}
    assert await ring.keys([]) == {}


async def test_an_address_is_stored_only_under_the_epoch(ring: Keyring) -> None:
    unit = await born(ring, "staff", digest=address_digest("staff", "kari@example.org"))
    stored = await row(ring, unit)
    assert stored["lookup"] != address_digest("staff", "kari@example.org")
    before = stored["lookup"]
    await ring.rotate()
    assert (await row(ring, unit))["lookup"] not in (None, before)


# --- adopting ---------------------------------------------------------------------------------------------------------


async def test_applications_of_one_address_hang_on_one_profile(ring: Keyring) -> None:
    first, second, other = await born(ring), await born(ring), await born(ring)
    profile, is_new = await ring.adopt(first, "Ola@Example.org ", NOW)
    assert is_new
    assert await ring.adopt(second, "ola@example.org", NOW) == (profile, False)
    assert (await ring.adopt(other, "kari@example.org", NOW))[0] != profile
    guard = await ring.guard(profile)
    assert guard
    assert guard.links == 2


async def test_the_profile_is_found_by_its_address_after_rotations(ring: Keyring, another: Opener) -> None:
    profile, _ = await ring.adopt(await born(ring), "ola@example.org", NOW)
    for _ in range(2):
        await ring.rotate()
    assert await ring.find("profile", "OLA@example.org") == profile
    assert await (await another()).find("profile", "ola@example.org") == profile
    assert await ring.find("staff", "ola@example.org") is None
    assert (await ring.adopt(await born(ring), "ola@example.org", NOW)) == (profile, False)


async def test_a_draft_that_was_given_up_and_sent_at_the_same_time_is_not_due(ring: Keyring) -> None:
    unit = await born(ring)
    given_up = {unit: Guard(retain_until=YESTERDAY, version=(await ring.guard(unit)).version)}  # type: ignore[union-attr]
    await ring.adopt(unit, "ola@example.org", NOW)
    assert await ring.settle({**given_up}, kind="draft") == set()
    assert (await ring.guard(unit)).retain_until is None  # type: ignore[union-attr]


async def test_adopting_twice_is_harmless_and_the_last_address_counts(ring: Keyring) -> None:
    unit = await born(ring)
    first, _ = await ring.adopt(unit, "a@example.org", NOW)
    assert await ring.adopt(unit, "a@example.org", NOW) == (first, False)
    assert (await ring.guard(first)).links == 1  # type: ignore[union-attr]
    second, _ = await ring.adopt(unit, "b@example.org", NOW)
    assert await ring.idle_profiles() == [first]
    assert (await ring.guard(unit)).parent == second  # type: ignore[union-attr]


async def test_an_erased_draft_can_not_be_adopted(ring: Keyring) -> None:
    unit = await born(ring, retain_until=YESTERDAY)
    await erase(ring, unit)
    with pytest.raises(TooLate):
        await ring.adopt(unit, "a@example.org", NOW)
    assert await ring.find("profile", "a@example.org") is None


async def test_a_new_application_after_the_profile_went_gets_a_new_profile(ring: Keyring) -> None:
    unit, profile = await applied(ring)
    await erase(ring, unit)
    again, is_new = await ring.adopt(await born(ring), "ola@example.org", NOW)
    assert is_new
    assert again != profile


async def test_a_unit_is_found_by_its_new_address_only(ring: Keyring) -> None:
    unit = await born(ring, "staff", digest=address_digest("staff", "old@example.org"))
    key = await ring.key(unit)
    await ring.readdress(unit, "staff", "new@example.org")
    assert await ring.find("staff", "old@example.org") is None
    await ring.rotate()
    assert await ring.find("staff", "new@example.org") == unit
    assert await ring.key(unit) == key
    gone = await born(ring, retain_until=YESTERDAY)
    await erase(ring, gone)
    with pytest.raises(TooLate):
        await ring.readdress(gone, "draft", "new@example.org")


# --- the guard --------------------------------------------------------------------------------------------------------


async def test_lengthening_never_shortens(ring: Keyring) -> None:
    unit, _ = await applied(ring, until=TODAY)
    version = await ring.lengthen(unit, LATER)
    assert await ring.lengthen(unit, TODAY) == version + 1
    assert (await ring.guard(unit)).retain_until == LATER  # type: ignore[union-attr]
    await ring.lengthen(unit, None)
    await ring.lengthen(unit, LATER)
    assert (await ring.guard(unit)).retain_until is None  # type: ignore[union-attr]


async def test_records_of_an_older_version_shorten_nothing(ring: Keyring) -> None:
    unit, _ = await applied(ring, until=TODAY)
    version = await ring.lengthen(unit, LATER)
    assert await ring.settle({unit: Guard(retain_until=YESTERDAY, version=version - 1)}) == set()
    assert await ring.settle({unit: Guard(retain_until=YESTERDAY, version=version + 1)}) == set()
    assert (await ring.guard(unit)).retain_until == LATER  # type: ignore[union-attr]
    assert await ring.settle({unit: Guard(retain_until=YESTERDAY, version=version)}) == {unit}
    assert (await ring.guard(unit)).retain_until == YESTERDAY  # type: ignore[union-attr]


@pytest.mark.parametrize("what", ["holds", "restrictions", "open_requests"])
async def test_what_blocks_is_counted_and_stops_the_erasure(ring: Keyring, what: str) -> None:
    unit, _ = await applied(ring)
    await ring.block(unit, what)
    await ring.block(unit, what)
    await ring.block(unit, what, -1)
    (result,) = await erase(ring, unit)
    assert result.refused == what.removesuffix("s")
    await ring.block(unit, what, -1)
    await ring.block(unit, what, -1)
    assert getattr(await ring.guard(unit), what) == 0
    (result,) = await erase(ring, unit)
    assert result.refused is None
    with pytest.raises(TooLate, match=str(result.purge)):
        await ring.block(unit, what)


async def test_only_what_blocks_can_be_counted(ring: Keyring) -> None:
    unit = await born(ring)
    with pytest.raises(ValueError, match="wrapped"):
        await ring.block(unit, "wrapped")


async def test_the_loser_of_a_race_gets_a_definite_answer(ring: Keyring) -> None:
    unit, _ = await applied(ring)
    (result,) = await erase(ring, unit)
    for act in (ring.lengthen(unit, LATER), ring.block(unit, "holds"), ring.key(unit)):
        with pytest.raises(TooLate, match=str(result.purge)):
            await act
    assert await ring.settle({unit: Guard(retain_until=None, version=0)}) == set()


# --- erasing ----------------------------------------------------------------------------------------------------------


async def test_a_refused_unit_is_set_aside_and_the_others_go(ring: Keyring) -> None:
    due, _ = await applied(ring, "a@example.org")
    held, _ = await applied(ring, "b@example.org")
    running, _ = await applied(ring, "c@example.org", until=None)
    early, _ = await applied(ring, "d@example.org", until=TODAY)
    last, _ = await applied(ring, "e@example.org")
    await ring.block(held, "holds")
    results = await erase(ring, due, held, running, early, last, uuid4(), due)
    assert [r.refused for r in results] == [None, "hold", "never_due", "not_due", None, "gone", "gone"]
    assert (await ring.keys([due, held, running, early, last])).keys() == {held, running, early}
    erasures = [e for e in await ring.entries() if e.kind == "erase"]
    assert len(erasures) == 2
    assert first_fault(await ring.entries()) is None
    assert len(await ring.engine.run_sql("SELECT id FROM purge")) == 2


async def test_nothing_in_the_ledger_is_more_than_ids_dates_and_counts(ring: Keyring) -> None:
    unit, profile = await applied(ring, "secret.person@example.org")
    await erase(ring, unit)
    (entry,) = await ring.entries()
    assert set(entry.body["units"]) == {str(unit), str(profile)}
    assert entry.body["counts"] == {"application": 1, "profile": 1, "key": 2}
    assert "secret" not in str(entry)


async def test_referees_go_with_their_application(ring: Keyring) -> None:
    unit, _ = await applied(ring)
    referee = await born(ring, "referee", parent=unit)
    kept = await born(ring, "referee", parent=(await applied(ring, "b@example.org"))[0])
    (result,) = await erase(ring, unit)
    assert referee in result.units
    assert (await ring.keys([referee, kept])).keys() == {kept}


async def test_a_profile_goes_only_with_its_last_application(ring: Keyring) -> None:
    first, profile = await applied(ring)
    second, same = await applied(ring)
    assert same == profile
    (result,) = await erase(ring, first)
    assert result.units == {first: "application"}
    (result,) = await erase(ring, second)
    assert result.units == {second: "application", profile: "profile"}


async def test_of_two_applications_in_one_batch_the_second_takes_the_profile(ring: Keyring) -> None:
    first, profile = await applied(ring)
    second, _ = await applied(ring)
    one, two = await erase(ring, first, second)
    assert profile not in one.units
    assert two.units == {second: "application", profile: "profile"}
    assert one.entry
    assert "profile" not in one.entry.body["counts"]


@pytest.mark.parametrize("what", ["holds", "restrictions", "open_requests"])
async def test_a_profile_that_something_needs_outlives_its_last_application(ring: Keyring, what: str) -> None:
    unit, profile = await applied(ring)
    await ring.block(profile, what)
    (result,) = await erase(ring, unit)
    assert result.units == {unit: "application"}
    assert await ring.idle_profiles() == [profile]


async def test_a_profile_with_a_living_application_is_never_erased(ring: Keyring) -> None:
    _, profile = await applied(ring)
    await ring.settle({profile: Guard(retain_until=YESTERDAY, version=0)})
    (result,) = await erase(ring, profile)
    assert result.refused == "linked"


async def test_a_profile_is_needed_again_once_somebody_applies(ring: Keyring) -> None:
    unit, profile = await applied(ring)
    await ring.engine.run_sql("UPDATE data_key SET parent = NULL WHERE id = ?", str(unit))
    await ring.settle({profile: Guard(retain_until=YESTERDAY, version=0)})
    await ring.adopt(await born(ring), "ola@example.org", NOW)
    (result,) = await erase(ring, profile)
    assert result.refused == "linked"


async def test_a_fault_inside_erasing_leaves_everybody(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    unit, profile = await applied(ring)

    async def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ring, "_begin", fails)
    with pytest.raises(ZeroDivisionError):
        await erase(ring, unit)
    assert (await ring.keys([unit, profile])).keys() == {unit, profile}
    assert await ring.entries() == []


async def test_an_erasure_says_the_epoch_that_its_key_was_wrapped_under(ring: Keyring, another: Opener) -> None:
    unit, _ = await applied(ring)
    await (await another()).rotate()
    await erase(ring, unit)
    assert (await ring.entries())[0].body["epoch"] == 2


# --- what the database refuses ----------------------------------------------------------------------------------------


async def test_the_ledger_and_key_rows_can_not_be_changed_or_removed(ring: Keyring) -> None:
    unit, _ = await applied(ring)
    await erase(ring, unit)
    for statement, name in (
        ("UPDATE ledger_entry SET body = '{}'", "append_only_update"),
        ("DELETE FROM ledger_entry", "append_only_delete"),
        ("DELETE FROM data_key", "key_row_stays"),
        ("DELETE FROM purge", "purge_stays"),
        ("UPDATE data_key SET wrapped = e.hash FROM ledger_entry e WHERE wrapped IS NULL", "erased_stays_erased"),
    ):
        with pytest.raises(Exception, match=name):
            await ring.engine.run_sql(statement)


async def test_a_purge_may_be_asked_for_only_once(ring: Keyring) -> None:
    one, _ = await applied(ring, "a@example.org")
    two, _ = await applied(ring, "b@example.org")
    first = order(one)
    from recruit.retention.rules import guard_refusal

    await ring.erase([first], guard_refusal, TODAY, NOW)
    twice = order(two)
    object.__setattr__(twice, "purge", first.purge)
    await ring.erase([twice], guard_refusal, TODAY, NOW)
    assert len(await ring.engine.run_sql("SELECT id FROM purge")) == 1
