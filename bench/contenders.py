"""Every server that is measured: how it is started, and with what.

Invariant: all serve the same path to the same tokens.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import jwt
import redis

from bench.peers import filled
from bench.stage import Stage

UVICORN = (
    *("-m", "uvicorn", "--host", "127.0.0.1", "--port", "PORT", "--log-level", "warning", "--no-access-log"),
    *("--loop", "uvloop", "--http", "httptools", "--no-proxy-headers", "--no-server-header"),
)
GRANIAN = (
    *("-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", "PORT", "--loop", "uvloop"),
    *("--workers", "1", "--log-level", "warning", "--no-access-log", "--ws"),
)
SERVE = ("-m", "config.serve", "--port", "PORT")
SERVERS: dict[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "uvicorn": (SERVE, {}),
    "daphne": (SERVE, {"WEB_SERVER": "daphne"}),
    "granian": ((*GRANIAN, "config.asgi:application"), {}),
}
GUNICORN = (
    "-m",
    "gunicorn",
    "--workers",
    "1",
    "--worker-class",
    "gthread",
    "--threads",
    "4",
    "--bind",
    "127.0.0.1:PORT",
)
BOLT = ("-m", "django", "runbolt", "--host", "127.0.0.1", "--port", "PORT", "--no-admin")


@dataclass(frozen=True, slots=True)
class Contender:
    """A server: its name in tables, its command, what its environment has more."""

    name: str
    command: tuple[str, ...]
    more: Mapping[str, str] = field(default_factory=dict)


def product(server: str, name: str = "", **more: str) -> Contender:
    """Return the product behind a server."""
    command, told = SERVERS[server]
    return Contender(name or f"Regimen on {server}", command, {**told, **more})


def peers() -> dict[str, Contender]:
    """Return the peers by a short name; those that are ASGI run on the server that the product is built on."""
    fast, bare = (*UVICORN, "bench.peers.fast:app"), "bench.peers.bare"
    rest = {"DJANGO_SETTINGS_MODULE": "bench.peers.settings"}
    bolt = {"DJANGO_SETTINGS_MODULE": "bench.peers.bolt.settings"}
    return {
        "rest": Contender("Django REST Framework + simplejwt, gunicorn", (*GUNICORN, "bench.peers.rest.wsgi"), rest),
        "fast": Contender("FastAPI + asyncpg, uvicorn", fast, {"FAST": "database"}),
        "fast redis": Contender("FastAPI + redis.asyncio, uvicorn", fast, {"FAST": "redis"}),
        "fast best": Contender("FastAPI at its best, uvicorn", fast, {"FAST": "best"}),
        "bolt": Contender("django-bolt, pipelined Redis", BOLT, bolt),
        "work": Contender("bare ASGI, same work, uvicorn", (*UVICORN, f"{bare}:work")),
        "hello": Contender("bare ASGI, hello, uvicorn", (*UVICORN, f"{bare}:hello")),
    }


def fill_peers(stage: Stage, pairs: list[tuple[int, str]], body: bytes) -> None:
    """Store everybody's answer for the peers' cache, as the product would have made it."""
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'.encode()
    with redis.Redis.from_url(stage.environment["REDIS_URL"]) as client:
        for user, token in pairs:
            session = jwt.decode(token, options={"verify_signature": False})["sid"]
            client.hset(filled.key(user), mapping={f"session:{session}": b"live", "2026-03-02": etag + body})
