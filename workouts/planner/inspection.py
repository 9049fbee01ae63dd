"""The judge's eye on one session: safety of every exercise, its dose, the session's time, order and rests.

Invariant: reads finished items and the catalogue only, with arithmetic of its own.
"""

import re
from collections.abc import Iterable, Iterator

from workouts.planner import rules
from workouts.planner.values import LEVELS, MUSCLES, WEEKDAYS, Catalogue, Exercise, Fault, Item, Session, Trainee

PLACES = ("warm_up", "balance", "power", "compound", "isolation", "carry", "core", "cardio", "cool_down")
LIFTS = frozenset(PLACES[1:-2])
FRAME = frozenset({"warm_up", "cool_down"})
LYING = re.compile(r"(lie (?!on your side)|face down|on your back)", re.IGNORECASE)  # how a cue begins
JARRING = re.compile(r"(?:^|_)(?:jump|hop|burpee|sprint|run|jog|skater|plyo|high_knees)")
UNJARRED = {"knee", "ankle", "hip", "lower_back", "pregnant", "heart_disease", "kidney_disease", "eating_disorder"}
STEPS = {"barbell": 2.5, "dumbbell": 2.0, "kettlebell": 4.0, "machine": 5.0, "cable": 2.5}
LOADS = frozenset({"kg", "start_light", "bodyweight", "band", "none", "heart_rate", "effort"})
MOST_SETS, MOST_REST, LEAST_HOLD = 6, 300, 5
BIG_REST, SMALL_REST = 120, 60  # seconds between two sets of a compound, of anything else or a beginner's own weight
OVER_TOP = 2  # repetitions past the range that earn a coarse step of load
MUSCLE_SETS = 10  # a session
ROUNDING = 1e-6
VIGOROUS_MET, VIGOROUS_PULSE = 6, 0.77  # of 208 - 0.7 x age (Tanaka 2001; ACSM)


def sets_of(session: Session, catalogue: Catalogue) -> dict[str, float]:
    """Count the fractional sets of each muscle: one for the primary, a half for each secondary."""
    count = dict.fromkeys(MUSCLES, 0.0)
    for item in session.items:
        exercise = catalogue.exercises[item.exercise_slug]
        if item.role not in LIFTS - {"balance"} or exercise.pattern in ("cardio", "mobility"):
            continue
        for muscle in exercise.primary:
            count[muscle] += item.sets
        for muscle in set(exercise.secondary) - set(exercise.primary):
            count[muscle] += item.sets * 0.5
    return count


def cardio_of(sessions: Iterable[Session], catalogue: Catalogue) -> float:
    """Count the minutes of cardio, vigorous ones twice (WHO 2020)."""
    bouts = [item for session in sessions for item in session.items if item.role == "cardio"]
    return sum(item.sets * (item.duration_s or 0) / 60 * (1 + _is_vigorous(item, catalogue)) for item in bouts)


def _is_vigorous(item: Item, catalogue: Catalogue) -> bool:
    """Tell whether a bout is of 6 MET or more (Ainsworth 2011)."""
    return catalogue.exercises[item.exercise_slug].met >= VIGOROUS_MET


def minutes_of(session: Session) -> float:
    """Time a session: three seconds a repetition, both sides, rests between sets, a minute between exercises."""
    total = 0.0
    for item in session.items:
        total += item.sets * _work(item) + (item.sets - 1) * item.rest_s + 60
        total += sum(45 + 3 * (2 if item.per_side else 1) * ramp.reps for ramp in item.warmup)
    return total / 60


def inspect(session: Session, trainee: Trainee, catalogue: Catalogue) -> Iterator[Fault]:
    """Yield the faults of one session; one with an unknown exercise is not looked at further."""
    yield from _day(session, trainee)
    unknown = [item.exercise_slug for item in session.items if item.exercise_slug not in catalogue.exercises]
    for slug in unknown:
        yield _hard("unknown_exercise", session, f"{slug} is not in the catalogue")
    if unknown:
        return
    for item in session.items:
        exercise = catalogue.exercises[item.exercise_slug]
        for code, detail in unsafe(exercise, trainee):
            yield _hard(code, session, detail)
        for detail in _dose(item, exercise, trainee):
            yield _hard("prescription", session, f"{item.exercise_slug}: {detail}")
    yield from _whole(session, trainee, catalogue)
    yield from _rests(session, catalogue)
    yield from _frame(session, trainee)
    yield from _pulses(session, trainee, catalogue)


