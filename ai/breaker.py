"""A circuit breaker for each provider: after five failures in a row nobody waits for one that is ill.

Invariant: all workers go by one state, which Redis holds; while Redis is away each process goes by what it saw itself.
Asking costs at most 0.2 s, and never an error.

The states are pybreaker's; three of its ways are not for us. `call` holds a lock for as long as what it guards: one
exchange would keep all others of a process waiting, so it only gets to know how an exchange came out. It lets everybody
through while half-open: here one probe is claimed. Its count of failures never ends: here it does after a while.

The Redis is the cache's: a breaker's state is a sign of life, and may be lost at any time at the price of five calls.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import pybreaker
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

FAILURES = 5
WITHIN_SECONDS = 30  # a failure that is older than this when the next one comes is forgotten
OPEN_SECONDS = 30  # then one probe
SOCKET_SECONDS = 0.2
REDIS_REST_SECONDS = 5  # for which Redis is left alone once it did not answer

Known = TypeVar("Known")

log = logging.getLogger(__name__)


class _Shared(pybreaker.CircuitRedisStorage):
    """What all workers know. Raises RedisError where pybreaker's own would act as if nothing had happened."""

    def increment_counter(self) -> None:
        key = self._namespace("fail_counter")
        with self._redis.pipeline() as both:
            both.incr(key)
            both.expire(key, WITHIN_SECONDS)
            both.execute()

    def claim_probe(self) -> bool:
        """Say whether this caller, and for a while no other, may see if the provider is well again."""
        return bool(self._redis.set(self._namespace("probe"), 1, nx=True, ex=OPEN_SECONDS))


class _Local(pybreaker.CircuitMemoryStorage):
    """What this process saw."""

    def __init__(self) -> None:
        super().__init__(pybreaker.STATE_CLOSED)
        self._failed_at = self._probed_at = float("-inf")
        self._claims = threading.Lock()

    def increment_counter(self) -> None:
        now = time.monotonic()
        if now - self._failed_at > WITHIN_SECONDS:
            self.reset_counter()
        self._failed_at = now
        super().increment_counter()

    def claim_probe(self) -> bool:
        with self._claims:
            now = time.monotonic()
            if now - self._probed_at < OPEN_SECONDS:
                return False
            self._probed_at = now
            return True


class _Failed(Exception):
    """How pybreaker is told."""


class _Breaker(pybreaker.CircuitBreaker):
    def __init__(self, storage: _Shared | _Local) -> None:
        super().__init__(fail_max=FAILURES, reset_timeout=OPEN_SECONDS, state_storage=storage)
        self.storage = storage

    def admits(self) -> bool:
        if self.current_state == pybreaker.STATE_CLOSED:
            return True
        opened_at = self.storage.opened_at
        rested = opened_at is None or time.time() >= opened_at.timestamp() + OPEN_SECONDS
        return rested and self.storage.claim_probe()

    def record(self, *, failed: bool) -> None:
        def outcome() -> None:
            if failed:
                raise _Failed

        with contextlib.suppress(_Failed, pybreaker.CircuitBreakerError):  # the second: too late to matter
            self.call(outcome)


class _Redis:
    """When Redis may be asked again; between threads nothing worse than one question too many can happen."""

    away_until = float("-inf")


def admits(name: str) -> bool:
    """Say whether the provider may be asked; one that is open admits one probe every `OPEN_SECONDS`."""
    shared = _shared(name, _Breaker.admits)
    return _local(name).admits() if shared is None else shared


def record(name: str, *, failed: bool) -> None:
    """Tell how an exchange came out: `failed` when the provider is ill, not when only its answer was poor."""
    _local(name).record(failed=failed)
    _shared(name, lambda breaker: breaker.record(failed=failed))


def state(name: str) -> str:
    """Return `closed`, `open` or `half-open`."""
    shared = _shared(name, lambda breaker: breaker.current_state)
    return _local(name).current_state if shared is None else shared


def _shared(name: str, use: Callable[[_Breaker], Known]) -> Known | None:
    """Return what all workers know; None while Redis is away."""
    if time.monotonic() < _Redis.away_until:
        return None
    try:
        return use(_Breaker(_Shared(pybreaker.STATE_CLOSED, _client(settings.CACHE_URL), _namespace(name))))
    except RedisError as error:
        _Redis.away_until = time.monotonic() + REDIS_REST_SECONDS
        log.warning("the breakers' Redis is away: %s", type(error).__name__)
        return None


@lru_cache
def _local(name: str) -> _Breaker:
    return _Breaker(_Local())


@lru_cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS, retry=Retry(NoBackoff(), 0)
    )


def _namespace(name: str) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:provider:{name}"
