"""Strikes at single system calls: whatever writes below us (SQLite, the archive's tar, the document store) calls the C
library, and there `shim.c` stands, loaded before it into a process of its own. Linux only: elsewhere nothing can be put
before the C library of a signed program.

That process imports everything once, and forks for each interruption; the one that acts and is struck is the fork.
"""

import asyncio
import ctypes
import errno
import gc
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import traceback
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from recruit.errors import RecruitError
from recruit.i18n import translator
from tests.faults import world as worlds
from tests.faults.invariants import check
from tests.faults.mistakes import MISTAKES
from tests.faults.world import ACTS, World

KINDS = ("write", "size", "sync", "rename", "remove", "make")
"""As in `shim.c`: bytes into a file, its length or room, a flush, a new name, a name that goes, a file or folder made.
"""
FAULTS = {"kill": (0, 0), "EIO": (1, errno.EIO), "ENOSPC": (2, errno.ENOSPC), "short": (3, 0)}
"""How a call ends, as in `shim.c`: its process is killed before it; it fails; it finds no room, nor does any other till
the act has ended; it writes half, and the next one on that file finds no room.
"""
ANSWERS = (OSError, sqlite3.Error, RecruitError)
"""What an act may raise when a call fails: it says what was wrong."""
_ROOT = Path(__file__).parent.parent.parent


class Strike(NamedTuple):
    """The n-th call of a kind, and what becomes of it."""

    kind: str
    number: int
    fault: str


@dataclass(frozen=True)
class Report:
    """What became of an act: killed or not, whether the strike happened, what it `said`, and the calls that it made.

    `wrong`: what the independent reader found at once, and in what way it failed that nobody could make sense of.
    """

    killed: bool
    struck: bool
    said: str
    wrong: list[str]
    counted: dict[str, int]


def build(folder: Path) -> Path:
    """The shim, compiled; whoever tests has a C compiler (./dev sees to it)."""
    made = folder / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


class Striker:
    """The process that forks, and is told what to do line by line."""

    def __init__(self, shim: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.syscalls"],
            cwd=_ROOT, env={**os.environ, "LD_PRELOAD": str(shim)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def act(self, world: World, name: str, strike: Strike | None, mistake: str = "") -> Report:
        """Act in a fork, struck or only counted; if it lives on it also lives the next night."""
        assert self._process.stdin and self._process.stdout
        told = json.dumps({"folder": str(world.folder), "name": name, "strike": strike, "mistake": mistake})
        self._process.stdin.write(told.encode() + b"\n")
        self._process.stdin.flush()
        return Report(**json.loads(self._process.stdout.readline()))

    def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


# --- in that process --------------------------------------------------------------------------------------------------


def main() -> None:
    """Serve: a line in is an act, a line out its report."""
    import pikepdf
    import pyhanko.sign.signers
    import pyrage

    assert pikepdf and pyrage and pyhanko.sign.signers, "imported here once, and not in each fork"
    translator("nb")
    shim = ctypes.CDLL(os.environ["LD_PRELOAD"])
    worlds.quick(pytest.MonkeyPatch())
    gc.disable()
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_forked(shim, json.loads(line))) + "\n")
        sys.stdout.flush()


def _forked(shim: Any, told: dict[str, Any]) -> dict[str, Any]:
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        _in_fork(shim, told, write_end)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return {"killed": True, "struck": True, "said": "", "wrong": [], "counted": {}}
    return {"killed": False, **json.loads(said)}


def _in_fork(shim: Any, told: dict[str, Any], pipe: int) -> None:
    signal.alarm(300)  # a fork that hangs is found
    report: dict[str, Any] = {"struck": False, "said": "", "wrong": [], "counted": {}}
    try:
        report |= asyncio.run(_struck(shim, World(Path(told["folder"])), **told))
    except BaseException:
        report |= {"struck": bool(shim.strike_struck()), "wrong": [traceback.format_exc()]}
    os.write(pipe, json.dumps(report).encode())
    os._exit(0)


async def _struck(
    shim: Any, world: World, name: str, strike: list[Any] | None, mistake: str, **_: Any
) -> dict[str, Any]:
    """Act, and live on: the next night comes to the same process. A restore is looked at by who asked for it."""
    os.urandom = random.Random(0).randbytes  # type: ignore[assignment]  # the same ids, and so the same calls, each time
    if mistake:
        MISTAKES[mistake](pytest.MonkeyPatch())
    said = ""
    site = None if name == "restore" else await world.open()
    _arm(shim, world.folder, strike)
    try:
        if site:
            await ACTS[name](site, world, world.now + timedelta(days=1))
        else:
            await worlds.restore(world)
    except ANSWERS as error:
        said = f"{type(error).__name__}: {error}"
    shim.strike_disarm()
    counted = {kind: int(shim.strike_counted(number)) for number, kind in enumerate(KINDS)}
    wrong = check(world.place, [world.ids["held"]], ended=False) if site else []
    if site and strike:
        await worlds.a_day(site, world.now + timedelta(days=1, hours=1))
    if site:
        await site.close()
    return {"struck": bool(shim.strike_struck()), "said": said, "wrong": wrong, "counted": counted}


def _arm(shim: Any, folder: Path, strike: list[Any] | None) -> None:
    kind, number, fault = strike or ("write", -1, "kill")
    shim.strike_arm(str(folder).encode(), KINDS.index(kind), ctypes.c_long(number), *FAULTS[fault])


if __name__ == "__main__":
    main()
