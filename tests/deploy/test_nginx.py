"""The way in, as Debian's nginx runs deploy/nginx/nginx.conf before the running product.

Invariant: the product behind it is real, but where a test looks at what reaches it.
"""

import contextlib
import gzip
import http.server
import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.embedded_process import free_port
from tests.deploy import running, ways_in
from tests.deploy.ways_in import Echo, Nginx
from tests.journeys.person import Person, is_terminal, open_socket, receive, until
from tests.product import Stack

MEBIBYTE = 1024 * 1024
JSON = "application/json"
STRANGER = "127.0.0.2"  # a client that is no proxy of ours


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    running.find("nginx")
    with running.stack() as started:
        yield started


@pytest.fixture(scope="module")
def way_in(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with ways_in.nginx(tmp_path_factory.mktemp("nginx"), stack.port) as started:
        yield started


@pytest.fixture(scope="module")
def person(way_in: Nginx) -> Person:
    """Somebody who comes in through nginx, with a week of plans."""
    somebody = Person(way_in.url)
    with somebody.listen() as socket:
        receive(socket)
        somebody.post("/generate-plan", {"kind": "both", "days": 7, "start_date": "2026-03-02"})
        assert until(socket, is_terminal)[-1]["type"] == "plan.ready"
    return somebody


@pytest.fixture
def echo() -> Iterator[Echo]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kept.seen.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        kept = Echo(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


@pytest.fixture
def before_echo(echo: Echo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with ways_in.nginx(tmp_path_factory.mktemp("echo"), echo.port) as started:
        yield started


def test_the_configuration_is_accepted(way_in: Nginx) -> None:
    checked = subprocess.run(
        [running.find("nginx"), "-t", "-p", way_in.folder, "-c", way_in.folder / "nginx.conf"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


def test_a_plan_is_watched_live_through_it(person: Person) -> None:
    with person.listen() as socket:
        first = receive(socket)
        person.post("/progress", {"date": "2026-03-01", "weight": 70})
        told = receive(socket)

    assert first["type"] == "hello"
    assert (told["type"], told["seq"]) == ("progress.logged", first["seq"] + 1)


@pytest.mark.parametrize("size", [MEBIBYTE + 1, 50 * MEBIBYTE])
def test_a_body_over_the_limit_is_refused_as_a_problem_before_it_is_read(way_in: Nginx, size: int) -> None:
    with socket.create_connection(("127.0.0.1", way_in.port), timeout=10) as client:
        head = f"POST /api/v1/progress HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n"
        client.sendall(head.encode())
        answer = client.recv(65536).decode()

    lines, _, body = answer.partition("\r\n\r\n")
    assert lines.startswith("HTTP/1.1 413 ")
    assert "Content-Type: application/problem+json" in lines
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (413, "body_too_large")
    assert f"X-Request-ID: {problem['request_id']}" in lines


def test_a_chunked_body_has_the_same_limit(way_in: Nginx) -> None:
    with socket.create_connection(("127.0.0.1", way_in.port), timeout=10) as client:
        client.sendall(b"POST /api/v1/progress HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        with contextlib.suppress(OSError):
            for _ in range(20):
                client.sendall(chunk)
        answer = client.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_below_it_is_judged_by_the_api(way_in: Nginx) -> None:
    status, headers, body = running.ask(way_in.port, "POST", "/api/v1/login", b" " * (MEBIBYTE // 2), Content_Type=JSON)

    assert (status, json.loads(body)["code"]) == (413, "body_too_large")
    assert json.loads(body)["request_id"] == headers["X-Request-ID"]


def test_what_a_stranger_says_of_itself_counts_for_nothing(before_echo: Nginx, echo: Echo) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9, 10.0.0.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Request-ID": "<script>",
    }

    running.ask_from(STRANGER, before_echo.port, "GET", "/", headers=forged)

    (seen,) = echo.seen
    assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == (STRANGER, "http")
    assert "x-forwarded-host" not in seen
    assert len(seen["x-request-id"]) == 32


def test_a_balancer_before_it_is_believed_about_its_own_client_only(before_echo: Nginx, echo: Echo) -> None:
    for forged in ("", "198.51.100.66, "):
        running.ask(
            before_echo.port, "GET", "/", X_Forwarded_For=f"{forged}203.0.113.9, 10.0.0.5", X_Forwarded_Proto="https"
        )

    assert {(seen["x-forwarded-for"], seen["x-forwarded-proto"]) for seen in echo.seen} == {("203.0.113.9", "https")}


def test_a_request_keeps_its_id_from_the_client_to_the_log(way_in: Nginx) -> None:
    _, headers, _ = running.ask(way_in.port, "GET", "/healthz?who=ada", X_Request_ID="a-request-of-ada")

    assert headers.get_all("X-Request-ID") == ["a-request-of-ada"]
    line = way_in.logged(request_id="a-request-of-ada")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/healthz", 200)


def test_no_ticket_is_in_the_log(way_in: Nginx, person: Person) -> None:
    ticket = person.ticket()
    with open_socket(way_in.url, f"?ticket={ticket}") as socket:
        receive(socket)

    way_in.logged(path="/ws/events", status=101)
    assert ticket not in (way_in.folder / "access.log").read_text()


@pytest.mark.parametrize("path", ["/", "/api/v1/today", "/admin/login/", "/nope"])
def test_every_header_of_the_product_comes_once(way_in: Nginx, stack: Stack, person: Person, path: str) -> None:
    token = f"Bearer {person.access}"
    _, here, _ = running.ask(way_in.port, "GET", path, Authorization=token)
    _, there, _ = running.ask(stack.port, "GET", path, Authorization=token)
    own = {"server", "date", "connection", "transfer-encoding", "x-request-id", "set-cookie", "content-length"}

    assert {name.lower() for name in there} - own <= {name.lower() for name in here}
    assert {name.lower() for name in here if len(here.get_all(name, [])) > 1} <= {"set-cookie", "vary"}
    assert here["X-Frame-Options"] == "DENY"
    assert here["X-Content-Type-Options"] == "nosniff"
    assert here["Server"] == "nginx"


def test_a_large_answer_is_compressed_for_those_who_can_read_that(way_in: Nginx, person: Person) -> None:
    path, token = "/api/v1/meal-plans?from=2026-03-02&to=2026-03-08", f"Bearer {person.access}"
    _, plain_headers, plain = running.ask(way_in.port, "GET", path, Authorization=token)
    _, packed_headers, packed = running.ask(way_in.port, "GET", path, Authorization=token, Accept_Encoding="gzip")

    assert "Content-Encoding" not in plain_headers
    assert packed_headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 3
    assert "Accept-Encoding" in ", ".join(packed_headers.get_all("Vary", []))


def test_what_was_compressed_can_be_asked_for_again_and_changed_by_its_tag(way_in: Nginx, person: Person) -> None:
    path, token = "/api/v1/meal-plan?date=2026-03-02", f"Bearer {person.access}"
    _, headers, _ = running.ask(way_in.port, "GET", path, Authorization=token, Accept_Encoding="gzip")
    tag = headers["ETag"]
    again, _, _ = running.ask(way_in.port, "GET", path, Authorization=token, Accept_Encoding="gzip", If_None_Match=tag)
    swap = {"date": "2026-03-02", "slot": "dinner"}
    refused, _ = person.request("POST", "/meal-plan/swap", swap, **{"If-Match": 'W/"of another day"'})
    changed, answer = person.request("POST", "/meal-plan/swap", swap, **{"If-Match": tag})

    assert tag.endswith('-gzip"')
    assert (again, refused, changed) == (304, 412, 200), answer


def test_the_metrics_are_not_for_the_outside(way_in: Nginx) -> None:
    status, headers, body = running.ask(way_in.port, "GET", "/metrics")

    assert (status, json.loads(body)["code"]) == (404, "not_found")
    assert headers["Content-Type"] == "application/problem+json"


def test_without_a_web_server_the_answer_is_a_problem_that_says_when_to_come_again(tmp_path: Path) -> None:
    with ways_in.nginx(tmp_path, free_port()) as alone:
        status, headers, body = running.ask(alone.port, "GET", "/api/v1/today")

    assert (status, json.loads(body)["code"]) == (503, "unavailable")
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Retry-After"] == "2"


def test_a_reload_loses_no_request_and_no_socket(way_in: Nginx, person: Person) -> None:
    stop = threading.Event()

    def keep_asking(_: int) -> list[int]:
        answers = []
        while not stop.is_set():
            answers.append(running.ask(way_in.port, "GET", "/healthz", Connection="close")[0])
        return answers

    with person.listen() as socket, ThreadPoolExecutor(4) as pool:
        receive(socket)
        asking = [pool.submit(keep_asking, number) for number in range(4)]
        for _ in range(3):
            way_in.child.process.send_signal(signal.SIGHUP)
            stop.wait(0.7)
        stop.set()
        statuses = [status for asked in asking for status in asked.result()]
        person.post("/progress", {"date": "2026-03-07", "weight": 70})
        told = receive(socket)

    assert set(statuses) == {200}
    assert len(statuses) > 50
    assert told["type"] == "progress.logged"


def test_its_end_waits_for_the_requests_that_are_under_way(person: Person, stack: Stack, tmp_path: Path) -> None:
    with ways_in.nginx(tmp_path, stack.port) as ending, ThreadPoolExecutor(1) as pool:
        with socket.create_connection(("127.0.0.1", ending.port), timeout=10) as client:
            body = json.dumps({"date": "2026-03-06", "weight": 71}).encode()
            head = (
                f"POST /api/v1/progress HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {JSON}\r\n"
                f"Authorization: Bearer {person.access}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            client.sendall(head.encode() + body[:5])
            ended = pool.submit(end_gently, ending)
            while ways_in.is_listening(ending.port):
                threading.Event().wait(0.02)
            client.sendall(body[5:])
            answer = client.recv(65536)

        assert answer.startswith(b"HTTP/1.1 20")
        assert ended.result() == 0


def end_gently(server: Nginx) -> int:
    server.child.process.send_signal(signal.SIGQUIT)
    return server.child.process.wait(30)
