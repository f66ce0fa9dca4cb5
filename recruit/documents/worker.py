"""The process that reads strangers' documents: one document, one process, locked in before the first byte is read.

Guards that the document is only ever in this process's memory: it comes on standard input and leaves as pictures and
text on standard output, never by a file. Started by `confined.py` alone, as `worker.main()` in an isolated interpreter
with an empty environment. Whatever goes wrong here ends this process and nothing else.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from recruit.documents.results import Rendering, Reply

PACKAGE = Path(__file__).resolve().parent.parent


def main() -> None:
    """Arguments: `examine`, `render`, `read` or `probe`, and the media type. The reply: 4 bytes of length before it."""
    from recruit.documents import sandbox

    missing = sandbox.lock(PACKAGE)
    command, media_type = sys.argv[-2:]
    from recruit.documents.results import Refusal, Reply

    try:
        reply = _obey(command, media_type, missing)
    except Refusal as refusal:
        reply = Reply(missing, verdict=refusal.verdict)
    except (MemoryError, RecursionError):
        reply = Reply(missing, verdict="not_readable")
    _send(reply)


def _obey(command: str, media_type: str, missing: dict[str, str]) -> "Reply":
    from recruit.documents.results import Reply

    if command == "probe":
        return Reply(missing, escapes=tuple(_escapes()))
    data = sys.stdin.buffer.read()
    if command == "examine":
        return Reply(missing, page_count=_examine(data, media_type))
    if command == "read":
        return Reply(missing, text=_read(data, media_type))
    rendering = _render(data, media_type)
    return Reply(missing, page_count=len(rendering.pages), pages=rendering.pages, cut=rendering.cut)


def _examine(data: bytes, media_type: str) -> int | None:
    from recruit.documents import kinds, office, raster

    if media_type == kinds.PDF:
        return len(raster.open_pdf(data))
    if media_type in (kinds.PNG, kinds.JPEG):
        raster.open_picture(data)
        return 1
    office.open_office(data).close()
    return None


def _render(data: bytes, media_type: str) -> "Rendering":
    from recruit.documents import kinds, office, raster

    if media_type == kinds.PDF:
        return raster.pdf_pages(data)
    if media_type in (kinds.PNG, kinds.JPEG):
        return raster.picture_page(data)
    return office.office_pages(data, media_type)


def _read(data: bytes, media_type: str) -> str:
    from recruit.documents import kinds, office, raster

    if media_type == kinds.PDF:
        return raster.pdf_text(data)
    return "" if media_type in (kinds.PNG, kinds.JPEG) else office.office_text(data, media_type)


def _send(reply: "Reply") -> None:
    """Written and left at once: the libraries' own tidying up could only go wrong."""
    import msgspec

    body = msgspec.msgpack.encode(reply)
    sys.stdout.buffer.write(len(body).to_bytes(4, "big") + body)
    sys.stdout.buffer.flush()
    os._exit(0)


def _escapes() -> list[str]:
    """Tries what a hostile document would try; whatever succeeds is named."""
    attempts = {
        "opened a network connection": _connect,
        "wrote a file": lambda: os.write(os.open("/tmp/recruit-probe", os.O_WRONLY | os.O_CREAT, 0o600), b"x"),
        "read a file of the machine": lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)),
        "started a process": _start_process,
        "sent a signal": lambda: os.kill(os.getppid(), 0),
    }
    return [name for name, attempt in attempts.items() if _succeeds(attempt)]


def _succeeds(attempt: "Callable[[], object]") -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _connect() -> None:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("127.0.0.1", 9))  # nothing is sent; only a machine without any network refuses


def _start_process() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
