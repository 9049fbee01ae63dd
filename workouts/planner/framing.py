"""From a brief and an attempt to the search's problem: sessions with what they must hold, and the room left.

Invariant: the room of a slot is what remains of the trainee's minutes after everything that surrounds the exercises.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workouts.planner import aerobic, assemble, ladder, minutes, pool, prescription, rules, schedule
from workouts.planner.problem import Option, Problem, Slot
from workouts.planner.values import MUSCLES, Catalogue, Exercise, Item, Session, Trainee

AIMS = {"gain_muscle": 0.85, "maintain": 0.2, "lose_weight": 0.15, "general_health": 0.15, "improve_endurance": 0.0}
PAIR_SPARE = 20  # seconds by which partners may have to wait for each other
WEIGHTS = frozenset({"barbell", "dumbbell", "kettlebell", "machine", "cable"})  # what needs ramp sets


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """All that a block is made from. `frozen` days stay whole, `locked` items stay, `wanted` slugs are picks."""

    trainee: Trainee
    catalogue: Catalogue
    limits: rules.Limits
    start: dt.date  # of the block: one prescription per exercise and block
    allowed: tuple[Exercise, ...]
    seed: int
    frozen: Mapping[dt.date, Session] = field(default_factory=dict)
    locked: Mapping[dt.date, tuple[Item, ...]] = field(default_factory=dict)
    wanted: Mapping[dt.date, tuple[str, ...]] = field(default_factory=dict)
    going_on: frozenset[str] = frozenset()  # slugs that the week should keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One way to fill a block: which days, how much of its cardio share a mixed session keeps, how long the rests."""

    plan: schedule.Schedule
    share: float
    rest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A strength session around its exercises."""

    date: dt.date
    focus: str
    letter: str  # A, B, … where the week has several of one emphasis
    before: Item | None  # the warm-up
    fixed: tuple[Item, ...]  # locked strength items and balance work
    seconds: int  # for exercises, the fixed ones included
    items: int  # likewise


def frame(brief: Brief, attempt: Attempt, at: int) -> Frame:
    """Lay out the strength session number `at`."""
    trainee, limits = brief.trainee, brief.limits
    date = attempt.plan.strength[at]
    fixed = [_alone(item, brief) for item in brief.locked.get(date, ()) if item.role in ladder.STRENGTH_ROLES]
    if trainee.age >= rules.ELDER and all(item.role != "balance" for item in fixed):
        steady = aerobic.balance(brief.allowed, turn=at)
        fixed += [steady] if steady else []
    before = kept(brief, date, "warm_up") or aerobic.warm_up(brief.allowed, trainee, turn=brief.seed + at)
    held = aerobic.reserve(
        trainee, share=attempt.share, mixed=len(attempt.plan.strength), alone=len(attempt.plan.cardio)
    )
    moving = kept(brief, date, "cardio")
    held = minutes.item_seconds(moving) if moving else held
    cooling = limits.cool_down + minutes.CHANGEOVER if _cools(attempt, trainee) and limits.cool_down else 0
    ramping = assemble.RAMP_SPARE if trainee.equipment & WEIGHTS else 0
    pairing = PAIR_SPARE if attempt.rest == "paired" else 0
    spent = held + cooling + ramping + pairing + (minutes.item_seconds(before) if before else 0)
    return Frame(
        date=date,
        focus=attempt.plan.focus[at],
        letter=attempt.plan.letters[at],
        before=before,
        fixed=tuple(fixed),
        seconds=limits.minutes * 60 - spent,
        items=rules.MAX_EXERCISES - bool(held),
    )


def _cools(attempt: Attempt, trainee: Trainee) -> bool:
    """Tell whether time is kept for stretching: only for the careful where paired sets show how scarce it is."""
    return attempt.rest != "paired" or rules.is_careful(trainee)


def _alone(item: Item, brief: Brief) -> Item:
    """Return a locked item without its old partner, whose place in the new session is open, with the whole rest."""
    if item.superset is None:
        return item
    rest = prescription.rest_of(brief.catalogue.exercises[item.exercise_slug], "tight")
    return replace(item, superset=None, rest_s=max(item.rest_s, rest))


def kept(brief: Brief, date: dt.date, role: str) -> Item | None:
    """Return the locked item that holds a place around the exercises of a date."""
    return next((item for item in brief.locked.get(date, ()) if item.role == role), None)


def problem(brief: Brief, frames: Sequence[Frame], chosen: Sequence[Option], around: Sequence[Session]) -> Problem:
    """Return the search problem over `chosen` options.

    Frozen days count for the week's sets; they and the sessions `around` count for recovery.
    """
    limits = brief.limits
    options = list(chosen)
    slots = [_slot(brief, one, options, len(chosen)) for one in frames]
    near = {
        one.date.toordinal(): ladder.session_volume(one, brief.catalogue) for one in (*brief.frozen.values(), *around)
    }
    standing = [ladder.session_volume(one, brief.catalogue) for one in brief.frozen.values()]
    share = 0.0 if brief.trainee.deload else AIMS[brief.trainee.goal]
    trained = sum(any(found.values()) for found in standing)
    return Problem(
        options=options,
        slots=slots,
        reach=len(chosen),
        low=[limits.low[muscle] for muscle in MUSCLES],
        high=[limits.high[muscle] for muscle in MUSCLES],
        aim=[limits.low[muscle] + share * (limits.high[muscle] - limits.low[muscle]) for muscle in MUSCLES],
        times=min(rules.TIMES, len(frames) + trained),
        extra=1 if len(frames) + trained <= rules.TIMES else 0,
        base_week=[sum(found[muscle] for found in standing) for muscle in MUSCLES],
        base_times=[sum(found[muscle] >= rules.TRAINED_SETS for found in standing) for muscle in MUSCLES],
        hard_days=[frozenset(day for day in near if near[day][muscle] >= rules.HARD_SETS) for muscle in MUSCLES],
    )


def _slot(brief: Brief, one: Frame, options: list[Option], count: int) -> Slot:
    """Return a session as the search sees it; fixed items join the options as they are."""
    fixed: list[tuple[int, int]] = []
    patterns = {option.pattern for option in options if option.compound}
    for item in one.fixed:
        fixed.append((len(options), item.sets))
        options.append(pool.fixed_option(item, brief.catalogue.exercises[item.exercise_slug]))
    taken = {item.exercise_slug for item in one.fixed}
    wanted = brief.wanted.get(one.date, ())
    return Slot(
        day=one.date.toordinal(),
        focus=frozenset(MUSCLES.index(muscle) for muscle in schedule.FOCUS[one.focus]),
        foreign=schedule.FOREIGN.get(one.focus, frozenset()),
        seconds=one.seconds,
        items=one.items,
        skeleton=tuple(group for group in schedule.SKELETON[one.focus] if group & patterns),
        wanted=frozenset(i for i in range(count) if options[i].slug in wanted),
        fixed=tuple(fixed),
        banned=frozenset(i for i in range(count) if options[i].slug in taken),
    )
