"""Django for ASGI servers, one thread a request: every middleware and view of ours is a plain function.

Invariant: what happens between a request and its finished answer happens in one thread, which has given its database
connection back when the answer is sent.

Django's own handler changes threads for each middleware that is not async, and twice more for its signals: more work
than a whole view.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import close_old_connections, connections
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

MOST_THREADS = 256  # requests at once; a client that waits for its plan keeps one for up to 30 s

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class OneThread(ASGIHandler):
    """An ASGI application for HTTP."""

    def __init__(self) -> None:
        super().__init__()
        threads = ThreadPoolExecutor(MOST_THREADS, "request")
        self._apart = sync_to_async(self._respond, thread_sensitive=False, executor=threads)
        self._close = sync_to_async(HttpResponseBase.close, thread_sensitive=False, executor=threads)

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            response = await self._apart(scope, body)
            if response.streaming:
                await self._stream(response, receive, send)
            else:
                await self.send_response(response, send)

    async def _stream(self, response: Any, receive: Receive, send: Send) -> None:
        """Send what comes until there is no more, or nobody who listens."""
        sending = asyncio.create_task(self.send_response(response, send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            await self._close(response)

    def _respond(self, scope: Any, body: Any) -> Any:
        """Return the answer; one that is all there has been closed, and with it the request's connections."""
        close_old_connections()
        set_script_prefix(get_script_prefix(scope))
        request, refused = self.create_request(scope, body)
        response: Any = self.get_response(request) if request else refused
        if response.streaming:
            connections.close_all()  # another thread will close the rest
        else:
            response.close()
        return response
