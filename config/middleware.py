"""What happens around every request: an id, a log line, a measurement, and strict JSON before any view runs.

Invariant: whatever a client sends, it gets an answer with `X-Request-ID`; a view only ever sees a body that is sound
JSON.
"""

import json
import logging as stdlib_logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Never

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from config import body, errors, logging, metrics

MAX_DEPTH = 20
TOO_DEEP = f"The JSON is nested deeper than {MAX_DEPTH} levels."
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})  # asked for inside the network, by address

Handler = Callable[[HttpRequest], HttpResponse]
log = stdlib_logging.getLogger("regimen.access")


def observe(get_response: Handler) -> Handler:
    """Give the request its id, and record how long which route took."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        chosen = logging.accept_request_id(request.headers.get("X-Request-ID", ""))
        response = _as_problem(get_response(request))
        route = request.resolver_match.route if request.resolver_match else "(none)"
        seconds = time.perf_counter() - started
        method = request.method if request.method in METHODS else "other"
        metrics.requests.labels(method, route, str(response.status_code)).observe(seconds)
        response["X-Request-ID"] = chosen
        log.info(
            "request",
            extra={
                "method": request.method,
                "route": route,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
            },
        )
        return response

    return middleware


def known_host(get_response: Handler) -> Handler:
    """Refuse a request for a host that is not ours (`DisallowedHost`, answered with 400)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path not in PROBES:
            request.get_host()
        return get_response(request)

    return middleware


def head_as_get(get_response: Handler) -> Handler:
    """Answer HEAD of the API as GET would be, without the body (RFC 9110, 9.3.2)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD" or not request.path.startswith("/api/"):
            return get_response(request)
        request.method = "GET"
        response = get_response(request)
        request.method = "HEAD"
        length = response.get("Content-Length", str(len(response.content)))
        response.content = b""
        if response.status_code != HTTPStatus.NOT_MODIFIED:
            response["Content-Length"] = length
        return response

    return middleware


def _as_problem(response: HttpResponse) -> HttpResponse:
    """Ninja and Django answer a wrong method in plain text; clients get a problem like any other."""
    if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response["Content-Type"] == errors.CONTENT_TYPE:
        return response
    kept = {name: value for name, value in response.items() if name not in {"Content-Type", "Content-Length"}}
    return errors.problem(405, "method_not_allowed", headers=kept)


class MalformedJson(errors.AppError):
    status = 400
    code = "malformed_json"
    detail = "The body is not sound JSON in UTF-8."


class UnsupportedMediaType(errors.AppError):
    status = 415
    code = "unsupported_media_type"
    detail = "Send the body as application/json."


class BodyRefused(errors.Invalid):
    code = "unacceptable_json"


def strict_json(get_response: Handler) -> Handler:
    """Refuse a body that is too large, of another type, or not strict JSON, before the API looks at it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            return errors.render(BodyRefused("Text may not hold the NUL character."))
        if request.path.startswith("/api/") and request.method in {"POST", "PUT", "PATCH", "DELETE"}:
            try:
                _check(request)
            except errors.AppError as error:
                return errors.render(error)
        return get_response(request)

    return middleware


def _check(request: HttpRequest) -> None:
    most = body.most_bytes(request.path)
    length = request.headers.get("Content-Length", "0")
    if length.isdigit() and int(length[:20]) > most:
        raise body.BodyTooLarge
    try:
        sent = request.body
    except RequestDataTooBig:
        raise body.BodyTooLarge from None
    if len(sent) > most:
        raise body.BodyTooLarge
    if not sent:
        return
    if request.content_type != "application/json":
        raise UnsupportedMediaType
    request.json = parse(sent)  # type: ignore[attr-defined]  # read by config.api.StrictParser


def parse(text: bytes) -> Any:
    """Return the JSON value of `text`.

    :raises MalformedJson: for what is not JSON in UTF-8, doubled keys included.
    :raises BodyRefused: for sound JSON with NUL, lone surrogates, NaN, Infinity, or more than 20 levels.
    """
    try:
        value = json.loads(text.decode(), parse_constant=_no_constant, object_pairs_hook=_unique)
    except RecursionError:
        raise BodyRefused(TOO_DEEP) from None
    except ValueError:
        raise MalformedJson from None
    _refuse_poison(value, 0)
    return value


def _no_constant(name: str) -> Never:
    raise BodyRefused(f"{name} is not a number here.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled key")
    return found


def _refuse_poison(value: Any, depth: int) -> None:
    if isinstance(value, dict | list) and depth >= MAX_DEPTH:
        raise BodyRefused(TOO_DEEP)
    if isinstance(value, str):
        _refuse_text(value)
    elif isinstance(value, float) and value in {float("inf"), float("-inf")}:
        raise BodyRefused("A number is too large.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_text(key)
            _refuse_poison(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _refuse_poison(item, depth + 1)


def _refuse_text(text: str) -> None:
    if "\x00" in text:
        raise BodyRefused("Text may not hold the NUL character.")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BodyRefused("Text may not hold half a surrogate pair.")
