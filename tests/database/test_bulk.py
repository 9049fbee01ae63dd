"""A plan is stored in as many queries whether it has one week or two.

Invariant: what is counted is everything that a worker does for a job, from its lease to `plan.ready`.
"""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ai import services as jobs
from ai.models import PlanJob
from mealplans.models import MealPlan, MealPlanVersion
from tests.factories import MONDAY
from users.models import User
from workouts.models import WorkoutPlan, WorkoutPlanVersion

PLANS = (MealPlan, MealPlanVersion, WorkoutPlan, WorkoutPlanVersion)
LATER = MONDAY + dt.timedelta(weeks=8)


@pytest.mark.django_db
@pytest.mark.parametrize("first", [14, 1], ids=["in the place of others", "where there were none"])
def test_a_plan_of_two_weeks_is_stored_in_as_many_queries_as_one_of_one_week(owner: User, first: int) -> None:
    made(owner, MONDAY, first)
    starts = (MONDAY, MONDAY) if first > 1 else (LATER, LATER + dt.timedelta(weeks=8))

    counts = [made(owner, start, days) for start, days in zip(starts, (7, 14), strict=True)]

    assert counts[0] == counts[1]
    assert [plan.objects.filter(user=owner, date__gte=starts[1]).count() >= 14 for plan in PLANS] == [True] * 4


def made(user: User, start: dt.date, days: int) -> int:
    """Have a plan of so many days made; return how many queries that took."""
    params = {"kind": "both", "start_date": start, "days": days}
    job, _ = jobs.request_plan(user=user, params=params, seed=7, idempotency_key=None)
    with CaptureQueriesContext(connection) as queries:
        jobs.fulfil(job.pk)
    assert PlanJob.objects.get(pk=job.pk).status == "succeeded"
    return len(queries)
