"""Plan generation over HTTP."""

import uuid
from collections.abc import Callable

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ai.models import JobStatus, PlanJob
from config.api import api
from mealplans import services as meal_services
from tests import factories
from tests.conftest import Api
from users.models import User

MEALS = {"kind": "meal", "start_date": "2026-03-02", "days": 2}


def test_a_request_is_accepted_with_a_job_to_follow(as_owner: Api) -> None:
    answer = as_owner.post("/api/v1/generate-plan", MEALS)

    assert answer.status_code == 202
    job = answer.json()
    assert (job["status"], job["kind"], job["start_date"], job["days"]) == ("queued", "meal", "2026-03-02", 2)
    assert answer["Location"] == f"/api/v1/jobs/{job['id']}"
    assert int(answer["Retry-After"]) > 0


def test_without_any_field_it_is_a_week_of_both_from_today(as_owner: Api) -> None:
    job = as_owner.post("/api/v1/generate-plan", {}).json()

    assert (job["kind"], job["days"]) == ("both", 7)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "dinner"},
        {"days": 0},
        {"days": 15},
        {"days": "7"},
        {"days": True},
        {"start_date": "02.03.2026"},
        {"start_date": 20260302},
        {"start_date": "2026-02-30"},
        {"notes": "x" * 501},
        {"allergies": ["moonlight"]},
        {"user_id": 1},
        {"equipment": ["spoon"]},
        {"availability": {"days": ["someday"]}},
    ],
)
def test_a_request_that_makes_no_sense_is_refused_and_stores_nothing(as_owner: Api, body: dict[str, object]) -> None:
    answer = as_owner.post("/api/v1/generate-plan", body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"]
    assert PlanJob.objects.count() == 0


def test_a_plan_needs_age_height_and_weight(as_owner: Api, owner: User) -> None:
    owner.height = owner.weight = None
    owner.save()

    answer = as_owner.post("/api/v1/generate-plan", MEALS)

    assert (answer.status_code, answer.json()["code"]) == (422, "profile_incomplete")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/height", "/weight"]


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (MEALS, 409),
        ({"kind": "both", "start_date": "2026-03-03", "days": 1}, 409),
        ({"kind": "workout", "start_date": "2026-03-02", "days": 2}, 202),
        ({"kind": "meal", "start_date": "2026-03-04", "days": 2}, 202),
    ],
)
def test_a_second_job_for_the_same_days_is_refused_by_name(
    as_owner: Api, second: dict[str, object], status: int
) -> None:
    first = as_owner.post("/api/v1/generate-plan", MEALS).json()

    answer = as_owner.post("/api/v1/generate-plan", second)

    assert answer.status_code == status
    if status == 409:
        assert (answer.json()["code"], answer.json()["job_id"]) == ("already_running", first["id"])


def test_the_same_idempotency_key_is_the_same_job(as_owner: Api) -> None:
    first = as_owner.post("/api/v1/generate-plan", MEALS, Idempotency_Key="abc")

    again = as_owner.post("/api/v1/generate-plan", MEALS, Idempotency_Key="abc")

    assert again.status_code == 202
    assert again.json()["id"] == first.json()["id"]
    assert again["Idempotent-Replayed"] == "true"
    assert PlanJob.objects.count() == 1


def test_an_idempotency_key_with_another_body_is_refused(as_owner: Api) -> None:
    as_owner.post("/api/v1/generate-plan", MEALS, Idempotency_Key="abc")

    answer = as_owner.post("/api/v1/generate-plan", {**MEALS, "days": 3}, Idempotency_Key="abc")

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_a_finished_job_links_to_its_plans(as_owner: Api, run_jobs: Callable[[], int]) -> None:
    job = as_owner.post("/api/v1/generate-plan", MEALS).json()
    run_jobs()

    done = as_owner.get(f"/api/v1/jobs/{job['id']}").json()

    assert (done["status"], done["percent"], done["source"]) == ("succeeded", 100, "planner")
    assert len(as_owner.get(done["links"]["meal_plans"]).json()["items"]) == 2


def test_somebody_elses_job_is_not_there(as_stranger: Api, owner: User) -> None:
    job = factories.job(owner)

    assert as_stranger.get(f"/api/v1/jobs/{job.pk}").status_code == 404
    assert as_stranger.delete(f"/api/v1/jobs/{job.pk}").status_code == 404
    job.refresh_from_db()
    assert job.status == JobStatus.QUEUED


@pytest.mark.parametrize("job_id", [str(uuid.UUID(int=7)), "7", "not-a-uuid", "00000000-0000-0000-0000-00000000000"])
def test_a_job_that_never_was_is_a_404_or_422(as_owner: Api, job_id: str) -> None:
    assert as_owner.get(f"/api/v1/jobs/{job_id}").status_code in {404, 422}


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_job_without_a_plan_has_nothing_to_explain(as_owner: Api, owner: User, status: JobStatus) -> None:
    job = factories.job(owner, status=status)

    answer = as_owner.get(f"/api/v1/jobs/{job.pk}/explanation")

    assert (answer.status_code, answer.json()["code"]) == (404, "no_explanation")


