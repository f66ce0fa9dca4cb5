"""The privacy notice and the record of processing in words, from employer, policy and entries. Pure.

Guards that page, PDF and the comparison of two versions show the same text: a notice is a list of sections of blocks,
each with a key that stays the same from version to version. What the program does is written here from the policy, the
data map and the list of cookies; what the employer does elsewhere comes from the record.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import msgspec

from recruit.employer import EmployerFacts
from recruit.i18n import Translate
from recruit.notice import activities, cookies, periods
from recruit.notice.activities import BASES, COMPUTED, MECHANISMS, NOTES, TEXTS, Entry, Transfer
from recruit.retention.rules import Policy

Kind = Literal["p", "li", "row", "fact"]


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A paragraph, an item of a list, a row of a table or a named fact; `cells` are a row's further columns."""

    kind: Kind
    key: str
    text: str
    head: str = ""
    cells: tuple[str, ...] = ()
    link: str = ""
    label: str = ""

    @property
    def words(self) -> str:
        """All of it as one text, for comparing."""
        return (" " if self.kind == "li" else " · ").join(part for part in (self.head, self.text, *self.cells) if part)


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the notice. `columns` are the heads of its table, whose caption is `caption`."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    caption: str = ""
    columns: tuple[str, ...] = ()

    @property
    def groups(self) -> list[tuple[str, list[Block]]]:
        """Neighbours of one kind together, as a page draws them."""
        return [(kind, list(found)) for kind, found in groupby(self.blocks, lambda block: block.kind)]

    def anchor(self, block: Block) -> str:
        """The id of a block on its page."""
        named = _ANCHORS.get(self.key, self.key) if block.kind == "row" else self.key
        return f"{named}-{block.key}"


Text = tuple[Section, ...]
_ANCHORS = {"periods": "period", "data": "category", "cookies": "cookie"}


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """All that a notice is made of."""

    employer: EmployerFacts
    policy: Policy
    strict: bool
    secure: bool
    entries: tuple[tuple[str, Entry], ...]

    def entry(self, key: str) -> Entry:
        return dict(self.entries).get(key, Entry())


def notice(facts: Facts, _: Translate) -> Text:
    """The whole privacy notice in one language."""
    others = [pair for pair in facts.entries if pair[0] not in ("recruitment", "cookies") and pair[1].shown]
    return (
        _responsible(facts, _),
        _terms(_),
        _data(facts, _),
        _purposes(facts, _),
        _periods(facts, _),
        _recipients(facts, _),
        _sources(_),
        *(_activity(facts, key, entry, _) for key, entry in others),
        _cookies(facts, _),
        _security(facts, _),
        _sharing(facts, _),
        _rights(facts, _),
        _referees(facts, _),
        _guests(facts, _),
    )


def contact(who: EmployerFacts, _: Translate) -> str:
    """What the one who answers questions about privacy is called."""
    return _("data protection officer") if who.has_dpo else _("privacy contact")


def _p(key: str, text: str, link: str = "", label: str = "") -> Block:
    return Block(kind="p", key=key, text=text, link=link, label=label)


def _responsible(facts: Facts, _: Translate) -> Section:
    who = facts.employer
    is_controller = _(
        "{employer}, organisation number {number}, {address}, is the data controller. Write to {email}.",
        employer=who.name,
        number=who.number,
        address=who.address,
        email=who.contact_email,
    )
    named = (
        _("We have appointed a data protection officer: {name}, {email}.", name=who.dpo_name, email=who.dpo_email)
        if who.has_dpo
        else _("Questions about privacy are answered by {name}, {email}.", name=who.dpo_name, email=who.dpo_email)
    )
    about = _(
        "This notice says what {employer} does with personal data: which, what for, on which basis, how long, who gets "
        "them, and what you can decide yourself.",
        employer=who.name,
    )
    blocks = (_p("about", about), _p("controller", is_controller), _p("contact", named))
    return Section(key="responsible", title=_("Who is responsible"), blocks=blocks)


def _terms(_: Translate) -> Section:
    data = _(
        "Whatever can be tied to a living person, by itself or together with something else: a name, a number, a "
        "place, an address on the net, a trait."
    )
    processing = _(
        "Whatever is done with such data, by machine or by hand: collecting, keeping, using, passing on, erasing."
    )
    law = _(
        "Both words mean what article 4 of the General Data Protection Regulation (GDPR) says; the Norwegian "
        "Personal Data Act makes it law here."
    )
    blocks = (
        Block(kind="fact", key="data", head=_("Personal data"), text=data),
        Block(kind="fact", key="processing", head=_("Processing"), text=processing),
        _p("law", law),
    )
    return Section(key="terms", title=_("What the words mean"), blocks=blocks)


