"""Each house rule finds the mistake it exists for, and lets the near miss pass.

Guards against a contract that cannot fail.
"""

from collections.abc import Callable

import pytest

from tests.contracts import errors, layers, reading, rules, words
from tests.contracts.house import Source

Rule = Callable[[Source], list[str]]
DOC = '"""Guards nothing."""\n'
LONG = "def long():\n" + "    a = 1\n" * 50
SHORT = "def short():\n" + "    a = 1\n" * 49

MISTAKES: tuple[tuple[Rule, str, str], ...] = (
    (layers.wrong_arrows, "recruit/hiring/service.py", "from recruit.app import create_app"),
    (layers.wrong_arrows, "recruit/hiring/pages.py", "from recruit import app"),
    (layers.wrong_arrows, "recruit/hiring/pages.py", "from recruit.careers.pages import ROUTES"),
    (layers.wrong_arrows, "recruit/hiring/pages.py", "from ..careers import pages"),
    (layers.wrong_arrows, "recruit/hiring/service.py", "from . import pages"),
    (layers.wrong_arrows, "recruit/rights/pages.py", "from recruit.mydata import entering_pages"),
    (layers.wrong_arrows, "recruit/hiring/service.py", "from recruit.hiring.closing_pages import close"),
    (layers.wrong_arrows, "recruit/rights/pages.py", "from recruit.hiring import closing_pages"),
    (layers.wrong_arrows, "recruit/hiring/service.py", "def f():\n    from recruit.retention import purge"),
    (layers.wrong_arrows, "recruit/retention/service.py", "from recruit.rights import service"),
    (layers.wrong_arrows, "recruit/retention/service.py", "from recruit import web"),
    (layers.wrong_arrows, "recruit/retention/service.py", "from recruit.retention import jobs"),
    (layers.wrong_arrows, "recruit/retention/service.py", "from litestar import Request"),
    (layers.wrong_arrows, "recruit/vault/keyring.py", "from recruit.retention.rules import Policy"),
    (layers.impure, "recruit/retention/rules.py", "from recruit.tables import Candidate"),
    (layers.impure, "recruit/retention/rules.py", "import asyncio"),
    (layers.impure, "recruit/careers/rules.py", "from recruit.accounts.guards import Me"),
    (layers.impure, "recruit/receipts/facts.py", "async def f(): ..."),
    (layers.impure, "recruit/retention/rules.py", "text = open('policy').read()"),
    (reading.unguarded_reads, "recruit/hiring/lists.py", 'x = "SELECT id FROM application WHERE vacancy = ?"'),
    (reading.unguarded_reads, "recruit/hiring/access.py", "rows = Application.select()"),
    (reading.unguarded_reads, "recruit/notice/figures.py", 'x = "SELECT count(*) FROM move m GROUP BY m.became"'),
    (reading.unguarded_reads, "recruit/hiring/search.py", "x = f'SELECT d.id FROM document d WHERE d.unit IN {IDS}'"),
    (rules.wall_clock, "recruit/hiring/pages.py", "from datetime import datetime, UTC\nx = datetime.now(UTC)"),
    (rules.wall_clock, "recruit/hiring/pages.py", "import datetime as dt\nx = dt.date.today()"),
    (rules.wall_clock, "recruit/hiring/pages.py", "import time\nx = time.time()"),
    (rules.wall_clock, "recruit/hiring/pages.py", "from time import time"),
    (rules.wall_clock, "recruit/hiring/pages.py", "x: dict = field(default_factory=datetime.utcnow)"),
    (rules.wall_clock, "recruit/hiring/service.py", "sql = 'DELETE FROM link WHERE at < CURRENT_TIMESTAMP'"),
    (rules.wall_clock, "recruit/tables.py", "at = Timestamptz()"),
    (rules.clock_users, "recruit/hiring/service.py", "from recruit import clock\nx = clock.now()"),
    (rules.clock_users, "recruit/hiring/service.py", "from recruit.clock import today"),
    (rules.long_functions, "recruit/a.py", LONG),
    (rules.long_functions, "recruit/a.py", "class A:\n    async " + LONG.replace("\n", "\n    ").rstrip()),
    (rules.no_docstring, "recruit/a.py", "a = 1\n"),
    (rules.prints, "recruit/hiring/service.py", "print('hello')"),
    (rules.environment, "recruit/mail.py", "import os\nx = os.environ['A']"),
    (rules.environment, "recruit/mail.py", "import os\nx = os.getenv('A')"),
    (rules.shadows, "recruit/a.py", "def f(): ...\ndef f(): ..."),
    (rules.shadows, "recruit/a.py", "def open(): ..."),
    (rules.shadows, "recruit/a.py", "from b import seal\ndef seal(): ..."),
    (rules.swallowed, "recruit/a.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (rules.swallowed, "recruit/a.py", "try:\n    f()\nexcept:\n    pass"),
    (rules.left_for_later, "recruit/a.py", "# TO" + "DO: erase the rest"),
    (rules.banned_words, "recruit/a.py", "applicant_id = 1"),
    (rules.banned_words, "recruit/a.py", "class SubjectTTL: ..."),
    (rules.banned_words, "templates/a.html", "<p>Your Submissions</p>"),
    (rules.banned_words, "docs/a.md", "The run shreds and scrubs."),
    (rules.banned_words, "docs/a.md", "A DSR is a ticket."),
    (rules.banned_words, "recruit/a.py", "requisition, disposition = 1, 2"),
    (rules.of_one_machine, "requirements.txt", "--extra-index" + "-url https://example.org/x"),
    (rules.of_one_machine, "pyproject.toml", 'url = "https://packages.example.org/' + 'simple/"'),
    (rules.of_one_machine, "docs/a.md", "Look in /wo" + "rk/main/dev"),
    (rules.of_one_machine, "docs/a.md", "Look in /ho" + "me/kari/recruit"),
)

NEAR_MISSES: tuple[tuple[Rule, str, str], ...] = (
    (layers.wrong_arrows, "recruit/__main__.py", "from recruit.app import create_app"),
    (layers.wrong_arrows, "recruit/app.py", "from recruit.careers import pages"),
    (layers.wrong_arrows, "recruit/hiring/service.py", "from recruit.retention.consent import give"),
    (
        layers.wrong_arrows,
        "recruit/hiring/pages.py",
        "from recruit.accounts.guards import staff\nfrom litestar import get",
    ),
    (layers.wrong_arrows, "recruit/rights/service.py", "from recruit.retention import purge"),
    (reading.unguarded_reads, "recruit/hiring/lists.py", "x = f'SELECT id FROM {APPLICATIONS} a WHERE vacancy = ?'"),
    (reading.unguarded_reads, "recruit/hiring/notes.py", 'x = "SELECT * FROM interview_note WHERE application = ?"'),
    (
        reading.unguarded_reads,
        "recruit/hiring/figures.py",
        "x = f'SELECT m.became FROM move m JOIN {visible.APPLICATIONS} a ON a.id = m.application'",
    ),
    (reading.unguarded_reads, "recruit/retention/facts.py", 'x = "SELECT * FROM application WHERE id = ?"'),
    (layers.impure, "recruit/retention/rules.py", "from recruit.errors import NotFound\nfrom datetime import date"),
    (layers.impure, "recruit/hiring/rules.py", "from recruit.accounts.guards import RECRUITER"),
    (layers.impure, "recruit/retention/facts.py", "async def of_applications(): ..."),
    (rules.wall_clock, "recruit/clock.py", "x = datetime.now(UTC)"),
    (rules.wall_clock, "recruit/mail.py", "import time\nx = time.monotonic()"),
    (rules.wall_clock, "recruit/tables.py", "at = Timestamptz(null=True, default=None)"),
    (rules.wall_clock, "recruit/mail.py", "x = self.now, row.date"),
    (rules.clock_users, "recruit/hiring/pages.py", "from recruit import clock\nx = clock.now()"),
    (rules.clock_users, "recruit/mydata/entering_pages.py", "from recruit import clock\nx = clock.now()"),
    (rules.clock_users, "recruit/hiring/closing_pages.py", "from recruit import clock\nx = clock.now()"),
    (layers.wrong_arrows, "recruit/hiring/closing_pages.py", "from recruit.hiring.pipeline_pages import title_of"),
    (rules.clock_users, "recruit/rights/views.py", "clock = clocks[0]\nx = clock.due_on"),
    (rules.clock_users, "recruit/i18n.py", "from recruit import clock\nx = clock.day(y)"),
    (rules.long_functions, "recruit/a.py", SHORT),
    (rules.no_docstring, "recruit/a.py", DOC),
    (rules.no_docstring, "recruit/hiring/__init__.py", ""),
    (rules.prints, "recruit/__main__.py", "print('hello')"),
    (
        rules.shadows,
        "recruit/a.py",
        "class A:\n    @property\n    def x(self): ...\n    @x.setter\n    def x(self, y): ...",
    ),
    (rules.shadows, "recruit/a.py", "class A:\n    def open(self): ..."),
    (rules.swallowed, "recruit/a.py", "try:\n    f()\nexcept OSError:\n    pass"),
    (rules.banned_words, "recruit/a.py", "headers = {'Content-Disposition': 'attachment'}"),
    (rules.banned_words, "docs/a.md", "etiketter, subtotal, settled, reference, throttle"),
    (rules.of_one_machine, "docs/a.md", "https://www.datatilsynet.no/ and /var/lib/recruit and /usr/bin/env"),
)


@pytest.mark.parametrize(("rule", "path", "text"), MISTAKES)
def test_mistake_is_found(rule: Rule, path: str, text: str) -> None:
    assert len(rule(Source(path, text))) >= 1


@pytest.mark.parametrize(("rule", "path", "text"), NEAR_MISSES)
def test_near_miss_passes(rule: Rule, path: str, text: str) -> None:
    assert rule(Source(path, text)) == []


# --- rules over more than one file ----------------------------------------------------------------


def po(body: str) -> list[words.Entry]:
    head = 'msgid ""\nmsgstr ""\n"Language: nb\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    return list(words.entries(Source("recruit/locale/nb/a.po", head + body)))


def test_a_sentence_without_translation_is_found_in_code_and_template() -> None:
    code = Source("recruit/a.py", "_('One'); _('Two' if x else 'Three'); _.plural('{n} file', '{n} files', 2)")
    form = Source("recruit/b.py", "errors['name'] = 'Four'\nraise FormInvalid({'name': 'Five'})")
    told = Source("recruit/c.py", "redirect('/my', 'Nine'); redirect('/my', flash='Ten'); redirect('/my')")
    page = Source("templates/a.html", "{{ _('Six') }}{{ _('Seven') if x else _('Eight') }}{{ name }}")
    used = {*words.in_python(code), *words.in_python(form), *words.in_python(told), *words.in_template(page)}
    assert used == {"One", "Two", "Three", "{n} file", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"}
    assert len(words.untranslated(used, po('msgid "One"\nmsgstr "En"\n'))) == 10


def test_words_that_no_translation_reaches_are_found() -> None:
    sound = """<p class="x">{{ _("One") }} <b>–</b> {{ ui.notice("warn", _("Two words")) }}</p>"""
    assert words.bare(Source("templates/a.html", sound)) == []
    for planted in ("<p>Read more</p>", '<img alt="A face">', '{{ ui.notice("warn", "Three words") }}', "{{ x }} days"):
        assert len(words.bare(Source("templates/a.html", sound + planted))) == 1, planted


def test_an_unused_an_empty_and_a_twisted_translation_are_found() -> None:
    assert words.unused({"One"}, po('msgid "Old"\nmsgstr "Gammel"\n')) != []
    made = list(words.patterns(Source("recruit/a.py", "_(f'article {x}')")))
    assert words.unused(set(), po('msgid "article 7"\nmsgstr "artikkel 7"\n'), made) == []
    assert words.unused(set(), po('msgid "chapter 7"\nmsgstr "kapittel 7"\n'), made) != []
    assert words.faults(po('msgid "One"\nmsgstr ""\n')[0]) != []
    assert words.faults(po('#, fuzzy\nmsgid "One"\nmsgstr "En"\n')[0]) != []
    assert words.faults(po('msgid "Until {date}"\nmsgstr "Til {dato}"\n')[0]) != []
    assert words.faults(po('msgid "Until {date}"\nmsgstr "Til {date}"\n')[0]) == []
    plural = 'msgid "{n} file"\nmsgid_plural "{n} files"\nmsgstr[0] "Én fil"\nmsgstr[1] "{n} filer"\n'
    assert words.faults(po(plural)[0]) == []
    assert words.contradictions([*po('msgid "One"\nmsgstr "En"\n'), *po('msgid "One"\nmsgstr "Ett"\n')]) != []


def test_an_error_without_words_and_one_that_never_happens_are_found() -> None:
    text = "class Mute(RecruitError): ...\nclass Lost(RecruitError):\n    status = 404\n    text = 'Lost.'\n"
    odd = "class Odd(RecruitError):\n    status = 200\n    text = 'Fine.'\nraise Odd"
    sources = (Source("recruit/a.py", text + "class Far(Lost): ...\nraise Far()\n" + odd),)
    known = errors.children(sources)
    assert set(known) == {"Mute", "Lost", "Far", "Odd"}
    assert [line.split(": ")[1] for line in errors.speechless(known)] == ["Mute has no text", "Odd has no status"]
    assert [line.split(": ")[1] for line in errors.never_raised(known, sources)] == ["Mute is never raised"]


def test_a_path_that_does_not_exist_is_found() -> None:
    files = frozenset({"recruit/retention/rules.py", "docs/operations.md", "dev", "README.md"})
    gone = "`recruit/gone.py` `retention/old.py` `tests/gone/` [x](gone.md)"
    here = "`retention/rules.py` `docs/` `./dev` `/etc/x.py` [x](docs/operations.md) [x](https://example.org)"
    assert len(rules.missing_paths(Source("README.md", gone), files)) == 4
    assert rules.missing_paths(Source("README.md", here), files) == []


def test_an_unexplained_entry_and_a_crowded_top_level_are_found() -> None:
    files = frozenset({"dev", "recruit/a.py", "scratch.txt"})
    assert rules.unnamed_top_level(Source("README.md", "`./dev` and `recruit/`"), files) == [
        "README.md: does not name scratch.txt"
    ]
    crowd = frozenset(str(n) for n in range(16))
    assert rules.unnamed_top_level(Source("README.md", " ".join(f"`{n}`" for n in range(16))), crowd) != []


def test_an_unlocked_library_and_a_missing_hash_are_found() -> None:
    project = Source("pyproject.toml", '[project]\ndependencies=["a>=1","B_c[x]"]\noptional-dependencies.dev=["d"]')
    lock = Source("requirements.txt", "# made\na==1 \\\n    --hash=sha256:00\n    # via x\nb-c==2\n")
    assert rules.without_hashes(lock) == ["b-c==2"]
    assert rules.not_locked(project, lock) == ["d"]
    assert rules.declared(project) == {"a", "b-c"}
