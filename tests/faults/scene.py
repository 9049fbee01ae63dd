"""The product on a PostgreSQL and a Redis of its own, every process of which may be killed, stopped and started again.

Invariant: nothing here belongs to another test, and whoever is started again is what it was: same command, same port,
same data. Processes are started by the main thread alone: the kernel ends them with the thread that started them.
"""

import contextlib
import functools
import http.client
import json
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from config import embedded_postgres, embedded_redis, up
from config.embedded import ROOT, Servers, base_folder, slot
from config.embedded_process import Child, StartError
from config.embedded_programs import Account

FAST = {"JOB_RESEND_SECONDS": "2", "CLOCK_SECONDS": "0.5"}
SERVER_ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
DATABASES_OF_REDIS = ("BROKER", "CACHE", "CHANNELS")
Row = tuple[Any, ...]


@dataclass(slots=True)
class Victim:
    """A process that may be killed, held still, and started again as it was."""

    start: Callable[[], Child]
    ready: Callable[[], bool]
    child: Child

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the process and its children without a word, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.process.pid, number)  # each leads a session of its own
        self.child.process.wait(60)

    def start_again(self, *, wait: bool = True) -> None:
        """Start it; return once it answers, or at once.

        :raises StartError: it does not become ready.
        """
        self.child = self.start()
        if wait and not self.child.becomes(self.ready):
            raise StartError(f"{self.child.name} did not come back:\n{self.child.tail()}")

    def stop(self) -> None:
        self.child.stop()

    @contextlib.contextmanager
    def held_still(self) -> Iterator[None]:
        """Stop the process and its children, as if the machine had frozen; go on when the context ends."""
        os.killpg(self.child.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.process.pid, signal.SIGCONT)

    @property
    def memory(self) -> float:
        """Return what the process and its children hold in memory, in MiB."""
        return sum(map(_resident, _family(self.child.process.pid))) / 1024


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children") as file:
        for child in file.read().split():
            yield from _family(int(child))


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as file:
        return next((int(line.split()[1]) for line in file if line.startswith("VmRSS")), 0)
    return 0


