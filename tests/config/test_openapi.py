"""The API's own document: valid, complete, and true of the API that serves it."""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from ninja import Schema
from openapi_spec_validator import OpenAPIV31SpecValidator

from config.api import api
from tests.conftest import Api

DOCUMENT: dict[str, Any] = dict(api.get_openapi_schema())
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
WITH_BODY = {name: operation for name, operation in OPERATIONS.items() if "requestBody" in operation}
SIGNED_IN = {name: operation for name, operation in OPERATIONS.items() if "security" in operation}
APPS = {"config", "users", "mealplans", "workouts", "progress", "ai"}
GENERATED = "NinjaResponseSchema"  # Ninja makes one for each answer
OWNERS_PATHS = {
    "POST /api/v1/register",
    "POST /api/v1/login",
    "GET /api/v1/profile",
    "POST /api/v1/generate-plan",
    "GET /api/v1/meal-plan",
    "GET /api/v1/workout-plan",
    "POST /api/v1/progress",
}


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = operation["requestBody"]["content"]["application/json"]
    return content


def example_of(operation: dict[str, Any]) -> Any:
    """Return the example that a reader of the docs sees: the operation's own, or that of its schema."""
    content = body_of(operation)
    schema = content["schema"]
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return content.get("example") or schema.get("example")


def answer_of(operation: dict[str, Any], status: int) -> dict[str, Any]:
    """Return an answer of an operation, or the one of all operations that it leads to."""
    answer: dict[str, Any] = operation["responses"][status]
    return DOCUMENT["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]] if "$ref" in answer else answer


def errors_of(operation: dict[str, Any]) -> set[int]:
    return {int(status) for status in operation["responses"] if int(status) >= 400}


def test_the_document_is_served_as_json_and_is_the_one_that_is_checked_here(as_owner: Api) -> None:
    answer = as_owner.get("/api/v1/openapi.json")

    assert answer["Content-Type"].startswith("application/json")
    assert set(answer.json()["paths"]) == set(DOCUMENT["paths"])
    assert answer.json()["openapi"].startswith("3.1")


def test_no_two_schemas_share_a_name_for_one_would_stand_for_both() -> None:
    ours = [one.__name__ for one in descendants(Schema) if one.__module__.partition(".")[0] in APPS]
    times = Counter(name for name in ours if name != GENERATED)

    assert len(ours) > 30
    assert [name for name, count in times.items() if count > 1] == []


def descendants(kind: type) -> Iterator[type]:
    found: list[type] = kind.__subclasses__()
    for one in found:
        yield one
        yield from descendants(one)


def test_the_document_is_valid_openapi_3_1(as_owner: Api) -> None:
    document = as_owner.get("/api/v1/openapi.json").json()

    found = [
        f"{list(error.absolute_path)}: {error.message}" for error in OpenAPIV31SpecValidator(document).iter_errors()
    ]

    assert found == []


def test_every_reference_leads_somewhere() -> None:
    references = set(re.findall(r"'#/components/schemas/([^']+)'", repr(DOCUMENT)))

    assert references - set(DOCUMENT["components"]["schemas"]) == set()


def test_the_owners_calls_are_there() -> None:
    assert OWNERS_PATHS - set(OPERATIONS) == set()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_what_it_is_for(name: str) -> None:
    operation = OPERATIONS[name]

    assert 3 <= len(operation["summary"]) <= 80
    assert len(operation["description"]) >= 20
    assert re.fullmatch(r"[a-z]+[A-Za-z]*", operation["operationId"])
    assert operation["tags"]


def test_no_two_operations_have_one_name() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_documents_every_error_that_it_may_answer(name: str) -> None:
    operation = OPERATIONS[name]
    expected = {400, 404, 405, 422, 503}
    expected |= {401} if name in SIGNED_IN else set()
    expected |= {413, 415} if name in WITH_BODY else set()

    assert expected - errors_of(operation) == set()


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("POST /api/v1/register", {409}),
        ("POST /api/v1/login", {401}),
        ("POST /api/v1/token/refresh", {401}),
        ("PATCH /api/v1/profile", {412}),
        ("PUT /api/v1/profile", {412}),
        ("POST /api/v1/generate-plan", {409}),
        ("DELETE /api/v1/jobs/{job_id}", {409}),
    ],
)
def test_an_error_of_one_operation_alone_is_documented_there(name: str, statuses: set[int]) -> None:
    assert statuses - errors_of(OPERATIONS[name]) == set()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_documented_error_is_a_problem_with_an_example_that_fits(name: str) -> None:
    problem = {**DOCUMENT["components"]["schemas"]["Problem"], "components": DOCUMENT["components"]}

    for status in sorted(errors_of(OPERATIONS[name])):
        response = answer_of(OPERATIONS[name], status)
        content = response["content"]["application/problem+json"]
        assert response["description"]
        assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert content["example"]["status"] == status
        jsonschema.validate(content["example"], problem)


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_has_an_example_and_the_example_fits_its_schema(name: str) -> None:
    example = example_of(WITH_BODY[name])

    assert example
    schema = {**body_of(WITH_BODY[name])["schema"], "components": DOCUMENT["components"]}
    jsonschema.validate(example, schema)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("POST /api/v1/register", 201),
        ("PATCH /api/v1/profile", 200),
        ("PUT /api/v1/profile", 200),
        ("POST /api/v1/progress", 201),
        ("POST /api/v1/generate-plan", 202),
    ],
)
def test_the_api_takes_its_own_examples(as_owner: Api, name: str, status: int) -> None:
    method, path = name.split(" ")

    assert as_owner.request(method, path, example_of(WITH_BODY[name])).status_code == status


@pytest.mark.parametrize("name", WITH_BODY)
def test_no_body_takes_fields_that_are_not_documented(name: str) -> None:
    reference = body_of(WITH_BODY[name])["schema"]["$ref"].rsplit("/", 1)[1]

    assert DOCUMENT["components"]["schemas"][reference]["additionalProperties"] is False


@pytest.mark.parametrize("path", ["profile", "profile/targets", "today", "events", "jobs", "progress/summary"])
def test_an_answer_fits_the_schema_that_is_documented_for_it(as_owner: Api, path: str) -> None:
    responses = OPERATIONS[f"GET /api/v1/{path}"]["responses"]
    schema = responses[200]["content"]["application/json"]["schema"]

    answer = as_owner.get(f"/api/v1/{path}")

    jsonschema.validate(answer.json(), {**schema, "components": DOCUMENT["components"]})


def test_the_docs_page_needs_no_other_host(as_owner: Api) -> None:
    answer = as_owner.get("/api/v1/docs")

    loaded = re.findall(r'(?:src|href)="([^"]+)"', answer.content.decode())
    assert answer.status_code == 200
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/")
        with contextlib.closing(as_owner.get(address)) as file:
            assert file.status_code == 200
