"""The daily caps, on a PostgreSQL that commits: exact when fifty ask at once, and without a deadlock."""

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import given
from hypothesis import strategies as st

from ai import budget
from ai.models import AISpending
from config.providers import ProviderSettings
from tests import factories
from users.models import User

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
CROWD = 50
CENT = Decimal("0.01")


def priced(price_in: str, price_out: str, max_tokens: int = 1000) -> ProviderSettings:
    return ProviderSettings(
        name="p",
        adapter="openai_compatible",
        model="m",
        base_url="http://127.0.0.1:1",
        max_tokens=max_tokens,
        price_in=Decimal(price_in),
        price_out=Decimal(price_out),
    )


@pytest.fixture
def caps(settings: Any) -> Any:
    settings.AI_CALLS_PER_USER = 20
    settings.AI_USD_PER_USER = Decimal("0.50")
    settings.AI_USD_FOR_ALL = Decimal("1.00")
    return settings


@pytest.fixture
def _patient_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty share ten connections: on a machine with other work each of them may wait for long."""
    postgres: Any = connection
    monkeypatch.setattr(postgres.pool, "timeout", 60.0)


def books(user: User | None) -> tuple[int, Decimal]:
    row = AISpending.objects.get(user=user)
    return row.calls, row.usd


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Start all at one moment, each on a connection of its own; what one raises, rises."""
    start = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


# --- what a call may cost ------------------------------------------------------------------------
def test_a_price_is_per_million_tokens() -> None:
    assert budget.cost(priced("2.50", "10"), 1_000_000, 100_000) == Decimal("3.500000")


def test_a_fraction_of_what_the_books_hold_is_rounded_up() -> None:
    assert budget.cost(priced("0.15", "0.60"), 1, 0) == Decimal("0.000001")


@given(
    text=st.text(max_size=200),
    answer=st.integers(0, 1000),
    price_in=st.decimals(0, 100, places=3),
    price_out=st.decimals(0, 100, places=3),
)
def test_no_call_costs_more_than_what_is_set_aside_for_it(
    text: str, answer: int, price_in: Decimal, price_out: Decimal
) -> None:
    provider = priced(str(price_in), str(price_out))
    worst = len(text.encode())  # each byte a token

    assert budget.cost(provider, worst, answer) <= budget.most(provider, worst)


# --- the books -----------------------------------------------------------------------------------
@pytest.mark.usefixtures("caps")
def test_what_is_set_aside_stands_in_the_persons_books_and_in_everybodys(owner: User) -> None:
    budget.set_aside(owner.pk, CENT, NOON)

    assert books(owner) == books(None) == (1, CENT)
    assert budget.spent(NOON) == CENT


@pytest.mark.usefixtures("caps")
def test_settling_books_the_cost_and_gives_back_the_rest(owner: User) -> None:
    hold = budget.set_aside(owner.pk, CENT, NOON)
    assert hold

    booked = budget.settle(hold, Decimal("0.004"))

    assert booked == Decimal("0.004")
    assert books(owner) == books(None) == (1, booked)


@pytest.mark.usefixtures("caps")
def test_more_than_was_set_aside_is_never_booked(owner: User) -> None:
    hold = budget.set_aside(owner.pk, CENT, NOON)
    assert hold

    assert budget.settle(hold, Decimal(7)) == CENT
    assert books(owner) == (1, CENT)


@pytest.mark.usefixtures("caps")
def test_a_call_that_nobody_worked_on_is_as_if_it_had_not_been(owner: User) -> None:
    hold = budget.set_aside(owner.pk, CENT, NOON)
    assert hold

    budget.give_back(hold)

    assert books(owner) == books(None) == (0, Decimal(0))


@pytest.mark.parametrize(
    ("name", "cap"), [("AI_CALLS_PER_USER", 0), ("AI_USD_PER_USER", Decimal(0)), ("AI_USD_FOR_ALL", Decimal(0))]
)
def test_each_cap_refuses_and_takes_nothing_then(owner: User, caps: Any, name: str, cap: object) -> None:
    setattr(caps, name, cap)

    assert budget.set_aside(owner.pk, CENT, NOON) is None
    assert books(owner) == books(None) == (0, Decimal(0))


