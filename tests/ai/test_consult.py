"""Asking providers in their order: who is asked, how often, for how long, at what price, and when it ends."""

import datetime as dt
import itertools
import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai import breaker, consult, inquiry, prompts, providers, queue, selectors, services
from ai.consult import Advice
from ai.models import AICall, AISpending, PlanJob, ProviderSwitch
from ai.prompts import Brief, Choice
from ai.providers import ProviderDown, Question, Reply
from ai.queue import Lease
from config.providers import ProviderSettings
from tests import factories
from users import events, vocabulary
from users.models import Consent, User

DAY = "2026-03-02"
BRIEF = Brief(dates=(DAY,), slots=("lunch",), dishes={"lunch": [Choice("soup", "Soup", "15 min")]})
GOOD = json.dumps({"days": [{"date": DAY, "reason": "Warm.", "lunch": "soup"}]})
POOR = json.dumps({"days": [{"date": DAY, "reason": "Warm.", "lunch": "peanut_surprise"}]})
TOKENS = 900, 80
PRICE_IN, PRICE_OUT = Decimal("2.50"), Decimal(10)

_numbers = itertools.count(1)


@dataclass(slots=True)
class Asked:
    """What a provider was asked, and what it may call."""

    question: Question
    mode: str
    seconds: float
    should_stop: Callable[[], bool]
    heard: Callable[[int], None]


class Step(Protocol):
    def __call__(self, asked: Asked) -> Reply: ...


@dataclass(slots=True)
class Scripted:
    """A provider that does what its script says, one step a call; the last step goes on for ever."""

    script: list[str | ProviderDown | Step]
    asked: list[Asked] = field(default_factory=list)

    def ask(self, question: Question, **how: Any) -> Reply:
        self.asked.append(Asked(question, **how))
        step = self.script[0] if len(self.script) == 1 else self.script.pop(0)
        if isinstance(step, ProviderDown):
            raise step
        return Reply(step, *TOKENS) if isinstance(step, str) else step(self.asked[-1])

    @property
    def modes(self) -> list[str]:
        return [one.mode for one in self.asked]


