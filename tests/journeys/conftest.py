"""The whole product, really running, for the journeys: web server, worker and clock as processes of their own.

Invariant: it shares servers with the other tests but no data: a database of its own, Redis databases of its own.
"""

import contextlib
import http.client
import json
import os
import secrets
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from django.conf import settings
from psycopg import sql

from config import up
from config.embedded import Servers
from config.embedded_process import Child

DEMO = "demo@example.org", "four blue kettles sing"  # named by the product, registered by nobody yet
REDIS_DATABASES = (range(10, 13), range(13, 16))  # by worker of xdist; those below are the other tests'


@dataclass(frozen=True, slots=True)
class Stack:
    """A running product; `url` ends without a slash."""

    port: int
    environment: dict[str, str] = field(repr=False)  # holds passwords
    children: dict[str, Child]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> dict[str, Any]:
        """Return what `/readyz` says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/readyz")
            return dict(json.loads(connection.getresponse().read()))

    def lose_messages(self) -> None:
        """Forget every message that no worker has taken yet."""
        with redis.Redis.from_url(self.environment["BROKER_URL"]) as client:
            client.flushdb()

    @contextlib.contextmanager
    def without(self, name: str) -> Iterator[None]:
        """Hold a process and its children still for a while, as if they were lost."""
        group = self.children[name].process.pid  # each leads a session of its own
        os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(group, signal.SIGCONT)


@pytest.fixture(scope="session")
def stack(worker_id: str) -> Iterator[Stack]:
    """Start the product as `manage.py up` does, with an empty database and the demo's account named, not registered."""
    with contextlib.ExitStack() as cleanup:
        servers = cleanup.enter_context(Servers(throwaway=True))
        worker = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
        environment = _environment(servers, worker) | {"DATABASE_URL": _database(servers, cleanup)}
        up.prepare_database(servers, environment)
        listener = cleanup.enter_context(up.listen(0))
        children = up.start_processes(servers, environment, listener, cleanup)
        port = listener.getsockname()[1]
        up.wait_until_ready(port, children)
        yield Stack(port, environment, dict(zip(up.PROCESSES, children, strict=True)))


def _environment(servers: Servers, worker: int) -> dict[str, str]:
    """Return all that the processes are told: nothing of the developer's own environment reaches them."""
    base = servers.environment["REDIS_URL"]
    own = zip(("BROKER_URL", "CACHE_URL", "CHANNELS_URL"), REDIS_DATABASES[worker % 2], strict=True)
    urls = {name: urlsplit(base)._replace(path=f"/{number}").geturl() for name, number in own}
    for url in urls.values():
        with redis.Redis.from_url(url) as client:
            client.flushdb()
    return {
        **urls,
        "REDIS_URL": base,
        "ENVIRONMENT": "test",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "JWT_SIGNING_KEY": settings.JWT_SIGNING_KEY,
        "PYTHON_DOTENV_DISABLED": "1",
        "JOB_RESEND_SECONDS": "2",
        "CLOCK_SECONDS": "0.5",
        "DEMO_EMAIL": DEMO[0],
        "DEMO_PASSWORD": DEMO[1],
        "REGIMEN_STAFF_PASSWORD": secrets.token_urlsafe(12),
    }


def _database(servers: Servers, cleanup: contextlib.ExitStack) -> str:
    """Make an empty database beside the tests' own; return its URL. It goes when the processes have gone."""
    given, name = servers.environment["DATABASE_URL"], f"stack_{secrets.token_hex(6)}"
    admin = cleanup.enter_context(psycopg.connect(given, autocommit=True))
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    cleanup.callback(admin.execute, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    return urlsplit(given)._replace(path=f"/{name}").geturl()
