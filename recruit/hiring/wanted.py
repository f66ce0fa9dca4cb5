"""Which applications of a vacancy somebody wants to see, and in which order: the filter as an address carries it. Pure.

Guards that an address holds steps, ids of tags and codes only, never a word about a person, and that a strange value in
it is no fault but simply no filter.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal, get_args
from urllib.parse import urlencode
from uuid import UUID

View = Literal["list", "board"]
State = Literal["running", "ended"]
Sort = Literal["newest", "oldest", "activity", "waiting", "stage"]

SORTS: dict[Sort, str] = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "waiting": "Longest in its stage",
    "activity": "Latest activity",
    "stage": "Furthest stage first",
}
"""The orders that there are (English message ids)."""


@dataclass(frozen=True)
class Wanted:
    """A view of a pipeline. `mine`: only those that I am to interview; `again`: more than one of the same candidate."""

    view: View = "list"
    state: State = "running"
    step: str = ""
    tag: UUID | None = None
    unread: bool = False
    mine: bool = False
    again: bool = False
    sort: Sort = "newest"
    page: int = 1

    @property
    def filtered(self) -> bool:
        return bool(self.step or self.tag or self.unread or self.mine or self.again)

    def query(self, **changes: object) -> str:
        """What stands behind the question mark of an address; what is as usual is left out."""
        usual = asdict(Wanted())
        asked = asdict(replace(self, **{"page": 1, **changes}))  # type: ignore[arg-type]
        told = {name: value for name, value in asked.items() if value != usual[name] or name == "state"}
        given = {name: "1" if value is True else str(value) for name, value in told.items()}
        return urlencode(given)


def of(asked: Mapping[str, str], usual: State = "running") -> Wanted:
    """The view that an address or a form asks for; `usual` where it names no state."""
    view, state, sort = asked.get("view"), asked.get("state"), asked.get("sort")
    page = asked.get("page", "")
    return Wanted(
        view="board" if view == "board" else "list",
        state="running" if state == "running" else "ended" if state == "ended" else usual,
        step=asked.get("step", "")[:24] if asked.get("step", "").replace("-", "").isalnum() else "",
        tag=id_of(asked.get("tag", "")),
        unread=asked.get("unread") == "1",
        mine=asked.get("mine") == "1",
        again=asked.get("again") == "1",
        sort=sort if sort in get_args(Sort) else "newest",  # type: ignore[arg-type]
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def id_of(text: str) -> UUID | None:
    """An id as a form sends it, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None
