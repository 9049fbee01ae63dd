"""What is read of jobs: by their owner, and as numbers by operators.

Invariant: a job is only found for its owner.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from ai import schemas
from ai.models import ACTIVE, AICall, JobStatus, PlanJob
from config import errors

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


class NoJob(errors.NotFound):
    code = "no_job"
    detail = "There is no such job."


def job(user_id: int, job_id: uuid.UUID) -> PlanJob:
    """Return the person's job.

    :raises NoJob: when there is none of theirs.
    """
    found = PlanJob.objects.filter(pk=job_id, user_id=user_id).first()
    if found is None:
        raise NoJob
    return found


def jobs(user_id: int, cursor: str | None, limit: int) -> schemas.Jobs:
    """Return a page of the person's jobs, newest first.

    :raises errors.Invalid: for a cursor that we did not give.
    """
    rows = PlanJob.objects.filter(user_id=user_id).order_by("-created_at", "-id")
    if cursor:
        created_at, job_id = _position(cursor)
        rows = rows.filter(created_at__lte=created_at).exclude(created_at=created_at, id__gte=job_id)
    page = list(rows[: limit + 1])
    more = len(page) > limit
    return schemas.Jobs(
        items=[shown(row) for row in page[:limit]],
        next_cursor=_cursor(page[limit - 1]) if more else None,
    )


def _cursor(row: PlanJob) -> str:
    return f"{(row.created_at - EPOCH) // MICROSECOND}-{row.pk.hex}"


def _position(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    moment, _, job_id = cursor.partition("-")
    try:
        return EPOCH + int(moment) * MICROSECOND, uuid.UUID(hex=job_id)
    except (ValueError, OverflowError):
        raise errors.Invalid.field("/cursor", "unknown_cursor", "was not given by this API") from None


def shown(row: PlanJob) -> schemas.Job:
    fields = {name: getattr(row, name) for name in schemas.Job.model_fields if name not in {"id", "links"}}
    return schemas.Job.model_validate({**fields, "id": str(row.pk), "links": _links(row)})


def _links(row: PlanJob) -> dict[str, str]:
    links = {"self": f"/api/v1/jobs/{row.pk}"}
    if row.status == JobStatus.SUCCEEDED:
        last = row.start_date + dt.timedelta(days=row.days - 1)
        span = urlencode({"from": row.start_date.isoformat(), "to": last.isoformat()})
        if row.kind != "workout":
            links["meal_plans"] = f"/api/v1/meal-plans?{span}"
        if row.kind != "meal":
            links["workout_plans"] = f"/api/v1/workout-plans?{span}"
    return links


def job_metrics() -> Iterator[GaugeMetricFamily]:
    """Yield the gauges that speak for all workers: jobs by state, the oldest that waits, calls by outcome."""
    states = GaugeMetricFamily("regimen_jobs", "Plan jobs by state.", labels=["status"])
    found = dict(PlanJob.objects.values_list("status").annotate(Count("id")))
    for status in JobStatus.values:
        states.add_metric([status], found.get(status, 0))
    yield states
    oldest = PlanJob.objects.filter(status__in=ACTIVE).aggregate(at=Min("created_at"))["at"]
    age = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    yield GaugeMetricFamily("regimen_jobs_oldest_active_seconds", "Age of the oldest unfinished job.", value=age)
    calls = GaugeMetricFamily("regimen_ai_calls", "Calls to models by outcome.", labels=["provider", "outcome"])
    for provider, outcome, count in AICall.objects.values_list("provider", "outcome").annotate(Count("id")):
        calls.add_metric([provider, outcome], count)
    yield calls
