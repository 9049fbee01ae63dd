"""The weekly proposal of a new energy target, and what the logs say of effort: adherence, streak, goal date, strength.

Invariant: a proposal moves at most 150 kcal a week and never goes below the floor; only a target that is already below
its floor rises by more.
"""

import datetime as dt
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from progress.trend import KCAL_PER_KG, Reading, Trend

MAX_STEP = 150  # kcal a week: small enough to live with, and an error of the estimate cannot run away
MIN_STEP = 40  # kcal; less is within the rounding of portions
WIDEST_BAND = 700  # kcal between the ends of the 95 % band; wider says too little to act on
MAX_DEFICIT_SHARE, MAX_DEFICIT, MAX_SURPLUS_SHARE = 0.25, 1000, 0.15  # as in users.targets
STEADY_RATE = 0.05  # kg a week; slower is standing still
FURTHEST_WEEKS = 156  # a date more than three years away is no help
ON_TARGET = 0.10  # share of the energy target either side
EPLEY_REPS = 30  # Epley, Boyd Epley Workout, 1985: w (1 + r / 30)
BRZYCKI_REPS = 37  # Brzycki, JOPERD 1993;64:88: 36 w / (37 - r)
MAX_REPS = 10  # both formulas drift apart beyond this


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a person wants and may do: plain numbers out of `users.targets`.

    kcal: the energy target in force; floor: the least energy that is safe, kcal; weekly_change: the wished change in kg
    a week, negative to lose; deficit_allowed, surplus_allowed: False where health rules one out.
    """

    kcal: int
    floor: int
    weekly_change: float
    deficit_allowed: bool = True
    surplus_allowed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The energy target for the next week; `change` is against today's. `wanted` is where the steps lead.

    code: `learning`, `holding`, `unsure`, `keep`, `raise`, `lower` or `floor`; cause says the same in sentences.
    """

    kcal: int
    change: int
    wanted: int
    code: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """Shares from 0 to 1: of the days, those fully logged; of these, those on target (None when there are none)."""

    logged: float
    on_target: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformedSet:
    """A logged set: load in kg, repetitions done and left in reserve."""

    exercise: str
    date: dt.date
    load: float
    reps: int
    rir: int = 0


def propose(trend: Trend, aim: Aim) -> Proposal:
    """Return the target for the next week: a bounded step from today's towards what the expenditure asks for."""
    wanted = max(_safe_target(trend.tdee, aim), aim.floor)
    if aim.kcal < aim.floor:
        cause = f"Your target is below {_kcal(aim.floor)}, the least that is safe for you, so it rises to that."
        return _proposal(aim.floor, aim, wanted, "floor", cause)
    waiting = _reason_to_wait(trend)
    if waiting is not None:
        return _proposal(aim.kcal, aim, wanted, *waiting)
    step = max(-MAX_STEP, min(MAX_STEP, wanted - aim.kcal))
    if abs(step) < MIN_STEP:
        cause = f"{_evidence(trend)} Your target of {_kcal(aim.kcal)} still fits, so it stays."
        return _proposal(aim.kcal, aim, wanted, "keep", cause)
    kcal = aim.kcal + step  # both ends of the step are at or above the floor
    return _proposal(kcal, aim, wanted, "raise" if step > 0 else "lower", _step_cause(trend, aim, kcal, wanted))


def adherence(readings: Iterable[Reading], *, kcal: int, start: dt.date, end: dt.date) -> Adherence:
    """Return how the days from `start` to `end`, both included, were kept; within 10 % of `kcal` is on target."""
    days = (end - start).days + 1
    eaten = {day.date: day.intake for day in readings if day.intake is not None and start <= day.date <= end}
    hits = sum(abs(intake - kcal) <= ON_TARGET * kcal for intake in eaten.values())
    return Adherence(
        logged=len(eaten) / days if eaten else 0.0,
        on_target=hits / len(eaten) if eaten else None,
    )


def attendance(*, done: int, planned: int) -> float | None:
    """Return the share of the planned workouts that was done, 0 to 1; None when none was planned."""
    return min(1.0, done / planned) if planned else None


def streak(logged: Collection[dt.date], *, today: dt.date) -> int:
    """Return how many days in a row were logged up to today, or up to yesterday while today is still open."""
    dates = set(logged)
    day = today if today in dates else today - dt.timedelta(days=1)
    count = 0
    while day - dt.timedelta(days=count) in dates:
        count += 1
    return count


