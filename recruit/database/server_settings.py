"""What a PostgreSQL server must be set to so that nothing of anybody reaches its logs, and an answer is durable.

Guards that neither statements nor their values are logged: parameters are never inlined, and what a failing row holds
is sealed, but ids, dates and the words of vacancies are nobody's business in a log either. Pure: what the server says
goes in, what is wrong comes out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

OLDEST = 150000


@dataclass(frozen=True)
class Wanted:
    """A setting: what it should be, and why. `fine` judges what the server says."""

    name: str
    value: str
    why: str
    fine: Callable[[str], bool]


def _is(*values: str) -> Callable[[str], bool]:
    return lambda said: said.lower() in values


def _quiet_library(said: str) -> bool:
    return not {part.strip() for part in said.split(",")} & {"auto_explain", "pgaudit"}


WANTED: tuple[Wanted, ...] = (
    Wanted("log_statement", "none", "statements would be logged", _is("none", "ddl")),
    Wanted("log_min_duration_statement", "-1", "slow statements would be logged", _is("-1")),
    Wanted("log_min_duration_sample", "-1", "a sample of statements would be logged", _is("-1")),
    Wanted("log_transaction_sample_rate", "0", "whole transactions would be logged", _is("0")),
    Wanted("log_parameter_max_length", "0", "values would be logged with statements", _is("0")),
    Wanted("log_parameter_max_length_on_error", "0", "values would be logged with errors", _is("0")),
    Wanted("log_min_error_statement", "panic", "failing statements would be logged", _is("fatal", "panic")),
    Wanted("log_error_verbosity", "terse", "the values of refused rows would be logged", _is("terse")),
    Wanted("debug_print_parse", "off", "statements would be logged", _is("off")),
    Wanted("debug_print_rewritten", "off", "statements would be logged", _is("off")),
    Wanted("debug_print_plan", "off", "statements would be logged", _is("off")),
    Wanted("auto_explain.log_min_duration", "-1", "slow statements would be logged", _is("", "-1")),
    Wanted("session_preload_libraries", "''", "a library that logs statements is loaded", _quiet_library),
    Wanted("fsync", "on", "an acknowledged erasure or application could be lost", _is("on")),
    Wanted("full_page_writes", "on", "a power cut could damage what is stored", _is("on")),
)

_ASKED = (f"coalesce(current_setting('{each.name}', true), '') AS \"{each.name}\"" for each in WANTED)
SAID = (
    f"SELECT {', '.join(_ASKED)}, current_setting('server_version_num') AS version, "
    "current_setting('server_encoding') AS encoding"
)
"""The statement that asks for all of them; a library's setting is empty where it is not loaded."""


def wrong(said: Mapping[str, str]) -> list[Wanted]:
    """The settings that are not as they should be."""
    return [each for each in WANTED if not each.fine(said[each.name])]


def unfit(said: Mapping[str, str]) -> str:
    """Why this server can't be used at all, or nothing."""
    if int(said["version"]) < OLDEST:
        return "PostgreSQL 15 or newer is needed"
    return "" if said["encoding"] == "UTF8" else "the database's encoding must be UTF8"


def remedy(faults: list[Wanted], role: str) -> str:
    """The statements that a superuser of the server runs, where the server allows them for one role only."""
    lines = [f"ALTER ROLE {role} SET {each.name} = {each.value};" for each in faults if each.name not in _GLOBAL]
    lines += [f"ALTER SYSTEM SET {each.name} = {each.value};" for each in faults if each.name in _GLOBAL]
    return " ".join(lines)


_GLOBAL = {"fsync", "full_page_writes"}
