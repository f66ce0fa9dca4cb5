"""The record of processing says what the employer typed and what the program does, and the notice follows it (L32)."""

import html
import io
import re
from typing import Any

import pypdfium2
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from recruit import data_map, employer
from recruit.i18n import LANGUAGES, translator
from recruit.notice import activities, forms, record, service, starting, writing
from recruit.notice.activities import Both, Entry, Transfer
from recruit.retention.rules import Policy
from recruit.site import Site
from tests import factories
from tests.conftest import Time

Browser = AsyncTestClient[Litestar]

STATEMENT = {
    "1 introduction": ("responsible",),
    "2 what privacy and processing mean": ("terms", "terms-data", "terms-processing"),
    "3.1 visitor statistics": ("activity-visitors",),
    "3.2 enquiries": ("activity-enquiries",),
    "3.2.a cookies": ("cookies",),
    "3.2.b links to other sites": ("activity-links",),
    "3.3 enquiries once more": ("activity-enquiries",),
    "3.4 customers": ("activity-customers",),
    "3.5 users of a system that is delivered": ("activity-users",),
    "3.6 business contacts": ("activity-contacts",),
    "3.7 recruitment": ("data", "purposes", "periods", "recipients", "sources"),
    "3.8 suppliers, partners, subcontractors": ("activity-suppliers",),
    "4 security": ("security",),
    "5 sharing and transfers": ("sharing",),
    "6.1 information and access": ("rights", "rights-access"),
    "6.2 correction": ("rights-rectification",),
    "6.3 restriction": ("rights-restriction",),
    "6.4 erasure": ("rights-erasure",),
    "6.5 objection": ("rights-objection",),
    "6.6 complaint": ("rights-complaint",),
    "7 contact": ("responsible",),
    "8 cookies": ("cookies",),
}
"""Every section of the statement that this grew from, and where the notice says it."""

FILLED = {
    "name_nb": "Adgangskort", "name_en": "Access cards", "purpose_nb": "Å åpne dører", "purpose_en": "To open doors",
    "people_nb": "Besøkende", "people_en": "Visitors", "data_nb": "Navn", "data_en": "Name",
    "retention_nb": "30 dager", "retention_en": "30 days", "bases": ["6(1)(f)"], "shown": "1",
}  # fmt: skip


@pytest.fixture
async def desk(site: Site, client: Browser, time: Time) -> Browser:
    await factories.sign_in(client, site, await factories.staff(site, time.now, "dpo"))
    return client


async def page(client: Browser, path: str, lang: str = "en", status: int = 200) -> str:
    answer = await client.get(path, headers={"accept-language": lang})
    assert answer.status_code == status
    return html.unescape(answer.text)


async def fill(site: Site, time: Time) -> None:
    """Everything that the statement speaks of."""
    me = await factories.staff(site, time.now, "dpo", email="fill@fjordlys.example")
    for key, entry in starting.STARTING.items():
        await record.save(site, key, entry, me, time.now)


# --- the whole statement ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_notice_covers_every_section_of_the_statement(
    site: Site, client: Browser, time: Time, lang: str
) -> None:
    await fill(site, time)
    text = await page(client, "/privacy", lang)
    shown = re.findall(r'<section id="([a-z-]+)">\s*<h2>[^<]+</h2>\s*<', text)
    shown += re.findall(r'<div id="([a-z-]+)"><dt>[^<]+</dt><dd>[^<]', text)
    for section, places in STATEMENT.items():
        assert set(places) <= set(shown), section


async def test_the_faults_of_the_statement_are_mended(site: Site, client: Browser, time: Time) -> None:
    await fill(site, time)
    text = await page(client, "/privacy")
    assert "former employers or public sources" in text  # not all data come from the person (L10)
    assert "No reason is needed" in text  # none is asked for, an erasure included (L19)
    for right in ("Data portability", "Withdrawing consent"):  # both by name
        assert f"<dt>{right}</dt>" in text
    assert "Privacy Shield" not in text  # void since 2020
    assert "Earlier salary is not collected" in text  # L9
    assert "as long as necessary" not in text.lower()  # a period that nobody can act on


@pytest.mark.parametrize("key", starting.STARTING)
def test_a_starting_point_is_whole_in_both_languages(key: str) -> None:
    entry = starting.STARTING[key]
    assert activities.problems(key, entry) == []
    typed = forms.form_of(entry)
    assert forms.entry(key, typed, entry.bases) == (entry, {})
    for name in forms.fields_of(key):
        text = getattr(entry, name)
        assert bool(text.nb) is bool(text.en), name
        assert text.nb or name == "why", name


def test_what_the_notice_says_of_itself_is_translated() -> None:
    """Sentences that stand in tables, which the search for marked ones doesn't see."""
    tables: list[str] = [
        *activities.BASES.values(), *activities.MECHANISMS.values(), *activities.NOTES.values(),
        *activities.RECIPIENTS, *activities.SECURITY, *activities.SOURCES.values(), *writing.HEADS.values(),
        *(said for pair in activities.PURPOSES for said in pair if said),
    ]  # fmt: skip
    nb = translator("nb")
    assert [said for said in tables if nb(said) == said] == []


