"""Every refusal looks the same: application/problem+json (RFC 9457) with a stable code.

Invariant: no traceback and no value that a client sent ever leaves in an error.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, ClassVar

import orjson
from django.http import HttpRequest, HttpResponse

from config import logging

CONTENT_TYPE = "application/problem+json"


class AppError(Exception):
    """We decline. Subclasses stand beside what raises them and set `status` and `code`."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    detail: ClassVar[str] = ""

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(detail or self.detail)
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = extra


class Invalid(AppError):
    """An input error that only the domain can find; `pointer` names the field (RFC 6901)."""

    status = 422
    code = "validation_failed"
    detail = "The request has fields that cannot be accepted."

    @classmethod
    def field(cls, pointer: str, code: str, detail: str) -> "Invalid":
        return cls(errors=[{"pointer": pointer, "code": code, "detail": detail}])


class Unauthorized(AppError):
    status = 401
    code = "unauthorized"
    detail = "A valid access token is needed."


class NotFound(AppError):
    status = 404
    code = "not_found"
    detail = "There is nothing here."


class PreconditionFailed(AppError):
    status = 412
    code = "precondition_failed"
    detail = "The object has changed since it was read. Read it again."


class Unavailable(AppError):
    status = 503
    code = "unavailable"
    detail = "A part that this needs is away. Try again shortly."


def problem(  # noqa: PLR0913 - the members of RFC 9457
    status: int,
    code: str,
    detail: str = "",
    *,
    errors: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> HttpResponse:
    """Render one problem document."""
    body: dict[str, Any] = {
        "type": f"urn:regimen:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or HTTPStatus(status).description or HTTPStatus(status).phrase,
        "code": code,
        "request_id": logging.request_id.get(),
        **extra,
    }
    if found := list(errors):
        body["errors"] = found
    response = HttpResponse(orjson.dumps(body), status=status, content_type=CONTENT_TYPE)
    for name, value in (headers or {}).items():
        response[name] = value
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("Retry-After", "2")
    response["Cache-Control"] = "no-store"
    return response


def render(error: AppError) -> HttpResponse:
    return problem(error.status, error.code, str(error), errors=error.errors, headers=error.headers, **error.extra)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(400, "bad_request")


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(403, "forbidden")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(404, "not_found", NotFound.detail)


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(500, "internal_error", "Something went wrong on our side. It has been recorded.")
