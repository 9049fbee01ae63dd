"""The judge: recomputes everything from the catalogue and says what is wrong with a plan, whoever made it.

Invariant: shares no arithmetic with the search; it reads the finished items only, so a bug there cannot hide here.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence

from workouts.planner import rules
from workouts.planner.values import LEVELS, MUSCLES, WEEKDAYS, Catalogue, Exercise, Fault, Item, Session, Trainee

ORDER = {
    "warm_up": 0,
    "balance": 1,
    "power": 2,
    "compound": 3,
    "isolation": 4,
    "carry": 5,
    "core": 6,
    "cardio": 7,
    "cool_down": 8,
}
LIFTS = frozenset({"balance", "power", "compound", "isolation", "carry", "core"})
LYING = re.compile(
    r"\b(lie on your back|on your back|face down|lie along the bench|lie on the bench|lie down|lie with)\b"
)
STEP = {"barbell": 2.5, "dumbbell": 2.0, "kettlebell": 4.0, "machine": 5.0, "cable": 2.5}
LOADS = frozenset({"kg", "start_light", "bodyweight", "band", "none", "heart_rate", "effort"})


def faults(
    sessions: Sequence[Session], trainee: Trainee, catalogue: Catalogue, *, around: Sequence[Session] = ()
) -> tuple[Fault, ...]:
    """Return every broken rule of a plan; `around` are sessions outside it that recovery has to respect.

    Weekly sets are judged over blocks of seven days from the first date; a block cut short only by its upper limits.
    """
    found: list[Fault] = []
    for session in sessions:
        found += _day(session, trainee)
        for item in session.items:
            found += _item(item, session.date, trainee, catalogue)
    if any(fault.code == "unknown_exercise" for fault in found):
        return tuple(found)
    for session in sessions:
        found += _session(session, trainee, catalogue)
    found += _dates(sessions)
    found += _recovery([*sessions, *around], catalogue)
    found += _weeks(sessions, trainee, catalogue)
    return tuple(found)


def sets_of(session: Session, catalogue: Catalogue) -> dict[str, float]:
    """Count the fractional sets of each muscle anew: one for the primary, a half for each secondary."""
    count = dict.fromkeys(MUSCLES, 0.0)
    for item in session.items:
        exercise = catalogue.exercises[item.exercise_slug]
        if item.role not in LIFTS or exercise.pattern in ("cardio", "mobility"):
            continue
        for muscle in exercise.primary:
            count[muscle] += item.sets
        for muscle in set(exercise.secondary) - set(exercise.primary):
            count[muscle] += item.sets * 0.5
    return count


def minutes_of(session: Session) -> float:
    """Time a session anew: three seconds a repetition, both sides, rests between sets, a minute between exercises."""
    total = 0.0
    for item in session.items:
        sides = 2 if item.per_side else 1
        total += item.sets * _work(item) + (item.sets - 1) * item.rest_s + 60
        total += sum(45 + 3 * sides * ramp.reps for ramp in item.warmup)
    return total / 60


def _work(item: Item) -> int:
    """Return the seconds of one set, both sides."""
    return (2 if item.per_side else 1) * (item.duration_s if item.duration_s is not None else 3 * (item.reps or 0))


def unsafe(exercise: Exercise, trainee: Trainee) -> Iterator[tuple[str, str]]:
    """Yield the code and the words of each reason why an exercise is wrong for a trainee."""
    if sore := exercise.contraindications & trainee.injuries:
        yield "injury", f"{exercise.slug} loads the injured {', '.join(sorted(sore))}"
    if missing := exercise.equipment - trainee.equipment:
        yield "equipment", f"{exercise.slug} needs {', '.join(sorted(missing))}"
    if exercise.slug in trainee.disliked:
        yield "disliked", f"{exercise.slug} is disliked"
    if LEVELS.index(exercise.level) > LEVELS.index(trainee.training_level):
        yield "level", f"{exercise.slug} is {exercise.level}"
    lying = LYING.search(" ".join(exercise.cues).lower()) and "side" not in " ".join(exercise.cues).lower()
    if "pregnant" in trainee.conditions and exercise.pattern != "mobility" and lying:
        yield "condition", f"{exercise.slug} is done lying, not in pregnancy"
    why = rules.objection(exercise, trainee)
    if why and not (sore or missing or exercise.slug in trainee.disliked):
        yield "condition", f"{exercise.slug} {why}"


def _day(session: Session, trainee: Trainee) -> Iterator[Fault]:
    """Check that rest days rest and training days are available."""
    date = session.date
    if session.rest_day == bool(session.items):
        yield Fault(code="rest_day", date=date, detail="rest_day and the items disagree", hard=True)
    chosen = any(item.locked for item in session.items)
    if session.items and WEEKDAYS[date.weekday()] not in rules.limits(trainee).days:
        yield Fault(code="unavailable", date=date, detail=f"{date:%A} is not available", hard=not chosen)


def _item(item: Item, date: dt.date, trainee: Trainee, catalogue: Catalogue) -> Iterator[Fault]:
    """Check one exercise and its prescription."""
    exercise = catalogue.exercises.get(item.exercise_slug)
    if exercise is None:
        yield Fault(
            code="unknown_exercise", date=date, detail=f"{item.exercise_slug} is not in the catalogue", hard=True
        )
        return
    for code, detail in unsafe(exercise, trainee):
        yield Fault(code=code, date=date, detail=detail, hard=True)
    for detail in _dose(item, exercise, trainee):
        yield Fault(code="prescription", date=date, detail=f"{item.exercise_slug}: {detail}", hard=True)


def _dose(item: Item, exercise: Exercise, trainee: Trainee) -> Iterator[str]:
    """Say what is wrong with sets, repetitions, seconds, effort, rest and load."""
    if not 1 <= item.sets <= 6 or not 0 <= item.rest_s <= 300:
        yield f"{item.sets} sets with {item.rest_s} s of rest"
    if (item.reps is None) == (item.duration_s is None):
        yield "needs either repetitions or seconds"
    if item.load_kind not in LOADS or item.role not in ORDER:
        yield f"unknown load {item.load_kind} or role {item.role}"
    if item.role not in LIFTS or item.role == "balance":
        return
    least, most = rules.rir_range(trainee)
    if item.rir is None or not least <= item.rir <= most:
        yield f"{item.rir} in reserve, not {least}-{most}"
    low, high = exercise.rep_range
    if item.reps is not None and not low <= item.reps <= high + 2:
        yield f"{item.reps} repetitions, not {low}-{high}"
    if item.duration_s is not None and not 5 <= item.duration_s <= min(high, rules.limits(trainee).max_hold):
        yield f"{item.duration_s} s is too long or too short"
    yield from _load(item, exercise, trainee)


def _load(item: Item, exercise: Exercise, trainee: Trainee) -> Iterator[str]:
    """Say what is wrong with a load in kg."""
    if item.load_kind != "kg":
        return
    if item.load_value is None or item.load_value <= 0:
        yield "a load in kg needs a figure"
        return
    step = max((STEP[tool] for tool in exercise.equipment if tool in STEP), default=1.0)
    if abs(item.load_value / step - round(item.load_value / step)) > 1e-6:
        yield f"{item.load_value:g} kg is not a multiple of {step:g}"
    known = trainee.e1rm.get(item.exercise_slug)
    if known and item.load_value > known * rules.limits(trainee).max_percent / 100 + 1e-6:
        yield f"{item.load_value:g} kg is too heavy for an e1RM of {known:g}"


def _session(session: Session, trainee: Trainee, catalogue: Catalogue) -> Iterator[Fault]:
    """Check a session's time, size, order and sets of a muscle."""
    date, items = session.date, session.items
    limit = rules.limits(trainee).minutes
    if minutes_of(session) > limit + 1e-6:
        yield Fault(code="minutes", date=date, detail=f"{minutes_of(session):.0f} of {limit} minutes", hard=True)
    slugs = [item.exercise_slug for item in items]
    if len(set(slugs)) < len(slugs):
        yield Fault(code="repeated", date=date, detail="an exercise occurs twice", hard=True)
    led = [item for at, item in enumerate(items) if not item.superset or items[at - 1].superset != item.superset]
    roles = [ORDER.get(item.role, 9) for item in led]
    if [item.order for item in items] != list(range(1, len(items) + 1)) or roles != sorted(roles):
        yield Fault(code="order", date=date, detail="items are out of order", hard=True)
    work = sum(item.role not in ("warm_up", "cool_down") for item in items)
    if work > rules.MAX_EXERCISES:
        yield Fault(code="size", date=date, detail=f"{work} exercises", hard=True)
    lifts = sum(item.role in LIFTS for item in items)
    if 0 < lifts < rules.MIN_EXERCISES:
        yield Fault(code="size", date=date, detail=f"only {lifts} exercises", hard=False)
    yield from _surround(session, trainee)
    yield from _rests(session, catalogue)
    for muscle, sets in sets_of(session, catalogue).items():
        if sets > 10:
            yield Fault(code="session_volume", date=date, detail=f"{sets:g} sets of {muscle}", hard=True)


