"""What each adapter sends, held against the references of those who serve it."""

import json
from typing import Any

import pytest

from ai.providers import ProviderDown, Question
from config.providers import ADAPTERS
from tests.ai import model_server
from tests.ai.dialects import system
from tests.ai.model_server import ModelServer
from tests.ai.provider_cast import KEY, MODES, QUESTION, SCHEMA, ask, every_adapter, provider

OURS = {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}
KEY_HEADER = {
    "openai_compatible": ("authorization", f"Bearer {KEY}"),
    "anthropic": ("x-api-key", KEY),
    "gemini": ("x-goog-api-key", KEY),
}
BESIDES: dict[str, set[str]] = {"openai_compatible": set(), "anthropic": {"anthropic-version"}, "gemini": set()}
PATHS = {
    "openai_compatible": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "gemini": "/v1/models/a-model:streamGenerateContent?alt=sse",
}


def sent(adapter: str, mode: str = "json_schema") -> dict[str, Any]:
    """Return the one request of a question."""
    with ModelServer(model_server.chooses_well) as server:
        ask(server.url, adapter, mode=mode)
    (request,) = server.requests
    return {**request, "headers": {name.lower(): value for name, value in request["headers"].items()}}


def leaves(document: Any) -> list[Any]:
    """Return every value of a document that is neither an object nor a list."""
    if isinstance(document, dict):
        return [leaf for value in document.values() for leaf in leaves(value)]
    return [leaf for value in document for leaf in leaves(value)] if isinstance(document, list) else [document]


@every_adapter
def test_the_question_goes_where_its_makers_say_with_the_key_in_a_header(adapter: str) -> None:
    request = sent(adapter)

    name, value = KEY_HEADER[adapter]
    assert request["path"] == PATHS[adapter]
    assert request["headers"][name] == value
    assert KEY not in request["path"] + json.dumps(request["body"])


@every_adapter
def test_headers_name_the_product_and_nothing_of_its_machine(adapter: str) -> None:
    headers = sent(adapter)["headers"]

    assert set(headers) == OURS | {KEY_HEADER[adapter][0]} | BESIDES[adapter]
    assert headers["user-agent"] == "regimen"
    assert headers["accept-encoding"] == "identity"


@every_adapter
@pytest.mark.parametrize("mode", MODES)
def test_what_is_sent_is_the_question_the_model_s_name_and_options_alone(adapter: str, mode: str) -> None:
    request = sent(adapter, mode)

    known = {QUESTION.user, system(request["body"]), "a-model", *leaves(SCHEMA)}
    options: set[Any] = {
        "system",
        "user",
        "plan",
        "json_schema",
        "json_object",
        "tool",
        "function",
        "ANY",
        "application/json",
    }
    options |= {"hand_over_plan", "Hand over the plan.", True, 2048}
    assert system(request["body"]).startswith(QUESTION.system)
    assert set(leaves(request["body"])) <= known | options


@every_adapter
def test_without_a_key_no_header_pretends_one(adapter: str) -> None:
    with ModelServer(model_server.chooses_well) as server:
        one = provider(server.url, adapter, api_key="")
        one.ask(QUESTION, mode="tool", seconds=10, should_stop=lambda: False, heard=lambda _: None)

    names = {name.lower() for name in server.requests[0]["headers"]}
    assert names == OURS | BESIDES[adapter]


@every_adapter
def test_only_the_laxest_mode_puts_the_schema_into_words(adapter: str) -> None:
    strict, tool, lax = (system(sent(adapter, mode)["body"]) for mode in MODES)

    assert strict == tool == QUESTION.system
    assert json.loads(lax.splitlines()[-1]) == SCHEMA


def test_openai_s_dialect_asks_for_a_strict_schema_a_forced_tool_or_an_object() -> None:
    strict, tool, lax = (sent("openai_compatible", mode)["body"] for mode in MODES)

    assert strict["response_format"]["json_schema"] == {"name": "plan", "strict": True, "schema": SCHEMA}
    assert tool["tools"][0]["function"]["parameters"] == SCHEMA
    assert tool["tool_choice"]["function"]["name"] == tool["tools"][0]["function"]["name"]
    assert lax["response_format"] == {"type": "json_object"}
    assert [body.get("stream_options") for body in (strict, tool, lax)] == [{"include_usage": True}] * 2 + [None]


