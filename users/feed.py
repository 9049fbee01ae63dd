"""What the event socket says, as an AsyncAPI document: every event that an app declares, and the frames around it.

Invariant: whatever `events.record` may be given is described here, because both start from the same dataclasses.
"""

import dataclasses
import importlib.util
from collections.abc import Iterator
from typing import Any, Literal

from django.conf import settings
from pydantic import BaseModel, Field

from config import asyncapi
from config.asyncapi import SCHEMAS, Channel, JsonSchema, Message
from config.models import PlanSource
from users import consumers, examples, feed_log

DESCRIPTION = (
    "A person's feed: a `hello`, then every event past `after`, then live ones. `seq` grows by one with each event of "
    "a person; who comes back with the last `seq` as `after` misses nothing and sees nothing twice. `resync` stands "
    "for events that are too old to be kept. Ignore types that you do not know: there will be more. The same frames "
    "are at `GET /api/v1/events?after=SEQ`, in pages, and with `Accept: text/event-stream` as a stream."
)
DATE, JOB = "2026-03-02", examples.EVENT["data"]["job_id"]
FIELDS: dict[str, JsonSchema] = {  # what every event means by a name; `examples` come first to last
    "job_id": {"format": "uuid", "description": "the job, as in `GET /jobs/{job_id}`", "examples": [JOB]},
    "kind": {"enum": ["meal", "workout", "both"], "description": "what it plans", "examples": ["meal"]},
    "dates": {"items": {"type": "string", "format": "date"}, "description": "whose plans or logs to read again"},
    "date": {"format": "date", "description": "whose log to read again", "examples": [DATE]},
    "stage": {"description": "what is being done; for people, not for programs", "examples": ["meals"]},
    "percent": {"minimum": 0, "maximum": 100, "description": "of the job; never goes back", "examples": [35]},
    "source": {"enum": PlanSource.values, "description": "who made the plan", "examples": ["planner"]},
    "code": {"description": "why there is no plan: docs/errors.md", "examples": ["conflict"]},
    "detail": {"description": "the reason in words", "examples": ["No breakfast is left without eggs and oats."]},
    "export_id": {"format": "uuid", "description": "the export that can be fetched", "examples": [JOB]},
    "fields": {"items": {"type": "string"}, "description": "which fields of it", "examples": [["weight"]]},
    "session_id": {"format": "uuid", "description": "the session that began or ended", "examples": [JOB]},
}
FIELDS["dates"]["examples"] = [[DATE, "2026-03-03"]]


class Hello(BaseModel):
    """The first frame; `seq` is that of the newest event, and `after` may be anything up to it."""

    type: Literal["hello"]
    seq: int = Field(ge=0)
    contract: Literal["1"]


class Ping(BaseModel):
    """The one thing that a client may send."""

    type: Literal["ping"]


class Pong(BaseModel):
    """The answer to a ping."""

    type: Literal["pong"]


class Query(BaseModel):
    """What the address carries."""

    ticket: str = Field(default="", description="of `POST /ws-ticket`; opens one socket, within 30 seconds")
    after: int = Field(default=0, ge=0, description="the last `seq` that was seen; without it, only what comes")


class Headers(BaseModel):
    """What a client that can set headers may send instead of a ticket."""

    Authorization: str = Field(default="", description="`Bearer` and an access token")


CLOSE_CODES = {
    consumers.BAD_REQUEST: "a message other than ping, one over 4 KiB, or an `after` that never was",
    consumers.SIGNED_OUT: "no valid ticket or token, or the session has ended: get a new ticket, or sign in again",
    consumers.FOREIGN_ORIGIN: "a page of another origin, which `WEBSOCKET_ORIGINS` does not name",
    consumers.TOO_MANY: "more than ten messages in a second",
    consumers.ELSEWHERE: "this server is being replaced: come back after a moment, with `after`",
    consumers.TOO_SLOW: "what was sent was not read for five seconds; come back with `after`",
}


def kinds() -> list[type]:
    """Return every event that the apps declare, by type, then name."""
    found = {kind for module in _homes() for kind in vars(module).values() if _is_kind(kind)}
    return sorted(found, key=lambda kind: (kind.TYPE, kind.__name__))


def document() -> dict[str, Any]:
    """Return the AsyncAPI document of `/ws/events`.

    :raises KeyError: an event has a field that `FIELDS` does not explain.
    """
    events = [*kinds(), feed_log.Resync]
    frames = [_frame(Hello, seq=12, contract="1"), *map(_event, events), _frame(Pong), _frame(Ping, outgoing=False)]
    channel = Channel(
        address="/ws/events",
        description=DESCRIPTION,
        query=asyncapi.schema_of(Query),
        headers=_open(asyncapi.schema_of(Headers)),
        close_codes=CLOSE_CODES,
        messages=frames,
        reply=("Ping", "Pong"),
    )
    return asyncapi.document(channel, {f"{kind.__name__}Data": _data(kind) for kind in events})


def _homes() -> Iterator[Any]:
    """Import the `events` module of every app that has an API and one of these."""
    for app in sorted({router.partition(".")[0] for router in settings.API_ROUTERS.values()}):
        if importlib.util.find_spec(f"{app}.events"):
            yield importlib.import_module(f"{app}.events")


def _is_kind(found: Any) -> bool:
    return isinstance(found, type) and dataclasses.is_dataclass(found) and isinstance(vars(found).get("TYPE"), str)


def _frame(model: type[BaseModel], *, outgoing: bool = True, **values: Any) -> Message:
    name = model.__name__
    return Message(
        name=name,
        schema=asyncapi.schema_of(model),
        example={"type": name.lower(), **values},
        summary=asyncapi.words_of(model),
        outgoing=outgoing,
    )


def _event(kind: Any) -> Message:
    """Return the frame around an event, as `events.after` makes it."""
    own = {"type": {"const": kind.TYPE}, "data": {"$ref": f"{SCHEMAS}{kind.__name__}Data"}}
    properties = {"seq": {"type": "integer", "minimum": 1}, "time": {"type": "string", "format": "date-time"}, **own}
    return Message(
        name=kind.__name__,
        schema={
            "type": "object",
            "properties": properties,
            "required": ["seq", "type", "time", "data"],
            "additionalProperties": False,
        },
        example={
            **{key: examples.EVENT[key] for key in ("seq", "time")},
            "type": kind.TYPE,
            "data": {name: field["examples"][0] for name, field in _data(kind)["properties"].items()},
        },
        summary=asyncapi.words_of(kind),
    )


def _data(kind: type) -> JsonSchema:
    schema = asyncapi.schema_of(kind)
    return {**schema, "properties": {name: {**field, **FIELDS[name]} for name, field in schema["properties"].items()}}


def _open(schema: JsonSchema) -> JsonSchema:
    """Return a schema that leaves room for what is not ours to list."""
    return {**schema, "additionalProperties": True}
