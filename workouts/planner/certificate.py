"""The certificate of a plan: what was checked and how it came out, in the contract's shape.

Invariant: it passes exactly when the judge finds no hard fault.
"""

from collections.abc import Sequence
from typing import Any

from workouts.planner import inspection, judge, rules, words
from workouts.planner.values import MUSCLES, Catalogue, Fault, Session, Trainee

VIGOROUS_MET = 6.0


def certificate(
    sessions: Sequence[Session],
    trainee: Trainee,
    catalogue: Catalogue,
    *,
    rung: str,
    relaxations: Sequence[str],
    around: Sequence[Session] = (),
) -> dict[str, Any]:
    """Return the verdict over sessions: volume in fractional sets by muscle, time in minutes, and every fault found."""
    found = judge.faults(sessions, trainee, catalogue, around=around)
    limits = rules.limits(trainee)
    return {
        "volume": _volume(sessions, trainee, catalogue),
        "injuries": {"declared": sorted(trainee.injuries), "found": _details(found, "injury")},
        "equipment": {"available": sorted(trainee.equipment), "found": _details(found, "equipment")},
        "conditions": {"declared": sorted(trainee.conditions), "found": _details(found, "condition")},
        "recovery": {"hours": 48, "found": _details(found, "recovery")},
        "minutes": {
            "limit": limits.minutes,
            "by_date": {one.date.isoformat(): round(inspection.minutes_of(one)) for one in sessions if one.items},
            "found": _details(found, "minutes"),
        },
        "cardio": {"minutes": _cardio(sessions, catalogue), "goal": rules.WHO_MINUTES.get(trainee.goal, 0)},
        "effort": {"rir": list(limits.rir)},
        "faults": [_fault(fault) for fault in found],
        "passed": not any(fault.hard for fault in found),
        "rung": rung,
        "relaxations": list(relaxations),
        "notices": list(words.notices(trainee)),
        "clearance": words.needs_clearance(trainee),
    }


def _volume(sessions: Sequence[Session], trainee: Trainee, catalogue: Catalogue) -> dict[str, Any]:
    """Return each muscle's sets, its weekly band and the sessions that train it."""
    known = [one for one in sessions if all(item.exercise_slug in catalogue.exercises for item in one.items)]
    counts = [inspection.sets_of(one, catalogue) for one in known]
    return {
        muscle: {
            "sets": sum(count[muscle] for count in counts),
            "band": list(rules.band(trainee, muscle)),
            "sessions": sum(count[muscle] >= rules.TRAINED_SETS for count in counts),
        }
        for muscle in MUSCLES
    }


def _cardio(sessions: Sequence[Session], catalogue: Catalogue) -> int:
    """Return the minutes of moderate activity, vigorous ones twice."""
    total = 0.0
    for item in (item for one in sessions for item in one.items if item.role == "cardio" and item.duration_s):
        known = catalogue.exercises.get(item.exercise_slug)
        total += item.sets * (item.duration_s or 0) / 60 * (2 if known and known.met >= VIGOROUS_MET else 1)
    return round(total)


def _details(found: Sequence[Fault], code: str) -> list[str]:
    """Return the words of the faults of one kind."""
    return [fault.detail for fault in found if fault.code == code]


def _fault(fault: Fault) -> dict[str, Any]:
    """Return a fault as JSON."""
    date = fault.date.isoformat() if fault.date else None
    return {"code": fault.code, "date": date, "detail": fault.detail, "hard": fault.hard}
