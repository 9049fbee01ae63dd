"""The product really running, for tests that need the processes themselves.

Invariant: it shares servers with the other tests but no data: a database of its own, Redis databases of its own; it
ends with the context that started it.
"""

import contextlib
import http.client
import json
import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from django.conf import settings
from psycopg import sql

from config import up
from config.embedded import Servers
from config.embedded_process import Child

REDIS_NAMES = ("BROKER_URL", "CACHE_URL", "CHANNELS_URL")
# By worker of xdist. Two products on one database take each other's messages; 0 to 5 are the tests' own process.
REDIS_DATABASES = {"faults": (6, 7), "rolling": (8, 9), "journeys": (10, 11), "contracts": (12, 13)}


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


def started(servers: Servers, environment: dict[str, str], cleanup: contextlib.ExitStack) -> Stack:
    """Start web server, worker and clock as `manage.py up` does; return them once they are ready."""
    up.prepare_database(servers, environment)
    listener = cleanup.enter_context(up.listen(0))
    children = up.start_processes(servers, environment, listener, cleanup)
    port = listener.getsockname()[1]
    up.wait_until_ready(port, children)
    return Stack(port, environment, dict(zip(up.PROCESSES, children, strict=True)))


def environment(**more: str) -> dict[str, str]:
    """Return what every process is told: nothing of the developer's own environment reaches them."""
    return {
        "ENVIRONMENT": "test",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "JWT_SIGNING_KEY": settings.JWT_SIGNING_KEY,
        "PYTHON_DOTENV_DISABLED": "1",
        "REGIMEN_STAFF_PASSWORD": secrets.token_urlsafe(12),
        **more,
    }


def number_of(worker_id: str) -> int:
    """Return 0 or 1 for a worker of xdist: each has Redis databases of its own."""
    return 0 if worker_id == "master" else int(worker_id.removeprefix("gw")) % 2


def own_redis(url: str, whose: str, worker_id: str = "master") -> dict[str, str]:
    """Return the settings that give somebody of `REDIS_DATABASES` an empty database of a Redis for everything."""
    return empty_redis(url, dict.fromkeys(REDIS_NAMES, REDIS_DATABASES[whose][number_of(worker_id)]))


def empty_redis(url: str, numbers: Mapping[str, int]) -> dict[str, str]:
    """Return the URLs of these databases of a Redis by the setting's name, and that of the Redis; empty them first."""
    urls = {name: urlsplit(url)._replace(path=f"/{number}").geturl() for name, number in numbers.items()}
    for own in set(urls.values()):
        with redis.Redis.from_url(own) as client:
            client.flushdb()
    return {**urls, "REDIS_URL": url}


def empty_database(url: str, prefix: str, cleanup: contextlib.ExitStack) -> str:
    """Make an empty database beside the one of `url`; return its URL. It goes when the processes have gone."""
    name = f"{prefix}_{secrets.token_hex(6)}"
    admin = cleanup.enter_context(psycopg.connect(url, autocommit=True))
    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    cleanup.callback(admin.execute, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    return urlsplit(url)._replace(path=f"/{name}").geturl()
