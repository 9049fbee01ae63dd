"""A kitchen for the tests: days composed by the real planner and stored as a job stores them.

Invariant: nothing here asserts.
"""

import datetime as dt
from collections.abc import Callable, Sequence

import pytest

from config.models import Origin
from mealplans import catalogue, planner, selectors, services
from users.models import User

Cook = Callable[..., planner.Week]
Serve = Callable[..., planner.Week]


@pytest.fixture
def cook(db: None) -> Cook:
    """Compose days for a person, without storing them."""

    def compose(user: User, dates: Sequence[dt.date], *, seed: int = 7) -> planner.Week:
        return planner.compose(selectors.eater(user, {}), catalogue.current(), dates, seed=seed)

    return compose


@pytest.fixture
def serve(cook: Cook) -> Serve:
    """Compose days for a person and store them."""

    def save(user: User, *dates: dt.date, seed: int = 7, source: str = "planner") -> planner.Week:
        week = cook(user, dates, seed=seed)
        services.save_days(
            user_id=user.pk,
            week=week,
            eater=selectors.eater(user, {}),
            catalogue=catalogue.current(),
            origin=Origin(source=source),
            extra={},
        )
        return week

    return save
