"""The rows of the one table: what was found beside what was promised.

Invariant: a row without a bar is for information; every other one says `ok` or `MISSED`. A small run, which is made on
machines that do other things too, only tells times.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `bar` is what was promised, and `good` says whether it was kept (None: nothing was promised)."""

    part: str
    what: str
    found: str
    bar: str = ""
    good: bool | None = None
    timed: bool = False  # it is how long something took

    @property
    def verdict(self) -> str:
        return "" if self.good is None else "ok" if self.good else "MISSED"

    def told(self) -> "Row":
        """Return it without a verdict when it is a time."""
        return replace(self, good=None) if self.timed else self


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is done: `small` for every change, else what the table promises; `minutes` is how long the soak is."""

    small: bool
    seed: int
    minutes: float


def none(part: str, what: str, found: int) -> Row:
    """Return a row of what must never happen."""
    return Row(part, what, f"{found:,}", "0", found == 0)


def least(part: str, what: str, found: int, bar: int) -> Row:
    """Return a row of how much was really done."""
    return Row(part, what, f"{found:,}", f"≥ {bar:,}", found >= bar)


def most(part: str, what: str, found: int, bar: int) -> Row:
    """Return a row of what may not be passed."""
    return Row(part, what, f"{found:,}", f"≤ {bar:,}", found <= bar)


def within(part: str, what: str, found: float, bar: float, unit: str = "s") -> Row:
    """Return a row of what may take so long at most."""
    return Row(part, what, f"{found:,.2f} {unit}", f"≤ {bar:g} {unit}", found <= bar, timed=True)


def p95(seconds: Sequence[float]) -> float:
    """Return the 95th percentile; 0 of nothing."""
    if len(seconds) < 2:
        return max(seconds, default=0.0)
    return statistics.quantiles(seconds, n=20, method="inclusive")[-1]


def lines(rows: Iterable[Row]) -> list[str]:
    """Return the table, columns aligned."""
    cells = [("part", "what", "found", "bar", ""), *((r.part, r.what, r.found, r.bar, r.verdict) for r in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
