"""A job from acceptance to the stored plan, with and without a model, over real sockets."""

import datetime as dt
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import override_settings
from django.utils import timezone

from ai import breaker, coach, consult, services
from ai.inquiry import Inquiry
from ai.models import AICall, AISpending, JobStatus, PlanJob
from config.providers import ADAPTERS, ProviderSettings
from mealplans.models import MealPlan
from tests import factories
from tests.ai import dialects, model_server
from tests.ai.model_server import Behaviour, ModelServer
from users import events, vocabulary
from users.models import Consent, User
from workouts.models import WorkoutPlan

pytestmark = pytest.mark.django_db

_numbers = itertools.count(1)


@pytest.fixture
def owner(owner: User) -> User:
    """Whose things the tests are about; here they said yes to models."""
    Consent.objects.create(user=owner, kind="ai", version=vocabulary.CONSENTS["ai"][0], given_at=timezone.now())
    return owner


def provider(url: str, **fields: Any) -> ProviderSettings:
    values = {"name": f"p{next(_numbers)}", "adapter": "openai_compatible", "model": "test-model", **fields}
    return ProviderSettings(base_url=url, **values)


@contextmanager
def model(behaviour: Behaviour, seconds: float = 1.0, **fields: Any) -> Iterator[ModelServer]:
    """Configure a model that behaves so, and so much time for it."""
    with ModelServer(behaviour) as server, configured(provider(server.url, **fields), seconds=seconds):
        yield server


@contextmanager
def configured(*providers: ProviderSettings, seconds: float = 1.0) -> Iterator[None]:
    with override_settings(AI_PROVIDERS=providers, AI_DEADLINE=dt.timedelta(seconds=seconds)):
        yield


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


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (model_server.hangs, "timeout"),
        (model_server.hangs_inside_the_body, "timeout"),
        (model_server.drips, "timeout"),
        (model_server.talks_nonsense, "invalid"),
        (model_server.has_another_schema, "invalid"),
        (model_server.has_wild_numbers, "invalid"),
        (model_server.doubles_keys, "invalid"),
        (model_server.names_unknown_dishes, "invalid"),
        (model_server.is_cut_off, "invalid"),
        (model_server.is_not_json, "invalid"),
        (model_server.floods, "invalid"),
        (model_server.resets, "unavailable"),
        (model_server.fails_with(500), "unavailable"),
        (model_server.fails_with(429), "unavailable"),
        (model_server.fails_with(429, {"Retry-After": "600"}), "unavailable"),
        (model_server.fails_with(401), "unavailable"),
        (model_server.fails_with(400), "unavailable"),
    ],
)
def test_whatever_the_model_does_there_is_a_plan_and_its_reason(
    owner: User, behaviour: Behaviour, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consult, "PAUSE_SECONDS", 0.01)
    with model(behaviour):
        job = fulfil(owner)

    assert (job.status, job.source, job.fallback_reason) == (JobStatus.SUCCEEDED, "planner", reason)
    plan = MealPlan.objects.get(user=owner)
    assert (plan.source, plan.fallback_reason, plan.model) == ("planner", reason, None)
    assert plan.certificate["passed"] is True
    assert AICall.objects.get(job=job).outcome == reason


@pytest.mark.parametrize("url", [model_server.closed_url(), model_server.UNKNOWN_HOST], ids=["refused", "no such name"])
def test_a_provider_that_cannot_be_reached_costs_nothing(
    owner: User, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consult, "PAUSE_SECONDS", 0.01)
    with configured(provider(url, price_in=Decimal(2))):
        job = fulfil(owner)

    assert (job.source, job.fallback_reason) == ("planner", "unavailable")
    assert AISpending.objects.get(user=None).calls == 0


def test_the_second_provider_serves_when_the_first_is_ill(owner: User) -> None:
    with ModelServer(model_server.fails_with(401)) as ill, ModelServer(model_server.chooses_well) as well:
        first, second = provider(ill.url), provider(well.url, model="second-model", adapter="anthropic")
        with configured(first, second, seconds=10):
            fulfil(owner)

    assert MealPlan.objects.get(user=owner).model == "second-model"
    assert list(AICall.objects.order_by("pk").values_list("provider", "outcome")) == [
        (first.name, "unavailable"),
        (second.name, "ok"),
    ]


def test_a_server_that_knows_no_strict_schemas_is_asked_in_a_laxer_mode(owner: User) -> None:
    with model(model_server.in_turn(model_server.fails_with(400), model_server.chooses_well), seconds=10) as server:
        job = fulfil(owner)

    assert job.source in {"ai", "ai_repaired"}
    assert len(server.requests) == 2
    assert AICall.objects.get(job=job).schema_mode == "tool"


def test_a_busy_server_is_asked_again_when_it_said(owner: User) -> None:
    busy = model_server.fails_with(429, {"Retry-After-Ms": "100"})
    with model(model_server.in_turn(busy, model_server.chooses_well), seconds=10) as server:
        job = fulfil(owner)

    assert job.source in {"ai", "ai_repaired"}
    assert (len(server.requests), AICall.objects.get(job=job).attempts) == (2, 2)


def test_nobody_asks_an_ill_provider_while_its_breaker_is_open(owner: User) -> None:
    with model(model_server.fails_with(401)) as server:
        for number in range(breaker.FAILURES + 1):
            job = fulfil(owner, seed=number)

    assert len(server.requests) == breaker.FAILURES
    assert (job.source, job.fallback_reason) == ("planner", "unavailable")
    assert AICall.objects.get(job=job).outcome == "open"


def test_without_consent_nothing_is_sent_and_the_plan_says_why(owner: User) -> None:
    Consent.objects.all().delete()

    with model(model_server.chooses_well) as server:
        job = fulfil(owner)

    assert (job.status, job.source, job.fallback_reason) == (JobStatus.SUCCEEDED, "planner", "no_consent")
    assert MealPlan.objects.get(user=owner).fallback_reason == "no_consent"
    assert server.requests == []


def test_over_the_cap_nothing_is_sent_and_the_plan_says_why(owner: User) -> None:
    with model(model_server.chooses_well, seconds=10) as server, override_settings(AI_CALLS_PER_USER=1):
        fulfil(owner)
        job = fulfil(owner, seed=8)

    assert (job.source, job.fallback_reason, len(server.requests)) == ("planner", "budget", 1)


@pytest.mark.parametrize("behaviour", [model_server.hangs, model_server.drips])
def test_a_cancelled_plan_closes_the_connection(owner: User, behaviour: Behaviour) -> None:
    asked = threading.Event()

    def noticed(handler: model_server.Handler, body: dict[str, Any]) -> None:
        asked.set()
        behaviour(handler, body)

    job = factories.job(owner)
    with (
        model(noticed, seconds=30) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        look = Inquiry._look  # noqa: SLF001

        def cancel_once_asked(inquiry: Inquiry) -> None:
            if asked.is_set() and not PlanJob.objects.get(pk=job.pk).cancel_requested:
                services.cancel_job(user_id=owner.pk, job_id=job.pk)
            look(inquiry)

        patch.setattr(Inquiry, "_look", cancel_once_asked)
        services.fulfil(job.pk)

        assert server.disconnected.wait(5)

    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert not MealPlan.objects.filter(user=owner).exists()
    assert AICall.objects.get(job=job).outcome == "stopped"


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