class Cast:
    """The providers of a test, in their order."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.scripted: dict[str, Scripted] = {}

    def has(self, *script: str | ProviderDown | Step, **fields: Any) -> Scripted:
        """Add a provider to AI_PROVIDERS."""
        values: dict[str, Any] = {
            "name": f"model-{next(_numbers)}",
            "adapter": "openai_compatible",
            "model": "test-model",
            "base_url": "http://127.0.0.1:1/v1",
            "price_in": PRICE_IN,
            "price_out": PRICE_OUT,
            **fields,
        }
        one = ProviderSettings(**values)
        self.settings.AI_PROVIDERS = (*self.settings.AI_PROVIDERS, one)
        self.scripted[one.name] = Scripted(list(script))
        return self.scripted[one.name]

    def names(self) -> list[str]:
        return list(self.scripted)

    def build(self, settings: ProviderSettings) -> Scripted:
        return self.scripted[settings.name]


@pytest.fixture
def models(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cast:
    cast = Cast(settings)
    monkeypatch.setattr(providers, "build", cast.build)
    monkeypatch.setattr(consult, "PAUSE_SECONDS", 0.01)
    return cast


@pytest.fixture
def person(owner: User) -> User:
    """Somebody who said yes to models."""
    version, _ = vocabulary.CONSENTS["ai"]
    Consent.objects.create(user=owner, kind="ai", version=version, given_at=timezone.now())
    return owner


def lease_of(owner: User) -> Lease:
    job = queue.claim(factories.job(owner).pk)
    assert job
    return Lease.of(job)


def ask(owner: User, brief: Brief = BRIEF) -> Advice:
    lease = lease_of(owner)
    try:
        return consult.consult(lease.job, brief, lease)
    finally:
        PlanJob.objects.filter(pk=lease.job.pk).update(status="succeeded")  # so that there may be another


def down(reason: str = "unavailable", **fields: Any) -> ProviderDown:
    return ProviderDown(reason, "as the script says", **fields)


# --- who is asked --------------------------------------------------------------------------------
def test_with_no_model_configured_there_is_nothing_to_say(person: User) -> None:
    assert ask(person) == Advice()


def test_without_consent_nothing_leaves(owner: User, models: Cast) -> None:
    provider = models.has(GOOD)

    assert ask(owner) == Advice(fallback_reason="no_consent")
    assert provider.asked == []
    assert not AICall.objects.exists()


@pytest.mark.parametrize("changes", [{"withdrawn_at": timezone.now()}, {"version": "0"}, {"kind": "post"}])
def test_only_a_standing_yes_to_this_text_is_consent(person: User, models: Cast, changes: dict[str, Any]) -> None:
    provider = models.has(GOOD)
    Consent.objects.update(**changes)

    assert ask(person).fallback_reason == "no_consent"
    assert provider.asked == []


def test_a_good_answer_is_a_proposal_and_one_row_in_the_ledger(person: User, models: Cast) -> None:
    provider = models.has(GOOD)

    advice = ask(person)

    (asked,) = provider.asked
    call = AICall.objects.get()
    assert advice.proposal
    assert (advice.fallback_reason, advice.call) == (None, call)
    assert asked.question == Question(*prompts.question(BRIEF), prompts.schema(BRIEF))
    assert (call.provider, call.model, call.schema_mode) == (models.names()[0], "test-model", "json_schema")
    assert (call.outcome, call.attempts, (call.prompt_tokens, call.completion_tokens)) == ("ok", 1, TOKENS)
    assert call.usd == (PRICE_IN * 900 + PRICE_OUT * 80) / 1_000_000
    assert (call.prompt_version, len(call.prompt_hash)) == (prompts.VERSION, 64)


def test_the_same_question_has_the_same_hash_and_another_has_another(person: User, models: Cast) -> None:
    models.has(GOOD)

    for wishes in ("soup", "soup", "no soup"):
        ask(person, Brief(dates=BRIEF.dates, slots=BRIEF.slots, dishes=BRIEF.dishes, wishes=wishes))

    first, same, other = AICall.objects.order_by("pk").values_list("prompt_hash", flat=True)
    assert first == same
    assert other != first


def test_the_next_provider_is_asked_when_one_fails(person: User, models: Cast) -> None:
    models.has(down("timeout"))
    models.has(GOOD)

    advice = ask(person)

    assert advice.proposal
    assert advice.call
    assert advice.call.provider == models.names()[1]
    assert list(AICall.objects.order_by("pk").values_list("provider", "outcome")) == [
        (models.names()[0], "timeout"),
        (models.names()[1], "ok"),
    ]


def test_no_provider_is_asked_once_one_has_answered(person: User, models: Cast) -> None:
    models.has(GOOD)
    spare = models.has(GOOD)

    ask(person)

    assert spare.asked == []


def test_staff_switch_a_provider_off(person: User, models: Cast) -> None:
    provider, spare = models.has(GOOD), models.has(GOOD)
    ProviderSwitch.objects.create(name=models.names()[0], is_on=False)
    ProviderSwitch.objects.create(name=models.names()[1], is_on=True)

    advice = ask(person)

    assert (advice.proposal is not None, provider.asked, len(spare.asked)) == (True, [], 1)
    off = AICall.objects.get(provider=models.names()[0])
    assert (off.outcome, off.attempts, off.usd) == ("off", 0, Decimal(0))


def test_an_open_breaker_is_respected(person: User, models: Cast) -> None:
    provider = models.has(GOOD)
    for _ in range(breaker.FAILURES):
        breaker.record(models.names()[0], failed=True)

    advice = ask(person)

    assert (advice.fallback_reason, provider.asked) == ("unavailable", [])
    assert AICall.objects.get().outcome == "open"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([down("timeout")], "timeout"),
        ([down("unavailable")], "unavailable"),
        ([down("invalid", blames=False)], "invalid"),
        ([POOR], "invalid"),
        (["I would rather talk about the weather."], "invalid"),
    ],
)
def test_the_reason_is_what_went_wrong(person: User, models: Cast, script: list[Any], reason: str) -> None:
    models.has(*script)

    advice = ask(person)

    assert advice == Advice(fallback_reason=reason)
    assert AICall.objects.get().outcome == reason


def test_how_one_failed_says_more_than_that_another_is_off(person: User, models: Cast) -> None:
    models.has(down("timeout"))
    models.has(GOOD)
    ProviderSwitch.objects.create(name=models.names()[1], is_on=False)

    assert ask(person).fallback_reason == "timeout"


# --- how often -----------------------------------------------------------------------------------
def test_a_failure_that_may_pass_is_tried_three_times_at_most(person: User, models: Cast) -> None:
    provider = models.has(down(again=True))

    advice = ask(person)

    assert (advice.fallback_reason, len(provider.asked)) == ("unavailable", 3)
    assert AICall.objects.get().attempts == 3


def test_a_second_try_that_helps_is_a_success(person: User, models: Cast) -> None:
    provider = models.has(down(again=True), GOOD)

    advice = ask(person)

    assert advice.proposal
    assert advice.call
    assert (len(provider.asked), advice.call.attempts, advice.call.outcome) == (2, 2, "ok")
    assert provider.modes == ["json_schema"] * 2


def test_a_failure_that_will_not_pass_is_not_tried_again(person: User, models: Cast) -> None:
    provider = models.has(down(again=False), GOOD)

    assert ask(person).fallback_reason == "unavailable"
    assert len(provider.asked) == 1


def test_no_try_follows_when_the_breaker_opened_in_between(person: User, models: Cast) -> None:
    provider = models.has(down(again=True))
    for _ in range(breaker.FAILURES - 1):
        breaker.record(models.names()[0], failed=True)

    assert ask(person).fallback_reason == "unavailable"
    assert len(provider.asked) == 1


def test_what_the_provider_asks_us_to_wait_is_waited(
    person: User, models: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(inquiry.Inquiry, "wait", lambda _, seconds: waited.append(seconds))
    models.has(down(again=True, retry_after=7.0), GOOD)

    assert ask(person).proposal
    assert waited == [7.0]


def test_who_asks_for_more_time_than_there_is_is_left_at_once(person: User, models: Cast) -> None:
    provider, spare = models.has(down(again=True, retry_after=31.0), GOOD), models.has(GOOD)

    assert ask(person).proposal
    assert (len(provider.asked), len(spare.asked)) == (1, 1)


@given(tries=st.integers(1, 20), seed=st.integers())
def test_a_pause_is_drawn_up_to_a_limit_that_doubles(tries: int, seed: int) -> None:
    drawn = consult.pause(tries, None, random.Random(seed))

    assert 0 <= drawn <= min(8.0, 0.5 * 2 ** (tries - 1))
    assert drawn == consult.pause(tries, None, random.Random(seed))


# --- the ladder of schema modes ------------------------------------------------------------------
def test_a_poor_answer_is_asked_for_in_laxer_modes(person: User, models: Cast) -> None:
    provider = models.has(POOR)

    ask(person)

    assert provider.modes == ["json_schema", "tool", "json_object"]
    assert AICall.objects.get().schema_mode == "json_object"


def test_a_provider_that_starts_lower_has_fewer_modes(person: User, models: Cast) -> None:
    provider = models.has(POOR, schema_mode="tool")

    ask(person)

    assert provider.modes == ["tool", "json_object"]


def test_a_mode_that_was_refused_is_not_tried_again_by_the_next_job(person: User, models: Cast) -> None:
    provider = models.has(down(lower_mode=True, blames=False), GOOD)

    ask(person)
    ask(person)

    assert provider.modes == ["json_schema", "tool", "tool"]


def test_a_refusal_in_every_mode_teaches_nothing(person: User, models: Cast) -> None:
    provider = models.has(down(lower_mode=True, blames=False))

    ask(person)
    ask(person)

    assert provider.modes == ["json_schema", "tool", "json_object"] * 2


def test_a_poor_answer_says_nothing_about_the_mode(person: User, models: Cast) -> None:
    provider = models.has(POOR, GOOD)

    ask(person)
    ask(person)

    assert provider.modes == ["json_schema", "tool", "json_schema"]


def test_an_answer_that_broke_off_on_the_way_is_asked_for_as_before(person: User, models: Cast) -> None:
    provider = models.has(down("invalid", again=True, blames=False), GOOD)

    ask(person)

    assert provider.modes == ["json_schema", "json_schema"]


# --- whose fault it is ---------------------------------------------------------------------------
def test_failures_open_the_breaker(person: User, models: Cast) -> None:
    provider = models.has(down("timeout"))

    for _ in range(breaker.FAILURES + 2):
        ask(person)

    assert len(provider.asked) == breaker.FAILURES
    assert breaker.state(models.names()[0]) == "open"


@pytest.mark.parametrize("script", [[POOR], [down("invalid", blames=False)], [down(blames=False)]])
def test_poor_answers_never_do(person: User, models: Cast, script: list[Any]) -> None:
    models.has(*script)

    for _ in range(breaker.FAILURES):
        ask(person)

    assert breaker.state(models.names()[0]) == "closed"


def test_too_little_time_is_not_the_providers_fault(person: User, models: Cast, settings: Any) -> None:
    def late(asked: Asked) -> Reply:
        raise down("timeout")

    def takes_most_of_it(asked: Asked) -> Reply:
        threading.Event().wait(0.7)
        raise down("unavailable")

    settings.AI_DEADLINE = dt.timedelta(seconds=1)
    models.has(takes_most_of_it)
    models.has(late)

    for _ in range(2):
        ask(person)
    for _ in range(breaker.FAILURES - 1):
        breaker.record(models.names()[1], failed=True)

    assert breaker.state(models.names()[1]) == "closed"


# --- for how long --------------------------------------------------------------------------------
def test_an_attempt_has_the_providers_time_or_what_is_left(person: User, models: Cast, settings: Any) -> None:
    settings.AI_DEADLINE = dt.timedelta(seconds=10)
    short = models.has(down(), deadline=3.0)
    patient = models.has(down(), deadline=60.0)

    ask(person)

    assert short.asked[0].seconds == 3.0
    assert 0 < patient.asked[0].seconds <= 10.0


def test_nobody_is_asked_after_the_deadline(person: User, models: Cast, settings: Any) -> None:
    def takes_it_all(asked: Asked) -> Reply:
        threading.Event().wait(asked.seconds)
        raise down("timeout", again=True)

    settings.AI_DEADLINE = dt.timedelta(seconds=0.2)
    provider, spare = models.has(takes_it_all), models.has(GOOD)

    assert ask(person).fallback_reason == "timeout"
    assert (len(provider.asked), spare.asked) == (1, [])


# --- when it is not wanted any more --------------------------------------------------------------
def until_stopped(asked: Asked) -> Reply:
    """Answer nothing until told to stop, as an adapter does; what it spent until then is known."""
    asked.heard(40)
    while not asked.should_stop():
        threading.Event().wait(0.01)
    raise down(blames=False, tokens=(900, 10))


def test_a_cancelled_plan_ends_the_exchange_and_is_still_paid_for(
    person: User, models: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry, "REPORT_SECONDS", 0.05)
    lease = lease_of(person)

    def cancelled(asked: Asked) -> Reply:
        services.cancel_job(user_id=person.pk, job_id=lease.job.pk)
        return until_stopped(asked)

    models.has(cancelled)
    spare = models.has(GOOD)

    with pytest.raises(queue.Cancelled):
        consult.consult(lease.job, BRIEF, lease)

    call = AICall.objects.get()
    assert (call.outcome, call.prompt_tokens, spare.asked) == ("stopped", 900, [])
    assert AISpending.objects.get(user=None).usd == call.usd > 0
    assert breaker.state(models.names()[0]) == "closed"


def test_a_lost_lease_ends_the_exchange(person: User, models: Cast) -> None:
    lease = lease_of(person)

    def lost(asked: Asked) -> Reply:
        lease.lost.set()
        return until_stopped(asked)

    models.has(lost)

    with pytest.raises(queue.LeaseLost):
        consult.consult(lease.job, BRIEF, lease)


def test_a_wait_is_cut_short_when_the_plan_is_not_wanted(
    person: User, models: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = lease_of(person)
    slept: list[float] = []
    monkeypatch.setattr("ai.inquiry.time.sleep", slept.append)

    def busy(asked: Asked) -> Reply:
        lease.lost.set()
        raise down(again=True, retry_after=25.0)

    provider = models.has(busy)

    with pytest.raises(queue.LeaseLost):
        consult.consult(lease.job, BRIEF, lease)

    assert (len(provider.asked), slept) == (1, [])


def test_a_defect_in_an_adapter_rises_and_costs_nothing(person: User, models: Cast) -> None:
    def broken(asked: Asked) -> Reply:
        raise ZeroDivisionError

    models.has(broken)

    with pytest.raises(ZeroDivisionError):
        ask(person)

    assert AICall.objects.get().outcome == "stopped"
    assert AISpending.objects.get(user=person).calls == 0


# --- what the person hears -----------------------------------------------------------------------
def progress(owner: User) -> list[tuple[str, int]]:
    found = [event["data"] for event in events.after(owner.pk, 0) if event["type"] == "plan.progress"]
    return [(data["stage"], data["percent"]) for data in found]


def streams(asked: Asked) -> Reply:
    for characters in range(0, 1000, 10):
        asked.heard(characters)
        asked.should_stop()
    return Reply(GOOD, *TOKENS)


def test_percent_grows_with_what_is_heard_and_ends_before_the_next_stage(
    person: User, models: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry, "REPORT_SECONDS", 0)
    models.has(streams)

    ask(person)

    reported = progress(person)
    assert {stage for stage, _ in reported} == {"asking"}
    assert [percent for _, percent in reported] == list(range(15, 35))


def test_percent_never_goes_back_when_another_provider_begins(
    person: User, models: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_late(asked: Asked) -> Reply:
        streams(asked)
        raise down()

    monkeypatch.setattr(inquiry, "REPORT_SECONDS", 0)
    models.has(fails_late)
    models.has(streams)

    ask(person)

    percents = [percent for _, percent in progress(person)]
    assert percents == sorted(set(percents))


def test_a_quick_stream_is_not_reported_word_by_word(person: User, models: Cast) -> None:
    models.has(streams)

    ask(person)

    assert progress(person) == [("asking", 15)]


# --- what it costs -------------------------------------------------------------------------------
def spending(owner: User | None) -> tuple[int, Decimal]:
    row = AISpending.objects.get(user=owner)
    return row.calls, row.usd


def test_the_ledger_and_the_books_agree(person: User, models: Cast) -> None:
    models.has(down("timeout", again=True, tokens=(700, 5)), POOR, GOOD)
    models.has(GOOD)

    ask(person)
    ask(person)

    booked = sum(call.usd for call in AICall.objects.all())
    assert spending(person) == spending(None) == (4, booked)
    first = AICall.objects.order_by("pk")[0]
    assert (first.prompt_tokens, first.completion_tokens, first.attempts) == (700 + 2 * 900, 5 + 2 * 80, 3)


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
