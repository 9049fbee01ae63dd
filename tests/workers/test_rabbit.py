"""The product over RabbitMQ in the place of Redis: real processes, a real server that is restarted, away, forgetful."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from config import broker, up
from config.embedded import Servers
from config.embedded_process import Child
from tests import product as stage
from tests.journeys.person import TERMINAL, Person
from tests.workers import rolling
from tests.workers.rolling import Product, eventually

pytest.importorskip("pika", reason="no pika here: install the extra `rabbitmq`")
from tests.workers import rabbit_server  # noqa: E402 - needs pika
from tests.workers.rabbit_server import RabbitServer  # noqa: E402 - needs pika

DAY = {"kind": "meal", "start_date": "2026-03-02", "days": 1}
NEVER = "600"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    with rabbit_server.running(tmp_path_factory.mktemp("rabbit")) as running:
        yield running


@pytest.fixture(scope="module")
def product(server: RabbitServer, worker_id: str) -> Iterator[Product]:
    """Web server and clock, which ask RabbitMQ; nothing is sent again by itself."""
    with contextlib.ExitStack() as cleanup:
        servers = cleanup.enter_context(Servers(throwaway=True))
        names = dict.fromkeys(("CACHE_URL", "CHANNELS_URL"), rolling.REDIS_DATABASES[stage.number_of(worker_id)])
        environment = stage.environment(
            **stage.empty_redis(servers.environment["REDIS_URL"], names),
            BROKER_URL=server.url,
            DATABASE_URL=stage.empty_database(servers.environment["DATABASE_URL"], "rabbit", cleanup),
            JOB_RESEND_SECONDS=NEVER,
            CLOCK_SECONDS="0.2",
        )
        up.prepare_database(servers, environment)
        running = Product(servers, environment, cleanup.enter_context(up.listen(0)), cleanup)
        cleanup.callback(running.everybody.stop)
        for name in ("web", "clock", "worker"):
            running.start(name)
        running.ready()
        running.end("worker")
        yield running


@pytest.fixture
def worker(product: Product, server: RabbitServer) -> Iterator[Any]:
    """Return what starts a worker, and waits until it hears; one that only `listens` never looks for jobs itself."""

    def start(*, listens: bool) -> Child:
        child = product.start("worker", **({"CLOCK_SECONDS": NEVER} if listens else {}))
        assert eventually(lambda: server.consumers(broker.QUEUE) == 1), child.tail()
        return child

    yield start
    product.end("worker")


def order(product: Product) -> str:
    status, job = Person(product.url).post("/generate-plan", DAY)
    assert status == 202, job
    return str(job["id"])


def ends(product: Product, job: str) -> list[str]:
    """Return the terminal events of a job once it has one."""
    told = "SELECT type FROM events WHERE data->>'job_id' = %s AND type = ANY(%s)"
    with psycopg.connect(product.environment["DATABASE_URL"], autocommit=True) as database:
        assert eventually(lambda: database.execute(told, [job, list(TERMINAL)]).fetchone() is not None)
        return [str(row[0]) for row in database.execute(told, [job, list(TERMINAL)])]


def test_an_order_becomes_a_plan_by_a_message_that_outlives_a_restart(
    product: Product, server: RabbitServer, worker: Any
) -> None:
    job = order(product)
    assert eventually(lambda: server.waiting(broker.QUEUE) > 0)

    server.stop()
    server.start()
    worker(listens=True)

    assert ends(product, job) == ["plan.ready"]


def test_web_server_and_worker_live_through_a_restart(product: Product, server: RabbitServer, worker: Any) -> None:
    child = worker(listens=True)
    before = order(product)
    ended = ends(product, before)

    server.stop()
    server.start()
    assert eventually(lambda: server.consumers(broker.QUEUE) == 1), child.tail()
    after = order(product)

    assert (ended, ends(product, after), ends(product, before)) == (["plan.ready"],) * 3
    assert not child.ended


def test_without_rabbitmq_orders_are_taken_and_plans_are_made(
    product: Product, server: RabbitServer, worker: Any
) -> None:
    child = worker(listens=False)
    server.stop()

    jobs = [order(product) for _ in range(3)]
    made = [ends(product, job) for job in jobs]
    server.start()
    assert eventually(lambda: server.consumers(broker.QUEUE) == 1), child.tail()
    made.append(ends(product, order(product)))

    assert made == [["plan.ready"]] * 4
    assert [ends(product, job) for job in jobs] == [["plan.ready"]] * 3
    assert "nudge of generate_plan not sent" in product.children["web"].log.read_text()


def test_a_message_that_rabbitmq_lost_is_sent_again_by_the_clock(
    product: Product, server: RabbitServer, worker: Any
) -> None:
    job = order(product)
    assert eventually(lambda: server.waiting(broker.QUEUE) > 0)

    server.purge(broker.QUEUE)
    worker(listens=True)
    with psycopg.connect(product.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute("UPDATE plan_jobs SET dispatched_at = dispatched_at - interval '1 h' WHERE id = %s", [job])

    assert ends(product, job) == ["plan.ready"]
