"""The certificate of a plan: what was checked and how it came out, in the contract's shape.

Invariant: it passes exactly when the judge finds no hard fault.
"""

from collections.abc import Sequence
from typing import Any

from workouts.planner import guideline, inspection, judge, rules, words
from workouts.planner.values import MUSCLES, Catalogue, Fault, Session, Trainee


def certificate(
    sessions: Sequence[Session],
    trainee: Trainee,
    catalogue: Catalogue,
    *,
    rung: str,
    relaxations: Sequence[str],
    around: Sequence[Session] = (),
) -> dict[str, Any]:
    """Return the verdict over the sessions of up to seven days: sets by muscle, minutes, every fault found.

    `guideline` holds ACSM's ten categories in words, `dates` the first and last date, `light_week` whether it is one.
    """
    found = judge.faults(sessions, trainee, catalogue, around=around)
    limits = rules.limits(trainee)
    dates = [session.date for session in sessions]
    known = [one for one in sessions if all(item.exercise_slug in catalogue.exercises for item in one.items)]
    return {
        "volume": _volume(known, trainee, catalogue),
        "injuries": {"declared": sorted(trainee.injuries), "found": _details(found, "injury")},
        "equipment": {"available": sorted(trainee.equipment), "found": _details(found, "equipment")},
        "conditions": {"declared": sorted(trainee.conditions), "found": _details(found, "condition")},
        "recovery": {"hours": 48, "found": _details(found, "recovery")},
        "minutes": {
            "limit": limits.minutes,
            "by_date": {one.date.isoformat(): round(inspection.minutes_of(one)) for one in sessions if one.items},
            "found": _details(found, "minutes"),
        },
        "cardio": {
            "minutes": round(inspection.cardio_of(known, catalogue)),
            "goal": rules.WHO_MINUTES.get(trainee.goal, 0),
        },
        "effort": {"rir": list(limits.rir)},
        "faults": [_fault(fault) for fault in found],
        "passed": not any(fault.hard for fault in found),
        "rung": rung,
        "relaxations": list(relaxations),
        "guideline": guideline.guideline(known, trainee, catalogue),
        "dates": [min(dates).isoformat(), max(dates).isoformat()],
        "light_week": trainee.deload,
        "notices": list(words.notices(trainee)),
        "clearance": words.needs_clearance(trainee),
    }


def _volume(known: Sequence[Session], trainee: Trainee, catalogue: Catalogue) -> dict[str, Any]:
    """Return each muscle's sets, its weekly band and the sessions that train it."""
    counts = [inspection.sets_of(one, catalogue) for one in known]
    return {
        muscle: {
            "sets": sum(count[muscle] for count in counts),
            "band": list(rules.band(trainee, muscle)),
            "sessions": sum(count[muscle] >= rules.TRAINED_SETS for count in counts),
        }
        for muscle in MUSCLES
    }


def _details(found: Sequence[Fault], code: str) -> list[str]:
    """Return the words of the faults of one kind."""
    return [fault.detail for fault in found if fault.code == code]


def _fault(fault: Fault) -> dict[str, Any]:
    """Return a fault as JSON."""
    date = fault.date.isoformat() if fault.date else None
    return {"code": fault.code, "date": date, "detail": fault.detail, "hard": fault.hard}
