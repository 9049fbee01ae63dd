"""The whole product, really running, for the journeys: web server, worker and clock as processes of their own."""

import contextlib
from collections.abc import Iterator

import pytest

from config.embedded import Servers
from tests import product
from tests.product import Stack

DEMO = "demo@example.org", "four blue kettles sing"  # named by the product, registered by nobody yet


@pytest.fixture(scope="session")
def stack(worker_id: str) -> Iterator[Stack]:
    """Start the product as `manage.py up` does, with an empty database and the demo's account named, not registered."""
    with contextlib.ExitStack() as cleanup:
        servers = cleanup.enter_context(Servers(throwaway=True))
        environment = product.environment(
            **product.own_redis(servers.environment["REDIS_URL"], "journeys", worker_id),
            DATABASE_URL=product.empty_database(servers.environment["DATABASE_URL"], "stack", cleanup),
            JOB_RESEND_SECONDS="2",
            CLOCK_SECONDS="0.5",
            DEMO_EMAIL=DEMO[0],
            DEMO_PASSWORD=DEMO[1],
        )
        yield product.started(servers, environment, cleanup)
