"""From the bytes of an answer to its JSON documents: one in a plain answer, one an event in a stream. Pure.

Invariant: the documents do not depend on how the bytes were cut, and none is larger than `MAX_BYTES`.
"""

import json
from collections.abc import Iterator
from typing import Any, Protocol

from ai.providers.port import ProviderDown

MAX_BYTES = 512 * 1024  # of a plain answer, or of one event
MAX_STREAM_BYTES = 8 * MAX_BYTES  # in a stream each token travels in an envelope of some 300 bytes
END = b"[DONE]"  # how OpenAI's dialect ends a stream


class Documents(Protocol):
    """Takes bytes as they arrive. Once `ended`, nothing more is to be expected."""

    ended: bool

    def feed(self, chunk: bytes) -> Iterator[Any]: ...

    def finish(self) -> Iterator[Any]: ...


def of(content_type: str) -> Documents:
    """Return the reader of an answer of this type."""
    return Events() if content_type.lower().startswith("text/event-stream") else Plain()


class Plain:
    """A JSON document, or a list of them: Gemini's stream without events."""

    def __init__(self) -> None:
        self.ended = False
        self._received = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Any]:
        self._received += chunk
        _require_room(len(self._received), MAX_BYTES)
        return iter(())

    def finish(self) -> Iterator[Any]:
        document = parse(bytes(self._received))
        yield from document if isinstance(document, list) else [document]


class Events:
    """Server-sent events whose data is JSON (WHATWG HTML, section 9.2); their names are not needed."""

    def __init__(self) -> None:
        self.ended = False
        self._size = 0
        self._rest = bytearray()
        self._data = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Any]:
        self._size += len(chunk)
        _require_room(self._size, MAX_STREAM_BYTES)
        self._rest += chunk
        _require_room(len(self._rest), MAX_BYTES)
        if b"\n" in chunk:
            *lines, self._rest = self._rest.split(b"\n")
            for line in lines:
                yield from self._line(bytes(line).removesuffix(b"\r"))

    def finish(self) -> Iterator[Any]:
        yield from self._line(bytes(self._rest).removesuffix(b"\r"))
        yield from self._line(b"")  # a last event that no empty line closes

    def _line(self, line: bytes) -> Iterator[Any]:
        if line.startswith(b"data:"):
            self._data += line[5:] + b"\n"
            _require_room(len(self._data), MAX_BYTES)
        elif not line and not self.ended:
            data = bytes(self._data.strip())
            self._data.clear()
            self.ended = data == END
            if data and not self.ended:
                yield parse(data)


def parse(data: bytes) -> Any:
    """Return strict JSON: UTF-8, no NaN or infinity, no name twice in an object.

    :raises ProviderDown: for anything else.
    """
    try:
        return json.loads(data.decode(), parse_constant=_refuse, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise ProviderDown("invalid", "not JSON", blames=False) from None


def _refuse(name: str) -> None:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _require_room(size: int, most: int) -> None:
    if size > most:
        raise ProviderDown("invalid", "the answer is too large", blames=False)
