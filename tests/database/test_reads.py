"""The thin layer in front of Django and Django itself answer with the same bytes, headers and statuses."""

import asyncio
import atexit
import datetime as dt
import gzip
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import hiredis
import pytest
from django.core.signals import request_finished
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_redis import get_redis_connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import connection as redis_connection

from ai.models import JobStatus, PlanJob
from config import cache_hash, hits, reads
from config.cache_trust import trust
from config.handler import OneThread
from tests import factories
from users import auth, services
from users.models import Session, User

JOB, FINISHED = uuid.UUID(int=7), uuid.UUID(int=8)
PATHS = ("profile", "profile/targets", "today", "meal-plan", "workout-plan", f"jobs/{JOB}", f"jobs/{FINISHED}")
QUERIES: tuple[str, ...] = (
    "",
    "units=imperial",
    "units=metric",
    "units=furlong",
    "date=2026-03-02",
    "date=2026-13-02",
    "date=",
    "x=1",
)
QUERIES += ("date=2026-03-02&date=2026-03-03", "units=imperial&x=1", "%64ate=2026-03-02", "date=%00", "-=-")
CODINGS = (
    "gzip",
    "gzip;q=0",
    "*",
    "*;q=0",
    "identity",
    "gzip;q=0.5, identity",
    "GZIP ; Q=1",
    "br;q=1, x-gzip",
    "gzip;q",
)
DIFFERS = {b"x-request-id"}  # a new one each time, unless the client chose it


LOOP = asyncio.new_event_loop()
atexit.register(LOOP.close)


