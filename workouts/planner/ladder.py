"""What had to give way: the rung of a week and its relaxations in words.

Invariant: whatever a finished week lacks is named, and nothing that it holds is.
"""

from collections.abc import Sequence

from workouts.planner import aerobic, rules
from workouts.planner.values import MUSCLES, Catalogue, Exercise, Item, Session, Trainee

RUNGS = ("full", "volume", "frequency", "session")
COUNTED_ROLES = ("power", "compound", "isolation", "carry", "core")  # balance work is far from failure
STRENGTH_ROLES = ("balance", *COUNTED_ROLES)


def volume(sessions: Sequence[Session], catalogue: Catalogue) -> dict[str, float]:
    """Return the fractional sets of each muscle over the sessions."""
    total = dict.fromkeys(MUSCLES, 0.0)
    for session in sessions:
        for muscle, sets in session_volume(session, catalogue).items():
            total[muscle] += sets
    return total


def session_volume(session: Session, catalogue: Catalogue) -> dict[str, float]:
    """Return the fractional sets of each muscle in one session."""
    return items_volume(session.items, catalogue)


def lifts(sessions: Sequence[Session]) -> set[str]:
    """Return the exercises of the sessions that count as sets."""
    return {item.exercise_slug for session in sessions for item in session.items if item.role in COUNTED_ROLES}


def items_volume(items: Sequence[Item], catalogue: Catalogue) -> dict[str, float]:
    """Return the fractional sets of each muscle over items; only lifts count."""
    total = dict.fromkeys(MUSCLES, 0.0)
    for item in items:
        if item.role in COUNTED_ROLES:
            for muscle, weight in rules.weights(catalogue.exercises[item.exercise_slug]).items():
                total[muscle] += weight * item.sets
    return total


def assess(
    sessions: Sequence[Session], trainee: Trainee, catalogue: Catalogue, allowed: Sequence[Exercise]
) -> tuple[str, tuple[str, ...]]:
    """Return the rung and the relaxations of one whole week."""
    strength = [session for session in sessions if any(item.role in STRENGTH_ROLES for item in session.items)]
    total = volume(strength, catalogue)
    found = [
        ("volume", _volume_words(muscle, total[muscle], trainee, allowed))
        for muscle in MUSCLES
        if total[muscle] < rules.band(trainee, muscle)[0] - 1e-6
    ]
    found += [("frequency", text) for text in _frequency_words(strength, catalogue)]
    found += [
        ("session", f"{session.date:%A}'s session has fewer than {rules.MIN_EXERCISES} exercises: nothing more fits.")
        for session in strength
        if sum(item.role in STRENGTH_ROLES for item in session.items) < rules.MIN_EXERCISES
    ]
    rung = max((rung for rung, _ in found), key=RUNGS.index, default=RUNGS[0])
    return rung, tuple(text for _, text in found) + _cardio_words(sessions, trainee, catalogue)


def _cardio_words(sessions: Sequence[Session], trainee: Trainee, catalogue: Catalogue) -> tuple[str, ...]:
    """Say how far a week stays below the WHO's minutes, and what makes up for it; the rung speaks of strength alone."""
    goal = rules.WHO_MINUTES.get(trainee.goal, 0)
    done = int(sum(aerobic.counted(item, catalogue) for one in sessions for item in one.items))
    if done >= goal:
        return ()
    why = "the sessions hold no more" if done else "no cardio fits the sessions"
    rest = f"walks, or what else suits you, bring the other {goal - done}"
    return (f"Cardio: {done} of {goal} moderate minutes a week, because {why}; {rest}.",)


def _volume_words(muscle: str, sets: float, trainee: Trainee, allowed: Sequence[Exercise]) -> str:
    """Say how far a muscle stays below its band, and why."""
    low = rules.band(trainee, muscle)[0]
    first = any(muscle in exercise.primary for exercise in allowed if rules.weights(exercise))
    why = "the sessions hold no more" if first else "no exercise for it fits the equipment and injuries"
    return f"Volume: {muscle} gets {sets:g} of {low:g} sets a week, because {why}."


def _frequency_words(strength: Sequence[Session], catalogue: Catalogue) -> list[str]:
    """Name the muscles trained less than twice a week."""
    volumes = [session_volume(session, catalogue) for session in strength]
    rare = [
        muscle
        for muscle in MUSCLES
        if sum(found[muscle] >= rules.TRAINED_SETS for found in volumes) < min(rules.TIMES, max(1, len(strength)))
    ]
    if len(strength) == 1:
        return ["Frequency: one strength session a week trains each muscle once instead of twice."]
    return [f"Frequency: {', '.join(rare)} trained less than twice a week."] if rare else []
