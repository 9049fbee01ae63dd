"""`Idempotency-Key`: a POST that is sent again is answered again, and done once."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ai.models import PlanJob
from config.api import api
from progress import services as progress_services
from tests import factories
from tests.conftest import Api
from users.models import Event as FeedEvent
from users.models import Export, User
from workers import idempotency
from workers.models import StoredAnswer

pytestmark = pytest.mark.django_db

LOG, DAY = "/api/v1/progress", {"date": "2026-03-02", "weight": 71}
PLAN = {"kind": "meal", "days": 1, "start_date": "2026-03-02"}
GENERATE = "/api/v1/generate-plan"


def send(client: Api, path: str) -> Any:
    """Send a request from a thread of its own, which leaves no connection behind."""
    try:
        return client.post(path, DAY if path == LOG else PLAN, Idempotency_Key="k1")
    finally:
        connections.close_all()


def told(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    """Return all that a client may look at: status, body, and the headers that tell of what was made."""
    headers = {name: answer[name] for name in ("Content-Type", *idempotency.HEADERS) if name in answer}
    return answer.status_code, answer.content, headers


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LOG, DAY),
        ("/api/v1/progress/sets", {"sets": [{"date": "2026-03-02", "exercise_id": "goblet_squat", "reps": 8}]}),
        ("/api/v1/profile/export", None),
        (GENERATE, PLAN),
    ],
)  # fmt: skip
def test_a_request_that_comes_again_is_answered_byte_for_byte_and_done_once(
    as_owner: Api, owner: User, path: str, body: Any, run_jobs: Callable[[], int]
) -> None:
    first = as_owner.post(path, body, Idempotency_Key="k1")
    events = FeedEvent.objects.count()
    exports = Export.objects.count()

    again = as_owner.post(path, body, Idempotency_Key="k1")

    assert first.status_code < 300, first.content
    assert told(again) == told(first)
    assert (again["Idempotent-Replayed"], first.get("Idempotent-Replayed")) == ("true", None)
    assert (FeedEvent.objects.count(), Export.objects.count()) == (events, exports)


def test_a_change_to_a_plan_is_answered_again_to_those_who_read_gzip(
    as_owner: Api, owner: User, run_jobs: Callable[[], int]
) -> None:
    as_owner.post(GENERATE, PLAN)
    run_jobs()
    swap = {"date": PLAN["start_date"], "slot": "lunch"}

    first, again = (
        as_owner.post("/api/v1/meal-plan/swap", swap, Idempotency_Key="k1", Accept_Encoding="gzip") for _ in range(2)
    )

    assert first.status_code == 200, first.content
    assert told(again) == told(first)
    assert (again.json()["version"], again["Idempotent-Replayed"]) == (2, "true")


def test_without_a_key_every_request_is_done(as_owner: Api) -> None:
    as_owner.post(LOG, DAY)
    as_owner.post(LOG, DAY)

    assert FeedEvent.objects.count() == 2


@pytest.mark.parametrize("path", [LOG, GENERATE])
def test_a_key_that_came_with_another_body_is_refused(as_owner: Api, path: str) -> None:
    body = DAY if path == LOG else PLAN
    as_owner.post(path, body, Idempotency_Key="k1")

    other = as_owner.post(path, {**body, "note" if path == LOG else "notes": "more"}, Idempotency_Key="k1")

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_a_key_that_came_to_another_path_is_refused(as_owner: Api) -> None:
    as_owner.post(LOG, DAY, Idempotency_Key="k1")

    other = as_owner.post("/api/v1/progress/sets", DAY, Idempotency_Key="k1")

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_two_people_may_have_the_same_key(as_owner: Api, as_stranger: Api) -> None:
    as_owner.post(LOG, DAY, Idempotency_Key="k1")

    answer = as_stranger.post(LOG, {**DAY, "weight": 99}, Idempotency_Key="k1")

    assert answer.status_code < 300
    assert "Idempotent-Replayed" not in answer


def test_a_refusal_is_not_kept_and_leaves_nothing_behind(as_owner: Api) -> None:
    refused = as_owner.post(LOG, {**DAY, "weight": -1}, Idempotency_Key="k1")

    accepted = as_owner.post(LOG, DAY, Idempotency_Key="k1")

    assert (refused.status_code, accepted.status_code < 300) == (422, True)
    assert "Idempotent-Replayed" not in accepted


def test_a_defect_leaves_neither_effect_nor_answer(as_owner: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def store_and_break(*_: Any, **__: Any) -> Any:
        factories.user(email="left@example.org")
        raise RuntimeError

    monkeypatch.setattr(progress_services, "log_day", store_and_break, raising=False)
    monkeypatch.setattr("progress.api.services", progress_services)
    names = [name for name in vars(progress_services) if name.startswith(("log", "store", "record", "upsert"))]
    for name in names:
        monkeypatch.setattr(progress_services, name, store_and_break)

    answer = as_owner.post(LOG, DAY, Idempotency_Key="k1")

    assert answer.status_code == 500
    assert not User.objects.filter(email="left@example.org").exists()
    assert not StoredAnswer.objects.exists()


@pytest.mark.parametrize(("key", "code"), [("", "string_too_short"), ("x" * 256, "string_too_long")])
def test_a_key_has_1_to_255_characters(as_owner: Api, key: str, code: str) -> None:
    answer = as_owner.post(LOG, DAY, Idempotency_Key=key)

    assert answer.status_code == 422
    assert answer.json()["errors"][0] | {"detail": ""} == {"pointer": "/Idempotency-Key", "code": code, "detail": ""}


def test_who_is_not_signed_in_any_more_is_told_nothing(as_owner: Api) -> None:
    as_owner.post(LOG, DAY, Idempotency_Key="k1")
    as_owner.post("/api/v1/logout-all")

    answer = as_owner.post(LOG, DAY, Idempotency_Key="k1")

    assert answer.status_code == 401


def test_after_a_day_a_key_is_new_and_the_clock_removes_it(as_owner: Api) -> None:
    as_owner.post(LOG, DAY, Idempotency_Key="old")
    as_owner.post(LOG, DAY, Idempotency_Key="young")
    StoredAnswer.objects.filter(key="old").update(created_at=timezone.now() - dt.timedelta(hours=25))

    removed = idempotency.prune()
    answer = as_owner.post(LOG, DAY, Idempotency_Key="old")

    assert removed == 1
    assert "Idempotent-Replayed" not in answer
    assert StoredAnswer.objects.filter(key="young").exists()


def test_an_answer_that_is_too_old_but_still_there_is_not_given(as_owner: Api) -> None:
    as_owner.post(LOG, DAY, Idempotency_Key="k1")
    StoredAnswer.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))

    answers = [as_owner.post(LOG, {**DAY, "weight": 72}, Idempotency_Key="k1") for _ in range(2)]

    assert [(answer.status_code < 300, "Idempotent-Replayed" in answer) for answer in answers] == [
        (True, False),
        (True, True),
    ]


def test_a_job_whose_answer_was_not_stored_is_found_by_its_key(as_owner: Api) -> None:
    first = as_owner.post(GENERATE, PLAN, Idempotency_Key="k1")
    StoredAnswer.objects.all().delete()  # the process died after the job was accepted

    again = as_owner.post(GENERATE, PLAN, Idempotency_Key="k1")

    assert again.json()["id"] == first.json()["id"]
    assert PlanJob.objects.count() == 1


@pytest.mark.usefixtures("fresh_db")
def test_while_the_first_request_is_answered_the_second_is_told_to_wait(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, begun, done = Api(owner), Event(), Event()
    store = idempotency._store  # noqa: SLF001

    def slow(*arguments: Any) -> bool:
        begun.set()
        done.wait(20)
        return store(*arguments)

    monkeypatch.setattr(idempotency, "_store", slow)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(send, client, LOG)
        assert begun.wait(20)
        second = Api(owner).post(LOG, DAY, Idempotency_Key="k1")
        done.set()

    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_progress")
    assert second["Retry-After"] == "1"
    assert first.result().status_code < 300


@pytest.mark.usefixtures("fresh_db")
@pytest.mark.parametrize("path", [LOG, GENERATE])
def test_of_twenty_at_once_one_is_done(owner: User, path: str) -> None:
    clients, barrier = [Api(owner) for _ in range(20)], Barrier(20)

    def race(client: Api) -> Any:
        barrier.wait()
        return send(client, path)

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(race, clients))

    good = [answer for answer in answers if answer.status_code < 300]
    assert len(good) >= 1
    assert {answer.status_code for answer in answers} - {good[0].status_code} <= {409}
    assert len({answer.content for answer in good}) == 1
    assert FeedEvent.objects.filter(user=owner).count() == 1


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(requests=st.lists(st.tuples(st.sampled_from("abc"), st.integers(60, 62)), min_size=1, max_size=12))
def test_whatever_is_sent_in_whatever_order_each_key_has_one_answer(
    owner: User, requests: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        client, first = Api(owner), dict[str, tuple[int, bytes]]()
        for key, weight in requests:
            answer = client.post(LOG, {**DAY, "weight": weight}, Idempotency_Key=key)
            if key not in first:
                first[key] = (weight, answer.content)
                assert answer.status_code < 300
            elif first[key][0] == weight:
                assert answer.content == first[key][1]
            else:
                assert answer.status_code == 422
        assert FeedEvent.objects.filter(user=owner).count() == len(first)
        transaction.set_rollback(True)


def test_every_post_of_who_is_signed_in_takes_a_key_or_is_said_not_to() -> None:
    document: dict[str, Any] = dict(api.get_openapi_schema())
    posts = {path: operations["post"] for path, operations in document["paths"].items() if "post" in operations}

    assert settings.KEYLESS_POSTS - set(posts) == set()
    assert {path for path, one in posts.items() if "security" not in one} <= settings.KEYLESS_POSTS
