"""The pages of receipts: a receipt at its address, and the verifying of any file.

Guards that these pages name nobody, that only the whole address leads to a receipt (every other one gets the same
answer), and that nothing of a file that is brought here is stored or logged.
"""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from recruit import clock
from recruit.accounts import limits
from recruit.accounts.guards import public
from recruit.errors import NotFound
from recruit.i18n import Translate, known
from recruit.receipts import incoming, service, words
from recruit.receipts.facts import ReceiptFacts
from recruit.receipts.incoming import NoFile
from recruit.receipts.verifying import Verification
from recruit.web import Req, address, render, site_of
from recruit.web import words as translator_of

_HOLDER = public("whoever holds the address holds the receipt; it names nobody")
_ANYBODY = public("anyone who holds a receipt may verify it; nothing is stored")
_PRIVATE = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "referrer-policy": "no-referrer",
}


# --- one receipt ------------------------------------------------------------------------------------------------------


@get("/r/{token:str}", guards=[_HOLDER])
async def receipt(request: Req, token: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    standing = await service.standing(site, token)
    if standing is None:
        return _private(render(request, "receipts/unknown.html", 404))
    if standing.state != "issued":
        why = words.DUE.get(standing.rule, words.DUE_OTHERWISE)
        late = standing.due_on is not None and standing.due_on < clock.today()
        return _private(render(request, "receipts/waiting.html", standing=standing, why=why, late=late))
    pdf = await service.stored(site, token)
    facts = await service.facts_of(site, pdf) if pdf else None
    href = f"/r/{token}/receipt.pdf"
    return _private(render(request, "receipts/issued.html", receipt=_shown(request, facts), pdf_href=href))


@get("/r/{token:str}/receipt.pdf", guards=[_HOLDER])
async def receipt_file(request: Req, token: FromPath[str]) -> Response[bytes]:
    pdf = await service.stored(site_of(request), token)
    if pdf is None:
        return _private(render(request, "receipts/unknown.html", 404))
    answer = Response(pdf, media_type="application/pdf")
    answer.headers["content-disposition"] = 'attachment; filename="receipt.pdf"'
    return _private(answer)


def _private(answer: Response[bytes]) -> Response[bytes]:
    """Nobody keeps a copy on the way, no search engine lists it, and the address is told to no other page."""
    for name, value in _PRIVATE.items():
        answer.headers[name] = value
    return answer


def _shown(request: Req, facts: ReceiptFacts | None) -> dict[str, Any] | None:
    """The facts in the words of the page; None where the stored file is none of ours."""
    if facts is None:
        return None
    _ = translator_of(request)
    return {
        "facts": facts,
        "subject": words.SUBJECT[facts.subject_kind],
        "outcome": words.OUTCOME[facts.outcome],
        "because": [(r.rule, _(r.sentence, **r.dates, **r.numbers) if known(r.sentence) else r.words)
                    for r in facts.because],
        "erased": [(words.ERASED[e.category], e.count) for e in facts.erased],
        "kept": [(*words.KEPT[k.what], k.count) for k in facts.kept],
        "recipients": [(words.RECIPIENTS[r.category], r.count) for r in facts.recipients],
        "limits": [words.LIMITS[limit] for limit in facts.limits],
    }  # fmt: skip


# --- verifying --------------------------------------------------------------------------------------------------------


@get("/verify", guards=[_ANYBODY])
async def verify_form(request: Req) -> Response[bytes]:
    return await _form(request, 200, {})


@post("/verify", guards=[_ANYBODY], request_max_body_size=incoming.READ_LIMIT)
async def verify(request: Req) -> Response[bytes]:
    site = site_of(request)
    await limits.count(site, "verify", address(request), clock.now(), most=30)
    try:
        data = await incoming.read_file(request.stream(), request.headers.get("content-type", ""))
    except NoFile as error:
        return await _form(request, error.status, {incoming.FIELD: error.text})
    found = await service.verify_file(site, data)
    status = 200 if found.checks[0].ok else 422
    certificates = await service.known_certificates(site)
    return _private(
        render(
            request,
            "receipts/verdict.html",
            status,
            here="verify",
            valid=found.valid,
            checks=_checks(found, translator_of(request)),
            receipt=_shown(request, found.facts),
            certificates=certificates,
            words=words,
        )
    )


async def _form(request: Req, status: int, errors: dict[str, str]) -> Response[bytes]:
    certificates = await service.known_certificates(site_of(request))
    return render(
        request,
        "receipts/verify.html",
        status,
        here="verify",
        errors=errors,
        certificates=certificates,
        words=words,
        questions=[(words.CHECKS[key][0], question) for key, question in words.QUESTIONS.items()],
    )


def _checks(found: Verification, tr: Translate) -> list[tuple[str, str, bool | None]]:
    return [(check.title(tr), check.sentence(tr), check.ok) for check in found.checks]


@get("/verify/certificate.pem", guards=[_ANYBODY])
async def certificates_file(request: Req) -> Response[bytes]:
    """All certificates in one file, the newest first. NotFound before the first receipt."""
    known_ones = await service.known_certificates(site_of(request))
    if not known_ones:
        raise NotFound()
    answer = Response(b"".join(c.pem for c in known_ones), media_type="application/x-pem-file")
    answer.headers["content-disposition"] = 'attachment; filename="certificate.pem"'
    answer.headers["cache-control"] = "no-cache"
    return answer


ROUTES = [receipt, receipt_file, verify_form, verify, certificates_file]
