"""Reads AI_PROVIDERS: the models that may be asked, in order, each with its deadline, price and schema mode.

Invariant: a mistake stops the start with the place and what would be right; a key never shows in a log or an error.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

ADAPTERS: Mapping[str, str] = {  # adapter: where its makers serve it
    "openai_compatible": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta",
}
SCHEMA_MODES = ("grammar", "json_schema", "tool", "json_object")  # from the strictest down; `grammar` also counts
DEFAULT_MODE = "json_schema"  # the strictest that every maker's own service takes
CHOICES = range(4, 41)  # ids of one slot
MAX_MODEL = 120  # characters of a name
MAX_DEADLINE = 120  # s
MAX_WAIT = 110  # s, for all that is asked for one plan: a worker gives a job 120, and the planner has to follow
MAX_TOKENS = 32_768
MAX_PRICE = 10_000  # US dollars for a million tokens
TEXT, NUMBER, WHOLE_NUMBER = str, (int, float), int
TYPE_NAMES: Mapping[Any, str] = {TEXT: "a string", NUMBER: "a number", WHOLE_NUMBER: "a whole number"}
FIELDS: Mapping[str, Any] = {
    "name": TEXT,
    "adapter": TEXT,
    "model": TEXT,
    "base_url": TEXT,
    "api_key_env": TEXT,
    "schema_mode": TEXT,
    "deadline_seconds": NUMBER,
    "max_tokens": WHOLE_NUMBER,
    "max_choices": WHOLE_NUMBER,
    "usd_per_million_in": NUMBER,
    "usd_per_million_out": NUMBER,
}
REMEDIES: Mapping[str, str] = {  # what is right where a value is wrong
    "name": "up to 40 lower-case letters, digits, dots, dashes and underscores, and begin with a letter or digit",
    "adapter": f"one of {', '.join(ADAPTERS)}",
    "model": f"the model's name at its provider: 1 to {MAX_MODEL} visible ASCII characters",
    "base_url": "an http or https address without spaces, user, question mark or fragment",
    "api_key_env": "the name of the variable that holds the key, such as OPENAI_API_KEY, and never the key itself",
    "schema_mode": f"one of {', '.join(SCHEMA_MODES)}; grammar with openai_compatible only",
    "deadline_seconds": f"more than 0 and at most {MAX_DEADLINE}",
    "max_tokens": f"from 1 to {MAX_TOKENS}",
    "max_choices": f"from {CHOICES[0]} to {CHOICES[-1]}",
    "usd_per_million_in": f"at least 0 and less than {MAX_PRICE}",
    "usd_per_million_out": f"at least 0 and less than {MAX_PRICE}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """One model behind one address. Prices are in US dollars per million tokens; `deadline` in s bounds one attempt."""

    name: str
    adapter: str
    model: str
    base_url: str
    api_key: str = field(default="", repr=False)
    schema_mode: str = DEFAULT_MODE
    deadline: float = 20.0
    max_tokens: int = 2048
    max_choices: int = CHOICES[-1]
    price_in: Decimal = Decimal(0)
    price_out: Decimal = Decimal(0)


def parse(text: str, *, key: Callable[[str], str], deadline: float) -> tuple[ProviderSettings, ...]:
    """Return the providers of a JSON list; `key` gives the value of the variable that holds a key.

    :raises ImproperlyConfigured: for anything that is not as documented in .env.example.
    """
    try:
        entries = json.loads(text or "[]", object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError):
        message = "AI_PROVIDERS is not JSON on one line, or names a field twice in an object: see .env.example"
        raise ImproperlyConfigured(message) from None
    if not isinstance(entries, list):
        raise ImproperlyConfigured("AI_PROVIDERS must be a JSON list of objects, [{...}]: see .env.example")
    found = tuple(_one(entry, place, key, deadline) for place, entry in enumerate(entries))
    _check_names(one.name for one in found)
    return found


def time_limit(name: str, text: str) -> timedelta:
    """Return the time limit that a setting names in s.

    :raises ImproperlyConfigured: when it is no number, or more than a worker has.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MAX_WAIT:
        raise ImproperlyConfigured(f"{name} must be a number of seconds, more than 0 and at most {MAX_WAIT}")
    return timedelta(seconds=seconds)