# --- recruitment ------------------------------------------------------------------------------------------------------


def _data(facts: Facts, _: Translate) -> Section:
    rows = tuple(
        Block(kind="row", key=key, head=f"{_(what)}. {_(more)}" if more else _(what), text=_(source))
        for key, what, source, more in activities.categories(facts.policy)
    )
    said = (
        _p(
            "platforms",
            _(
                "If you apply through a platform such as FINN or LinkedIn, that company processes your data "
                "too, under its own privacy notice."
            ),
        ),
        _p(
            "voluntary",
            _(
                "You need not give us anything. Without a name and an e-mail address we cannot handle an "
                "application. Please leave out what is not needed, such as health, religion or your national "
                "identity number."
            ),
        ),
    )
    return Section(
        key="data",
        title=_("When you apply: what we process, and where it comes from"),
        blocks=rows + said,
        caption=_("Categories of personal data"),
        columns=(_("What"), _("Where it comes from")),
    )


def _purposes(facts: Facts, _: Translate) -> Section:
    basis = activities.BASIS[facts.policy.lawful_basis]
    items = tuple(
        Block(kind="li", key=str(place), head=_(what), text=_(own or basis))
        for place, (what, own) in enumerate(activities.PURPOSES, 1)
    )
    title = _("When you apply: what for, and on which lawful basis")
    return Section(key="purposes", title=title, blocks=items)


def _periods(facts: Facts, _: Translate) -> Section:
    rows = tuple(
        Block(kind="row", key=p.key, head=p.when, text=p.until, cells=(p.rule or "–",))
        for p in periods.of_policy(facts.policy, "strict" if facts.strict else "plain", _)
    )
    receipt = _p(
        "receipt",
        _("After each erasure that was announced you get a signed receipt, which anyone can verify."),
        "/verify",
        _("Verify a receipt"),
    )
    return Section(
        key="periods",
        title=_("When you apply: how long"),
        blocks=(*rows, _p("outcome", _(activities.OUTCOME[facts.policy.outcome])), receipt),
        caption=_("Retention periods"),
        columns=(_("What"), _("How long"), _("Rule")),
    )


def _recipients(facts: Facts, _: Translate) -> Section:
    own = facts.entry("recruitment")
    items = [
        Block(kind="li", key=str(place), text=_(recipient)) for place, recipient in enumerate(activities.RECIPIENTS, 1)
    ]
    if own.recipients != activities.Both():
        items.append(Block(kind="li", key="more", text=own.recipients.of(_.lang)))
    automated = _(
        "No decision is automatic. The program scores nobody, ranks nobody and rejects nobody: a person "
        "decides, and it is recorded who."
    )
    nobody = _(
        "Nobody else gets them from the program, and nothing is sold. Every copy that leaves it is listed for you."
    )
    blocks = (*items, _p("nobody", nobody), *_transfers(own.transfers, _), _p("automated", automated))
    return Section(key="recipients", title=_("When you apply: who receives data"), blocks=blocks)


def _sources(_: Translate) -> Section:
    blocks = (
        _p(
            "sourced",
            _(
                "If we have data about you from somebody else, such as a recruitment agency or a page on the net, we "
                "tell you by e-mail at once, and within one month at the latest: what we have, from whom, and how to "
                "object. If you object, your data are erased."
            ),
        ),
        _p(
            "checked",
            _(
                "If we check something with a former employer or in public sources, we record the source and "
                "tell you at first contact, within one month at the latest."
            ),
        ),
    )
    return Section(key="sources", title=_("When data come from others than you"), blocks=blocks)


# --- everything else --------------------------------------------------------------------------------------------------

HEADS: dict[str, str] = {
    "purpose": "What for",
    "people": "Whom it is about",
    "data": "Which data",
    "source": "Where they come from",
    "bases": "Lawful basis",
    "retention": "How long",
    "recipients": "Who receives data",
    "transfers": "Transfers to other countries",
    "security": "Security",
}
"""What each part of an entry is called, in the order in which it is read."""


def _activity(facts: Facts, key: str, entry: Entry, _: Translate) -> Section:
    shown = shown_of(facts, key, _)
    blocks = [
        Block(kind="fact", key=name, head=_(head), text=shown[name])
        for name, head in HEADS.items()
        if name not in ("people", "security") and shown[name] and (name != "transfers" or entry.transfers)
    ]
    if entry.link:
        blocks.append(_p("link", _("There is a privacy notice for this alone:"), entry.link, entry.link))
    return Section(key=f"activity-{key}", title=shown["name"], blocks=tuple(blocks))