@dataclass(slots=True)
class Scene:
    """The running product; `url` ends without a slash. Several web servers share one listening socket."""

    servers: Servers
    environment: dict[str, str] = field(repr=False)  # holds passwords
    listener: socket.socket
    postgres: Victim
    redis: Victim
    processes: dict[str, Victim] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __getitem__(self, name: str) -> Victim:
        return self.processes[name]

    def add(self, name: str, *, port: int = 0, **more: str) -> Victim:
        """Start another process, told `more`: `web`, `worker` or `clock`, with a number if there are several of it.

        A web server with a `port` takes that one for itself, as in a container; the others share the listening socket.
        """
        start = functools.partial(self._start, name, port, more)
        ready = functools.partial(self.is_ready_at, port or self.port) if name.startswith("web") else _at_once
        self.processes[name] = Victim(start, ready, start())
        return self.processes[name]

    def _start(self, name: str, port: int, more: dict[str, str]) -> Child:
        kind = name.rstrip("0123456789")
        listening = (self.listener.fileno(),) if kind == "web" and not port else ()
        place = ("--port", str(port)) if port else ("--fd", str(self.listener.fileno()))
        return Child(
            *(sys.executable, *up.PROCESSES[kind]),
            *(place if kind == "web" else ()),
            log=self.servers.place.data / f"{name}.log",
            keeps=(*self.servers.place.keeps, *listening),
            env=self.environment | more,
            cwd=ROOT,
        )

    def kill(self) -> None:
        """End every process of the product."""
        for victim in self.processes.values():
            victim.kill()

    def ask(self, path: str, *, method: str = "GET", timeout: float = 10) -> tuple[int, http.client.HTTPMessage, Any]:
        """Send one request of nobody's; return status, headers and what the body says.

        :raises OSError: there is no answer, or none in time.
        """
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with contextlib.closing(asked):
            asked.request(method, path)
            answer = asked.getresponse()
            return answer.status, answer.msg, json.loads(answer.read() or b"null")

    def parts(self) -> dict[str, str]:
        """Return what `/readyz` finds of each part."""
        return dict(self.ask("/readyz")[2]["parts"])

    def text(self, path: str) -> str:
        """Return what is there, as text."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(asked):
            asked.request("GET", path)
            return asked.getresponse().read().decode()

    def is_ready(self) -> bool:
        return self.is_ready_at(self.port)

    def is_ready_at(self, port: int) -> bool:
        return up.ask_ready(port) == ""

    def rows(self, query: str, *values: object) -> list[Row]:
        """Ask the database, past the product."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as database:
            found = database.execute(query, values)
            return found.fetchall() if found.description else []

    def store(self, name: str = "CACHE_URL") -> Redis:
        return Redis.from_url(self.environment[name])

    def wait_for(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until something holds.

        :raises AssertionError: it does not; the text ends with every log.
        """
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                logs = (f"--- {victim.child.name}\n{victim.child.tail()}" for victim in self.processes.values())
                raise AssertionError("\n".join(["it did not come true", *logs]))
            time.sleep(0.05)


def _at_once() -> bool:
    return True


@contextlib.contextmanager
def scene(**more: str) -> Iterator[Scene]:
    """Start servers of our own and prepare the database; no process of the product runs yet."""
    with contextlib.ExitStack() as cleanup:
        servers, account = Servers(throwaway=True), Account.for_servers()
        servers.place = cleanup.enter_context(slot(base_folder(ROOT, account), account, throwaway=True))
        postgres = _postgres(servers, cleanup)
        cache = _redis(servers, cleanup)
        environment = environment_of(postgres[1], cache[1], **more)
        up.prepare_database(servers, environment)
        listener = cleanup.enter_context(up.listen(0))
        made = Scene(servers, environment, listener, postgres[0], cache[0])
        cleanup.callback(made.kill)  # nothing of what they hold is to be kept
        yield made


def environment_of(database: str, cache: str, **more: str) -> dict[str, str]:
    """Return what every process is told: nothing of the developer's own environment reaches them."""
    return {
        "ENVIRONMENT": "test",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PATH": os.environ.get("PATH", os.defpath),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SIGNING_KEY": secrets.token_urlsafe(48),
        "PYTHON_DOTENV_DISABLED": "1",
        "PYTHONUNBUFFERED": "1",
        "REGIMEN_STAFF_PASSWORD": secrets.token_urlsafe(12),
        "dramatiq_queue_prefetch": "4",
        "DATABASE_URL": database,
        "REDIS_URL": cache,
        **{f"{name}_URL": f"{cache.removesuffix('/0')}/{number}" for number, name in enumerate(DATABASES_OF_REDIS)},
        **{name: os.environ[name] for name in ("PYTHONPYCACHEPREFIX",) if name in os.environ},
        **more,
    }


def _postgres(servers: Servers, cleanup: contextlib.ExitStack) -> tuple[Victim, str]:
    """Start a PostgreSQL that keeps what it confirmed over a crash, as one in production does."""
    place = servers.place
    child, url, name = embedded_postgres.start(place, durable=True)
    with psycopg.connect(url, autocommit=True) as database:  # the machine itself does not crash: its memory is enough
        database.execute("ALTER SYSTEM SET fsync = off")
        database.execute("SELECT pg_reload_conf()")
    command = [str(part) for part in child.process.args]  # type: ignore[union-attr]  # a list is what we gave

    def start() -> Child:
        return Child(
            *command,
            log=place.data / "postgres.log",
            stop_signal=signal.SIGINT,
            keeps=place.keeps,
            env=SERVER_ENVIRONMENT,
            cwd="/",
            **place.account.options,
        )

    port = int(command[command.index("-p") + 1])
    victim = Victim(start, lambda: embedded_postgres.accepts(place.data / name, port, victim.child), child)
    cleanup.callback(lambda: victim.stop())  # noqa: PLW0108 - the child of that moment
    return victim, url


def _redis(servers: Servers, cleanup: contextlib.ExitStack) -> tuple[Victim, str]:
    """Start a Redis that remembers nothing over its end."""
    place = servers.place
    child, url = embedded_redis.start(place, durable=False, beside="faults")
    command = [str(part) for part in child.process.args]  # type: ignore[union-attr]

    def start() -> Child:
        log = place.data / "redis.log"
        return Child(*command, log=log, keeps=place.keeps, cwd="/", **place.account.options)

    def answers() -> bool:
        with Redis.from_url(url, socket_timeout=2) as client, contextlib.suppress(RedisError):
            return bool(client.ping())
        return False

    victim = Victim(start, answers, child)
    cleanup.callback(lambda: victim.stop())  # noqa: PLW0108
    return victim, url


def crash(postgres: Victim) -> None:
    """End PostgreSQL as a crash does: nothing is written down, the next start has to recover."""
    postgres.child.process.send_signal(signal.SIGQUIT)  # its "immediate shutdown"
    postgres.child.process.wait(60)
