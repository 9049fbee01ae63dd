"""The arithmetic of docs/operating/costs.md.

Invariant: each line's product and each table's sum are what the page says.
"""

import math
import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operating" / "costs.md").read_text()
TABLES = re.findall(r"^\| what \|.*?^\| \*\*together\*\*[^\n]*", PAGE, re.MULTILINE | re.DOTALL)


def rows(table: str) -> list[tuple[str, float]]:
    """Return each line's arithmetic and what the page says it makes."""
    found = re.findall(r"^\| [^*|]+ \| ([\d. ×+]+) \| (\d+) \|$", table, re.MULTILINE)
    return [(arithmetic, float(result)) for arithmetic, result in found]


def worth(arithmetic: str) -> float:
    return sum(math.prod(float(factor) for factor in term.split("×")) for term in arithmetic.split("+"))


def test_there_is_a_table_for_each_of_three_sizes() -> None:
    assert [len(rows(table)) for table in TABLES] == [11, 10, 14]


@pytest.mark.parametrize(("arithmetic", "result"), [row for table in TABLES for row in rows(table)])
def test_a_line_is_the_product_that_it_says(arithmetic: str, result: float) -> None:
    assert abs(worth(arithmetic) - result) <= 0.5


@pytest.mark.parametrize("table", TABLES, ids=["1 k", "100 k", "10 M"])
def test_a_table_is_the_sum_of_its_lines(table: str) -> None:
    together = re.findall(r"\*\*(\d+)\*\*", table)

    assert [int(total) for total in together] == [sum(result for _, result in rows(table))]