def shown_of(facts: Facts, key: str, _: Translate) -> dict[str, str]:
    """Each part of an entry as a reader of one language sees it: computed where the program does it, else as typed."""
    entry = facts.entry(key)
    shown = {name: getattr(entry, name).of(_.lang) for name in TEXTS}
    shown["bases"] = ". ".join(_(BASES[basis]) for basis in entry.bases if basis in BASES)
    shown["transfers"] = " ".join(b.text for b in _transfers(entry.transfers, _))
    shown |= computed(facts, key, _)
    why = shown.pop("why")
    shown["bases"] = ". ".join(part.rstrip(".") for part in (shown["bases"], why) if part)
    shown["bases"] += "." if shown["bases"] else ""
    return shown


def computed(facts: Facts, key: str, _: Translate) -> dict[str, str]:
    """What the program itself says in an entry, whatever was typed."""
    made = {
        "recruitment": lambda: _recruitment(facts, _),
        "enquiries": lambda: {"retention": periods.enquiry(facts.policy, _)},
        "cookies": lambda: _of_cookies(_),
    }.get(key, dict)()
    assert set(COMPUTED.get(key, ())) <= set(made)
    return made


def _recruitment(facts: Facts, _: Translate) -> dict[str, str]:
    """Each thing said stands on a line of its own."""
    policy, own = facts.policy, facts.entry("recruitment")
    rows = activities.categories(policy)
    kept = periods.of_policy(policy, "strict" if facts.strict else "plain", _)
    basis = _(activities.BASIS[policy.lawful_basis])
    return {
        "name": _("Recruitment"),
        "purpose": "\n".join(_(what) for what, _own in activities.PURPOSES),
        "people": _("Candidates, and the referees whom they name."),
        "data": "; ".join(_(what) for _key, what, _source, _more in rows) + ".",
        "source": _(
            "The candidate; for some of it referees, former employers, public sources or whoever sent it, "
            "each recorded."
        ),
        "bases": "\n".join(
            f"{_(what)} {_(own_basis) if own_basis else basis}" for what, own_basis in activities.PURPOSES
        ),
        "why": "",
        "retention": "\n".join([*(f"{p.when}: {p.until}" for p in kept), _(activities.OUTCOME[policy.outcome])]),
        "recipients": "\n".join([*map(_, activities.RECIPIENTS), own.recipients.of(_.lang)]).strip(),
        "security": "\n".join([*map(_, activities.SECURITY), own.security.of(_.lang)]).strip(),
    }


def _of_cookies(_: Translate) -> dict[str, str]:
    named = "; ".join(f"{c.name}: {_(c.purpose)}" for c in cookies.COOKIES)
    longest = max(cookies.COOKIES, key=lambda cookie: cookie.life)
    return {
        "data": named,
        "retention": _("{period} at most, most of them far shorter.", period=cookies.life(longest, _)),
    }


def _transfers(transfers: tuple[Transfer, ...], _: Translate) -> Iterator[Block]:
    """Each transfer with its mechanism, and what is wrong with it; that there is none is said too."""
    if not transfers:
        yield _p("transfers", _("Nothing is transferred to countries outside the EEA."))
    for place, transfer in enumerate(transfers, 1):
        said, note = _transfer(transfer, _), NOTES.get(transfer.mechanism)
        yield _p(f"transfer-{place}", f"{said} {_(note)}" if note else said)


def _transfer(transfer: Transfer, _: Translate) -> str:
    return _("To {whom}: {mechanism}.", whom=transfer.to.of(_.lang), mechanism=_(MECHANISMS[transfer.mechanism]))


def _cookies(facts: Facts, _: Translate) -> Section:
    own = facts.entry("cookies")
    rows = tuple(
        Block(
            kind="row",
            key=c.name,
            head=cookies.called(c, facts.secure),
            text=_(c.purpose),
            cells=(_(c.when), cookies.life(c, _), c.path),
        )
        for c in cookies.COOKIES
    )
    what = _(
        "Cookies are small texts that a page leaves in your browser, for a visit or longer. These pages set only "
        "what is strictly necessary for what you do here; nothing follows you, so there is nothing to consent to."
    )
    nothing = _(
        "No page here loads anything from another site. Visits are counted without cookies: the page, the day, and the "
        "families of browser and system, nothing else. You can delete "
        "cookies in your browser at any time; you are then signed out."
    )
    blocks = (_p("what", what), *rows, _p("basis", own.why.of(_.lang)), _p("nothing", nothing))
    return Section(
        key="cookies",
        title=_("Cookies"),
        blocks=tuple(b for b in blocks if b.text),
        caption=_("All cookies that these pages set"),
        columns=(_("Name"), _("What for"), _("When"), _("At most"), _("Where")),
    )


