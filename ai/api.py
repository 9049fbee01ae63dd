"""Plan generation over HTTP: parse, one call, status.

Invariant: a job is accepted at once and made elsewhere; waiting for it never holds a database connection.
"""

import re
import secrets
import time
import uuid
from typing import Annotated, Any

from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from ninja import Header, Query, Router, Status

from ai import schemas, selectors, services
from ai.models import ACTIVE, PlanJob
from config import cache
from users import selectors as people
from users.auth import Request, bearer

router = Router(auth=bearer)

MAX_WAIT = 30
POLL_SECONDS = 0.1
_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")


@router.post(
    "/generate-plan",
    response={202: schemas.Job, 200: schemas.Job, 409: None},
    summary="Ask for a plan",
    operation_id="generatePlan",
)
def generate_plan(
    request: Request,
    response: HttpResponse,
    body: schemas.GeneratePlan,
    prefer: Annotated[
        str, Header(alias="Prefer", description="`wait=N`: answer when the plan is ready, N ≤ 30 s")
    ] = "",
    idempotency_key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", min_length=1, max_length=255, description="repeat the request safely"),
    ] = None,
) -> Status[schemas.Job]:
    """Answers 202 with a job; follow it over the WebSocket, or at its `Location`.

    Workers make the plan; with no model configured, or when it does not help, the planner makes it.
    409 `already_running` names an unfinished job for some of the same days.
    """
    user = request.auth
    job, replayed = services.request_plan(
        user=user,
        params=_params(body) | {"start_date": body.start_date or people.today(user, timezone.now())},
        seed=secrets.randbits(53),
        idempotency_key=idempotency_key,
        hurried=_seconds(prefer) > 0,
    )
    if replayed:
        response["Idempotent-Replayed"] = "true"
    job = _wait(job, _seconds(prefer))
    response["Location"] = f"/api/v1/jobs/{job.pk}"
    if job.status not in ACTIVE:
        return Status(200, selectors.shown(job))
    response["Retry-After"] = "1"
    return Status(202, selectors.shown(job))


@router.get("/jobs", response=schemas.Jobs, summary="My jobs, newest first", operation_id="listJobs")
def list_jobs(
    request: Request,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,17}-[0-9a-f]{32}$")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Jobs:
    """A page of jobs; `next_cursor` asks for the next."""
    return selectors.jobs(request.auth.pk, cursor, limit)


@router.get("/jobs/{job_id}", response=schemas.Job, summary="One job", operation_id="getJob")
def get_job(request: Request, job_id: uuid.UUID) -> HttpResponse:
    """Its state, how far it is, and links to the plans once it has succeeded."""
    return cache.respond(request, selectors.reading(request.auth.pk, job_id))


@router.get(
    "/jobs/{job_id}/explanation",
    response=schemas.Explanation,
    summary="How a plan came about",
    operation_id="getJobExplanation",
)
def get_job_explanation(request: Request, job_id: uuid.UUID) -> schemas.Explanation:
    """The brief that a model was or would have been given, what it chose, what was repaired and why, every figure.

    404 `no_explanation` until the plan is ready. A model's `reason` is to be shown as plain text.
    """
    return selectors.explanation(request.auth.pk, job_id)


@router.delete(
    "/jobs/{job_id}",
    response={200: schemas.Job, 202: schemas.Job, 409: None},
    summary="Cancel a job",
    operation_id="cancelJob",
)
def cancel_job(request: Request, job_id: uuid.UUID) -> Status[schemas.Job]:
    """200 when it is cancelled, 202 when its worker has been asked to stop, 409 when it has ended already."""
    job = selectors.job(request.auth.pk, job_id)
    job = services.cancel_job(user_id=job.user_id, job_id=job.pk)
    return Status(202 if job.status in ACTIVE else 200, selectors.shown(job))


def _params(body: schemas.GeneratePlan) -> dict[str, Any]:
    return body.model_dump(exclude_none=True)


def _seconds(prefer: str) -> int:
    found = _WAIT.search(prefer)
    return min(int(found.group(1)), MAX_WAIT) if found else 0


def _wait(job: PlanJob, seconds: int) -> PlanJob:
    """Return the job once it has ended, or as it is after `seconds`."""
    end = time.monotonic() + seconds
    while seconds and job.status in ACTIVE and time.monotonic() < end:
        connection.close()  # back into the pool while we sleep
        time.sleep(POLL_SECONDS)
        job.refresh_from_db()
    return job
