"""A database whose transactions really commit, for tests of constraints and of several people at once.

Invariant: whoever comes after finds the catalogue again.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections


@pytest.fixture(scope="module")
def _catalogue_again(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    yield  # a module's end is after the flush of its last test
    with django_db_blocker.unblock():
        call_command("load_catalogue", verbosity=0)


@pytest.fixture
def fresh_db(_catalogue_again: None, transactional_db: None) -> None:
    """Commit what a test writes, and flush it afterwards; the catalogue goes with it until the module's end."""


AtOnce = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def at_once(fresh_db: None) -> AtOnce:
    """Run functions at one moment, each on a connection of its own; return what each returned or raised."""

    def run(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        results: list[Any] = [None] * len(calls)
        start = threading.Barrier(len(calls))

        def one(number: int) -> None:
            start.wait()
            try:
                results[number] = calls[number]()
            except Exception as error:  # noqa: BLE001 - a thread's edge: the test looks at it
                results[number] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one, args=(number,)) for number in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run
