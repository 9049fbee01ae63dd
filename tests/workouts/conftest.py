"""A gym for the tests: weeks composed by the real planner and stored as a job stores them.

Invariant: nothing here asserts.
"""

import datetime as dt
import secrets
from collections.abc import Callable, Sequence

import pytest

from config.models import Origin
from users.models import User
from workouts import catalogue, planner, selectors, services

SEED = 7
Coach = Callable[..., planner.Week]
Train = Callable[..., planner.Week]


@pytest.fixture(autouse=True)
def _no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every request draw the same seed, so that a plan depends on its test alone."""
    monkeypatch.setattr(secrets, "randbits", lambda _bits: SEED)


@pytest.fixture
def coach(db: None) -> Coach:
    """Compose sessions for a person, without storing them."""

    def compose(user: User, dates: Sequence[dt.date], *, seed: int = SEED) -> planner.Week:
        around = selectors.around(user.pk, dates)
        return planner.compose(
            selectors.trainee(user, {}, on=dates[0]), catalogue.current(), dates, seed=seed, around=around
        )

    return compose


@pytest.fixture
def train(coach: Coach) -> Train:
    """Compose sessions for a person and store them."""

    def save(user: User, *dates: dt.date, seed: int = SEED, source: str = "planner") -> planner.Week:
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
