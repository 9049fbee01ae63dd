"""One exchange with a provider over HTTP, under one deadline.

Invariant: it ends within its deadline whatever the other side does, keeps no more of it than `documents` allows, and
closes the connection when it is told to stop. The only module that imports httpx.

Who was silent for seconds gets no second try: the time is better spent on the next provider, or by the planner.

httpx's own timeouts are per read: a server that drips one byte at a time never meets them. So the exchange is a
coroutine in a loop of its own, which runs a slice at a time. Between two slices the callbacks have their turn: Django
refuses its database to code under a running loop, and one that takes long does not hold the exchange up unseen.
"""

import asyncio
import functools
import json
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

from ai.providers import documents
from ai.providers.port import ProviderDown
from ai.providers.refusals import refusal

SLICE_SECONDS = 0.25
HEADERS = {  # all that says who asks
    "Accept": "text/event-stream, application/json",
    "Accept-Encoding": "identity",  # an answer is small, and what is not packed cannot be a bomb
    "Content-Type": "application/json",
    "User-Agent": "regimen",
}


@dataclass(slots=True)
class Call:
    """One POST of JSON. Afterwards `billed` says whether the provider may charge for it."""

    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    billed: bool = False

    def run(self, *, seconds: float, should_stop: Callable[[], bool], take: Callable[[Sequence[Any]], None]) -> None:
        """Hand the JSON documents of the answer to `take` as they arrive, some at a time.

        :raises ProviderDown: for anything but a whole answer of status 2xx within `seconds`.
        """
        end = time.monotonic() + seconds
        arrived: list[Any] = []
        loop = asyncio.new_event_loop()
        exchange = loop.create_task(self._exchange(arrived))
        try:
            while not exchange.done():
                if should_stop():
                    raise ProviderDown("unavailable", "stopped", blames=False)
                left = end - time.monotonic()
                if left <= 0:
                    raise ProviderDown("timeout", f"no whole answer within {seconds:.1f} s")
                loop.run_until_complete(asyncio.wait({exchange}, timeout=min(left, SLICE_SECONDS)))
                take(tuple(arrived))
                arrived.clear()
            exchange.result()
        finally:
            _close(loop, exchange)

    async def _exchange(self, arrived: list[Any]) -> None:
        """Put the documents into `arrived`; every error of the network becomes a `ProviderDown`."""
        try:
            await self._converse(arrived)
        except httpx.ConnectTimeout:
            self.billed = False
            raise ProviderDown("timeout", "no connection", again=True) from None
        except httpx.ConnectError:  # also a name that nobody knows, and a certificate that nobody trusts
            self.billed = False
            raise ProviderDown("unavailable", "no connection", again=True) from None
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
            self.billed = False
            raise ProviderDown("unavailable", type(error).__name__) from None
        except httpx.HTTPError as error:
            raise ProviderDown("unavailable", type(error).__name__, again=True) from None

    async def _converse(self, arrived: list[Any]) -> None:
        timeout = httpx.Timeout(None, connect=settings.AI_CONNECT.total_seconds())
        async with httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False, verify=_tls()) as client:
            content = json.dumps(self.body).encode()
            request = client.build_request("POST", self.url, headers={**HEADERS, **self.headers}, content=content)
            self.billed = True
            response = await _first_byte(client, request)
            try:
                self._check(response)
                await _read(response, arrived)
            finally:
                await response.aclose()

    def _check(self, response: httpx.Response) -> None:
        if not response.is_success:
            self.billed = False
            raise refusal(response.status_code, response.headers, now=time.time())
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise ProviderDown("invalid", "packed, although that was not asked for", blames=False)


async def _first_byte(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    try:
        async with asyncio.timeout(settings.AI_FIRST_BYTE.total_seconds()):
            return await client.send(request, stream=True)
    except TimeoutError:
        raise ProviderDown("timeout", "no first byte") from None


async def _read(response: httpx.Response, arrived: list[Any]) -> None:
    reader = documents.of(response.headers.get("content-type", ""))
    async for chunk in response.aiter_raw():
        arrived.extend(reader.feed(chunk))
        if reader.ended:
            return
    arrived.extend(reader.finish())


@functools.cache
def _tls() -> ssl.SSLContext:
    """Return the certificates to trust: reading them takes longer than an exchange with a neighbour."""
    return httpx.create_ssl_context(trust_env=False)


def _close(loop: asyncio.AbstractEventLoop, exchange: asyncio.Task[None]) -> None:
    """End the exchange, which closes its connection. A look-up of a name may go on: nobody waits for its thread."""
    exchange.cancel()
    loop.run_until_complete(asyncio.gather(exchange, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
