"""The cache never shows what is not so: not after a write, not after a slow reader, not while Redis is ill."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory
from django_redis import get_redis_connection
from redis.exceptions import TimeoutError as RedisTimeout

from config import cache, cache_hash, metrics
from tests.conftest import Api

OWNER, OTHER = 7, 8
PROFILE = "/api/v1/profile"


class Source:
    """What a selector loads: counts how often, and can be changed."""

    def __init__(self, body: bytes = b"one") -> None:
        self.body, self.loads = body, 0

    def load(self) -> bytes:
        self.loads += 1
        return self.body


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def redis() -> Any:
    return get_redis_connection("default")


@pytest.fixture
def redis_goes_away(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what makes every command of the cache fail until `monkeypatch.undo`."""

    def go() -> None:
        class Away:
            def __getattr__(self, name: str) -> Callable[..., None]:
                def fail(*args: object, **options: object) -> None:
                    raise RedisTimeout

                return fail

        monkeypatch.setattr(cache_hash, "client", Away)

    return go


def counted(outcome: str) -> float:
    return float(metrics.cache_reads.labels(outcome)._value.get())  # noqa: SLF001 - prometheus_client has no other way to ask


def test_a_second_reading_is_served_without_a_load(db: None, source: Source) -> None:
    answers = [cache.read_through(OWNER, "day", source.load) for _ in range(3)]

    assert (source.loads, {answer.body for answer in answers}) == (1, {b"one"})
    assert len({answer.etag for answer in answers}) == 1


