"""What an answer does, by kind: a table, so that no kind is answered without its work.

Guards that the work is done before the person is told of it. Every act here may be done twice: a fault between the work
and the answer leaves the request open, and answering again finds it done.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from recruit.retention import service as retention
from recruit.rights.rules import Kind
from recruit.rights.service import Request, scope_of
from recruit.site import Site

Act = Callable[[Site, Request, UUID | None, datetime], Awaitable[None]]
"""Request, who answers (None: the person took it back), when."""


async def _nothing(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """The answer itself is the work."""


async def _erase(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """What no legal hold keeps is due at once (L27)."""
    going, _ = await scope_of(site, request)
    assert by is not None
    await retention.grant_erasure(site, going, by, now)


GRANTED: dict[Kind, Act] = {
    "access": _nothing,
    "portability": _nothing,
    "rectification": _nothing,
    "erasure": _erase,
    "restriction": _nothing,
    "objection": _erase,
    "complaint": _nothing,
}
"""What granting does, in whole or in part."""

REFUSED: dict[Kind, Act] = {
    "access": _nothing,
    "portability": _nothing,
    "rectification": _nothing,
    "erasure": _nothing,
    "restriction": _nothing,
    "objection": _nothing,
    "complaint": _nothing,
}
"""What refusing does, and taking a request back."""
