"""Who may open which page: every route carries exactly one of these guards.

Guards that no route is open by accident: a route without one fails a contract test, and a public one says why. A
foreign id answers 404, never 403, so that nobody learns that it exists.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from recruit.errors import NotAllowed, RecruitError
from recruit.i18n import Language

RECRUITER, MANAGER, INTERVIEWER, DPO, ADMIN = "recruiter", "hiring_manager", "interviewer", "dpo", "admin"
ROLES: tuple[str, ...] = (RECRUITER, MANAGER, INTERVIEWER, DPO, ADMIN)
HIRING = (RECRUITER, MANAGER, INTERVIEWER)

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], None]


class NotSignedIn(RecruitError):
    """A page that wants a person; a browser is led to the right sign-in page."""

    status = 401
    text = "Sign in to see this page."

    def __init__(self, kind: Literal["staff", "candidate"]) -> None:
        super().__init__()
        self.kind = kind


@dataclass(frozen=True)
class Me:
    """The person behind a request. `id` is a staff account or a candidate's profile; `session` the session row."""

    kind: Literal["staff", "candidate"]
    id: UUID
    name: str
    session: str
    language: Language
    roles: frozenset[str] = field(default_factory=frozenset)

    def has(self, *roles: str) -> bool:
        return bool(self.roles.intersection(roles))


def public(reason: str) -> Guard:
    """Open to everybody, and why."""

    def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        return None

    return _named(guard, f"public: {reason}")


def staff(*roles: str) -> Guard:
    """Open to signed-in staff with any of the roles; without roles, to all staff."""

    def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        me = connection.scope.get("user")
        if me is None or me.kind != "staff":
            raise NotSignedIn("staff")
        if roles and not me.has(*roles):
            raise NotAllowed()

    return _named(guard, "staff: " + (", ".join(roles) or "any"))


def candidate() -> Guard:
    """Open to a candidate who came by a sign-in link, for their own data only."""

    def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        me = connection.scope.get("user")
        if me is None or me.kind != "candidate":
            raise NotSignedIn("candidate")

    return _named(guard, "candidate: own data")


def _named(guard: Guard, access: str) -> Guard:
    guard.access = access  # type: ignore[attr-defined]
    return guard
