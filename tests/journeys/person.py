"""A person with a device: talks to a running stack over real HTTP and a real WebSocket.

Invariant: knows the public contract only.
"""

import itertools
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests import factories

TIMEOUT = 30
TERMINAL = {"plan.ready", "plan.failed", "plan.cancelled"}
_numbers = itertools.count(1)


class Person:
    """Registers on creation; `base` is the stack's address."""

    def __init__(self, base: str, **profile: Any) -> None:
        self.base = base
        self.access = ""
        email = f"journey{os.getpid()}-{next(_numbers)}@example.org"
        status, answer = self.post("/register", {**factories.REGISTRATION, "email": email, **profile})
        assert status == 201, answer
        self.access, self.refresh, self.user = answer["access"], answer["refresh"], answer["user"]

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return the status and the JSON of an answer; paths are below /api/v1."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.base}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
        )
        if self.access:
            request.add_header("Authorization", f"Bearer {self.access}")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def get(self, path: str) -> tuple[int, Any]:
        return self.request("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        return self.request("POST", path, body, **headers)

    def ticket(self) -> str:
        status, answer = self.post("/ws-ticket")
        assert status == 200, answer
        return str(answer["ticket"])

    def listen(self, after: int | None = None, **headers: str) -> ClientConnection:
        """Open the event feed with a fresh ticket."""
        resume = "" if after is None else f"&after={after}"
        return open_socket(self.base, f"?ticket={self.ticket()}{resume}", **headers)


def open_socket(base: str, query: str, **headers: str) -> ClientConnection:
    address = base.replace("http", "ws", 1)
    return connect(f"{address}/ws/events{query}", additional_headers=headers, proxy=None)


def receive(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(socket.recv(timeout=TIMEOUT))
    return message


def until(socket: ClientConnection, ends: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Return what came, up to the first message that ends it."""
    seen = []
    while True:
        seen.append(receive(socket))
        if ends(seen[-1]):
            return seen


def is_terminal(event: dict[str, Any]) -> bool:
    return event["type"] in TERMINAL
