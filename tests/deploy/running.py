"""The product, and the programs around it, really running for the tests of what is deployed.

Invariant: everything is on loopback, with a database and a Redis of its own, and ends with the context that started it.
"""

import contextlib
import http.client
import os
import secrets
import shutil
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from config import embedded_redis
from config.embedded import Servers
from config.embedded_process import Child, start_on_free_port
from tests import product
from tests.product import Stack

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
Answer = tuple[int, http.client.HTTPMessage, bytes]
PACKAGES = "prometheus prometheus-alertmanager nginx-light docker-compose"


def find(program: str) -> str:
    """Return a program of this machine; where the variable CI is set a missing one is a failure, else it is a skip."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    return _or_not(found, f"no {program} here: `apt-get install --yes --no-install-recommends {PACKAGES}`")


def tool(program: str) -> str:
    """Return a program of the packages that a delivery is checked with; a missing one is as with `find`."""
    found = shutil.which(Path(sys.executable).with_name(program))
    return _or_not(found, f"no {program} here: `python3 manage.py check_delivery` installs it")


def _or_not(found: str | None, reason: str) -> str:
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return str(found)


@contextlib.contextmanager
def servers() -> Iterator[tuple[Servers, dict[str, str]]]:
    """Give servers and the environment that leads to an empty database and an empty Redis."""
    with contextlib.ExitStack() as cleanup:
        given = cleanup.enter_context(Servers(throwaway=True))
        redis, url = embedded_redis.start(given.place, durable=False, beside=secrets.token_hex(4))
        cleanup.callback(redis.stop)
        yield (
            given,
            product.environment(
                DATABASE_URL=product.empty_database(given.environment["DATABASE_URL"], "deploy", cleanup),
                REDIS_URL=url,
                CLOCK_SECONDS="0.5",
                DEMO_EMAIL="demo@example.org",
                DEMO_PASSWORD=secrets.token_urlsafe(12),
            ),
        )


@contextlib.contextmanager
def stack(**more: str) -> Iterator[Stack]:
    """Run web server, worker and clock as `manage.py up` does; `more` joins their environment."""
    with servers() as (given, found), contextlib.ExitStack() as cleanup:
        yield product.started(given, found | more, cleanup)


@contextlib.contextmanager
def program(command: Callable[[int], list[str]], probe: str, folder: Path, **options: Any) -> Iterator[int]:
    """Run a server; `command` makes its arguments of a free port, which is given once it answers `probe` with 200."""

    def start(port: int) -> Child:
        arguments = command(port)
        return Child(*arguments, log=folder / f"{Path(arguments[0]).name}.log", cwd=folder, **options)

    child, port = start_on_free_port(start, lambda port, _child: answers(port, probe))
    try:
        yield port
    finally:
        child.stop()


def answers(port: int, path: str) -> bool:
    """Say whether a server on this machine answers 200."""
    try:
        return ask(port, "GET", path)[0] == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """Send one request over a connection of its own; a header is named as an argument: `If_Match`."""
    return ask_from("127.0.0.1", port, method, path, body=body, headers=headers)


def ask_from(
    address: str, port: int, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str]
) -> Answer:
    """Send one request as the client at `address`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))
    with contextlib.closing(connection):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return answer.status, answer.msg, answer.read()


def written(path: Path, changes: Mapping[str, str], to: Path) -> Path:
    """Copy a configuration with each of `changes` made, which must be possible; return the copy."""
    text = path.read_text()
    for old, new in changes.items():
        assert old in text, f"{path.name} has no {old}"
        text = text.replace(old, new)
    to.write_text(text)
    return to


def get(url: str) -> bytes:
    """Return what is at an address of this machine."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
        body: bytes = answer.read()
    return body
