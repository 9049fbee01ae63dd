"""A job from acceptance to the stored plan, with and without a model."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from ai import coach, services
from ai.models import AICall, JobStatus, PlanJob
from mealplans.models import MealPlan
from tests import factories
from tests.ai import model_server
from tests.ai.model_server import Behaviour, ModelServer
from users import events
from users.models import User
from workouts.models import WorkoutPlan

pytestmark = pytest.mark.django_db


@contextmanager
def model(behaviour: Behaviour, seconds: float = 1.0) -> Iterator[ModelServer]:
    """Configure a model that behaves so."""
    with (
        ModelServer(behaviour) as server,
        override_settings(
            AI_BASE_URL=server.url, AI_MODEL="test-model", AI_API_KEY="", AI_ATTEMPT=dt.timedelta(seconds=seconds)
        ),
    ):
        yield server


def fulfil(owner: User, **fields: Any) -> PlanJob:
    job = factories.job(owner, **fields)
    services.fulfil(job.pk)
    job.refresh_from_db()
    return job


def test_without_a_model_the_planner_is_a_normal_success(owner: User) -> None:
    job = fulfil(owner, kind="both", days=3)

    assert (job.status, job.source, job.fallback_reason) == (JobStatus.SUCCEEDED, "planner", None)
    assert MealPlan.objects.filter(user=owner, job_id=job.pk).count() == 3
    assert WorkoutPlan.objects.filter(user=owner, job_id=job.pk).count() == 3


def test_a_model_that_chooses_well_is_named_on_the_plan(owner: User) -> None:
    with model(model_server.chooses_well, seconds=10):
        job = fulfil(owner, kind="both", days=2)

    assert job.status == JobStatus.SUCCEEDED
    assert job.source in {"ai", "ai_repaired"}
    plan = MealPlan.objects.filter(user=owner).latest("date")
    assert (plan.source, plan.model) == (job.source, "test-model")
    call = AICall.objects.get(job=job)
    assert (call.outcome, call.prompt_tokens) == ("ok", 900)
    assert call.kept_ratio is not None
    assert call.kept_ratio > 0


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (model_server.hangs, "timeout"),
        (model_server.drips, "timeout"),
        (model_server.talks_nonsense, "invalid"),
        (model_server.names_unknown_dishes, "invalid"),
        (model_server.is_cut_off, "invalid"),
        (model_server.is_not_json, "invalid"),
        (model_server.floods, "invalid"),
        (model_server.fails_with(500), "unavailable"),
        (model_server.fails_with(429), "unavailable"),
    ],
)
def test_whatever_the_model_does_there_is_a_plan_and_its_reason(owner: User, behaviour: Behaviour, reason: str) -> None:
    with model(behaviour):
        job = fulfil(owner)

    assert (job.status, job.source, job.fallback_reason) == (JobStatus.SUCCEEDED, "planner", reason)
    plan = MealPlan.objects.get(user=owner)
    assert (plan.source, plan.fallback_reason, plan.model) == ("planner", reason, None)
    assert plan.certificate["passed"] is True
    assert AICall.objects.get(job=job).outcome == reason


def test_nothing_that_names_a_person_is_sent_to_a_model(owner: User) -> None:
    with model(model_server.chooses_well, seconds=10) as server:
        fulfil(owner, kind="both")

    sent = str(server.requests)
    assert server.requests
    for private in (owner.email, owner.name, str(owner.weight), f"user {owner.pk}"):
        assert private not in sent


def test_a_forbidden_dish_is_not_even_offered(owner: User) -> None:
    owner.dietary_preferences, owner.allergies = ["vegan"], ["soy"]
    owner.save()

    with model(model_server.chooses_well, seconds=10) as server:
        fulfil(owner)

    fields = server.requests[0]["body"]["response_format"]["json_schema"]["schema"]["properties"]["days"]["items"]
    offered = set(fields["properties"]["dinner"]["enum"])
    plan = MealPlan.objects.get(user=owner)
    assert offered
    assert all("soy" not in meal["allergens"] and "milk" not in meal["allergens"] for meal in plan.meals)


def test_every_job_ends_in_one_event_that_names_its_dates(owner: User) -> None:
    job = fulfil(owner, days=2)

    services.fulfil(job.pk)

    ready = [event for event in events.after(owner.pk, 0) if event["type"] == "plan.ready"]
    assert [event["data"] for event in ready] == [
        {"job_id": str(job.pk), "kind": "meal", "dates": ["2026-03-02", "2026-03-03"], "source": "planner"}
    ]


def test_wishes_that_cannot_be_met_fail_with_the_conflict(owner: User) -> None:
    owner.disliked_foods = [
        *("rice", "potato", "quinoa", "lentils", "beans", "bread", "pasta", "oats", "tofu", "chickpea"),
        *("apple", "banana", "oil", "lemon", "onion", "tomato", "carrot", "garlic", "salt", "pepper"),
    ]
    owner.save()

    job = fulfil(owner)

    assert (job.status, (job.error or {})["code"]) == (JobStatus.FAILED, "conflict")
    assert (job.error or {})["relax"]
    assert not MealPlan.objects.filter(user=owner).exists()


def test_a_defect_sends_the_job_back_and_rises(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(coach, "make", broken)
    job = factories.job(owner)

    with pytest.raises(RuntimeError):
        services.fulfil(job.pk)

    job.refresh_from_db()
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 1)


def test_a_profile_that_lost_its_weight_fails_the_job_with_the_reason(owner: User) -> None:
    owner.weight = None
    owner.save()

    assert (fulfil(owner).error or {})["code"] == "profile_incomplete"


def test_planning_again_makes_a_new_version_and_keeps_the_old(owner: User, run_jobs: Callable[[], int]) -> None:
    fulfil(owner)
    first = MealPlan.objects.get(user=owner)

    fulfil(owner, seed=8)

    second = MealPlan.objects.get(user=owner)
    assert (first.pk, first.version, second.pk, second.version) == (first.pk, 1, first.pk, 2)
    assert owner.mealplanversions.get(version=1).meals == first.meals


def test_the_tests_run_without_a_model() -> None:
    assert django_settings.AI_BASE_URL == ""
