"""Which reads may go to a copy of the database that follows behind (`DATABASE_REPLICA_URL`).

Invariant: a read goes there only where the code says that its answer may be late; a write, a transaction, and every
answer to a person are the primary's.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connection, models

REPLICA = "replica"

_late: ContextVar[bool] = ContextVar("may_be_late", default=False)


@contextlib.contextmanager
def may_be_late() -> Iterator[None]:
    """Let the reads of this block be some seconds old. Read all of it inside: a queryset asks when it is evaluated."""
    token = _late.set(True)
    try:
        yield
    finally:
        _late.reset(token)


class Router:
    """Django's question which database to ask; None is the primary."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return REPLICA if _late.get() and REPLICA in settings.DATABASES and not connection.in_atomic_block else None

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str | None:
        return None

    def allow_relation(self, one: models.Model, other: models.Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db != REPLICA
