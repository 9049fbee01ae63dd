"""Schemathesis asks the running product, signed in, for every operation of its document: a small run of the full one.

Invariant: the full run is `python bench/contract_cases.py`; this one differs in the number of cases and phases alone.
"""

from collections.abc import Iterator

import pytest

from bench import contract_cases
from bench.contract_cases import Outcome
from tests.faults import doors

pytestmark = pytest.mark.xdist_group("schemathesis")


@pytest.fixture(scope="module")
def outcome() -> Iterator[Outcome]:
    with contract_cases.stack() as started:
        yield contract_cases.run(started, each=3, phases="examples,fuzzing")


def test_schemathesis_finds_nothing_in_a_small_run(outcome: Outcome) -> None:
    assert outcome.passed, outcome.words[-6000:]
    assert outcome.crashes().total() == 0


def test_every_operation_is_asked(outcome: Outcome) -> None:
    assert set(doors.OPERATIONS) - set(outcome.seen) == set()
    assert outcome.cases > 2 * len(doors.OPERATIONS)


def test_every_error_was_a_problem(outcome: Outcome) -> None:
    errors = {kind for answers in outcome.seen.values() for kind in answers if kind >= "4"}

    assert errors
    assert {kind.partition(" ")[2] for kind in errors} == {"application/problem+json"}