def goal_date(*, weight: float, goal: float, rate: float | None, today: dt.date) -> dt.date | None:
    """Return when the goal weight (kg) is reached at this rate (kg a week); None when it never is, or after 3 years."""
    missing = goal - weight
    if abs(missing) < STEADY_RATE:
        return today
    if rate is None or abs(rate) < STEADY_RATE or rate * missing < 0:
        return None
    weeks = missing / rate
    return today + dt.timedelta(days=math.ceil(7 * weeks)) if weeks <= FURTHEST_WEEKS else None


def e1rm(*, load: float, reps: int, rir: int = 0) -> float | None:
    """Return the estimated one-repetition maximum in kg: the mean of Epley's and Brzycki's, to the nearest 0.1.

    Repetitions in reserve count as done. None beyond ten, where neither formula holds, and without load or repetition.
    """
    total = reps + rir
    if reps < 1 or rir < 0 or total > MAX_REPS or load <= 0:
        return None
    if total == 1:
        return round(load, 1)
    epley, brzycki = load * (1 + total / EPLEY_REPS), load * (BRZYCKI_REPS - 1) / (BRZYCKI_REPS - total)
    return round((epley + brzycki) / 2, 1)


def best_e1rm(sets: Iterable[PerformedSet], *, since: dt.date) -> dict[str, float]:
    """Return the best estimate in kg of every exercise from the sets done on or after `since`."""
    best: dict[str, float] = {}
    for one in sets:
        estimate = e1rm(load=one.load, reps=one.reps, rir=one.rir)
        if estimate is not None and one.date >= since:
            best[one.exercise] = max(estimate, best.get(one.exercise, 0.0))
    return best


def _safe_target(tdee: int, aim: Aim) -> int:
    """Return the energy that the wished change asks for, within the safe deficit and surplus."""
    wish = aim.weekly_change * KCAL_PER_KG / 7
    least = -min(MAX_DEFICIT, MAX_DEFICIT_SHARE * tdee) if aim.deficit_allowed else 0.0
    most = MAX_SURPLUS_SHARE * tdee if aim.surplus_allowed else 0.0
    return round(tdee + max(least, min(most, wish)))


def _reason_to_wait(trend: Trend) -> tuple[str, str] | None:
    """Return code and cause when the logs do not carry a change."""
    if trend.state == "learning":
        return "learning", "Two weeks of weigh-ins and complete food logs are needed first, so your target stays."
    if trend.state == "holding":
        return "holding", "Recent weigh-ins or complete food logs are too few, so your target stays for now."
    if trend.high - trend.low > WIDEST_BAND:
        return "unsure", "Your weigh-ins still scatter too much to tell what you burn, so your target stays."
    return None


def _step_cause(trend: Trend, aim: Aim, kcal: int, wanted: int) -> str:
    """Say why the target moves, and why not further."""
    words = [_evidence(trend), f"{_purpose(aim)} that asks for about {_kcal(wanted)} a day."]
    if kcal != wanted:
        words.append(f"A week changes by at most {MAX_STEP} kcal, so the next target is {_kcal(kcal)}.")
    elif wanted == aim.floor:
        words.append("That is the least that is safe for you.")
    return " ".join(words)


def _evidence(trend: Trend) -> str:
    """Say what was eaten, what the weight did and what follows from both."""
    known = []
    if trend.intake is not None:
        known.append(f"you ate about {_kcal(trend.intake)} a day")
    if trend.rate is not None:
        known.append(f"your weight {_movement(trend.rate)}")
    seen = " and ".join(known) or "your logs are complete"
    band = f"you burn about {_kcal(trend.tdee)} a day ({trend.low:,} to {trend.high:,})"
    return f"{seen[0].upper()}{seen[1:]}, so {band}."


def _movement(rate: float) -> str:
    """Say what the weight did, from kg a week."""
    if abs(rate) < STEADY_RATE:
        return "held steady"
    return f"{'rose' if rate > 0 else 'fell'} by {abs(rate):.1f} kg a week"


def _purpose(aim: Aim) -> str:
    """Say what the target is for."""
    if abs(aim.weekly_change) < STEADY_RATE:
        return "To keep your weight,"
    return f"To {'gain' if aim.weekly_change > 0 else 'lose'} {abs(aim.weekly_change):.1f} kg a week,"


def _proposal(kcal: int, aim: Aim, wanted: int, code: str, cause: str) -> Proposal:
    """Return the proposal, its change counted from the target in force."""
    return Proposal(kcal=kcal, change=kcal - aim.kcal, wanted=wanted, code=code, cause=cause)


def _kcal(value: int) -> str:
    """Write an energy as people read it."""
    return f"{value:,} kcal"
