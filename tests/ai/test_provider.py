"""What every adapter makes of an answer, against a real HTTP server."""

import asyncio
import json
import threading
from typing import Any

import pytest

from tests.ai import model_server
from tests.ai.dialects import COMPLETION_TOKENS, PROMPT_TOKENS
from tests.ai.model_server import Behaviour, ModelServer, closed_url
from tests.ai.provider_cast import MODES, ask, down, every_adapter, identity


@every_adapter
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("streams", [True, False], ids=["streamed", "plain"])
def test_a_good_answer_comes_back_in_every_mode_with_its_tokens(adapter: str, mode: str, streams: bool) -> None:  # noqa: FBT001
    with ModelServer(model_server.chooses_well, streams=streams) as server:
        reply = ask(server.url, adapter, mode=mode)

    (request,) = server.requests
    assert json.loads(reply.text) == {"days": model_server.picks(request["body"])}
    assert (reply.prompt_tokens, reply.completion_tokens) == (PROMPT_TOKENS, COMPLETION_TOKENS)


@every_adapter
def test_the_text_is_heard_as_it_grows(adapter: str) -> None:
    lengths: list[int] = []

    with ModelServer(model_server.chooses_well) as server:
        reply = ask(server.url, adapter, heard=lengths.append)

    assert lengths == sorted(lengths)
    assert lengths[-1] == len(reply.text)


def test_text_is_heard_before_the_answer_is_whole() -> None:
    going_on = threading.Event()

    def waits_for_its_listener(handler: model_server.Handler, body: dict[str, Any]) -> None:
        *events, last, done = handler.dialect.events(handler.said("x" * 200))
        handler.begin(200, "text/event-stream")
        for event in events:
            handler.send_event(event)
        if going_on.wait(5):
            handler.send_event(last)
            handler.send_event(done)

    with ModelServer(waits_for_its_listener) as server:
        reply = ask(server.url, heard=lambda characters: going_on.set() if characters == 200 else None)

    assert reply.text == "x" * 200
    assert going_on.is_set()


def test_callbacks_may_use_the_database_since_no_loop_is_running_then() -> None:
    called: list[str] = []

    def outside_of_a_loop(who: str) -> bool:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        called.append(who)
        return False

    def heard(_: int) -> None:
        outside_of_a_loop("heard")

    with ModelServer(model_server.chooses_well) as server:
        ask(server.url, should_stop=lambda: outside_of_a_loop("should_stop"), heard=heard)

    assert set(called) == {"should_stop", "heard"}


@every_adapter
@pytest.mark.parametrize("streams", [True, False], ids=["streamed", "plain"])
def test_a_model_that_declines_is_neither_ill_nor_asked_again(adapter: str, streams: bool) -> None:  # noqa: FBT001
    with ModelServer(model_server.refuses, streams=streams) as server:
        failed = down(server.url, adapter)

    assert (failed.detail, failed.again, failed.blames) == ("declined by the model or its guard", False, False)


@every_adapter
@pytest.mark.parametrize(
    "behaviour",
    [model_server.talks_nonsense, model_server.cuts_its_json, model_server.has_another_schema, model_server.injects],
    ids=identity,
)
def test_text_that_is_wrong_is_handed_over_as_it_is_for_others_to_judge(adapter: str, behaviour: Behaviour) -> None:
    with ModelServer(behaviour) as server:
        reply = ask(server.url, adapter)

    assert [reply.text] == server.said


@pytest.mark.parametrize("adapter", ["anthropic", "gemini"])
@pytest.mark.parametrize("wild", ["NaN", "-Infinity", "1e400", '{"twice": 1, "twice": 2}'])
def test_arguments_that_are_no_strict_json_are_refused(adapter: str, wild: str) -> None:
    def calls(handler: model_server.Handler, body: dict[str, Any]) -> None:
        whole = json.dumps(handler.dialect.whole(handler.said('{"kcal": "here"}')))
        handler.answer(200, whole.replace('"here"', wild).encode())

    with ModelServer(calls) as server:
        failed = down(server.url, adapter, mode="tool")

    assert (failed.reason, failed.detail, failed.blames) == ("invalid", "not JSON", False)


@every_adapter
def test_a_model_that_talks_although_it_was_to_call_the_tool_is_heard(adapter: str) -> None:
    def talks(handler: model_server.Handler, body: dict[str, Any]) -> None:
        del handler.body["tools"]
        handler.say('{"days": []}')

    with ModelServer(talks) as server:
        assert ask(server.url, adapter, mode="tool").text == '{"days": []}'


def test_what_a_model_says_before_it_calls_the_tool_is_not_its_answer() -> None:
    def explains_itself(handler: model_server.Handler, body: dict[str, Any]) -> None:
        whole = handler.dialect.whole(handler.said('{"days": []}'))
        whole["content"].insert(0, {"type": "text", "text": "Let me hand over the plan."})
        handler.answer(200, json.dumps(whole).encode())

    with ModelServer(explains_itself) as server:
        assert ask(server.url, "anthropic", mode="tool").text == '{"days": []}'


def test_a_long_stream_of_small_events_fits_though_its_envelopes_are_larger_than_a_plain_answer_may_be() -> None:
    def speaks_at_length(handler: model_server.Handler, body: dict[str, Any]) -> None:
        handler.say("word " * 24_000)

    with ModelServer(speaks_at_length) as server:
        reply = ask(server.url)

    assert len(reply.text) == 120_000


def test_four_at_once_do_not_disturb_each_other() -> None:
    texts: list[str] = []
    with ModelServer(model_server.chooses_well) as server:
        threads = [threading.Thread(target=lambda: texts.append(ask(server.url).text)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(texts) == 4
    assert len(set(texts)) == 1


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, closed_url())

    with ModelServer(model_server.chooses_well) as server:
        assert ask(server.url).text
