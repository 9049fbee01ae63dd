"""What is measured on: PostgreSQL and Redis of the bench's own, and servers that are pinned to a core.

Invariant: the server that is measured has core 0 for itself; load, PostgreSQL and Redis share core 1. Everything ends
with the stage.
"""

import contextlib
import http.client
import json
import os
import secrets
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from bench import environment
from config.embedded import Servers
from config.embedded_process import Child, free_port

SERVER_CORE, LOAD_CORE = 0, 1
TICKS = os.sysconf("SC_CLK_TCK")
NOWHERE = "redis://127.0.0.1:1/0"
DATABASE = "bench"


@dataclass
class Server:
    """A running server: its port, its processes, and how it is called in tables."""

    name: str
    port: int
    child: Child

    def processes(self) -> list[int]:
        """Return the processes of its session: gunicorn and granian have several."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if int(_stat(int(entry.name))[3]) == self.child.process.pid:
                    found.append(int(entry.name))
        return found

    def cpu(self) -> float:
        """Return the seconds that its processes have spent on a core."""
        return sum(cpu_of(pid) for pid in self.processes())

    def memory(self) -> float:
        """Return what its processes hold in memory, MiB."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.processes())
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _stat(pid: int) -> list[str]:
    """Return the fields of `/proc/PID/stat` from the state on (proc(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()


def cpu_of(pid: int, *, with_ended: bool = False) -> float:
    """Return the seconds of a core that a process has used, and its ended children if they count."""
    with contextlib.suppress(OSError):
        own_and_ended = _stat(pid)[11:15]  # utime, stime, cutime, cstime
        return sum(map(int, own_and_ended[: 4 if with_ended else 2])) / TICKS
    return 0.0


@dataclass
class Stage:
    """The servers of a run, and what the processes are told."""

    servers: Servers
    environment: dict[str, str] = field(repr=False)
    cleanup: contextlib.ExitStack
    running: list[Server] = field(default_factory=list)

    def serve(self, name: str, command: Sequence[str], *, wait: str = "/", **more: str) -> Server:
        """Start a server on core 0, in whose command PORT stands for the port; wait until it answers."""
        port = free_port()
        full = [part.replace("PORT", str(port)) for part in command]
        server = Server(name, port, self.run(f"web-{len(self.running)}", full, core=SERVER_CORE, **more))
        self.running.append(server)
        end = time.monotonic() + 40
        while not _answers(port, wait):
            if server.child.ended or time.monotonic() > end:
                raise SystemExit(f"{name} did not start:\n{server.child.tail()}")
            time.sleep(0.1)
        return server

    def run(self, name: str, command: Sequence[str], *, core: int | None = None, **more: str) -> Child:
        """Start a process of the bench's environment, `core` None: wherever there is room."""
        pinned = ["taskset", "-c", str(core)] if core is not None and os.cpu_count() != 1 else []
        child = Child(
            *(*pinned, str(environment.PYTHON), *command),
            log=self.servers.place.data / f"{name}.log",
            keeps=self.servers.place.keeps,
            env={**self.environment, **more},
            cwd=environment.ROOT,
        )
        self.cleanup.callback(child.stop)
        return child

    def call(self, *command: str, **more: str) -> str:
        """Run a Python command of the bench's environment to its end; return what it printed."""
        done = subprocess.run(
            [str(environment.PYTHON), *command],
            env={**self.environment, **more},
            cwd=environment.ROOT,
            stdout=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed")
        return done.stdout.decode()

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)

    def empty_redis(self) -> None:
        with redis.Redis.from_url(self.environment["REDIS_URL"]) as client:
            client.flushall()

    def seed(self, **figures: int) -> dict[str, Any]:
        """Fill the database as `bench.seed` says; return what it tells."""
        folder = self.servers.place.data
        arguments = [f"{name}={value}" for name, value in {**figures, "folder": folder}.items()]
        return dict(json.loads(self.call("-m", "bench.seed", *arguments).splitlines()[-1]))


@contextlib.contextmanager
def open_stage() -> Any:
    """Start PostgreSQL and Redis with durable data, make an empty database, migrate it."""
    environment.ensure()
    with contextlib.ExitStack() as cleanup:
        servers = cleanup.enter_context(Servers(root=environment.FOLDER))
        for child in servers.children:
            _pin(child.process.pid)
        url = _fresh_database(servers.environment["DATABASE_URL"])
        stage = Stage(servers, _told(servers.environment["REDIS_URL"], url), cleanup)
        stage.empty_redis()
        stage.call("manage.py", "migrate", "--verbosity", "0")
        stage.call("manage.py", "load_catalogue", "--verbosity", "0")
        yield stage


def _told(redis_url: str, database_url: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "ENVIRONMENT": "test",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "RATE_LIMITS": "0",  # the peers have none
        "LOG_LEVEL": "WARNING",
        "PYTHON_DOTENV_DISABLED": "1",
        "PYTHONPATH": str(environment.ROOT),
        "PYTHONPYCACHEPREFIX": str(environment.FOLDER / "bytecode"),
    }


def _fresh_database(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(DATABASE)))
    return urlsplit(url)._replace(path=f"/{DATABASE}").geturl()


def _pin(pid: int) -> None:
    """Keep a server, and what it will start, off the core that is measured."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {LOAD_CORE})


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 600
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