def test_an_explanation_is_its_owners_alone(as_owner: Api, as_stranger: Api, run_jobs: Callable[[], int]) -> None:
    job = as_owner.post("/api/v1/generate-plan", MEALS).json()
    run_jobs()

    path = f"/api/v1/jobs/{job['id']}/explanation"

    assert as_owner.get(path).status_code == 200
    assert (as_stranger.get(path).status_code, as_stranger.get(path).json()["code"]) == (404, "no_job")


def test_an_explanation_fits_its_documented_schema(as_owner: Api, run_jobs: Callable[[], int]) -> None:
    job = as_owner.post("/api/v1/generate-plan", {"days": 3, "notes": "allergic to peanuts"}).json()
    run_jobs()

    told = as_owner.get(f"/api/v1/jobs/{job['id']}/explanation").json()

    document = dict(api.get_openapi_schema())
    found = document["paths"]["/api/v1/jobs/{job_id}/explanation"]["get"]["responses"][200]
    schema = found["content"]["application/json"]["schema"]
    jsonschema.validate(told, {**schema, "components": document["components"]})
    assert told == PlanJob.objects.get(pk=job["id"]).explanation


def test_a_failed_save_keeps_no_explanation(
    as_owner: Api, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(meal_services, "save_days", broken)
    job = as_owner.post("/api/v1/generate-plan", MEALS).json()

    with pytest.raises(RuntimeError):
        run_jobs()

    assert PlanJob.objects.get(pk=job["id"]).explanation is None


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/api/v1/jobs/{}"])
def test_reading_jobs_does_not_read_their_explanations(as_owner: Api, owner: User, path: str) -> None:
    made = [factories.job(owner, status=JobStatus.SUCCEEDED, explanation={"brief": "x" * 99}) for _ in range(3)]

    with CaptureQueriesContext(connection) as captured:
        assert as_owner.get(path.format(made[0].pk)).status_code == 200

    asked = [query["sql"] for query in captured if 'FROM "plan_jobs"' in query["sql"]]
    assert len(asked) == 1
    assert '"explanation"' not in asked[0]


def test_a_queued_job_is_cancelled_at_once(as_owner: Api) -> None:
    job = as_owner.post("/api/v1/generate-plan", MEALS).json()

    answer = as_owner.delete(f"/api/v1/jobs/{job['id']}")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


def test_a_running_job_is_asked_to_stop(as_owner: Api, owner: User) -> None:
    job = factories.job(owner, status=JobStatus.RUNNING)

    answer = as_owner.delete(f"/api/v1/jobs/{job.pk}")

    job.refresh_from_db()
    assert answer.status_code == 202
    assert job.cancel_requested


def test_a_finished_job_cannot_be_cancelled(as_owner: Api, owner: User) -> None:
    job = factories.job(owner, status=JobStatus.SUCCEEDED)

    answer = as_owner.delete(f"/api/v1/jobs/{job.pk}")

    assert (answer.status_code, answer.json()["code"]) == (409, "already_finished")


def test_jobs_come_in_pages_newest_first(as_owner: Api, owner: User) -> None:
    made = [str(factories.job(owner, status=JobStatus.FAILED).pk) for _ in range(5)]

    seen, cursor = [], ""
    while True:
        page = as_owner.get(f"/api/v1/jobs?limit=2{cursor}").json()
        seen += [job["id"] for job in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = "&cursor=" + page["next_cursor"]

    assert seen == made[::-1]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=nonsense", "cursor=2026-01-01_x"])
def test_a_page_that_makes_no_sense_is_refused(as_owner: Api, query: str) -> None:
    assert as_owner.get(f"/api/v1/jobs?{query}").status_code == 422


def test_waiting_answers_with_the_finished_job(as_owner: Api, owner: User) -> None:
    finished = factories.job(owner, status=JobStatus.SUCCEEDED, idempotency_key="done")
    params = {"kind": "meal", "start_date": finished.start_date, "days": 1}
    from ai import services  # noqa: PLC0415 - only to reach the digest that the replay compares

    job, _ = services.request_plan(user=owner, params=params, seed=1, idempotency_key="new")
    PlanJob.objects.filter(pk=job.pk).update(status=JobStatus.SUCCEEDED)

    answer = as_owner.post(
        "/api/v1/generate-plan",
        {"kind": "meal", "start_date": "2026-03-02", "days": 1},
        Idempotency_Key="new",
        Prefer="wait=5",
    )

    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
