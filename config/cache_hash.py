"""One owner's answers in Redis: a hash of finished bytes, and the writers that keep it shut.

Invariant: while a writer is known nothing is stored and nothing is there to be read; an answer is stored only under the
generation that its reader saw before it began to load.

Both keys carry the owner as hash tag, so that they lie in one slot of a cluster. A writer that dies is forgotten after
`SHUT_SECONDS`, by when PostgreSQL has long ended its transaction.
"""

import secrets
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django_redis import get_redis_connection
from redis import Redis

# A deploy that changes the shape of an answer raises this number: releases do not read each other's bytes. It is in the
# names of the fields and not in that of the hash, so that a write of one release drops the answers of the others, too.
# `tests/architecture/test_shapes.py` sees when it must be raised.
SHAPE = 4
SHUT_SECONDS = 30  # longer than a transaction can be idle or a statement can run
LOAD_MS = 2000  # how long others wait for the one that loads
MOST_FIELDS = 1 + 2 * 64  # of one owner: the generation, and two for each answer: odd queries must not fill the memory

_SHUT = """
redis.call('ZADD', KEYS[2], redis.call('TIME')[1] + ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return redis.call('DEL', KEYS[1])
"""
_OPEN = """
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
"""
_BEGIN = """
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', redis.call('TIME')[1])
if redis.call('EXISTS', KEYS[2]) == 1 then return {false, 1} end
local gen = redis.call('HGET', KEYS[1], 'gen')
if not gen then
  gen = ARGV[1]
  redis.call('HSET', KEYS[1], 'gen', gen)
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
if (redis.call('HGET', KEYS[1], ARGV[4]) or '') ~= ARGV[5] then return {gen, 0} end
local first = redis.call('SET', KEYS[3], gen, 'NX', 'PX', ARGV[3])
return {gen, first and 1 or 0}
"""
_KEEP = """
redis.call('DEL', KEYS[3])
if redis.call('HGET', KEYS[1], 'gen') ~= ARGV[1] then return 0 end
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
return redis.call('HSET', KEYS[1], ARGV[2], ARGV[3], ARGV[5], ARGV[6])
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A reader's turn after a miss: under which generation to store (None: not at all), and whether to load now."""

    generation: bytes | None
    loads: bool


def get(owner: int, field: str) -> list[bytes | None]:
    """Return head and text of what is stored, as they were stored."""
    return cast(list[bytes | None], client().hmget(key(owner), [head(field), name(field)]))


def shut(owner: int, writer: str) -> None:
    """Drop the owner's answers, and let none be stored until `reopen`."""
    client().eval(_SHUT, 2, key(owner), _writers(owner), writer, SHUT_SECONDS)


def reopen(owner: int, writer: str) -> None:
    """Drop the owner's answers once more: this writer has committed."""
    client().eval(_OPEN, 2, key(owner), _writers(owner), writer)


def begin(owner: int, field: str, seen: bytes | None) -> Turn:
    """Take a turn to load the field: not while another loads, nor when its head is another than was `seen` by now."""
    generation, first = client().eval(
        _BEGIN,
        3,
        key(owner),
        _writers(owner),
        _lock(owner, field),
        secrets.token_hex(8),
        settings.CACHE_SECONDS,
        LOAD_MS,
        head(field),
        seen or b"",
    )
    return Turn(generation, bool(first))


def keep(owner: int, field: str, turn: Turn, known: bytes, text: bytes) -> None:
    """Store what was loaded, if nothing of the owner was written since `begin`, and let those who wait go on."""
    if turn.generation is not None:
        keys = (key(owner), _writers(owner), _lock(owner, field))
        client().eval(_KEEP, 3, *keys, turn.generation, name(field), text, MOST_FIELDS, head(field), known)


def is_loading(owner: int, field: str) -> bool:
    """Say whether somebody is loading the field."""
    return bool(client().exists(_lock(owner, field)))


def give_up(owner: int, field: str) -> None:
    """Let those who wait load for themselves."""
    client().delete(_lock(owner, field))


def key(owner: int) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:{{u{owner}}}"


def name(field: str) -> str:
    """Return the field's name in the hash of its owner."""
    return f"{SHAPE}:{field}"


def head(field: str) -> str:
    """Return the name of what is known of a field without its text."""
    return f"{name(field)}:head"


def _writers(owner: int) -> str:
    return f"{key(owner)}:writers"


def _lock(owner: int, field: str) -> str:
    return f"{key(owner)}:load:{name(field)}"


def client() -> Redis:
    return cast(Redis, get_redis_connection("default"))
