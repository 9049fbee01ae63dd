"""How an exercise is done by one trainee: sets, repetitions or seconds, effort, rest, load and ramp sets.

Invariant: repetitions stay in the exercise's range, loads on the equipment's steps and under the trainee's limit.
"""

import datetime as dt
from dataclasses import replace

from workouts import progression
from workouts.planner import rules
from workouts.planner.values import Exercise, Item, RampSet, Trainee

# Repetitions of a compound and an isolation exercise by goal (ACSM 2009: 6-12 for size, 15+ for endurance).
BASE_REPS = {
    "gain_muscle": (8, 10),
    "maintain": (8, 12),
    "lose_weight": (10, 12),
    "general_health": (10, 12),
    "improve_endurance": (15, 15),
}
LIGHT_REPS = (10, 12)  # where effort must stay low: more repetitions, less load
# Seconds after a set of a compound, a light one, an isolation and a hold; paired sets rest while the other works.
RESTS = {"generous": (150, 90, 90, 60), "tight": (120, 75, 60, 60), "paired": (60, 30, 30, 30)}
HOLD_LEAST = 5  # seconds
RAMPS = {0: (), 1: (RampSet(reps=5, percent=60),), 2: (RampSet(reps=8, percent=50), RampSet(reps=4, percent=75))}


def prescribe(
    exercise: Exercise, trainee: Trainee, limits: rules.Limits, *, sets: int, rest: str, on: dt.date, ramps: int = 0
) -> Item:
    """Return the item of a strength exercise; `rest` is a style of `rest_of`, `ramps` the warm-up sets wanted (0-2)."""
    rir = effort(exercise, trainee)
    role = role_of(exercise, trainee)
    reps, seconds = _dose(exercise, trainee, limits.max_hold)
    item = Item(
        exercise_slug=exercise.slug,
        order=0,
        role=role,
        sets=sets,
        reps=reps,
        duration_s=seconds,
        rest_s=rest_of(exercise, "tight" if role == "power" else rest),
        load_kind=_plain_kind(exercise),
        load_value=None,
        rir=rir,
        per_side=exercise.unilateral,
    )
    item = _loaded(item, exercise, trainee, limits, on)
    if item.load_kind == "start_light" and reps is not None and role != "power":
        item = replace(item, reps=max(reps, min(rep_window(exercise, trainee)[1], base_reps(exercise, trainee))))
    return replace(item, warmup=ramp_sets(exercise, item, ramps))


def effort(exercise: Exercise, trainee: Trainee) -> int:
    """Return the repetitions in reserve: closer to failure only in isolation, and only for those who may."""
    least, most = rules.rir_range(trainee)
    middle = (least + most + 1) // 2
    return middle if exercise.compound or least > 1 else least


def rest_of(exercise: Exercise, style: str) -> int:
    """Return the seconds of rest after a set; `style` is generous, tight or paired."""
    compound, light, isolation, hold = RESTS[style]
    if exercise.mode == "time":
        return hold
    if rules.is_light(exercise):
        return light
    return compound if exercise.compound else isolation


def role_of(exercise: Exercise, trainee: Trainee) -> str:
    """Return the place of an exercise in a session."""
    if rules.has_word(exercise.slug, rules.BALANCE):
        return "balance"
    if exercise.pattern in ("core", "carry"):
        return exercise.pattern
    if exercise.compound and rules.has_word(exercise.slug, rules.EXPLOSIVE) and not rules.is_careful(trainee):
        return "power"
    return "compound" if exercise.compound else "isolation"


def wants_ramp(exercise: Exercise) -> bool:
    """Tell whether an exercise is heavy enough to be approached in steps."""
    return exercise.compound and exercise.load_kind == "external" and exercise.pattern not in ("core", "carry")


def base_reps(exercise: Exercise, trainee: Trainee) -> int:
    """Return the repetitions that the goal starts from."""
    base = LIGHT_REPS if rules.is_gentle(trainee) else BASE_REPS[trainee.goal]
    return base[0] if exercise.compound else base[1]


