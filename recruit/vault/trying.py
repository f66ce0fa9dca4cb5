"""Whether a document store lets us do all that applying, receipts and erasures need, before anybody relies on it.

Guards that a missing right is found by who sets up, not by a candidate or a purge. Tried on an object of no meaning
under a name of its own, which is gone again afterwards unless deleting is what was denied.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

from botocore.exceptions import ClientError

from recruit.errors import NotFound
from recruit.vault.documents import DocumentStore, StoreDown


@dataclass(frozen=True)
class Denied:
    """The act (a key of ACTS) that failed first, and the store's own word for why; it names neither key nor object."""

    act: str
    why: str


async def try_out(store: DocumentStore) -> Denied | None:
    """Do each act in turn; the first that can't be done."""
    path = f"probe/{uuid4()}"
    for act, done in ACTS.items():
        try:
            denied = None if await done(store, path) else Denied(act, "")
        except (NotFound, StoreDown) as error:
            denied = Denied(act, _word(error))
        if denied:
            if act != "write":
                with contextlib.suppress(StoreDown):
                    await store.forget(path)
            return denied
    return None


def _word(error: Exception) -> str:
    cause = error.__cause__
    return str(cause.response["Error"]["Code"]) if isinstance(cause, ClientError) else type(cause or error).__name__


async def _write(store: DocumentStore, path: str) -> bool:
    return await store.put_once(path, b"probe")


async def _keep(store: DocumentStore, path: str) -> bool:
    return not await store.put_once(path, b"another")


async def _begin(store: DocumentStore, path: str) -> bool:
    await store.begin(path)
    return True


async def _read(store: DocumentStore, path: str) -> bool:
    return await store.get(path) == b"probe"


async def _list(store: DocumentStore, path: str) -> bool:
    return path in await store.paths("probe") and await asyncio.to_thread(store.look().left, path)


async def _delete(store: DocumentStore, path: str) -> bool:
    await store.forget(path)
    return not await asyncio.to_thread(store.look().left, path)


ACTS: dict[str, Callable[[DocumentStore, str], Awaitable[bool]]] = {
    "write": _write,
    "keep": _keep,
    "begin": _begin,
    "read": _read,
    "list": _list,
    "delete": _delete,
}
"""In this order, since each needs the one before."""