@dataclass
class Seen:
    """What came out of an ASGI application, and whether Django was asked."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""


def ask(application: Any, method: str, path: str, query: str, headers: list[tuple[str, str]]) -> Seen:
    seen = Seen()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 80),
    }
    inbox = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if inbox:
            return inbox.pop()
        await asyncio.sleep(3600)
        return None

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
            seen.headers = {name.lower(): value for name, value in message["headers"] if name.lower() not in DIFFERS}
        else:
            seen.body += message.get("body", b"")

    LOOP.run_until_complete(application(scope, receive, send))
    return seen


class Counting:
    """Django, and how often it was asked."""

    def __init__(self) -> None:
        self.application, self.asked = OneThread(), 0

    async def __call__(self, *arguments: Any) -> None:
        self.asked += 1
        await self.application(*arguments)


@pytest.fixture
def django() -> Counting:
    return Counting()


@pytest.fixture
def thin(django: Counting) -> Iterator[reads.Reads]:
    known = hits.Hits()
    yield reads.Reads(django, known)
    known.close()
    LOOP.run_until_complete(asyncio.sleep(0.01))


@pytest.fixture
def person(fresh_db: None) -> User:
    reader = factories.user(email="reader@example.org")
    factories.job(reader, id=JOB)
    factories.job(reader, id=FINISHED, status=JobStatus.SUCCEEDED, percent=100, days=2)
    return reader


@dataclass
class Device:
    session: Session
    token: str
    headers: list[tuple[str, str]]

    @classmethod
    def of(cls, user: User, now: dt.datetime) -> "Device":
        session = Session.objects.create(user=user, created_at=now, rotated_at=now)
        token = auth.issue(session, now=now).access
        return cls(session, token, [("host", "testserver"), ("authorization", f"Bearer {token}")])


@pytest.fixture
def device(person: User) -> Iterator[Device]:
    yield Device.of(person, timezone.now())
    request_finished.send(sender=None)


def warmed(django: Counting, device: Device, path: str, query: str = "") -> Seen:
    return ask(django, "GET", f"/api/v1/{path}", query, device.headers)


HITS = ("profile", "profile/targets", "today", f"jobs/{FINISHED}")


@pytest.mark.parametrize("path", HITS)
def test_a_hit_is_answered_without_django_and_as_django_would(
    path: str, thin: reads.Reads, django: Counting, device: Device
) -> None:
    expected = warmed(django, device, path)
    django.asked = 0

    answered = ask(thin, "GET", f"/api/v1/{path}", "", device.headers)

    assert django.asked == 0
    assert answered == expected
    assert answered.status == 200


@pytest.mark.parametrize("path", HITS)
@pytest.mark.usefixtures("steady_cache")
def test_a_hit_costs_one_question_to_redis_and_none_to_postgresql(
    path: str, thin: reads.Reads, django: Counting, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed(django, device, path)
    asked: list[str] = []

    def noted(name: str, function: Any) -> Any:
        def called(*arguments: Any, **named: Any) -> Any:
            asked.append(name)
            return function(*arguments, **named)

        return called

    monkeypatch.setattr(hiredis, "pack_command", noted("command", hiredis.pack_command))
    read = redis_connection.Connection.read_response
    monkeypatch.setattr(redis_connection.Connection, "read_response", noted("of redis-py", read))

    ask(thin, "GET", f"/api/v1/{path}", "", device.headers)  # which connects first
    asked.clear()
    with CaptureQueriesContext(connection) as queries:
        answered = ask(thin, "GET", f"/api/v1/{path}", "", device.headers)

    assert answered.status == 200
    assert asked == ["command"]
    assert len(queries) == 0


def test_a_job_that_goes_on_is_not_kept(thin: reads.Reads, django: Counting, device: Device) -> None:
    warmed(django, device, f"jobs/{JOB}")

    PlanJob.objects.filter(pk=JOB).update(percent=40)  # as its worker reports, without a word to the cache

    assert b'"percent":40' in ask(thin, "GET", f"/api/v1/jobs/{JOB}", "", device.headers).body


def test_somebody_elses_job_is_not_found_by_either(thin: reads.Reads, django: Counting, device: Device) -> None:
    stranger = Device.of(factories.user(), timezone.now())
    warmed(django, device, f"jobs/{FINISHED}")

    assert {ask(one, "GET", f"/api/v1/jobs/{FINISHED}", "", stranger.headers).status for one in (thin, django)} == {404}


def test_what_is_large_comes_packed_to_those_who_can_read_that(
    thin: reads.Reads, django: Counting, device: Device
) -> None:
    plain = warmed(django, device, "profile/targets")
    headers = [*device.headers, ("accept-encoding", "br, gzip")]

    packed = ask(thin, "GET", "/api/v1/profile/targets", "", headers)

    assert b"content-encoding" not in plain.headers
    assert packed.headers[b"content-encoding"] == b"gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) == int(packed.headers[b"content-length"]) < len(plain.body) / 2
    assert packed.headers[b"etag"] != plain.headers[b"etag"]
    assert packed.headers[b"vary"] == plain.headers[b"vary"] == b"Authorization, Accept-Encoding"


def test_a_tag_is_known_again_only_for_the_coding_that_it_came_with(
    thin: reads.Reads, django: Counting, device: Device
) -> None:
    packs = ("accept-encoding", "gzip")
    tags = [
        ask(django, "GET", "/api/v1/profile/targets", "", [*device.headers, *more]).headers[b"etag"].decode()
        for more in ([], [packs])
    ]

    asked = [[*device.headers, *more, ("if-none-match", tag)] for more in ([], [packs]) for tag in tags]
    answers = [ask(thin, "GET", "/api/v1/profile/targets", "", headers) for headers in asked]

    assert [answer.status for answer in answers] == [304, 200, 200, 304]


def test_a_client_that_has_it_is_told_so_by_both(thin: reads.Reads, django: Counting, device: Device) -> None:
    etag = warmed(django, device, "profile").headers[b"etag"].decode()
    headers = [*device.headers, ("if-none-match", f'"other", {etag}')]
    expected = ask(django, "GET", "/api/v1/profile", "", headers)
    django.asked = 0

    answered = ask(thin, "GET", "/api/v1/profile", "", headers)

    assert (django.asked, answered.status, answered.body) == (0, 304, b"")
    assert answered == expected


@given(
    method=st.sampled_from(("GET", "HEAD", "POST", "DELETE", "OPTIONS")),
    path=st.sampled_from((*PATHS, "profile/", "jobs", "Profile")),
    query=st.sampled_from(QUERIES),
    scheme=st.sampled_from(("Bearer", "bearer", "Basic", "Bearer ", "")),
    token=st.sampled_from(("good", "garbled", "of an ended session", "expired", "")),
    host=st.sampled_from(("testserver", "TESTSERVER:80", "evil.example", "")),
    more=st.lists(
        st.sampled_from(
            (
                ("if-none-match", "*"),
                ("if-none-match", '"x"'),
                *(("accept-encoding", value) for value in CODINGS),
                ("x-request-id", "chosen-by-me"),
                ("x-forwarded-proto", "https"),
                ("cookie", "a=b"),
            )
        ),
        max_size=3,
    ),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_both_answer_the_same(  # noqa: PLR0913, PLR0917 - one strategy each
    thin: reads.Reads,
    django: Counting,
    device: Device,
    method: str,
    path: str,
    query: str,
    scheme: str,
    token: str,
    host: str,
    more: list[tuple[str, str]],
) -> None:
    for known in PATHS:
        warmed(django, device, known)
    headers = [("host", host), ("authorization", f"{scheme} {tokens(device)[token]}"), *more]

    expected = ask(django, method, f"/api/v1/{path}", query, headers)
    answered = ask(thin, method, f"/api/v1/{path}", query, headers)

    assert (answered.status, answered.headers) == (expected.status, expected.headers)
    if answered.status < 400:  # a problem names the request
        assert answered.body == expected.body


_made: dict[str, dict[str, str]] = {}


def tokens(device: Device) -> dict[str, str]:
    """Return tokens of every kind for the device's person, made once."""
    if device.token not in _made:
        now = timezone.now()
        ended = Device.of(device.session.user, now)
        services.logout(token=auth.issue(ended.session, now=now).refresh, user_id=device.session.user_id, now=now)
        _made[device.token] = {
            "good": device.token,
            "garbled": device.token[:-3] + "abc",
            "of an ended session": ended.token,
            "expired": Device.of(device.session.user, now - dt.timedelta(days=2)).token,
            "": "",
        }
    return _made[device.token]


