"""The oldest versions that may be installed, and what is wrong with older ones.

Invariant: the lock files are newer than every floor; `doctor` says so of what is really installed.
"""

import re

FLOORS = {
    "django": ("5.2.11", "CVE-2025-14550: any request's header can stall an ASGI server"),
    "pyjwt": ("2.15", "CVE-2026-32597"),
    "daphne": ("4.2.2", "CVE-2026-44545 and CVE-2026-44546: frames without bound, header injection"),
    "redis": ("8.1", "timeouts are set for what 8 does by default"),
    "channels-redis": ("4.3.0", "earlier ones drop sockets"),
    "dramatiq": ("2.2.1", "the broker's settings were measured on it"),
    "bcrypt": ("5", "earlier ones cut passwords after 72 bytes without a word"),
    "psycopg": ("3.3", "the pool's health checks"),
}


def number(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, for comparison."""
    return tuple(int(part) for part in re.match(r"\d+(?:\.\d+)*", version)[0].split("."))  # type: ignore[index]