def unsafe(exercise: Exercise, trainee: Trainee) -> Iterator[tuple[str, str]]:
    """Yield the code and the words of each reason why an exercise is wrong for a trainee."""
    if sore := exercise.contraindications & trainee.injuries:
        yield "injury", f"{exercise.slug} loads the injured {', '.join(sorted(sore))}"
    if missing := exercise.equipment - trainee.equipment:
        yield "equipment", f"{exercise.slug} needs {', '.join(sorted(missing))}"
    if exercise.slug in trainee.disliked:
        yield "disliked", f"{exercise.slug} is disliked"
    above = LEVELS.index(exercise.level) - LEVELS.index(trainee.training_level)
    earned = exercise.slug in trainee.history or exercise.slug in trainee.variants.values()
    if above > earned:
        yield "level", f"{exercise.slug} is {exercise.level}"
    lying = exercise.pattern not in rules.NOT_STRENGTH and any(LYING.match(cue) for cue in exercise.cues)
    if "pregnant" in trainee.conditions and lying:
        yield "condition", f"{exercise.slug} is done lying, not in pregnancy"
    if JARRING.search(exercise.slug) and _is_fragile(trainee):
        yield "condition", f"{exercise.slug} jars"
    if why := rules.condition_objection(exercise, trainee):
        yield "condition", f"{exercise.slug} {why}"


def _is_fragile(trainee: Trainee) -> bool:
    """Tell whether jumps and runs are out for age, condition or injury."""
    return trainee.age >= rules.ELDER or bool(trainee.conditions & UNJARRED or trainee.injuries & UNJARRED)


def _hard(code: str, session: Session, detail: str) -> Fault:
    """Return a hard fault of a session."""
    return Fault(code=code, date=session.date, detail=detail, hard=True)


def _soft(code: str, session: Session, detail: str) -> Fault:
    """Return a soft fault of a session."""
    return Fault(code=code, date=session.date, detail=detail, hard=False)


def _work(item: Item) -> int:
    """Return the seconds of one set, both sides."""
    return (2 if item.per_side else 1) * (item.duration_s if item.duration_s is not None else 3 * (item.reps or 0))


def _day(session: Session, trainee: Trainee) -> Iterator[Fault]:
    """Check that rest days rest, and that training days are available unless the trainee locked something there."""
    if session.rest_day == bool(session.items):
        yield _hard("rest_day", session, "rest_day and the items disagree")
    if session.items and WEEKDAYS[session.date.weekday()] not in rules.limits(trainee).days:
        chosen = any(item.locked for item in session.items)
        yield (_soft if chosen else _hard)("unavailable", session, f"{session.date:%A} is not available")


def _dose(item: Item, exercise: Exercise, trainee: Trainee) -> Iterator[str]:
    """Say what is wrong with the dose of any item."""
    if not 1 <= item.sets <= MOST_SETS or not 0 <= item.rest_s <= MOST_REST:
        yield f"{item.sets} sets with {item.rest_s} s of rest"
    if (item.reps is None) == (item.duration_s is None):
        yield "needs either repetitions or seconds"
    if item.load_kind not in LOADS or item.role not in PLACES:
        yield f"unknown load {item.load_kind} or role {item.role}"
    if item.load_kind == "kg":
        yield from _load(item, exercise, trainee)
    if item.role in LIFTS and item.role != "balance":
        yield from _effort(item, exercise, trainee)


def _effort(item: Item, exercise: Exercise, trainee: Trainee) -> Iterator[str]:
    """Say what is wrong with the effort of a lift: repetitions or seconds, and what is kept in reserve."""
    least, most = rules.rir_range(trainee)
    if item.rir is None or not least <= item.rir <= most:
        yield f"{item.rir} in reserve, not {least}-{most}"
    low, high = exercise.rep_range
    if item.reps is not None and not low <= item.reps <= high + OVER_TOP:
        yield f"{item.reps} repetitions, not {low}-{high}"
    if item.duration_s is not None and not LEAST_HOLD <= item.duration_s <= min(high, rules.limits(trainee).max_hold):
        yield f"{item.duration_s} s is too long or too short"


