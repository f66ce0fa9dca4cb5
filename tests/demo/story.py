"""The demonstration's story, lived once in a run of the tests: whoever needs it takes a copy."""

import asyncio
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from recruit.demo import starting

PORT = 8000


def copy_of_it(factory: pytest.TempPathFactory) -> Path:
    """A new folder with the whole demonstration in it; whoever of a run's workers asks first lives it for all."""
    own = factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    lived = shared / "demonstration"
    with FileLock(shared / "demonstration.lock"):
        if not lived.exists():
            making = starting.prepare(lived, PORT, False, lambda done, total: None)
            with ThreadPoolExecutor(1) as elsewhere:  # in a journey, Playwright's own loop runs in this thread
                elsewhere.submit(asyncio.run, making).result()
    copy = factory.mktemp("demonstration") / "made"
    shutil.copytree(lived, copy)
    return copy
