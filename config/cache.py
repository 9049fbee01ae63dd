"""Reads of one owner's answers through Redis, as finished bytes.

Invariant: an answer is stored only if nothing of its owner was written since its load began.

All answers of an owner are fields of one Redis hash. The first reader of an empty hash sets its field `gen` to a new
random value, and an answer is kept only while `gen` is still the one that its reader saw. A write removes the hash
before its commit and again after it, so a slow reader can put no old row back. Redis away means a load, never an
error; a write whose forgetting failed is owed, and until Redis has taken it this process reads round the cache.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django_redis import get_redis_connection
from redis import Redis
from redis.exceptions import RedisError

from config import metrics

log = logging.getLogger(__name__)

# A deploy that changes the shape of an answer raises this number: releases do not read each other's bytes.
SHAPE = 1

_ETAG_LENGTH = 26  # 12 bytes in hexadecimal, and the quotes
_owed: set[int] = set()

_BEGIN = """
redis.call('HSETNX', KEYS[1], 'gen', ARGV[1])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return redis.call('HGET', KEYS[1], 'gen')
"""
_KEEP = """
if redis.call('HGET', KEYS[1], 'gen') == ARGV[1] then return redis.call('HSET', KEYS[1], ARGV[2], ARGV[3]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished body and its strong ETag."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, body: bytes) -> "Answer":
        return cls(body, f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')

    def sealed(self) -> bytes:
        return self.etag.encode() + self.body

    @classmethod
    def unsealed(cls, stored: bytes) -> "Answer | None":
        """Return what was kept, None when it is not what was kept."""
        answer = cls.of(stored[_ETAG_LENGTH:])
        return answer if stored.startswith(answer.etag.encode()) else None


def read_through(owner: int, field: str, load: Callable[[], bytes]) -> Answer:
    """Return the owner's stored answer, or load and keep it. What `load` raises is not kept."""
    try:
        client = _client()
        _settle(owner)
        stored = cast(bytes | None, client.hget(_key(owner), field))
        if stored and (kept := Answer.unsealed(stored)):
            metrics.cache_reads.labels("hit").inc()
            return kept
        seen = client.eval(_BEGIN, 1, _key(owner), secrets.token_hex(8), settings.CACHE_SECONDS)
    except RedisError as error:
        log.warning("cache is away: %s", type(error).__name__)
        metrics.cache_reads.labels("bypass").inc()
        return Answer.of(load())
    metrics.cache_reads.labels("miss").inc()
    answer = Answer.of(load())
    try:
        client.eval(_KEEP, 1, _key(owner), seen, field, answer.sealed())
    except RedisError as error:
        log.warning("cache did not keep an answer: %s", type(error).__name__)
    return answer


def forget(owner: int) -> None:
    """Drop every stored answer of the owner, now and again once the transaction is committed."""
    _drop(owner)
    transaction.on_commit(lambda: _drop(owner), robust=True)


def respond(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Send a stored answer, or 304 when the client has it already."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    if request.method in {"GET", "HEAD"} and (answer.etag in known or "*" in known):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(answer.body, content_type="application/json")
    response["ETag"] = answer.etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization"
    return response


def is_stale(if_match: str, *readings: Answer) -> bool:
    """Say whether a conditional write (`If-Match`) was made on none of the current readings."""
    if if_match.strip() == "*":
        return False
    given = {tag.strip() for tag in if_match.split(",")}
    return given.isdisjoint(reading.etag for reading in readings)


def _drop(owner: int) -> None:
    try:
        _client().delete(_key(owner))
        _owed.discard(owner)
    except RedisError as error:
        _owed.add(owner)
        log.warning("cache could not forget: %s", type(error).__name__)


def _settle(owner: int) -> None:
    """Forget what is owed before anything is believed.

    :raises RedisError: while Redis is still away.
    """
    if owner in _owed:
        _client().delete(_key(owner))
        _owed.discard(owner)


def _key(owner: int) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:{SHAPE}:{{u{owner}}}"  # the braces: one slot in a cluster


def _client() -> Redis:
    return cast(Redis, get_redis_connection("default"))
