"""Every sentence in two languages; every error a status and a sentence.

Guards that no page mixes languages: what code and templates say exists in Norwegian, and nothing is left over.
"""

from functools import cache

from tests.contracts import errors, words
from tests.contracts.house import Source, modules, texts


@cache
def templates() -> tuple[Source, ...]:
    return texts(".html", ".txt", ".jinja", ".svg", under=("templates/",))


@cache
def catalogue() -> list[words.Entry]:
    return [entry for po in texts(".po", under=("recruit/locale/nb/",)) for entry in words.entries(po)]


@cache
def used() -> set[str]:
    """Whatever code, templates and errors mark as a sentence."""
    known = errors.children(modules())
    spoken = {str(errors.said(c, known, "text")) for c in known.values()}
    marked = {text for m in modules() for text in words.in_python(m)}
    return spoken | marked | {text for t in templates() for text in words.in_template(t)}


def test_sentences_and_catalogues_are_found() -> None:
    assert len(used()) > 20
    assert len(catalogue()) > 20


def test_every_sentence_is_translated() -> None:
    assert "\n".join(words.untranslated(used(), catalogue())) == ""


def test_no_page_says_anything_past_the_catalogue() -> None:
    assert "\n".join(fault for t in templates() if not t.path.endswith(".txt") for fault in words.bare(t)) == ""


def test_no_translation_is_left_over() -> None:
    said = used() | {text for s in (*modules(), *templates()) for text in words.any_text(s)}
    made = [pattern for m in modules() for pattern in words.patterns(m)]
    assert "\n".join(words.unused(said, catalogue(), made)) == ""


def test_every_translation_is_whole_and_keeps_its_placeholders() -> None:
    assert "\n".join(fault for entry in catalogue() for fault in words.faults(entry)) == ""


def test_no_sentence_is_translated_in_two_ways() -> None:
    assert "\n".join(words.contradictions(catalogue())) == ""


def test_every_mail_exists_in_both_languages() -> None:
    names = {t.path.removesuffix(".txt") for t in texts(".txt", under=("templates/mail/",))}
    alone = [n for n in names if {"nb": n[:-2] + "en", "en": n[:-2] + "nb"}.get(n[-2:]) not in names]
    assert sorted(alone) == []


def test_every_error_has_a_status_and_a_sentence() -> None:
    known = errors.children(modules())
    assert len(known) > 5, "the errors were not found"
    assert "\n".join(errors.speechless(known)) == ""


def test_every_error_happens() -> None:
    assert "\n".join(errors.never_raised(errors.children(modules()), modules())) == ""
