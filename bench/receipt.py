"""What a signed receipt costs against the plain rendering of its page; run `python -m bench.receipt [rounds]`.

Both in one run, alternating, with the same fonts and styles kept: plain is WeasyPrint's `write_pdf` of the same HTML
without tags, archival form, embedded facts or signature. The target is 1.25.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from weasyprint import HTML

from bench import Promise, rounds
from recruit.receipts import pdf, signing, verifying
from tests.receipts.making import ISSUED_AT, Chain, facts


def main(turns: int) -> int:
    chain = Chain()
    stated = facts(chain=chain)
    style, source = pdf._style(), pdf.page(stated)
    with tempfile.TemporaryDirectory() as folder:
        signer = signing.open_signer(Path(folder), "Fjordvik Verft AS", now=ISSUED_AT)
        ours = signing.certificates(Path(folder))
    drawn = pdf.render(stated)
    receipt = signer.sign(drawn, now=ISSUED_AT)
    cases: dict[str, Callable[[], object]] = {
        "plain": lambda: HTML(string=source, url_fetcher=style.fetcher).write_pdf(
            stylesheets=[style.css], font_config=style.fonts
        ),
        "signed": lambda: signer.sign(pdf.render(stated), now=ISSUED_AT),
        "signing alone": lambda: signer.sign(drawn, now=ISSUED_AT),
        "verifying": lambda: verifying.verify(receipt, chain, ours),
        "refusing a stranger's file": lambda: verifying.verify(receipt[:-9] + b"x" * 9, chain, ours),
    }
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(turns + 2):
        for name, act in cases.items():
            begin = time.perf_counter()
            act()
            if turn >= 2:
                taken[name].append((time.perf_counter() - begin) * 1000)
    for name, times in taken.items():
        print(f"{name:28} {statistics.median(times):7.1f} ms median {min(times):7.1f} ms least")
    ratios = [s / p for s, p in zip(taken["signed"], taken["plain"], strict=True)]
    print(f"{'size of the signed receipt':28} {len(receipt):7,} bytes")
    return Promise("signed receipt / plain rendering", 1.25).judge(ratios)


if __name__ == "__main__":
    sys.exit(main(rounds(20)))
