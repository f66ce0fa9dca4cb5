"""The retention policy as the DPO edits it: form, simulation, and the wait until the next day.

Guards that nobody changes a lifetime without having seen whom it reaches, and that a change is in force at the earliest
when its day is over.
"""

from typing import Any

from litestar import Response, get, post

from recruit import clock, employer
from recruit.accounts import forms, words
from recruit.accounts.guards import DPO, staff
from recruit.retention import forecasting
from recruit.web import Req, answers, redirect, render, site_of, user_of
from recruit.web import words as translate

_PRIVACY = staff(DPO)


@get("/settings/policy", guards=[_PRIVACY])
async def policy_page(request: Req) -> Response[Any]:
    site = site_of(request)
    waiting = await employer.waiting_policy(site)
    return await _policy(request, forms.policy_form(waiting[0] if waiting else await employer.policy(site)), {})


@post("/settings/policy", guards=[_PRIVACY])
async def change_policy(request: Req) -> Response[Any]:
    """First the changes are shown against what stands; confirmed, they become the next version."""
    site, form, now = site_of(request), await answers(request), clock.now()
    standing = await employer.policy(site)
    wanted, errors = forms.policy(form, standing)
    if errors:
        return await _policy(request, form, errors)
    changes = forms.policy_changes(standing, wanted)
    if not changes:
        return redirect("/settings/policy", flash="Nothing was changed.")
    waiting = await employer.waiting_policy(site)
    newest = str((waiting[0] if waiting else standing).number)
    if form.get("confirmed") != newest:
        return render(
            request,
            "retention/policy_check.html",
            here="settings",
            changes=words.changes(changes, translate(request)),
            fields=forms.policy_form(wanted) | {"confirmed": newest},
            seen=await forecasting.simulation(site, wanted, now),
            words=words,
        )
    await employer.change_policy(site, wanted, user_of(request).id, now)
    return redirect("/settings/policy", flash="The new retention policy is decided. It is in force from tomorrow.")


@post("/settings/policy/withdraw", guards=[_PRIVACY])
async def withdraw_policy(request: Req) -> Response[Any]:
    await employer.withdraw_policy(site_of(request), user_of(request).id, clock.now())
    return redirect("/settings/policy", flash="The change is taken back. The policy stays as it is.")


async def _policy(request: Req, form: dict[str, str], errors: dict[str, str]) -> Response[Any]:
    site, tr = site_of(request), translate(request)
    waiting = await employer.waiting_policy(site)
    changes = forms.policy_changes(await employer.policy(site), waiting[0]) if waiting else []
    return render(
        request,
        "retention/policy.html",
        422 if errors else 200,
        "settings",
        form=form,
        errors=errors,
        words=words,
        versions=await employer.versions(site, "policy_version"),
        changes=words.changes(changes, tr),
        since=clock.day(waiting[1]) if waiting else None,
    )


ROUTES: list[object] = [policy_page, change_policy, withdraw_policy]
