"""Whether this process has been told to go, and who wants to know.

Invariant: whoever comes after the word was given hears it at once.
"""

import threading
from collections.abc import Callable

LOOK_SECONDS = 0.05
IDLE_SECONDS = 2.0  # without a request on any connection, after which the rest are closed: above nginx's own
SPREAD_SECONDS = 1.0  # over which sockets and streams are ended, so that their clients do not all come back at once

_told = threading.Event()
_listeners: set[Callable[[], None]] = set()


def is_told() -> bool:
    return _told.is_set()


def tell() -> list[Callable[[], None]]:
    """Return the listeners, for the caller to call each within a moment."""
    _told.set()
    return list(_listeners)


def listen(listener: Callable[[], None]) -> Callable[[], None]:
    """Have `listener` called when this process is told to go, or has been; return what ends that."""
    _listeners.add(listener)
    if is_told():
        listener()
    return lambda: _listeners.discard(listener)
