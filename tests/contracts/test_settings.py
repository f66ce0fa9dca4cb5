"""One settings object, every setting documented.

Guards that an operator never has to read code to run the app.
"""

import re

import msgspec

from recruit.settings import Settings
from tests.contracts.house import ROOT

_NAMED = re.compile(r"`RECRUIT_([A-Z0-9_]+)`")
# The file that holds the others; it is no field.
_NO_FIELD = {"SETTINGS"}


def undocumented(fields: tuple[str, ...], text: str) -> list[str]:
    """Fields that the text does not name, and settings it names that do not exist."""
    said, real = set(_NAMED.findall(text)), {field.upper() for field in fields}
    return sorted(f"RECRUIT_{name}" for name in (real - said) | (said - real - _NO_FIELD))


def test_settings_are_one_frozen_object() -> None:
    assert issubclass(Settings, msgspec.Struct)
    assert Settings.__struct_config__.frozen


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs/operations.md").read_text("utf-8")
    assert undocumented(Settings.__struct_fields__, text) == []


def test_a_silent_setting_and_a_made_up_one_are_found() -> None:
    assert undocumented(("port", "host"), "`RECRUIT_PORT` `RECRUIT_MOON` `RECRUIT_SETTINGS`") == [
        "RECRUIT_HOST",
        "RECRUIT_MOON",
    ]
