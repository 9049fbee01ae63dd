"""A Postman collection of the API's document and of journeys that are written by hand.

Invariant: paths, methods, bodies and schemas come from the document; a journey only says what is done and expected.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workers.management.contracts import checks

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
NAME = "Regimen API"
JSON_HEADER = {"key": "Content-Type", "value": "application/json"}
ENDING, SIGNING_OUT = "What ends something", ("/logout", "/logout-all")
NO_AUTH = {"type": "noauth"}
VARIABLES = {  # of the environment: where it is, and what the journeys find out
    "baseUrl": "http://localhost:8000",
    "email": "",
    "password": "four blue kettles sing",
    "access": "",
    "refresh": "",
    "job_id": "",
    "date": "",
}
EXAMPLES: dict[str, Any] = {"uuid": "5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10", "date": "2026-03-02", "integer": 1}

Json = dict[str, Any]


def environment() -> Json:
    """Return the variables, with a local server's values."""
    values = [
        {"key": key, "value": value, "type": "secret" if key in {"password", "access", "refresh"} else "default"}
        for key, value in VARIABLES.items()
    ]
    return {"name": "Regimen on this machine", "values": values, "_postman_variable_scope": "environment"}


def collection(document: Json, journeys: Path) -> Json:
    """Return the collection: the journeys, then what must be refused, then every operation for a person to try."""
    api = Api(document)
    return {
        "info": {"name": NAME, "description": document["info"]["description"], "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{access}}", "type": "string"}]},
        "event": [checks.event("test", checks.EVERYWHERE)],
        "item": [
            *(_folder(one["name"], list(map(api.step, one["steps"]))) for one in json.loads(journeys.read_text())),
            _folder("Nothing opens without a token", list(api.locked())),
            _folder("Input that is refused", list(api.refused())),
            _folder("Reference", [_folder(tag, items) for tag, items in api.reference().items()]),
        ],
    }


class Api:
    """The document's operations as Postman's requests."""

    def __init__(self, document: Json) -> None:
        self.schemas: Json = document["components"]["schemas"]
        self.operations: dict[str, tuple[str, str, Json]] = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
        }

    def step(self, step: Json) -> Json:
        """Return one request of a journey, which checks what it expects, and that the answer fits its schema."""
        expect = step["expect"]
        request = self.request(
            step["operation"],
            body=step.get("body"),
            given={**step.get("path", {}), **step.get("query", {}), **step.get("headers", {})},
        )
        if not step.get("signed_in", True):
            request["auth"] = NO_AUTH
        lines = checks.expected(expect, self._schema(step["operation"], expect["status"]))
        events = [checks.event("test", lines)]
        if before := step.get("before"):
            events.append(checks.event("prerequest", before))
        return {"name": step["name"], "request": request, "event": events}

    def locked(self) -> Iterator[Json]:
        """Yield every operation that needs a token, without one."""
        for name, (_, _, operation) in self.operations.items():
            if "security" in operation:
                request = {**self.request(name), "auth": NO_AUTH}
                yield {"name": name, "request": request, "event": [checks.event("test", checks.LOCKED)]}

    def refused(self) -> Iterator[Json]:
        """Yield every operation that takes a body, with one that nobody may send."""
        for name, (_, _, operation) in self.operations.items():
            if "requestBody" not in operation:
                continue
            unknown = {**self._example(operation), "no_such_field": 1}
            wrong = {"an unknown field": json.dumps(unknown), "half a body": '{"half":', "no JSON": "name=Ada"}
            for (what, raw), lines in zip(wrong.items(), checks.REFUSED, strict=True):
                request = {**self.request(name), "body": _raw(raw)}
                if what == "no JSON":
                    request["header"] = [{**JSON_HEADER, "value": "text/plain"}]
                yield {"name": f"{name}: {what}", "request": request, "event": [checks.event("test", lines)]}

    def reference(self) -> dict[str, list[Json]]:
        """Return every operation by tag, checked for a documented status alone; what ends something comes last."""
        found: dict[str, list[Json]] = {ENDING: []}
        for name, (method, path, operation) in self.operations.items():
            lines = checks.documented(sorted(int(status) for status in operation["responses"]))
            item = {"name": operation["summary"], "request": self.request(name), "event": [checks.event("test", lines)]}
            tag = ENDING if method == "DELETE" or path.endswith(SIGNING_OUT) else operation["tags"][0]
            found.setdefault(tag, []).append(item)
        found[ENDING] = found.pop(ENDING)
        return found

    def request(self, name: str, *, body: Any = None, given: Mapping[str, str] | None = None) -> Json:
        """Return the request of an operation; parameters that are not given are examples in paths, and else off."""
        method, path, operation = self.operations[name]
        given, parameters = given or {}, operation.get("parameters", [])
        request: Json = {
            "method": method,
            "header": [_parameter(one, given) for one in parameters if one["in"] == "header"],
            "url": _url(path, parameters, given),
            "description": operation["description"],
        }
        if "security" not in operation:
            request["auth"] = NO_AUTH
        if "requestBody" in operation:
            request["header"].append(JSON_HEADER)
            request["body"] = _raw(json.dumps(self._example(operation) if body is None else body, indent=2))
        return request

    def _example(self, operation: Json) -> Any:
        content = operation["requestBody"]["content"]["application/json"]
        return content.get("example") or self.schemas[_name_of(content["schema"])]["example"]

    def _schema(self, name: str, status: int) -> Json | None:
        """Return the JSON Schema of an answer with all that it refers to; None where it has no body."""
        content = self.operations[name][2]["responses"].get(str(status), {}).get("content", {})
        if "application/json" not in content:
            return None
        schema = content["application/json"]["schema"]
        return {**schema, "components": {"schemas": self._closure(schema, {})}}

    def _closure(self, schema: Json, found: Json) -> Json:
        for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schema)):
            if name not in found:
                found[name] = {key: value for key, value in self.schemas[name].items() if key != "example"}
                self._closure(found[name], found)
        return found


def _folder(name: str, items: list[Json]) -> Json:
    return {"name": name, "item": items}


def _raw(text: str) -> Json:
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}


def _name_of(schema: Json) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]


def _parameter(parameter: Json, given: Mapping[str, str]) -> Json:
    found = {"key": parameter["name"], "value": given.get(parameter["name"], "")}
    return found if parameter["name"] in given else {**found, "disabled": True}


def _url(path: str, parameters: list[Json], given: Mapping[str, str]) -> Json:
    """Return Postman's way to write an address: in parts, and whole."""
    query = [_parameter(one, given) for one in parameters if one["in"] == "query"]
    own = [one for one in parameters if one["in"] == "path"]
    path = re.sub(r"{(\w+)}", r":\1", path)
    asked = "&".join(f"{one['key']}={one['value']}" for one in query if "disabled" not in one)
    url: Json = {
        "raw": "{{baseUrl}}" + path + (f"?{asked}" if asked else ""),
        "host": ["{{baseUrl}}"],
        "path": path.strip("/").split("/"),
    }
    if query:
        url["query"] = query
    if own:
        url["variable"] = [
            {"key": one["name"], "value": given.get(one["name"]) or _made_up(one["schema"])} for one in own
        ]
    return url


def _made_up(schema: Json) -> str:
    kind = schema.get("format") or schema.get("type") or ""
    return str(EXAMPLES.get(str(kind), "example"))
