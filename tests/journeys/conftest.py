"""The stage of the journeys: the product, really running, once for all of them.

Invariant: it names a demo person, as a development machine does, and registers nobody.
"""

import contextlib
from collections.abc import Iterator

import pytest

from tests.journeys.stack import Stack, running

DEMO = "demo@example.org", "four blue kettles sing"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Web, worker and clock as processes of their own, on a fresh database; `stack.url` is where they serve."""
    with contextlib.ExitStack() as cleanup:
        with pytest.MonkeyPatch.context() as environment:  # which the processes inherit
            environment.setenv("DEMO_EMAIL", DEMO[0])
            environment.setenv("DEMO_PASSWORD", DEMO[1])
            started = cleanup.enter_context(running())
        yield started