# --- what the program does can't be worded otherwise ------------------------------------------------------------------


@pytest.mark.parametrize("key", activities.COMPUTED)
async def test_what_is_typed_in_a_computed_field_is_neither_stored_nor_shown(
    site: Site, desk: Browser, key: str
) -> None:
    lie = {f"{name}_{lang}": "kept for 99 years" for name in activities.TEXTS for lang in LANGUAGES}
    answer = await desk.post(f"/desk/record/{key}/edit", data={**lie, "bases": ["6(1)(a)"], "shown": "1"})
    assert answer.status_code == 200
    kept = (await record.entry(site, key)).entry
    for name in activities.COMPUTED[key]:
        assert getattr(kept, name) in (Both(), ()), name
    shown = writing.shown_of(await service.facts(site), key, translator("en"))
    for name in activities.COMPUTED[key]:
        assert "99 years" not in shown.get(name, ""), name


async def test_recruitment_is_the_policy_and_the_data_map(site: Site, time: Time) -> None:
    await employer.set_policy(site, Policy(consent_months=19, answer_window_days=23), None, time.now)
    shown = writing.shown_of(await service.facts(site), "recruitment", translator("en"))
    assert "19 months" in shown["retention"]
    assert "23 days" in shown["retention"]
    for category in data_map.categories():
        assert data_map.CATEGORIES[category] in shown["data"]


async def test_an_enquiry_is_kept_as_the_policy_says(site: Site, time: Time) -> None:
    await employer.set_policy(site, Policy(enquiry_months=8), None, time.now)
    assert "8 months" in writing.shown_of(await service.facts(site), "enquiries", translator("en"))["retention"]


@pytest.mark.parametrize("key", activities.ALWAYS)
async def test_what_the_program_does_stays_on_the_record(site: Site, desk: Browser, key: str) -> None:
    assert (await desk.get(f"/desk/record/{key}/remove")).status_code == 404
    assert (await desk.post(f"/desk/record/{key}/remove")).status_code == 409
    assert key in [kept.key for kept in await record.entries(site)]


# --- editing ----------------------------------------------------------------------------------------------------------


async def test_a_starting_point_opens_filled_in_and_stands_in_the_notice_once_it_is_saved(
    site: Site, desk: Browser
) -> None:
    assert "Business contacts" in await page(desk, "/desk/record")
    assert "activity-contacts" not in await page(desk, "/privacy")
    form = await page(desk, "/desk/record/contacts/edit")
    assert "Nothing is on the record before you save it." in form
    assert starting.STARTING["contacts"].retention.nb in form
    entry = starting.STARTING["contacts"]
    saved = await desk.post("/desk/record/contacts/edit", data={**forms.form_of(entry), "bases": list(entry.bases)})
    assert "Business contacts" in saved.text
    assert "activity-contacts" in await page(desk, "/privacy")


async def test_an_entry_of_ones_own_is_changed_in_versions_and_taken_off(site: Site, desk: Browser, time: Time) -> None:
    await desk.post("/desk/record/new/edit", data=FILLED)
    (own,) = [kept.key for kept in await record.entries(site) if kept.key.startswith("own-")]
    assert "Access cards" in await page(desk, "/privacy")
    assert "Adgangskort" in await page(desk, "/privacy", "nb")
    time.forward(hours=1)
    await desk.post(f"/desk/record/{own}/edit", data={**FILLED, "retention_en": "14 days", "retention_nb": "14 dager"})
    shown = await page(desk, f"/desk/record/{own}")
    assert "<del>30</del> <ins>14</ins> days" in shown
    unchanged = await desk.post(f"/desk/record/{own}/edit", data={**FILLED, "retention_en": "14 days",
                                                                 "retention_nb": "14 dager"})  # fmt: skip
    assert "Nothing was changed." in unchanged.text
    assert "No longer" not in await page(desk, f"/desk/record/{own}/remove")
    await desk.post(f"/desk/record/{own}/remove")
    assert "Access cards" not in await page(desk, "/privacy")
    assert [kept.standing for kept in await record.history(site, own)] == [True, True, False]
    assert (await desk.get(f"/desk/record/{own}")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"purpose_nb": ""}, "Fill this in."),
        ({"retention_nb": ""}, "Fill this in."),
        ({"bases": []}, "Choose at least one basis."),
        ({"bases": ["none", "6(1)(f)"]}, "Either no personal data are processed"),
        ({"bases": ["6(1)(z)"]}, "Choose at least one basis."),
        ({"to_nb_1": "Nordlys Inc., USA"}, "Choose what allows the transfer."),
        ({"mechanism_2": "scc"}, "Write to whom and where the data go."),
        ({"mechanism_1": "handshake", "to_nb_1": "X"}, "Choose what allows the transfer."),
        ({"link": "javascript:alert(1)"}, "Write the whole address"),
        ({"data_en": "x" * 2001}, "This is too long."),
    ],
)
def test_a_mistake_is_named_beside_its_field(wrong: dict[str, Any], said: str) -> None:
    typed = FILLED | wrong
    _, errors = forms.entry("own-1", typed, typed["bases"])
    (where, text), *others = errors.items()
    assert text.startswith(said)
    assert where in wrong or where.rsplit("_", 1)[-1] in ("1", "2")
    assert others == []


