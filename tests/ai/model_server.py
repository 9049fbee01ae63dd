"""A real HTTP server in the place of a model: it answers well, or goes wrong in a chosen way.

Invariant: it speaks OpenAI's chat completions on loopback, and remembers what it was sent.
"""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler", dict[str, Any]], None]
DRIP_SECONDS = 0.2


class Handler(BaseHTTPRequestHandler):
    server: "ModelServer"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
        try:
            self.server.behaviour(self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.server.disconnected.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: a test's output is for its failures."""

    def answer(self, status: int, payload: bytes, content_type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def say(self, content: str, finish_reason: str = "stop") -> None:
        choice = {"message": {"role": "assistant", "content": content}, "finish_reason": finish_reason}
        usage = {"prompt_tokens": 900, "completion_tokens": 80}
        self.answer(200, json.dumps({"choices": [choice], "usage": usage}).encode())


class ModelServer(ThreadingHTTPServer):
    """Use as a context; `url` is what AI_BASE_URL would hold."""

    daemon_threads = True

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = behaviour
        self.requests: list[dict[str, Any]] = []
        self.disconnected = threading.Event()
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def __enter__(self) -> "ModelServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()


def chooses_well(handler: Handler, body: dict[str, Any]) -> None:
    """Pick from the enums of the schema, another id each day."""
    handler.say(json.dumps({"days": picks(body)}))


def picks(body: dict[str, Any]) -> list[dict[str, Any]]:
    schema = body["response_format"]["json_schema"]["schema"]
    fields = schema["properties"]["days"]["items"]["properties"]
    days = []
    for number, date in enumerate(fields["date"]["enum"]):
        day: dict[str, Any] = {"date": date, "reason": "Light and quick."}
        for name, field in fields.items():
            if name in {"date", "reason"}:
                continue
            if field["type"] == "array":
                offered = field["items"]["enum"]
                day[name] = [offered[(number + offset) % len(offered)] for offset in range(min(4, len(offered)))]
            else:
                day[name] = field["enum"][number % len(field["enum"])]
        days.append(day)
    return days


def hangs(handler: Handler, body: dict[str, Any]) -> None:
    """Say nothing until the test is over or the client has gone."""
    handler.server.ended.wait(30)


def drips(handler: Handler, body: dict[str, Any]) -> None:
    """Send one byte at a time, for ever: no read ever times out."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.ended.is_set():
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(DRIP_SECONDS)


def talks_nonsense(handler: Handler, body: dict[str, Any]) -> None:
    handler.say("I would rather talk about the weather.")


def names_unknown_dishes(handler: Handler, body: dict[str, Any]) -> None:
    days = picks(body)
    for day in days:
        day["lunch"] = "peanut_surprise"
    handler.say(json.dumps({"days": days}))


def is_cut_off(handler: Handler, body: dict[str, Any]) -> None:
    handler.say(json.dumps({"days": picks(body)}), finish_reason="length")


def is_not_json(handler: Handler, body: dict[str, Any]) -> None:
    handler.answer(200, b"<html>gateway</html>", "text/html")


def floods(handler: Handler, body: dict[str, Any]) -> None:
    handler.answer(200, b" " * 2_000_000)


def fails_with(status: int) -> Behaviour:
    def behaviour(handler: Handler, body: dict[str, Any]) -> None:
        handler.answer(status, b'{"error": {"type": "server_error"}}')

    return behaviour
