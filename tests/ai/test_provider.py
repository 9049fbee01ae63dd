"""Every adapter against a real HTTP server that does well, or goes wrong."""

import asyncio
import datetime as dt
import json
import threading
from typing import Any

import pytest

from ai.providers.dialogue import CHARACTERS_A_TOKEN
from ai.providers.documents import MAX_BYTES
from tests.ai import model_server
from tests.ai.dialects import COMPLETION_TOKENS, PROMPT_TOKENS
from tests.ai.model_server import UNKNOWN_HOST, Behaviour, ModelServer, closed_url
from tests.ai.provider_cast import KEY, MODES, QUESTION, ask, down, every_adapter

BEFORE_AN_ANSWER = [
    (model_server.fails_with(400), "unavailable"),
    (model_server.fails_with(401), "unavailable"),
    (model_server.fails_with(413), "invalid"),
    (model_server.fails_with(429), "unavailable"),
    (model_server.fails_with(500), "unavailable"),
    (model_server.fails_with(529), "unavailable"),
    (model_server.redirects, "unavailable"),
]
INSIDE_AN_ANSWER = [
    (model_server.resets, "unavailable"),
    (model_server.resets_inside_the_body, "unavailable"),
    (model_server.is_not_json, "invalid"),
    (model_server.floods, "invalid"),
    (model_server.bombs, "invalid"),
    (model_server.is_cut_off, "invalid"),
    (model_server.refuses, "invalid"),
    (model_server.is_empty, "invalid"),
]


def identity(value: Any) -> str:
    return model_server.name_of(value) if callable(value) else str(value)


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

    assert (failed.reason, failed.again) == ("timeout", True)


def test_a_server_that_is_silent_for_too_long_is_left_before_the_deadline(settings: Any) -> None:
    settings.AI_FIRST_BYTE = dt.timedelta(seconds=0.3)

    with ModelServer(model_server.hangs) as server:
        failed = down(server.url, seconds=60)

    assert (failed.reason, failed.detail, failed.again) == ("timeout", "no first byte", True)


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
@pytest.mark.parametrize("streams", [True, False], ids=["streamed", "plain"])
def test_a_model_that_declines_is_neither_ill_nor_asked_again(adapter: str, streams: bool) -> None:  # noqa: FBT001
    with ModelServer(model_server.refuses, streams=streams) as server:
        failed = down(server.url, adapter)

    assert (failed.detail, failed.again, failed.blames) == ("declined by the model or its guard", False, False)


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


def test_a_long_stream_of_small_events_fits_though_its_envelopes_are_larger_than_a_plain_answer_may_be() -> None:
    def speaks_at_length(handler: model_server.Handler, body: dict[str, Any]) -> None:
        handler.say("word " * 24_000)

    with ModelServer(speaks_at_length) as server:
        reply = ask(server.url)

    assert len(reply.text) == 120_000


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


def test_a_call_that_has_no_time_left_is_not_made() -> None:
    with ModelServer(model_server.chooses_well) as server:
        failed = down(server.url, seconds=0)

    assert (failed.reason, failed.tokens) == ("timeout", (0, 0))
    assert not server.requests
