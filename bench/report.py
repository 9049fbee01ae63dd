"""What a measurement says: a table on the terminal, the same in a page of `docs/`, and a small plot beside it.

Invariant: only what stands between a measurement's own markers is replaced.
"""

import platform
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from rich.console import Console
from rich.table import Table

from bench.environment import ROOT

PAGE = ROOT / "docs" / "performance.md"
WIDTH, LABELS, BAR = 720, 300, 18


@dataclass(frozen=True, slots=True)
class Section:
    """A measurement: its marker, its table, what is said below it, bars for a plot (label, value), and its page."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    bars: Sequence[tuple[str, float]] = field(default=())
    unit: str = ""
    page: Path = PAGE


def publish(section: Section, *, write: bool) -> None:
    """Show a section; with `write` put it into the page."""
    table = Table(*section.columns, title=section.title, title_justify="left")
    for row in section.rows:
        table.add_row(*row)
    console = Console()
    console.print(table)
    for note in section.notes:
        console.print(f"  {note}", highlight=False)
    if write:
        picture = f"performance-{section.name}.svg"
        if section.bars:
            (section.page.parent / picture).write_text(plot(section))
        _replace(section, picture)


def _replace(section: Section, picture: str) -> None:
    text = section.page.read_text() if section.page.exists() else "# Performance\n"
    begin, end = f"<!-- bench {section.name} -->", f"<!-- end of {section.name} -->"
    shown = [f"![{section.title}]({picture})", ""] if section.bars else []
    lines = ["| " + " | ".join(section.columns) + " |", "|" + "---|" * len(section.columns)]
    lines += ["| " + " | ".join(row) + " |" for row in section.rows]
    block = "\n".join(
        [begin, "", *lines, "", *shown, *(f"{note}\n" for note in section.notes), f"Measured {machine()}.", "", end]
    )
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(text):
        text = pattern.sub(lambda _: block, text)
    else:
        text = f"{text.rstrip()}\n\n## {section.title}\n\n{block}\n"
    section.page.write_text(text)


def machine() -> str:
    """Return when and on what this runs."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    model = " ".join(found.group(1).split()) if found else platform.machine()
    return f"{time.strftime('%Y-%m-%d')} on {model}, Python {platform.python_version()}"


def plot(section: Section) -> str:
    """Return horizontal bars as SVG, the first one in another colour: it is the product."""
    top = max(value for _, value in section.bars)
    height = len(section.bars) * (BAR + 8) + 8
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"',
        ' font-family="sans-serif" font-size="12">',
        f"<title>{escape(section.title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for place, (label, value) in enumerate(section.bars):
        y, length = 8 + place * (BAR + 8), max(1, round((WIDTH - LABELS - 90) * value / top))
        colour = "#1f7a4d" if place == 0 else "#9aa5b1"
        parts += [
            f'<text x="{LABELS - 8}" y="{y + 13}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{LABELS}" y="{y}" width="{length}" height="{BAR}" fill="{colour}"/>',
            f'<text x="{LABELS + length + 6}" y="{y + 13}">{value:,.0f} {escape(section.unit)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Return a median, with the least and the most where there are several."""
    if len(values) == 1:
        return f"{values[0]:,.{digits}f}"
    low, high = min(values), max(values)
    return f"{statistics.median(values):,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"
