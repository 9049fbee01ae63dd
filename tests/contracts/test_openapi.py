"""What generated clients need of the API's document beside its being valid: named, closed, exemplified.

Invariant: there is no exception.
"""

import re
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from pytest_django import Settings

from tests.conftest import Api
from workers.management.contracts import documents

DOCUMENT = documents.openapi()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: operation for paths in DOCUMENT["paths"].values() for operation in paths.values()
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


def test_no_object_is_free() -> None:
    found = {
        f"{name}/{field}"
        for name, schema in SCHEMAS.items()
        for field, part in schema.get("properties", {}).items()
        if free(part)
    }

    assert found == set()
    assert free({"anyOf": [{"type": "object", "additionalProperties": True}, {"type": "null"}]})  # it would be seen


def answers(name: str) -> dict[int, dict[str, Any]]:
    """Return the answers of an operation, each as it is where it leads to."""
    shared = DOCUMENT["components"]["responses"]
    found = {int(status): answer for status, answer in OPERATIONS[name]["responses"].items()}
    return {
        status: shared[answer["$ref"].rsplit("/", 1)[1]] if "$ref" in answer else answer
        for status, answer in found.items()
    }


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_example_of_a_schema_fits_it(name: str) -> None:
    schema = {**SCHEMAS[name], "components": DOCUMENT["components"]}

    for example in [SCHEMAS[name][key] for key in ("example",) if key in SCHEMAS[name]]:
        jsonschema.validate(example, schema, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_answer_names_the_headers_that_come_with_it(name: str) -> None:
    for status, answer in answers(name).items():
        assert set(answer["headers"]) <= set(DOCUMENT["components"]["headers"])
        assert "X-Request-ID" in answer["headers"]
        assert ("Retry-After" in answer["headers"]) >= (status in {429, 503})
        assert ("WWW-Authenticate" in answer["headers"]) == (status == 401)
        assert ("Allow" in answer["headers"]) == (status == 405)


@pytest.mark.parametrize(
    ("name", "status", "header"),
    [
        ("generatePlan", 202, "Location"),
        ("generatePlan", 202, "Retry-After"),
        ("generatePlan", 202, "Idempotent-Replayed"),
        ("requestExport", 202, "Location"),
        ("getProfile", 200, "ETag"),
        ("patchProfile", 200, "ETag"),
        ("getMealPlan", 304, "ETag"),
        ("getWorkoutPlan", 200, "RateLimit"),
        ("downloadExport", 200, "Content-Disposition"),
    ],
)
def test_a_header_that_clients_act_on_is_documented(name: str, status: int, header: str) -> None:
    assert header in answers(name)[status]["headers"]


@pytest.mark.parametrize("name", ["getProfile", "getMealPlan", "getTargets", "getToday", "getJob", "listProgress"])
def test_a_read_that_has_an_etag_takes_it_back(name: str) -> None:
    taken = {one["name"] for one in OPERATIONS[name]["parameters"] if one["in"] == "header"}

    assert "If-None-Match" in taken
    assert 304 in answers(name)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if 412 in answers(name)])
def test_a_write_that_can_be_stale_takes_if_match(name: str) -> None:
    assert "If-Match" in {one["name"] for one in OPERATIONS[name]["parameters"]}


@pytest.mark.parametrize("name", ["generatePlan", "swapDish", "logProgress", "recordSets", "requestExport"])
def test_a_post_that_can_be_repeated_takes_a_key_and_says_when_it_was(name: str) -> None:
    taken = {one["name"] for one in OPERATIONS[name]["parameters"] if one["in"] == "header"}
    good = {status: answer for status, answer in answers(name).items() if status < 300}

    assert "Idempotency-Key" in taken
    assert 409 in answers(name)
    assert all("Idempotent-Replayed" in answer["headers"] for answer in good.values())


@pytest.mark.parametrize("name", ["register", "login", "changePassword"])
def test_a_post_that_takes_no_key_does_not_say_so(name: str) -> None:
    assert "Idempotency-Key" not in {one["name"] for one in OPERATIONS[name]["parameters"]}


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("getProfile", "profile"),
        ("getTargets", "profile/targets"),
        ("listJobs", "jobs"),
        ("listFoods", "foods?limit=1"),
    ],
)
def test_the_headers_that_are_documented_are_those_that_come(
    as_owner: Api, settings: Settings, operation: str, path: str
) -> None:
    settings.RATE_LIMITS = True

    answer = as_owner.get(f"/api/v1/{path}")

    documented = set(answers(operation)[200]["headers"])
    assert documented - set(answer.headers) == set()
    assert {"ETag"} & set(answer.headers) == {"ETag"} & documented


def test_every_parameter_has_a_schema() -> None:
    for operation in OPERATIONS.values():
        for parameter in operation.get("parameters", []):
            assert parameter["schema"].keys() & {"type", "anyOf", "enum", "$ref"}, parameter["name"]
