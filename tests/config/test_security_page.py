"""SECURITY.md and docs/asvs.md: every claim has a verdict, every proof that is named is there.

Invariant: what is said to be met names a test that exists; what is not says why.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from config import limits

ROOT = Path(__file__).resolve().parents[2]
SECURITY, ASVS = (ROOT / "SECURITY.md").read_text(), (ROOT / "docs" / "asvs.md").read_text()
VERDICTS = ("met", "not met", "not applicable")
LEVEL_1_AND_2 = 253  # requirements of version 5.0.0: 70 of level 1, 183 of level 2


@cache
def named_functions() -> set[str]:
    sources = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    return {name for text in sources for name in re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE)}


def rows(page: str, first: str) -> list[list[str]]:
    """Return the cells of each row whose first cell looks like `first`."""
    lines = (line.strip("|").split("|") for line in page.splitlines() if re.match(rf"\| (?:{first}) \|", line))
    return [[cell.strip() for cell in line] for line in lines]


ASVS_ROWS = rows(ASVS, r"V\d+\.\d+\.\d+")
TOP_TEN = rows(SECURITY, r"API\d+:2023[^|]*")


def test_the_standard_is_there_line_by_line() -> None:
    ids = [row[0] for row in ASVS_ROWS]

    assert len(ids) == len(set(ids)) == LEVEL_1_AND_2
    assert len({row[0] for row in TOP_TEN}) == 10


@pytest.mark.parametrize("row", [*ASVS_ROWS, *TOP_TEN], ids=lambda row: str(row[0]))
def test_a_line_has_a_verdict_and_what_speaks_for_it(row: list[str]) -> None:
    _, _, verdict, reason = row

    assert verdict in VERDICTS
    assert verdict != "met" or re.search(r"`test_\w+`", reason)
    assert len(reason) > 5


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/asvs.md"])
def test_every_test_that_is_named_as_a_proof_is_there(page: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / page).read_text()))

    assert len(named) > 20
    assert named - named_functions() == set()


def test_the_summary_counts_what_stands_in_the_table() -> None:
    found = Counter((row[0].partition(".")[0], row[2]) for row in ASVS_ROWS)
    told = {
        (row[0].split()[0], verdict): int(count)
        for row in rows(SECURITY, r"V\d+ [^|]*")
        for verdict, count in zip(VERDICTS, row[1:], strict=True)
    }

    assert {key: count for key, count in told.items() if count} == dict(found)
    assert [int(count) for count in rows(SECURITY, "all 253")[0][1:]] == [
        sum(count for (_, verdict), count in found.items() if verdict == one) for one in VERDICTS
    ]


def test_every_threat_says_who_what_how_and_which_test() -> None:
    threats = rows(SECURITY, r"T\d+")

    assert len(threats) > 10
    assert all(len(row) == 5 and all(len(cell) > 1 for cell in row) for row in threats)
    assert all(re.search(r"`test_\w+`", row[4]) for row in threats)


def test_both_ways_to_sign_in_are_described() -> None:
    guesses = {*limits.GUESSES, *limits.STAFF_GUESSES}
    ways = {operation for operation, rule in limits.RULES.items() if guesses & {*rule.limits}}
    told = {row[0].strip("`") for row in rows(SECURITY, r"`POST /[^|]*`")}

    assert len(ways) == 2
    assert ways <= told


def test_every_limit_is_described() -> None:
    """How much, for whom, which answers count, and of what: as `config.limits` has it, line by line."""
    where: dict[limits.Limit, list[str]] = {limit: ["everything of the API"] for limit in limits.USUAL.values()}
    for operation, rule in limits.RULES.items():
        for limit in rule.limits:
            where.setdefault(limit, []).append(f"`{operation}`")
    expected = [
        [
            *(limit.name, f"{limit.quota} in {limit.window // 60} min", limit.per),
            *(", ".join(map(str, limit.only)) or "any", ", ".join(operations)),
        ]
        for limit, operations in where.items()
    ]

    told = rows(SECURITY.partition("## Limits")[2].partition("\n## ")[0], r"(?!name)[a-z-]+")

    assert sorted(told) == sorted(expected)


def test_security_says_how_soon_a_hole_is_mended() -> None:
    told = {row[0]: row[1] for row in rows(SECURITY, "critical|high|medium|low")}

    assert set(told) == {"critical", "high", "medium", "low"}
    assert all(re.search(r"\d+ (hours|days)", text) for text in told.values())