def rep_window(exercise: Exercise, trainee: Trainee) -> tuple[int, int]:
    """Return the range in which repetitions rise before the load does: the goal's start, the exercise's end."""
    low, high = exercise.rep_range
    start = max(low, min(base_reps(exercise, trainee), high - 2))
    start = low if role_of(exercise, trainee) == "power" else start
    return start, max(start, high)


def _dose(exercise: Exercise, trainee: Trainee, max_hold: int) -> tuple[int | None, int | None]:
    """Return repetitions, or seconds for a hold: a third into its range, later with level."""
    if exercise.mode == "reps":
        return rep_window(exercise, trainee)[0], None
    low, high = exercise.rep_range
    share = {"beginner": 3, "intermediate": 2, "advanced": 1}[rules.level_of(trainee)]
    seconds = low + (high - low) // (share + 1)
    return None, max(HOLD_LEAST, min(seconds, max_hold, 60) // 5 * 5)


def _plain_kind(exercise: Exercise) -> str:
    """Return the kind of load while no figure is known."""
    return "start_light" if exercise.load_kind == "external" else exercise.load_kind


def _loaded(item: Item, exercise: Exercise, trainee: Trainee, limits: rules.Limits, on: dt.date) -> Item:
    """Set load and dose from logged sets, else from a known e1RM, else leave the plain kind."""
    logged = trainee.history.get(exercise.slug, ())
    if logged and not trainee.deload:
        progressed = _held_longer if exercise.mode == "time" else _progressed
        item = progressed(item, exercise, trainee, limits, on)
    best = trainee.e1rm.get(exercise.slug) or progression.best_e1rm(logged, on=on)
    if exercise.mode == "time" or exercise.load_kind != "external" or not best:
        return item
    max_percent, reps, rir = limits.max_percent, item.reps or 1, item.rir or 0
    share = min(progression.share_of_e1rm(reps + rir), max_percent / 100)
    ceiling = progression.round_load(best * min(1.0, max_percent / 100), exercise.equipment)
    wanted = item.load_value if item.load_value is not None else best * share
    load = min(progression.round_load(wanted, exercise.equipment), ceiling)
    if load > best * max_percent / 100:
        return replace(item, load_kind="start_light", load_value=None)
    return replace(item, load_kind="kg", load_value=load, load_percent=round(100 * load / best))


def _held_longer(item: Item, exercise: Exercise, trainee: Trainee, limits: rules.Limits, on: dt.date) -> Item:
    """Follow the progression of a hold or a carry: more seconds, then more load where there is one."""
    low, high = exercise.rep_range
    top = min(high, limits.max_hold)
    target = progression.next_prescription(
        trainee.history[exercise.slug],
        rep_range=(min(low, top), top),
        equipment=exercise.equipment,
        on=on,
        by=progression.HOLD_STEP,
    )
    held = replace(item, duration_s=max(HOLD_LEAST, min(target.reps, top)))
    if exercise.load_kind != "external" or target.load is None:
        return held
    return replace(held, load_kind="kg", load_value=target.load)


def _progressed(item: Item, exercise: Exercise, trainee: Trainee, limits: rules.Limits, on: dt.date) -> Item:
    """Follow the double progression of what was logged."""
    target = progression.next_prescription(
        trainee.history[exercise.slug], rep_range=rep_window(exercise, trainee), equipment=exercise.equipment, on=on
    )
    reps = max(exercise.rep_range[0], min(target.reps, exercise.rep_range[1] + 2))
    if exercise.load_kind != "external" or target.load is None:
        return replace(item, reps=reps)
    return replace(item, reps=reps, load_kind="kg", load_value=target.load)


def ramp_sets(exercise: Exercise, item: Item, ramps: int) -> tuple[RampSet, ...]:
    """Return the steps up to the working load, with their loads where that is known."""
    if not wants_ramp(exercise):
        return ()
    steps, work = RAMPS[ramps], item.load_value
    if item.load_kind != "kg" or work is None:
        return steps
    loads = (progression.round_load(work * step.percent / 100, exercise.equipment) for step in steps)
    return tuple(replace(step, load=min(work, load)) for step, load in zip(steps, loads, strict=True))
