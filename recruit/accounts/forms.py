"""What the forms of this folder mean: typed answers in, values and mistakes out.

Guards that a mistake is named beside its field and that nothing half read is stored. Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from recruit import typed
from recruit.employer import EmployerFacts
from recruit.retention.rules import RANGES, REMINDERS_UNFIT, Policy

Form = Mapping[str, str]
Errors = dict[str, str]

EMPTY = "Fill this in."
NUMBER_UNFIT = "An organisation number has nine digits, and the last one confirms the others. Look it up again."
DPO_UNFIT = "Choose yes or no."

_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True)
class Change:
    """A setting of the policy that gets another value; `field` names its label."""

    field: str
    old: object
    new: object


def text_problem(value: str, longest: int) -> str | None:
    """Why a required answer is not taken, or None."""
    if not value:
        return EMPTY
    return typed.TOO_LONG if len(value) > longest else None


def email_problem(value: str) -> str | None:
    """Why an e-mail address is not taken, or None. Whether it exists, only a mail can tell."""
    if not value:
        return EMPTY
    return None if typed.is_email(value) else typed.EMAIL_UNFIT


def organisation_number(value: str) -> str | None:
    """The number as it is written, `999 999 999`; None if its control digit (modulus 11) is wrong."""
    digits = re.sub(r"(?i)^NO|MVA$|[\s.]", "", value.strip())
    if not re.fullmatch(r"[0-9]{9}", digits):
        return None
    rest = sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=False)) % 11
    control = 0 if rest == 0 else 11 - rest
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}" if control == int(digits[8]) else None


def employer_facts(form: Form) -> tuple[EmployerFacts, Errors]:
    """The employer's facts and what is wrong with them."""
    number = organisation_number(form.get("number", ""))
    facts = EmployerFacts(
        name=form.get("employer", ""),
        number=number or form.get("number", ""),
        address=form.get("address", ""),
        contact_email=form.get("contact_email", ""),
        has_dpo=form.get("has_dpo") == "yes",
        dpo_name=form.get("dpo_name", ""),
        dpo_email=form.get("dpo_email", ""),
    )
    found = {
        "employer": text_problem(facts.name, 200),
        "number": None if number else NUMBER_UNFIT,
        "address": text_problem(facts.address, 300),
        "contact_email": email_problem(facts.contact_email),
        "has_dpo": None if form.get("has_dpo") in ("yes", "no") else DPO_UNFIT,
        "dpo_name": text_problem(facts.dpo_name, 200),
        "dpo_email": email_problem(facts.dpo_email),
    }
    return facts, told(found)


def employer_form(facts: EmployerFacts) -> dict[str, str]:
    """The same the other way round, for the form as it opens."""
    return {
        "employer": facts.name,
        "number": facts.number,
        "address": facts.address,
        "contact_email": facts.contact_email,
        "has_dpo": "yes" if facts.has_dpo else "no",
        "dpo_name": facts.dpo_name,
        "dpo_email": facts.dpo_email,
    }


def policy(form: Form, standing: Policy) -> tuple[Policy, Errors]:
    """The retention policy that a form asks for, and what keeps it from being stored (`Policy.problems`)."""
    values: dict[str, Any] = {"outcome": form.get("outcome", ""), "lawful_basis": form.get("lawful_basis", "")}
    values["purge_approval"] = form.get("purge_approval", standing.purge_approval)
    values["hold_release"] = form.get("hold_release", standing.hold_release)
    values["earlier_salary"] = form.get("earlier_salary") == "1"
    found: Errors = {}
    for field, (_least, _most, text) in RANGES.items():
        whole = _whole(form.get(field, ""))
        if whole is None:
            found[field] = text
        else:
            values[field] = whole
    days = _days(form.get("reminder_days", ""))
    if days is None:
        found["reminder_days"] = REMINDERS_UNFIT
    else:
        values["reminder_days"] = days
    wanted = replace(standing, **values)
    return wanted, wanted.problems() | found


def policy_form(standing: Policy) -> dict[str, str]:
    """The same the other way round."""
    form = {field: str(getattr(standing, field)) for field in RANGES}
    form["reminder_days"] = ", ".join(str(day) for day in standing.reminder_days)
    form["earlier_salary"] = "1" if standing.earlier_salary else ""
    chosen = {"outcome": standing.outcome, "lawful_basis": standing.lawful_basis}
    return form | chosen | {"purge_approval": standing.purge_approval, "hold_release": standing.hold_release}


def policy_changes(old: Policy, new: Policy) -> list[Change]:
    """What a new policy changes, in the order of its fields."""
    fields = [name for name in Policy.__struct_fields__ if name != "number"]
    return [Change(f, getattr(old, f), getattr(new, f)) for f in fields if getattr(old, f) != getattr(new, f)]


def own_path(value: str) -> str | None:
    """Where to go on after signing in: a path of ours, never another host."""
    parts = urlsplit(value)
    plain = value.isprintable() and "\\" not in value
    if plain and value.startswith("/") and not value.startswith("//") and not parts.scheme and not parts.netloc:
        return value
    return None


def told(found: Mapping[str, str | None]) -> Errors:
    """The mistakes among the findings."""
    return {field: text for field, text in found.items() if text}


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else None


def _days(text: str) -> tuple[int, ...] | None:
    parts = [part for part in re.split(r"[\s,;]+", text) if part]
    if not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
        return None
    return tuple(int(part) for part in parts)
