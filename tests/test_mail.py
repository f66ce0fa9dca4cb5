"""The outbox: one mail that cannot leave keeps no other one back."""

from email.message import EmailMessage

import pytest

from recruit import mail
from recruit.site import Site
from tests import factories
from tests.conftest import EMPLOYER, Time


class Choosy:
    """A way out that fails, in a way that nobody foresaw, at one address."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def send(self, message: EmailMessage) -> None:
        if message["To"].startswith("broken"):
            raise ValueError("broken@example.no")
        self.taken.append(message["To"])


async def test_a_mail_that_fails_keeps_no_other_back(site: Site, time: Time, caplog: pytest.LogCaptureFixture) -> None:
    transport = Choosy()
    for name in ("broken", "kari", "ola"):
        number = await factories.staff(site, time.now, "dpo", email=f"{name}@example.no")
        key = await site.keyring.key(number)
        given = {"name": "", "employer": EMPLOYER, "url": "http://testserver.local/"}
        await mail.queue(site, key, name, "password_reset", "nb", f"{name}@example.no", time.now, **given)
    counts = await mail.deliver(site, transport, time.now)
    assert (counts["sent"], counts["failed"]) == (2, 1)
    assert sorted(transport.taken) == ["kari@example.no", "ola@example.no"]
    assert "ValueError" in caplog.text
    assert "broken" not in caplog.text
