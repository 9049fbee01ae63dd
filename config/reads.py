"""The quick way for what is read most: a thin layer in front of Django that answers from the cache (`config.hits`).

Invariant: what it does not answer itself goes on to Django untouched.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from config import hits

Scope = MutableMapping[str, Any]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Reads:
    """An ASGI application in front of another."""

    def __init__(self, application: Any, known: hits.Hits) -> None:
        self._application, self._hits = application, known

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        question = self._question(scope)
        reply = await self._reply(question) if question else None
        if question is None or reply is None:
            await self._application(scope, receive, send)
            return
        headers = [*reply.headers, (b"x-request-id", hits.request_id(question))]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body if question.method == "GET" else b""})
        hits.count(question, reply.status)

    def _question(self, scope: Scope) -> hits.Question | None:
        if scope["type"] != "http" or (found := hits.found(scope["path"], scope["query_string"])) is None:
            return None
        return self._hits.question(scope["method"], found, scope["headers"], scope.get("scheme", "http"))

    async def _reply(self, question: hits.Question) -> hits.Reply | None:
        try:
            found = await self._hits.pipeline(asyncio.get_running_loop()).ask(*question.command)
        except ConnectionError as away:
            found = away
        reply = self._hits.reply(question, found)
        return await self._reply(reply) if isinstance(reply, hits.Question) else reply
