"""What the documents say, held against what there is.

Invariant: a table that is out of date is a failure, like a broken call.
"""

import re
from pathlib import Path

import pytest

from config.api import api

ROOT = Path(__file__).resolve().parents[2]
MAX_README_LINES = 150
MAX_DECISION_LINES = 14
PREFIX = "/api/v1"
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DECISION_PARTS = ["Context", "Decision", "Cost", "Rule"]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def section(title: str) -> str:
    """Return what the README says under `## title`."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"README.md has no section {title!r}"
    return found[1]


def folders() -> set[str]:
    """Return the folders at the top that hold something and are not made by a command."""
    made = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines() if line.endswith("/")}
    visible = (path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name not in made)
    return {path.name for path in visible if any(file.is_file() and file.suffix != ".pyc" for file in path.rglob("*"))}


def named_in(page: Path) -> list[tuple[str, str]]:
    """Return the files that a page names in backticks, each with the test that follows `::`, or an empty string."""
    return re.findall(r"`([\w.-]+/[\w./-]*\.(?:py|md|toml|yml|lock))(?:::(\w+))?`", page.read_text())


def is_there(file: str, test: str) -> bool:
    path = ROOT / file
    return path.exists() and (not test or f"\ndef {test}(" in path.read_text())


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= MAX_README_LINES


def test_the_readmes_table_lists_the_operations_of_the_api() -> None:
    rows = re.findall(r"^\| *`?([A-Z]+)`? *\| *`?(/[^\s`|]*)`? *\|", section("API"), re.MULTILINE)
    documented = [(method, path.removeprefix(PREFIX)) for method, path in rows]
    offered = [
        (method.upper(), path.removeprefix(PREFIX))
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method in operations
    ]

    assert sorted(documented) == sorted(offered)


def test_the_readmes_map_lists_the_folders() -> None:
    listed = re.findall(r"^- `([\w-]+)/`", section("Folders"), re.MULTILINE)

    assert sorted(listed) == sorted(folders())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_test_that_a_page_names_is_there(page: Path) -> None:
    assert [each for each in named_in(page) if not is_there(*each)] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_says_why_what_it_costs_and_what_enforces_it(page: Path) -> None:
    text = page.read_text()

    assert re.findall(r"^- \*\*(\w+)\.\*\*", text, re.MULTILINE) == DECISION_PARTS
    assert len(text.splitlines()) <= MAX_DECISION_LINES
    assert named_in(page) != []
