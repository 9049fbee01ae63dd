"""A database whose transactions really commit, for tests of constraints and of several people at once.

Invariant: whoever comes after finds the catalogue again.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connections

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
