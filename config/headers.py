"""What browsers are told with every answer beside what Django tells them: what it may load, and what of a device use.

Invariant: nothing is allowed but what `settings.PAGE_POLICIES` names for a page; an answer of the API is no page.
"""

import io
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware

SENSES = "accelerometer camera display-capture geolocation gyroscope microphone payment usb"
PERMISSIONS = ", ".join(f"{sense}=()" for sense in SENSES.split())
OK = 200


class Policies(CSPMiddleware):
    """Sets Content-Security-Policy (django-csp) by path, and Permissions-Policy."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if not _allowed(request.path):
            response.headers.setdefault("Content-Security-Policy", _nothing())
            return response
        return super().process_response(request, response)

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - django-csp's signature
    ) -> PolicyParts:
        """Return what the page at this path may load, over the default, which is nothing."""
        allowed = _allowed(request.path)
        if "connect-src" in allowed and response.status_code == OK:  # not every browser takes 'self' for a socket
            host = request.get_host()
            return PolicyParts(replace=allowed, update={"connect-src": [f"ws://{host}", f"wss://{host}"]})
        return PolicyParts(replace=allowed)


@cache
def usual(*, secure: bool) -> Mapping[str, str]:
    """Return what every answer of the API has, for those that no middleware sees; `secure` says that TLS came first."""
    scheme = "https" if secure else "http"
    scope = {"type": "http", "method": "GET", "path": "/api/", "headers": [], "scheme": scheme}
    request = ASGIRequest(scope, io.BytesIO())
    response = HttpResponse()
    del response["Content-Type"]
    SecurityMiddleware(lambda _: response).process_response(request, response)
    XFrameOptionsMiddleware(lambda _: response).process_response(request, response)
    Policies(lambda _: response).process_response(request, response)
    return MappingProxyType(dict(response.items()))


@cache
def _nothing() -> str:
    """Return the policy of an answer that is no page; the same text each time."""
    return str(build_policy())


def _allowed(path: str) -> dict[str, Any]:
    pages: dict[str, dict[str, Any]] = settings.PAGE_POLICIES
    if path in pages:
        return pages[path]
    return next((policy for page, policy in pages.items() if page.endswith("/*") and path.startswith(page[:-1])), {})
