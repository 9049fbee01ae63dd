"""What is read of jobs: by their owner, and as numbers by operators.

Invariant: a job is only found for its owner.
"""

import datetime as dt
import math
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.db.models import Aggregate, Count, F, FloatField, Min, Q, Sum
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily

from ai import breaker, budget, schemas
from ai.models import ACTIVE, AICall, JobStatus, PlanJob
from config import cache, errors
from config.postgres.prepared import Prepared

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
LATELY = dt.timedelta(minutes=10)


class NoJob(errors.NotFound):
    code = "no_job"
    detail = "There is no such job."


class NoExplanation(errors.NotFound):
    code = "no_explanation"
    detail = "This job has made no plan yet, so there is nothing to explain."


_JOB = Prepared(
    lambda user_id, job_id: PlanJob.objects.filter(pk=job_id, user_id=user_id).defer("explanation"),
    user_id=-1,
    job_id=uuid.UUID(int=0),
)


def job(user_id: int, job_id: uuid.UUID) -> PlanJob:
    """Return the person's job.

    :raises NoJob: when there is none of theirs.
    """
    found = _JOB.first(user_id=user_id, job_id=job_id)
    if found is None:
        raise NoJob
    return found


class _Unfinished(Exception):
    """Carries the answer about a job that may be another in a moment."""


def reading(user_id: int, job_id: uuid.UUID) -> cache.Answer:
    """Return the person's job as clients read it; kept once it has ended: until then it changes by itself.

    :raises NoJob: when there is none of theirs.
    """

    def load() -> bytes:
        row = job(user_id, job_id)
        body = orjson.dumps(shown(row).model_dump())
        if row.status in ACTIVE:
            raise _Unfinished(body)
        return body

    try:
        return cache.read_through(user_id, f"job:{job_id}", load)
    except _Unfinished as unfinished:
        return cache.Answer.of(unfinished.args[0])


def explanation(user_id: int, job_id: uuid.UUID) -> schemas.Explanation:
    """Return how the plan of the person's job came about.

    :raises NoJob: when there is none of theirs.
    :raises NoExplanation: when it has no plan (yet).
    """
    stored = list(PlanJob.objects.filter(pk=job_id, user_id=user_id).values_list("explanation", flat=True))
    if not stored:
        raise NoJob
    if stored[0] is None:
        raise NoExplanation
    return schemas.Explanation.model_validate(stored[0])


def jobs(user_id: int, cursor: str | None, limit: int) -> schemas.Jobs:
    """Return a page of the person's jobs, newest first.

    :raises errors.Invalid: for a cursor that we did not give.
    """
    rows = PlanJob.objects.filter(user_id=user_id).defer("explanation").order_by("-created_at", "-id")
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
    yield from _queue_metrics(timezone.now())
    yield from _model_metrics(timezone.now())


def _queue_metrics(now: dt.datetime) -> Iterator[GaugeMetricFamily]:
    """Yield what is wrong with the queue: how long a due job waits for a worker, what is stuck, what failed lately."""
    waits = PlanJob.objects.filter(status=JobStatus.QUEUED, run_after__lte=now).aggregate(since=Min("run_after"))
    wait = (now - waits["since"]).total_seconds() if waits["since"] else 0.0
    yield GaugeMetricFamily("regimen_jobs_oldest_waiting_seconds", "How long the oldest due job waits.", value=wait)
    late = Q(status__in=ACTIVE, deadline_at__lt=now) | Q(status=JobStatus.RUNNING, lease_until__lt=now)
    stuck = PlanJob.objects.filter(late).count()
    yield GaugeMetricFamily("regimen_jobs_stuck", "Unfinished past the deadline, or left by their worker.", value=stuck)
    failed = GaugeMetricFamily("regimen_jobs_failed_lately", "Failed in the last 10 minutes, by code.", labels=["code"])
    lately = PlanJob.objects.filter(status=JobStatus.FAILED, finished_at__gte=now - LATELY)
    for code, count in lately.values_list("error__code").annotate(Count("id")):
        failed.add_metric([str(code)], count)
    yield failed
    seconds = GaugeMetricFamily(
        "regimen_job_seconds", "From the wish to the plan, of those of the last 10 minutes.", labels=["quantile"]
    )
    made = PlanJob.objects.filter(status=JobStatus.SUCCEEDED, finished_at__gte=now - LATELY)
    spans = made.annotate(took=F("finished_at") - F("created_at")).values_list("took", flat=True)
    took = sorted(span.total_seconds() for span in spans)
    for quantile in (0.5, 0.95) if took else ():
        seconds.add_metric([str(quantile)], took[math.ceil(quantile * len(took)) - 1])
    yield seconds


def _model_metrics(now: dt.datetime) -> Iterator[GaugeMetricFamily]:
    """Yield what models did: all calls by outcome, the UTC day's latency and cost, and which breakers are open."""
    calls = GaugeMetricFamily("regimen_ai_calls", "Calls to models by outcome.", labels=["provider", "outcome"])
    for provider, outcome, count in AICall.objects.values_list("provider", "outcome").annotate(Count("id")):
        calls.add_metric([provider, outcome], count)
    yield calls
    latency = GaugeMetricFamily(
        "regimen_ai_latency_seconds", "Time that a provider took for a plan, of today.", labels=["provider", "quantile"]
    )
    for day in provider_days(now):
        latency.add_metric([day.provider, "0.5"], day.p50)
        latency.add_metric([day.provider, "0.95"], day.p95)
    yield latency
    yield GaugeMetricFamily("regimen_ai_usd_today", "US dollars for models today.", value=float(budget.spent(now)))
    yield GaugeMetricFamily("regimen_ai_usd_cap", "US dollars a day at most.", value=float(settings.AI_USD_FOR_ALL))
    opened = GaugeMetricFamily("regimen_ai_breaker_open", "1: a provider is not asked, being ill.", labels=["provider"])
    for provider in settings.AI_PROVIDERS:
        opened.add_metric([provider.name], float(breaker.state(provider.name) != "closed"))
    yield opened


@dataclass(frozen=True, slots=True)
class ProviderDay:
    """A provider's UTC day: how many plans it was asked for, by outcome, the time it took (s) and its cost (US $)."""

    provider: str
    outcomes: Mapping[str, int]
    p50: float
    p95: float
    usd: Decimal


class _Percentile(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def provider_days(now: dt.datetime) -> list[ProviderDay]:
    """Return the UTC day of every provider that was asked or passed over, in the order of their names."""
    midnight = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    today = AICall.objects.filter(created_at__gte=midnight).order_by("provider")
    outcomes: dict[str, dict[str, int]] = {}
    for provider, outcome, count in today.values_list("provider", "outcome").annotate(Count("id")):
        outcomes.setdefault(provider, {})[outcome] = count
    asked = Q(attempts__gt=0) & ~Q(outcome="stopped")  # the rows of calls in flight say that too
    figures = today.values("provider").annotate(
        p50=_Percentile("latency_ms", fraction=0.5, filter=asked),
        p95=_Percentile("latency_ms", fraction=0.95, filter=asked),
        spent=Sum("usd"),
    )
    return [
        ProviderDay(
            row["provider"],
            outcomes[row["provider"]],
            (row["p50"] or 0) / 1000,
            (row["p95"] or 0) / 1000,
            row["spent"],
        )
        for row in figures
    ]
