"""AI_PROVIDERS as an operator may write it, well and wrongly.

Invariant: each mistake stops the start, and what is said names the place and the remedy, but never a key.
"""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from ai.providers import build
from config import providers

KEY = "sk-S3cret_of-the.owner"
LOCAL = {"model": "llama3.2", "base_url": "http://127.0.0.1:11434/v1"}
KEYED = {"model": "m", "api_key_env": "OPENAI_API_KEY"}
EXAMPLE = (Path(__file__).resolve().parents[2] / ".env.example").read_text()


def parse(*entries: Any, key: str = KEY, deadline: float = 20) -> tuple[providers.ProviderSettings, ...]:
    return providers.parse(json.dumps(entries), key={"OPENAI_API_KEY": key}.get, deadline=deadline)  # type: ignore[arg-type]


def mistake(*entries: Any, key: str = KEY) -> str:
    """Return what is said of a mistake; a key is never in it."""
    with pytest.raises(ImproperlyConfigured) as stopped:
        parse(*entries, key=key)
    assert KEY not in f"{stopped.value!r} {stopped.value.__cause__!r}"
    return str(stopped.value)


@pytest.mark.parametrize("text", ["", "[]"])
def test_without_providers_there_are_none(text: str) -> None:
    assert providers.parse(text, key=str, deadline=20) == ()


def test_only_a_model_must_be_named_for_a_server_of_one_s_own() -> None:
    (one,) = parse(LOCAL, deadline=12)

    assert one == providers.ProviderSettings(
        name="openai_compatible",
        adapter="openai_compatible",
        model="llama3.2",
        base_url="http://127.0.0.1:11434/v1",
        api_key="",
        schema_mode="json_schema",
        deadline=12,
        max_tokens=2048,
        price_in=Decimal(0),
        price_out=Decimal(0),
    )


def test_every_field_is_taken_and_the_order_kept() -> None:
    entry = {
        "name": "first-choice",
        "adapter": "anthropic",
        "model": "claude-x",
        "base_url": "https://gateway.example/v1/",
        "api_key_env": "OPENAI_API_KEY",
        "schema_mode": "tool",
        "deadline_seconds": 7.5,
        "max_tokens": 900,
        "max_choices": 12,
        "usd_per_million_in": 0.15,
        "usd_per_million_out": 60,
    }

    one, two = parse(entry, LOCAL)

    assert set(entry) == set(providers.FIELDS)
    assert one == providers.ProviderSettings(
        name="first-choice",
        adapter="anthropic",
        model="claude-x",
        base_url="https://gateway.example/v1",
        api_key=KEY,
        schema_mode="tool",
        deadline=7.5,
        max_tokens=900,
        max_choices=12,
        price_in=Decimal("0.15"),
        price_out=Decimal(60),
    )
    assert two.name == "openai_compatible"


@pytest.mark.parametrize(("adapter", "address"), list(providers.ADAPTERS.items()))
def test_each_adapter_knows_where_its_makers_serve_it_and_can_be_built(adapter: str, address: str) -> None:
    (one,) = parse({**KEYED, "adapter": adapter})

    assert (one.base_url, one.name) == (address, adapter)
    assert type(build(one)).__name__.lower() == adapter.replace("_", "")


@pytest.mark.parametrize("name", list(providers.FIELDS))
def test_each_field_is_explained_in_the_example_and_has_a_remedy(name: str) -> None:
    assert re.search(rf"^#.*\b{name}\b", EXAMPLE, re.MULTILINE)
    assert providers.REMEDIES[name]


def test_the_example_s_own_line_is_right() -> None:
    (line,) = re.findall(r"^#.*\bAI_PROVIDERS=(\[.+)$", EXAMPLE, re.MULTILINE)

    assert providers.parse(line, key=str, deadline=20)


def test_a_key_is_not_shown_with_its_provider() -> None:
    (one,) = parse(KEYED)

    assert one.api_key == KEY
    assert KEY not in f"{one!r} {one} {build(one)!r}"


@pytest.mark.parametrize(
    "text",
    ["{", "AI", "[NaN]", '[{"model": "a", "deadline_seconds": NaN}]', '[{"model": "a", "model": "b"}]', "[" * 100_000],
)
def test_what_is_no_json_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"AI_PROVIDERS is not JSON .*: see \.env\.example"):
        providers.parse(text, key=str, deadline=20)


@pytest.mark.parametrize("text", ["{}", "1", '"a"', "null"])
def test_what_is_no_list_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="must be a JSON list of objects"):
        providers.parse(text, key=str, deadline=20)


