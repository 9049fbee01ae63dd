"""The files under clients/ are what the code makes, and nothing in them names a machine."""

import json
from pathlib import Path

import pytest

from tests.contracts import packages
from tests.contracts.packages import CHECKS, CLIENTS, TYPESCRIPT
from workers.management.commands import generate_contracts


@pytest.fixture(scope="module")
def files() -> dict[Path, str]:
    packages.installed(TYPESCRIPT)
    return generate_contracts.generated()


def test_every_generated_file_is_what_the_code_makes(files: dict[Path, str]) -> None:
    assert generate_contracts.stale(files) == [], "run `python3 manage.py generate_contracts`"


def test_a_file_that_was_changed_or_lost_is_noticed(files: dict[Path, str]) -> None:
    path, text = next(iter(files.items()))

    assert generate_contracts.stale({path: text + " "}) == ["openapi.json"]
    assert generate_contracts.stale({CLIENTS / "lost.json": text}) == ["lost.json"]


def test_making_them_again_makes_the_same(files: dict[Path, str]) -> None:
    assert generate_contracts.generated() == files


@pytest.mark.parametrize("folder", [TYPESCRIPT, CHECKS], ids=lambda folder: folder.name)
def test_a_lock_file_pins_every_package_and_names_no_registry(folder: Path) -> None:
    text = (folder / "package-lock.json").read_text()
    pinned = {name: one for name, one in json.loads(text)["packages"].items() if name}

    assert pinned
    assert [name for name, one in pinned.items() if not ("integrity" in one or one.get("inBundle"))] == []
    assert '"resolved"' not in text
    assert "://" not in text  # npm also writes where packages ask for money: delete `funding`
