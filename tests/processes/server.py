"""A process as `recruit serve --no-worker`, in a world of its own time:
`python -m tests.processes.server FOLDER INSTANT BEGUN PORT`.
"""

import sys
from datetime import datetime
from pathlib import Path

import msgspec

from recruit import serving
from tests.faults.world import World
from tests.processes.worker import quicken


def main() -> None:
    quicken(datetime.fromisoformat(sys.argv[2]), float(sys.argv[3]))
    settings = msgspec.structs.replace(World(Path(sys.argv[1])).settings, port=int(sys.argv[4]))
    serving.serve(settings, serving.listen(settings), worker=False)


if __name__ == "__main__":
    main()
