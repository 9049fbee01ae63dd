"""How a process sends by a real RabbitMQ, and hears it; what settings and doctor say of one."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import dramatiq
import pytest

from config import broker
from config import logging as request_logging
from config.embedded import ROOT
from config.embedded_process import free_port
from tests import product as stage
from tests.workers.rolling import eventually
from workers import alone
from workers.management.operations import doctor

pytest.importorskip("pika", reason="no pika here: install the extra `rabbitmq`")
from config import rabbit  # noqa: E402 - needs pika
from tests.workers import rabbit_server  # noqa: E402 - needs pika
from tests.workers.rabbit_server import RabbitServer  # noqa: E402 - needs pika

ACTOR, QUEUE = "make_export", "exports"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    with rabbit_server.running(tmp_path_factory.mktemp("rabbit")) as running:
        yield running


@pytest.fixture
def use(settings: Any) -> Iterator[Any]:
    """Return what makes this process send by the RabbitMQ of an address."""
    usual, built = dramatiq.get_broker(), list[rabbit.RabbitBroker]()

    def begin(url: str) -> rabbit.RabbitBroker:
        settings.BROKER_URL = url
        built.append(broker.build(socket_timeout=1))
        dramatiq.set_broker(built[-1])
        return built[-1]

    yield begin
    dramatiq.set_broker(usual)
    for each in built:
        each.close()


@pytest.fixture
def sending(server: RabbitServer, use: Any) -> rabbit.RabbitBroker:
    """A broker of this process, and a server whose queue is there and empty."""
    sender: rabbit.RabbitBroker = use(server.url)
    sender.consume(QUEUE).close()
    server.purge(QUEUE)
    return sender


def nudge(row_id: str) -> None:
    broker._send(ACTOR, row_id)  # noqa: SLF001 - what `nudge` does after the commit


def rows(bodies: list[bytes]) -> list[str]:
    return sorted(dramatiq.Message.decode(body).args[0] for body in bodies)


def away() -> str:
    return f"amqp://guest:guest@127.0.0.1:{free_port()}/%2F"


def test_all_threads_send_by_one_connection(server: RabbitServer, sending: rabbit.RabbitBroker) -> None:
    threads = [threading.Thread(target=nudge, args=(str(number),)) for number in range(20)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rows(server.take(QUEUE, 20)) == sorted(str(number) for number in range(20))
    assert len(sending.connections) == 1


def test_a_message_carries_the_request_and_the_context_of_who_sent_it(
    server: RabbitServer, sending: rabbit.RabbitBroker
) -> None:
    class Trace(dramatiq.Middleware):  # as config.tracing.Letters writes it
        def before_enqueue(self, broker: dramatiq.Broker, message: Any, delay: int | None) -> None:
            message.options["trace"] = request_logging.request_id.get()

    sending.add_middleware(Trace())
    request_logging.accept_request_id("a-request-of-ada")

    nudge("1")

    options = dramatiq.Message.decode(server.take(QUEUE, 1)[0]).options
    assert (options["request_id"], options["trace"]) == ("a-request-of-ada", "a-request-of-ada")


def test_who_ends_gives_first_what_still_waits(
    server: RabbitServer, sending: rabbit.RabbitBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rabbit, "FAREWELL", rabbit_server.PATIENCE)

    for number in range(50):
        nudge(str(number))
    sending.close()

    assert eventually(lambda: server.waiting(QUEUE) == 50)
    assert sending.connections == set()


def test_a_server_that_is_away_costs_a_warning(use: Any, caplog: pytest.LogCaptureFixture) -> None:
    use(away())

    nudge("1")

    assert eventually(lambda: f"nudge of {ACTOR} not sent" in caplog.text)


def test_a_server_that_hangs_keeps_nobody_waiting(server: RabbitServer, sending: rabbit.RabbitBroker) -> None:
    assert server.child

    os.kill(server.child.process.pid, signal.SIGSTOP)
    try:
        for number in range(10):
            nudge(str(number))  # each would wait for ever where the caller has to
    finally:
        os.kill(server.child.process.pid, signal.SIGCONT)

    assert rows(server.take(QUEUE, 10)) == [str(number) for number in range(10)]


def test_who_ends_waits_for_no_server_that_hangs(server: RabbitServer, use: Any) -> None:
    assert server.child
    ending = use(f"{server.url}?heartbeat=60")
    consumer = ending.consume(QUEUE)
    nudge("1")
    assert eventually(lambda: len(ending.connections) == 1)
    [sent_by] = ending.connections

    os.kill(server.child.process.pid, signal.SIGSTOP)
    try:
        consumer.close()
        ending.close()
        answered = [consumer.connection.is_closed, sent_by.is_closed]
    finally:
        os.kill(server.child.process.pid, signal.SIGCONT)

    assert answered == [False, False]


def test_more_than_can_wait_is_left_to_the_clock(
    use: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rabbit, "OUTBOX", 1)
    monkeypatch.setattr(rabbit.RabbitBroker, "_send_all", lambda _self: threading.Event().wait(1))
    use(away())

    nudge("1")
    assert "not sent" not in caplog.text
    nudge("2")

    assert f"nudge of {ACTOR} not sent: ConnectionClosed" in caplog.text


def test_a_process_notices_that_the_server_went_and_came_back(
    server: RabbitServer, sending: rabbit.RabbitBroker
) -> None:
    messenger = alone._messenger()  # noqa: SLF001 - what a worker asks before it looks for jobs itself
    assert messenger is sending

    heard = [messenger.ping()]
    consumer = sending.consume(QUEUE, timeout=100)
    heard.append(messenger.ping())
    nudge("1")
    received = next(message.args[0] for message in consumer if message)
    server.stop()
    with pytest.raises(dramatiq.errors.BrokerConnectionError):
        for _message in consumer:
            pass
    heard.append(messenger.ping())
    assert eventually(lambda: sending.connections == set())  # who sends looks, also while there is nothing to send
    server.start()
    again = sending.consume(QUEUE)
    heard.append(messenger.ping())
    again.close()

    assert (received, heard) == ("1", [False, True, False, True])
    assert sending.connections == set()  # none is left of those that declared the queue


@pytest.mark.parametrize("url", [away(), "amqp://guest:guest@no-such-host.invalid:5672/"], ids=["port", "name"])
def test_who_cannot_listen_is_told_so_that_it_tries_again(use: Any, url: str) -> None:
    listening = use(url)

    with pytest.raises(dramatiq.errors.BrokerConnectionError):
        listening.consume(QUEUE)


@pytest.mark.django_db
def test_the_doctor_says_whether_rabbitmq_answers(server: RabbitServer, settings: Any) -> None:
    found = []
    for url in (server.url, server.url.replace("guest:guest", "guest:wrong"), away()):
        settings.BROKER_URL = url
        found += [(each.found, bool(each.advice)) for each in doctor.examine() if each.part == "BROKER_URL"]

    refused = ("ProbableAuthenticationError", True)
    assert found == [("RabbitMQ lets us in", False), refused, ("AMQPConnectionError", True)]


@pytest.mark.parametrize(
    ("url", "hides", "said"),
    [
        ("amqp://rabbit.example", "", ""),
        ("amqp://rabbit.example", "pika", "install the extra `rabbitmq`"),
        ("mqtt://rabbit.example", "", "BROKER_URL begins with"),
    ],
    ids=["good", "no pika", "another protocol"],
)
def test_the_settings_refuse_what_cannot_work(url: str, hides: str, said: str) -> None:
    code = "import importlib.util as util; find = util.find_spec\n"
    code += f"util.find_spec = lambda name, *more: None if name == {hides!r} else find(name, *more)\n"
    environment = stage.environment(
        REDIS_URL="redis://redis.example", DATABASE_URL="postgresql://db.example/regimen", BROKER_URL=url
    )
    command = [sys.executable, "-c", f"{code}import config.settings"]

    started = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (started.returncode == 0) == (said == ""), started.stderr
    assert said in started.stderr


def test_what_the_address_says_of_limits_goes_before_ours() -> None:
    one, two = rabbit.patient("amqps://a.example/v?heartbeat=60;amqp://b.example").split(";")

    assert one.startswith("amqps://a.example/v?")
    assert "heartbeat=60" in one
    assert f"heartbeat={rabbit.HEARTBEAT}" in two
    assert "stack_timeout=5" in one
