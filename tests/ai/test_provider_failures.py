"""How every adapter fails, and how soon, against a real HTTP server that goes wrong."""

import datetime as dt
import threading
from typing import Any

import pytest

from ai.providers.dialogue import CHARACTERS_A_TOKEN
from ai.providers.documents import MAX_BYTES
from tests.ai import model_server
from tests.ai.model_server import UNKNOWN_HOST, Behaviour, ModelServer, closed_url
from tests.ai.provider_cast import (
    BEFORE_AN_ANSWER,
    INSIDE_AN_ANSWER,
    KEY,
    QUESTION,
    ask,
    down,
    every_adapter,
    identity,
)


def test_a_listener_that_raises_ends_the_exchange() -> None:
    class Cancelled(Exception):  # noqa: N818 - an outcome
        pass

    def heard(_: int) -> None:
        raise Cancelled

    with ModelServer(model_server.hangs_inside_the_body) as server:
        with pytest.raises(Cancelled):
            ask(server.url, heard=heard)

        assert server.disconnected.wait(5)


@every_adapter
@pytest.mark.parametrize("streams", [True, False], ids=["streamed", "plain"])
@pytest.mark.parametrize(("behaviour", "reason"), [*BEFORE_AN_ANSWER, *INSIDE_AN_ANSWER], ids=identity)
def test_every_trouble_has_its_reason(adapter: str, streams: bool, behaviour: Behaviour, reason: str) -> None:  # noqa: FBT001
    with ModelServer(behaviour, streams=streams) as server:
        failed = down(server.url, adapter)

    assert failed.reason == reason
    assert len(server.requests) == 1


@every_adapter
@pytest.mark.parametrize(
    ("behaviour", "at_least", "at_most"),
    [
        (model_server.fails_with(429, {"Retry-After": "7"}), 7, 7),
        (model_server.fails_with(503, {"Retry-After-Ms": "1500"}), 1.5, 1.5),
        (model_server.is_busy_until(3_600), 3_000, 3_600),
    ],
    ids=["seconds", "milliseconds", "date"],
)
def test_a_busy_provider_says_when_to_come_again(
    adapter: str, behaviour: Behaviour, at_least: float, at_most: float
) -> None:
    with ModelServer(behaviour) as server:
        failed = down(server.url, adapter)

    assert failed.again
    assert at_least <= (failed.retry_after or 0) <= at_most


@every_adapter
@pytest.mark.parametrize(
    "behaviour", [model_server.hangs, model_server.hangs_inside_the_body, model_server.drips], ids=identity
)
def test_a_server_that_never_finishes_is_left_at_the_deadline(adapter: str, behaviour: Behaviour) -> None:
    with ModelServer(behaviour, drip_seconds=0.05) as server:
        failed = down(server.url, adapter, seconds=0.6)

        assert server.disconnected.wait(5)

    assert (failed.reason, failed.again) == ("timeout", False)


def test_a_server_that_is_silent_for_too_long_is_left_before_the_deadline(settings: Any) -> None:
    settings.AI_FIRST_BYTE = dt.timedelta(seconds=0.3)

    with ModelServer(model_server.hangs) as server:
        failed = down(server.url, seconds=60)

    assert (failed.reason, failed.detail, failed.again) == ("timeout", "no first byte", False)


def test_headers_that_drip_are_left_at_the_first_byte_s_limit(settings: Any) -> None:
    settings.AI_FIRST_BYTE = dt.timedelta(seconds=0.5)

    def drips_headers(handler: model_server.Handler, body: dict[str, Any]) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not handler.server.ended.wait(0.05):
            handler.wfile.write(b"a")

    with ModelServer(drips_headers) as server:
        assert down(server.url, seconds=60).detail == "no first byte"


def test_an_address_that_takes_no_connection_is_left_at_the_connection_s_limit(settings: Any) -> None:
    settings.AI_CONNECT = dt.timedelta(microseconds=1)

    with ModelServer(model_server.chooses_well) as server:
        failed = down(server.url, seconds=60)

    assert (failed.reason, failed.again, failed.tokens) == ("timeout", True, (0, 0))


