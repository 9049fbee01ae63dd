"""What generated clients need of the API's document beside its being valid: named, closed, exemplified.

Invariant: the exceptions are named here, one by one, and none that is mended stays.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from workers.management.contracts import documents

DOCUMENT = documents.openapi()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation for paths in DOCUMENT["paths"].values() for operation in paths.values()
}
FREE = {  # objects whose fields the document does not name
    "Event/data",  # named by the AsyncAPI document
    "Told/data",  # the brief as the model gets it; it follows the prompt's version
    *("MealPlan/certificate", "MealPlan/targets", "WorkoutPlan/certificate"),
    *("Targets/explanation", "Targets/floor", "Targets/inputs"),
    *("Today/meal_plan", "Today/progress", "Today/targets", "Today/workout_plan"),
}


def free(schema: Any) -> bool:
    """Say whether an object is let in whose fields nobody named; maps of one type are named enough."""
    if isinstance(schema, list):
        return any(map(free, schema))
    if not isinstance(schema, dict):
        return False
    if (
        schema.get("type") == "object"
        and "properties" not in schema
        and schema.get("additionalProperties") in (True, None)
    ):
        return True
    return any(free(part) for key, part in schema.items() if key not in {"example", "examples", "default"})


def bodies(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the JSON of an operation: what it takes, and what it answers when all is well."""
    answers = [answer for status, answer in operation["responses"].items() if status < "4"]
    for part in (operation.get("requestBody", {}), *answers):
        yield from (body for kind, body in part.get("content", {}).items() if kind.endswith("json"))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_takes_and_answers_named_schemas_with_examples(name: str) -> None:
    for body in bodies(OPERATIONS[name]):
        named = re.fullmatch(r"#/components/schemas/(\w+)", body["schema"].get("$ref", ""))
        assert named, f"an anonymous schema: {body['schema']}"
        assert body.get("example") or SCHEMAS[named[1]].get("example")


def test_no_object_is_free_but_those_that_are_named_here() -> None:
    found = {
        f"{name}/{field}"
        for name, schema in SCHEMAS.items()
        for field, part in schema.get("properties", {}).items()
        if free(part)
    }

    assert found == FREE


def test_every_parameter_has_a_schema() -> None:
    for operation in OPERATIONS.values():
        for parameter in operation.get("parameters", []):
            assert parameter["schema"].keys() & {"type", "anyOf", "enum", "$ref"}, parameter["name"]
