"""The privacy notice as of now: the employer's facts, the policy in force and the data map, put together.

Guards that the notice is never older than what it speaks of: it is made on every request from the versions in force,
and its own version names them. Reads only.
"""

from dataclasses import dataclass
from datetime import datetime

from recruit import employer
from recruit.employer import EmployerFacts, EmployerUnknown
from recruit.retention.rules import Policy
from recruit.site import Site

TEXT = 1
"""The edition of the notice's own words; it counts up when they say something else."""


@dataclass(frozen=True)
class Version:
    """Which words, which policy, which employer: `number` is all three, `since` the newest of their days."""

    number: str
    since: datetime | None
    text: int
    policy: int
    employer: int


@dataclass(frozen=True)
class Notice:
    """What the page is made of."""

    employer: EmployerFacts
    policy: Policy
    version: Version
    strict: bool


async def of_now(site: Site) -> Notice:
    """The notice in force. EmployerUnknown before the first run."""
    who = await employer.current(site)
    if who is None:
        raise EmployerUnknown()
    policy = await employer.policy(site)
    return Notice(who, policy, await version(site), site.settings.backup_mode == "strict")


async def version(site: Site) -> Version:
    """The version in force, for whoever records which notice a person was shown."""
    policies, employers = await employer.versions(site, "policy_version"), await employer.versions(site, "employer")
    (policy, decided), (who, named) = _newest(policies), _newest(employers)
    since = max((at for at in (decided, named) if at), default=None)
    return Version(f"{TEXT}.{policy}.{who}", since, TEXT, policy, who)


def _newest(versions: list[tuple[int, datetime]]) -> tuple[int, datetime | None]:
    return versions[0] if versions else (0, None)
