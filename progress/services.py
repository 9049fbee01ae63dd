"""Logging a day.

Invariant: a log and its event commit together, under the person's row lock.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from config import cache
from progress.events import ProgressDeleted, ProgressLogged
from progress.models import ProgressLog
from users import events


@transaction.atomic
def log_day(*, user_id: int, date: dt.date, fields: Mapping[str, Any]) -> tuple[ProgressLog, bool]:
    """Store what is known of a date; return the log and whether it is new."""
    events.record(user_id, ProgressLogged(date=date.isoformat()))
    log, created = ProgressLog.objects.update_or_create(user_id=user_id, date=date, defaults=dict(fields))
    cache.forget(user_id)
    return log, created


@transaction.atomic
def delete_day(*, user_id: int, date: dt.date) -> bool:
    """Delete a date's log; say whether there was one."""
    deleted, _ = ProgressLog.objects.filter(user_id=user_id, date=date).delete()
    if deleted:
        events.record(user_id, ProgressDeleted(date=date.isoformat()))
        cache.forget(user_id)
    return bool(deleted)