def test_only_openai_itself_is_told_in_its_newest_words_and_not_to_keep_the_question() -> None:
    theirs = provider(ADAPTERS["openai_compatible"])._body(QUESTION, "tool")  # type: ignore[attr-defined]  # noqa: SLF001
    others = sent("openai_compatible", "tool")["body"]

    assert (theirs["max_completion_tokens"], theirs["store"]) == (2048, False)
    assert "max_tokens" not in theirs
    assert others["max_tokens"] == 2048
    assert not {"max_completion_tokens", "store"} & set(others)


def test_anthropic_s_dialect_asks_for_a_schema_a_forced_tool_or_in_words() -> None:
    strict, tool, lax = (sent("anthropic", mode)["body"] for mode in MODES)

    assert strict["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}
    assert tool["tools"][0]["input_schema"] == SCHEMA
    assert tool["tool_choice"]["type"] == "tool"
    assert tool["tool_choice"]["name"] == tool["tools"][0]["name"]
    assert set(lax) == {"model", "max_tokens", "system", "messages", "stream"}


def test_gemini_s_dialect_asks_for_a_schema_a_forced_function_or_an_object() -> None:
    strict, tool, lax = (sent("gemini", mode)["body"] for mode in MODES)

    assert strict["generationConfig"]["responseJsonSchema"] == SCHEMA
    assert strict["generationConfig"]["responseMimeType"] == "application/json"
    (function,) = tool["tools"][0]["functionDeclarations"]
    assert function["parametersJsonSchema"] == SCHEMA
    calling = tool["toolConfig"]["functionCallingConfig"]
    assert calling == {"mode": "ANY", "allowedFunctionNames": [function["name"]]}
    assert lax["generationConfig"] == {"maxOutputTokens": 2048, "responseMimeType": "application/json"}


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-x", "/v1/models/gemini-x:"),
        ("tunedModels/mine", "/v1/tunedModels/mine:"),
        ("x?key=1#y", "/v1/models/x%3Fkey%3D1%23y:"),
    ],
)
def test_gemini_s_model_stands_in_the_address_and_cannot_change_it(model: str, path: str) -> None:
    with ModelServer(model_server.chooses_well) as server:
        one = provider(server.url, "gemini", model=model)
        one.ask(QUESTION, mode="tool", seconds=10, should_stop=lambda: False, heard=lambda _: None)

    assert server.requests[0]["path"].startswith(path)


@every_adapter
def test_words_of_any_language_and_half_characters_arrive(adapter: str) -> None:
    question = Question("Choose.", "Čaj \u2028 \x00 \ud800 \U0001f957", SCHEMA)

    with ModelServer(model_server.chooses_well) as server:
        one = provider(server.url, adapter)
        one.ask(question, mode="json_schema", seconds=10, should_stop=lambda: False, heard=lambda _: None)

    assert question.user in leaves(server.requests[0]["body"])


def test_a_second_call_of_the_tool_is_passed_over() -> None:
    def calls_twice(handler: model_server.Handler, body: dict[str, Any]) -> None:
        first, *_, last, usage, done = handler.dialect.events(handler.said("{}"))
        handler.begin(200, "text/event-stream")
        for index, text in enumerate(['{"days": []}', '{"days": 1}']):
            call = {"index": index, "function": {"arguments": text}}
            handler.send_event({"choices": [{"delta": {"tool_calls": [call]}}]})
        for event in (last, usage, done):
            handler.send_event(event)

    with ModelServer(calls_twice) as server:
        assert ask(server.url, mode="tool").text == '{"days": []}'


def test_gemini_s_stream_without_events_is_read_too() -> None:
    def answers_with_a_list(handler: model_server.Handler, body: dict[str, Any]) -> None:
        handler.answer(200, json.dumps(list(handler.dialect.events(handler.said('{"days": []}')))).encode())

    with ModelServer(answers_with_a_list) as server:
        assert ask(server.url, "gemini").text == '{"days": []}'


def test_a_prompt_that_gemini_s_guard_blocks_is_declined() -> None:
    def blocks(handler: model_server.Handler, body: dict[str, Any]) -> None:
        handler.begin(200, "text/event-stream")
        handler.send_event({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})

    with ModelServer(blocks) as server, pytest.raises(ProviderDown, match="declined"):
        ask(server.url, "gemini")
