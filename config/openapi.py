"""What every operation of the API says beside its own: errors, headers, what an event or another app's answer holds.

Invariant: whatever a middleware, the cache or the error renderer does to an answer is in the document.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from ninja import NinjaAPI

from config import errors
from config.schemas import Problem

Document = dict[str, Any]
SCHEMAS = "#/components/schemas/"
FEED = "users.feed.document"  # describes every event, also those that `GET /events` returns
ELSEWHERE = "x-schema"  # in a schema: what is there is the named answer of another app, or null

# What any operation may answer beside its own statuses, and when.
COMMON_ERRORS = {
    400: ("bad_request", "The request is malformed."),
    401: ("unauthorized", "No valid access token was sent."),
    404: ("not_found", "There is no such thing, or it belongs to somebody else."),
    405: ("method_not_allowed", "This path does not take this method."),
    408: ("request_timeout", "The request did not arrive in time."),
    413: ("body_too_large", "The body is larger than 64 KiB."),
    414: ("uri_too_long", "The request line is longer than 16 KiB."),
    415: ("unsupported_media_type", "The body is not application/json."),
    422: ("validation_failed", "A field cannot be accepted; `errors` says which and why."),
    429: ("rate_limited", "That was too often; `Retry-After` says when to come back."),
    431: ("headers_too_large", "The headers are more than 500, or longer than 16 KiB together."),
    500: ("internal_error", "A defect of ours; it has been recorded."),
    503: ("unavailable", "A part is away for a moment; `Retry-After` says when to come back."),
}

# What an operation may declare beside them; the codes that it really uses stand in its description.
OWN_ERRORS = {
    **COMMON_ERRORS,
    409: ("conflict", "It does not go together with what is there; `code` says why."),
    412: ("precondition_failed", "The object has changed since it was read."),
}

TEXT, NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}
HEADERS: Document = {
    "X-Request-ID": {
        "description": "names this request in our logs; the client's own is kept where it is 8 to 64 safe characters",
        "schema": TEXT,
        "example": "5f0c9f0f1b2a4c3d",
    },
    "RateLimit-Policy": {
        "description": "the limits that this request counts for: quota `q` within the window `w`, in seconds",
        "schema": TEXT,
        "example": '"person";q=300;w=60',
    },
    "RateLimit": {
        "description": "what is left: `r` requests, the next one after `t` seconds",
        "schema": TEXT,
        "example": '"person";r=299;t=0',
    },
    "Retry-After": {"description": "come back after so many seconds", "schema": NUMBER, "example": 2},
    "ETag": {
        "description": "of this very answer: send it as `If-None-Match` to get 304, as `If-Match` to change this alone",
        "schema": TEXT,
        "example": '"1c0f5e0c1b2a4c3d"',
    },
    "Cache-Control": {
        "description": "ask again each time, with the ETag",
        "schema": TEXT,
        "example": "private, no-cache",
    },
    "Location": {
        "description": "where to follow it",
        "schema": TEXT,
        "example": "/api/v1/jobs/5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10",
    },
    "Idempotent-Replayed": {
        "description": "`true` when this is the answer of an earlier request with the same Idempotency-Key",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    },
    "WWW-Authenticate": {"description": "how to sign in", "schema": TEXT, "example": "Bearer"},
    "Allow": {"description": "the methods that this path takes", "schema": TEXT, "example": "GET, POST"},
    "Content-Disposition": {
        "description": "the name of the file",
        "schema": TEXT,
        "example": 'attachment; filename="regimen-export.zip"',
    },
}
OF_ERRORS = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}
COUNTED = ("RateLimit", "RateLimit-Policy")
UNCOUNTED = {408, 413, 431, 500, 503}  # may be answered before or without a look at the limits
ACCEPTED, NOT_MODIFIED, FIRST_ERROR, CONFLICT = 202, 304, 400, 409
KEY, EVENTS = "Idempotency-Key", "listEvents"


def complete(api: NinjaAPI, document: Document) -> None:
    """Add to Ninja's document what Ninja cannot know."""
    schemas, views = document["components"]["schemas"], dict(_views(api))
    problem = Problem.model_json_schema(ref_template=SCHEMAS + "{model}")
    schemas |= {**problem.pop("$defs"), "Problem": problem, **_events()}
    document["components"]["headers"] = HEADERS
    document["components"]["responses"] = {
        _name(code): _problem(status, code, when) for status, (code, when) in OWN_ERRORS.items()
    }
    _link(schemas)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _add_conditions(method, operation, tagged=_is_tagged(views[operation["operationId"]]))
            if method == "post" and path not in settings.KEYLESS_POSTS:
                _add_key(operation)
            if operation["operationId"] == EVENTS:
                _add_stream(operation)
            _add_errors(operation)
            _add_headers(method, operation)


def _views(api: NinjaAPI) -> Iterator[tuple[str, Callable[..., Any]]]:
    for _, router in api._routers:  # noqa: SLF001 - Ninja has no other way to its operations
        for path in router.path_operations.values():
            yield from ((str(one.operation_id), one.view_func) for one in path.operations)


def _is_tagged(view: Callable[..., Any]) -> bool:
    """Say whether an endpoint, or a function beside it that it calls, answers by `cache.respond`: that makes ETags."""
    beside = (view.__globals__.get(name) for name in view.__code__.co_names)
    functions: list[Any] = [
        view,
        *(one for one in beside if inspect.isfunction(one) and one.__module__ == view.__module__),
    ]
    return any("respond" in one.__code__.co_names for one in functions)


