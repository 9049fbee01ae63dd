"""The one NinjaAPI: its routers by name, its strict parser, its errors, its OpenAPI document.

Invariant: whatever an endpoint raises leaves as problem+json, and the document says so for every operation.
"""

import logging
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import ValidationError as PydanticError

from config import errors
from config.schemas import Problem

log = logging.getLogger(__name__)

DESCRIPTION = (
    "Register a person, ask for a plan, watch it being made, read meals and workouts. "
    "Every error is `application/problem+json` (RFC 9457) with a stable `code`."
)

# What any operation may answer beside its own statuses, and when.
COMMON_ERRORS = {
    400: ("bad_request", "The request is malformed."),
    401: ("unauthorized", "No valid access token was sent."),
    404: ("not_found", "There is no such thing, or it belongs to somebody else."),
    405: ("method_not_allowed", "This path does not take this method."),
    408: ("request_timeout", "The request did not arrive in time."),
    413: ("body_too_large", "The body is larger than 64 KiB."),
    415: ("unsupported_media_type", "The body is not application/json."),
    422: ("validation_failed", "A field cannot be accepted; `errors` says which and why."),
    429: ("rate_limited", "That was too often; `Retry-After` says when to come back."),
    500: ("internal_error", "A defect of ours; it has been recorded."),
    503: ("unavailable", "A part is away for a moment; `Retry-After` says when to come back."),
}

# What an operation may declare beside them; the codes that it really uses stand in its description.
OWN_ERRORS = {
    **COMMON_ERRORS,
    409: ("conflict", "It does not go together with what is there; `code` says why."),
    412: ("precondition_failed", "The object has changed since it was read."),
}


class StrictParser(Parser):
    """Hands over the JSON that `config.middleware.strict_json` has already judged."""

    def parse_body(self, request: HttpRequest) -> Any:
        return request.json  # type: ignore[attr-defined]


class FastRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


class RegimenAPI(NinjaAPI):
    """Ninja with an OpenAPI document that names every error status of every operation."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= {**problem.pop("$defs"), "Problem": problem}
        for path, operations in document["paths"].items():
            for operation in operations.values():
                _document_errors(path, operation)
        return document


def _document_errors(path: str, operation: dict[str, Any]) -> None:
    expected = set(COMMON_ERRORS)
    if "security" not in operation:
        expected.discard(401)
    if "requestBody" not in operation:
        expected -= {413, 415}
    for status in sorted(expected - {int(known) for known in operation["responses"]}):
        code, when = COMMON_ERRORS[status]
        operation["responses"][status] = _problem_response(status, code, when)
    for status, response in operation["responses"].items():
        if int(status) >= 400 and "content" not in response:  # noqa: PLR2004 - the first error status
            response.update(_problem_response(int(status), *OWN_ERRORS[int(status)]))


def _problem_response(status: int, code: str, when: str) -> dict[str, Any]:
    example = {"type": f"urn:regimen:problem:{code}", "title": when, "status": status, "detail": when, "code": code}
    return {
        "description": when,
        "content": {
            errors.CONTENT_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": {**example, "request_id": "5f0c9f0f1b2a4c3d"},
            }
        },
    }


api = RegimenAPI(
    title="Regimen",
    version="1.0.0",
    description=DESCRIPTION,
    parser=StrictParser(),
    renderer=FastRenderer(),
    urls_namespace="api",
    servers=[{"url": "/", "description": "this server"}],
)


@api.exception_handler(errors.AppError)
def _declined(request: HttpRequest, error: errors.AppError) -> HttpResponse:
    return errors.render(error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return errors.problem(
        422, "validation_failed", errors.Invalid.detail, errors=[_entry(item) for item in error.errors]
    )


@api.exception_handler(PydanticError)
def _output_broken(request: HttpRequest, error: PydanticError) -> HttpResponse:
    log.error("an answer did not fit its schema: %s", error.title)
    return errors.server_error(request)


@api.exception_handler(AuthenticationError)
def _unauthorized(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return errors.render(errors.Unauthorized())


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = COMMON_ERRORS.get(error.status_code, ("refused", ""))[0]
    return errors.problem(error.status_code, code, str(error))


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return errors.not_found(request)


@api.exception_handler(get_user_model().DoesNotExist)
def _erased(request: HttpRequest, error: ObjectDoesNotExist) -> HttpResponse:
    """The account went while its own request was on the way."""
    return errors.render(errors.Unauthorized())


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
def _database_away(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    log.warning("database is away: %s", type(error).__name__)
    return errors.render(errors.Unavailable())


@api.exception_handler(Exception)
def _bug(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("unhandled error", exc_info=error)
    return errors.server_error(request)


def _entry(item: dict[str, Any]) -> dict[str, str]:
    """Turn pydantic's finding into `{pointer, code, detail}`, without repeating what was sent."""
    source, *path = item["loc"]
    if source == "body" and path:
        path = path[1:]  # the name of the endpoint's argument is ours, not the client's
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
    return {"pointer": pointer, "code": item["type"], "detail": item["msg"].removeprefix("Value error, ")}


for tag, router in settings.API_ROUTERS.items():
    api.add_router("", import_string(router), tags=[tag])
