"""The server behind the behaviours of `model_server`: it takes questions in three dialects; the answers are theirs.

Invariant: real sockets on loopback; what was asked is kept, and that a client has left is noticed.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.ai import dialects
from tests.ai.dialects import Said

Behaviour = Callable[["Handler", dict[str, Any]], None]
TLS_HELLO = b"\x16"  # the first byte of a client that wants TLS
LEFT = (BrokenPipeError, ConnectionResetError)


class Handler(BaseHTTPRequestHandler):
    """One request; `streams` says whether its answer is to be a stream."""

    server: "ModelServer"
    dialect: dialects.Dialect
    body: dict[str, Any]
    streams: bool

    def handle(self) -> None:
        if self.connection.recv(1, socket.MSG_PEEK) == TLS_HELLO:
            self.connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        else:
            super().handle()

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.dialect = dialects.of(self.path.partition("?")[0])
        asked = bool(self.body.get("stream")) or "alt=sse" in self.path
        self.streams = asked and self.server.streams
        self.server.requests.append({"path": self.path, "headers": dict(self.headers), "body": self.body})
        try:
            self.server.behaviour(self, self.body)
        except LEFT:
            self.server.disconnected.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: a test's output is for its failures."""

    def answer(
        self,
        status: int,
        payload: bytes,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.begin(status, content_type, {"Content-Length": str(len(payload)), **(headers or {})})
        self.wfile.write(payload)

    def begin(self, status: int, content_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()

    def say(self, content: str, finish_reason: str = "stop") -> None:
        """Answer with a model's text, in the dialect of the question and the way it was asked for."""
        self.server.said.append(content)
        said = self.said(content, finish_reason)
        if not self.streams:
            self.answer(200, json.dumps(self.dialect.whole(said)).encode())
            return
        self.begin(200, "text/event-stream; charset=utf-8")
        for event in self.dialect.events(said):
            self.send_event(event)

    def said(self, content: str, finish_reason: str = "stop") -> Said:
        return Said(content, finish_reason, called="tools" in self.body)

    def send_event(self, event: Any) -> None:
        data = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
        self.wfile.write(f"event: any\ndata: {data}\n\n".encode(errors="surrogatepass"))
        self.wfile.flush()

    def wait(self) -> None:
        """Say nothing until the test is over or the client has gone."""
        self.connection.settimeout(0.05)
        while not self.server.ended.is_set():
            try:
                gone = not self.connection.recv(1, socket.MSG_PEEK)
            except TimeoutError:
                continue
            if gone:
                raise BrokenPipeError

    def reset(self) -> None:
        """Close the connection with an RST, as a process that died does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


class ModelServer(ThreadingHTTPServer):
    """Use as a context; `url` is what `base_url` would hold. It streams when asked to, unless `streams` is off."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, behaviour: Behaviour, *, streams: bool = True, drip_seconds: float = 0.2) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = behaviour
        self.streams = streams
        self.drip_seconds = drip_seconds
        self.requests: list[dict[str, Any]] = []
        self.said: list[str] = []
        self.disconnected = threading.Event()
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def tls_url(self) -> str:
        """The same port, addressed by TLS, which it does not speak."""
        return f"https://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients leave, which is what is tested."""

    def __enter__(self) -> "ModelServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()


def closed_url() -> str:
    """Return an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        return f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
