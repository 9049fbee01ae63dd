"""Reads of one owner's answers through Redis, as finished bytes.

Invariant: a reading that begins after a write has returned never shows what was before it; Redis away means a load,
never an error.

All answers of an owner are fields of one Redis hash (`cache_hash`). A write shuts it before its commit and opens it
again, empty, after: in between nothing is kept, so a slow reader can put no old row back, and a process that dies in
between leaves it shut. `cache_trust` knows when Redis is not to be believed. Of many readers that miss at once, one
loads and the others wait for it.
"""

import gzip
import hashlib
import logging
import secrets
import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from http import HTTPStatus
from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from config import cache_hash, cache_trust, codings, metrics
from config.cache_hash import Turn
from config.cache_trust import Away, trust

_HEAD = struct.Struct("!Q12sII")  # end of its time (0: none), tag, length of the body as it is, checksum of the text
_CHECK = struct.Struct("!I")  # the head's checksum
PACKED_FROM = 1024  # bytes: less fits into one packet anyway
Headers = list[tuple[bytes, bytes]]
_WAIT_SECONDS, _WAIT_STEP = 2.0, 0.01

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """A finished body and the tag of its bytes; one that was kept brings the same packed with gzip along."""

    body: bytes
    tag: bytes
    _packed: bytes = b""

    @classmethod
    def of(cls, body: bytes) -> "Answer":
        return cls(body, hashlib.blake2b(body, digest_size=12).digest())

    @cached_property
    def packed(self) -> bytes:
        """The body packed with gzip, empty where that is not worth it; who reads no gzip does not wait for it."""
        if self._packed or len(self.body) < PACKED_FROM:
            return self._packed
        return gzip.compress(self.body, 6, mtime=0)

    @property
    def etag(self) -> str:
        """The strong ETag of the body as it is."""
        return f'"{self.tag.hex()}"'

    @property
    def packed_etag(self) -> str:
        """The strong ETag of the packed body: other bytes, another tag (RFC 9110, 8.8.3.3)."""
        return f'"{self.tag.hex()}-gzip"'

    def sealed(self, until: int = 0) -> "Sealed":
        """Return what is kept; `until` is the second (of the epoch) from which it is not true any more, 0 for none."""
        text = self.body + self.packed
        head = _HEAD.pack(until, self.tag, len(self.body), zlib.crc32(text))
        return Sealed(head + _CHECK.pack(zlib.crc32(head)), text)

    @classmethod
    def unsealed(cls, head: bytes, text: bytes) -> "Answer | None":
        """Return what was kept, None when it is not what was kept or its time is over."""
        if (known := opened(head)) is None or known.checksum != zlib.crc32(text):
            return None
        return cls(text[: known.length], known.tag, text[known.length :])


class Sealed(NamedTuple):
    """An answer as it is kept: what is known of it, and its bytes as they are and packed."""

    head: bytes
    text: bytes


class Head(NamedTuple):
    """What is known of a kept answer without its bytes."""

    until: int
    tag: bytes
    length: int
    checksum: int


def opened(head: bytes) -> Head | None:
    """Return what the head says, None when it is no head or the answer's time is over."""
    known = _opened(head)
    return None if known is None or 0 < known.until <= time.time() else known


@lru_cache(maxsize=16_384)
def _opened(head: bytes) -> Head | None:
    if len(head) != _HEAD.size + _CHECK.size or _CHECK.pack(zlib.crc32(head[: _HEAD.size])) != head[_HEAD.size :]:
        return None
    return Head(*_HEAD.unpack_from(head))


def read_through(owner: int, field: str, load: Callable[[], bytes], *, until: int = 0) -> Answer:
    """Return the owner's stored answer, or load and keep it `until` that second. What `load` raises is not kept."""
    if not trust.believes():
        return _loaded("bypass", load)
    try:
        head, text = trust.ask(lambda: cache_hash.get(owner, field))
        if kept := _whole(head, text):
            return _counted("hit", kept)
        turn = trust.ask(lambda: cache_hash.begin(owner, field, head))
        if not turn.loads:
            if kept := _awaited(owner, field):
                return _counted("hit", kept)
            turn = Turn(turn.generation, loads=True)
    except Away:
        return _loaded("bypass", load)
    return _load_and_keep(owner, field, turn, load, until)