def _events() -> Document:
    """Return what the socket's document says of events, for the same events in a page of `GET /events`."""
    found: Document = import_string(FEED)()["components"]
    schemas: Document = found["schemas"]
    events = [
        name for name, one in schemas.items() if "seq" in one.get("properties", {}) and "data" in one["properties"]
    ]
    parts = {name: schemas[name] for event in events for name in (event, f"{event}Data")}
    kinds: dict[str, list[Document]] = {}
    for name in events:
        kinds.setdefault(schemas[name]["properties"]["type"]["const"], []).append({"$ref": SCHEMAS + name})
    return {
        **parts,
        "Event": {
            "title": "Event",
            "description": "One entry of the feed; `seq` grows by one for each event of a person.",
            "oneOf": [one for ones in kinds.values() for one in ones],
        },
    }


def _link(schemas: Document) -> None:
    """Put the named schema in the place of each `x-schema`."""
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            if name := field.pop(ELSEWHERE, None):
                field.pop("type", None)
                field.pop("additionalProperties", None)
                field["anyOf"] = [{"$ref": SCHEMAS + name}, {"type": "null"}]


def _add_conditions(method: str, operation: Document, *, tagged: bool) -> None:
    """Document the request headers by which a client says what it has read, and the answer that it has it already."""
    parameters = operation.setdefault("parameters", [])
    if tagged and method == "get":
        parameters.append(_condition("If-None-Match", "ETags that the client has; 304 when the answer is one of them"))
        operation["responses"][NOT_MODIFIED] = {"description": "The client has this answer already."}
    if 412 in operation["responses"]:  # noqa: PLR2004 - the status of a condition that failed
        parameters.append(_condition("If-Match", "the ETag that the change was made on; 412 when there is a newer one"))
    if tagged:
        for status, response in operation["responses"].items():
            if status < FIRST_ERROR:
                response["headers"] = _headers("ETag", "Cache-Control")


def _add_key(operation: Document) -> None:
    """Document what `workers.idempotency` does for a POST: once for each key, and answered again."""
    if not any(one["name"] == KEY for one in operation["parameters"]):
        schema = {"type": "string", "minLength": 1, "maxLength": 255}
        operation["parameters"].append(_condition(KEY, "repeat the request safely, for 24 hours") | {"schema": schema})
    operation["responses"].setdefault(CONFLICT, {})


def _add_stream(operation: Document) -> None:
    """Document that the same events come as server-sent events (WHATWG HTML, 9.2) to a client that asks for them."""
    resume = "of a stream: the last `seq` that was seen, sent by browsers of themselves; goes before `after`"
    operation["parameters"].append(_condition("Last-Event-ID", resume))
    example = 'id: 12\ndata: {"seq":12,"type":"plan.progress", ...}\n\n'
    operation["responses"][200]["content"]["text/event-stream"] = {"schema": TEXT, "example": example}


def _condition(name: str, description: str) -> Document:
    return {"name": name, "in": "header", "required": False, "schema": TEXT, "description": description}


def _add_errors(operation: Document) -> None:
    """Let every error lead to the one answer that all operations give for it."""
    expected = set(COMMON_ERRORS)
    if "security" not in operation:
        expected.discard(401)
    if "requestBody" not in operation:
        expected -= {413, 415}
    own = {status for status in operation["responses"] if status >= FIRST_ERROR}
    for status in sorted(expected | own):
        operation["responses"][status] = {"$ref": f"#/components/responses/{_name(OWN_ERRORS[status][0])}"}


def _name(code: str) -> str:
    return "".join(part.capitalize() for part in code.split("_"))


def _problem(status: int, code: str, when: str) -> Document:
    """Return the answer of an error: the problem, an example, the headers that come with it."""
    example = {"type": f"urn:regimen:problem:{code}", "title": when, "status": status, "detail": when, "code": code}
    counted = () if status in UNCOUNTED else COUNTED
    return {
        "description": when,
        "headers": _headers(*OF_ERRORS.get(status, ()), *counted, "X-Request-ID"),
        "content": {
            errors.CONTENT_TYPE: {
                "schema": {"$ref": f"{SCHEMAS}Problem"},
                "example": {**example, "request_id": "5f0c9f0f1b2a4c3d"},
            }
        },
    }


def _add_headers(method: str, operation: Document) -> None:
    """Document what an answer carries beside its body; `Idempotency-Key` and a 202 with a body tell of a job."""
    answers = {status: answer for status, answer in operation["responses"].items() if status < FIRST_ERROR}
    idempotent = any(one["name"] == KEY for one in operation["parameters"])
    follows = method == "post" and "content" in answers.get(ACCEPTED, {})
    for status, answer in answers.items():
        own = ["Idempotent-Replayed"] if idempotent else []
        if follows:
            own += ["Location", "Retry-After"] if status == ACCEPTED else ["Location"]
        if "application/zip" in answer.get("content", {}):
            own.append("Content-Disposition")
        answer["headers"] = {**answer.get("headers", {}), **_headers(*own, *COUNTED, "X-Request-ID")}


def _headers(*names: str) -> Document:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
