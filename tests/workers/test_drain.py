"""Deploys: what processes do with SIGTERM while people are being served."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from config import going, up
from config.embedded import ROOT
from tests.ai import model_server
from tests.ai.model_server import ModelServer
from tests.journeys.person import Person, is_terminal, receive, until
from tests.workers import rolling
from tests.workers.rolling import Product, eventually
from tests.workers.stream import Stream

DAY = {"kind": "meal", "start_date": "2026-03-02", "days": 1}
CROWD = 400  # more than a server takes in one turn of its loop


@pytest.fixture(scope="module")
def running(worker_id: str) -> Iterator[Product]:
    """A product whose leases outlast the test: a job that comes back was given back."""
    with rolling.started(
        worker_id, "drain", DRAIN_SECONDS="20", JOB_LEASE_SECONDS="600", JOB_RESEND_SECONDS="600", CLOCK_SECONDS="0.5"
    ) as product:
        yield product


class Load:
    """People who read and write all the time, on connections that are kept and on fresh ones."""

    def __init__(self, base: str, people: int) -> None:
        self.people = [Person(base) for _ in range(people)]
        self.done: list[int] = []
        self.failed: list[str] = []
        self._enough = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(person,), kwargs={"keeps": number % 2 == 0})
            for number, person in enumerate(self.people)
        ]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, person: Person, *, keeps: bool) -> None:
        with contextlib.ExitStack() as stack:
            line = http.client.HTTPConnection(person.base.removeprefix("http://"), timeout=60)
            stack.callback(line.close)
            for number in range(1_000_000):
                if self._enough.is_set():
                    return
                self._once(line, person, number)
                if not keeps:
                    line.close()

    def _once(self, line: http.client.HTTPConnection, person: Person, number: int) -> None:
        headers = {"Authorization": f"Bearer {person.access}", "Content-Type": "application/json"}
        body = json.dumps({"date": "2026-03-02", "weight": 60 + number % 40})
        writes = number % 3 == 0
        try:
            line.request("POST" if writes else "GET", f"/api/v1/{'progress' if writes else 'today'}", body, headers)
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.failed.append(repr(error))
            line.close()
        else:
            (self.done if answer.status in {200, 201} else self.failed).append(answer.status)  # type: ignore[arg-type]


def job(person: Person, job_id: str) -> dict[str, Any]:
    return dict(person.get(f"/jobs/{job_id}")[1])


def endings(person: Person) -> list[str]:
    _, page = person.get("/events?after=0&limit=200")
    return [event["type"] for event in page["items"] if is_terminal(event)]


def test_a_rolling_restart_under_load_fails_no_request(running: Product) -> None:
    with Load(running.url, people=6) as load:
        for _ in range(2):
            gone = running.replace("web")
            served = len(load.done)
            assert (gone.process.returncode, load.failed) == (0, [])
            assert eventually(lambda: len(load.done) > served + 60)  # noqa: B023

    assert load.failed == []


def test_whoever_has_connected_before_the_word_is_answered(running: Product) -> None:
    """On a port of the server's own, as in a container: what it leaves in the kernel's queue is reset."""
    with up.listen(0) as own:
        own.listen(CROWD)
        port = own.getsockname()[1]
        gone = up.start_process("web", running.servers, running.environment, own, "web_alone")
        running.cleanup.callback(gone.stop)
    assert eventually(lambda: up.ask_ready(port) == "")
    with contextlib.ExitStack() as crowd:
        os.killpg(gone.process.pid, signal.SIGSTOP)
        lines = [crowd.enter_context(socket.create_connection(("127.0.0.1", port), 60)) for _ in range(CROWD)]
        for line in lines:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        gone.ask_to_stop()
        os.killpg(gone.process.pid, signal.SIGCONT)

        answers = [line.recv(12) for line in lines]

    assert answers == [b"HTTP/1.1 200"] * CROWD
    assert gone.process.wait(60) == 0


def test_nginx_lets_go_of_idle_connections_before_a_server_that_goes_closes_them() -> None:
    upstream = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text().split("upstream web {")[1].split("}")[0]

    assert 1.5 * int(re.findall(r"keepalive_timeout (\d+)s;", upstream)[0]) < going.IDLE_SECONDS


def test_a_request_in_flight_is_answered_by_the_server_that_goes(running: Product) -> None:
    person = Person(running.url)
    running.end("worker")

    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(person.post, "/generate-plan", DAY, Prefer="wait=4")
        assert eventually(lambda: person.get("/jobs")[1]["items"] != [])
        gone = running.replace("web")
        status, answer = waiting.result()

    running.start("worker")
    assert (status, answer["status"], gone.process.returncode) == (202, "queued", 0)


def test_a_socket_is_told_to_come_back_and_misses_nothing(running: Product) -> None:
    person = Person(running.url)
    with person.listen() as socket:
        receive(socket)
        person.post("/progress", {"date": "2026-03-01", "weight": 70})
        last = receive(socket)["seq"]
        running.replace("web")
        with pytest.raises(ConnectionClosed) as closed:
            receive(socket)
    person.post("/progress", {"date": "2026-03-02", "weight": 70})

    with person.listen(after=last) as socket:
        assert receive(socket)["type"] == "hello"
        again = receive(socket)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert (again["seq"], again["data"]["date"]) == (last + 1, "2026-03-02")


def test_a_stream_is_ended_and_goes_on_at_the_next_server(running: Product) -> None:
    person = Person(running.url)
    with Stream(person) as stream:
        stream.next()
        running.replace("web")
        rest = list(stream.entries())
    person.post("/progress", {"date": "2026-03-02", "weight": 70})

    with Stream(person, **{"Last-Event-ID": "0"}) as stream:
        assert [stream.next()[1]["type"] for _ in range(2)] == ["hello", "progress.logged"]
    assert rest == []


def test_a_worker_that_goes_ends_what_it_does(running: Product) -> None:
    people = [Person(running.url) for _ in range(4)]
    jobs = [(person, person.post("/generate-plan", {**DAY, "days": 7})[1]["id"]) for person in people]

    gone = running.replace("worker")

    assert gone.process.returncode == 0
    assert eventually(lambda: all(job(person, each)["status"] == "succeeded" for person, each in jobs))
    assert [job(person, each)["attempts"] for person, each in jobs] == [1] * 4
    assert [endings(person) for person in people] == [["plan.ready"]] * 4


def test_a_job_that_takes_too_long_is_given_to_another_worker_at_once(running: Product) -> None:
    with ModelServer(model_server.hangs) as model:
        provider = {"name": "slow", "adapter": "openai_compatible", "model": "m", "base_url": model.url}
        running.end("worker")
        patient = {"AI_ATTEMPT_SECONDS": "90", "AI_DEADLINE_SECONDS": "90", "AI_FIRST_BYTE_SECONDS": "90"}
        running.start("worker", AI_PROVIDERS=json.dumps([provider]), **patient)
        person = Person(running.url, ai_consent=True)
        with person.listen() as socket:
            asked = person.post("/generate-plan", DAY)[1]["id"]
            assert eventually(lambda: bool(model.requests)), running.children["worker"].tail()

            running.replace("worker")
            ending = until(socket, is_terminal)[-1]

    found = job(person, asked)
    assert (ending["type"], found["status"], found["attempts"]) == ("plan.ready", "succeeded", 1)
    assert endings(person) == ["plan.ready"]


def test_a_clock_ends_between_two_ticks(running: Product) -> None:
    gone = running.replace("clock")

    assert gone.process.returncode == 0
