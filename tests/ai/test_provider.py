"""The OpenAI-compatible adapter against a real HTTP server that does well, or goes wrong."""

import threading
import time
from typing import Any

import pytest

from ai.providers import ProviderDown, Question
from ai.providers.openai_compatible import OpenAICompatible
from tests.ai import model_server
from tests.ai.model_server import ModelServer

SCHEMA: dict[str, Any] = {
    "properties": {"days": {"items": {"properties": {"date": {"enum": ["2026-03-02"]}, "reason": {"type": "string"}}}}}
}
QUESTION = Question([{"role": "user", "content": "hello"}], SCHEMA)


def ask(server: ModelServer, *, seconds: float = 5, should_stop: Any = lambda: False) -> Any:
    return OpenAICompatible(server.url, "a-key", "a-model").ask(QUESTION, seconds=seconds, should_stop=should_stop)


def test_a_good_answer_comes_back_with_its_tokens() -> None:
    with ModelServer(model_server.chooses_well) as server:
        reply = ask(server)

    assert '"2026-03-02"' in reply.text
    assert (reply.prompt_tokens, reply.completion_tokens) == (900, 80)


def test_the_question_goes_out_as_a_strict_schema_with_the_key() -> None:
    with ModelServer(model_server.chooses_well) as server:
        ask(server)

    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["headers"]["Authorization"] == "Bearer a-key"
    assert request["body"]["model"] == "a-model"
    assert request["body"]["response_format"]["json_schema"]["strict"] is True


@pytest.mark.parametrize("behaviour", [model_server.hangs, model_server.drips])
def test_a_server_that_never_finishes_is_left_at_the_deadline(behaviour: model_server.Behaviour) -> None:
    with ModelServer(behaviour) as server:
        started = time.monotonic()
        with pytest.raises(ProviderDown) as down:
            ask(server, seconds=0.7)
        waited = time.monotonic() - started

    assert down.value.reason == "timeout"
    assert waited < 5  # not a timing: the drip would go on for ever


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (model_server.is_not_json, "invalid"),
        (model_server.is_cut_off, "invalid"),
        (model_server.floods, "invalid"),
        (model_server.fails_with(429), "unavailable"),
        (model_server.fails_with(500), "unavailable"),
        (model_server.fails_with(401), "unavailable"),
    ],
)
def test_every_other_trouble_has_its_reason(behaviour: model_server.Behaviour, reason: str) -> None:
    with ModelServer(behaviour) as server, pytest.raises(ProviderDown) as down:
        ask(server)

    assert down.value.reason == reason


def test_nobody_at_the_address_is_unavailable() -> None:
    with ModelServer(model_server.hangs) as server:
        gone = server.url

    with pytest.raises(ProviderDown) as down:
        OpenAICompatible(gone, "", "m").ask(QUESTION, seconds=5, should_stop=lambda: False)

    assert down.value.reason == "unavailable"


def test_being_told_to_stop_closes_the_connection() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()

    with ModelServer(model_server.drips) as server:
        with pytest.raises(ProviderDown):
            ask(server, seconds=20, should_stop=stop.is_set)

        assert server.disconnected.wait(5)
