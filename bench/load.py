"""The load: wrk on core 1, and what it and the server needed for it.

Invariant: a reading in which a request failed is refused; each says how busy the server's core and the generator were.
"""

import json
import os
import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench import environment
from bench.stage import LOAD_CORE, Server

SCRIPT = Path(__file__).with_name("load.lua")
CONNECTIONS = 32
SLOWEST = 30  # s in which any server answers something


@dataclass(frozen=True, slots=True)
class Reading:
    """Requests a second, latencies (ms), the server's own µs a request, shares of a core, bytes an answer, requests."""

    rate: float
    p50: float
    p99: float
    cpu: float
    busy: float
    load: float
    size: float
    requests: int


def measure(
    server: Server,
    requests: Path,
    *,
    seconds: float,
    connections: int = CONNECTIONS,
    **more: str,
) -> Reading:
    """Ask a server for the requests of a file, for so long; `more` is explained in `load.lua`.

    :raises SystemExit: a request failed.
    """
    pinned = ["taskset", "-c", str(LOAD_CORE)] if (os.cpu_count() or 1) > 1 else []
    command = [*pinned, environment.wrk(), "-t", "1", "-c", str(connections), "--timeout", "10s"]
    command += ["-d", f"{round(seconds)}s", "-s", str(SCRIPT), f"http://127.0.0.1:{server.port}", str(requests)]
    usage, before, started = _children(), server.cpu(), time.monotonic()
    done = subprocess.run(command, env=more, capture_output=True, text=True, check=False)
    spent, span, load = server.cpu() - before, time.monotonic() - started, _children() - usage
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    told = json.loads(lines[-1]) if lines else {}
    if told.get("requests") == 0 and seconds < SLOWEST:  # a busy machine, and a server that was asleep
        return measure(server, requests, seconds=2 * seconds, connections=connections, **more)
    if not lines or told["failed"]:
        raise SystemExit(f"{server.name}: {told or done.stdout + done.stderr}\n{server.child.tail()}")
    return Reading(
        rate=told["requests"] / told["seconds"],
        p50=told["p50"] / 1000,
        p99=told["p99"] / 1000,
        cpu=spent / told["requests"] * 1e6,
        busy=spent / span,
        load=load / span,
        size=told["bytes"] / told["requests"],
        requests=told["requests"],
    )


def _children() -> float:
    """Return the seconds of a core that children that have ended have used: wrk, one at a time."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