def test_the_last_cent_may_be_spent(owner: User, caps: Any) -> None:
    caps.AI_USD_PER_USER = CENT

    assert budget.set_aside(owner.pk, CENT, NOON)
    assert budget.set_aside(owner.pk, budget.MICRO, NOON) is None


def test_a_model_without_a_price_costs_calls_alone(owner: User, caps: Any) -> None:
    caps.AI_USD_PER_USER = caps.AI_USD_FOR_ALL = Decimal(0)

    found = [budget.set_aside(owner.pk, Decimal(0), NOON) is not None for _ in range(21)]

    assert found == [True] * 20 + [False]


def test_the_day_ends_at_midnight_in_utc(owner: User, caps: Any) -> None:
    caps.AI_CALLS_PER_USER = 1
    new_york = dt.timezone(dt.timedelta(hours=-5))
    evening = dt.datetime(2026, 3, 2, 18, 59, tzinfo=new_york)

    minutes = [evening, evening + dt.timedelta(seconds=59), evening + dt.timedelta(minutes=1)]
    taken = [budget.set_aside(owner.pk, CENT, minute) is not None for minute in minutes]

    assert taken == [True, False, True]


@pytest.mark.usefixtures("caps")
def test_a_call_over_midnight_is_settled_where_it_was_set_aside(owner: User) -> None:
    hold = budget.set_aside(owner.pk, CENT, NOON)
    budget.set_aside(owner.pk, CENT, NOON + dt.timedelta(days=1))
    assert hold

    budget.settle(hold, Decimal(0))

    assert [budget.spent(NOON), budget.spent(NOON + dt.timedelta(days=1))] == [0, CENT]


# --- fifty at once -------------------------------------------------------------------------------
@pytest.mark.usefixtures("fresh_db", "_patient_pool")
def test_of_fifty_at_once_the_persons_calls_admit_exactly_twenty(owner: User, caps: Any) -> None:
    holds = at_once([partial(budget.set_aside, owner.pk, CENT, NOON)] * CROWD)

    assert len([hold for hold in holds if hold]) == caps.AI_CALLS_PER_USER
    assert books(owner) == books(None) == (20, 20 * CENT)


@pytest.mark.usefixtures("fresh_db", "_patient_pool")
def test_of_fifty_people_at_once_everybodys_money_admits_exactly_what_it_pays_for(caps: Any) -> None:
    people = [factories.user() for _ in range(CROWD)]
    price = Decimal("0.03")

    holds = at_once([partial(budget.set_aside, person.pk, price, NOON) for person in people])

    assert len([hold for hold in holds if hold]) == 33
    assert books(None) == (33, Decimal("0.99"))
    assert sum(row.usd for row in AISpending.objects.exclude(user=None)) == Decimal("0.99")
    assert caps.AI_USD_FOR_ALL - budget.spent(NOON) < price


@pytest.mark.usefixtures("fresh_db", "_patient_pool")
def test_taking_and_settling_cross_without_a_deadlock_and_lose_nothing(caps: Any) -> None:
    caps.AI_USD_FOR_ALL = Decimal(50)
    people = [factories.user() for _ in range(5)]

    def spend(number: int) -> None:
        for _ in range(4):
            hold = budget.set_aside(people[number % 5].pk, CENT, NOON)
            assert hold
            if number % 2:
                budget.settle(hold, Decimal("0.003"))
            else:
                budget.give_back(hold)

    caps.AI_CALLS_PER_USER = 1000
    at_once([partial(spend, number) for number in range(CROWD)])

    assert books(None) == (100, Decimal("0.300"))
    assert sum(row.calls for row in AISpending.objects.exclude(user=None)) == 100
    assert sum(row.usd for row in AISpending.objects.exclude(user=None)) == Decimal("0.300")