@pytest.mark.parametrize("place", ["refused", "no_tls", "no_port", "no_host"])
def test_nobody_at_the_address_is_unavailable_and_costs_nothing(place: str) -> None:
    with ModelServer(model_server.chooses_well) as server:
        urls = {
            "refused": closed_url(),
            "no_tls": server.tls_url,
            "no_port": "http://127.0.0.1:0/v1",
            "no_host": "http://a..b/v1",
        }
        failed = down(urls[place])

    assert (failed.reason, failed.blames, failed.tokens) == ("unavailable", True, (0, 0))
    assert not server.requests


def test_a_name_that_nobody_knows_is_no_connection() -> None:
    failed = down(UNKNOWN_HOST)

    assert failed.reason in {"unavailable", "timeout"}  # the latter where the machine's resolver is out of reach
    assert (failed.detail, failed.again, failed.tokens) == ("no connection", True, (0, 0))


@every_adapter
@pytest.mark.parametrize("behaviour", [model_server.hangs, model_server.drips], ids=identity)
def test_being_told_to_stop_closes_the_connection(adapter: str, behaviour: Behaviour) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()

    with ModelServer(behaviour) as server:
        failed = down(server.url, adapter, seconds=20, should_stop=stop.is_set)

        assert server.disconnected.wait(5)

    assert (failed.detail, failed.again, failed.blames) == ("stopped", False, False)


@every_adapter
def test_a_stream_that_ends_without_saying_so_is_no_answer(adapter: str) -> None:
    with ModelServer(model_server.breaks_off) as server:
        failed = down(server.url, adapter)

    assert (failed.reason, failed.again, failed.blames) == ("invalid", True, False)


@every_adapter
def test_a_plain_answer_that_is_shorter_than_it_was_to_be_is_a_broken_connection(adapter: str) -> None:
    with ModelServer(model_server.breaks_off, streams=False) as server:
        assert down(server.url, adapter).reason == "unavailable"


@every_adapter
def test_an_error_inside_a_stream_is_the_provider_s(adapter: str) -> None:
    with ModelServer(model_server.breaks_with_an_error) as server:
        failed = down(server.url, adapter)

    assert (failed.reason, failed.again, failed.blames) == ("unavailable", True, True)


@every_adapter
@pytest.mark.parametrize(
    "behaviour",
    [model_server.drips, *(behaviour for behaviour, _ in (*BEFORE_AN_ANSWER, *INSIDE_AN_ANSWER))],
    ids=identity,
)
def test_what_is_said_of_a_failure_quotes_neither_question_nor_answer_nor_key(
    adapter: str, behaviour: Behaviour
) -> None:
    with ModelServer(behaviour) as server:
        failed = down(server.url, adapter, seconds=1)

    told = f"{failed} {failed!r} {failed.detail} {failed.__cause__!r}"
    for secret in (KEY, QUESTION.system, "nothing raw", "gateway", "cannot help", "server_error", "127.0.0.1"):
        assert secret not in told


def test_an_answer_that_comes_packed_is_not_unpacked() -> None:
    with ModelServer(model_server.bombs) as server:
        assert down(server.url).detail == "packed, although that was not asked for"


def test_text_without_end_is_left() -> None:
    def never_ends(handler: model_server.Handler, body: dict[str, Any]) -> None:
        handler.begin(200, "text/event-stream")
        piece = {"choices": [{"delta": {"content": "x" * 50_000}, "finish_reason": None}]}
        while not handler.server.ended.is_set():
            handler.send_event(piece)

    with ModelServer(never_ends) as server:
        failed = down(server.url)

        assert server.disconnected.wait(5)

    assert (failed.reason, failed.detail) == ("invalid", "the answer is too large")
    assert failed.tokens[1] < 2 * MAX_BYTES / CHARACTERS_A_TOKEN  # nothing was kept beyond the limit


def test_a_call_that_has_no_time_left_is_not_made() -> None:
    with ModelServer(model_server.chooses_well) as server:
        failed = down(server.url, seconds=0)

    assert (failed.reason, failed.tokens) == ("timeout", (0, 0))
    assert not server.requests
