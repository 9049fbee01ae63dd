"""What to lift next: the double progression of a logged exercise, its e1RM, and when a light week is due.

Invariant: a load never rises without two sessions at the top of the range, and always lands on what the equipment
holds.
"""

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

MAX_REPS = 10  # beyond ten repetitions both formulas drift apart (Reynolds, Gordon & Robergs 2006)
E1RM_DAYS = 42  # older sets say little about today's strength
STALL_SESSIONS = 3
LAYOFFS = ((42, 0.7), (28, 0.8), (14, 0.9))  # days without the exercise, share of the load to return at
STALLED_LIFTS, LEAST_WEEKS = 2, 3
TWICE = 2  # the 2-for-2 rule: sessions at the top
LIGHT_GAP = 9  # days without training that rest like a light week
DELOAD_WEEKS = {"beginner": 8, "intermediate": 6, "advanced": 4}
STEPS = (("barbell", 2.5), ("dumbbell", 2.0), ("kettlebell", 4.0), ("machine", 5.0), ("cable", 2.5))
LIGHTEST = {"barbell": 20.0, "dumbbell": 2.0, "kettlebell": 4.0, "machine": 5.0, "cable": 2.5}
DEFAULT_STEP = 1.0
OVER_TOP = 2  # repetitions past the range that earn a coarse step
HOLD_STEP = 5  # seconds by which a hold rises
BIG_STEP = 0.10  # +2-10 % a rise (ACSM 2009); a coarser step must be earned with more repetitions


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSet:
    """One performed working set: `load` in kg (0 for body weight), `rir` as the trainee felt it, `reps` or seconds."""

    date: dt.date
    reps: int
    load: float = 0.0
    rir: float | None = None
    pain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """The next target: `load` in kg, or None for body weight; `why` is one sentence for the trainee.

    `change` is start, add_load, add_reps, hold, deload, ease or return.
    """

    reps: int
    load: float | None
    change: str
    why: str


def e1rm(load: float, reps: int) -> float | None:
    """Estimate the one-repetition maximum (kg): mean of Epley 1985 and Brzycki 1993, only for 1-10 repetitions."""
    if load <= 0 or not 1 <= reps <= MAX_REPS:
        return None
    if reps == 1:
        return load
    return (load * (1 + reps / 30) + load * 36 / (37 - reps)) / 2


def best_e1rm(history: Sequence[LoggedSet], *, on: dt.date) -> float | None:
    """Return the best estimate (kg) of the last six weeks before `on`; None when no set qualifies."""
    recent = (entry for entry in history if 0 <= (on - entry.date).days <= E1RM_DAYS and not entry.pain)
    estimates = [estimate for entry in recent if (estimate := e1rm(entry.load, entry.reps)) is not None]
    return max(estimates, default=None)


def share_of_e1rm(repetitions: int) -> float:
    """Return the share (0-1) of the e1RM that allows this many repetitions to failure: the inverse of `e1rm`.

    Past ten the mean errs towards lighter loads, which is the safe side.
    """
    reps = max(1, min(repetitions, 30))
    return 1.0 if reps == 1 else 2 / ((1 + reps / 30) + 36 / (37 - reps))


def load_step(equipment: Collection[str]) -> float:
    """Return the smallest change of load (kg) on this equipment: the coarsest of what the exercise uses."""
    steps = [step for name, step in STEPS if name in equipment]
    return max(steps, default=DEFAULT_STEP)


def round_load(load: float, equipment: Collection[str]) -> float:
    """Round a load (kg) down to the equipment's step, never below its lightest piece."""
    step = load_step(equipment)
    lightest = max((LIGHTEST[name] for name in LIGHTEST if name in equipment), default=step)
    return max(lightest, math.floor(load / step + 1e-9) * step)


def next_prescription(
    history: Sequence[LoggedSet], *, rep_range: tuple[int, int], equipment: Collection[str], on: dt.date, by: int = 1
) -> Prescription:
    """Return the next target by double progression from logged sets, oldest first.

    Repetitions rise within the range at one load; two sessions running at the top add 2-10 % (the 2-for-2 rule, Baechle
    & Earle, NSCA), and the count starts again at the bottom. Pain eases, a lay-off returns lighter, three sessions
    without a gain step back by a tenth. A hold rises in seconds, `HOLD_STEP` as `by`.
    """
    sessions = _sessions([entry for entry in history if entry.date < on])
    bottom, _ = rep_range
    if not sessions:
        return Prescription(reps=bottom, load=None, change="start", why="First time: find a load that feels easy.")
    last = sessions[-1]
    load = last[0].load
    away = (on - last[0].date).days
    for days, share in LAYOFFS:
        if away > days:
            why = f"{away} days away: come back at {round(share * 100)} % and build up."
            return _at(load * share, bottom, equipment, "return", why)
    if any(entry.pain for entry in last):
        return _at(load * 0.8, bottom, equipment, "ease", "It hurt last time: lighter, pain-free range, or swap it.")
    return _progress(sessions, rep_range, equipment, by)


def outgrown(history: Sequence[LoggedSet], *, top: int, on: dt.date) -> bool:
    """Tell whether two sessions running had every set at the top of the range without a load: time for more."""
    sessions = _sessions([entry for entry in history if entry.date < on])[-TWICE:]
    sets = [entry for session in sessions for entry in session]
    return len(sessions) == TWICE and all(entry.reps >= top and not entry.load and not entry.pain for entry in sets)


def too_hard(history: Sequence[LoggedSet], *, bottom: int, on: dt.date) -> bool:
    """Tell whether two sessions running stayed under the range without a load: time for less."""
    sessions = _sessions([entry for entry in history if entry.date < on])[-TWICE:]
    best = [max(entry.reps for entry in session) for session in sessions if not session[0].load]
    return len(best) == TWICE and max(best) < bottom


