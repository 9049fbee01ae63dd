"""What models cost and how they did: in the ledger, in the books of the day, in the gauges."""

from decimal import Decimal
from typing import Any

import pytest

from ai import breaker, selectors
from ai.consult import Advice
from ai.models import AICall, ProviderSwitch
from ai.providers import Reply
from tests import factories
from tests.ai.consult_cast import GOOD, POOR, TOKENS, Asked, Cast, ask, down, spending
from users.models import User


def test_the_ledger_and_the_books_agree(person: User, models: Cast) -> None:
    models.has(down("timeout", again=True, tokens=(700, 5)), POOR, GOOD)
    models.has(GOOD)

    ask(person)
    ask(person)

    booked = sum(call.usd for call in AICall.objects.all())
    assert spending(person) == spending(None) == (4, booked)
    first = AICall.objects.order_by("pk")[0]
    assert (first.prompt_tokens, first.completion_tokens, first.attempts) == (700 + 2 * 900, 5 + 2 * 80, 3)


def test_a_call_in_flight_is_booked_at_the_most_that_it_can_cost(person: User, models: Cast) -> None:
    during: list[tuple[Any, ...]] = []

    def looks(asked: Asked) -> Reply:
        call = AICall.objects.get()
        during.append((call.outcome, call.attempts, call.usd, spending(person), spending(None)))
        return Reply(GOOD, *TOKENS)

    models.has(looks)

    ask(person)

    ((outcome, attempts, usd, *books),) = during
    assert (outcome, attempts, books) == ("stopped", 1, [(1, usd), (1, usd)])
    assert usd > AICall.objects.get().usd == spending(None)[1]


def test_a_call_that_reached_nobody_costs_nothing(person: User, models: Cast) -> None:
    models.has(down(tokens=(0, 0)))

    ask(person)

    assert spending(person) == spending(None) == (0, Decimal(0))


def test_a_provider_that_claims_a_fortune_gets_what_was_set_aside(person: User, models: Cast) -> None:
    def claims(asked: Asked) -> Reply:
        return Reply(GOOD, 10_000_000, 10_000_000)

    models.has(claims)

    ask(person)

    assert AICall.objects.get().usd == spending(person)[1] < Decimal("0.10")


@pytest.mark.parametrize(
    ("name", "cap"), [("AI_CALLS_PER_USER", 0), ("AI_USD_PER_USER", Decimal("0.001")), ("AI_USD_FOR_ALL", Decimal(0))]
)
def test_over_a_cap_nobody_is_asked(person: User, models: Cast, settings: Any, name: str, cap: object) -> None:
    setattr(settings, name, cap)
    provider = models.has(GOOD)

    advice = ask(person)

    assert (advice, provider.asked) == (Advice(fallback_reason="budget"), [])
    call = AICall.objects.get()
    assert (call.outcome, call.attempts, call.usd) == ("budget", 0, Decimal(0))


def test_a_model_that_costs_nothing_serves_when_the_money_is_spent(person: User, models: Cast, settings: Any) -> None:
    settings.AI_USD_PER_USER = Decimal(0)
    dear, free = models.has(GOOD), models.has(GOOD, price_in=Decimal(0), price_out=Decimal(0))

    assert ask(person).proposal
    assert (dear.asked, len(free.asked)) == ([], 1)


def test_a_retry_needs_money_of_its_own(person: User, models: Cast, settings: Any) -> None:
    settings.AI_CALLS_PER_USER = 2
    provider = models.has(down("timeout", again=True, tokens=(900, 0)))

    advice = ask(person)

    assert (len(provider.asked), advice.fallback_reason) == (2, "timeout")


# --- what operators see --------------------------------------------------------------------------


def metrics() -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in selectors.job_metrics()
        for sample in family.samples
    }


def test_the_gauges_show_outcomes_latency_cost_and_breakers(person: User, models: Cast, settings: Any) -> None:
    settings.AI_USD_FOR_ALL = Decimal(50)
    models.has(down("timeout", tokens=(900, 0)))
    models.has(GOOD)
    for _ in range(breaker.FAILURES):
        ask(person)
    ill, well = models.names()

    found = metrics()

    assert found["regimen_ai_calls", ill, "timeout"] == found["regimen_ai_calls", well, "ok"] == breaker.FAILURES
    assert (found["regimen_ai_breaker_open", ill], found["regimen_ai_breaker_open", well]) == (1, 0)
    assert found["regimen_ai_usd_today",] == float(spending(None)[1]) > 0
    assert found["regimen_ai_usd_cap",] == 50
    assert 0 <= found["regimen_ai_latency_seconds", ill, "0.5"] <= found["regimen_ai_latency_seconds", ill, "0.95"]


def test_a_provider_that_was_only_passed_over_has_no_latency_to_speak_of(person: User, models: Cast) -> None:
    models.has(GOOD)
    ProviderSwitch.objects.create(name=models.names()[0], is_on=False)

    ask(person)

    assert metrics()["regimen_ai_latency_seconds", models.names()[0], "0.95"] == 0


def test_a_call_in_flight_says_nothing_of_how_long_calls_take(person: User, models: Cast) -> None:
    found: list[float] = []

    def looks(asked: Asked) -> Reply:
        found.append(metrics()["regimen_ai_latency_seconds", models.names()[0], "0.5"])
        raise down()

    models.has(looks)
    AICall.objects.create(
        job=factories.job(person, kind="workout"),
        provider=models.names()[0],
        model="any",
        outcome="ok",
        latency_ms=4000,
    )

    ask(person)

    assert found == [4.0]
