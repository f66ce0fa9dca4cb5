"""A worker as `recruit worker`, in a world of its own time: `python -m tests.processes.worker FOLDER INSTANT BEGUN`.

Its beats and looks are quick, so that what takes over after a minute takes over after a second or two.
"""

import asyncio
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from recruit import attendance, clock, jobs, mail, worker
from tests.faults import world


def quicken(instant: datetime, begun: float) -> None:
    """The clock goes on from an instant, alike in all processes; what waits for minutes waits for seconds."""
    clock.now = lambda: instant + timedelta(seconds=time.monotonic() - begun)
    attendance.BEAT, attendance.SILENT, attendance.DEAD = 0.2, 1.5, timedelta(seconds=1.5)
    mail._LEASE = timedelta(seconds=6)
    worker._MAIL_EVERY, worker._LOOK_EVERY = 1, 1
    del jobs.JOBS["trial_restore"]
    world.quick(pytest.MonkeyPatch())


def main() -> None:
    quicken(datetime.fromisoformat(sys.argv[2]), float(sys.argv[3]))
    asyncio.run(worker.work(world.World(Path(sys.argv[1])).settings))


if __name__ == "__main__":
    main()
