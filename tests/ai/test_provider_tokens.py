"""What an exchange may have cost, however it ended."""

import json
from typing import Any

import pytest

from tests.ai import model_server
from tests.ai.dialects import PROMPT_TOKENS
from tests.ai.model_server import Behaviour, ModelServer
from tests.ai.provider_cast import BEFORE_AN_ANSWER, QUESTION, ask, down, every_adapter, identity


@every_adapter
def test_tokens_are_estimated_where_a_provider_tells_nothing_or_nonsense(adapter: str) -> None:
    def miscounts(handler: model_server.Handler, body: dict[str, Any]) -> None:
        whole = json.dumps(handler.dialect.whole(handler.said("x" * 70)))
        for honest, claimed in {"900": '"many"', "80": "-5", "60": "1e99", "20": "true"}.items():
            whole = whole.replace(f": {honest}", f": {claimed}")
        handler.answer(200, whole.encode())

    with ModelServer(miscounts) as server:
        reply = ask(server.url, adapter)

    asked = len(QUESTION.system) + len(QUESTION.user) + len(json.dumps(QUESTION.schema))
    assert reply.prompt_tokens == pytest.approx(asked / 3.5, abs=1)
    assert reply.completion_tokens == 20  # 70 characters at 3.5 a token


@every_adapter
@pytest.mark.parametrize(
    "behaviour", [model_server.is_cut_off, model_server.refuses, model_server.hangs_inside_the_body], ids=identity
)
def test_an_answer_that_is_of_no_use_is_still_charged(adapter: str, behaviour: Behaviour) -> None:
    with ModelServer(behaviour) as server:
        prompt, completion = down(server.url, adapter, seconds=1).tokens

    assert prompt > 0
    assert completion > 0


def test_what_was_heard_is_charged_where_the_provider_counts_at_the_end_only() -> None:
    def speaks_and_hangs(handler: model_server.Handler, body: dict[str, Any]) -> None:
        handler.begin(200, "text/event-stream")
        for event in list(handler.dialect.events(handler.said("x" * 350)))[:-2]:
            handler.send_event(event)
        handler.wait()

    with ModelServer(speaks_and_hangs) as server:
        assert down(server.url, "anthropic", seconds=1).tokens == (PROMPT_TOKENS, 100)


@every_adapter
@pytest.mark.parametrize("behaviour", [behaviour for behaviour, _ in BEFORE_AN_ANSWER], ids=identity)
def test_a_question_that_is_turned_away_is_not_charged(adapter: str, behaviour: Behaviour) -> None:
    with ModelServer(behaviour) as server:
        assert down(server.url, adapter).tokens == (0, 0)
