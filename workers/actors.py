"""Every background job, on one page.

Invariant: an actor takes a row's id and makes one call; it may run twice, or late, and no harm is done.
"""

import uuid

import dramatiq

from ai import services
from config.broker import QUEUE
from users import export, letters
from workers import drain, turns

TIME_LIMIT_MS = 120_000  # the last net: every job keeps its own, shorter deadline
NOBODY_WAITS = 10  # of what a worker has fetched, that which a person looks at (0) is done first


@dramatiq.actor(queue_name=QUEUE, time_limit=TIME_LIMIT_MS)
def generate_plan(job_id: str) -> None:
    with drain.holding(turns.whose(uuid.UUID(job_id))) as turn:
        services.fulfil(turn)


@dramatiq.actor(queue_name=QUEUE, time_limit=TIME_LIMIT_MS)
def send_letter(letter_id: str) -> None:
    letters.deliver(uuid.UUID(letter_id))


@dramatiq.actor(queue_name=QUEUE, time_limit=TIME_LIMIT_MS, priority=NOBODY_WAITS)
def make_export(export_id: str) -> None:
    export.make(uuid.UUID(export_id))