def _one(entry: Any, place: int, key: Callable[[str], str], deadline: float) -> ProviderSettings:
    if not isinstance(entry, dict):
        raise _mistake(place, "must be an object, {...}")
    _check_fields(entry, place)
    adapter: str = entry.get("adapter", "openai_compatible")
    found = ProviderSettings(
        name=entry.get("name", adapter),
        adapter=adapter,
        model=entry.get("model", ""),
        base_url=entry.get("base_url", ADAPTERS.get(adapter, "")).rstrip("/"),
        api_key=_key(entry, place, key),
        schema_mode=entry.get("schema_mode", DEFAULT_MODE),
        deadline=entry.get("deadline_seconds", deadline),
        max_tokens=entry.get("max_tokens", 2048),
        max_choices=entry.get("max_choices", CHOICES[-1]),
        price_in=Decimal(str(entry.get("usd_per_million_in", 0))),
        price_out=Decimal(str(entry.get("usd_per_million_out", 0))),
    )
    _check_values(found, place)
    return found


def _check_fields(entry: Mapping[str, Any], place: int) -> None:
    for name, value in entry.items():
        if name not in FIELDS:
            raise _mistake(place, f"has a field that is none of {', '.join(FIELDS)}")
        if not isinstance(value, FIELDS[name]) or isinstance(value, bool):
            raise _mistake(place, f"must be {TYPE_NAMES[FIELDS[name]]}", name)


def _key(entry: Mapping[str, Any], place: int, key: Callable[[str], str]) -> str:
    variable: str = entry.get("api_key_env", "")
    if not variable:
        return ""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        raise _mistake(place, f"must be {REMEDIES['api_key_env']}", "api_key_env")
    found = key(variable)
    if not found:
        raise _mistake(place, "names a variable that is not set: set it, or leave the field out", "api_key_env")
    if not _is_visible(found):  # it becomes a header
        raise _mistake(place, "names a variable that must hold a key alone, of visible ASCII characters", "api_key_env")
    return found


def _check_values(found: ProviderSettings, place: int) -> None:
    rules = {
        "adapter": found.adapter in ADAPTERS,
        "name": re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,39}", found.name) is not None,
        "model": _is_visible(found.model) and len(found.model) <= MAX_MODEL,
        "base_url": _is_address(found.base_url),
        "schema_mode": found.schema_mode in SCHEMA_MODES[found.adapter != "openai_compatible" :],
        "deadline_seconds": 0 < found.deadline <= MAX_DEADLINE,
        "max_tokens": 0 < found.max_tokens <= MAX_TOKENS,
        "max_choices": found.max_choices in CHOICES,
        "usd_per_million_in": 0 <= found.price_in < MAX_PRICE,
        "usd_per_million_out": 0 <= found.price_out < MAX_PRICE,
    }
    for name, held in rules.items():
        if not held:
            raise _mistake(place, f"must be {REMEDIES[name]}", name)
    if found.base_url == ADAPTERS[found.adapter] and not found.api_key:
        raise _mistake(place, f"is missing: {found.base_url} asks for a key", "api_key_env")


def _check_names(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            raise _mistake(place, "must differ from the names before it", "name")
        seen.add(name)


def _is_visible(text: str) -> bool:
    """Tell whether a text is of visible ASCII characters, which can break no header and no line."""
    return re.fullmatch(r"[!-~]+", text) is not None


def _is_address(text: str) -> bool:
    try:
        url = urlsplit(text)
        whole = bool(url.hostname) and url.port != 0
    except ValueError:  # brackets that are no IPv6 address, a port that is no number
        return False
    plain = _is_visible(text) and not set(text) & set("?#@\\")
    return whole and plain and url.scheme in {"http", "https"}


def _mistake(place: int, what: str, name: str = "") -> ImproperlyConfigured:
    return ImproperlyConfigured(f"AI_PROVIDERS[{place}]{'.' if name else ''}{name} {what}; see .env.example")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refuse(_: str) -> None:
    raise ValueError
