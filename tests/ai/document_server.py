"""A server that speaks MongoDB's protocol, for the tests of documents: the one of MONGODB_URL, else one of our own.

Invariant: our own is secantusdb, which is not mongod; it runs as a process on loopback, and where the variable CI is
set a missing one is a failure. It is under the GPL: a tool of these tests, which nothing of the product imports.
"""

import contextlib
import importlib.util
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.embedded_process import Child, free_port

MISSING = [name for name in ("pymongo", "secantus") if importlib.util.find_spec(name) is None]


class Secantus:
    """A server whose data outlive a stop."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/regimen"

    def start(self) -> None:
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--storage-path", str(self.folder / "data"))
        self.child = Child(sys.executable, "-m", "secantus", *where, log=self.folder / "secantus.log")
        assert self.child.becomes(self._answers), self.child.tail()

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def _answers(self) -> bool:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.connect(("127.0.0.1", self.port))
            return True
        return False


def require() -> None:
    """Go on only where our own server can be started."""
    if MISSING:
        reason = f"no {' and no '.join(MISSING)}: install the extras `mongo` and `mongo-test`"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Secantus]:
    require()
    server = Secantus(folder)
    server.start()
    yield server
    server.stop()


@contextlib.contextmanager
def any_url(folder: Path) -> Iterator[str]:
    """Give the URL of a database of our own, on the server of MONGODB_URL where one is named."""
    if given := os.environ.get("MONGODB_URL"):
        yield urlsplit(given)._replace(path=f"/regimen_test_{secrets.token_hex(4)}").geturl()
        return
    with running(folder) as server:
        yield server.url
