"""Logging days over HTTP: create, read, change and delete, each person their own."""

from typing import Any

import pytest

from progress.models import ProgressLog
from tests.conftest import Api
from users.models import Event, User

PROGRESS = "/api/v1/progress"
DAY = "2026-03-02"


def dates(answer: Any) -> list[str]:
    return [item["date"] for item in answer.json()["items"]]


def test_the_first_log_of_a_date_is_created_and_stored(as_owner: Api, owner: User) -> None:
    log = {
        "date": DAY,
        "weight": 71.2,
        "calories_consumed": 1840,
        "workouts_completed": 1,
        "complete": True,
        "note": "good",
    }

    answer = as_owner.post(PROGRESS, log)

    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in log} == log
    row = ProgressLog.objects.get(user=owner)
    assert (row.date.isoformat(), row.weight, row.calories_consumed, row.workouts_completed) == (DAY, 71.2, 1840, 1)


def test_logging_a_date_again_changes_what_is_sent_and_keeps_the_rest(as_owner: Api) -> None:
    as_owner.post(PROGRESS, {"date": DAY, "weight": 71.2, "calories_consumed": 1840, "complete": True})

    answer = as_owner.post(PROGRESS, {"date": DAY, "weight": 71.0})

    body = answer.json()
    assert answer.status_code == 200
    assert (body["weight"], body["calories_consumed"], body["complete"]) == (71.0, 1840, True)
    assert ProgressLog.objects.count() == 1


def test_a_figure_that_was_wrong_can_be_taken_back(as_owner: Api) -> None:
    as_owner.post(PROGRESS, {"date": DAY, "weight": 171.2, "calories_consumed": 1840})

    body = as_owner.post(PROGRESS, {"date": DAY, "weight": None}).json()

    assert (body["weight"], body["calories_consumed"]) == (None, 1840)


def test_a_date_alone_is_a_log_of_nothing_yet(as_owner: Api) -> None:
    body = as_owner.post(PROGRESS, {"date": DAY}).json()

    assert (body["weight"], body["calories_consumed"], body["workouts_completed"], body["note"]) == (None, None, 0, "")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"weight": 24.9}, "/weight"),
        ({"weight": 350.1}, "/weight"),
        ({"weight": "71"}, "/weight"),
        ({"calories_consumed": -1}, "/calories_consumed"),
        ({"calories_consumed": 20_001}, "/calories_consumed"),
        ({"workouts_completed": 11}, "/workouts_completed"),
        ({"workouts_completed": None}, "/workouts_completed"),
        ({"complete": 1}, "/complete"),
        ({"note": "x" * 501}, "/note"),
        ({"user": 1}, "/user"),
        ({"user_id": 1}, "/user_id"),
        ({"date": None}, "/date"),
    ],
)
def test_a_log_out_of_range_is_refused_by_its_field_and_stores_nothing(
    as_owner: Api, fields: dict[str, Any], pointer: str
) -> None:
    answer = as_owner.post(PROGRESS, {"date": DAY, "weight": 71.2, **fields})

    assert answer.status_code == 422
    assert [entry["pointer"] for entry in answer.json()["errors"]] == [pointer]
    assert not ProgressLog.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"weight": 25},
        {"weight": 350},
        {"calories_consumed": 0},
        {"calories_consumed": 20_000},
        {"workouts_completed": 10},
        {"note": "x" * 500},
        {"date": "1900-01-01"},
        {"date": "2100-12-31"},
        {"date": "2024-02-29"},
    ],
)
def test_the_ends_of_the_ranges_are_inside(as_owner: Api, fields: dict[str, Any]) -> None:
    answer = as_owner.post(PROGRESS, {"date": DAY, **fields})

    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in fields} == fields


def test_a_range_holds_its_two_ends_oldest_first(as_owner: Api) -> None:
    for date in ("2026-03-05", "2026-03-01", "2026-03-02", "2026-03-04", "2026-02-28"):
        as_owner.post(PROGRESS, {"date": date})

    answer = as_owner.get(f"{PROGRESS}?from=2026-03-01&to=2026-03-04")

    assert dates(answer) == ["2026-03-01", "2026-03-02", "2026-03-04"]
    assert answer.json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("from=2026-03-01&to=2026-05-01", 200, None),
        ("from=2026-03-01&to=2026-05-02", 422, "range_too_long"),
        ("from=2026-03-02&to=2026-03-01", 422, "range_reversed"),
        ("from=2026-03-01", 422, "missing"),
        ("to=2026-03-01", 422, "missing"),
        ("from=soon&to=2026-03-01", 422, "value_error"),
    ],
)
def test_a_range_is_at_most_62_days_and_goes_forward(as_owner: Api, query: str, status: int, code: str | None) -> None:
    answer = as_owner.get(f"{PROGRESS}?{query}")

    assert answer.status_code == status
    assert [entry["code"] for entry in answer.json().get("errors", [])] == ([code] if code else [])


def test_a_new_log_shows_in_a_list_that_was_read_before(as_owner: Api) -> None:
    path = f"{PROGRESS}?from={DAY}&to={DAY}"
    first = as_owner.get(path)

    as_owner.post(PROGRESS, {"date": DAY, "weight": 71.2})

    assert as_owner.get(path, If_None_Match=first["ETag"]).json()["items"][0]["weight"] == 71.2


def test_a_list_that_has_not_changed_is_not_sent_twice(as_owner: Api) -> None:
    path = f"{PROGRESS}?from={DAY}&to={DAY}"

    assert as_owner.get(path, If_None_Match=as_owner.get(path)["ETag"]).status_code == 304


def test_a_deleted_log_is_gone_and_deleting_it_again_finds_nothing(as_owner: Api) -> None:
    as_owner.post(PROGRESS, {"date": DAY})
    as_owner.get(f"{PROGRESS}?from={DAY}&to={DAY}")

    first, second = (as_owner.delete(f"{PROGRESS}/{DAY}") for _ in range(2))

    assert (first.status_code, first.content) == (204, b"")
    assert (second.status_code, second.json()["code"]) == (404, "no_log")
    assert dates(as_owner.get(f"{PROGRESS}?from={DAY}&to={DAY}")) == []


def test_nobody_reads_changes_or_deletes_the_log_of_somebody_else(as_owner: Api, as_stranger: Api) -> None:
    as_owner.post(PROGRESS, {"date": DAY, "weight": 71.2})

    deleted = as_stranger.delete(f"{PROGRESS}/{DAY}")
    logged = as_stranger.post(PROGRESS, {"date": DAY, "weight": 90})

    path = f"{PROGRESS}?from={DAY}&to={DAY}"
    assert (deleted.status_code, logged.status_code) == (404, 201)
    assert [as_owner.get(path).json()["items"][0]["weight"], as_stranger.get(path).json()["items"][0]["weight"]] == [
        71.2,
        90,
    ]


def test_a_weigh_in_does_not_change_the_targets_by_itself(as_owner: Api) -> None:
    before = as_owner.get("/api/v1/profile/targets").json()

    as_owner.post(PROGRESS, {"date": DAY, "weight": 60})

    assert as_owner.get("/api/v1/profile/targets").json() == before
    assert as_owner.get("/api/v1/profile").json()["weight"] == 71.5
