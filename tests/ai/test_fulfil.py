"""A job from acceptance to the stored plan, with and without a model, over real sockets."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.conf import settings as django_settings

from ai import coach, services
from ai.models import AICall, AISpending, JobStatus
from config.providers import ADAPTERS
from mealplans.models import MealPlan
from tests import factories
from tests.ai import dialects, model_server
from tests.ai.fulfil_cast import fulfil, model
from users import events
from users.models import User
from workouts.models import WorkoutPlan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consent")]


def test_without_a_model_the_planner_is_a_normal_success(owner: User) -> None:
    job = fulfil(owner, kind="both", days=3)

    assert (job.status, job.source, job.fallback_reason) == (JobStatus.SUCCEEDED, "planner", None)
    assert MealPlan.objects.filter(user=owner, job_id=job.pk).count() == 3
    assert WorkoutPlan.objects.filter(user=owner, job_id=job.pk).count() == 3


def test_a_model_that_chooses_well_is_named_on_the_plan(owner: User) -> None:
    with model(model_server.chooses_well, seconds=10, price_in=Decimal(2), price_out=Decimal(8)):
        job = fulfil(owner, kind="both", days=2)

    assert job.status == JobStatus.SUCCEEDED
    assert job.source in {"ai", "ai_repaired"}
    plan = MealPlan.objects.filter(user=owner).latest("date")
    assert (plan.source, plan.model) == (job.source, "test-model")
    call = AICall.objects.get(job=job)
    assert (call.outcome, call.prompt_tokens, call.completion_tokens) == ("ok", 900, 80)
    assert call.usd == (2 * call.prompt_tokens + 8 * call.completion_tokens) / Decimal(1_000_000)
    assert call.kept_ratio is not None
    assert call.kept_ratio > 0
    assert AISpending.objects.get(user=owner).usd == call.usd


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_dialect_serves(owner: User, adapter: str) -> None:
    with model(model_server.chooses_well, seconds=10, adapter=adapter):
        job = fulfil(owner, kind="both", days=2)

    assert job.source in {"ai", "ai_repaired"}


def test_the_same_answer_and_seed_make_the_same_plan_to_the_byte(owner: User) -> None:
    plans = []
    for _ in range(2):
        with model(model_server.chooses_well, seconds=10):
            fulfil(owner, kind="both", days=3, seed=11)
        meals = MealPlan.objects.filter(user=owner).order_by("date").values_list("meals", "certificate", "source")
        training = WorkoutPlan.objects.filter(user=owner).order_by("date").values_list("exercises", "certificate")
        plans.append((list(meals), list(training)))

    assert repr(plans[0]) == repr(plans[1])


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

    fields = dialects.schema(server.requests[0]["body"])["properties"]["days"]["items"]["properties"]
    offered = set(fields["dinner"]["enum"])
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
    assert django_settings.AI_PROVIDERS == ()
