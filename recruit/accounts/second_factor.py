"""The second factor: codes from a phone (TOTP, RFC 6238) and recovery codes.

Guards that a code is good once: the step of the last accepted code is remembered, and nothing at or before it counts
again. Recovery codes are remembered as hashes and struck off when used. Pure: secrets and an instant in, answers out.
"""

import hashlib
import hmac
import io
import secrets
from datetime import datetime

import pyotp
import segno

from recruit.tables import StaffSecrets

STEP = 30
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A fresh secret to share with a phone, in base 32."""
    return pyotp.random_base32()


def address(secret: str, email: str, employer: str) -> str:
    """The `otpauth:` address that an authenticator app reads."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=employer)


def picture(uri: str) -> bytes:
    """The address as a QR code, SVG; black on white, because cameras want it so in the dark as well."""
    out = io.BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False)
    return out.getvalue()


def accepted_step(secret: str, code: str, now: datetime, used: int = 0) -> int | None:
    """The time step that a code belongs to, one step either way; None if it is wrong or was used before."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    for step in (present, present - 1, present + 1):
        if step > used and hmac.compare_digest(totp.generate_otp(step), digits(code)):
            return step
    return None


def digits(code: str) -> str:
    """A code as people type it, without the blanks."""
    return "".join(c for c in code if c in "0123456789")


def new_recovery_codes() -> list[str]:
    """Ten codes of 49 bits, to be shown once."""
    return [f"{_five()}-{_five()}" for _ in range(RECOVERY_CODES)]


def hashed(code: str) -> str:
    """How a recovery code is remembered; blanks, dashes and capitals make no difference."""
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def take(account: StaffSecrets, code: str, now: datetime) -> bool:
    """Use a code up, from the phone or from the recovery codes; the caller stores the changed secrets."""
    step = accepted_step(account.totp, code, now, account.totp_used)
    if step is not None:
        account.totp_used = step
        return True
    wanted = hashed(code)
    left = [kept for kept in account.recovery if not hmac.compare_digest(kept, wanted)]
    found = len(left) < len(account.recovery)
    account.recovery = left
    return found


def forget(account: StaffSecrets) -> None:
    """Turn the second factor off."""
    account.totp = account.totp_waiting = ""
    account.totp_used = 0
    account.recovery = []


def _five() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))