@pytest.mark.parametrize("entry", ["llama", 1, None, []])
def test_an_entry_that_is_no_object_is_named_by_its_place(entry: Any) -> None:
    assert mistake(LOCAL, entry) == "AI_PROVIDERS[1] must be an object, {...}; see .env.example"


def test_a_field_that_there_is_not_is_answered_by_those_that_there_are() -> None:
    said = mistake({**LOCAL, KEY: "x"})

    assert said.startswith("AI_PROVIDERS[0] has a field that is none of name, adapter, model")


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("model", 7, "a string"),
        ("name", None, "a string"),
        ("api_key_env", ["A"], "a string"),
        ("deadline_seconds", "20", "a number"),
        ("deadline_seconds", True, "a number"),
        ("max_tokens", 10.5, "a whole number"),
        ("max_tokens", True, "a whole number"),
        ("usd_per_million_in", {}, "a number"),
    ],
)
def test_a_value_of_another_type_is_named_with_the_right_one(field: str, value: Any, kind: str) -> None:
    assert mistake({**LOCAL, field: value}) == f"AI_PROVIDERS[0].{field} must be {kind}; see .env.example"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "Two Words"),
        ("name", "-dash"),
        ("name", "a" * 41),
        ("name", "line\n"),
        ("adapter", "cohere"),
        ("adapter", ""),
        ("model", ""),
        ("model", "a" * 121),
        ("model", "two words"),
        ("model", "a\r\nX-Evil: 1"),
        ("base_url", ""),
        ("base_url", "127.0.0.1:11434"),
        ("base_url", "ftp://host/v1"),
        ("base_url", "http://"),
        ("base_url", "http://user:password@host/v1"),
        ("base_url", "http://host/v1?key=abc"),
        ("base_url", "http://host/v1#part"),
        ("base_url", "http://host/v 1"),
        ("base_url", "http://host\n/v1"),
        ("base_url", "http://[::1/v1"),
        ("base_url", "http://host:99999/v1"),
        ("base_url", "http://host:0/v1"),
        ("schema_mode", "strict"),
        ("schema_mode", ""),
        ("deadline_seconds", 0),
        ("deadline_seconds", -1),
        ("deadline_seconds", 121),
        ("deadline_seconds", 10**400),
        ("max_tokens", 0),
        ("max_tokens", 32_769),
        ("max_choices", 3),
        ("max_choices", 41),
        ("usd_per_million_in", -0.01),
        ("usd_per_million_out", 10_000),
        ("api_key_env", KEY),
        ("api_key_env", "MY KEY"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_would_be_right(field: str, value: Any) -> None:
    said = mistake(LOCAL, {**LOCAL, "name": "second", field: value})

    assert said == f"AI_PROVIDERS[1].{field} must be {providers.REMEDIES[field]}; see .env.example"


def test_infinity_is_no_deadline_and_no_price() -> None:
    for field in ("deadline_seconds", "usd_per_million_in", "usd_per_million_out"):
        text = json.dumps([{**LOCAL, field: "here"}]).replace('"here"', "1e400")
        with pytest.raises(ImproperlyConfigured, match=rf"AI_PROVIDERS\[0\]\.{field} must be"):
            providers.parse(text, key=str, deadline=20)


@pytest.mark.parametrize("entry", [LOCAL, {**LOCAL, "adapter": "gemini", "name": "openai_compatible"}])
def test_two_providers_need_two_names(entry: dict[str, Any]) -> None:
    assert mistake(LOCAL, entry) == "AI_PROVIDERS[1].name must differ from the names before it; see .env.example"


def test_a_variable_that_is_not_set_is_a_mistake_and_its_name_may_be_a_key_by_mistake() -> None:
    said = mistake({**LOCAL, "api_key_env": "AKIA0123456789"})

    assert said.startswith("AI_PROVIDERS[0].api_key_env names a variable that is not set")
    assert "AKIA" not in said


@pytest.mark.parametrize("adapter", list(providers.ADAPTERS))
def test_the_makers_address_without_a_key_is_a_mistake(adapter: str) -> None:
    said = mistake({"model": "m", "adapter": adapter})

    assert said.startswith("AI_PROVIDERS[0].api_key_env is missing")


@given(st.text(min_size=1).filter(lambda text: not re.fullmatch("[!-~]+", text)))
def test_a_key_that_could_break_a_header_stops_the_start_unseen(rest: str) -> None:
    said = mistake(KEYED, key=KEY + rest)

    assert said.startswith("AI_PROVIDERS[0].api_key_env names a variable that must hold a key alone")
