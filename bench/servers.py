"""`manage.py bench servers`: the product under daphne, uvicorn and granian, and which protections each lets it keep.

Invariant: the same application, the same limits in its environment; a protection counts only when it was seen to work.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

from bench import contenders, load, reads
from bench.report import Section
from bench.stage import NOWHERE, Server, open_stage

COLUMNS = ("", *contenders.SERVERS)
PATIENCE = 9.0  # s, with REQUEST_SECONDS=3
CHUNK, CHUNKS = 1 << 20, 64


def compare(*, small: bool) -> list[Section]:
    """Measure each server, then try what must not hurt it."""
    found: dict[str, dict[str, str]] = {}
    with open_stage() as stage:
        told = stage.seed(users=100, dates=1)
        seconds = 2 if small else 3
        for name in contenders.SERVERS:
            hits, alone = contenders.product(name), contenders.product(name, "", CACHE_URL=NOWHERE)
            server = stage.serve(hits.name, hits.command, REQUEST_SECONDS="3", **hits.more)
            reads.warm([server], told)
            rows = {"memory, MiB": f"{server.memory():.0f}"}
            for _ in range(2):
                cached = load.measure(server, Path(told["hot"]), seconds=seconds)
            rows["cached reads/s"] = f"{cached.rate:,.0f} (p99 {cached.p99:.1f} ms)"
            closing = load.measure(server, Path(told["hot"]), seconds=seconds, CLOSE="1")
            rows["with a connection each"] = f"{closing.rate:,.0f}/s"
            plain = stage.serve(alone.name, alone.command, **alone.more)
            reads.warm([plain], told)
            rows["reads/s without a cache"] = f"{load.measure(plain, Path(told['hot']), seconds=seconds).rate:,.0f}"
            plain.child.stop()
            rows |= _protections(server, told["pairs"][len(found)][1])
            found[name] = rows
    labels = next(iter(found.values())).keys()
    table = [(label, *(rows.get(label, "") for rows in found.values())) for label in labels]
    return [Section("servers", "Servers under the product", COLUMNS, table)]


def _protections(server: Server, token: str) -> dict[str, str]:
    return {
        "a head that never ends": _slow(server, b"GET /api/v1/today HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "),
        "a body that never ends": _slow(server, _head(token, 500) + b"{"),
        "64 MiB of body": _large(server, token),
        "SIGTERM during a request": _drained(server, token),
    }


def _head(token: str, length: int) -> bytes:
    return (
        f"POST /api/v1/progress HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def _slow(server: Server, begun: bytes) -> str:
    """Begin a request, go on a byte a second, and see whether the server ends it."""
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(begun)
        started = time.monotonic()
        client.settimeout(1)
        while (took := time.monotonic() - started) < PATIENCE:
            try:
                answer = client.recv(100)
            except TimeoutError:
                with contextlib.suppress(OSError):  # it shows with the next look
                    client.sendall(b"x")
            except OSError:
                return f"closed after {took:.0f} s"
            else:
                said = answer.split(b" ")[1].decode() if answer else "closed"
                return f"{said} after {took:.0f} s"
    return f"NOT ended within {PATIENCE:.0f} s"


def _large(server: Server, token: str) -> str:
    """Send far more than is taken, and see what the server makes of it."""
    before = server.memory()
    status = "closed"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        with contextlib.suppress(OSError):
            client.sendall(_head(token, CHUNK * CHUNKS))
            for _ in range(CHUNKS):
                client.sendall(b" " * CHUNK)
        with contextlib.suppress(OSError, IndexError):
            status = client.recv(100).split(b" ")[1].decode()
    return f"{status}, {max(0.0, server.memory() - before):+.0f} MiB"


def _drained(server: Server, token: str) -> str:
    """Have a request wait for its plan (nobody makes one), end the server, and see whether it is answered."""
    answers: list[Any] = []

    def wait() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Prefer": "wait=3"}
        body = json.dumps({"kind": "meal", "days": 1, "start_date": "2026-07-01"})
        try:
            connection.request("POST", "/api/v1/generate-plan", body, headers)
            answers.append(connection.getresponse().status)
        except (OSError, http.client.HTTPException) as error:
            answers.append(type(error).__name__)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(1)
    os.killpg(server.child.process.pid, signal.SIGTERM)
    thread.join()
    return f"answered {answers[0]}" if answers[0] in {200, 202} else f"DROPPED ({answers[0]})"
