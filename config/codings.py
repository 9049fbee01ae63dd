"""Which coding of an answer a client is to get: as it is, or packed with gzip.

Invariant: nobody is sent what they said they cannot read; a header that makes no sense asks for the answer as it is.
"""

import re
from functools import lru_cache

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


@lru_cache(maxsize=256)
def prefers_gzip(accept_encoding: str) -> bool:
    """Say whether gzip is acceptable, and no less wanted than the answer as it is (RFC 9110, 12.5.3)."""
    weights = dict(filter(None, map(_weighed, accept_encoding.lower().split(","))))
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def _weighed(part: str) -> tuple[str, float] | None:
    """Return a coding and its weight; None for what cannot be read."""
    coding, _, parameter = (piece.strip() for piece in part.partition(";"))
    if not parameter:
        return coding, 1.0
    found = _WEIGHT.fullmatch(re.sub(r"\s", "", parameter))
    return (coding, float(found.group(1))) if found else None