def forget(owner: int) -> None:
    """Drop every stored answer of the owner: to be called in the transaction of a write."""
    writer = secrets.token_hex(8)
    try:
        trust.ask(lambda: cache_hash.shut(owner, writer))
    except Away:
        debt = cache_trust.owe(owner)
        transaction.on_commit(lambda: cache_trust.settle(debt), robust=True)
    else:
        transaction.on_commit(lambda: _reopen(owner, writer), robust=True)


def _reopen(owner: int, writer: str) -> None:
    try:
        trust.ask(lambda: cache_hash.reopen(owner, writer))
    except Away:
        log.info("an owner's answers stay shut for a while")


def _stored(owner: int, field: str) -> Answer | None:
    return _whole(*trust.ask(lambda: cache_hash.get(owner, field)))


def _whole(head: bytes | None, text: bytes | None) -> Answer | None:
    return None if head is None or text is None else Answer.unsealed(head, text)


def _awaited(owner: int, field: str) -> Answer | None:
    """Wait for the answer that another reader loads; None when it is not there in time."""
    cache_trust.release_connection()  # the one who loads may need it
    end = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < end:
        if kept := _stored(owner, field):
            return kept
        if not trust.ask(lambda: cache_hash.is_loading(owner, field)):
            break
        time.sleep(_WAIT_STEP)
    return _stored(owner, field)


def _load_and_keep(owner: int, field: str, turn: Turn, load: Callable[[], bytes], until: int) -> Answer:
    try:
        answer = _loaded("miss", load)
    except BaseException:
        _quietly(lambda: cache_hash.give_up(owner, field))
        raise
    _quietly(lambda: cache_hash.keep(owner, field, turn, *answer.sealed(until)))
    return answer


def _quietly(command: Callable[[], None]) -> None:
    try:
        trust.ask(command)
    except Away:
        log.info("an answer was not kept")


def _loaded(outcome: str, load: Callable[[], bytes]) -> Answer:
    return _counted(outcome, Answer.of(load()))


def _counted(outcome: str, answer: Answer) -> Answer:
    metrics.cache_reads.labels(outcome).inc()
    return answer


def respond(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Send a stored answer, or 304 to a GET when the client has it already.

    What answers a change goes as it is: it may be kept for the same change sent again (`workers.idempotency`).
    """
    reads = request.method in {"GET", "HEAD"}
    known, accepted = (request.headers.get(name, "") if reads else "" for name in ("If-None-Match", "Accept-Encoding"))
    shape = chosen(answer, known.encode("latin-1"), accepted.encode("latin-1"))
    status, headers, body = presented(answer, shape)
    response = HttpResponse(body, status=status)
    del response["Content-Type"]
    for name, value in headers:
        response[name.decode()] = value.decode()
    return response


_FOR_ONE = [(b"Cache-Control", b"private, no-cache"), (b"Vary", b"Authorization, Accept-Encoding")]


class Shape(NamedTuple):
    """How an answer goes out: packed or as it is, whole or as the word that the client has it already."""

    packs: bool
    known: bool


def chosen(answer: Answer, if_none_match: bytes, accept_encoding: bytes) -> Shape:
    """Return how a client gets an answer that it may have already."""
    packs = len(answer.body) >= PACKED_FROM and codings.prefers_gzip(accept_encoding.decode("latin-1"))
    if not if_none_match:
        return Shape(packs, known=False)
    etag = (answer.packed_etag if packs else answer.etag).encode()
    known = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return Shape(packs, known=etag in known or b"*" in known)


def presented(answer: Answer, shape: Shape) -> tuple[int, Headers, bytes]:
    """Return status, headers and body of an answer."""
    etag, body = (answer.packed_etag, answer.packed) if shape.packs else (answer.etag, answer.body)
    headers = [(b"ETag", etag.encode()), *_FOR_ONE]
    if shape.known:
        return HTTPStatus.NOT_MODIFIED, headers, b""
    if shape.packs:
        headers.append((b"Content-Encoding", b"gzip"))
    headers += ((b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body)))
    return HTTPStatus.OK, headers, body


def is_stale(if_match: str, *readings: Answer) -> bool:
    """Say whether a conditional write (`If-Match`) was made on none of the current readings."""
    if if_match.strip() == "*":
        return False
    given = {tag.strip() for tag in if_match.split(",")}
    return given.isdisjoint(etag for reading in readings for etag in (reading.etag, reading.packed_etag))
