"""A gym for the tests: weeks composed by the real planner and stored as a job stores them.

Invariant: nothing here asserts.
"""

import datetime as dt
from collections.abc import Callable, Sequence

import pytest

from config.models import Origin
from users.models import User
from workouts import catalogue, planner, selectors, services

Coach = Callable[..., planner.Week]
Train = Callable[..., planner.Week]


@pytest.fixture
def coach(db: None) -> Coach:
    """Compose sessions for a person, without storing them."""

    def compose(user: User, dates: Sequence[dt.date], *, seed: int = 7) -> planner.Week:
        around = selectors.around(user.pk, dates)
        return planner.compose(
            selectors.trainee(user, {}, on=dates[0]), catalogue.current(), dates, seed=seed, around=around
        )

    return compose


@pytest.fixture
def train(coach: Coach) -> Train:
    """Compose sessions for a person and store them."""

    def save(user: User, *dates: dt.date, seed: int = 7, source: str = "planner") -> planner.Week:
        week = coach(user, dates, seed=seed)
        services.save_days(
            user_id=user.pk,
            week=week,
            trainee=selectors.trainee(user, {}, on=dates[0]),
            catalogue=catalogue.current(),
            origin=Origin(source=source),
            extra={},
        )
        return week

    return save
