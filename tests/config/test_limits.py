"""Limits: what is counted for whom, atomically, with and without Redis, and what the answer says of it."""

import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from config import buckets, limits
from config.api import api
from config.buckets import Bucket, Buckets, InProcess, Level
from tests import factories
from tests.conftest import Api
from users.models import User

LOGIN, PROFILE = "/api/v1/login", "/api/v1/profile"
NOWHERE = "redis://127.0.0.1:1/0"
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in api.get_openapi_schema()["paths"].items()
    for method, operation in operations.items()
}


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.RATE_LIMITS = True


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests a minute for anybody."""
    for whom in ("person", "address"):
        monkeypatch.setitem(limits.USUAL, whom, limits.Limit(whom, 2, 60, per=whom))


def guess(api_client: Api, email: str = "owner@example.org", **headers: str) -> int:
    return api_client.post(LOGIN, {"email": email, "password": "wrong password"}, **headers).status_code


@pytest.fixture(params=["redis", "in process"])
def store(request: pytest.FixtureRequest, settings: Settings) -> Buckets:
    return Buckets(settings.CACHE_URL if request.param == "redis" else NOWHERE)


def test_a_bucket_gives_its_quota_and_then_nothing(store: Buckets) -> None:
    bucket = Bucket("a", 3, 60)

    answers = [store.take([bucket]) for _ in range(5)]

    assert [taken for taken, _ in answers] == [True, True, True, False, False]
    assert [level.left for _, (level,) in answers] == [2, 1, 0, 0, 0]
    assert 18 <= answers[-1][1][0].wait <= 20


def test_of_two_buckets_an_empty_one_keeps_the_other_from_being_taken(store: Buckets) -> None:
    wide, narrow_one = Bucket("wide", 10, 60), Bucket("narrow", 1, 60)
    store.take([wide, narrow_one])

    taken, (level, empty) = store.take([wide, narrow_one])

    assert (taken, level.left, empty.left) == (False, 9, 0)


def test_what_is_given_back_can_be_taken_again_and_a_full_bucket_does_not_run_over(store: Buckets) -> None:
    bucket = Bucket("b", 2, 60)
    store.take([bucket])

    given_back = [store.give_back([bucket])[0].left for _ in range(3)]

    assert given_back == [2, 2, 2]
    assert [store.take([bucket])[0] for _ in range(3)] == [True, True, False]


def test_many_at_once_never_get_more_than_the_quota(store: Buckets) -> None:
    bucket = Bucket("crowd", 10, 3600)
    taken: list[bool] = []
    start = threading.Barrier(40)

    def take() -> None:
        start.wait()
        taken.append(store.take([bucket])[0])

    threads = [threading.Thread(target=take) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (taken.count(True), taken.count(False)) == (10, 30)


@given(
    quota=st.integers(1, 50),
    window=st.integers(1, 3600),
    pauses=st.lists(st.floats(0, 600, allow_nan=False), min_size=1, max_size=80),
)
def test_over_any_time_a_bucket_gives_at_most_its_quota_and_what_has_flowed_in(
    quota: int, window: int, pauses: list[float]
) -> None:
    own, bucket, now, given_out = InProcess(), Bucket("x", quota, window), 0.0, 0

    for pause in pauses:
        now += pause
        taken, (until_full,) = own.move([bucket], 1, now)
        given_out += taken
        level = Level(bucket, until_full)

        assert given_out <= quota + now * quota / window + 0.1
        assert taken or level.left == 0
        assert 0 <= level.left < quota
        assert level.wait >= (0 if level.left else 1)


@given(quota=st.integers(1, 50), window=st.integers(1, 3600))
def test_who_waits_as_long_as_was_said_is_served(quota: int, window: int) -> None:
    own, bucket = InProcess(), Bucket("x", quota, window)
    while own.move([bucket], 1, 0.0)[0]:
        pass
    _, (until_full,) = own.move([bucket], 1, 0.0)

    assert own.move([bucket], 1, float(Level(bucket, until_full).wait))[0]


def test_without_redis_the_memory_of_the_process_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "MOST_IN_PROCESS", 5)
    own = InProcess()

    for number in range(100):
        own.move([Bucket(f"{number}", 1, 60)], 1, 0.0)

    assert len(own) == 5
    assert own.move([Bucket("99", 1, 60)], 1, 0.0)[0] is False  # the latest are remembered


def test_a_redis_that_is_away_is_asked_once_and_then_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    store = Buckets(NOWHERE)

    for _ in range(5):
        store.take([Bucket("c", 10, 60)])

    assert [record.message for record in caplog.records].count(
        "limits are kept in this process for a while: ConnectionError"
    ) == 1


def test_without_redis_bad_logins_are_still_counted(anonymous: Api, owner: User, settings: Settings) -> None:
    settings.LIMITS_URL = NOWHERE
    limits._buckets_at.cache_clear()  # noqa: SLF001 - what other tests have counted

    assert [guess(anonymous) for _ in range(7)] == [401] * 5 + [429] * 2


def test_what_is_forgotten_in_redis_takes_no_longer_than_its_window(settings: Settings) -> None:
    Buckets(settings.CACHE_URL).take([Bucket("d", 4, 60)])

    kept = limits._buckets()._move_in_redis.registered_client.pttl(buckets.KEY.format("d"))  # noqa: SLF001

    assert 0 < kept <= 15_001


def test_an_answer_says_what_the_policy_is_and_what_is_left(as_owner: Api) -> None:
    answer = as_owner.get(PROFILE)

    assert answer["RateLimit-Policy"] == '"person";q=600;w=60'
    assert answer["RateLimit"] == '"person";r=599;t=1'


def test_too_often_is_a_429_problem_that_says_when_to_come_back(as_owner: Api, narrow: None) -> None:
    answers = [as_owner.get(PROFILE) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Content-Type"] == "application/problem+json"
    assert answers[2].json()["code"] == "rate_limited"
    assert 29 <= int(answers[2]["Retry-After"]) <= 30
    assert answers[2]["RateLimit"] == f'"person";r=0;t={answers[2]["Retry-After"]}'


def test_each_person_has_a_quota_of_their_own_wherever_they_are(as_owner: Api, as_stranger: Api, narrow: None) -> None:
    used_up = [as_owner.client.get(PROFILE, headers=as_owner.headers, REMOTE_ADDR=f"10.0.0.{n}") for n in range(3)]

    assert [answer.status_code for answer in used_up] == [200, 200, 429]
    assert as_stranger.get(PROFILE).status_code == 200


def test_a_made_up_token_counts_for_its_address(anonymous: Api, narrow: None) -> None:
    answers = [anonymous.get(PROFILE, Authorization=f"Bearer made.up.{number}").status_code for number in range(3)]

    assert answers == [401, 401, 429]


@pytest.mark.parametrize("path", ["/healthz", "/", "/nope", "/admin/login/"])
def test_what_is_not_the_api_has_no_limit(anonymous: Api, narrow: None, path: str) -> None:
    answers = [anonymous.get(path) for _ in range(4)]

    assert 429 not in {answer.status_code for answer in answers}
    assert not any(answer.has_header("RateLimit") for answer in answers)


def test_good_logins_are_not_counted(anonymous: Api, owner: User) -> None:
    body = {"email": owner.email, "password": factories.PASSWORD}

    answers = [anonymous.post(LOGIN, body) for _ in range(8)]

    assert [answer.status_code for answer in answers] == [200] * 8
    assert '"login";r=5;t=0' in answers[-1]["RateLimit"]


def test_bad_logins_of_one_account_leave_the_others_alone(anonymous: Api, owner: User, stranger: User) -> None:
    for _ in range(6):
        guess(anonymous)

    good = anonymous.post(LOGIN, {"email": stranger.email, "password": factories.PASSWORD})

    assert guess(anonymous) == 429
    assert good.status_code == 200


@pytest.mark.parametrize("spelling", ["OWNER@example.org", " owner@example.org ", "ｏｗｎｅｒ@example.org"])
def test_another_spelling_of_an_email_is_the_same_account(anonymous: Api, owner: User, spelling: str) -> None:
    for _ in range(5):
        guess(anonymous)

    assert guess(anonymous, spelling) == 429


def test_one_address_may_not_try_one_password_on_many_accounts(anonymous: Api, owner: User) -> None:
    answers = [guess(anonymous, f"person{number}@example.org") for number in range(22)]

    assert answers == [401] * 20 + [429] * 2


def test_staff_are_guessed_no_faster_than_anybody_else(anonymous: Api, staff: User) -> None:
    form = {"username": staff.email, "password": "wrong password"}

    answers = [anonymous.client.post("/admin/login/", form).status_code for _ in range(6)]

    assert answers == [200] * 5 + [429]


def test_no_email_stands_in_redis(anonymous: Api, owner: User) -> None:
    guess(anonymous)

    keys = str(limits._buckets()._move_in_redis.registered_client.keys("regimen:limit:*"))  # noqa: SLF001

    assert "regimen:limit:login:" in keys
    assert "owner" not in keys


def test_every_operation_of_the_table_is_there() -> None:
    of_the_api = {name for name in limits.RULES if "/api/" in name}

    assert of_the_api - set(OPERATIONS) == set()


def test_whatever_takes_a_password_has_a_place_in_the_queue() -> None:
    schemas = api.get_openapi_schema()["components"]["schemas"]

    def fields(operation: dict[str, Any]) -> str:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        return " ".join(schemas.get(content.get("$ref", "").rsplit("/", 1)[-1], {}).get("properties", {}))

    taking = {name for name, operation in OPERATIONS.items() if "password" in fields(operation)}

    assert taking >= {"POST /api/v1/register", "POST /api/v1/login"}
    assert {name for name in taking if not limits.RULES.get(name, limits.Rule()).hashes} == set()
