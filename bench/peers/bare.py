"""The limits: nothing but an ASGI callable, with the product's work for a hit (`work`) or with none (`hello`).

Invariant: `work` verifies a token once and remembers it, asks Redis once, and sends what a client needs; no framework.
"""

import os
import time
import urllib.parse
from typing import Any

import jwt

from bench.peers import filled
from config.pipeline import Pipeline

KEY = os.environ["JWT_SIGNING_KEY"]
HELLO = b'{"hello":"world"}'
known: dict[bytes, dict[str, Any]] = {}
pipelines: list[Pipeline] = []


def claims_of(authorization: bytes) -> dict[str, Any]:
    """Return the claims of a token that is good."""
    claims = known.get(authorization)
    if claims is None:
        token = authorization.decode().removeprefix("Bearer ")
        claims = known[authorization] = jwt.decode(token, KEY, ["HS256"], audience="regimen", issuer="regimen")
    if claims["exp"] <= time.time():
        raise jwt.ExpiredSignatureError
    return claims


def pipeline() -> Pipeline:
    """Return the connection to Redis. There is one event loop; to ask for it would be a system call (Python 3.11)."""
    if not pipelines:
        pipelines.append(Pipeline(os.environ["REDIS_URL"]))
    return pipelines[0]


async def work(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    claims = claims_of(dict(scope["headers"]).get(b"authorization", b""))
    date = urllib.parse.parse_qs(scope["query_string"].decode())["date"][0]
    alive, stored = await pipeline().ask(*filled.question(claims["user_id"], claims["sid"], date))
    if alive is None or stored is None:
        await _answer(send, 401 if alive is None else 404, "", b"{}")
        return
    await _answer(send, 200, *filled.opened(stored))


async def hello(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await _answer(send, 200, '""', HELLO)


async def _answer(send: Any, status: int, etag: str, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"etag", etag.encode()),
        (b"cache-control", b"private, no-cache"),
        (b"vary", b"Authorization"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
