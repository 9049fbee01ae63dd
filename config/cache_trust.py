"""Whether this process may believe what is in the cache's Redis.

Invariant: after a write has returned, no process serves an answer from before it.

A write that Redis did not confirm leaves a debt: a row in its own transaction. A process believes Redis only for
`LEASE` seconds after it last saw that there is no debt; the write that leaves the first one returns no sooner, so by
then every process goes round the cache, and the debt is marked as known: those that follow need not wait. The clock
pays: it drops what is owed and then removes the rows.

A Redis that fails `FAILURES` times running is left alone for `REST` seconds, so that it costs no more time.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from redis.exceptions import RedisError

from config import cache_hash
from config.models import CacheDebt

LEASE = 0.5  # s
LOOK = LEASE / 2  # s between two looks at the debts, while there are reads
FAILURES, REST = 3, 5.0
BATCH = 500

T = TypeVar("T")

log = logging.getLogger(__name__)


class Away(Exception):
    """Redis is not to be asked, or did not answer."""


class Trust:
    """What one process knows of its Redis. Its clock only ever goes forward."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures, self._rests_until = 0, 0.0
        self._looked, self._clear = -math.inf, False

    def ask(self, question: Callable[[], T]) -> T:
        """Return the answer of Redis.

        :raises Away: when it fails, or has failed too often lately.
        """
        if self.rests():
            raise Away
        try:
            answer = question()
        except RedisError as error:
            self.failed()
            log.warning("cache is away: %s", type(error).__name__)
            raise Away from None
        self.succeeded()
        return answer

    def rests(self) -> bool:
        return time.monotonic() < self._rests_until

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= FAILURES:
            self._rests_until = time.monotonic() + REST

    def succeeded(self) -> None:
        self._failures = 0

    def believes(self) -> bool:
        """Say whether what Redis holds may be served now; looks at the debts when the last look is a while ago."""
        late = time.monotonic() - self._looked >= LEASE
        if self.is_due() and (self._lock.acquire(blocking=False) or (late and self._waits_for_the_look())):
            try:
                self._look()
            finally:
                self._lock.release()
        return self.is_clear()

    def _waits_for_the_look(self) -> bool:
        """Wait for another thread's look, and keep no connection from it; say whether it has ended in time."""
        release_connection()
        return self._lock.acquire(timeout=LEASE)

    def is_due(self) -> bool:
        """Say whether it is time for another look at the debts."""
        return time.monotonic() - self._looked >= LOOK

    def is_clear(self) -> bool:
        """Say whether what Redis holds may be served now, by what is known without a look."""
        now = time.monotonic()
        return self._clear and now - self._looked < LEASE and now >= self._rests_until

    def look_apart(self) -> None:
        """Look at the debts from a thread of its own."""
        self.believes()
        connection.close()

    def _look(self) -> None:
        if not self.is_due():  # another thread has looked while this one waited
            return
        looked = time.monotonic()
        try:
            self._clear = not CacheDebt.objects.exists()
        except DatabaseFailure:
            self._clear, looked = False, time.monotonic()  # which may have taken long: the next need not try at once
        self._looked = looked

    def doubt(self) -> None:
        """Believe nothing before the next look."""
        self._looked = -math.inf

    def forget(self) -> None:
        """Know nothing, as a process that has just started."""
        self.__init__()  # type: ignore[misc]


trust = Trust()


def release_connection() -> None:
    """Give this thread's connection back to the pool, where no transaction needs it: before waiting for another."""
    if not connection.in_atomic_block:
        connection.close()


def owe(owner: int) -> CacheDebt:
    """Note, in the write's own transaction, that the owner's answers could not be dropped."""
    trust.doubt()
    return CacheDebt.objects.create(owner=owner)


def settle(debt: CacheDebt) -> None:
    """After the commit of the write that owes: pay if Redis is back, else return once every process knows."""
    try:
        trust.ask(lambda: cache_hash.client().delete(cache_hash.key(debt.owner)))
    except Away:
        if not CacheDebt.objects.filter(known=True).exists():
            release_connection()
            time.sleep(LEASE)
            CacheDebt.objects.filter(pk=debt.pk).update(known=True)
        return
    debt.delete()


def pay() -> int:
    """Drop what is owed and remove the debts; return how many were paid. For the clock: none is while Redis is away."""
    owed = list(CacheDebt.objects.order_by("pk").values_list("pk", "owner")[:BATCH])
    if not owed:
        return 0
    try:
        trust.ask(lambda: cache_hash.client().delete(*{cache_hash.key(owner) for _, owner in owed}))
    except Away:
        return 0
    with transaction.atomic():
        CacheDebt.objects.filter(pk__in=[pk for pk, _ in owed]).delete()
    return len(owed)
