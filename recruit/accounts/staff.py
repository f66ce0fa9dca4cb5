"""Staff accounts as they are stored: found by e-mail through the keyring, opened, changed and sealed again.

Guards that name, e-mail and secrets of an account exist only sealed under its own key. Whoever changes an account holds
a records transaction and reads it inside, so that two changes at once do not overwrite each other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from recruit.accounts.guards import ADMIN
from recruit.errors import NotFound, RecruitError
from recruit.i18n import Language
from recruit.site import Site
from recruit.tables import StaffSecrets
from recruit.vault.epoch import address_digest
from recruit.vault.keyring import Birth
from recruit.vault.sealing import UnitKey, seal, unseal


class AccountExists(RecruitError):
    status = 409
    text = "There is already an account with this e-mail address."


@dataclass(frozen=True)
class Account:
    """An opened account; `secrets` may be changed and stored again with `store`."""

    id: UUID
    active: bool
    roles: tuple[str, ...]
    language: Language
    created_at: datetime
    secrets: StaffSecrets
    key: UnitKey

    @property
    def is_admin(self) -> bool:
        return self.active and ADMIN in self.roles


async def load(site: Site, account: UUID) -> Account:
    """One account; NotFound for an unknown id."""
    rows = await site.records.run_sql("SELECT * FROM staff WHERE id = ?", account)
    opened = await _opened(site, rows)
    if not opened:
        raise NotFound()
    return opened[0]


async def by_email(site: Site, email: str) -> Account | None:
    """The account with that e-mail address, closed ones included."""
    unit = await site.keyring.find("staff", email)
    if unit is None:
        return None
    opened = await _opened(site, await site.records.run_sql("SELECT * FROM staff WHERE id = ?", unit))
    return opened[0] if opened else None


async def listed(site: Site) -> list[Account]:
    """All accounts, those in use first, by name."""
    opened = await _opened(site, await site.records.run_sql("SELECT * FROM staff"))
    return sorted(opened, key=lambda account: (not account.active, account.secrets.name.casefold()))


async def with_role(site: Site, *roles: str) -> list[Account]:
    """The accounts in use that hold any of the roles, by name."""
    return [account for account in await listed(site) if account.active and set(roles).intersection(account.roles)]


async def born(site: Site, email: str, now: datetime) -> UnitKey:
    """The key of a new account, durable before its row. AccountExists if the address is taken.

    A key whose row was never written (a crash between the two databases) is taken up again.
    """
    unit = await site.keyring.find("staff", email)
    if unit is None:
        return (await site.keyring.birth(Birth(uuid4(), "staff", now, digest=address_digest("staff", email))))[0]
    if await site.records.run_sql("SELECT id FROM staff WHERE id = ?", unit):
        raise AccountExists()
    return await site.keyring.key(unit)


async def insert(
    site: Site, key: UnitKey, secrets: StaffSecrets, roles: tuple[str, ...], lang: Language, now: datetime
) -> None:
    """The row of a new account, in the running transaction."""
    rows = await site.records.run_sql(
        "INSERT INTO staff (id, active, roles, language, created_at, sealed) VALUES (?, TRUE, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO NOTHING RETURNING id",
        *(key.unit, ",".join(roles), lang, now, seal(key, "staff", key.unit, secrets)),
    )
    if not rows:
        raise AccountExists()


async def store(site: Site, account: Account) -> None:
    """Seal the changed secrets of an account, in the running transaction."""
    sealed = seal(account.key, "staff", account.id, account.secrets)
    await site.records.run_sql("UPDATE staff SET sealed = ? WHERE id = ?", sealed, account.id)


async def _opened(site: Site, rows: list[dict[str, Any]]) -> list[Account]:
    keys = await site.keyring.keys(row["id"] for row in rows)
    return [_account(row, keys[row["id"]]) for row in rows if row["id"] in keys]


def _account(row: dict[str, Any], key: UnitKey) -> Account:
    return Account(
        id=row["id"],
        active=bool(row["active"]),
        roles=tuple(row["roles"].split(",")),
        language=row["language"],
        created_at=row["created_at"],
        secrets=unseal(key, "staff", row["id"], bytes(row["sealed"]), StaffSecrets),
        key=key,
    )
