"""Which requests may be answered from the cache at once, and with what; whatever server asks.

Invariant: it answers only what Django would answer with the same bytes, headers and status: a GET or HEAD of a known
path by a live session, found in Redis. It decides nothing else; everything else is Django's.

One round trip says both whether the session lives and what the answer is. A token is verified in full once and then
remembered until it expires, for a bounded number of tokens.
"""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache as cached_forever
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http.request import validate_host
from django.utils.module_loading import import_string

from config import cache, cache_hash, headers, logging, metrics, routes
from config.cache_trust import trust
from config.pipeline import Pipeline

Claims = tuple[int, str, float]  # user, session, expiry

METHODS = frozenset({"GET", "HEAD"})
MOST_TOKENS, MOST_HOSTS, MOST_BYTES = 20_000, 100, 64 * 2**20
SINGLE = frozenset(
    {b"authorization", b"host", b"accept-encoding", b"if-none-match", b"x-request-id", b"x-forwarded-proto"}
)


MORE_THAN_A_HEAD = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})


@dataclass(slots=True)
class Reader:
    """Whose token it is: the key of their answers, the name of the note that the session lives, the token's end."""

    key: bytes
    alive: bytes
    expires: float


class Reply:
    """What is sent, but for the request's id: for the body of a GET, whatever is asked."""

    __slots__ = ("block", "body", "headers", "status")

    def __init__(self, status: int, headers: cache.Headers, body: bytes) -> None:
        self.status, self.body = status, body
        self.headers = [(name.lower(), value) for name, value in headers]  # as ASGI wants them
        self.block = b"".join(b"%s: %s\r\n" % pair for pair in self.headers)


class Kept:
    """An answer that this process has sent before, as it went out: good as long as Redis names its tag."""

    __slots__ = ("answer", "replies", "size")

    def __init__(self, answer: cache.Answer) -> None:
        self.answer, self.replies = answer, {}  # type: tuple[cache.Answer, dict[tuple[bool, cache.Shape], Reply]]
        self.size = len(answer.body) + len(answer.packed)


@dataclass(slots=True)
class Question:
    """A request that the cache may answer, and what this process remembers of the answer."""

    method: str
    route: str
    command: tuple[bytes, ...]
    headers: dict[bytes, bytes]
    secure: bool
    place: tuple[bytes, bytes]
    kept: Kept | None
    started: float


class Found(NamedTuple):
    """How metrics call a route, and the names in Redis of what is known of the answer and of its text."""

    route: str
    head: bytes
    name: bytes