def _rests(session: Session, catalogue: Catalogue) -> Iterator[Fault]:
    """Check that between two sets of an exercise there is time enough, the partners' sets included."""
    groups: dict[str, list[Item]] = {}
    for item in session.items:
        groups.setdefault(item.superset or item.exercise_slug, []).append(item)
    for group in groups.values():
        round_s = sum(item.rest_s + _work(item) for item in group)
        targets = [muscle for item in group for muscle in catalogue.exercises[item.exercise_slug].primary]
        if len(group) > 1 and len(set(targets)) < len(targets):
            yield Fault(code="superset", date=session.date, detail="one muscle is the target twice in a group", hard=True)
        for item in group:
            exercise = catalogue.exercises[item.exercise_slug]
            least = 120 if exercise.compound and exercise.mode == "reps" else 60
            between = round_s - _work(item)
            if item.role in LIFTS and item.role != "balance" and item.sets > 1 and between < least:
                detail = f"{item.exercise_slug}: {between} s between sets, not {least}"
                yield Fault(code="prescription", date=session.date, detail=detail, hard=True)


def _surround(session: Session, trainee: Trainee) -> Iterator[Fault]:
    """Check that a session begins warm, and brings balance work to those who need it."""
    roles = {item.role for item in session.items}
    if session.items and "warm_up" not in roles:
        yield Fault(code="warm_up", date=session.date, detail="no warm-up", hard=False)
    if trainee.age >= 65 and roles & LIFTS and "balance" not in roles:
        yield Fault(code="balance", date=session.date, detail="no balance work", hard=False)


