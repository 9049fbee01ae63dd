"""Progress over HTTP: parse, one call, status.

Invariant: a log is only ever looked up for the person behind the token.
"""

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Status

from config import cache, errors
from config.schemas import Date, From, To, date_range
from progress import schemas, selectors, services
from users import selectors as people
from users.auth import Request, bearer

router = Router(auth=bearer)


class NoLog(errors.NotFound):
    code = "no_log"
    detail = "Nothing is logged for this date."


@router.post(
    "/progress",
    response={200: schemas.ProgressLog, 201: schemas.ProgressLog},
    summary="Log a day",
    operation_id="logProgress",
)
def log_progress(request: Request, body: schemas.Log) -> Status[schemas.ProgressLog]:
    """201 for a new date, 200 when the date was logged before; fields that are not sent keep their value."""
    fields = body.model_dump(exclude_unset=True, exclude={"date"})
    log, created = services.log_day(user_id=request.auth.pk, date=body.date, fields=fields)
    return Status(201 if created else 200, selectors.shown(log))


@router.get("/progress", response=schemas.ProgressLogs, summary="The log of a range", operation_id="listProgress")
def list_progress(request: Request, from_: From, to: To) -> HttpResponse:
    """At most 62 days, oldest first."""
    return cache.respond(request, selectors.logs(request.auth, *date_range(from_, to)))


# before the path with a date: the first path that matches is taken
@router.get("/progress/summary", response=schemas.Summary, summary="Where I stand", operation_id="getProgressSummary")
def summary(request: Request) -> HttpResponse:
    """Trend weight, weekly rate and adaptive expenditure with its band, from the logs of the last 12 weeks."""
    return cache.respond(request, selectors.summary(request.auth, people.today(request.auth, timezone.now())))


@router.delete("/progress/{date}", response={204: None}, summary="Delete a day's log", operation_id="deleteProgress")
def delete_progress(request: Request, date: Date) -> Status[None]:
    """404 `no_log` when nothing is logged for the date."""
    if not services.delete_day(user_id=request.auth.pk, date=date):
        raise NoLog
    return Status(204, None)
