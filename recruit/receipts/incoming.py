"""A file on its way in to be verified: read as it streams, held in memory, kept nowhere.

Guards that not a byte of it touches the disk (it may be anything that a person dropped on the page) and that a form,
however hostile, takes no more memory than the largest receipt.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from recruit.errors import RecruitError
from recruit.receipts.verifying import FILE_LIMIT

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = "receipt"
READ_LIMIT = 32 * 1024 * 1024
"""Bytes of a whole form: so much is let past, so that a file that is too large is answered in words."""
MAX_PARTS = 20
_PIECE = 64 * 1024


class NoFile(RecruitError):
    """Nothing was chosen, or what came is no whole form."""

    status = 422
    text = "Choose the receipt, a PDF file."


async def read_file(stream: AsyncIterator[bytes], content_type: str) -> bytes:
    """The file of a multipart form, cut off one byte behind `FILE_LIMIT`. NoFile if there is none."""
    try:
        parts = _Parts(content_type)
        async for chunk in stream:
            for start in range(0, len(chunk), _PIECE):
                parts.feed(chunk[start : start + _PIECE])
    except FormParserError as error:
        raise NoFile() from error
    if parts.found is None or not parts.whole:
        raise NoFile()
    return bytes(parts.found)


class _Parts:
    """The push parser; of all parts only the first file in the expected field is kept."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise NoFile()
        self.found: bytearray | None = None
        self.whole = False
        self._name = self._value = b""
        self._taking = False
        self._count = 0
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header,
            "on_part_data": self._data,
            "on_end": self._end,
        }
        self._parser = MultipartParser(options[b"boundary"], callbacks)

    def feed(self, piece: bytes) -> None:
        self._parser.write(piece)

    def _begin(self) -> None:
        self._taking = False
        self._count += 1
        if self._count > MAX_PARTS:
            raise NoFile()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        if self._name.lower() == b"content-disposition" and self.found is None:
            options = parse_options_header(self._value)[1]
            if options.get(b"name") == FIELD.encode() and options.get(b"filename"):
                self.found, self._taking = bytearray(), True
        self._name = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._taking and self.found is not None:
            self.found += data[start : min(end, start + FILE_LIMIT + 1 - len(self.found))]

    def _end(self) -> None:
        self.whole = True
