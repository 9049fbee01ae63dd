"""The cache of the peers: one hash a person with its live sessions and finished answers, as the product keeps them.

Invariant: what is asked for is one HMGET.
"""


def question(user: int | str, session: str, date: str) -> tuple[bytes, ...]:
    """Return the command that says whether the session lives and what the answer is."""
    return b"HMGET", key(user), f"session:{session}".encode(), date.encode()


def key(user: int | str) -> bytes:
    return f"peers:{user}".encode()


def opened(stored: bytes) -> tuple[str, bytes]:
    """Return ETag and body."""
    return stored[:26].decode(), stored[26:]
