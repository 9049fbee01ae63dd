"""A question while it is asked: for how long, what the person hears of it, and what ends it."""

import datetime as dt
import threading
from typing import Any

import pytest

from ai import breaker, consult, inquiry, queue, services
from ai.models import AICall, AISpending
from ai.providers import Reply
from tests import factories
from tests.ai.consult_cast import BRIEF, GOOD, TOKENS, Asked, Cast, ask, down, lease_of, spending
from users import events
from users.models import User

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


def test_what_a_defect_cost_is_not_known_and_stays_set_aside(person: User, models: Cast) -> None:
    def broken(asked: Asked) -> Reply:
        raise ZeroDivisionError

    models.has(broken)

    with pytest.raises(ZeroDivisionError):
        ask(person)

    call = AICall.objects.get()
    assert (call.outcome, call.attempts) == ("stopped", 1)
    assert spending(person) == spending(None) == (1, call.usd)
    assert call.usd > 0


def test_a_plan_that_is_not_wanted_before_it_is_asked_for_costs_nothing(person: User, models: Cast) -> None:
    provider, lease = models.has(GOOD), lease_of(person)
    services.cancel_job(user_id=person.pk, job_id=lease.job.pk)

    with pytest.raises(queue.Cancelled):
        consult.consult(lease.job, BRIEF, lease)

    assert provider.asked == []
    assert not AISpending.objects.exists()


def test_an_account_that_is_erased_meanwhile_ends_the_exchange_and_is_still_paid_for(
    person: User, models: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inquiry, "REPORT_SECONDS", 0)

    def erased(asked: Asked) -> Reply:
        person.delete()
        return until_stopped(asked)

    models.has(erased)
    job = factories.job(person)

    services.fulfil(job.pk)

    assert not AICall.objects.exists()
    assert spending(None)[1] > 0


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
