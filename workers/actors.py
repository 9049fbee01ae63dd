"""Every background job, on one page.

Invariant: an actor takes a row's id and makes one call; it may run twice, or late, and no harm is done.
"""

import uuid

import dramatiq

from ai import services
from config.broker import QUEUE
from users import export, letters

TIME_LIMIT_MS = 120_000  # the last net: every job keeps its own, shorter deadline


@dramatiq.actor(queue_name=QUEUE, time_limit=TIME_LIMIT_MS)
def generate_plan(job_id: str) -> None:
    services.fulfil(uuid.UUID(job_id))


@dramatiq.actor(queue_name=QUEUE, time_limit=TIME_LIMIT_MS)
def send_letter(letter_id: str) -> None:
    letters.deliver(uuid.UUID(letter_id))


@dramatiq.actor(queue_name=QUEUE, time_limit=TIME_LIMIT_MS)
def make_export(export_id: str) -> None:
    export.make(uuid.UUID(export_id))
