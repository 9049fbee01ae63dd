"""The AsyncAPI 3.0 document of the WebSocket, made from the same models and dataclasses as its messages.

Invariant: a message that is not described by a type of the code is not in the document.
"""

import functools
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe
from pydantic import TypeAdapter

JsonSchema = dict[str, Any]
SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One kind of message: its schema, one example, and whether it goes out of the server or comes in."""

    name: str
    schema: JsonSchema
    example: dict[str, Any]
    summary: str = ""
    outgoing: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A socket: where it is, what its address may carry, why it closes, what is said on it."""

    address: str
    description: str
    query: JsonSchema
    headers: JsonSchema
    close_codes: dict[int, str]
    messages: Sequence[Message]
    reply: tuple[str, str]  # an incoming message, and the outgoing one that answers it


def schema_of(kind: type) -> JsonSchema:
    """Return the JSON Schema of a model or dataclass, closed, without the titles that only repeat the names."""
    found = TypeAdapter(kind).json_schema(ref_template=SCHEMAS + "{model}")
    found.pop("title", None)
    for field in found.get("properties", {}).values():
        field.pop("title", None)
    return {**found, "additionalProperties": False}


def words_of(kind: type) -> str:
    """Return the docstring of a class; an empty string where `dataclass` made it up."""
    words = inspect.getdoc(kind) or ""
    return "" if words.startswith(f"{kind.__name__}(") else words


def document(channel: Channel, schemas: dict[str, JsonSchema]) -> dict[str, Any]:
    """Return the whole document; `schemas` are those that the messages' own refer to."""
    own = {message.name: message.schema for message in channel.messages}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:regimen:events",
        "info": {"title": "Regimen events", "version": "1.0.0", "description": channel.description},
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {"events": _channel(channel)},
        "operations": _operations(channel),
        "components": {
            "schemas": {**schemas, **own, "ServerMessage": _one_of(channel, outgoing=True)},
            "messages": {message.name: _message(message) for message in channel.messages},
            "securitySchemes": {
                "ticket": {"type": "httpApiKey", "in": "query", "name": "ticket", "description": "of POST /ws-ticket"},
                "bearer": {"type": "http", "scheme": "bearer", "description": "for clients that can set headers"},
            },
        },
    }


@require_safe
def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_served(), content_type="application/json")


@functools.cache
def _served() -> bytes:
    return orjson.dumps(import_string("users.feed.document")())


def _servers() -> dict[str, Any]:
    security = [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("ticket", "bearer")]
    host = {"default": "api.example.com", "description": "where the API is served"}
    return {
        "production": {"host": "{host}", "protocol": "wss", "variables": {"host": host}, "security": security},
        "development": {"host": "localhost:8000", "protocol": "ws", "security": security},
    }


def _channel(channel: Channel) -> dict[str, Any]:
    return {
        "address": channel.address,
        "servers": [{"$ref": f"#/servers/{name}"} for name in ("production", "development")],
        "messages": {one.name: {"$ref": f"#/components/messages/{one.name}"} for one in channel.messages},
        "bindings": {
            "ws": {"method": "GET", "query": channel.query, "headers": channel.headers, "bindingVersion": "0.1.0"}
        },
        "x-close-codes": {str(code): why for code, why in channel.close_codes.items()},
    }


def _operations(channel: Channel) -> dict[str, Any]:
    asked, answer = channel.reply
    here = {"$ref": "#/channels/events"}
    told = [message.name for message in channel.messages if message.outgoing and message.name != answer]
    return {
        "tell": {
            "action": "send",
            "channel": here,
            "summary": "Replay what was missed, then tell what happens.",
            "messages": _named(told),
        },
        "answer": {
            "action": "receive",
            "channel": here,
            "summary": "Answer a sign of life.",
            "messages": _named([asked]),
            "reply": {"channel": here, "messages": _named([answer])},
        },
    }


def _named(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/events/messages/{name}"} for name in names]


def _one_of(channel: Channel, *, outgoing: bool) -> JsonSchema:
    names = [message.name for message in channel.messages if message.outgoing is outgoing]
    return {"oneOf": [{"$ref": SCHEMAS + name} for name in names]}


def _message(message: Message) -> dict[str, Any]:
    found = {
        "name": message.name,
        "title": message.name,
        "summary": message.summary,
        "payload": {"$ref": SCHEMAS + message.name},
        "examples": [{"payload": message.example}],
    }
    return {key: value for key, value in found.items() if value}
