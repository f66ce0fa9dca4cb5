"""What is sent compressed: our own files, and public pages for who is nobody yet.

Guards against guessing a secret by the size of compressed answers (BREACH): a page is compressed only where no secret
can stand in it and nobody is signed in. Forms, pages behind links and everything of staff and candidates leave as they
are.
"""

import re

from litestar.config.compression import CompressionConfig
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.middleware.compression import CompressionMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

_FILES = re.compile(r"/static/[a-z]+\.(css|js|svg)|/(feed\.atom|positions\.xml|sitemap\.xml|robots\.txt)")
_PAGES = re.compile(r"/|/positions/[0-9a-f-]{36}|/embed|/privacy|/cookies")
_CONFIG = CompressionConfig(backend="gzip", gzip_compress_level=6, minimum_size=400)


class Compressed:
    """Around the app: compresses what may be compressed, for browsers that take it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.squeezed = app, CompressionMiddleware(app, _CONFIG)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cookies = Headers.from_scope(scope).get("cookie", "")
        if scope["type"] == ScopeType.HTTP and may_compress(str(scope["method"]), scope["path"], cookies):
            await self.squeezed(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def may_compress(method: str, path: str, cookies: str) -> bool:
    """Whether an answer can hold no secret: by its path, and for pages by the cookies that came with the request."""
    if method not in ("GET", "HEAD"):
        return False
    names = {pair.partition("=")[0].strip() for pair in cookies.split(";")}
    return bool(_FILES.fullmatch(path) or (_PAGES.fullmatch(path) and names <= {"", "lang"}))
