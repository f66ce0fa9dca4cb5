"""The documents tell the truth about the tree.

Guards a reader's first hour: a path that a document names exists, and the README explains every entry of the top level.
"""

import pytest

from tests.contracts import rules
from tests.contracts.house import ROOT, Source, project_files

FILES = frozenset(project_files())
DOCS = ("README.md", *sorted(f for f in FILES if f.startswith("docs/") and f.count("/") == 1 and f.endswith(".md")))


def document(path: str) -> Source:
    return Source(path, (ROOT / path).read_text("utf-8"))


@pytest.mark.parametrize("path", DOCS)
def test_every_path_in_it_exists(path: str) -> None:
    assert rules.missing_paths(document(path), FILES) == []


def test_the_documents_of_the_first_hour_exist() -> None:
    wanted = ("README.md", "CHANGELOG.md", "LICENSE", "docs/architecture.md", "docs/operations.md", "docs/security.md")
    assert [path for path in wanted if path not in FILES] == []


def test_readme_names_every_entry_of_a_small_top_level() -> None:
    assert rules.unnamed_top_level(document("README.md"), FILES) == []


def test_architecture_is_at_most_two_pages() -> None:
    assert len(document("docs/architecture.md").text.split()) <= 1100
