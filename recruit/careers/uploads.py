"""An application form on its way in: read as it streams, its files sealed as they arrive.

What may never happen: a byte of a file rests in clear (no spooling, no temporary file); a file is kept that was not
examined whole; a form, however hostile, takes more memory than one file and a little text. What is refused or left
over is removed from the store before the answer goes out.
"""

import hashlib
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from recruit.careers.admitting import is_full
from recruit.careers.cv_formats import MAX_BYTES as MAX_CV_BYTES
from recruit.careers.rules import DOCUMENT_FIELDS, Listed
from recruit.documents import confined, kinds
from recruit.documents.kinds import HEAD_BYTES, MAX_BYTES, MAX_FILES, DocumentRefused
from recruit.errors import FormInvalid, RecruitError
from recruit.i18n import Translate
from recruit.vault.documents import DocumentStore, StoreDown, Writer
from recruit.vault.sealing import UnitKey

MAX_FORM_BYTES = 2 * MAX_FILES * MAX_BYTES + 2 * 1024 * 1024
"""So much is read, though only half of it can be kept: a form with files too large still comes back filled in."""
MAX_PARTS = 400
MAX_FIELD_BYTES = 128 * 1024
_FIELDS = {"form", "notice", "name", "email", "phone", "letter", "consent", "act", "source", "where", "speaks"}
_MAX_LISTED = 50
_MAX_ENTRY_BYTES = 24 * 1024
_ENTRY = re.compile(r"(experience|education|languages)-\d{1,2}-[a-z]{4,8}|summary|skills|reuse_cv")
"""The fields of a typed CV."""
_QUESTION = re.compile(r"question-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
"""The answer to one of the vacancy's own questions: text, or a file."""
TOO_MUCH = "The files are far larger than we can receive, so nothing was stored. Choose smaller files."
IMPORT = "import"
"""A CV file to fill the form with: it is read and forgotten, not kept."""
_PIECE = 64 * 1024

Event = tuple[str, bytes]


class FormUnreadable(RecruitError):
    """What came is no whole form: no boundary, too many parts, endless headers, or the end is missing."""

    status = 400
    text = "The form did not arrive whole, so nothing was stored. Go back, and send it again."


class StoreAway(DocumentRefused):
    """The document store does not answer: the file can't be kept, and everything else of the form comes back."""

    status = StoreDown.status
    text = StoreDown.text


@dataclass(frozen=True, kw_only=True)
class Arrived(Listed):
    """A file that is in the store, whole and examined; it has no row yet."""

    media_type: str
    pages: int


@dataclass(frozen=True)
class Refused:
    """A file that was turned away: in which field, under which name, and why."""

    field: str
    name: str
    why: DocumentRefused


@dataclass
class Form:
    """What arrived: text fields, ids to remove and to use again, a CV file to read, and the refused files. The good
    ones lie on the shelf. `room`: how much of the CV file is read.
    """

    fields: dict[str, str] = field(default_factory=dict)
    removed: set[UUID] = field(default_factory=set)
    reused: set[UUID] = field(default_factory=set)
    imported: bytearray = field(default_factory=bytearray)
    refused: list[Refused] = field(default_factory=list)
    room: int = MAX_CV_BYTES + 1

    @property
    def status(self) -> int:
        """What a form with refused files is answered with."""
        away = any(isinstance(file.why, StoreAway) for file in self.refused)
        return StoreAway.status if away else FormInvalid.status

    def refusals(self, tr: Translate) -> dict[str, str]:
        """Beside each file field, which file was turned away and why, in the reader's language."""
        texts: dict[str, list[str]] = {}
        for file in self.refused:
            reason = tr(file.why.text)
            texts.setdefault(file.field, []).append(f"{file.name}: {reason}" if file.name else reason)
        return {name: " ".join(reasons) for name, reasons in texts.items()}


class Shelf:
    """Where the files of one request are put while nobody knows yet whether the form is good.

    `key` gives the key to seal under, and is asked only once there is something to seal; None means that nothing is
    wanted (the form was sent already).
    """

    def __init__(self, store: DocumentStore, key: Callable[[], Awaitable[UnitKey | None]]) -> None:
        self._store, self._key = store, key
        self.files: list[Arrived] = []
        self._unit: UUID | None = None

    async def writer(self, document: UUID) -> Writer | None:
        key = await self._key()
        if key is None:
            return None
        self._unit = key.unit
        return self._store.writer(key, document)

    async def put(self, name: str, kind: str, data: bytes, question: str = "") -> None:
        """A file that is at hand as a whole; raises a DocumentRefused."""
        incoming = Incoming(self, kind, name, question)
        await incoming.push(data)
        await incoming.finish()
        if incoming.refusal:
            raise incoming.refusal

    async def discard(self, taken_over: set[UUID]) -> None:
        """Remove what no row speaks of."""
        for file in self.files:
            if self._unit and file.id not in taken_over:
                await self._store.delete_document(self._unit, file.id)
        self.files.clear()


class Incoming:
    """One file as it arrives: told by its first bytes, sealed piece by piece, examined as a whole at its end.

    Its plain bytes are held in memory, at most `MAX_BYTES`; after a refusal the rest is let past.
    """

    def __init__(self, shelf: Shelf, kind: str, name: str, question: str = "") -> None:
        self._shelf, self._kind, self._name, self._question = shelf, kind, name, question
        self._id = uuid4()
        self._held, self._digest = io.BytesIO(), hashlib.sha256()
        self._stack = AsyncExitStack()
        self._writer: Writer | None = None
        self._begun = False
        self._size = 0
        self.refusal: DocumentRefused | None = None

    async def push(self, data: bytes) -> None:
        if self.refusal or self._unwanted:
            return
        self._size += len(data)
        try:
            if self._size > MAX_BYTES:
                raise kinds.TooLarge
            self._held.write(data)
            self._digest.update(data)
            if self._writer:
                await self._writer.push(data)
            elif self._size >= HEAD_BYTES and not self._begun:
                await self._begin()
        except DocumentRefused as why:
            await self._refuse(why)
        except StoreDown as down:
            await self._store_is_away(down)

    async def finish(self) -> None:
        """The file is whole: examine it, make it durable, put it on the shelf; or refuse it."""
        if self.refusal:
            return
        try:
            if not self._begun:
                await self._begin()
            if self._writer:
                await self._store(self._writer, self._held.getvalue())
        except DocumentRefused as why:
            await self._refuse(why)
        except StoreDown as down:
            await self._store_is_away(down)
        await self.abandon()

    async def _store(self, writer: Writer, data: bytes) -> None:
        found = await confined.examine(data, kinds.media_type_of(data))
        await writer.finish()
        digest, pages = self._digest.hexdigest(), found.page_count or 0
        listed = (self._id, self._kind, self._name, self._size, digest, self._question)
        file = Arrived(*listed, media_type=found.media_type, pages=pages)
        self._shelf.files.append(file)

    @property
    def _unwanted(self) -> bool:
        return self._begun and self._writer is None

    async def abandon(self) -> None:
        """Let go of everything that is not finished; the store forgets what it had of it."""
        self._held = io.BytesIO()
        await self._stack.aclose()

    async def _begin(self) -> None:
        self._begun = True
        kinds.refuse_by_head(self._held.getvalue()[:HEAD_BYTES])
        writer = await self._shelf.writer(self._id)
        if writer:
            self._writer = await self._stack.enter_async_context(writer)
            await writer.push(self._held.getvalue())

    async def _store_is_away(self, down: StoreDown) -> None:
        """Only this file is turned away, so that the rest of the form still arrives; a full disk is another matter."""
        if is_full(down):
            raise down
        await self._refuse(StoreAway())

    async def _refuse(self, why: DocumentRefused) -> None:
        self.refusal = why
        await self.abandon()


async def read(stream: AsyncIterator[bytes], content_type: str, form: Form, shelf: Shelf) -> None:
    """Fill `form` and `shelf` from a multipart body; FormUnreadable if it is none, or not whole.

    Text that came before a fault stays in `form`, so that the page can come back filled in.
    """
    reader = _Reader(form, shelf)
    try:
        parts = _Parts(content_type)
        async for chunk in stream:
            for start in range(0, len(chunk), _PIECE):
                for event, data in parts.feed(chunk[start : start + _PIECE]):
                    await reader.take(event, data)
        if not parts.whole:
            raise FormUnreadable()
    except FormParserError as error:
        raise FormUnreadable() from error
    finally:
        await reader.close()


class _Parts:
    """The push parser, its callbacks turned into a list of events for each piece of the body."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise FormUnreadable()
        self._events: list[Event] = []
        self._name = self._value = b""
        self._count = 0
        self.whole = False
        self._parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header,
                "on_part_data": self._data,
                "on_part_end": lambda: self._events.append(("end", b"")),
                "on_end": self._end,
            },
        )

    def feed(self, piece: bytes) -> list[Event]:
        self._parser.write(piece)
        events, self._events = self._events, []
        return events

    def _begin(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise FormUnreadable()
        self._events.append(("begin", b""))

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._events.append(("named", self._value))
        self._name = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(("data", data[start:end]))

    def _end(self) -> None:
        self.whole = True


class _Reader:
    """Sorts the parts: known text fields into the form, files onto the shelf, everything else nowhere."""

    def __init__(self, form: Form, shelf: Shelf) -> None:
        self._form, self._shelf = form, shelf
        self._field = ""
        self._file_name = ""
        self._text: bytearray | None = None
        self._incoming: Incoming | None = None
        self._room = 0
        self._files = 0

    async def take(self, event: str, data: bytes) -> None:
        if event == "begin":
            self._field, self._file_name, self._text, self._incoming = "", "", None, None
        elif event == "named":
            self._named(data)
        elif event == "data" and self._incoming:
            await self._incoming.push(data)
        elif event == "data" and self._text is not None:
            self._text += data[: max(0, self._room - len(self._text))]
        elif event == "end":
            await self._part_ended()

    async def close(self) -> None:
        if self._incoming:
            await self._incoming.abandon()

    def _named(self, header: bytes) -> None:
        options = parse_options_header(header)[1]
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if options.get(b"filename"):
            self._file_named(name, options[b"filename"])
        elif b"filename" not in options and _known(name):
            plain = name in _FIELDS
            self._field, self._text, self._room = name, bytearray(), MAX_FIELD_BYTES if plain else _MAX_ENTRY_BYTES

    def _file_named(self, name: str, file: bytes) -> None:
        question = _QUESTION.fullmatch(name)
        if name == IMPORT:
            self._field, self._text, self._room = name, self._form.imported, self._form.room
        elif name in DOCUMENT_FIELDS or question:
            self._field, self._file_name = name, file_name(file)
            self._files += 1
            kind = "answer" if question else DOCUMENT_FIELDS[name]
            if self._files <= MAX_FILES:
                self._incoming = Incoming(self._shelf, kind, self._file_name, question[1] if question else "")
            elif self._files == MAX_FILES + 1:
                self._form.refused.append(Refused(name, "", kinds.TooManyFiles()))

    async def _part_ended(self) -> None:
        if self._incoming:
            await self._incoming.finish()
            if self._incoming.refusal:
                self._form.refused.append(Refused(self._field, self._file_name, self._incoming.refusal))
            self._incoming = None
        elif self._text is not None and self._field != IMPORT:
            self._keep(self._text.decode("utf-8", "replace"))

    def _keep(self, text: str) -> None:
        if self._field == "act":
            self._form.fields["act"] = text
        elif self._field == "reuse" or self._field.endswith("_remove"):
            chosen = self._form.reused if self._field == "reuse" else self._form.removed
            self._choose(chosen, text)
        else:
            self._form.fields.setdefault(self._field, text)

    def _choose(self, chosen: set[UUID], text: str) -> None:
        try:
            if len(chosen) < _MAX_LISTED:
                chosen.add(UUID(text))
        except ValueError:
            return


def _known(name: str) -> bool:
    """Whether a text field is one of ours; of the rest not a byte is kept."""
    listed = name.removesuffix("_remove")
    ours = name in _FIELDS or name == "reuse" or (listed != name and (listed in DOCUMENT_FIELDS or _asks(listed)))
    return ours or _asks(name) or bool(_ENTRY.fullmatch(name))


def _asks(name: str) -> bool:
    return bool(_QUESTION.fullmatch(name))


def file_name(raw: bytes) -> str:
    """The name as the candidate gave it: without folders and control characters, at most 150 characters."""
    text = raw.decode("utf-8", "replace").replace("%22", '"').replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in text if c.isprintable()).strip()[-150:] or "–"
