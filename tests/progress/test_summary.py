"""Where a person stands: derived from the logs when asked for, and honest about what is not known yet."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pytest

from progress import selectors, trend
from progress.models import ProgressLog
from tests import factories
from tests.conftest import Api
from users import selectors as people
from users import targets
from users.models import User

TODAY = dt.date(2026, 3, 29)


def log(user: User, days_ago: int, **fields: Any) -> ProgressLog:
    return ProgressLog.objects.create(user=user, date=TODAY - dt.timedelta(days=days_ago), **fields)


def summary(user: User, today: dt.date = TODAY) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(selectors.summary(user, today).body)
    return found


def log_four_weeks(user: User, *, kcal: int = 2000, loss: float = 0.05) -> None:
    for days_ago in range(28):
        log(user, days_ago, weight=71.5 + loss * days_ago, calories_consumed=kcal, complete=True)


def test_before_the_first_log_nothing_is_claimed(owner: User) -> None:
    found = summary(owner)

    assert (found["trend_weight"], found["weekly_rate"], found["intake"], found["trend"]) == (None, None, None, [])
    assert (found["state"], found["days_logged"], found["streak"]) == ("learning", 0, 0)


def test_four_weeks_of_complete_logs_are_tracked(owner: User) -> None:
    log_four_weeks(owner)

    found = summary(owner)

    assert (found["state"], found["days_logged"], found["intake"]) == ("tracking", 28, 2000)
    assert found["weekly_rate"] == pytest.approx(-0.35, abs=0.01)
    assert found["weekly_rate_percent"] == pytest.approx(-100 * 0.35 / found["trend_weight"], abs=0.02)
    assert found["tdee_low"] < found["tdee"] < found["tdee_high"]
    assert [point["date"] for point in found["trend"]] == sorted(point["date"] for point in found["trend"])


def test_the_figures_are_those_of_the_pure_filter(owner: User) -> None:
    log_four_weeks(owner)
    readings = [
        trend.Reading(date=row.date, weight=row.weight, intake=row.calories_consumed)
        for row in ProgressLog.objects.all()
    ]

    found = summary(owner)

    formula = targets.targets(people.person(owner)).tdee
    expected = trend.estimate(readings, prior=formula, today=TODAY)
    assert (found["trend_weight"], found["weekly_rate"]) == (expected.weight, expected.rate)
    assert (found["tdee"], found["tdee_low"], found["tdee_high"]) == (expected.tdee, expected.low, expected.high)


def test_a_day_that_was_not_logged_completely_is_no_day_of_fasting(owner: User) -> None:
    log_four_weeks(owner)

    ProgressLog.objects.filter(date=TODAY).update(calories_consumed=100, complete=False)

    assert summary(owner)["intake"] == 2000


def test_a_person_whose_height_is_unknown_sees_their_weight_and_no_expenditure(db: None) -> None:
    person = factories.user(height=None)
    log_four_weeks(person)

    found = summary(person)

    assert (found["tdee"], found["tdee_low"], found["tdee_high"]) == (None, None, None)
    assert found["trend_weight"] is not None
    assert found["weekly_rate"] == pytest.approx(-0.35, abs=0.01)


@pytest.mark.parametrize(
    ("days_ago", "streak"),
    [([0, 1, 2], 3), ([1, 2], 2), ([2, 3], 0), ([0], 1), ([0, 2, 3], 1), ([], 0), (range(40), 40)],
)
def test_a_streak_runs_up_to_today_or_to_yesterday_while_today_is_open(
    owner: User, days_ago: Iterable[int], streak: int
) -> None:
    for number in days_ago:
        log(owner, number)

    assert summary(owner)["streak"] == streak


def test_what_is_older_than_twelve_weeks_or_not_yet_today_does_not_count(owner: User) -> None:
    for days_ago in (-1, 0, 84, 85):
        log(owner, days_ago, weight=70)

    found = summary(owner)

    assert found["days_logged"] == 2
    assert [point["date"] for point in found["trend"]] == ["2026-01-04", "2026-03-29"]


def test_the_logs_of_somebody_else_say_nothing_about_me(owner: User, stranger: User) -> None:
    log_four_weeks(stranger)

    assert summary(owner)["days_logged"] == 0


def test_a_new_log_is_in_the_next_summary(as_owner: Api) -> None:
    before = as_owner.get("/api/v1/progress/summary").json()
    today = as_owner.get("/api/v1/today").json()["date"]

    as_owner.post("/api/v1/progress", {"date": today, "weight": 70.0})

    after = as_owner.get("/api/v1/progress/summary").json()
    assert (before["days_logged"], before["trend_weight"]) == (0, None)
    assert (after["days_logged"], after["trend_weight"], after["streak"]) == (1, 70.0, 1)


def test_the_summary_is_read_with_one_query_for_the_logs_however_many_there_are(
    owner: User, django_assert_num_queries: Any, steady_cache: Callable[[], None]
) -> None:
    log_four_weeks(owner)
    steady_cache()

    with django_assert_num_queries(1):
        summary(owner)
