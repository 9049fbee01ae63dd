"""What the providers' tests share: a question, the three adapters, how one of them is asked, and what may go wrong.

Invariant: an adapter is built from settings and asked through the port, as the product does it.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ai.providers import Provider, ProviderDown, Question, Reply, build
from config.providers import ADAPTERS, SCHEMA_MODES, ProviderSettings
from tests.ai import model_server

DAY = {
    "type": "object",
    "properties": {
        "date": {"type": "string", "enum": ["2026-03-02", "2026-03-03"]},
        "lunch": {"type": "string", "enum": ["lentil_soup", "rice_bowl", "čaj_a_sušenky"]},
        "exercises": {"type": "array", "items": {"type": "string", "enum": ["goblet_squat", "push_up"]}},
        "reason": {"type": "string"},
    },
    "required": ["date", "lunch", "exercises", "reason"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"days": {"type": "array", "items": DAY}},
    "required": ["days"],
    "additionalProperties": False,
}
QUESTION = Question("Choose ids of the schema.", '{"goal":"maintain","wishes":"nothing raw"}', SCHEMA)
MODES = SCHEMA_MODES[1:]  # those that every adapter knows; only llama.cpp and its like read a grammar
KEY = "k3y-Of_the.owner"
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
every_adapter = pytest.mark.parametrize("adapter", list(ADAPTERS))


def provider(url: str, adapter: str = "openai_compatible", **fields: Any) -> Provider:
    settings = {"name": "one", "model": "a-model", "api_key": KEY, **fields}
    return build(ProviderSettings(adapter=adapter, base_url=url, **settings))


def ask(
    url: str,
    adapter: str = "openai_compatible",
    *,
    mode: str = "json_schema",
    seconds: float = 10,
    should_stop: Callable[[], bool] = lambda: False,
    heard: Callable[[int], None] = lambda _: None,
) -> Reply:
    one = provider(url, adapter)
    return one.ask(QUESTION, mode=mode, seconds=seconds, should_stop=should_stop, heard=heard)


def down(url: str, adapter: str = "openai_compatible", **options: Any) -> ProviderDown:
    """Ask, and return how the provider failed."""
    with pytest.raises(ProviderDown) as failed:
        ask(url, adapter, **options)
    return failed.value


def identity(value: Any) -> str:
    return model_server.name_of(value) if callable(value) else str(value)
