"""Pages as archival, tagged PDF: what receipts and the papers of the desk are drawn with.

Guards that drawing reads nothing from the network or the disk: the only addresses that may be followed are `data:`, and
anything else fails the paper. Fonts are read once from the program's own files and shared by all; one drawing at a time
since the text engine below is not made for threads. Some 40 ms of processor time a page: call it from a thread.
"""

from __future__ import annotations

import asyncio
import atexit
import base64
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from recruit.errors import RecruitError
from recruit.paths import PACKAGE, templates_dir
from recruit.templating import environment

PAPER = "paper/paper.css"
_FONTS = (
    ("Source Sans 3", "latin", 400),
    ("Source Sans 3", "latin", 600),
    ("Source Sans 3 Extended", "latin-ext", 400),
    ("Source Sans 3 Extended", "latin-ext", 600),
)
"""Two families for one typeface: of two files with one family and weight the library draws letters of the wrong one."""

_lock = threading.Lock()
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_APART = (
    "import sys; sys.path.insert(0, sys.argv[1]); from recruit import paper; "
    "sys.stdout.buffer.write(paper.draw(sys.stdin.buffer.read().decode()))"
)
_APART_SECONDS = 120


class AddressRefused(RecruitError):
    """A page of ours tried to read something: only `data:` may be followed. It can't happen with our templates."""

    status = 500
    text = "The paper tried to read something from outside, so none was made."


class PaperFailed(RecruitError):
    """The process that was to draw a paper died, or took too long."""

    status = 500
    text = "The paper could not be made. Try again, with fewer applications if there were many."


@dataclass(frozen=True)
class Style:
    """What all papers of one style sheet share: parsed once, since a new font configuration costs more than a page."""

    fonts: Any
    css: Any
    fetcher: Any


def draw(source: str, sheet: str = PAPER, variant: str = "pdf/ua-1", attachments: Sequence[Any] = ()) -> bytes:
    """The PDF of a page of HTML, with a style sheet of `templates/`; the same page gives the same bytes."""
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    look = style(sheet)
    with _lock:
        try:
            written: bytes = HTML(string=source, url_fetcher=look.fetcher).write_pdf(
                stylesheets=[look.css],
                font_config=look.fonts,
                pdf_variant=variant,
                pdf_tags=True,
                attachments=list(attachments),
            )
        except FatalURLFetchingError:  # no Exception: it would end the worker, not the paper
            raise AddressRefused from None
    return written


def of_template(template: str, **values: Any) -> bytes:
    """The PDF of a template that extends `paper/paper.html`; values: `lang`, `_`, `employer`, `made_at`, `title`."""
    return draw(environment().get_template(template).render(**values))


async def drawn_apart(template: str, **values: Any) -> bytes:
    """The same for a paper of many pictures, in a process of its own: what it takes of memory ends with it, and the
    others' papers are not kept waiting. Page and paper go through pipes. PaperFailed if nothing came of it.
    """
    source = environment().get_template(template).render(**values)
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(1)):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-B", "-X", "utf8", "-c", _APART, str(PACKAGE.parent)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            written, _ = await asyncio.wait_for(process.communicate(source.encode()), _APART_SECONDS)
        except TimeoutError:
            raise PaperFailed from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode or not written.startswith(b"%PDF-"):
        raise PaperFailed
    return written


@cache
def style(sheet: str) -> Style:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    atexit.register(style.cache_clear)  # the library's destructor fails when the interpreter is half gone
    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)
    fonts = FontConfiguration()
    said = (templates_dir() / sheet).read_text("utf-8")
    return Style(fonts, CSS(string=_font_faces() + said, font_config=fonts, url_fetcher=fetcher), fetcher)


@cache
def _font_faces() -> str:
    folder = PACKAGE / "static" / "fonts"
    faces = []
    for family, part, weight in _FONTS:
        data = base64.b64encode((folder / f"source-sans-3-{part}-{weight}-normal.woff2").read_bytes()).decode()
        face = f'font-family: "{family}"; font-weight: {weight}; src: url(data:font/woff2;base64,{data})'
        faces.append(f"@font-face {{ {face} }}\n")
    return "".join(faces)
