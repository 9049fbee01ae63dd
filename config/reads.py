"""The quick way for what is read most: a thin layer in front of Django that answers from the cache.

Invariant: it answers only what Django would answer with the same bytes, headers and status: a GET of a known path by a
live session, found in Redis. It decides nothing else; everything else goes on to Django untouched.

One round trip says both whether the session lives and what the answer is. A token is verified in full once and then
remembered until it expires, for a bounded number of tokens.
"""

import asyncio
import io
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import cache as cached_forever
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.http.request import validate_host
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.module_loading import import_string

from config import cache, cache_hash, logging, metrics, routes
from config.cache_trust import trust
from config.headers import Policies
from config.pipeline import Pipeline

Scope = MutableMapping[str, Any]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Claims = tuple[int, str, float]  # user, session, expiry

METHODS = frozenset({"GET", "HEAD"})
MOST_TOKENS, MOST_HOSTS = 20_000, 100
SINGLE = frozenset(
    {b"authorization", b"host", b"accept-encoding", b"if-none-match", b"x-request-id", b"x-forwarded-proto"}
)


class Reads:
    """An ASGI application in front of another."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._claims: Callable[[str], Claims | None] = import_string(settings.CLAIMS_OF_TOKEN)
        self._tokens: OrderedDict[bytes, Claims] = OrderedDict()
        self._hosts: dict[bytes, bool] = {}
        self._observe = cached_forever(_observer)
        self._hits = metrics.cache_reads.labels("hit").inc
        self._headers = {secure: _usual_headers(secure=secure) for secure in (False, True)}
        self._redis: dict[asyncio.AbstractEventLoop, Pipeline] = {}
        self._look: asyncio.Future[None] | None = None

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        started = time.perf_counter()
        if (
            scope["type"] != "http"
            or scope["method"] not in METHODS
            or (found := routes.field(scope["path"], scope["query_string"])) is None
            or (headers := self._plain(scope)) is None
            or (claims := self._known(headers.get(b"authorization", b""))) is None
            or (answer := await self._stored(claims, found[1])) is None
        ):
            await self._application(scope, receive, send)
            return
        status = await self._send(scope, headers, answer, send)
        self._observe(scope["method"], found[0], status)(time.perf_counter() - started)

    def close(self) -> None:
        """Drop the connections to Redis."""
        for pipeline in self._redis.values():
            pipeline.close()

    def _plain(self, scope: Scope) -> dict[bytes, bytes] | None:
        """Return the headers that matter; None when one comes twice, or the host is not ours."""
        found: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in SINGLE:
                if name in found:
                    return None
                found[name] = value
        if settings.SECURE_SSL_REDIRECT and not _is_secure(scope, found):
            return None
        return found if self._is_ours(found.get(b"host", b"")) else None

    def _is_ours(self, host: bytes) -> bool:
        known = self._hosts.get(host)
        if known is None:
            name = host.decode("latin-1").lower()
            known = validate_host(re.sub(r":\d+\Z", "", name), settings.ALLOWED_HOSTS)
            if len(self._hosts) < MOST_HOSTS:
                self._hosts[host] = known
        return known

    def _known(self, authorization: bytes) -> Claims | None:
        """Return whose token it is; None when it is not good."""
        claims = self._tokens.get(authorization)
        if claims is None:
            scheme, _, token = authorization.decode("latin-1").partition(" ")
            claims = self._claims(token) if scheme.lower() == "bearer" else None
            if claims is None:
                return None
            self._tokens[authorization] = claims
            if len(self._tokens) > MOST_TOKENS:
                self._tokens.popitem(last=False)
        if claims[2] <= time.time():
            del self._tokens[authorization]
            return None
        return claims

    async def _stored(self, claims: Claims, field: bytes) -> cache.Answer | None:
        """Return the answer if the session lives and Redis holds it and may be believed."""
        user, session, _ = claims
        if trust.is_due() and self._look is None:
            self._look = asyncio.ensure_future(asyncio.to_thread(trust.look_apart))
            self._look.add_done_callback(self._looked)
        if not trust.is_clear():
            return None
        names = (cache_hash.name(f"session:{session}"), cache_hash.name(field.decode()))
        try:
            alive, stored = await self._pipeline().ask(
                b"HMGET", cache_hash.key(user).encode(), *(name.encode() for name in names)
            )
        except ConnectionError:
            trust.failed()
            return None
        trust.succeeded()
        if alive is None or stored is None or not trust.is_clear() or cache.Answer.unsealed(alive) is None:
            return None
        return cache.Answer.unsealed(stored)

    def _looked(self, done: "asyncio.Future[None]") -> None:
        self._look = None
        done.result()

    def _pipeline(self) -> Pipeline:
        loop = asyncio.get_running_loop()
        if loop not in self._redis:
            self._redis = {loop: Pipeline(settings.CACHE_URL)}
        return self._redis[loop]

    async def _send(self, scope: Scope, headers: Mapping[bytes, bytes], answer: cache.Answer, send: Send) -> int:
        request_id = logging.accept_request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        known, codings = headers.get(b"if-none-match", b""), headers.get(b"accept-encoding", b"")
        status, own, body = cache.presented(answer, known.decode("latin-1"), codings.decode("latin-1"))
        own |= {"X-Request-ID": request_id}
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    *self._headers[_is_secure(scope, headers)],
                    *[(_lower(name), value.encode()) for name, value in own.items()],
                ],
            }
        )
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})
        self._hits()
        return status


@cached_forever
def _lower(name: str) -> bytes:
    return name.lower().encode()


def _observer(method: str, route: str, status: int) -> Callable[[float], None]:
    """Return what notes a request's seconds; there are as few as there are routes and statuses."""
    return metrics.requests.labels(method, route, str(status)).observe


def _is_secure(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    if settings.SECURE_PROXY_SSL_HEADER and (said := headers.get(b"x-forwarded-proto")) is not None:
        return said.split(b",")[0].strip() == b"https"
    return bool(scope.get("scheme") == "https")


def _usual_headers(*, secure: bool) -> list[tuple[bytes, bytes]]:
    """Return the headers that Django's own middlewares put on every response."""
    scheme = "https" if secure else "http"
    scope = {"type": "http", "method": "GET", "path": "/api/", "headers": [], "scheme": scheme}
    request = ASGIRequest(scope, io.BytesIO())
    response = HttpResponse()
    del response["Content-Type"]
    SecurityMiddleware(lambda _: response).process_response(request, response)
    XFrameOptionsMiddleware(lambda _: response).process_response(request, response)
    Policies(lambda _: response).process_response(request, response)
    return [(name.lower().encode(), value.encode()) for name, value in response.items()]
