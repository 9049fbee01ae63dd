"""A web server that really runs, for faults that only a real connection can cause.

Invariant: it has a database and a Redis database of its own; nothing that is done to it reaches another test.

The list of faults is in `catalogue.py`; each test is named by the number of its fault.
"""

import contextlib
import http.client
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import redis

from config import up
from config.embedded import ROOT, Servers
from config.embedded_process import Child, Children
from tests import product
from tests.ai import model_server
from tests.ai.model_server import ModelServer
from tests.database.conftest import at_once
from tests.faults import scene as stage
from tests.faults.scene import Scene
from tests.journeys.person import Person

__all__ = ["at_once"]
START_SECONDS = 30
SIGN = "regimen:alive:"
PRICES = {"usd_per_million_in": 1, "usd_per_million_out": 1}
BRISK = {  # what would otherwise take a test half a minute; the product's own values are bench/chaos.py's business
    "JOB_LEASE_SECONDS": "3",
    "JOB_RESEND_SECONDS": "1",
    "CLOCK_SECONDS": "0.3",
    "AI_ATTEMPT_SECONDS": "1.5",
    "AI_FIRST_BYTE_SECONDS": "1.5",
    "AI_DEADLINE_SECONDS": "3",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running web server; `url` ends without a slash."""

    port: int
    environment: dict[str, str] = field(repr=False)  # holds passwords
    child: Child

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def memory(self) -> int:
        """Return what the process holds in memory, in MiB."""
        lines = Path(f"/proc/{self.child.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024

    def database(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.environment["CACHE_URL"])


@pytest.fixture(scope="session")
def server(worker_id: str) -> Iterator[Server]:
    """Start the web server of `manage.py up` alone: no worker, no clock."""
    with _started("uvicorn", worker_id) as running:
        yield running


@pytest.fixture(scope="session")
def daphne(worker_id: str) -> Iterator[Server]:
    """Start the same product behind the other web server."""
    with _started("daphne", worker_id) as running:
        yield running


@pytest.fixture(params=["server", "daphne"], ids=["uvicorn", "daphne"])
def either(request: pytest.FixtureRequest) -> Server:
    """Return each of the web servers in turn."""
    running: Server = request.getfixturevalue(request.param)
    return running


@contextlib.contextmanager
def _started(web_server: str, worker_id: str) -> Iterator[Server]:
    with contextlib.ExitStack() as cleanup:
        servers = cleanup.enter_context(Servers(throwaway=True))
        environment = product.environment(
            **product.own_redis(servers.environment["REDIS_URL"], "faults", worker_id),
            DATABASE_URL=product.empty_database(servers.environment["DATABASE_URL"], "faults", cleanup),
            REQUEST_SECONDS="3",
            WEB_SERVER=web_server,
        )
        up.prepare_database(servers, environment)
        listener = cleanup.enter_context(up.listen(0))
        child = Child(
            *(sys.executable, *up.PROCESSES["web"], "--fd", str(listener.fileno())),
            log=servers.place.data / f"{web_server}_of_the_faults.log",
            keeps=(*servers.place.keeps, listener.fileno()),
            env=environment,
            cwd=ROOT,
        )
        cleanup.callback(child.stop)
        server = Server(listener.getsockname()[1], environment, child)
        _wait_until_alive(server)
        yield server


@pytest.fixture
def person(server: Server) -> Person:
    return Person(server.url)


def _wait_until_alive(server: Server) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        Children([server.child]).check()
        with (
            contextlib.suppress(OSError),
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port)) as ask,
        ):
            ask.request("GET", "/healthz")
            if ask.getresponse().status == http.HTTPStatus.OK:
                return
        time.sleep(0.05)
    raise AssertionError(server.child.tail())


@pytest.fixture(scope="session")
def model() -> Iterator[ModelServer]:
    """A model that everybody's plan may be asked of who has said yes."""
    with ModelServer(model_server.chooses_well, drip_seconds=0.2) as server:
        yield server


@pytest.fixture(scope="session")
def _running(model: ModelServer) -> Iterator[Scene]:
    """Start the product on servers that nobody else uses, once: one web server, one worker, one clock."""
    entry = {
        "name": "stage",
        "model": "stage",
        "base_url": model.url,
        "usd_per_million_in": 1,
        "usd_per_million_out": 1,
    }
    with stage.scene(**BRISK, AI_PROVIDERS=json.dumps([entry])) as running:
        for name in ("web", "worker", "clock"):
            running.add(name)
        running.wait_for(running.is_ready)
        yield running


@pytest.fixture
def scene(_running: Scene, model: ModelServer) -> Iterator[Scene]:
    """Give the running product; whatever a test broke is whole again afterwards, and what it added is gone."""
    model.behaviour = model_server.chooses_well
    _empty(_running)
    yield _running
    for name in [name for name in _running.processes if name not in {"web", "worker", "clock"}]:
        _running.processes.pop(name).kill()
    for victim in (_running.postgres, _running.redis, *_running.processes.values()):
        if victim.child.ended:
            victim.start_again()
    _give_signs(_running)
    _running.wait_for(_running.is_ready)


def _empty(scene: Scene) -> None:
    """Empty the cache, so that no breaker is open; but for signs of life, the next of which is five seconds away."""
    with scene.store() as store:
        store.delete("none", *(key for key in store.scan_iter() if not key.startswith(SIGN.encode())))


def _give_signs(scene: Scene) -> None:
    """Say of who runs that it lives, as it would itself in a while: a Redis that was started again knows of nobody."""
    with scene.store() as store:
        for part in ("worker", "clock"):
            store.set(f"{SIGN}{part}", time.time(), ex=15)


@pytest.fixture
def someone(scene: Scene) -> Person:
    """A person of the scene who lets no model be asked."""
    return Person(scene.url)
