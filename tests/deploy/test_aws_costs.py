"""The arithmetic of docs/operating/costs.md.

Invariant: each load follows from the assumptions, each result from its line, each total from its table.
"""

import math
import re
from pathlib import Path

import pytest

from config.models import PlanSource
from tests.deploy import aws_templates

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operating" / "costs.md").read_text()
TABLES = re.findall(r"^\| what \|.*?^\| \*\*together\*\*[^\n]*", PAGE, re.MULTILINE | re.DOTALL)


SIZES = (1_000, 100_000, 10_000_000)
DAY = 86_400


def assumed(pattern: str) -> float:
    (found,) = re.findall(pattern, " ".join(PAGE.split()))
    return float(found.replace(",", ""))


def loads(what: str) -> list[list[float]]:
    """Return the numbers of a line of the first table, one list for each size."""
    (line,) = re.findall(rf"^\| {what} \|(.*)\|$", PAGE, re.MULTILINE)
    return [[float(number.replace(",", "")) for number in re.findall(r"[\d.,]+", cell)] for cell in line.split("|")]


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


def test_the_loads_follow_from_what_people_are_assumed_to_do() -> None:
    asked, peak, plan = (
        assumed(rf"{words}") for words in (r"sends (\d+) requests", r"has (\d+) times", r"takes a worker (\d+) s")
    )
    planned, kept = assumed(r"asks for ([\d.]+) plans"), assumed(r"leaves (\d+) kB") * 1e3

    for size, requests, sockets, plans, stored in zip(
        SIZES,
        loads("requests a second, mean / busiest hour"),
        loads("sockets in the busiest hour"),
        loads("plans a day / CPUs for them in the busiest hour"),
        loads("PostgreSQL after a year"),
        strict=True,
    ):
        daily = size / 5  # "a fifth of the registered users"
        mean, wanted = daily * asked / DAY, daily * planned
        assert requests == pytest.approx([mean, mean * peak], rel=0.15)
        assert sockets == [daily / 20]  # "one in twenty"
        assert plans == pytest.approx([wanted, wanted * plan / DAY * peak], abs=0.5 if size > DAY else 0.05)
        assert stored == pytest.approx([size * kept / 1e9])


def test_what_the_page_says_beside_the_tables_is_right_too() -> None:
    (ten_million,) = re.findall(r"\*\*(\d+)\*\*", TABLES[2])
    tokens_in, price_in = assumed(r"with ([\d,]+) tokens in"), assumed(r"tokens in at \$([\d.]+) a million")
    tokens_out, price_out = assumed(r"million and ([\d,]+) out"), assumed(r"out at \$([\d.]+), a plan")
    plan = (tokens_in * price_in + tokens_out * price_out) / 1e6

    assert assumed(r"That is ([\d.]+) cents") == pytest.approx(100 * int(ten_million) / SIZES[2], abs=0.0005)
    assert assumed(r"a plan costs ([\d.]+) cents") == pytest.approx(100 * plan)
    assert assumed(r"6,000 are ([\d,]+), 600") == pytest.approx(30 * 6_000 * plan)
    assert assumed(r"600,000 are ([\d,]+)\.") == pytest.approx(30 * 600_000 * plan)
    assert assumed(r"2 × \(0.350 - 0.126\) × 730 = (\d+)") == round(2 * (0.350 - 0.126) * 730)


def test_what_is_paid_by_the_piece_is_counted_in_the_templates() -> None:
    filters = [each["MetricTransformations"][0] for each in aws_templates.resources("AWS::Logs::MetricFilter")]
    sent = re.findall(r'= "(\w+),Unit', (aws_templates.AWS / "host" / "metrics").read_text())
    metrics = {each["MetricName"] for each in filters} | set(sent)
    makers = len(PlanSource.values) - 1  # one number for each who makes plans: a person makes none
    alarms = len(list(aws_templates.resources("AWS::CloudWatch::Alarm"))) + 2  # target tracking makes two of its own
    secrets = len(list(aws_templates.resources("AWS::SecretsManager::Secret")))

    assert assumed(r"\| secrets \| (\d+) ×") == secrets
    assert assumed(r"metrics, alarms \| (\d+) × 0.30") == len(metrics) - 1 + makers
    assert assumed(r"metrics, alarms \| \d+ × 0.30 \+ (\d+) ×") == alarms
