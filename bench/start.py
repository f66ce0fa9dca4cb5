"""How long `recruit serve` takes to its first page, against an empty Litestar app with the same imports.

Both from the start of the process to the whole answer of GET /. Ours opens an installation that is set up (two
databases, the key holder, the comparison of ledgers), starts its scheduled jobs and renders the list of vacancies; the
other answers "hello". Fails as well if the empty app imports other libraries than ours.
"""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import Promise, rounds, take_turns
from bench import _serving as serving
from bench._installation import installation

_OURS = "import recruit.__main__, recruit.serving, uvicorn; from recruit.app import create_app; import recruit.worker"
_APP = "from recruit.settings import Settings; create_app(Settings(smtp='maildir:mail'))"
_EMPTY = "import bench._empty; from litestar import Litestar; Litestar([])"
_LATE = {"weasyprint", "pyhanko", "pypdfium2", "pikepdf", "mammoth"}


def libraries(code: str) -> set[str]:
    """The libraries from outside that a piece of code imports, by their top-level names."""
    show = "import sys; print(*{name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    ran = subprocess.run([sys.executable, "-c", f"{code}; {show}"], capture_output=True, text=True, check=True)
    return {name for name in ran.stdout.split() if not name.startswith("_")} - {"recruit", "bench"}


async def main(turns: int) -> int:
    wanted, given = libraries(f"{_OURS}; {_APP}"), libraries(_EMPTY)
    if wanted != given or wanted & _LATE:
        print(f"not the same imports: {sorted(wanted ^ given)}; too early: {sorted(wanted & _LATE)}")
        return 1
    with tempfile.TemporaryDirectory() as place:
        await installation(Path(place), 50, ended=False)

        async def ours() -> float:
            with serving.recruit(Path(place)) as server:
                return server.first * 1000

        async def empty() -> float:
            with serving.empty() as server:
                return server.first * 1000

        ratios = await take_turns(ours, empty, turns, "ms", ("recruit serve, first page", "empty app, first answer"))
    return Promise("first page / first answer of an empty app", 2).judge(ratios)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(rounds(9))))