def _security(facts: Facts, _: Translate) -> Section:
    items = [Block(kind="li", key=str(n), text=_(said)) for n, said in enumerate(activities.SECURITY, 1)]
    more = facts.entry("recruitment").security
    if more != activities.Both():
        items.append(Block(kind="li", key="more", text=more.of(_.lang)))
    return Section(key="security", title=_("Security"), blocks=tuple(items))


def _sharing(facts: Facts, _: Translate) -> Section:
    going = [(key, entry) for key, entry in facts.entries if entry.shown and entry.transfers]
    said = _(
        "We pass personal data on only for the purposes that stand here. Whoever processes them for us is bound "
        "by a processor agreement."
    )
    if not going:
        none = _("Nothing is transferred to countries outside the EEA.")
        return Section(key="sharing", title=_("Sharing and transfers"), blocks=(_p("said", said), _p("none", none)))
    items = [
        Block(kind="li", key=f"{key}-{place}", head=f"{shown_of(facts, key, _)['name']}:", text=_transfer(transfer, _))
        for key, entry in going
        for place, transfer in enumerate(entry.transfers, 1)
    ]
    return Section(key="sharing", title=_("Sharing and transfers"), blocks=(_p("said", said), *items))


@dataclass(frozen=True)
class _Right:
    key: str
    name: str
    what: str
    where: str = ""


_RIGHTS = (
    _Right(
        "access",
        "Access",
        "See everything that we keep about you, who has looked at it, and until when it is kept; download a copy.",
        "Under “My data”.",
    ),
    _Right(
        "portability",
        "Data portability",
        "Take what you gave us elsewhere, in a form that machines can read: it is in the same copy.",
        "Under “My data”.",
    ),
    _Right(
        "rectification",
        "Rectification",
        "Have what is wrong or incomplete put right. Change your contact details "
        "yourself under “My data”; for anything else, write to the {contact}.",
    ),
    _Right(
        "erasure",
        "Erasure",
        "Ask for the erasure of one application or of everything, or withdraw an application.",
        "Under “My data”.",
    ),
    _Right(
        "withdrawal",
        "Withdrawing consent",
        "With the link in every e-mail from us, without signing in, or under "
        "“My data”. It counts at once and does not make unlawful what was done before.",
    ),
    _Right(
        "restriction",
        "Restriction",
        "Have your data kept but not used, while it is settled whether they are "
        "correct or may be processed. Write to the {contact}.",
    ),
    _Right(
        "objection",
        "Objection",
        "Object to processing that rests on our legitimate interest. While we look at it, "
        "your data are not used; if you are right, they are erased. Write to the {contact}.",
    ),
    _Right(
        "complaint",
        "Complaint",
        "To the {contact}, or to Datatilsynet (the Norwegian Data Protection Authority), "
        "www.datatilsynet.no. You may also go to court.",
    ),
)


def _rights(facts: Facts, _: Translate) -> Section:
    who = contact(facts.employer, _)
    free = _(
        "No reason is needed for any of them, and they cost nothing. You get an answer within one month; if that "
        "takes longer, you are told why within that month."
    )
    items = tuple(
        Block(
            kind="fact",
            key=right.key,
            head=_(right.name),
            text=" ".join(filter(None, (_(right.what, contact=who), _(right.where) if right.where else ""))),
        )
        for right in _RIGHTS
    )
    return Section(key="rights", title=_("Your rights, and how to use them here"), blocks=(_p("free", free), *items))


def _referees(facts: Facts, _: Translate) -> Section:
    said = _(
        "We then keep your name, your contact details and your relation to the candidate, who gave them to us, and "
        "tell you so by e-mail. We use them only to ask you about the candidate (our legitimate interest, GDPR article "
        "6(1)(f)), and erase them together with the application. You have the same rights: write to the {contact}.",
        contact=contact(facts.employer, _),
    )
    return Section(key="referees", title=_("If you are named as a referee"), blocks=(_p("referee", said),))


def _guests(facts: Facts, _: Translate) -> Section:
    said = _(
        "We then keep your name, your e-mail address, in which capacity you are asked and why, and when you looked at "
        "what. We use them only to show you these applications and to tell you if the data change (our legitimate "
        "interest, GDPR article 6(1)(f)), and erase them together with the applications; the looks when the access "
        "log ends. You have the same rights: write to the {contact}.",
        contact=contact(facts.employer, _),
    )
    return Section(key="guests", title=_("If you are invited to read applications"), blocks=(_p("guest", said),))
