"""Asking providers in their order: who is asked, how often, and in which schema mode."""

import random
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from ai import breaker, consult, inquiry, prompts
from ai.consult import Advice
from ai.models import AICall, ProviderSwitch
from ai.prompts import Brief
from ai.providers import Question, Reply
from tests.ai.consult_cast import BRIEF, GOOD, POOR, PRICE_IN, PRICE_OUT, TOKENS, Asked, Cast, ask, down
from users.models import Consent, User

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


def test_no_try_follows_once_consent_is_withdrawn(person: User, models: Cast) -> None:
    def fails_late(asked: Asked) -> Reply:
        Consent.objects.update(withdrawn_at=timezone.now())
        raise down(again=True)

    provider, spare = models.has(fails_late), models.has(GOOD)

    assert ask(person).proposal is None
    assert (len(provider.asked), spare.asked) == (1, [])


def test_no_try_follows_once_staff_have_switched_the_provider_off(person: User, models: Cast) -> None:
    def fails_late(asked: Asked) -> Reply:
        ProviderSwitch.objects.update_or_create(name=models.names()[0], defaults={"is_on": False})
        raise down(again=True)

    provider, spare = models.has(fails_late), models.has(GOOD)

    assert ask(person).proposal
    assert (len(provider.asked), len(spare.asked)) == (1, 1)


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
