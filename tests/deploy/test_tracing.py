"""What leaves for a collector of traces and for Sentry, caught on loopback.

Invariant: what leaves has no word of a person.
"""

import contextlib
import gzip
import http.server
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import dramatiq
import pytest
import redis

from config import broker as product_broker
from tests import product
from tests.deploy import running
from tests.journeys.person import Person, is_terminal, receive, until
from tests.product import Stack

trace_service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2", reason="extra `otel`")
pytest.importorskip("sentry_sdk", reason="extra `sentry`")

NAME, WISH = "Zerafina Quill", "coriander"


@dataclass(slots=True)
class Caught:
    """What came to a server: path, headers and body of each request."""

    port: int
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def spans(self) -> list[Any]:
        return [
            span
            for path, _, body in list(self.requests)
            if path == "/v1/traces"
            for resource in trace_service.ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@contextlib.contextmanager
def catcher(status: int) -> Iterator[Caught]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            caught.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        caught = Caught(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield caught
        server.shutdown()
        thread.join()


@dataclass(frozen=True, slots=True)
class Scene:
    """The product, a model that is ill, and those who are told."""

    stack: Stack
    model: Caught
    collector: Caught
    sentry: Caught


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with catcher(500) as model, catcher(200) as collector, catcher(200) as sentry:
        provider = {"model": "ill", "name": "ill", "base_url": f"http://127.0.0.1:{model.port}/v1"}
        with running.stack(
            AI_PROVIDERS=json.dumps([provider]),
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{collector.port}",
            OTEL_BSP_SCHEDULE_DELAY="200",
            SENTRY_DSN=f"http://key@127.0.0.1:{sentry.port}/1",
        ) as stack:
            person = Person(stack.url, name=NAME, disliked_foods=[WISH], ai_consent=True)
            with person.listen() as socket:
                receive(socket)
                person.post("/generate-plan", {"kind": "meal", "days": 1, "start_date": "2026-03-02"})
                assert until(socket, is_terminal)[-1]["type"] == "plan.ready"
            yield Scene(stack, model, collector, sentry)


def eventually(find: Callable[[], Any]) -> Any:
    end = time.monotonic() + 20
    while not (found := find()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def named(scene: Scene, name: str) -> list[Any]:
    return [span for span in scene.collector.spans() if span.name == name]


def test_a_request_its_job_and_the_question_to_a_model_are_one_trace(scene: Scene) -> None:
    (job,) = eventually(lambda: named(scene, "generate_plan"))
    (request,) = eventually(lambda: named(scene, "POST api/v1/generate-plan"))
    questions = [span for span in scene.collector.spans() if span.parent_span_id == job.span_id]

    assert job.trace_id == request.trace_id
    assert job.parent_span_id == request.span_id
    assert len(questions) == len(scene.model.requests) > 0
    assert {span.trace_id for span in questions} == {request.trace_id}


def test_a_trace_has_no_word_of_a_person_and_no_question(scene: Scene) -> None:
    eventually(lambda: named(scene, "generate_plan"))
    told = "".join(str(span) for span in scene.collector.spans())

    assert NAME not in told
    assert WISH not in told
    assert "example.org" not in told
    assert "ticket" not in told.replace("ws-ticket", "")


def test_a_model_is_not_told_the_trace(scene: Scene) -> None:
    assert {"traceparent", "tracestate", "baggage", "sentry-trace"}.isdisjoint(
        name for _, headers, _ in scene.model.requests for name in headers
    )


def test_the_probes_make_no_spans(scene: Scene) -> None:
    running.ask(scene.stack.port, "GET", "/healthz")
    running.ask(scene.stack.port, "GET", "/nope")
    eventually(lambda: named(scene, "GET (none)"))

    assert [span.name for span in scene.collector.spans() if "readyz" in span.name or "healthz" in span.name] == []


def test_an_exception_in_a_worker_is_reported_without_what_was_in_its_variables(scene: Scene) -> None:
    message: dramatiq.Message[None] = dramatiq.Message(
        queue_name=product_broker.QUEUE, actor_name="generate_plan", args=(f"not an id {WISH}",), kwargs={}, options={}
    )
    url = scene.stack.environment.get("BROKER_URL", scene.stack.environment["REDIS_URL"])
    with redis.Redis.from_url(url) as client:
        sender = product_broker.WakingBroker(client=client, namespace="regimen", middleware=[])  # type: ignore[no-untyped-call]
        sender.declare_queue(product_broker.QUEUE)
        sender.enqueue(message)

    def reported() -> list[bytes]:
        return [body for _, _, body in list(scene.sentry.requests) if b"ValueError" in body]

    (report, *_) = eventually(reported)
    assert b'"vars"' not in report
    assert b"badly formed hexadecimal UUID string" in report


def test_without_an_endpoint_and_a_dsn_nothing_is_traced_or_reported() -> None:
    parts = ("config.tracing", "opentelemetry.exporter.otlp", "sentry_sdk")
    program = f"import sys, django; django.setup(); import config.asgi; print([*filter(sys.modules.get, {parts})])"

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=running.ROOT,
        env=product.environment(DATABASE_URL="postgresql://nobody@127.0.0.1/nothing", REDIS_URL="redis://127.0.0.1"),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
