"""Whose plan is made next, when more people wait than there are workers.

Invariant: every queued job has a message of its own, on its way or in the queue; a message whose person has just been
served lets somebody else's job go first, and is sent again.

So who asks for a hundred plans has every worker while nobody else wants one, and one turn in two from then on. Losing
a race for somebody's job costs nothing: that job is being made, and one's own message is in the queue.
"""

import uuid

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from ai import services
from ai.models import JobStatus, PlanJob
from config.broker import nudge

# Of the people who wait, the one whose last plan was begun longest ago. No job is older than its deadline, so those of
# the last ten minutes say who was served.
NEXT_PERSON = """
    WITH waiting AS (
        SELECT user_id, min(created_at) AS since FROM plan_jobs
        WHERE status = 'queued' AND run_after <= statement_timestamp() AND attempts < max_attempts GROUP BY user_id
    )
    SELECT waiting.user_id FROM waiting LEFT JOIN LATERAL (
        SELECT max(started_at) AS at FROM plan_jobs
        WHERE plan_jobs.user_id = waiting.user_id AND created_at > statement_timestamp() - interval '10 minutes'
    ) served ON true
    ORDER BY served.at NULLS FIRST, waiting.since LIMIT 1
"""


def whose(job_id: uuid.UUID) -> uuid.UUID:
    """Return the job to make now that a message for `job_id` is here: that one, or one of somebody whose turn it is."""
    due = PlanJob.objects.filter(status=JobStatus.QUEUED, run_after__lte=Now(), attempts__lt=F("max_attempts"))
    person = due.filter(pk=job_id).values_list("user_id", flat=True).first()
    if person is None or (first := _next_person()) in {person, None}:
        return job_id
    theirs = due.filter(user_id=first).order_by("created_at").values_list("pk", flat=True).first()
    if theirs is None:
        return job_id
    nudge(services.ACTOR, job_id)
    return theirs


def _next_person() -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(NEXT_PERSON)
        found = cursor.fetchone()
    return int(found[0]) if found else None
