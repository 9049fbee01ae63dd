"""A checkout of the test's own, so that it meets neither the suite's servers nor those of a running `up`.

Invariant: what is made outside the checkout is gone after the test.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import embedded
from config.embedded_programs import Account, Place


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of a checkout for which the environment names no servers."""
    for name in ("DATABASE_URL", "REDIS_URL", "REGIMEN_SERVERS", "PG_BINDIR"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    shutil.rmtree(embedded.base_folder(tmp_path, Account.for_servers()))


@pytest.fixture
def place(checkout: Path) -> Place:
    """Return a place as a slot would give it."""
    account = Account.for_servers()
    base = embedded.base_folder(checkout, account)
    return Place(data=embedded.open_folder(base / "1", account), copies=base, account=account)
