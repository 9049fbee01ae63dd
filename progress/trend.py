"""Where the weight is going and how much energy a person really burns, from weigh-ins and food logs with gaps.

Invariant: nothing is concluded before day 14, and a day without a log never counts as a day without food.
"""

import datetime as dt
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

KCAL_PER_KG = 7700  # Wishnofsky, Am J Clin Nutr 1958;6:542; holds for the slow changes that are tracked here
EWMA_ALPHA = 0.1  # Walker, The Hacker's Diet, 1991

PRIOR_SPREAD = 0.15  # share of the formula's TDEE; Mifflin-St Jeor x PAL misses one person by about this much
SCALE_SD = 0.8  # kg; from one morning to the next
BODY_SD = 0.08  # kg a day; water and gut content that stay for days, which the energy balance does not explain
DRIFT_SD = 8.0  # kcal a day; expenditure changes slowly
UNLOGGED_SD = 500.0  # kcal a day; how far an unlogged day strays from the logged ones
LONGEST_RUN = 14  # days; after this long without a log one more tells nothing new
OUTLIER_SD = 3.0  # a weigh-in further off than this is weighed down: a typing error must not move the targets
CONFIDENCE = 1.96  # standard deviations either side: the 95 % interval

LEARNING_DAYS, MIN_WEIGHINGS, MIN_LOGS = 14, 6, 8
HOLDING_WINDOW, RECENT_WEIGHINGS, RECENT_LOGS = 14, 3, 6
RATE_WINDOW, RATE_SPAN, RATE_POINTS = 28, 7, 4
INTAKE_WINDOW = 21


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One date's log: weight in kg, intake in kcal. Intake is None unless all that was eaten was logged."""

    date: dt.date
    weight: float | None = None
    intake: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The smoothed weight of a date, in kg."""

    date: dt.date
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What the logs say.

    weight: smoothed, kg, the last of `points`; rate: kg a week; tdee with its 95 % band `low`..`high`: kcal a day;
    intake: mean of the fully logged days of the last three weeks, kcal.
    state: `learning` (too little yet), `tracking`, or `holding` (the logs have gone thin: the last estimate stands).
    """

    points: tuple[Point, ...]
    weight: float | None
    rate: float | None
    tdee: int
    low: int
    high: int
    intake: int | None
    state: str


@dataclass(slots=True)
class _Filter:
    """A Kalman filter (Kalman 1960) over weight (kg) and TDEE (kcal a day), with the covariances of the two."""

    weight: float
    tdee: float
    ww: float
    wt: float
    tt: float

    def weigh(self, reading: float) -> None:
        """Take in a weigh-in; one beyond `OUTLIER_SD` gets the gain that puts it at that distance."""
        surprise = reading - self.weight
        spread = max(self.ww + SCALE_SD**2, (surprise / OUTLIER_SD) ** 2)
        gain_weight, gain_tdee = self.ww / spread, self.wt / spread
        self.weight += gain_weight * surprise
        self.tdee += gain_tdee * surprise
        self.tt -= gain_tdee * self.wt
        self.wt -= gain_weight * self.wt
        self.ww -= gain_weight * self.ww

    def eat(self, intake: float, variance: float) -> None:
        """Pass one day on `intake` kcal, known up to `variance` (kcal squared)."""
        self.weight += (intake - self.tdee) / KCAL_PER_KG
        self.ww += (self.tt / KCAL_PER_KG - 2 * self.wt) / KCAL_PER_KG + BODY_SD**2 + variance / KCAL_PER_KG**2
        self.wt -= self.tt / KCAL_PER_KG
        self.tt += DRIFT_SD**2


