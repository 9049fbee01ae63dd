"""A job whose model is slow, wrong, gone, not wanted or too dear: there is a plan all the same, over real sockets."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from ai import breaker, consult, services
from ai.inquiry import Inquiry
from ai.models import AICall, AISpending, JobStatus, PlanJob
from mealplans.models import MealPlan
from tests import factories
from tests.ai import model_server
from tests.ai.fulfil_cast import configured, fulfil, model, provider
from tests.ai.model_server import Behaviour, ModelServer
from users.models import Consent, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("consent")]


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


def test_the_second_provider_serves_when_the_first_hangs(owner: User) -> None:
    with ModelServer(model_server.hangs) as ill, ModelServer(model_server.chooses_well) as well:
        first, second = provider(ill.url, deadline=0.5), provider(well.url)
        with configured(first, second, seconds=20):
            job = fulfil(owner)

    assert job.source in {"ai", "ai_repaired"}
    assert (len(ill.requests), len(well.requests)) == (1, 1)


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
        look = Inquiry.look

        def cancel_once_asked(inquiry: Inquiry) -> None:
            if asked.is_set() and not PlanJob.objects.get(pk=job.pk).cancel_requested:
                services.cancel_job(user_id=owner.pk, job_id=job.pk)
            look(inquiry)

        patch.setattr(Inquiry, "look", cancel_once_asked)
        services.fulfil(job.pk)

        assert server.disconnected.wait(5)

    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert not MealPlan.objects.filter(user=owner).exists()
    assert AICall.objects.get(job=job).outcome == "stopped"
