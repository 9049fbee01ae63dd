"""The tickets that open sockets: one use each, soon forgotten, not to be guessed."""

import threading

import pytest
from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as RedisAway

from tests.conftest import Api
from users import services
from users.models import Session, User


def test_a_ticket_opens_one_socket_once(as_owner: Api, owner: User) -> None:
    answer = as_owner.post("/api/v1/ws-ticket").json()

    who = services.redeem_ticket(answer["ticket"])
    again = services.redeem_ticket(answer["ticket"])

    assert answer["expires_in"] == 30
    assert who == (owner.pk, Session.objects.get(user=owner).pk)
    assert again is None


def test_a_ticket_is_forgotten_after_thirty_seconds(as_owner: Api) -> None:
    ticket = as_owner.post("/api/v1/ws-ticket").json()["ticket"]

    seconds = get_redis_connection("default").ttl(services.TICKET_KEY.format(ticket))

    assert 25 <= seconds <= 30


def test_no_two_tickets_are_alike_and_a_guess_opens_nothing(as_owner: Api) -> None:
    tickets = {as_owner.post("/api/v1/ws-ticket").json()["ticket"] for _ in range(5)}

    assert len(tickets) == 5
    assert all(len(ticket) >= 43 for ticket in tickets)  # 256 bits
    assert services.redeem_ticket("x" * 43) is None


def test_of_two_sockets_with_one_ticket_only_one_opens(as_owner: Api) -> None:
    tickets = [as_owner.post("/api/v1/ws-ticket").json()["ticket"] for _ in range(10)]
    redeemed: list[object] = []
    start = threading.Barrier(2)

    def redeem() -> None:
        for ticket in tickets:
            start.wait()
            redeemed.append(services.redeem_ticket(ticket))

    threads = [threading.Thread(target=redeem) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [who is None for who in redeemed].count(True) == len(tickets)
    assert len(redeemed) == 2 * len(tickets)


def test_without_redis_there_are_no_tickets_for_the_moment(as_owner: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(alias: str) -> None:
        raise RedisAway

    monkeypatch.setattr(services, "get_redis_connection", away)

    answer = as_owner.post("/api/v1/ws-ticket")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    assert services.redeem_ticket("x" * 43) is None
