"""Makers of test data. Each gives a valid object; what a test cares about it names itself.

Invariant: nothing here asserts.
"""

import datetime as dt
import itertools
from typing import Any

from django.contrib.auth.hashers import make_password

from ai.models import PlanJob
from users.models import User

PASSWORD = "correct horse battery"
MONDAY = dt.date(2026, 3, 2)

_numbers = itertools.count(1)

REGISTRATION: dict[str, Any] = {
    "email": "ada@example.org",
    "password": PASSWORD,
    "name": "Ada",
    "age": 34,
    "sex": "female",
    "height": 168,
    "weight": 71.5,
    "fitness_goal": "lose_weight",
    "activity_level": "moderate",
}


def user(**fields: Any) -> User:
    """Return a stored person with a complete profile and the password `PASSWORD`."""
    values: dict[str, Any] = {
        "email": f"person{next(_numbers)}@example.org",
        "name": "Person",
        "age": 34,
        "sex": "female",
        "height": 168.0,
        "weight": 71.5,
        "fitness_goal": "maintain",
        "activity_level": "moderate",
        "equipment": ["dumbbell", "band"],
        "availability": {"days": ["mon", "wed", "fri"], "minutes_per_session": 45},
        **fields,
    }
    return User.objects.create(password=make_password(PASSWORD), **values)


def job(owner: User, **fields: Any) -> PlanJob:
    """Return a stored queued job that is due now."""
    now = dt.datetime.now(dt.UTC)
    values: dict[str, Any] = {
        "kind": "meal",
        "start_date": MONDAY,
        "days": 1,
        "seed": 7,
        "params_hash": "",
        "max_attempts": 3,
        "run_after": now - dt.timedelta(seconds=1),
        "deadline_at": now + dt.timedelta(minutes=5),
        **fields,
    }
    return PlanJob.objects.create(user=owner, **values)
