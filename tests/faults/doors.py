"""Every way into the API, from its own document, with a body that it takes.

Invariant: nothing is listed by hand, so that a new operation is tried like the others.
"""

from typing import Any

from config.api import api

DOCUMENT: dict[str, Any] = dict(api.get_openapi_schema())
DAY = "2026-03-02"
PLACES = {"date": DAY, "from": DAY, "to": DAY, "job_id": "00000000-0000-0000-0000-000000000007"}


class Places(dict[str, str]):
    """What stands for a name in a path; another id where the name is not known."""

    def __missing__(self, name: str) -> str:
        return "00000000-0000-0000-0000-000000000008"


def _schema(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    if "$ref" in schema:
        return dict(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def _example(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation["requestBody"]["content"]["application/json"]
    return dict(content.get("example") or _schema(operation)["example"])


OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
WITH_JSON = {
    name: operation
    for name, operation in OPERATIONS.items()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
}
EXAMPLES: dict[str, dict[str, Any]] = {name: _example(operation) for name, operation in WITH_JSON.items()}


def address(name: str) -> tuple[str, str]:
    """Return method and path of an operation, with something in each place of the path."""
    method, path = name.split(" ")
    return method, path.format_map(Places(PLACES))


def asked(name: str, query: str) -> tuple[str, str]:
    """Return method and path of an operation with a query, behind what the operation must be told."""
    method, path = address(name)
    needed = [one["name"] for one in OPERATIONS[name].get("parameters", []) if one["in"] == "query" and one["required"]]
    return method, f"{path}?{'&'.join([*(f'{one}={PLACES[one]}' for one in needed), query])}"


def fields(kind: str) -> list[tuple[str, str]]:
    """Return each (operation, field) whose value is of a kind: integer, number, string or date."""
    return [
        (name, field)
        for name, operation in WITH_JSON.items()
        for field, schema in _schema(operation).get("properties", {}).items()
        if kind in _kinds(schema)
    ]


def _kinds(schema: dict[str, Any]) -> set[str]:
    """Return what a field may be, when it is one thing or null."""
    found = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    if len(found) != 1:
        return set()
    kind = str(found[0].get("type", ""))
    if kind == "string" and found[0].get("format") in {"date", "date-time"}:
        return {"date"} if found[0]["format"] == "date" else set()
    return {kind} if "enum" not in found[0] and "const" not in found[0] else set()
