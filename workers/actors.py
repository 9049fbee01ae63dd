"""Every background job, on one page.

Invariant: an actor takes a row's id and makes one call; it may run twice, or late, and no harm is done.
"""

import uuid

import dramatiq

from ai import services
from config.broker import queue_of
from users import export, letters
from workers import drain, turns

TIME_LIMIT_MS = 120_000  # the last net: every job keeps its own, shorter deadline
AT_ONCE, SOON, LATER = 0, 5, 10  # of what a worker has fetched, the lowest is done first


@dramatiq.actor(queue_name=queue_of("send_letter"), time_limit=TIME_LIMIT_MS, priority=AT_ONCE)
def send_letter(letter_id: str) -> None:
    letters.deliver(uuid.UUID(letter_id))


@dramatiq.actor(queue_name=queue_of("generate_plan"), time_limit=TIME_LIMIT_MS, priority=SOON)
def generate_plan(job_id: str) -> None:
    if job := turns.take(uuid.UUID(job_id)):
        with drain.holding(job.pk):
            services.work_on(job)


@dramatiq.actor(queue_name=queue_of("make_export"), time_limit=TIME_LIMIT_MS, priority=LATER)
def make_export(export_id: str) -> None:
    export.make(uuid.UUID(export_id))
