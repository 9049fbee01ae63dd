"""What is read of a person's progress.

Invariant: every figure of the summary is derived from the logs when asked for; none is stored.
"""

import datetime as dt
from typing import Any

from config import cache
from progress import schemas, trend
from progress.models import ProgressLog
from users import selectors as people
from users import targets
from users.models import User

SUMMARY_WEEKS = 12


def logs(user: User, first: dt.date, last: dt.date) -> cache.Answer:
    """Return the logs of a range of dates, both ends included, oldest first."""

    def load() -> bytes:
        rows = ProgressLog.objects.filter(user=user, date__range=(first, last)).order_by("date")
        return schemas.ProgressLogs(items=[shown(row) for row in rows]).model_dump_json().encode()

    return cache.read_through(user.pk, f"progress:{first}:{last}", load)


def log_or_none(user: User, date: dt.date) -> dict[str, Any] | None:
    row = ProgressLog.objects.filter(user=user, date=date).first()
    return shown(row).model_dump(mode="json") if row else None


def shown(row: ProgressLog) -> schemas.ProgressLog:
    return schemas.ProgressLog.model_validate(row, from_attributes=True)


def summary(user: User, today: dt.date) -> cache.Answer:
    """Return where the person stands today, from the logs of the last 12 weeks."""
    return cache.read_through(user.pk, f"summary:{today}", lambda: _summary(user, today).model_dump_json().encode())


def _summary(user: User, today: dt.date) -> schemas.Summary:
    first = today - dt.timedelta(weeks=SUMMARY_WEEKS)
    rows = list(ProgressLog.objects.filter(user=user, date__range=(first, today)).order_by("date"))
    prior = _formula_tdee(user)
    found = trend.estimate([_reading(row) for row in rows], prior=prior or 0.0, today=today)
    weight, rate = found.weight, found.rate
    return schemas.Summary(
        trend_weight=weight,
        weekly_rate=rate,
        weekly_rate_percent=round(100 * rate / weight, 2) if rate is not None and weight else None,
        state=found.state,
        tdee=found.tdee if prior else None,
        tdee_low=found.low if prior else None,
        tdee_high=found.high if prior else None,
        intake=found.intake,
        days_logged=len(rows),
        streak=_streak([row.date for row in rows], today),
        trend=[schemas.TrendPoint(date=point.date, weight=round(point.weight, 2)) for point in found.points],
    )


def _formula_tdee(user: User) -> float | None:
    """Return what the formula says, None while the profile does not allow it."""
    try:
        return float(targets.targets(people.person(user)).tdee)
    except people.ProfileIncomplete:
        return None


def _reading(row: ProgressLog) -> trend.Reading:
    return trend.Reading(date=row.date, weight=row.weight, intake=row.calories_consumed if row.complete else None)


def _streak(dates: list[dt.date], today: dt.date) -> int:
    """Return how many days in a row were logged, up to today or yesterday."""
    logged = set(dates)
    day = today if today in logged else today - dt.timedelta(days=1)
    length = 0
    while day in logged:
        length, day = length + 1, day - dt.timedelta(days=1)
    return length
