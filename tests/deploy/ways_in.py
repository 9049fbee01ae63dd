"""Debian's nginx with the shipped configuration, for the tests of the way in.

Invariant: what is changed for a test are addresses, ports and folders, nothing else.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.embedded_process import Child, free_port
from tests.deploy import running

CONFIGURATION = running.DEPLOY / "nginx" / "nginx.conf"


@dataclass(slots=True)
class Nginx:
    """A running nginx."""

    port: int
    child: Child
    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def logged(self, **fields: object) -> dict[str, Any]:
        """Return the first line of the log with these fields: nginx writes it when the answer has gone, so it waits."""
        for _ in range(100):
            for line in map(json.loads, (self.folder / "access.log").read_text().splitlines()):
                if fields.items() <= line.items():
                    return dict(line)
            time.sleep(0.05)
        raise AssertionError(f"nginx wrote no line with {fields}")


@contextlib.contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[Nginx]:
    """Run nginx with the shipped configuration in front of the web server at `upstream`."""
    port = free_port()
    changes = {
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "server web:8000 resolve": f"server 127.0.0.1:{upstream}",
        "/tmp/": f"{folder}/",  # noqa: S108 - the shipped file's
        "/dev/stdout": f"{folder}/access.log",
    }
    file = running.written(CONFIGURATION, changes, folder / "nginx.conf")
    account = "user root;" if os.geteuid() == 0 else ""  # a test's folder is closed to others
    options = ("-p", folder, "-c", file, "-g", f"daemon off; {account}")
    child = Child(running.find("nginx"), *options, log=folder / "nginx.log")
    try:
        assert child.becomes(lambda: is_listening(port)), child.tail()
        yield Nginx(port, child, folder)
    finally:
        child.stop()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass(slots=True)
class Echo:
    """A web server's stand-in that keeps the headers it gets."""

    port: int
    seen: list[dict[str, str]] = field(default_factory=list)
