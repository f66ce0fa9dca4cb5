"""Examines and draws uploaded documents in a process of their own that can do nothing else.

Guards the app from what strangers send: a document that crashes, hangs, swells or takes over its reader costs one
short-lived process, at most `WALL_SECONDS` and `sandbox.MEMORY_BYTES`, and ends as a refusal in words. The document's
bytes go through pipes, never through a file, and nothing that the reader says is logged.
"""

import asyncio
import functools
import logging
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

import msgspec

from recruit.documents import kinds
from recruit.documents.results import Examined, Page, Rendering, Reply, Verdict

WALL_SECONDS = 18.0
MAX_REPLY_BYTES = 64 * 1024 * 1024

_PASSED_ON = ("DYLD_FALLBACK_LIBRARY_PATH",)  # where macOS finds Pango; everything else of the environment stays out
_ROOT = Path(__file__).resolve().parent.parent.parent
_START = "import sys; sys.path.insert(0, sys.argv[1]); from recruit.documents.worker import main; main()"
_REFUSALS: dict[Verdict, type[kinds.DocumentRefused]] = {
    "encrypted": kinds.EncryptedDocument,
    "truncated": kinds.Truncated,
    "macros": kinds.MacroDocument,
    "unpacks_too_large": kinds.UnpacksTooLarge,
    "not_readable": kinds.NotReadable,
}
_MAGIC = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff"}
_turns: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]" = WeakKeyDictionary()
_log = logging.getLogger(__name__)

Command = Literal["examine", "render", "read", "probe"]


class Layer(NamedTuple):
    """One layer of confinement: `missing` is empty when it is in force, else it says why it is not."""

    name: str
    guards: str
    missing: str


class Confinement(NamedTuple):
    """The layers, and what a reader locked in by them could still do (`escapes`: nothing, where all is well)."""

    layers: tuple[Layer, ...]
    escapes: tuple[str, ...]


_GUARDS = {
    "limits": "memory, processor time, no files",
    "namespaces": "a network without interfaces, no rights over the machine",
    "landlock": "reads only libraries and fonts, writes nothing",
    "seccomp": "no sockets, no processes, no writable files",
}


async def examine(data: bytes, media_type: str) -> Examined:
    """At upload, once the whole document is in memory: does it open, without a password and without macros?

    `media_type` is what `kinds.media_type_of` said. Raises a `kinds.DocumentRefused`.
    """
    reply = await _ask("examine", data, media_type)
    return Examined(media_type, reply.page_count)


async def render(data: bytes, media_type: str) -> Rendering:
    """The pages as pictures with their text, to be sealed as a cache the first time that somebody looks.

    Raises a `kinds.DocumentRefused` when it cannot be drawn: then only the download is offered.
    """
    reply = await _ask("render", data, media_type)
    if not reply.pages or any(not _is_picture(page) for page in reply.pages):
        raise kinds.NotReadable
    return Rendering(reply.pages, reply.cut)


async def read(data: bytes, media_type: str) -> str:
    """The text alone, without a page being drawn; empty for a picture. Raises a `kinds.DocumentRefused`."""
    return (await _ask("read", data, media_type)).text


def confinement() -> Confinement:
    """What is in force on this machine, found out by a reader that tries to break out; for `recruit check`.

    Blocks for about a tenth of a second. A reader that does not even start counts as without any layer.
    """
    try:
        done = subprocess.run(
            _command("probe", ""), capture_output=True, env=_environment(), cwd="/", timeout=WALL_SECONDS, check=False
        )
        reply = _decode(done.stdout)
    except (subprocess.TimeoutExpired, kinds.NotReadable):
        reply = Reply(dict.fromkeys(_GUARDS, "the reader does not start"))
    layers = tuple(Layer(name, guards, reply.missing.get(name, "unknown")) for name, guards in _GUARDS.items())
    return Confinement(layers, reply.escapes)


async def _ask(command: Command, data: bytes, media_type: str) -> Reply:
    async with _turn():
        try:
            async with asyncio.timeout(WALL_SECONDS):
                reply = _decode(await _run(command, data, media_type))
        except TimeoutError:
            raise kinds.NotReadable from None
    _warn_once(tuple(sorted(reply.missing.items())))
    if reply.verdict != "accepted":
        raise _REFUSALS[reply.verdict]
    return reply


def _turn() -> asyncio.Semaphore:
    """As many readers at a time as there are processors; the others wait."""
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(os.cpu_count() or 2))


async def _run(command: Command, data: bytes, media_type: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *_command(command, media_type),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=_environment(),
        cwd="/",
        start_new_session=True,
    )
    feeding = asyncio.create_task(_feed(process, data))
    try:
        answer = await _listen(process)
        await process.wait()
        return answer
    finally:
        feeding.cancel()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    """A reader that ends early (refused, crashed, killed) closes the pipe; its answer, if any, says what was wrong."""
    assert process.stdin is not None
    with suppress(ConnectionError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()


async def _listen(process: asyncio.subprocess.Process) -> bytes:
    """All that the reader says, until it says too much."""
    assert process.stdout is not None
    answer = bytearray()
    while part := await process.stdout.read(1 << 20):
        answer += part
        if len(answer) > MAX_REPLY_BYTES:
            raise kinds.NotReadable
    return bytes(answer)


def _decode(answer: bytes) -> Reply:
    """A reply is complete, of our shape and not larger than allowed, or it is none."""
    if not 4 < len(answer) <= MAX_REPLY_BYTES or int.from_bytes(answer[:4], "big") != len(answer) - 4:
        raise kinds.NotReadable
    try:
        return msgspec.msgpack.decode(answer[4:], type=Reply)
    except msgspec.DecodeError as error:
        raise kinds.NotReadable from error


def _is_picture(page: Page) -> bool:
    return page.image.startswith(_MAGIC[page.media_type])


def _command(command: Command, media_type: str) -> list[str]:
    return [sys.executable, "-I", "-B", "-X", "utf8", "-c", _START, str(_ROOT), command, media_type]


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


@functools.cache
def _warn_once(missing: tuple[tuple[str, str], ...]) -> None:
    for layer, why in missing:
        if why:
            _log.warning("documents are read without the layer %s of confinement: %s", layer, why)
