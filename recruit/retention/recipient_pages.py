"""The ledger of recipients on the desk: over all without names, and of one unit with names, as a look that is written.

Guards that whoever got data is named only inside a case, and that a copy which left by another way than through the
program can be written down too.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import audit, clock
from recruit.accounts.guards import DPO, staff
from recruit.errors import FormInvalid
from recruit.i18n import Translate
from recruit.retention import access_log, disclosures, recipients
from recruit.web import Req, answers, page_number, redirect, render, site_of, user_of
from recruit.web import words as translator_of


@get("/desk/recipients", guards=[staff(DPO)])
async def recipient_list(request: Req) -> Response[Any]:
    site, tr = site_of(request), translator_of(request)
    counted = await disclosures.counted(site)
    return render(
        request,
        "retention/recipients.html",
        here="desk",
        page=await disclosures.listed(site, page_number(request)),
        counted=counted,
        counts=[(_whom(each.recipient, tr), _way(each.channel, tr), each.n) for each in counted.what]
        if counted
        else [],
        recipients=recipients.RECIPIENTS,
        other=recipients.OTHER_RECIPIENT,
        channels=recipients.CHANNELS,
        said=lambda notice: _said(notice, tr),
    )


def _whom(recipient: str, tr: Translate) -> str:
    if recipient == recipients.THEMSELVES:
        return tr("The person")
    return tr(recipients.RECIPIENTS.get(recipient, recipients.OTHER_RECIPIENT))


def _way(channel: str, tr: Translate) -> str:
    return tr(recipients.CHANNELS.get(channel, channel))


def _said(notice: recipients.Notice, tr: Translate) -> str:
    return f"{tr(recipients.ACTS[notice.act])}: {recipients.said(notice.state, notice.why, tr)}"


@get("/desk/recipients/{unit:uuid}", guards=[staff(DPO)])
async def unit_recipients(request: Req, unit: FromPath[UUID]) -> Response[Any]:
    return await _of_unit(request, unit, {}, {})


async def _of_unit(request: Req, unit: UUID, form: dict[str, str], errors: dict[str, str]) -> Response[Any]:
    """A case: the look is written before a name is shown. NotFound for what is no unit, or none any more."""
    site, tr = site_of(request), translator_of(request)
    await recipients.require(site, unit)
    await audit.look(user_of(request).id, DPO, [unit], "recipients", clock.now())
    names = await access_log.names(site)
    return render(
        request,
        "retention/recipients_unit.html",
        422 if errors else 200,
        here="desk",
        unit=unit,
        given=[
            {
                "at": each.at,
                "whom": each.name or (names.get(each.account, "") if each.account else ""),
                "kind": _whom(each.recipient, tr),
                "way": _way(each.channel, tr),
                "told": [(notice.at, _said(notice, tr)) for notice in each.notices],
            }
            for each in await recipients.of_units(site, [unit])
        ],
        mails=await disclosures.mails_of(site, unit),
        channels=[(key, tr(text)) for key, text in recipients.CHANNELS.items()],
        form=form,
        errors=errors,
    )


@post("/desk/recipients/{unit:uuid}", guards=[staff(DPO)])
async def write_down(request: Req, unit: FromPath[UUID]) -> Response[Any]:
    site, form = site_of(request), await answers(request)
    try:
        await recipients.write_down(site, unit, form, user_of(request).id, clock.now())
    except FormInvalid as error:
        return await _of_unit(request, unit, form, error.errors)
    return redirect(f"/desk/recipients/{unit}", "Written down. Whoever it is, is told if the data change.")


ROUTES: list[object] = [recipient_list, unit_recipients, write_down]
