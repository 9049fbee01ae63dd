"""The one NinjaAPI: its routers by name, its strict parser, its errors, its OpenAPI document.

Invariant: whatever an endpoint raises leaves as problem+json, and the document says so for every operation.
"""

import logging
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import ValidationError as PydanticError

from config import errors, openapi

MOST_FINDINGS = 100  # told of one body: what is refused must not be answered with more than was sent
LENGTHS = {"too_short": "at least {min_length}", "too_long": "at most {max_length}"}

log = logging.getLogger(__name__)

DESCRIPTION = (
    "Register a person, ask for a plan, watch it being made, read meals and workouts. "
    "Every error is `application/problem+json` (RFC 9457) with a stable `code`."
)


class StrictParser(Parser):
    """Hands over the JSON that `config.middleware.strict_json` has already judged."""

    def parse_body(self, request: HttpRequest) -> Any:
        return request.json  # type: ignore[attr-defined]


class FastRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str)


class RegimenAPI(NinjaAPI):
    """Ninja with an OpenAPI document that says all that a client may meet."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        openapi.complete(self, document)
        return document


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
    where = {item["loc"][0] for item in error.errors}
    if where == {"path"}:  # nothing is there
        return errors.not_found(request)
    if "body" in where and not request.body:
        return errors.problem(400, "malformed_json", "A body of JSON is needed.")
    return errors.problem(
        422, "validation_failed", errors.Invalid.detail, errors=[_entry(item) for item in error.errors[:MOST_FINDINGS]]
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
    code = openapi.COMMON_ERRORS.get(error.status_code, ("refused", ""))[0]
    return errors.problem(error.status_code, code, str(error))


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return errors.not_found(request)


@api.exception_handler(SuspiciousOperation)
def _suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """What Django would answer itself outside of the API, such as a query of a thousand fields."""
    return errors.bad_request(request)


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
    bounds = item.get("ctx", {})
    if item["type"] in LENGTHS and bounds.get("field_type") == "Value":  # counted after its normal form was taken
        detail = f"String should have {LENGTHS[item['type']].format_map(bounds)} characters"
        return {"pointer": pointer, "code": f"string_{item['type']}", "detail": detail}
    return {"pointer": pointer, "code": item["type"], "detail": item["msg"].removeprefix("Value error, ")}


for tag, router in settings.API_ROUTERS.items():
    api.add_router("", import_string(router), tags=[tag])
