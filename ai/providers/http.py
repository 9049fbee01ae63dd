"""One exchange with a provider over HTTP, under one deadline.

Invariant: it ends within its deadline whatever the other side does, reads no more than `MAX_BYTES`, and closes the
connection when it is told to stop. The only module that imports httpx.

httpx's own timeouts are per read: a server that drips one byte at a time never meets them. So the exchange runs as a
coroutine under `asyncio.timeout`, in an event loop of its own.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from ai.providers import ProviderDown

MAX_BYTES = 512 * 1024
CONNECT_SECONDS = 2.0
STOP_POLL_SECONDS = 0.5


def post(
    url: str,
    *,
    headers: Mapping[str, str],
    body: Mapping[str, Any],
    seconds: float,
    should_stop: Callable[[], bool],
) -> Any:
    """Send JSON, return the JSON of a 2xx answer.

    :raises ProviderDown: for anything else.
    """
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_within(seconds, url, headers, body, should_stop))
    finally:
        loop.close()


async def _within(
    seconds: float, url: str, headers: Mapping[str, str], body: Mapping[str, Any], should_stop: Callable[[], bool]
) -> Any:
    exchange = asyncio.ensure_future(_exchange(url, headers, body))
    end = asyncio.get_running_loop().time() + seconds
    try:
        while not exchange.done():
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                raise ProviderDown("timeout", f"no answer within {seconds:.1f} s")
            if should_stop():
                raise ProviderDown("unavailable", "stopped")
            await asyncio.wait({exchange}, timeout=min(left, STOP_POLL_SECONDS))
        return exchange.result()
    finally:
        exchange.cancel()
        await asyncio.gather(exchange, return_exceptions=True)


async def _exchange(url: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Any:
    timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
    try:
        async with (
            httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, headers=dict(headers), json=body) as response,
        ):
            text = await _read(response)
    except httpx.TimeoutException:
        raise ProviderDown("timeout", "no connection") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ProviderDown("unavailable", type(error).__name__) from None
    if not response.is_success:
        raise ProviderDown("unavailable", f"status {response.status_code}")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ProviderDown("invalid", "not JSON") from None


async def _read(response: httpx.Response) -> bytes:
    received = bytearray()
    async for chunk in response.aiter_bytes():
        received += chunk
        if len(received) > MAX_BYTES:
            raise ProviderDown("invalid", "the answer is too large")
    return bytes(received)
