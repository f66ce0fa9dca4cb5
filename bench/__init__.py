"""Benchmarks: each file measures two sides in one run, taking turns, and says whether the ratio keeps its promise.

Guards that a figure is never a lone absolute: machines differ and are busy, a ratio of neighbours in time stands.
`./dev bench` runs all files; each exits with 1 when its target is missed.
"""

import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

Side = Callable[[], Awaitable[float]]


@dataclass(frozen=True)
class Promise:
    """What is measured, and the limit that the median of the ratios must keep (`most`: at most, else at least)."""

    what: str
    limit: float
    most: bool = True

    def judge(self, ratios: Sequence[float]) -> int:
        """Print ratio, target and verdict; the exit status."""
        ratio = statistics.median(ratios)
        kept = ratio <= self.limit if self.most else ratio >= self.limit
        target = f"at {'most' if self.most else 'least'} {self.limit}"
        spread = f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds"
        print(f"{self.what}: {ratio:.2f} ({spread}), target {target}: {'kept' if kept else 'MISSED'}", flush=True)
        return 0 if kept else 1


async def take_turns(one: Side, other: Side, rounds: int, unit: str, names: tuple[str, str]) -> list[float]:
    """Run both sides `rounds` times, A B, then B A, and so on; the ratio of each round, and the medians printed."""
    first: list[float] = []
    second: list[float] = []
    for turn in range(rounds):
        order = [(one, first), (other, second)]
        for side, taken in order if turn % 2 == 0 else reversed(order):
            taken.append(await side())
    for name, taken in zip(names, (first, second), strict=True):
        print(f"{name:44} {statistics.median(taken):9.2f} {unit} (median of {rounds})")
    return [a / b for a, b in zip(first, second, strict=True)]


def rounds(default: int) -> int:
    """How many rounds: the first argument on the command line, or what the file thinks enough."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else default
