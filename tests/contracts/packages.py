"""The packages of clients/ that the tests run: installed as their lock files say, built from what is there now.

Invariant: without npm a developer's tests are skipped with the reason; under CI that is a failure.
"""

import fcntl
import hashlib
import os
import shutil
from pathlib import Path

import pytest

from tests.contracts.declared import ROOT
from workers.management.contracts import node

CLIENTS = ROOT / "clients"
TYPESCRIPT, CHECKS, POSTMAN = CLIENTS / "typescript", CLIENTS / "checks", CLIENTS / "postman"
SOURCES = ("src", "test", "examples")
NODE = ("node", "--experimental-websocket", "--no-warnings")


def installed(folder: Path) -> Path:
    """Return the folder, its packages installed."""
    if shutil.which("npm") is None and not os.environ.get("CI"):
        pytest.skip("npm is not installed here: the clients are not tested")
    node.install(folder)
    return folder


def built() -> Path:
    """Return the TypeScript client's folder, compiled; of two processes that want it, one does."""
    folder = installed(TYPESCRIPT)
    files = [folder / "tsconfig.json", *sorted(path for name in SOURCES for path in (folder / name).glob("*.ts"))]
    wanted = hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()
    stamp = folder / "build" / ".built-for"
    with (folder / "tsconfig.json").open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (stamp.exists() and stamp.read_text() == wanted):
            shutil.rmtree(folder / "build", ignore_errors=True)
            node.run("tsc", folder=folder)
            stamp.write_text(wanted)
    return folder
