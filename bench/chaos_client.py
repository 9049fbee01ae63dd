"""A person's client, as an app would be: one connection that is kept, and requests that are repeated when lost.

Invariant: a write is only repeated under the Idempotency-Key, or with the body, that makes repeating it safe.
"""

import contextlib
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.chaos_table import Scale
from tests.faults.scene import Scene

TIMEOUT = 30.0
AWAY = (OSError, http.client.HTTPException)
PAUSE = 0.1
BATCH = 40  # people who are made at once for a small run


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` is None when there was none."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: Any


@dataclass(slots=True)
class Client:
    """A signed-in person. Belongs to one thread."""

    port: int
    id: int
    access: str = field(repr=False)
    repeats: int = 0
    _line: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self.send("POST", path, body, **headers)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request; paths are below /api/v1.

        :raises OSError: no answer came, or only a part of one (`http.client.HTTPException`).
        """
        if self._line is None:
            self._line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        data = None if body is None else json.dumps(body).encode()
        own = {"Authorization": f"Bearer {self.access}", "Content-Type": "application/json"}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._line.request(method, f"/api/v1{path}", data, own)
            answer = self._line.getresponse()
            text = answer.read()
        except AWAY:
            self.hang_up()
            raise
        told = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, told, json.loads(text) if text else None)

    def until_answered(self, method: str, path: str, body: Any = None, *, end: float, **headers: str) -> Answer | None:
        """Repeat until something other than a failure of the server comes back; None: not before `end` (monotonic)."""
        while time.monotonic() < end:
            with contextlib.suppress(*AWAY):
                answer = self.send(method, path, body, **headers)
                if answer.status < 500:
                    return answer
            self.repeats += 1
            time.sleep(PAUSE)
        return None

    def hang_up(self) -> None:
        if self._line:
            self._line.close()
            self._line = None


@dataclass(slots=True)
class Stage:
    """The running product that a part is given, and the people who use it."""

    scene: Scene
    scale: Scale
    spare: list[Client] = field(default_factory=list)

    def people(self, count: int, port: int | None = None) -> list[Client]:
        """Return clients of people whom no other part uses, made in the product's own database."""
        if len(self.spare) < count:
            self.spare += _made(self.scene, max(count, BATCH if self.scale.small else 0))
        taken, self.spare = self.spare[:count], self.spare[count:]
        return [Client(port or self.scene.port, one.id, one.access) for one in taken]

    def needs(self, *names: str) -> None:
        """Have these processes run, and wait until the product is ready."""
        for name in names:
            if name not in self.scene.processes:
                self.scene.add(name)
        self.scene.wait_for(self.scene.is_ready)


def _made(scene: Scene, count: int) -> list[Client]:
    script = Path(__file__).with_name("chaos_people.py")
    done = subprocess.run(
        [sys.executable, str(script), str(count)], env=scene.environment, check=True, capture_output=True, text=True
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return [Client(scene.port, one["id"], one["access"]) for one in found]
