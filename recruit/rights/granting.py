"""What raising a request does at once, and what an answer does, by kind: tables, so that no kind lacks its work.

Guards that the work is done before the person is told of it. Every act here may be done twice: a fault between the work
and the answer leaves the request open, and answering again finds it done.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from uuid import UUID

from recruit.retention import parts, restrictions
from recruit.retention import service as retention
from recruit.retention.restrictions import Cause, Ground
from recruit.rights import received, rectifying
from recruit.rights.rules import GOES_ON, Kind
from recruit.rights.service import Request, covered, scope_of
from recruit.site import Site

Act = Callable[[Site, Request, UUID | None, datetime], Awaitable[None]]
"""Request, who answers (None: the person took it back), when."""


async def _nothing(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """The answer itself is the work."""


async def _erase(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """What no legal hold keeps is due at once; of it only the categories that the person chose, if they did (L27).

    With everything goes what waits from them and belongs to no application.
    """
    assert by is not None
    if request.words.categories:
        await erase_categories(site, request, request.words.categories, by, now)
        return
    going, _ = await scope_of(site, request)
    await retention.grant_erasure(site, going, by, now)
    if request.whole:
        await received.let_go(site, request.candidate, by, now)


async def erase_categories(site: Site, request: Request, categories: Iterable[str], by: UUID, now: datetime) -> None:
    """Only these categories of what no legal hold keeps go; the rest is kept under a new key (L27).

    An application whose erasure for this request is under way already is left to it.
    """
    chosen = list(categories)
    if request.whole and "correspondence" in chosen:
        await received.let_go(site, request.candidate, by, now)
    for application in (await scope_of(site, request))[0]:
        if not await parts.of_application(site, application):
            await parts.grant(site, application, chosen, by, now, request.id)


async def _dispute(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """Whether the data are right is in question: nobody uses them until that is settled (L26, art. 18(1)(a)), unless
    the person wants the process to go on meanwhile.
    """
    if request.words.field == GOES_ON:
        return
    await restrictions.place(site, await covered(site, request), Cause("accuracy", by, request=request.id), now)


async def _put_right(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """What was decided is written where it was decided, those who had got it are told, and the question is settled."""
    assert by is not None
    await rectifying.put_right(site, request, by, now)
    await _settle(site, request, by, now)


async def _object(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """An objection restricts at once (L28, art. 18(1)(d))."""
    await restrictions.place(site, await covered(site, request), Cause("objection", by, request=request.id), now)


async def _restrict(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """For the reason that the person gave; one that no question decides lasts, and is looked at again every year."""
    ground: Ground = next((known for known in restrictions.GROUNDS if known == request.words.field), "claims")
    lasts = ground in ("unlawful", "claims")
    cause = Cause(ground, by, request.reason, permanent=lasts, request=request.id)
    await restrictions.place(site, await covered(site, request), cause, now)


async def _settle(site: Site, request: Request, by: UUID | None, now: datetime) -> None:
    """The question is decided: what it restricted is used again, once the person has been told (L15)."""
    await restrictions.lift_request(site, request.id, "", by, now)


RAISED: dict[Kind, Act] = {
    "access": _nothing,
    "portability": _nothing,
    "rectification": _dispute,
    "erasure": _nothing,
    "restriction": _nothing,
    "objection": _object,
    "complaint": _nothing,
}
"""What raising a request does, before anybody has looked at it."""

GRANTED: dict[Kind, Act] = {
    "access": _nothing,
    "portability": _nothing,
    "rectification": _put_right,
    "erasure": _erase,
    "restriction": _restrict,
    "objection": _erase,
    "complaint": _nothing,
}
"""What granting does, in whole or in part."""

REFUSED: dict[Kind, Act] = {
    "access": _nothing,
    "portability": _nothing,
    "rectification": _settle,
    "erasure": _nothing,
    "restriction": _nothing,
    "objection": _settle,
    "complaint": _nothing,
}
"""What refusing does, and taking a request back."""
