"""The judge: recomputes everything from the catalogue and says what is wrong with a plan, whoever made it.

Invariant: shares no arithmetic with the search; it reads the finished items only, so a bug there cannot hide here.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from workouts.planner import inspection, rules
from workouts.planner.values import MUSCLES, Catalogue, Fault, Session, Trainee

WEEK = 7
HARD_SETS, TRAINED_SETS, TIMES = 6, 2, 2
ROUNDING = 1e-6
DAY = dt.timedelta(days=1)


def faults(
    sessions: Sequence[Session], trainee: Trainee, catalogue: Catalogue, *, around: Sequence[Session] = ()
) -> tuple[Fault, ...]:
    """Return every broken rule of a plan; `around` are sessions outside it that recovery has to respect.

    Weekly sets are judged over blocks of seven days from the first date; a block cut short only by its upper limits.
    """
    found = list(_dates(sessions))
    known = [session for session in (*sessions, *around) if _known(session, catalogue)]
    found += _recovery(known, catalogue)
    for block, who in blocks(sessions, trainee, catalogue):
        found += [fault for session in block for fault in inspection.inspect(session, who, catalogue)]
        found += _week([session for session in block if _known(session, catalogue)], len(block), who, catalogue)
    return tuple(found)


def blocks(
    sessions: Sequence[Session], trainee: Trainee, catalogue: Catalogue
) -> Iterator[tuple[list[Session], Trainee]]:
    """Yield the sessions of every seven days from the first date, with what then holds for the trainee."""
    ordered = sorted(sessions, key=lambda session: session.date)
    while ordered:
        block = [session for session in ordered if session.date - ordered[0].date < WEEK * DAY]
        yield block, trainee
        counts = [inspection.sets_of(session, catalogue) for session in block if _known(session, catalogue)]
        trainee = rules.after_block(trainee, {muscle: sum(one[muscle] for one in counts) for muscle in MUSCLES})
        ordered = ordered[len(block) :]


def _known(session: Session, catalogue: Catalogue) -> bool:
    """Tell whether the catalogue holds every exercise of a session."""
    return all(item.exercise_slug in catalogue.exercises for item in session.items)


def _dates(sessions: Sequence[Session]) -> Iterator[Fault]:
    """Check that dates occur once and that no seven days running all train."""
    dates = [session.date for session in sessions]
    if len(set(dates)) < len(dates):
        yield Fault(code="dates", date=None, detail="a date occurs twice", hard=True)
    trained = {session.date for session in sessions if session.items}
    for date in sorted(trained):
        if all(date + day * DAY in trained for day in range(WEEK)):
            yield Fault(code="no_rest", date=date, detail="seven days of training without a rest day", hard=True)
            return


def _recovery(sessions: Sequence[Session], catalogue: Catalogue) -> Iterator[Fault]:
    """Check the 48 hours between sessions with six or more sets of a muscle."""
    counts = {session.date: inspection.sets_of(session, catalogue) for session in sessions}
    for date in sorted(counts):
        today, tomorrow = counts[date], counts.get(date + DAY, {})
        hard = [muscle for muscle in MUSCLES if min(today[muscle], tomorrow.get(muscle, 0)) >= HARD_SETS]
        if hard:
            yield Fault(code="recovery", date=date, detail=f"hard two days running: {', '.join(hard)}", hard=True)


def _week(block: Sequence[Session], dates: int, trainee: Trainee, catalogue: Catalogue) -> Iterator[Fault]:
    """Check a block's sets and frequency, and in a whole week its cardio."""
    for muscle in MUSCLES if block else ():
        yield from _muscle(muscle, block, trainee, catalogue)
    goal = rules.WHO_MINUTES.get(trainee.goal, 0)
    if block and dates == WEEK and (done := inspection.cardio_of(block, catalogue)) < goal:
        yield Fault(code="cardio", date=block[0].date, detail=f"{done:.0f} of {goal} minutes", hard=False)


def _muscle(muscle: str, block: Sequence[Session], trainee: Trainee, catalogue: Catalogue) -> Iterator[Fault]:
    """Check one muscle's week; too much of what the trainee locked is the trainee's choice."""
    low, high = rules.band(trainee, muscle)
    sets = [inspection.sets_of(session, catalogue)[muscle] for session in block]
    total, date = sum(sets), block[0].date
    if total > high + ROUNDING:
        chosen = _is_locked(muscle, block, catalogue)
        yield Fault(code="volume", date=date, detail=f"{total:g} of {high:g} sets of {muscle}", hard=not chosen)
    if len(block) < WEEK:
        return
    if total < low - ROUNDING:
        yield Fault(code="volume", date=date, detail=f"only {total:g} of {low:g} sets of {muscle}", hard=False)
    if sum(count >= TRAINED_SETS for count in sets) < TIMES:
        yield Fault(code="frequency", date=date, detail=f"{muscle} less than twice a week", hard=False)


def _is_locked(muscle: str, block: Sequence[Session], catalogue: Catalogue) -> bool:
    """Tell whether a locked item trains the muscle."""
    locked = (catalogue.exercises[item.exercise_slug] for session in block for item in session.items if item.locked)
    return any(muscle in (*exercise.primary, *exercise.secondary) for exercise in locked)
