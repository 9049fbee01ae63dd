"""Faults 43 to 49: the event feed under clients, networks and a Redis that misbehave.

Invariant: what is tested is a web server that really runs, over real sockets.
"""

import asyncio
import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from django.conf import settings as product
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.conftest import Api
from tests.faults.conftest import Server
from tests.journeys.person import Person, open_socket, receive
from tests.journeys.test_events import close_code
from users import consumers
from users.models import User

CROWD = 20


def log_day(person: Person, day: int) -> None:
    person.post("/progress", {"date": f"2026-03-{day:02}", "weight": 70})


def write_events(server: Server, person: Person, count: int, size: int) -> None:
    """Put events of `size` characters into the feed, as the product would."""
    user = person.user["id"]
    with server.database() as database, database.transaction():
        database.execute(
            "INSERT INTO events (user_id, seq, type, data, time) SELECT id, last_seq + n, 'thing.happened', %s, now() "
            "FROM users, generate_series(1, %s) AS n WHERE id = %s",
            [json.dumps({"text": "x" * size}), count, user],
        )
        database.execute("UPDATE users SET last_seq = last_seq + %s WHERE id = %s", [count, user])


@contextlib.contextmanager
def deaf(server: Server, person: Person) -> Iterator[socket.socket]:
    """Open the feed from its beginning with a client that reads the greeting and then nothing."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", server.port))
    line.settimeout(10)
    request = (
        f"GET /ws/events?ticket={person.ticket()}&after=0 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    line.sendall(request.encode())
    assert line.recv(200).startswith(b"HTTP/1.1 101")
    with line:
        yield line


def sockets_open(server: Server) -> int:
    """Return how many sockets the server says that it holds."""
    asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    with contextlib.closing(asked):
        asked.request("GET", "/metrics")
        text = asked.getresponse().read().decode()
    return int(float(next(line.split()[1] for line in text.splitlines() if line.startswith("regimen_websockets"))))


@pytest.mark.parametrize("query", ["", "?ticket=", "?ticket=made-up", "?ticket=%00", "?ticket=" + "x" * 5000])
def test_fault_43_without_a_good_ticket_there_is_no_feed(server: Server, query: str) -> None:
    with open_socket(server.url, query) as refused:
        assert close_code(refused) == 4401


def test_fault_43_a_ticket_that_is_too_old_opens_nothing(server: Server, person: Person) -> None:
    ticket = person.ticket()
    with server.redis() as store:
        (key,) = store.keys(f"*{ticket}*")
        assert 0 < store.ttl(key) <= 30
        store.pexpire(key, 1)
        time.sleep(0.01)

    with open_socket(server.url, f"?ticket={ticket}") as refused:
        assert close_code(refused) == 4401


def test_fault_43_of_twenty_sockets_with_one_ticket_one_opens(server: Server, person: Person) -> None:
    query, greetings = f"?ticket={person.ticket()}", []
    start = threading.Barrier(CROWD)

    def enter() -> None:
        start.wait()
        with open_socket(server.url, query) as one:
            try:
                greetings.append(receive(one)["type"])
            except ConnectionClosed as closed:
                greetings.append(closed.rcvd.code if closed.rcvd else None)

    crowd = [threading.Thread(target=enter) for _ in range(CROWD)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()

    assert sorted(map(str, greetings)) == ["4401"] * (CROWD - 1) + ["hello"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1.evil.example"]
)
def test_fault_43_a_page_from_elsewhere_is_refused(person: Person, origin: str) -> None:
    with person.listen(Origin=origin) as refused:
        assert close_code(refused) == 4403


def test_fault_43_a_page_whose_name_was_made_to_lead_here_is_refused(server: Server, person: Person) -> None:
    name = f"evil.example:{server.port}"
    line = socket.create_connection(("127.0.0.1", server.port))
    query = f"?ticket={person.ticket()}"

    with connect(f"ws://{name}/ws/events{query}", sock=line, origin=Origin(f"http://{name}"), proxy=None) as refused:
        assert close_code(refused) == 4403


@pytest.mark.parametrize("after", ["-1", "99999", "x", "1e3", "%C2%B2", str(2**70), "1;2"])
def test_fault_44_a_place_that_never_was_is_refused(server: Server, person: Person, after: str) -> None:
    with open_socket(server.url, f"?ticket={person.ticket()}&after={after}") as refused:
        assert close_code(refused) == 4400


def test_fault_44_who_comes_back_gets_everything_once_and_in_order(server: Server, person: Person) -> None:
    write_events(server, person, 450, 10)  # more than two pages
    seen: list[int] = []

    for _ in range(3):
        with person.listen(after=seen[-1] if seen else 0) as line:
            receive(line)
            seen += [receive(line)["seq"] for _ in range(150)]

    assert seen == list(range(1, 451))


def test_fault_44_who_asks_for_what_is_not_kept_any_more_is_told_to_read_anew(server: Server, person: Person) -> None:
    write_events(server, person, 5, 10)
    with server.database() as database:
        database.execute("DELETE FROM events WHERE seq <= 3 AND user_id = %s", [person.user["id"]])

    with person.listen(after=1) as line:
        told = [receive(line) for _ in range(4)]

    assert [(frame["type"], frame["seq"]) for frame in told] == [
        ("hello", 5),
        ("resync", 3),
        ("thing.happened", 4),
        ("thing.happened", 5),
    ]


def test_fault_45_a_redis_that_is_emptied_under_a_socket_delays_events_only(server: Server, person: Person) -> None:
    with person.listen() as line:
        receive(line)
        with server.redis() as store:
            store.flushall()
            store.client_kill_filter(_type="pubsub")
        log_day(person, 1)

        assert json.loads(line.recv(timeout=10))["type"] == "progress.logged"


def test_fault_46_a_client_that_does_not_read_is_sent_away_and_harms_nobody(server: Server, person: Person) -> None:
    other = Person(server.url)
    write_events(server, person, 3000, 10_000)
    before = server.memory

    with deaf(server, person), other.listen() as line:
        receive(line)
        for day in range(1, 8):
            log_day(other, day)
            assert receive(line)["data"]["date"] == f"2026-03-{day:02}"
        held = server.memory - before
        ended = _eventually(lambda: sockets_open(server) == 1)

    assert ended
    assert held < 20  # MiB, of thirty that wait for it


@pytest.mark.usefixtures("fresh_db")
def test_fault_46_a_client_that_does_not_read_is_told_to_come_again(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "SEND_SECONDS", 0.05)
    sent: list[dict[str, Any]] = []
    closed = asyncio.Event()

    async def receive_nothing() -> dict[str, Any]:
        if not sent:
            return {"type": "websocket.connect"}
        await closed.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "websocket.send":
            await asyncio.sleep(60)
        elif message["type"] == "websocket.close":
            closed.set()

    headers = [(b"authorization", f"Bearer {Api(owner).tokens.access}".encode())]
    scope = {"type": "websocket", "path": "/ws/events", "query_string": b"", "headers": headers}
    asyncio.run(consumers.EventFeed.as_asgi()(scope, receive_nothing, send))

    assert [message["type"] for message in sent[:3]] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert sent[2]["code"] == 1013


def test_fault_46_a_client_that_reads_slowly_gets_everything(server: Server, person: Person) -> None:
    write_events(server, person, 1000, 10_000)
    seen = []

    with person.listen(after=0) as line:
        receive(line)
        for number in range(1000):
            seen.append(receive(line)["seq"])
            if number % 250 == 0:
                time.sleep(1)

    assert seen == list(range(1, 1001))


def test_fault_47_a_message_over_sixteen_kib_is_not_even_read(person: Person) -> None:
    with person.listen() as line:
        receive(line)
        line.send("x" * 20_000)

        assert close_code(line) == 1009


@pytest.mark.parametrize("text", ["x" * 4097, "é" * 2100, '{"type": "ping"}' + " " * 4096])
def test_fault_47_a_message_over_four_kib_ends_the_socket(person: Person, text: str) -> None:
    with person.listen() as line:
        receive(line)
        line.send(text)

        assert close_code(line) == 4400


@pytest.mark.parametrize("text", ["[" * 4000, "NaN", '{"type": "ping", "a": 1}', "\u00e9", "\x00"])
def test_fault_47_nonsense_ends_the_socket(person: Person, text: str) -> None:
    with person.listen() as line:
        receive(line)
        line.send(text)

        assert close_code(line) == 4400


def test_fault_47_more_than_ten_messages_in_a_second_are_too_many(person: Person) -> None:
    with person.listen() as line:
        receive(line)
        with contextlib.suppress(ConnectionClosed):
            for _ in range(50):
                line.send('{"type": "ping"}')

        assert close_code(line) == 4429


def test_fault_47_ten_messages_at_once_are_answered(person: Person) -> None:
    with person.listen() as line:
        receive(line)
        for _ in range(10):
            line.send('{"type": "ping"}')

        assert [receive(line) for _ in range(10)] == [{"type": "pong"}] * 10


def test_fault_48_a_socket_ends_with_the_token_that_opened_it(server: Server, person: Person) -> None:
    claims = jwt.decode(person.access, options={"verify_signature": False})
    short = jwt.encode({**claims, "exp": int(time.time()) + 3}, product.JWT_SIGNING_KEY)

    with open_socket(server.url, "", Authorization=f"Bearer {short}") as line:
        assert receive(line)["type"] == "hello"
        assert close_code(line) == 4401


def test_fault_49_nobody_hears_of_anybody_else(server: Server, person: Person) -> None:
    crowd = [person, *(Person(server.url) for _ in range(4))]
    with contextlib.ExitStack() as open_lines:
        lines: list[ClientConnection] = [open_lines.enter_context(one.listen()) for one in crowd]
        for line in lines:
            receive(line)
        for day, one in enumerate(crowd, start=1):
            log_day(one, day)
            log_day(one, day + 10)

        heard = [[receive(line)["data"]["date"] for _ in range(2)] for line in lines]
        for line in lines:
            with pytest.raises(TimeoutError):
                line.recv(timeout=0.2)

    assert heard == [[f"2026-03-{day:02}", f"2026-03-{day + 10:02}"] for day in range(1, 6)]


def _eventually(holds: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return False
