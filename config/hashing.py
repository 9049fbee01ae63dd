"""How many passwords are hashed at once.

Invariant: whatever is asked, processors are left for everybody else: a hash is 0.3 s of one, bcrypt at cost 12.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config import declined, errors, limits

Handler = Callable[[HttpRequest], HttpResponse]


class Busy(errors.Unavailable):
    code = "busy"
    detail = "Too many people sign in at this moment. Try again shortly."


class Hashing:
    """Room for a few who have a password hashed, and for a few who wait."""

    WAITING_PER_PLACE = 8
    PATIENCE = 3.0  # s

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._queue = threading.BoundedSemaphore(places * (1 + self.WAITING_PER_PLACE))

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a place and hold it.

        :raises Busy: when too many wait already, or none gets free in time.
        """
        if not self._queue.acquire(blocking=False):
            raise Busy
        try:
            if not self._places.acquire(timeout=self.PATIENCE):
                raise Busy
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._queue.release()


def bounded_hashing(get_response: Handler) -> Handler:
    """Let only so many requests hash a password at once that the others are still served."""
    hashing = Hashing(settings.HASHES_AT_ONCE)

    def middleware(request: HttpRequest) -> HttpResponse:
        if not limits.rule_of(request).hashes:
            return get_response(request)
        try:
            with hashing.place():
                return get_response(request)
        except Busy as busy:
            return declined.answer(request, busy)

    return middleware
