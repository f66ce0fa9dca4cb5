"""The contact person of a vacancy: a colleague whom candidates can ask.

Guards that what is published about a colleague rests sealed under their own account and ends with it. Name and e-mail
address are the account's own, read when they are shown.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

from recruit.site import Site
from recruit.tables import Reach, StaffSecrets
from recruit.vault.sealing import seal, unseal


@dataclass(frozen=True)
class Contact:
    """A contact person as the posting names them."""

    staff: UUID
    name: str
    email: str
    phone: str
    title: str


async def of_vacancy(site: Site, vacancy: UUID) -> Contact | None:
    """Who answers questions about a vacancy; nobody if none was chosen or the account has ended."""
    rows = await site.records.run_sql(
        "SELECT c.id, c.staff, c.sealed, s.sealed AS account FROM vacancy_contact c JOIN staff s ON s.id = c.staff "
        "WHERE c.vacancy = ? AND s.active",
        vacancy,
    )
    key = (await site.keyring.keys([rows[0]["staff"]])).get(rows[0]["staff"]) if rows else None
    if key is None:
        return None
    row = rows[0]
    reach = unseal(key, "vacancy_contact", row["id"], bytes(row["sealed"]), Reach)
    account = unseal(key, "staff", row["staff"], bytes(row["account"]), StaffSecrets)
    return Contact(row["staff"], account.name, account.email, reach.phone, reach.title)


async def choose(site: Site, vacancy: UUID, staff: UUID | None, reach: Reach) -> None:
    """Name the contact person, or nobody, in the caller's transaction."""
    await site.records.run_sql("DELETE FROM vacancy_contact WHERE vacancy = ?", vacancy)
    if staff is None:
        return
    row, key = uuid4(), await site.keyring.key(staff)
    await site.records.run_sql(
        "INSERT INTO vacancy_contact (id, vacancy, staff, sealed) VALUES (?, ?, ?, ?)",
        *(row, vacancy, staff, seal(key, "vacancy_contact", row, reach)),
    )