def test_a_session_that_ends_is_seen_by_the_next_request(thin: reads.Reads, django: Counting, device: Device) -> None:
    warmed(django, device, "profile")
    assert ask(thin, "GET", "/api/v1/profile", "", device.headers).status == 200

    now = timezone.now()
    services.logout(token=auth.issue(device.session, now=now).refresh, user_id=device.session.user_id, now=now)

    assert ask(thin, "GET", "/api/v1/profile", "", device.headers).status == 401


def test_a_write_is_seen_by_the_next_request(thin: reads.Reads, django: Counting, device: Device) -> None:
    before = warmed(django, device, "profile").body

    services.update_profile(device.session.user, {"weight": 61.25})

    after = ask(thin, "GET", "/api/v1/profile", "", device.headers).body
    assert b"61.25" in after
    assert after != before


def test_the_answer_for_today_ends_with_the_day(
    thin: reads.Reads, django: Counting, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed(django, device, "today")
    ask(thin, "GET", "/api/v1/today", "", device.headers)
    django.asked = 0
    tomorrow = time.time() + 86_400
    monkeypatch.setattr("config.cache.time.time", lambda: tomorrow)

    ask(thin, "GET", "/api/v1/today", "", device.headers)

    assert django.asked == 1


def test_a_token_is_not_good_any_longer_than_it_says(
    thin: reads.Reads, django: Counting, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed(django, device, "profile")
    assert ask(thin, "GET", "/api/v1/profile", "", device.headers).status == 200
    django.asked = 0
    later = time.time() + 86_400
    monkeypatch.setattr("config.hits.time.time", lambda: later)

    ask(thin, "GET", "/api/v1/profile", "", device.headers)

    assert django.asked == 1  # whose clock is another


@override_settings(CACHE_URL="redis://127.0.0.1:1/0")
def test_without_redis_django_answers(thin: reads.Reads, django: Counting, device: Device) -> None:
    expected = warmed(django, device, "profile")

    assert [ask(thin, "GET", "/api/v1/profile", "", device.headers) for _ in range(3)] == [expected] * 3


def test_while_something_is_owed_django_answers(thin: reads.Reads, django: Counting, device: Device) -> None:
    warmed(django, device, "profile")
    trust.doubt()
    django.asked = 0

    answered = ask(thin, "GET", "/api/v1/profile", "", device.headers)

    assert (answered.status, django.asked) == (200, 1)


@pytest.mark.parametrize("garbled", [b"", b"x", b"0" * 60])
def test_what_was_garbled_in_redis_is_not_served(
    garbled: bytes, thin: reads.Reads, django: Counting, device: Device
) -> None:
    expected = warmed(django, device, "profile")
    key = cache_hash.key(device.session.user_id)
    for name in map(cache_hash.name, ("profile:", f"session:{device.session.pk}")):
        kept = get_redis_connection("default").hget(key, name)
        assert kept
        get_redis_connection("default").hset(key, name, garbled)

        assert ask(thin, "GET", "/api/v1/profile", "", device.headers) == expected

        get_redis_connection("default").hset(key, name, kept)


def test_tokens_are_remembered_in_a_bounded_number(
    thin: reads.Reads, django: Counting, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hits, "MOST_TOKENS", 3)

    for _ in range(10):
        other = Device.of(device.session.user, timezone.now())
        ask(thin, "GET", "/api/v1/profile", "", other.headers)

    assert len(thin._hits._readers) == 3  # noqa: SLF001 - what must be bounded
