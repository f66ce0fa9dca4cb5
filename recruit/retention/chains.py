"""The two hash chains, ledger and audit: shown a page at a time, and checked from end to end at night or on demand.

Guards that a page costs the same however long a chain is, and still says what is known of the whole: what was found by
the last check and when, and whether the entries that are shown follow each other.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from recruit import audit
from recruit.paging import PAGE
from recruit.retention.remembered import recall, remember
from recruit.site import Site
from recruit.vault.ledger import EMPTY, Entry, Head, first_fault, head_of

Name = Literal["ledger", "audit"]
NAMES: tuple[Name, ...] = ("ledger", "audit")
Read = Callable[[int, int], Awaitable[list[Entry]]]
AT_ONCE = 1000


class Checked(msgspec.Struct, frozen=True):
    """What the last check found: until which entry, and the first fault in words; empty: the chain is whole."""

    at: datetime
    until: int
    fault: str = ""


@dataclass(frozen=True)
class Shown:
    """A page of a chain, the newest entry first; `fault`: of these entries or of the last check. `checked` is None
    before the first.
    """

    rows: list[Entry]
    number: int
    pages: int
    head: Head
    fault: str
    checked: Checked | None


async def shown(site: Site, name: Name, number: int) -> Shown:
    """One page; the last where the chain is not as long."""
    head = await (site.keyring.head() if name == "ledger" else audit.head())
    pages = max(1, -(-head.number // PAGE))
    at = min(max(1, number), pages)
    last = head.number - (at - 1) * PAGE
    begin = max(0, last - PAGE)
    found = await _reader(site, name)(max(0, begin - 1), last - max(0, begin - 1))
    rows = [entry for entry in found if begin < entry.number <= last]
    before = [head_of(entry) for entry in found if entry.number == begin] or [Head(begin, EMPTY.hash)]
    checked = await known(site, name)
    fault = first_fault(rows, before[0]) or (checked.fault if checked else "")
    return Shown(rows[::-1], at, pages, head, fault, checked)


async def known(site: Site, name: Name) -> Checked | None:
    """What the last check found; None before the first."""
    found = await recall(site, f"{name}_checked")
    return msgspec.convert(found, Checked) if found else None


async def check(site: Site, name: Name, now: datetime) -> None:
    """Walk a whole chain, a part at a time, and remember what was found."""
    read, head, fault = _reader(site, name), EMPTY, None
    while not fault and (entries := await read(head.number, AT_ONCE)):
        fault = await asyncio.to_thread(first_fault, entries, head)
        head = head_of(entries[-1])
    await remember(site, f"{name}_checked", Checked(now, head.number, fault or ""))


def _reader(site: Site, name: Name) -> Read:
    return site.keyring.entries if name == "ledger" else audit.entries
