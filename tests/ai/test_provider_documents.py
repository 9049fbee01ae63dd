"""Reading an answer's bytes, however they are cut; and what a refusal's status and headers mean."""

import json
import time
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai.providers import ProviderDown, documents
from ai.providers.refusals import refusal

NOW = 1_772_000_000.0
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(content_type: str, payload: bytes, cuts: list[int]) -> list[Any]:
    """Return the documents of a payload that arrives in pieces of these sizes."""
    reader, start = documents.of(content_type), 0
    found: list[Any] = []
    for size in [*cuts, len(payload)]:
        found += reader.feed(payload[start : start + size])
        start += size
        if reader.ended:
            return found
    return [*found, *reader.finish()]


@given(
    st.lists(VALUES, max_size=5),
    st.lists(st.integers(1, 9), max_size=60),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_a_stream_s_documents_do_not_depend_on_how_its_bytes_are_cut(
    values: list[Any],
    cuts: list[int],
    line_end: str,
    closed: bool,  # noqa: FBT001
) -> None:
    lines = [f": ping\nevent: any\nid: 7\ndata: {json.dumps(value, ensure_ascii=False)}\n\n" for value in values]
    text = "".join(lines) + ("data: [DONE]\n\ndata: never read\n\n" if closed else "")
    payload = text.replace("\n", line_end).encode(errors="replace")

    assert read("text/event-stream; charset=utf-8", payload, cuts) == json.loads(
        json.dumps(values, ensure_ascii=False).encode(errors="replace")
    )


@given(st.dictionaries(st.text(), VALUES), st.lists(st.integers(1, 9), max_size=20))
def test_a_plain_answer_is_one_document(value: dict[str, Any], cuts: list[int]) -> None:
    assert read("application/json", json.dumps(value).encode(), cuts) == [value]


@given(st.binary(max_size=300), st.sampled_from(["application/json", "text/event-stream", ""]))
def test_any_bytes_are_documents_or_refused(payload: bytes, content_type: str) -> None:
    outcome: object = "documents"
    try:
        read(content_type, payload, [])
    except ProviderDown as down:
        outcome = (down.reason, down.blames)

    assert outcome in ("documents", ("invalid", False))


def test_data_over_several_lines_is_one_document_and_the_last_needs_no_empty_line() -> None:
    assert read("text/event-stream", b'data: {"a":\ndata: 1}\n\ndata: [2]', []) == [{"a": 1}, [2]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "NaN",
        '{"a": Infinity}',
        '{"a": 1, "a": 1}',
        "[" * 100_000,
        "9" * 5_000,
        '"\xff"',
        "{'a': 1}",
        "[1] [2]",
    ],
)
def test_what_is_no_strict_json_is_refused(text: str) -> None:
    with pytest.raises(ProviderDown, match="not JSON"):
        documents.parse(text.encode("latin-1"))


@pytest.mark.parametrize(
    ("content_type", "piece"),
    [
        ("application/json", b" "),
        ("text/event-stream", b": comment\n"),
        ("text/event-stream", b"data:\n"),
        ("text/event-stream", b"data: 1\n"),
        ("text/event-stream", b"x"),
    ],
)
def test_no_answer_is_kept_beyond_its_limit(content_type: str, piece: bytes) -> None:
    reader = documents.of(content_type)
    chunks = [piece * (8_000 // len(piece))] * (documents.MAX_STREAM_BYTES // 7_000)

    with pytest.raises(ProviderDown, match="too large"):
        _ = [list(reader.feed(chunk)) for chunk in chunks]


def test_no_event_is_larger_than_a_plain_answer_may_be() -> None:
    line = b"data: " + b"1" * 8_000 + b"\n"

    with pytest.raises(ProviderDown, match="too large"):
        read("text/event-stream", line * (2 * documents.MAX_BYTES // len(line)), [len(line)] * 200)


@pytest.mark.parametrize(
    ("status", "reason", "again", "lower_mode", "blames"),
    [
        (302, "unavailable", False, False, True),
        (400, "unavailable", False, True, False),
        (401, "unavailable", False, False, True),
        (403, "unavailable", False, False, True),
        (404, "unavailable", False, False, True),
        (408, "unavailable", True, False, True),
        (409, "unavailable", True, False, True),
        (413, "invalid", False, False, False),
        (418, "unavailable", False, False, True),
        (422, "unavailable", False, True, False),
        (429, "unavailable", True, False, True),
        (500, "unavailable", True, False, True),
        (529, "unavailable", True, False, True),
    ],
)
def test_a_status_says_what_may_help(
    status: int,
    reason: str,
    again: bool,  # noqa: FBT001
    lower_mode: bool,  # noqa: FBT001
    blames: bool,  # noqa: FBT001
) -> None:
    down = refusal(status, {}, now=NOW)

    assert (down.reason, down.again, down.lower_mode, down.blames) == (reason, again, lower_mode, blames)
    assert down.retry_after is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0.0),
        ({"retry-after": "Fri, 31 Feb 2026 99:99:99 GMT"}, None),
        ({"retry-after": "later"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_a_busy_provider_says_when_to_come_again(headers: dict[str, str], seconds: float | None) -> None:
    assert refusal(429, headers, now=NOW).retry_after == seconds


@pytest.mark.parametrize(
    ("status", "word", "again"), [(429, "false", False), (500, "False", False), (401, "true", True), (429, "?", True)]
)
def test_a_provider_that_says_whether_to_try_again_is_believed(status: int, word: str, again: bool) -> None:  # noqa: FBT001
    assert refusal(status, {"x-should-retry": word, "retry-after": "1"}, now=NOW).again is again


@given(
    st.integers(300, 999),
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "x-should-retry"]), st.text()),
)
def test_no_header_s_words_break_the_reading(status: int, headers: dict[str, str]) -> None:
    down = refusal(status, headers, now=time.time())

    assert down.retry_after is None or down.retry_after >= 0
