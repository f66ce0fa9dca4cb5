"""Every rule of the law that the program encodes, L1 to L34, is named by a test of it."""

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
_NAMED = re.compile(r"(?<![A-Za-z0-9])[Ll](\d{1,2})(?![0-9])")


def named() -> set[int]:
    """The rules that names of tests speak of, and the openings of the files that they stand in."""
    found: set[int] = set()
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text() if path.parent != Path(__file__).parent else ""
        spoken = [text.split('"""')[1] if text.startswith('"""') else "", *re.findall(r"def test_(\w+)", text)]
        found |= {int(number) for words in spoken for number in _NAMED.findall(words.replace("_", " "))}
    return found


def test_every_rule_is_named_by_a_test() -> None:
    assert set(range(1, 35)) - named() == set()
