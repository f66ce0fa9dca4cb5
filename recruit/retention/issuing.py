"""Step 5 of a purge: the receipt, made of facts, signed, and stored once under the purge's id.

Guards that a receipt exists only for a verified erasure, that there is one at most, and that it names nobody.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from recruit import employer
from recruit.clock import day
from recruit.i18n import Language
from recruit.receipts import facts as receipt
from recruit.receipts.facts import ReceiptFacts
from recruit.receipts.service import path_of, signing_folder
from recruit.receipts.signing import ReceiptSigner, open_signer
from recruit.retention import words
from recruit.retention.inventory import body_of
from recruit.retention.rules import Policy
from recruit.site import Site
from recruit.vault.ledger import Entry, Head


@dataclass(frozen=True)
class Issuer:
    """Makes the receipts of one run: employer, policy, signer and ledger head are the same for all of them."""

    site: Site
    employer: receipt.Employer
    policy: Policy
    signer: ReceiptSigner
    head: Head
    now: datetime

    async def issue(self, row: dict[str, Any]) -> None:
        """Render, sign, store if there is none yet, and only then call the purge ended."""
        if not await self.site.documents.has(path_of(row["id"])):
            entry = (await self.site.keyring.entries(after=row["entry"] - 1, limit=1))[0]
            pdf = await asyncio.to_thread(self._signed, self.facts_of(row, entry))
            await self.site.documents.put_once(path_of(row["id"]), pdf)
        await self.site.keyring.engine.run_sql("UPDATE purge SET state = 'issued' WHERE id = ?", row["id"])

    def _signed(self, facts: ReceiptFacts) -> bytes:
        from recruit.receipts.pdf import render

        return self.signer.sign(render(facts), now=self.now)

    def facts_of(self, row: dict[str, Any], entry: Entry) -> ReceiptFacts:
        """What the receipt of one begun purge says; everything comes from the ledger and from settings."""
        body, verified = body_of(row), cast("datetime", row["verified_at"])
        lang = cast("Language", body["language"])
        return ReceiptFacts(
            number=f"{row['erased_at'].year}-{entry.number:06}",
            language=lang,
            employer=self.employer,
            purge_id=row["id"],
            subject_kind=_main_kind(body),
            subject_ids=tuple(UUID(unit) for unit in body["units"]),
            outcome=body["outcome"],
            rule=body["rule"],
            because=_because(body, lang),
            erased=tuple(receipt.Erased(category=c, count=n) for c, n in sorted(body["counts"].items())),
            kept=_kept(body),
            recipients=tuple(receipt.Recipients(category=c, count=n) for c, n in sorted(body["recipients"].items())),
            limits=receipt.limits_for(body["mode"]),
            erased_at=row["erased_at"],
            verified_at=verified,
            archives_gone_on=self._archives_gone_on(body["mode"], verified),
            mode=body["mode"],
            epoch_before=body["epoch"],
            epoch_after=self.site.keyring.epoch,
            entry=receipt.LedgerPlace(number=entry.number, hash=entry.hash.hex()),
            previous=entry.previous.hex(),
            head=receipt.LedgerPlace(number=self.head.number, hash=self.head.hash.hex()),
            issued_at=max(self.now, verified).astimezone(UTC),
            verify_url=self.site.settings.link("/verify"),
        )

    def _archives_gone_on(self, mode: str, verified: datetime) -> date | None:
        """T2: in plain mode the day on which the last archive that may hold the key has been pruned."""
        if mode == "strict":
            return None
        return day(verified) + timedelta(days=self.policy.archives_gone_after_days)


async def issuer(site: Site, now: datetime) -> Issuer:
    who = await employer.current(site)
    if who is None:
        raise employer.EmployerUnknown()
    return Issuer(
        site=site,
        employer=receipt.Employer(
            name=who.name,
            number=who.number,
            address=who.address,
            contact=who.contact_email,
            privacy_contact=who.dpo_email,
            dpo_appointed=who.has_dpo,
        ),
        policy=await employer.policy(site),
        signer=await asyncio.to_thread(open_signer, signing_folder(site), who.name, now=now),
        head=await site.keyring.head(),
        now=now,
    )


def _main_kind(body: dict[str, Any]) -> receipt.SubjectKind:
    """What the purge is about; the others end with it. In the ledger units stand in the order of their random ids."""
    kinds = set(body["units"].values())
    return cast("receipt.SubjectKind", min(kinds, key=_FIRST.index))


_FIRST = ("application", "part", "document", "draft", "enquiry", "incoming", "breach", "referee", "profile")


def _because(body: dict[str, Any], lang: Language) -> tuple[receipt.Reason, ...]:
    """The decision's reasons in the receipt's own voice, with no date but the due day."""
    due_on = date.fromisoformat(body["due_on"]) if body.get("due_on") else None
    reasons = []
    for r in body["because"]:
        sentence = words.SENTENCES[r["key"]].receipt
        params = r["params"] | ({"due_on": due_on} if due_on else {})
        reasons.append(receipt.reason(lang, r["rule"], sentence, **params))
    if not reasons:
        sentence = BARE[_main_kind(body)]
        reasons.append(receipt.reason(lang, body["rule"], sentence))
    return tuple(reasons)


BARE: dict[receipt.SubjectKind, str] = {
    "draft": "A draft that was not sent is erased after its period",
    "enquiry": "An enquiry is erased after its period",
    "incoming": "An e-mail that came in is erased",
    "referee": "The referee was taken off the application",
    "breach": "The note of a breach is no longer needed",
    "document": "The legal hold on the document was released, and the rest of its application is erased",
    "profile": "No application, request or consent needed the profile any more",
}
"""Why units are erased that no decision of the clock is about."""


def _kept(body: dict[str, Any]) -> tuple[receipt.Kept, ...]:
    kept = [receipt.Kept(what="ledger_entry"), receipt.Kept(what="tombstone", count=len(body["units"]))]
    kept.append(receipt.Kept(what="receipt"))
    if "of" in body:
        kept.append(receipt.Kept(what="rest"))
    if body.get("held"):
        kept.append(receipt.Kept(what="held_document", count=body["held"]))
    if body["outcome"] == "anonymise":
        kept.append(receipt.Kept(what="counters"))
    if body["looks"]:
        kept.append(receipt.Kept(what="access_rows", count=body["looks"]))
    if body["mode"] == "plain":
        kept.append(receipt.Kept(what="archives"))
    return tuple(kept)