def _dates(sessions: Sequence[Session]) -> Iterator[Fault]:
    """Check that dates occur once and that no seven days running all train."""
    dates = [session.date for session in sessions]
    if len(set(dates)) < len(dates):
        yield Fault(code="dates", date=None, detail="a date occurs twice", hard=True)
    trained = {session.date for session in sessions if session.items}
    for date in sorted(trained):
        if all(date + dt.timedelta(days=day) in trained for day in range(7)):
            yield Fault(code="no_rest", date=date, detail="seven days of training without a rest day", hard=True)
            return


def _recovery(sessions: Sequence[Session], catalogue: Catalogue) -> Iterator[Fault]:
    """Check the 48 hours between sessions with six or more sets of a muscle."""
    known = [
        session for session in sessions if all(item.exercise_slug in catalogue.exercises for item in session.items)
    ]
    counts = {session.date: sets_of(session, catalogue) for session in known}
    for date in sorted(counts):
        after = counts.get(date + dt.timedelta(days=1))
        hard = [muscle for muscle in MUSCLES if after and counts[date][muscle] >= 6 and after[muscle] >= 6]
        if hard:
            yield Fault(code="recovery", date=date, detail=f"hard two days running: {', '.join(hard)}", hard=True)


def _weeks(sessions: Sequence[Session], trainee: Trainee, catalogue: Catalogue) -> Iterator[Fault]:
    """Check weekly sets and frequency, block by block."""
    ordered = sorted(sessions, key=lambda session: session.date)
    while ordered:
        start = ordered[0].date
        block = [session for session in ordered if (session.date - start).days < 7]
        ordered = ordered[len(block) :]
        counts = [sets_of(session, catalogue) for session in block]
        locked = _locked_muscles(block, catalogue)
        for muscle in MUSCLES:
            yield from _muscle(
                muscle, [count[muscle] for count in counts], start, trainee, locked, whole=len(block) == 7
            )


def _muscle(
    muscle: str, sets: Sequence[float], start: dt.date, trainee: Trainee, locked: Mapping[str, bool], *, whole: bool
) -> Iterator[Fault]:
    """Check one muscle's week; too much of what the trainee locked is their choice."""
    low, high = rules.band(trainee, muscle)
    total = sum(sets)
    if total > high + 1e-6:
        yield Fault(
            code="volume", date=start, detail=f"{total:g} of {high:g} sets of {muscle}", hard=not locked[muscle]
        )
    if whole and total < low - 1e-6:
        yield Fault(code="volume", date=start, detail=f"only {total:g} of {low:g} sets of {muscle}", hard=False)
    if whole and sum(count >= 2 for count in sets) < 2:
        yield Fault(code="frequency", date=start, detail=f"{muscle} less than twice a week", hard=False)


def _locked_muscles(block: Sequence[Session], catalogue: Catalogue) -> dict[str, bool]:
    """Tell for each muscle whether a locked item trains it."""
    found = dict.fromkeys(MUSCLES, False)
    for item in (item for session in block for item in session.items if item.locked):
        exercise = catalogue.exercises[item.exercise_slug]
        found |= dict.fromkeys((*exercise.primary, *exercise.secondary), True)
    return found
