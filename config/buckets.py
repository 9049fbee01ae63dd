"""Token buckets: how much of a quota is left, and for how long nothing is.

Invariant: taking is one atomic step for all the buckets of a request, and either takes from each of them or from none.

A bucket is one number, the moment at which it is full again: taking one of `quota` moves that by `window / quota`
seconds, and is declined where it would lie more than `window` ahead (the generic cell rate algorithm of ATM Forum
TM 4.1, 1999, as a virtual scheduler). Redis keeps it, by its own clock, so that all web processes share it. While Redis
is away each process keeps its own, for a bounded number of buckets; the one that was used least lately goes first.
"""

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

MOST_IN_PROCESS = 10_000
REST = 5.0  # s in which a Redis that failed is not asked
ANSWER_SECONDS = 0.2
KEY = "regimen:limit:{}"

# KEYS: the buckets. ARGV: 1 to take or -1 to give back, then quota and window of each.
# Answers 1 or 0 (taken or not), then the seconds until each bucket is full.
_MOVE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local fill, full, done = tonumber(ARGV[1]), {}, 1
for i, key in ipairs(KEYS) do
  local quota, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  full[i] = math.max(tonumber(redis.call('GET', key) or now), now)
  if full[i] + fill * window / quota > now + window + 0.001 then done = 0 end
end
local answer = {done}
for i, key in ipairs(KEYS) do
  local quota, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  if done == 1 then
    full[i] = math.max(full[i] + fill * window / quota, now)
    redis.call('SET', key, string.format('%.6f', full[i]), 'PX', math.ceil((full[i] - now) * 1000) + 1)
  end
  answer[i + 1] = string.format('%.6f', full[i] - now)
end
return answer
"""
_TAKE, _GIVE_BACK = 1, -1
_ROUNDING = 0.001  # s; the same in the script

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bucket:
    """`quota` in `window` seconds for whoever `key` stands for."""

    key: str
    quota: int
    window: int


@dataclass(frozen=True, slots=True)
class Level:
    """What a bucket holds."""

    bucket: Bucket
    until_full: float  # s

    @property
    def left(self) -> int:
        bucket = self.bucket
        return max(0, math.floor((bucket.window - self.until_full + _ROUNDING) * bucket.quota / bucket.window))

    @property
    def wait(self) -> int:
        """Return the whole seconds, rounded up, until there is one more than now; 0 when it is full."""
        bucket = self.bucket
        if self.left == bucket.quota:
            return 0
        step = bucket.window / bucket.quota
        return max(0, math.ceil(self.until_full - (bucket.window - (self.left + 1) * step) - _ROUNDING))


class InProcess:
    """Buckets of this process alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def move(self, buckets: Sequence[Bucket], direction: int, now: float) -> tuple[bool, list[float]]:
        """Take one of each or give one back, at `now` (s of a clock that only goes forward)."""
        steps = [direction * bucket.window / bucket.quota for bucket in buckets]
        with self._lock:
            full = [max(self._full_at.get(bucket.key, now), now) for bucket in buckets]
            done = all(
                at + step <= now + bucket.window + _ROUNDING
                for at, step, bucket in zip(full, steps, buckets, strict=True)
            )
            if done:
                full = [max(at + step, now) for at, step in zip(full, steps, strict=True)]
                self._keep(buckets, full)
        return done, [at - now for at in full]

    def _keep(self, buckets: Sequence[Bucket], full: Sequence[float]) -> None:
        for bucket, at in zip(buckets, full, strict=True):
            self._full_at[bucket.key] = at
            self._full_at.move_to_end(bucket.key)
        while len(self._full_at) > MOST_IN_PROCESS:
            self._full_at.popitem(last=False)

    def __len__(self) -> int:
        return len(self._full_at)


class Buckets:
    """Buckets in the Redis of a URL, in this process while that is away."""

    def __init__(self, url: str) -> None:
        self._move_in_redis = Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        ).register_script(_MOVE)
        self._own = InProcess()
        self._rests_until = 0.0

    def take(self, buckets: Sequence[Bucket]) -> tuple[bool, list[Level]]:
        """Take one of each, or none where one is empty; say whether it was taken, and what they hold now."""
        return self._move(buckets, _TAKE)

    def give_back(self, buckets: Sequence[Bucket]) -> list[Level]:
        """Undo a taking."""
        return self._move(buckets, _GIVE_BACK)[1]

    def _move(self, buckets: Sequence[Bucket], direction: int) -> tuple[bool, list[Level]]:
        done, until_full = self._in_redis(buckets, direction) or self._own.move(buckets, direction, time.monotonic())
        return done, [Level(bucket, seconds) for bucket, seconds in zip(buckets, until_full, strict=True)]

    def _in_redis(self, buckets: Sequence[Bucket], direction: int) -> tuple[bool, list[float]] | None:
        if time.monotonic() < self._rests_until:
            return None
        keys = [KEY.format(bucket.key) for bucket in buckets]
        sizes = [size for bucket in buckets for size in (bucket.quota, bucket.window)]
        try:
            answer: list[Any] = self._move_in_redis(keys=keys, args=[direction, *sizes])
        except RedisError as error:
            self._rests_until = time.monotonic() + REST
            log.warning("limits are kept in this process for a while: %s", type(error).__name__)
            return None
        return answer[0] == 1, [float(seconds) for seconds in answer[1:]]
