"""Claims about signs: which tell that two profiles may be one person's, and that they cost and forget like words."""

from time import process_time
from uuid import UUID, uuid4

from recruit.searching.plain import plain
from recruit.searching.signs import MOST, Signs, signs_of

WORK = UUID(int=1)


def test_signs_tell_who_may_be_the_same_and_what_many_share_tells_nothing() -> None:
    def alike(one: dict[str, str], other: dict[str, str], times: int = 1) -> set[str]:
        signs = Signs()
        for said in (one, *[other] * times):
            own = signs_of(
                [plain(said.get("name", "Ola Sør"))],
                [said.get("email", f"{uuid4()}@example.org")],
                [said.get("phone", "")],
                [said.get("paper", "")],
                [plain(said.get("text", ""))],
                WORK if said.get("vacancy") else uuid4(),
            )
            signs.put(uuid4(), uuid4(), own)
        return set(signs.pairs().values())

    assert alike({"phone": "4790000001"}, {"phone": "90000001", "name": "En Annen"}) == {"phone"}
    assert alike({"phone": "9000"}, {"phone": "9000"}) == set()
    assert alike({"paper": "abc"}, {"paper": "abc", "name": "O. S."}) == {"document"}
    assert alike({"text": "Født 3. mai 1987 i Bodø"}, {"text": "born 1987", "name": "Sør, Ola"}) == {"born"}
    assert alike({"text": "Født 1987"}, {"text": "Født 1988"}) == set()
    assert alike({"text": "Født 1987"}, {"text": "Født 1987", "name": "Kari Sør"}) == set()
    assert alike({"email": "ola@a.no"}, {"email": "OLA@b.no"}) == {"address"}
    assert alike({"vacancy": "1"}, {"vacancy": "1"}) == {"vacancy"}
    assert alike({}, {}) == set(), "a name alone says nothing"
    assert alike({"name": "Ola", "vacancy": "1"}, {"name": "Ola", "vacancy": "1"}) == set(), "half a name even less"
    assert alike({"phone": "90000001"}, {"phone": "90000001"}, times=MOST - 1) == {"phone"}
    assert alike({"phone": "90000001"}, {"phone": "90000001"}, times=MOST) == set(), "a front desk's telephone"


def _recognised(n: int) -> tuple[Signs, list[tuple[UUID, UUID]], float]:
    """So many applications, each two of which are alike; the processor's seconds that it took."""
    signs, people, began = Signs(), [(uuid4(), uuid4()) for _ in range(n)], process_time()
    for number, (unit, candidate) in enumerate(people):
        own = [("phone", str(number // 2)), ("vacancy", "the same for all"), ("address", str(number))]
        signs.put(unit, candidate, own)
    assert len(signs.pairs()) == n // 2
    return signs, people, process_time() - began


def test_recognising_takes_no_longer_for_each_when_there_are_many_and_forgets() -> None:
    _, _, few = _recognised(2_000)
    signs, people, many = _recognised(20_000)
    assert many < 40 * few, "comparing everybody with everybody takes a hundred times as long for ten times as many"
    hidden = {unit for unit, _ in people[::2]}
    assert signs.pairs(hidden) == {}
    for unit, _ in people:
        signs.drop(unit)
    assert not (signs._of or signs._at or signs._shared)
