"""One signer and one signed receipt for all tests here: making them is the slow part."""

from collections.abc import Callable
from pathlib import Path

import pytest

from recruit.receipts import pdf
from recruit.receipts.facts import ReceiptFacts
from recruit.receipts.signing import Certificate, ReceiptSigner, certificates, open_signer
from tests.receipts.making import ISSUED_AT, Chain, facts


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signing")


@pytest.fixture(scope="session")
def signer(folder: Path) -> ReceiptSigner:
    return open_signer(folder, "Fjordvik Verft AS", now=ISSUED_AT)


@pytest.fixture(scope="session")
def ours(folder: Path, signer: ReceiptSigner) -> tuple[Certificate, ...]:
    return certificates(folder)


@pytest.fixture(scope="session")
def issue(signer: ReceiptSigner) -> Callable[[ReceiptFacts], bytes]:
    return lambda stated: signer.sign(pdf.draw(stated), now=ISSUED_AT)


@pytest.fixture(scope="session")
def chain() -> Chain:
    return Chain()


@pytest.fixture(scope="session")
def receipt(issue: Callable[[ReceiptFacts], bytes], chain: Chain) -> bytes:
    return issue(facts(chain=chain))
