"""Several processes of one web server: both serve, one that dies comes back, and together they end in order."""

import contextlib
import http.client
import itertools
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from config import up
from config.embedded import ROOT
from config.embedded_process import Child
from tests.workers import rolling
from tests.workers.rolling import Product, eventually
from tests.workers.test_drain import CROWD, Load

SERVE = ("-m", "config.serve", "--workers", "2")
OK = http.client.OK
numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Several:
    """A server of two processes, on a port of its own."""

    child: Child
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def processes(self) -> list[int]:
        pid = self.child.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def ask(self, path: str) -> tuple[int, str]:
        """Ask on a new connection."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as line:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read().decode()

    @contextlib.contextmanager
    def without(self, pid: int) -> Iterator[None]:
        """Hold one of the processes still: whoever answers is the other one."""
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def running(worker_id: str) -> Iterator[Product]:
    with rolling.started(worker_id, "several", DRAIN_SECONDS="20") as product:
        yield product


@pytest.fixture(params=["uvicorn", "daphne"])
def start(running: Product, request: pytest.FixtureRequest) -> Iterator[Callable[..., Several]]:
    """Return what starts a server of two processes, on its own port or on `listener`."""
    with contextlib.ExitStack() as cleanup:

        def started(listener: socket.socket | None = None, module: tuple[str, ...] = SERVE) -> Several:
            with contextlib.nullcontext(listener) if listener else up.listen(0) as handed:
                handed.listen(CROWD)
                server = Several(
                    Child(
                        *(sys.executable, *module, "--fd", str(handed.fileno())),
                        log=running.servers.place.data / f"web_several_{next(numbers)}.log",
                        keeps=(*running.servers.place.keeps, handed.fileno()),
                        env={**running.environment, "WEB_SERVER": request.param},
                        cwd=ROOT,
                    ),
                    handed.getsockname()[1],
                )
            cleanup.callback(server.child.stop)
            return server

        yield started


@pytest.fixture
def server(start: Callable[..., Several]) -> Several:
    found = start()
    serves(found)
    return found


def serves(server: Several) -> None:
    """Wait until each of two processes has answered while the other could not."""
    assert eventually(lambda: len(server.processes()) == 2), server.child.tail()
    for pid in server.processes():
        with server.without(pid):
            assert eventually(lambda: up.ask_ready(server.port) == ""), server.child.tail()


def test_each_process_serves(server: Several) -> None:
    answers = []
    for pid in server.processes():
        with server.without(pid):
            answers += [server.ask("/healthz")[0] for _ in range(10)]

    assert answers == [OK] * 20


def test_the_numbers_of_all_processes_are_told_by_each(server: Several) -> None:
    for pid in server.processes():
        with server.without(pid):
            assert [server.ask("/api/v1/today")[0] for _ in range(3)] == [401] * 3

    counted = []
    for pid in server.processes():
        with server.without(pid):
            counted.append(today(server.ask("/metrics")[1]))

    assert counted == [6, 6]


def today(text: str) -> float:
    samples = (one for family in text_string_to_metric_families(text) for one in family.samples)
    return sum(
        one.value
        for one in samples
        if one.name == "regimen_request_seconds_count" and one.labels["route"] == "api/v1/today"
    )


def test_a_process_that_is_killed_leaves_the_others_serving_and_comes_back(server: Several) -> None:
    killed, other = server.processes()
    os.kill(killed, signal.SIGKILL)
    assert eventually(lambda: killed not in server.processes())

    answers = [server.ask("/healthz")[0] for _ in range(20)]
    serves(server)

    assert answers == [OK] * 20
    assert other in server.processes()


def test_all_end_in_order_and_no_request_fails(running: Product, start: Callable[..., Several]) -> None:
    old = start(running.listener)
    serves(old)
    running.end("web")  # from here on the two alone take what comes
    with Load(running.url, people=4) as load:
        new = start(running.listener)
        assert eventually(lambda: len(load.done) > 60), (
            load.failed[:5],
            len(load.done),
            old.child.tail(40),
            old.processes(),
        )
        assert eventually(lambda: len(new.processes()) == 2)
        processes = old.processes()
        old.child.ask_to_stop()
        status = old.child.process.wait(rolling.SECONDS)
        served = len(load.done)
        assert eventually(lambda: len(load.done) > served + 60)
    running.start("web")
    running.ready()

    assert (status, load.failed) == (0, [])
    assert not any(Path(f"/proc/{pid}").exists() for pid in processes)


def test_whoever_has_connected_before_the_word_is_answered(server: Several) -> None:
    processes = server.processes()
    with contextlib.ExitStack() as crowd:
        for pid in processes:
            crowd.enter_context(server.without(pid))
        lines = [crowd.enter_context(socket.create_connection(("127.0.0.1", server.port), 60)) for _ in range(CROWD)]
        for line in lines:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        server.child.ask_to_stop()
        for pid in processes:
            os.kill(pid, signal.SIGCONT)

        answers = [line.recv(12) for line in lines]
        status = server.child.process.wait(rolling.SECONDS)

    assert answers == [b"HTTP/1.1 200"] * CROWD
    assert status == 0


def test_no_process_outlives_the_one_that_keeps_them(server: Several) -> None:
    processes = server.processes()

    server.child.process.kill()
    server.child.process.wait(rolling.SECONDS)

    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes))


def test_where_none_can_be_started_the_whole_ends_and_says_so(running: Product) -> None:
    with up.listen(0) as handed:
        child = Child(
            *(sys.executable, "-m", "config.several", "--workers", "2", "--fd", str(handed.fileno())),
            log=running.servers.place.data / "web_broken.log",
            keeps=(*running.servers.place.keeps, handed.fileno()),
            env={**running.environment, "WEB_SERVER": "none"},
            cwd=ROOT,
        )
        running.cleanup.callback(child.stop)

    assert child.process.wait(rolling.SECONDS) == 1
    assert "WEB_SERVER is uvicorn or daphne" in child.log.read_text()
