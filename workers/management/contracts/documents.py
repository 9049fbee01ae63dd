"""The two documents, and the TypeScript that openapi-typescript makes of them.

Invariant: the types are those of the documents beside them, errors apart: the client throws every error as one class.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from config.api import api
from users import feed
from workers.management.contracts import node

SUCCESS = ("2", "3")  # how the statuses begin that are no errors
STREAM = "text/event-stream"
NOISE = frozenset({"example", "examples", "title"})
OPTIONS = ("--root-types", "--root-types-no-schema-prefix", "--default-non-nullable=false")
HEAD = "// Made by `python3 manage.py generate_contracts`; what you change here is gone with its next run.\n\n"

Document = dict[str, Any]


def openapi() -> Document:
    """Return the API's document as a client reads it: every key a string."""
    document: Document = json.loads(json.dumps(api.get_openapi_schema()))
    return document


def asyncapi() -> Document:
    document: Document = json.loads(json.dumps(feed.document()))
    return document


def text(document: Document) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def types(document: Document, folder: Path) -> str:
    """Return the TypeScript types of an OpenAPI document.

    :raises node.NodeFailed: when openapi-typescript of `folder` cannot be installed or refuses.
    """
    node.install(folder)
    with tempfile.TemporaryDirectory() as made:
        source, target = Path(made, "document.json"), Path(made, "types.ts")
        source.write_text(text(lean(document)))
        node.run("openapi-typescript", str(source), "--output", str(target), *OPTIONS, folder=folder)
        _, _, code = target.read_text().partition("*/\n\n")  # after its own head
    return HEAD + code


def messages(document: Document) -> Document:
    """Return an OpenAPI document that holds nothing but the schemas of an AsyncAPI document."""
    schemas = document["components"]["schemas"]
    return {"openapi": "3.1.0", "info": document["info"], "paths": {}, "components": {"schemas": schemas}}


def lean(document: Document) -> Document:
    """Return the document without what only repeats itself in types: examples, titles, errors, headers of answers."""
    paths = {
        path: {method: _without_noise({**one, "responses": _successes(one)}) for method, one in operations.items()}
        for path, operations in document["paths"].items()
    }
    schemas = {name: _without_noise(schema) for name, schema in document["components"]["schemas"].items()}
    security = {"securitySchemes": document["components"].get("securitySchemes", {})}
    return {**document, "paths": paths, "components": {"schemas": schemas, **security}}


def _successes(operation: Document) -> Document:
    kept = {status: answer for status, answer in operation["responses"].items() if status.startswith(SUCCESS)}
    return {status: _plain(answer) for status, answer in kept.items()}


def _plain(answer: Document) -> Document:
    """Return an answer without headers and streams: the client has a socket, and `data()` gives documents."""
    content = {kind: body for kind, body in answer.get("content", {}).items() if kind != STREAM}
    return {**answer, "headers": {}, **({"content": content} if content else {})}


def _without_noise(value: Any, *, names: bool = False) -> Any:
    """Drop the noise of schemas; under `properties` the keys are names of fields, and stay."""
    if isinstance(value, list):
        return [_without_noise(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without_noise(one, names=key == "properties" and not names)
        for key, one in value.items()
        if names or key not in NOISE
    }
