"""What the servers of a stage have used of a core: web, workers, PostgreSQL, Redis.

Invariant: nothing is counted twice, and what a process of PostgreSQL used is not lost when it ends.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import load
from bench.stage import Server, Stage, cpu_of
from config.embedded_process import Child


@dataclass(frozen=True, slots=True)
class Meter:
    """Reads what has been used so far, in seconds of a core, by part."""

    stage: Stage
    web: Sequence[Server] = ()
    workers: Sequence[Child] = ()

    def read(self) -> dict[str, float]:
        servers = {child.name: child.process.pid for child in self.stage.servers.children}
        return {
            "web": sum(server.cpu() for server in self.web),
            "workers": sum(Server("", 0, worker).cpu() for worker in self.workers),
            "PostgreSQL": sum(_family(pid) for name, pid in servers.items() if "postgres" in name),
            "Redis": sum(cpu_of(pid) for name, pid in servers.items() if "redis" in name),
        }

    def since(self, before: Mapping[str, float], count: float) -> dict[str, float]:
        """Return what was used since `before` for each of so many, in milliseconds of a core."""
        return {part: 1000 * (used - before[part]) / count for part, used in self.read().items()}


def _family(pid: int) -> float:
    """Return what a process, its ended children and its living ones have used, s."""
    return cpu_of(pid, with_ended=True) + sum(map(cpu_of, _children(pid)))


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def per_request(
    meter: Meter, server: Server, requests: Path, *, seconds: float, **more: str
) -> tuple[load.Reading, dict[str, float]]:
    """Ask a server as `load.measure` does; return the reading, and what a request took of each part, ms of a core."""
    before = meter.read()
    reading = load.measure(server, requests, seconds=seconds, connections=load.CONNECTIONS, **more)
    return reading, meter.since(before, reading.requests)
