"""A running product whose processes can be replaced one by one, as a deploy does it.

Invariant: the port belongs to us, so that it is the product that takes a request or does not, never the kernel.
"""

import contextlib
import itertools
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from config import up
from config.embedded import Servers
from config.embedded_process import Child, Children
from tests import product

REDIS_DATABASES = product.REDIS_DATABASES["rolling"]
SECONDS = 60.0  # a loaded machine is slow
_numbers = itertools.count(1)


@dataclass(slots=True)
class Product:
    """`children` by name are those that were started last, and serve; `everybody` is told to go at once at the end."""

    servers: Servers
    environment: dict[str, str] = field(repr=False)
    listener: socket.socket
    cleanup: contextlib.ExitStack
    children: dict[str, Child] = field(default_factory=dict)
    everybody: Children = field(default_factory=Children)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def start(self, name: str, **extra: str) -> Child:
        """Start one more of `name` beside what serves already; `extra` joins its environment."""
        log = f"{name}_{next(_numbers)}"
        child = up.start_process(name, self.servers, {**self.environment, **extra}, self.listener, log)
        self.everybody.append(child)
        self.children[name] = child
        return child

    def replace(self, name: str) -> Child:
        """Start a new one and tell the old one to go; return the old one once it has gone."""
        old = self.children[name]
        self.start(name)
        old.ask_to_stop()
        old.process.wait(SECONDS)
        return old

    def end(self, name: str) -> Child:
        """Tell it to go, and return it once it has gone."""
        child = self.children.pop(name)
        child.ask_to_stop()
        child.process.wait(SECONDS)
        return child

    def ready(self) -> None:
        up.wait_until_ready(self.listener.getsockname()[1], Children(self.children.values()))


@contextlib.contextmanager
def started(worker_id: str, prefix: str, **settings: str) -> Iterator[Product]:
    """Start web server, worker and clock with these settings."""
    with contextlib.ExitStack() as cleanup:
        servers = cleanup.enter_context(Servers(throwaway=True))
        environment = product.environment(
            **product.own_redis(servers.environment["REDIS_URL"], "rolling", worker_id),
            DATABASE_URL=product.empty_database(servers.environment["DATABASE_URL"], prefix, cleanup),
            **settings,
        )
        up.prepare_database(servers, environment)
        running = Product(servers, environment, cleanup.enter_context(up.listen(0)), cleanup)
        cleanup.callback(running.everybody.stop)
        for name in up.PROCESSES:
            running.start(name)
        running.ready()
        yield running


def eventually(happens: Callable[[], bool]) -> bool:
    """Say whether it happened before all patience was gone."""
    end = time.monotonic() + SECONDS
    while not happens():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
