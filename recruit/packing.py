"""ZIP archives that are made piece by piece while they are sent.

Guards that nothing of an archive touches the disk, that memory stays small, and that no name in it is harmful to any
file system.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime
from typing import Any

from recruit.clock import ZONE


def entry(name: str, now: datetime) -> zipfile.ZipInfo:
    """A file of the archive, of this instant."""
    info = zipfile.ZipInfo(name, now.astimezone(ZONE).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def harmless(name: str) -> str:
    """A name that somebody gave a file, made harmless for every file system."""
    return (re.sub(r"[\x00-\x1f/\\:*?\"<>|]", "_", name).strip(". ") or "document")[-120:]


class Sink(io.RawIOBase):
    """Where the archive is written to: what has come is taken away at once."""

    def __init__(self) -> None:
        self._ready = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._ready += data
        return len(data)

    def take(self) -> bytes:
        ready = bytes(self._ready)
        self._ready.clear()
        return ready


class Packed:
    """An archive under way, and what has gone into it: name, size in bytes, SHA-256 in hex."""

    def __init__(self, now: datetime) -> None:
        self._sink, self._now = Sink(), now
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)
        self.listed: list[dict[str, Any]] = []

    def add(self, name: str, data: bytes) -> bytes:
        """A small file; what of the archive is ready."""
        self._zip.writestr(entry(name, self._now), data)
        self._note(name, len(data), hashlib.sha256(data))
        return self._sink.take()

    async def stream(self, name: str, pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """A large file, as it comes."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(entry(name, self._now), "w", force_zip64=True) as file:
            async for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
                yield self._sink.take()
        self._note(name, size, digest)

    def end(self) -> bytes:
        """The rest."""
        self._zip.close()
        return self._sink.take()

    def _note(self, name: str, size: int, digest: Any) -> None:
        self.listed.append({"name": name, "size": size, "sha256": digest.hexdigest()})
