"""Redis that stalls, dies or comes back, and processes that die in between: no reading is stale, none is an error."""

import threading
import time
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from redis.exceptions import TimeoutError as RedisTimeout

from config import cache, cache_hash, cache_trust
from config.cache_trust import FAILURES, LEASE, Away, Trust
from config.models import CacheDebt
from tests.config.test_cache import OWNER, Source
from tests.database.conftest import AtOnce
from workers import clock

pytestmark = pytest.mark.usefixtures("fresh_db")


class Flaky:
    """Stands before the real client: while `away`, every command times out; `asked` counts them."""

    def __init__(self) -> None:
        self.real, self.away, self.asked = cache_hash.client(), False, 0

    def __getattr__(self, name: str) -> Any:
        self.asked += 1
        if self.away:
            raise RedisTimeout
        return getattr(self.real, name)


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Flaky:
    flaky = Flaky()
    monkeypatch.setattr(cache_hash, "client", lambda: flaky)
    return flaky


@pytest.fixture
def source() -> Source:
    return Source()


def read(source: Source, field: str = "day") -> bytes:
    return cache.read_through(OWNER, field, source.load).body


def write(source: Source, body: bytes) -> None:
    with transaction.atomic():
        cache.forget(OWNER)
        source.body = body


def another_process(monkeypatch: pytest.MonkeyPatch) -> Trust:
    """Return the trust of a process that has seen nothing of what happened here."""
    other = Trust()
    monkeypatch.setattr(cache, "trust", other)
    return other


def test_a_writer_that_dies_between_commit_and_forgetting_leaves_nothing_stale(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(source)
    monkeypatch.setattr(cache, "_reopen", lambda *_: None)  # killed before it got there

    with transaction.atomic():
        cache.forget(OWNER)
        assert read(source) == b"one"  # a reader during the transaction
        source.body = b"two"

    assert [read(source) for _ in range(3)] == [b"two"] * 3


def test_a_writer_does_not_open_what_another_keeps_shut(source: Source) -> None:
    cache_hash.shut(OWNER, "a longer transaction")

    write(source, b"two")
    read(source)

    assert cache_hash.get(OWNER, "day") == [None, None]
    cache_hash.reopen(OWNER, "a longer transaction")
    read(source)
    assert None not in cache_hash.get(OWNER, "day")


def test_a_write_while_redis_stalls_is_seen_by_a_process_that_saw_no_fault(
    redis: Flaky, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Trust()
    read(source)
    assert other.believes()  # it has just looked
    redis.away = True
    write(source, b"two")
    redis.away = False

    monkeypatch.setattr(cache, "trust", other)

    assert None not in cache_hash.get(OWNER, "day")  # the old answer is still there
    assert read(source) == b"two"


def test_only_the_first_write_of_an_outage_waits_until_everybody_knows(
    redis: Flaky, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("config.cache_trust.time.sleep", waits.append)
    redis.away = True

    for body in (b"two", b"three", b"four"):
        write(source, body)

    assert waits == [LEASE]
    assert CacheDebt.objects.count() == 3


def test_the_clock_pays_and_then_the_cache_serves_again(redis: Flaky, source: Source) -> None:
    read(source)
    redis.away = True
    write(source, b"two")
    clock.tick()
    assert CacheDebt.objects.count() == 1  # not while it is away

    redis.away = False
    cache_trust.trust.forget()  # its rest is over
    clock.tick()

    assert CacheDebt.objects.count() == 0
    assert [read(source), read(source)] == [b"two", b"two"]
    assert source.loads == 2


def test_a_redis_that_is_back_by_the_commit_is_paid_at_once(redis: Flaky, source: Source) -> None:
    read(source)

    with transaction.atomic():
        redis.away = True
        cache.forget(OWNER)
        source.body = b"two"
        redis.away = False

    assert CacheDebt.objects.count() == 0
    assert read(source) == b"two"


def test_paying_one_debt_leaves_that_of_another_write(redis: Flaky) -> None:
    mine, theirs = cache_trust.owe(OWNER), cache_trust.owe(OWNER)

    cache_trust.settle(mine)

    assert list(CacheDebt.objects.all()) == [theirs]


def test_while_the_debts_cannot_be_seen_nothing_is_believed(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> bool:
        raise OperationalError

    read(source)
    another_process(monkeypatch)
    monkeypatch.setattr(CacheDebt.objects, "exists", fail)

    source.body = b"two"

    assert read(source) == b"two"


def test_who_waits_for_anothers_look_keeps_no_connection_and_waits_a_bounded_time() -> None:
    """The one who looks may wait for a connection itself: those who wait for the look must not hold all."""
    trust, found = Trust(), []

    def wait() -> None:
        connection.ensure_connection()
        found.append((trust.believes(), connection.connection))

    with trust._lock:  # noqa: SLF001 - another thread looks
        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        waiting.join(30)

    assert found == [(False, None)]


def test_a_look_that_failed_is_not_tried_again_at_once_by_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def fail_slowly(*_: object) -> bool:
        looks.append(1)
        time.sleep(LEASE)
        raise OperationalError

    monkeypatch.setattr(type(CacheDebt.objects), "exists", fail_slowly)
    trust = Trust()

    assert [trust.believes() for _ in range(3)] == [False] * 3
    assert len(looks) == 1


def test_a_sick_redis_is_left_alone_after_a_few_failures(redis: Flaky, source: Source) -> None:
    redis.away = True

    for _ in range(10):
        read(source)

    assert redis.asked == FAILURES


def test_one_success_clears_the_failures(redis: Flaky) -> None:
    trust = Trust()
    for away in (True, True, False, True, True, False):
        redis.away = away
        try:
            trust.ask(lambda: redis.exists("any"))
        except Away:
            assert away

    assert redis.asked == 6


@pytest.mark.usefixtures("steady_cache")
def test_of_many_misses_at_once_one_loads(at_once: AtOnce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_hash, "LOAD_MS", 60_000)  # however slow this machine is just now
    monkeypatch.setattr(cache, "_WAIT_SECONDS", 60.0)
    loads: list[int] = []

    def load() -> bytes:
        loads.append(threading.get_ident())
        time.sleep(0.2)
        return b"one"

    answers = at_once([lambda: cache.read_through(OWNER, "day", load).body] * 40)

    assert set(answers) == {b"one"}
    assert len(loads) == 1


def test_a_load_that_fails_lets_those_who_wait_load(at_once: AtOnce) -> None:
    tries: list[int] = []

    def load() -> bytes:
        tries.append(1)
        time.sleep(0.05)
        if len(tries) == 1:
            raise LookupError
        return b"one"

    def reader() -> bytes | None:
        try:
            return cache.read_through(OWNER, "day", load).body
        except LookupError:
            return None

    answers = at_once([reader] * 8)

    assert (answers.count(None), answers.count(b"one")) == (1, 7)


@pytest.mark.usefixtures("steady_cache")
def test_releases_do_not_read_each_others_shapes_and_forget_each_others_answers(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = Source(b"a new shape")
    read(source)

    with monkeypatch.context() as release:
        release.setattr(cache_hash, "SHAPE", cache_hash.SHAPE + 1)
        assert [read(newer), read(newer)] == [b"a new shape"] * 2
        assert newer.loads == 1
        write(newer, b"two")
    source.body = b"two"

    assert read(source) == b"two"


def test_odd_queries_do_not_fill_the_memory(source: Source) -> None:
    for number in range(3 * cache_hash.MOST_FIELDS):
        read(source, f"day {number}")

    assert cache_hash.client().hlen(cache_hash.key(OWNER)) == cache_hash.MOST_FIELDS
