"""What the tests of accounts share: an account that can sign in, and the links in the outbox."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import pyotp
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit.accounts import passwords, signing_in, staff
from recruit.site import Site
from recruit.tables import Message
from recruit.vault.sealing import unseal
from tests import factories

Client = AsyncTestClient[Litestar]

PASSWORD = "seks fjell og en fjord"
ANOTHER = "tolv reker i en kurv"
EMAIL = "kari@fjordlys.example"


async def account(site: Site, now: datetime, *roles: str, email: str = EMAIL, name: str = "Kari Nord") -> UUID:
    """An account with the password PASSWORD."""
    who = await factories.staff(site, now, *(roles or ("admin",)), email=email, name=name)
    async with site.records.transaction():
        opened = await staff.load(site, who)
        opened.secrets.password = await passwords.remember(PASSWORD)
        await staff.store(site, opened)
    return who


async def with_totp(site: Site, who: UUID, now: datetime) -> tuple[pyotp.TOTP, list[str]]:
    """Turn the second factor on; the phone, and the recovery codes."""
    await signing_in.prepare_totp(site, who, PASSWORD, now)
    phone = pyotp.TOTP((await staff.load(site, who)).secrets.totp_waiting)
    return phone, await signing_in.confirm_totp(site, who, phone.at(now), now)


async def mails(site: Site, template: str) -> list[Message]:
    """What waits in the outbox, opened, in the order in which it was written."""
    rows = await site.records.run_sql(
        "SELECT id, unit, sealed FROM mail WHERE template = ? ORDER BY queued_at", template
    )
    keys = await site.keyring.keys([row["unit"] for row in rows])
    return [unseal(keys[row["unit"]], "mail", row["id"], bytes(row["sealed"]), Message) for row in rows]


async def link(site: Site, template: str) -> str:
    """The path of the link in the newest mail of that kind."""
    text = (await mails(site, template))[-1].text
    found = re.search(r"http://testserver\.local(/\S+)", text)
    assert found
    return found[1]


async def sign_in(client: Client, email: str = EMAIL, password: str = PASSWORD, **more: Any) -> Any:
    """The sign-in form, filled in and sent, without following where it leads."""
    form = {"email": email, "password": password, **more}
    return await client.post("/sign-in", data=form, follow_redirects=False)