async def test_a_form_with_a_mistake_comes_back_with_all_that_was_typed(site: Site, desk: Browser) -> None:
    answer = await desk.post("/desk/record/new/edit", data=FILLED | {"purpose_nb": "", "to_nb_1": "Nordlys Inc., USA"})
    assert answer.status_code == 422
    for kept in ("Fill this in.", "Choose what allows the transfer.", "Access cards", "Nordlys Inc., USA"):
        assert kept in html.unescape(answer.text)
    assert [kept.key for kept in await record.entries(site)] == list(activities.ALWAYS)


async def test_only_the_privacy_contact_words_the_record(site: Site, client: Browser, time: Time) -> None:
    await factories.sign_in(client, site, await factories.staff(site, time.now, "recruiter", "admin"))
    for path in ("/desk/record", "/desk/record/recruitment", "/desk/record/new/edit", "/desk/record/pdf"):
        assert (await client.get(path)).status_code == 403
    assert (await client.post("/desk/record/new/edit", data=FILLED)).status_code == 403


async def test_an_unknown_entry_is_not_there(desk: Browser) -> None:
    for path in ("/desk/record/nonsense", "/desk/record/nonsense/edit", "/desk/record/suppliers"):
        assert (await desk.get(path)).status_code == 404


# --- transfers --------------------------------------------------------------------------------------------------------


async def test_a_transfer_stands_in_notice_and_record_and_a_void_mechanism_is_marked_with_why(
    site: Site, desk: Browser
) -> None:
    for place, mechanism in enumerate(("scc", "privacy_shield")):
        data = FILLED | {"name_en": f"Cards {place}", "to_nb_1": "Nordlys Inc., USA", "mechanism_1": mechanism}
        await desk.post("/desk/record/new/edit", data=data)
    keys = [kept.key for kept in await record.entries(site) if kept.key.startswith("own-")]
    good, void = [await page(desk, f"/desk/record/{key}") for key in keys]
    notice = await page(desk, "/privacy")
    for mechanism in ("scc", "privacy_shield"):
        said = f"To Nordlys Inc., USA: {activities.MECHANISMS[mechanism]}."
        assert said in notice
    assert "void on 16 July 2020" in void
    assert activities.NO_MECHANISM in void
    assert "void" not in good


def test_the_privacy_shield_alone_is_invalid() -> None:
    shield = Transfer(Both("USA", "USA"), "privacy_shield")
    framework = Transfer(Both("USA", "USA"), "dpf")
    assert activities.problems("contacts", Entry(transfers=(shield,))) == [activities.NO_MECHANISM]
    assert activities.problems("contacts", Entry(transfers=(framework,))) == []


def test_what_stands_in_one_language_only_is_shown_in_both_and_pointed_out() -> None:
    half = Entry(name=Both("Adgangskort"))
    assert half.name.of("en") == "Adgangskort"
    assert activities.problems("own-1", half) == [activities.ENGLISH_MISSING]


# --- on paper ---------------------------------------------------------------------------------------------------------


def text_of(raw: bytes) -> str:
    assert raw.startswith(b"%PDF")
    pages = pypdfium2.PdfDocument(io.BytesIO(raw))
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in pages).split())


@pytest.mark.parametrize(("lang", "title"), [("nb", "Protokoll over behandlingsaktiviteter"), ("en", "Record of")])
async def test_record_notice_and_cookies_are_papers_in_both_languages(
    site: Site, desk: Browser, time: Time, lang: str, title: str
) -> None:
    await fill(site, time)
    papers = {
        path: text_of((await desk.get(path, headers={"accept-language": lang})).content)
        for path in ("/desk/record/pdf", "/privacy/pdf", "/cookies/pdf")
    }
    assert title in papers["/desk/record/pdf"]
    facts = await service.facts(site)
    tr = translator(lang)  # type: ignore[arg-type]
    for kept in await record.entries(site):
        assert writing.shown_of(facts, kept.key, tr)["name"] in papers["/desk/record/pdf"]
    for heading in writing.HEADS.values():
        assert tr(heading) in papers["/desk/record/pdf"]
    for section in (await service.in_force(site, time.now)).texts[tr.lang]:
        assert section.title in papers["/privacy/pdf"]
    assert "waiting" in papers["/cookies/pdf"]