def deload_reason(
    trained: Sequence[dt.date],
    histories: Mapping[str, Sequence[LoggedSet]],
    *,
    level: str,
    on: dt.date,
    last_deload: dt.date | None = None,
) -> str | None:
    """Say why the week from `on` should be light, or None: 4-8 weeks without one by level, or two stalled lifts.

    `trained` are the dates of sessions; more than nine days without one count as a light week.
    """
    start = _block_start(sorted(day for day in trained if day < on), last_deload)
    if start is None or (on - _last(trained, on)).days > LIGHT_GAP:
        return None
    weeks = (on - start).days // 7
    stalled = [slug for slug, history in histories.items() if is_stalled(history, on=on)]
    if weeks >= DELOAD_WEEKS[level]:
        return f"{weeks} weeks of training without a light one."
    if len(stalled) >= STALLED_LIFTS and weeks >= LEAST_WEEKS:
        return f"{len(stalled)} exercises have not moved for {STALL_SESSIONS} sessions."
    return None


def is_stalled(history: Sequence[LoggedSet], *, on: dt.date) -> bool:
    """Tell whether the last three sessions of an exercise brought neither load nor repetitions."""
    sessions = _sessions([entry for entry in history if entry.date < on])[-STALL_SESSIONS - 1 :]
    if len(sessions) < STALL_SESSIONS + 1:
        return False
    reference = sessions[0]
    return all(not _better(session, reference) for session in sessions[1:])


def _progress(
    sessions: Sequence[Sequence[LoggedSet]], rep_range: tuple[int, int], equipment: Collection[str], by: int
) -> Prescription:
    """Decide between more load, more repetitions, the same, and a step back."""
    bottom, top = rep_range
    last = sessions[-1]
    load, done = last[0].load, min(entry.reps for entry in last)
    step = load_step(equipment)
    goal = top + OVER_TOP if load and by == 1 and step / load > BIG_STEP else top
    same_load = [session for session in sessions[-2:] if session[0].load == load]
    if len(same_load) == TWICE and all(entry.reps >= goal for session in same_load for entry in session):
        return _raise(load, rep_range, equipment)
    if _stalled_at(sessions, load) and done < goal:
        return _at(
            load * 0.9, bottom, equipment, "deload", "No gain in three sessions: a tenth lighter, then up again."
        )
    if done < bottom and len(same_load) == TWICE and min(entry.reps for entry in same_load[0]) < bottom:
        return _at(load * 0.95, bottom, equipment, "ease", "Twice under the range: a little lighter.")
    if done >= goal:
        return _at(load, goal, equipment, "hold", "At the top once: repeat it, then add load.")
    target = max(bottom, min(done + by, goal))
    more = "one repetition" if by == 1 else f"{by} seconds"
    return _at(load, target, equipment, "add_reps", f"Same load, {more} more.")


def _raise(load: float, rep_range: tuple[int, int], equipment: Collection[str]) -> Prescription:
    """Add the smallest step of at least 2 %; at body weight ask for a harder variant."""
    bottom, top = rep_range
    if not load:
        return Prescription(
            reps=top, load=None, change="hold", why="Top of the range twice: move on to the harder variant."
        )
    step = load_step(equipment)
    heavier = load + step * max(1, math.ceil(load * 0.02 / step - 1e-9))
    return _at(heavier, bottom, equipment, "add_load", "Top of the range twice: more load, back to the low end.")


def _at(load: float, reps: int, equipment: Collection[str], change: str, why: str) -> Prescription:
    """Round the load and make the prescription."""
    rounded = round_load(load, equipment) if load else None
    return Prescription(reps=reps, load=rounded, change=change, why=why)


def _sessions(history: Sequence[LoggedSet]) -> list[list[LoggedSet]]:
    """Group sets by date, in order, keeping only each day's sets at its heaviest load (ramp sets drop out)."""
    by_date: dict[dt.date, list[LoggedSet]] = {}
    for entry in sorted(history, key=lambda entry: entry.date):
        by_date.setdefault(entry.date, []).append(entry)
    return [_heaviest(day) for day in by_date.values()]


def _heaviest(day: Sequence[LoggedSet]) -> list[LoggedSet]:
    """Return the day's working sets."""
    load = max(entry.load for entry in day)
    return [entry for entry in day if entry.load == load]


def _stalled_at(sessions: Sequence[Sequence[LoggedSet]], load: float) -> bool:
    """Tell whether the last three sessions after a reference stayed at one load without a better one."""
    recent = sessions[-STALL_SESSIONS - 1 :]
    if len(recent) < STALL_SESSIONS + 1 or any(session[0].load != load for session in recent):
        return False
    return all(not _better(session, recent[0]) for session in recent[1:])


def _better(session: Sequence[LoggedSet], reference: Sequence[LoggedSet]) -> bool:
    """Tell whether a session beats the reference: more load, or more repetitions at the same load."""
    if session[0].load != reference[0].load:
        return session[0].load > reference[0].load
    return sum(entry.reps for entry in session) > sum(entry.reps for entry in reference)


def _block_start(trained: Sequence[dt.date], last_deload: dt.date | None) -> dt.date | None:
    """Return the first training day after the latest light week or gap of more than nine days."""
    days = [day for day in trained if last_deload is None or day >= last_deload + dt.timedelta(days=7)]
    start = days[0] if days else None
    for before, after in zip(days, days[1:], strict=False):
        if (after - before).days > LIGHT_GAP:
            start = after
    return start


def _last(trained: Sequence[dt.date], on: dt.date) -> dt.date:
    """Return the latest training day before `on`."""
    return max(day for day in trained if day < on)