def _load(item: Item, exercise: Exercise, trainee: Trainee) -> Iterator[str]:
    """Say what is wrong with a load in kg."""
    if item.load_value is None or item.load_value <= 0:
        yield "a load in kg needs a figure"
        return
    step = max((STEPS[tool] for tool in exercise.equipment if tool in STEPS), default=1.0)
    if abs(item.load_value / step - round(item.load_value / step)) > ROUNDING:
        yield f"{item.load_value:g} kg is not a multiple of {step:g}"
    known = trainee.e1rm.get(item.exercise_slug)
    if known and item.load_value > known * rules.limits(trainee).max_percent / 100 + ROUNDING:
        yield f"{item.load_value:g} kg is too heavy for an e1RM of {known:g}"


def _whole(session: Session, trainee: Trainee, catalogue: Catalogue) -> Iterator[Fault]:
    """Check a session's time, size, order and sets of a muscle."""
    items, limit = session.items, rules.limits(trainee).minutes
    if minutes_of(session) > limit + ROUNDING:
        yield _hard("minutes", session, f"{minutes_of(session):.0f} of {limit} minutes")
    if len({item.exercise_slug for item in items}) < len(items):
        yield _hard("repeated", session, "an exercise occurs twice")
    leaders = [
        item for at, item in enumerate(items) if not (at and item.superset and items[at - 1].superset == item.superset)
    ]
    places = [PLACES.index(item.role) for item in leaders if item.role in PLACES]
    if [item.order for item in items] != list(range(1, len(items) + 1)) or places != sorted(places):
        yield _hard("order", session, "items are out of order")
    if (work := sum(item.role not in FRAME for item in items)) > rules.MAX_EXERCISES:
        yield _hard("size", session, f"{work} exercises")
    if 0 < (lifts := sum(item.role in LIFTS for item in items)) < rules.MIN_EXERCISES:
        yield _soft("size", session, f"only {lifts} exercises")
    for muscle, sets in sets_of(session, catalogue).items():
        if sets > MUSCLE_SETS:
            yield _hard("session_volume", session, f"{sets:g} sets of {muscle}")


def _rests(session: Session, catalogue: Catalogue) -> Iterator[Fault]:
    """Check that between two sets of an exercise there is time enough, the partners' sets included."""
    groups: dict[str, list[Item]] = {}
    for item in session.items:
        groups.setdefault(item.superset or item.exercise_slug, []).append(item)
    for group in groups.values():
        targets = [muscle for item in group for muscle in catalogue.exercises[item.exercise_slug].primary]
        if len(group) > 1 and len(set(targets)) < len(targets):
            yield _hard("superset", session, "one muscle is the target twice in a group")
        round_s = sum(item.rest_s + _work(item) for item in group)
        for item in group:
            exercise = catalogue.exercises[item.exercise_slug]
            least = BIG_REST if _tires(exercise) else SMALL_REST
            between = round_s - _work(item)
            if item.role in LIFTS and item.role != "balance" and item.sets > 1 and between < least:
                yield _hard("prescription", session, f"{item.exercise_slug}: {between} s between sets, not {least}")


def _tires(exercise: Exercise) -> bool:
    """Tell whether sets of an exercise need the long rest: big lifts, but not a beginner's own weight without kit."""
    easy = exercise.level == "beginner" and exercise.load_kind == "bodyweight" and not exercise.equipment
    return exercise.compound and exercise.mode == "reps" and not easy


def _pulses(session: Session, trainee: Trainee, catalogue: Catalogue) -> Iterator[Fault]:
    """Check that the pulse asked for is the one that the exercise brings: moderate or vigorous."""
    for item in session.items:
        if item.role == "cardio" and item.load_kind == "heart_rate":
            hard = (item.load_value or 0) >= VIGOROUS_PULSE * (208 - 0.7 * trainee.age)
            if hard != _is_vigorous(item, catalogue):
                yield _soft("intensity", session, f"{item.exercise_slug} does not go with its pulse")


def _frame(session: Session, trainee: Trainee) -> Iterator[Fault]:
    """Check that a session begins warm, and brings balance work to those who need it."""
    roles = {item.role for item in session.items}
    if session.items and "warm_up" not in roles:
        yield _soft("warm_up", session, "no warm-up")
    if trainee.age >= rules.ELDER and roles & LIFTS and "balance" not in roles:
        yield _soft("balance", session, "no balance work")
