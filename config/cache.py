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
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from config import cache_hash, cache_trust, codings, metrics
from config.cache_hash import Turn
from config.cache_trust import Away, trust

_HEAD = 8 + 10 + 24 + 8  # checksum of the rest, end, tag, length of the body as it is
_NO_END = b"0" * 10
PACKED_FROM = 1024  # bytes: less fits into one packet anyway
_WAIT_SECONDS, _WAIT_STEP = 2.0, 0.01

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished body, the tag of its bytes, and the same packed with gzip where that is worth it (else empty)."""

    body: bytes
    tag: str
    packed: bytes = b""

    @classmethod
    def of(cls, body: bytes) -> "Answer":
        packed = gzip.compress(body, 6, mtime=0) if len(body) >= PACKED_FROM else b""
        return cls(body, hashlib.blake2b(body, digest_size=12).hexdigest(), packed)

    @property
    def etag(self) -> str:
        """The strong ETag of the body as it is."""
        return f'"{self.tag}"'

    @property
    def packed_etag(self) -> str:
        """The strong ETag of the packed body: other bytes, another tag (RFC 9110, 8.8.3.3)."""
        return f'"{self.tag}-gzip"'

    def sealed(self, until: int = 0) -> bytes:
        """Return what is kept; `until` is the second (of the epoch) from which it is not true any more, 0 for none."""
        rest = b"%010d%s%08d%s%s" % (until, self.tag.encode(), len(self.body), self.body, self.packed)
        return b"%08x%s" % (zlib.crc32(rest), rest)

    @classmethod
    def unsealed(cls, stored: bytes) -> "Answer | None":
        """Return what was kept, None when it is not what was kept or its time is over."""
        if len(stored) < _HEAD or stored[:8] != b"%08x" % zlib.crc32(memoryview(stored)[8:]):
            return None
        if (until := stored[8:18]) != _NO_END and time.time() >= int(until):
            return None
        end = _HEAD + int(stored[42:_HEAD])
        return cls(stored[_HEAD:end], stored[18:42].decode(), stored[end:])


def read_through(owner: int, field: str, load: Callable[[], bytes], *, until: int = 0) -> Answer:
    """Return the owner's stored answer, or load and keep it `until` that second. What `load` raises is not kept."""
    if not trust.believes():
        return _loaded("bypass", load)
    try:
        if kept := _stored(owner, field):
            return _counted("hit", kept)
        turn = trust.ask(lambda: cache_hash.begin(owner, field))
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
    value = trust.ask(lambda: cache_hash.get(owner, field))
    return Answer.unsealed(value) if value else None


def _awaited(owner: int, field: str) -> Answer | None:
    """Wait for the answer that another reader loads; None when it is not there in time."""
    if not connection.in_atomic_block:
        connection.close()  # into the pool: the one who loads may need it
    end = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < end:
        time.sleep(_WAIT_STEP)
        if kept := _stored(owner, field):
            return kept
        if not trust.ask(lambda: cache_hash.is_loading(owner, field)):
            break
    return _stored(owner, field)


def _load_and_keep(owner: int, field: str, turn: Turn, load: Callable[[], bytes], until: int) -> Answer:
    try:
        answer = _loaded("miss", load)
    except BaseException:
        _quietly(lambda: cache_hash.give_up(owner, field))
        raise
    _quietly(lambda: cache_hash.keep(owner, field, turn, answer.sealed(until)))
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
    status, headers, body = presented(answer, known, accepted)
    response = HttpResponse(body, status=status, headers=headers)
    if status == HTTPStatus.NOT_MODIFIED:
        del response["Content-Type"]
    return response


def presented(answer: Answer, if_none_match: str, accept_encoding: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an answer to a client that may have it already."""
    packs = bool(answer.packed) and codings.prefers_gzip(accept_encoding)
    etag, body = (answer.packed_etag, answer.packed) if packs else (answer.etag, answer.body)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Encoding"}
    if if_none_match:
        known = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
        if etag in known or "*" in known:
            return HTTPStatus.NOT_MODIFIED, headers, b""
    if packs:
        headers["Content-Encoding"] = "gzip"
    return 200, headers | {"Content-Type": "application/json", "Content-Length": str(len(body))}, body


def is_stale(if_match: str, *readings: Answer) -> bool:
    """Say whether a conditional write (`If-Match`) was made on none of the current readings."""
    if if_match.strip() == "*":
        return False
    given = {tag.strip() for tag in if_match.split(",")}
    return given.isdisjoint(etag for reading in readings for etag in (reading.etag, reading.packed_etag))
