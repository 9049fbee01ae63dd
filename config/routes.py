"""Which paths have answers that are kept in the cache, and under which name an answer is kept.

Invariant: a request that is named here would be answered with that name's answer; any spelling that could mean
something else has no name.
"""

import re
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Route:
    """A path of `settings.CACHED_READS`: how metrics call it, its answer's name, and how its one parameter looks."""

    label: str
    name: str
    query: re.Pattern[bytes]
    last: re.Pattern[str] | None = None  # of the path, where the parameter stands there


def _route(path: str, parameter: str, pattern: str, name: str) -> tuple[str, Route]:
    """Return a route and what it is found by: its path, or the part before the parameter."""
    above, _, last = path.rpartition("/")
    if last == f"<{parameter}>":
        return above, Route(path.lstrip("/"), name, re.compile(b""), re.compile(pattern))
    return path, Route(path.lstrip("/"), name, re.compile(f"(?:{parameter}=({pattern}))?".encode()))


_ROUTES = dict(_route(path, *rest) for path, rest in settings.CACHED_READS.items())


def find(path: str) -> Route | None:
    """Return the route of a path whose answers are kept."""
    if (route := _ROUTES.get(path)) is not None:
        return route if route.last is None else None
    above, _, last = path.rpartition("/")
    route = _ROUTES.get(above)
    return route if route is not None and route.last is not None and route.last.fullmatch(last) else None


def field(path: str, query: bytes) -> tuple[str, str] | None:
    """Return how metrics call the route, and under which name the cache would hold the answer."""
    if (route := find(path)) is None or (found := route.query.fullmatch(query)) is None:
        return None
    parameter = (found.group(1) or b"").decode() if route.last is None else path.rpartition("/")[2]
    return route.label, f"{route.name}:{parameter}"