def estimate(readings: Iterable[Reading], *, prior: float, today: dt.date) -> Trend:
    """Return trend, rate and adaptive expenditure as of `today`; later readings are ignored, the last of a date counts.

    :param prior: the formula's TDEE, kcal a day, where the estimate starts.
    """
    known = {reading.date: reading for reading in readings if reading.date <= today}
    days = [known[date] for date in sorted(known)]
    points = ewma(days)
    tdee, spread = _expenditure(days, prior, today)
    recent = [day.intake for day in days if day.intake is not None and _age(day, today) < INTAKE_WINDOW]
    return Trend(
        points=points,
        weight=round(points[-1].weight, 2) if points else None,
        rate=_rate(days, today),
        tdee=round(tdee),
        low=round(tdee - CONFIDENCE * spread),
        high=round(tdee + CONFIDENCE * spread),
        intake=round(statistics.fmean(recent)) if recent else None,
        state=_state(days, today),
    )


def ewma(days: Sequence[Reading]) -> tuple[Point, ...]:
    """Return the exponentially weighted weight of every weigh-in, oldest first; needs no food log.

    A gap of n days gives the next weigh-in the weight of n daily ones: 1 - 0.9^n.
    """
    points: list[Point] = []
    for day in days:
        if day.weight is None:
            continue
        if not points:
            points.append(Point(date=day.date, weight=day.weight))
            continue
        share = 1 - (1 - EWMA_ALPHA) ** (day.date - points[-1].date).days
        points.append(Point(date=day.date, weight=points[-1].weight + share * (day.weight - points[-1].weight)))
    return tuple(points)


def _expenditure(days: Sequence[Reading], prior: float, today: dt.date) -> tuple[float, float]:
    """Return TDEE and its standard deviation, kcal a day, after filtering from the first weigh-in to today.

    An unlogged day is taken to be like the logged ones. Unlogged days in a row stray together (a holiday), so the n-th
    adds 2n - 1 times the variance of the first.
    """
    by_date = {day.date: day for day in days}
    first = next((day for day in days if day.weight is not None), None)
    if first is None or first.weight is None:
        return prior, PRIOR_SPREAD * prior
    state = _Filter(first.weight, prior, SCALE_SD**2, 0.0, (PRIOR_SPREAD * prior) ** 2)
    usual, run = prior, 0
    for number in range((today - first.date).days + 1):
        day = by_date.get(first.date + dt.timedelta(days=number))
        if day is not None and day.weight is not None and number > 0:
            state.weigh(day.weight)
        if day is not None and day.intake is not None:
            usual, run = usual + EWMA_ALPHA * (day.intake - usual), 0
            state.eat(day.intake, 0.0)
        else:
            run = min(run + 1, LONGEST_RUN)
            state.eat(usual, UNLOGGED_SD**2 * (2 * run - 1))
    return state.tdee, math.sqrt(state.tt)


def _rate(days: Sequence[Reading], today: dt.date) -> float | None:
    """Return the least-squares slope of the last four weeks' weigh-ins in kg a week, None when they are too few."""
    found = [(day.date, day.weight) for day in days if day.weight is not None and _age(day, today) < RATE_WINDOW]
    if len(found) < RATE_POINTS or (found[-1][0] - found[0][0]).days < RATE_SPAN:
        return None
    xs = [float((date - today).days) for date, _ in found]
    slope = statistics.linear_regression(xs, [weight for _, weight in found]).slope
    return round(7 * slope, 2)


def _state(days: Sequence[Reading], today: dt.date) -> str:
    """Say how far the estimate can be trusted, from how much and how recently was logged."""
    weighed = [_age(day, today) for day in days if day.weight is not None]
    logged = [_age(day, today) for day in days if day.intake is not None]
    if not weighed or weighed[0] < LEARNING_DAYS or len(weighed) < MIN_WEIGHINGS or len(logged) < MIN_LOGS:
        return "learning"
    fresh = sum(age < HOLDING_WINDOW for age in weighed), sum(age < HOLDING_WINDOW for age in logged)
    return "tracking" if fresh[0] >= RECENT_WEIGHINGS and fresh[1] >= RECENT_LOGS else "holding"


def _age(day: Reading, today: dt.date) -> int:
    """Return how many days ago a reading was."""
    return (today - day.date).days