def test_who_looked_just_before_another_kept_the_answer_does_not_load_it_again(
    db: None, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = cache_hash.get

    def look_and_be_overtaken(owner: int, field: str) -> list[bytes | None]:
        monkeypatch.setattr(cache_hash, "get", look)
        nothing = look(owner, field)
        cache.read_through(owner, field, source.load)
        return nothing

    monkeypatch.setattr(cache_hash, "get", look_and_be_overtaken)

    assert cache.read_through(OWNER, "day", source.load).body == b"one"
    assert source.loads == 1


def test_an_answer_whose_time_is_over_is_loaded_by_the_first_who_sees_it(
    db: None, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.read_through(OWNER, "day", source.load, until=1)
    monkeypatch.setattr(cache, "_awaited", lambda *_: pytest.fail("nobody else loads"))

    assert cache.read_through(OWNER, "day", source.load).body == b"one"
    assert source.loads == 2


def test_owners_and_fields_do_not_share(db: None, source: Source) -> None:
    for owner, field in [(OWNER, "day"), (OTHER, "day"), (OWNER, "week")]:
        cache.read_through(owner, field, source.load)

    assert source.loads == 3


def test_a_write_is_seen_by_the_next_reading_and_only_its_owner_loads_again(db: None, source: Source) -> None:
    for owner in (OWNER, OTHER):
        cache.read_through(owner, "day", source.load)
    source.body = b"two"

    cache.forget(OWNER)

    assert cache.read_through(OWNER, "day", source.load).body == b"two"
    assert cache.read_through(OTHER, "day", source.load).body == b"one"


def test_a_slow_reader_does_not_put_an_old_row_back(db: None, source: Source) -> None:
    def slow() -> bytes:
        old = source.load()
        source.body = b"two"
        cache.forget(OWNER)
        cache.read_through(OWNER, "other field", source.load)  # a quicker reader has opened a new generation
        return old

    late = cache.read_through(OWNER, "day", slow)

    assert late.body == b"one"
    assert cache.read_through(OWNER, "day", source.load).body == b"two"


def test_a_reader_that_began_before_the_commit_does_not_survive_it(
    db: None, source: Source, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        cache.forget(OWNER)
        cache.read_through(OWNER, "day", source.load)  # still sees the old row
        source.body = b"two"

    assert cache.read_through(OWNER, "day", source.load).body == b"two"


def test_a_load_that_fails_is_not_kept(db: None, source: Source) -> None:
    def failing() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        cache.read_through(OWNER, "day", failing)

    assert cache.read_through(OWNER, "day", source.load).body == b"one"


def test_an_answer_that_was_garbled_in_redis_is_loaded_again(db: None, source: Source, redis: Any) -> None:
    cache.read_through(OWNER, "day", source.load)
    key = cache_hash.key(OWNER)
    kept = redis.hget(key, cache_hash.name("day"))
    assert kept is not None

    for garbled in (b"", b"\x00\xff", kept[:-1], kept + b"}", kept.replace(b"one", b"two")):
        redis.hset(key, cache_hash.name("day"), garbled)

        assert cache.read_through(OWNER, "day", source.load).body == b"one"


def test_a_key_of_another_kind_is_in_nobodys_way(db: None, source: Source, redis: Any) -> None:
    cache.read_through(OWNER, "day", source.load)
    key = cache_hash.key(OWNER)
    redis.delete(key)
    redis.set(key, "a string where a hash should be")

    assert cache.read_through(OWNER, "day", source.load).body == b"one"


def test_what_is_kept_is_forgotten_in_time_and_reading_does_not_prolong_it(
    db: None, source: Source, redis: Any
) -> None:
    cache.read_through(OWNER, "day", source.load)
    key = cache_hash.key(OWNER)
    redis.expire(key, 100)

    cache.read_through(OWNER, "week", source.load)

    assert 0 < redis.ttl(key) <= 100


def test_without_redis_every_reading_is_a_load_and_none_is_an_error(
    as_owner: Api, redis_goes_away: Callable[[], None]
) -> None:
    redis_goes_away()
    before = counted("bypass")

    read = [as_owner.get(path).status_code for path in (PROFILE, "/api/v1/today", "/api/v1/profile/targets")]
    written = as_owner.patch(PROFILE, {"weight": 70.8})

    assert (read, written.status_code, written.json()["weight"]) == ([200, 200, 200], 200, 70.8)
    assert counted("bypass") >= before + 3


def test_a_redis_that_is_lost_between_load_and_keeping_costs_nothing_but_the_keeping(
    db: None, source: Source, redis_goes_away: Callable[[], None]
) -> None:
    def load() -> bytes:
        redis_goes_away()
        return source.load()

    assert cache.read_through(OWNER, "day", load).body == b"one"


def test_a_write_while_redis_was_away_is_not_hidden_by_what_it_still_holds(
    as_owner: Api, redis_goes_away: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_owner.get(PROFILE)
    redis_goes_away()
    as_owner.patch(PROFILE, {"weight": 70.8})
    monkeypatch.undo()

    assert as_owner.get(PROFILE).json()["weight"] == 70.8


def test_hits_misses_and_bypasses_are_counted(db: None, source: Source) -> None:
    before = {outcome: counted(outcome) for outcome in ("hit", "miss", "bypass")}

    for _ in range(3):
        cache.read_through(OWNER, "day", source.load)

    after = {outcome: counted(outcome) - count for outcome, count in before.items()}
    assert after == {"hit": 2, "miss": 1, "bypass": 0}


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
        ("{etag}x", 200),
    ],
)
def test_a_client_that_has_the_answer_is_told_so(header: str, status: int) -> None:
    answer = cache.Answer.of(b'{"a":1}')
    request = RequestFactory().get("/", headers={"If-None-Match": header.format(etag=answer.etag)})

    response = cache.respond(request, answer)

    assert (response.status_code, response["ETag"]) == (status, answer.etag)
    assert response.content == (b"" if status == 304 else b'{"a":1}')


def test_an_answer_about_a_person_is_for_nobody_elses_cache() -> None:
    response = cache.respond(RequestFactory().get("/"), cache.Answer.of(b"{}"))

    assert (response["Cache-Control"], response["Vary"]) == ("private, no-cache", "Authorization, Accept-Encoding")


def test_the_answer_to_a_write_is_never_a_304() -> None:
    answer = cache.Answer.of(b"{}")
    request = RequestFactory().patch("/", headers={"If-None-Match": answer.etag})

    assert cache.respond(request, answer).status_code == 200


@pytest.mark.parametrize(
    ("header", "stale"),
    [("*", False), ("{etag}", False), ('"a",{etag}', False), ('"a"', True), ("W/{etag}", True)],
)
def test_a_condition_on_a_write_holds_for_the_very_same_bytes_only(header: str, *, stale: bool) -> None:
    answer = cache.Answer.of(b"{}")

    assert cache.is_stale(header.format(etag=answer.etag), answer) is stale


def test_different_bytes_have_different_etags() -> None:
    etags = {cache.Answer.of(str(number).encode()).etag for number in range(1000)}

    assert len(etags) == 1000
    assert all(etag.startswith('"') and etag.endswith('"') for etag in etags)