class Hits:
    """What one process knows: good tokens, hosts that are ours, a connection to Redis for each event loop."""

    def __init__(self) -> None:
        self._claims: Callable[[str], Claims | None] = import_string(settings.CLAIMS_OF_TOKEN)
        self._readers: OrderedDict[bytes, Reader] = OrderedDict()
        self._hosts: dict[bytes, bool] = {}
        self._headers = {secure: _usual_headers(secure=secure) for secure in (False, True)}
        self._kept: dict[tuple[bytes, bytes], Kept] = {}
        self._size = 0
        self._redis: dict[asyncio.AbstractEventLoop, Pipeline] = {}
        self._redirects, self._proxied = settings.SECURE_SSL_REDIRECT, bool(settings.SECURE_PROXY_SSL_HEADER)
        self._look: asyncio.Future[None] | None = None

    def question(
        self, method: str, found: Found, headers: Iterable[tuple[bytes, bytes]], scheme: str
    ) -> Question | None:
        """Return what to ask Redis for a request of a path that was found; None when it is Django's."""
        if (
            method not in METHODS
            or (said := _said_once(headers)) is None
            or not self._is_ours(said.get(b"host", b""))
            or (reader := self._reader(said.get(b"authorization", b""))) is None
            or not self._may_believe()
        ):
            return None
        secure = self._is_secure(scheme, said)
        if self._redirects and not secure:
            return None
        route, head, name = found
        place = (reader.key, name)
        kept = self._kept.get(place)
        command = (b"HMGET", reader.key, reader.alive, head, *(() if kept else (name,)))
        return Question(method, route, command, said, secure, place, kept, time.perf_counter())

    def pipeline(self, loop: asyncio.AbstractEventLoop) -> Pipeline:
        """Return the connection to Redis of the running event loop: given, since to ask for it is a system call."""
        if loop not in self._redis:
            self._redis = {loop: Pipeline(settings.CACHE_URL)}
        return self._redis[loop]

    def reply(self, question: Question, found: Any) -> Reply | Question | None:
        """Return what to send, given Redis's answer; or what to ask instead; or None when it is Django's after all."""
        if isinstance(found, Exception):
            trust.failed()
            return None
        trust.succeeded()
        alive, head, *text = found
        if alive is None or head is None or not trust.is_clear() or cache.opened(alive) is None:
            self._drop(question.place)
            return None
        kept = question.kept
        if kept is None:
            if text[0] is None or (answer := cache.Answer.unsealed(head, text[0])) is None:
                return None
            kept = self._keep(question.place, answer)
        elif (known := cache.opened(head)) is None:
            return None
        elif known.tag != kept.answer.tag:
            self._drop(question.place)
            return replace(question, kept=None, command=(*question.command, question.place[1]))
        said = question.headers
        shape = cache.chosen(kept.answer, said.get(b"if-none-match", b""), said.get(b"accept-encoding", b""))
        reply = kept.replies.get((question.secure, shape))
        if reply is None:
            status, own, body = cache.presented(kept.answer, shape)
            reply = Reply(status, [*self._headers[question.secure], *own], body)
            kept.replies[question.secure, shape] = reply
        return reply

    def _keep(self, place: tuple[bytes, bytes], answer: cache.Answer) -> Kept:
        self._drop(place)
        kept = self._kept[place] = Kept(answer)
        self._size += kept.size
        while self._size > MOST_BYTES:
            self._drop(next(iter(self._kept)))
        return kept

    def _drop(self, place: tuple[bytes, bytes]) -> None:
        if (kept := self._kept.pop(place, None)) is not None:
            self._size -= kept.size

    def close(self) -> None:
        """Drop the connections to Redis."""
        for pipeline in self._redis.values():
            pipeline.close()

    def _is_secure(self, scheme: str, said: dict[bytes, bytes]) -> bool:
        if self._proxied and (proto := said.get(b"x-forwarded-proto")) is not None:
            return proto.split(b",")[0].strip() == b"https"
        return scheme == "https"

    def _is_ours(self, host: bytes) -> bool:
        known = self._hosts.get(host)
        if known is None:
            name = host.decode("latin-1").lower()
            known = validate_host(re.sub(r":\d+\Z", "", name), settings.ALLOWED_HOSTS)
            if len(self._hosts) < MOST_HOSTS:
                self._hosts[host] = known
        return known

    def _reader(self, authorization: bytes) -> Reader | None:
        """Return whose token it is; None when it is not good."""
        reader = self._readers.get(authorization)
        if reader is None:
            scheme, _, token = authorization.decode("latin-1").partition(" ")
            claims = self._claims(token) if scheme.lower() == "bearer" else None
            if claims is None:
                return None
            user, session, expires = claims
            alive = cache_hash.head(f"session:{session}").encode()
            reader = self._readers[authorization] = Reader(cache_hash.key(user).encode(), alive, expires)
            if len(self._readers) > MOST_TOKENS:
                self._readers.popitem(last=False)
        if reader.expires <= time.time():
            del self._readers[authorization]
            return None
        return reader

    def _may_believe(self) -> bool:
        if trust.is_due() and self._look is None:
            self._look = asyncio.ensure_future(asyncio.to_thread(trust.look_apart))
            self._look.add_done_callback(self._looked)
        return trust.is_clear()

    def _looked(self, done: "asyncio.Future[None]") -> None:
        self._look = None
        done.result()


@lru_cache(maxsize=4096)
def found(path: str, query: bytes) -> Found | None:
    """Return what is read, None when its answer is not kept."""
    if (known := routes.field(path, query)) is None:
        return None
    route, field = known
    return Found(route, cache_hash.head(field).encode(), cache_hash.name(field).encode())


@lru_cache(maxsize=4096)
def found_at(target: bytes) -> Found | None:
    """As `found`, by path and query as they stand in a request; what is written with `%` is not looked at."""
    path, _, query = target.partition(b"?")
    return found(path.decode("latin-1"), query)


def request_id(question: Question) -> bytes:
    """Return the id that goes with the answer."""
    offered = question.headers.get(b"x-request-id")
    return logging.choose_request_id(offered.decode("latin-1") if offered else "").encode()


def count(question: Question, status: int) -> None:
    """Note that a question was answered at once."""
    _observer(question.method, question.route, status)(time.perf_counter() - question.started)
    _hit()


@cached_forever
def _observer(method: str, route: str, status: int) -> Callable[[float], None]:
    """Return what notes a request's seconds; there are as few as there are routes and statuses."""
    return metrics.requests.labels(method, route, str(status)).observe


_hit = metrics.cache_reads.labels("hit").inc


def _said_once(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes] | None:
    """Return the headers that matter; None when one comes twice, or when it is not all that the client sends."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in SINGLE:
            if name in found:
                return None
            found[name] = value
        elif name in MORE_THAN_A_HEAD:
            return None
    return found


def _usual_headers(*, secure: bool) -> cache.Headers:
    """Return the headers that Django's own middlewares put on every response."""
    return [(name.encode(), value.encode()) for name, value in headers.usual(secure=secure).items()]
