"""The tables of docs/ for frontend teams, held against the code."""

import re

import pytest

from config.models import PlanSource
from tests.contracts import declared
from tests.contracts.declared import ROOT
from users import feed

PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text() for name in ("errors", "events", "glossary", "tour")}


def rows(page: str, title: str) -> list[list[str]]:
    """Return the cells of the rows below the tables under `## title`, without the heads."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGES[page], re.MULTILINE | re.DOTALL)
    assert section, f"docs/{page}.md has no section {title!r}"
    lines = section[1].splitlines()
    heads = {number for number, line in enumerate(lines[1:]) if line.startswith("|---")}
    found = [line for number, line in enumerate(lines) if line.startswith("| ") and number not in heads]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found]


def test_the_errors_are_those_of_the_code() -> None:
    documented = [(int(row[1]), row[0]) for row in rows("errors", "Codes")]

    assert sorted(documented) == sorted(declared.errors())


def test_every_error_says_what_it_means_and_what_to_do() -> None:
    for row in rows("errors", "Codes"):
        assert len(row) == 4
        assert all(len(cell) > 5 for cell in row[2:]), row


def test_the_events_and_their_data_are_those_of_the_code() -> None:
    documented = [(row[0], sorted(row[1].split(", "))) for row in rows("events", "The types")]
    schemas = feed.document()["components"]["schemas"]
    described = [
        (schemas[kind.__name__]["properties"]["type"]["const"], sorted(schemas[f"{kind.__name__}Data"]["properties"]))
        for kind in feed.kinds()
    ]

    assert sorted(documented) == sorted(described)


def test_the_close_codes_are_those_of_the_code() -> None:
    documented = {int(row[0]) for row in rows("events", "The socket") if row[0].isdigit()}

    assert documented == set(feed.CLOSE_CODES)


def test_the_glossary_is_sorted_and_says_each_word_once() -> None:
    words = [line.split("|")[1].strip() for line in PAGES["glossary"].splitlines() if re.match(r"\| (?!word)\w", line)]

    assert words == sorted(words, key=str.casefold)
    assert len(words) == len(set(words)) > 30


def test_the_glossary_knows_every_source_of_a_plan() -> None:
    for source in PlanSource.values:
        assert f"`{source}`" in PAGES["glossary"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_points_to_pages_that_are_there(page: str) -> None:
    for target in re.findall(r"\]\(([\w-]+\.md)\)", PAGES[page]):
        assert (ROOT / "docs" / target).exists()
