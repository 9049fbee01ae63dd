"""The certificate of a day: what was checked and how it came out, as shown to the person.

Invariant: every figure is the judge's own, none is taken from what composed or proposed the day.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mealplans.planner import judge
from mealplans.planner.ladder import RELAXATIONS, ROUNDING, ceiling
from mealplans.planner.values import Catalogue, Day, Eater


def certificate(
    day: Day, eater: Eater, catalogue: Catalogue, *, rung: int, relaxations: Sequence[str]
) -> dict[str, Any]:
    """Return the day's certificate, ready for JSON; `passed` says that no hard rule is broken."""
    found = judge.faults([day], eater, catalogue)
    sums = judge.totals(day, catalogue)
    targets = eater.targets
    return {
        **{name: _target(sums[name], getattr(targets, name)) for name in ("kcal", "protein", "carbs", "fat")},
        "fibre": _goal(sums["fibre"], "at_least", targets.fibre),
        "sodium": _goal(sums["sodium"], "at_most", targets.sodium),
        "sat_fat": _goal(sums["sat_fat"], "at_most", targets.sat_fat),
        "allergens": {
            "excluded": sorted(judge.excluded(eater)),
            "found": [fault.detail for fault in found if fault.code == "allergen"],
        },
        "diets": {
            "kept": sorted(eater.diets),
            "found": [fault.detail for fault in found if fault.code == "diet"],
        },
        "conditions": {
            "kept": sorted(eater.conditions),
            "found": [fault.detail for fault in found if fault.code == "condition"],
        },
        "ceilings": _ceiling(sums["protein"] or 0.0, ceiling(eater)),
        "floors": _floor(sums["kcal"] or 0.0, targets.floor),
        "rung": rung,
        "relaxations": [{"code": name, "meaning": RELAXATIONS[name]} for name in relaxations],
        "deviations": [{"code": fault.code, "detail": fault.detail} for fault in found if not fault.hard],
        "passed": not any(fault.hard for fault in found),
    }


def _target(actual: float | None, target: int) -> dict[str, float | None]:
    value = actual or 0.0
    return {"target": target, "actual": round(value, 1), "delta_pct": round(100 * (value / target - 1), 2)}


def _goal(actual: float | None, kind: str, goal: int) -> dict[str, float | bool | None]:
    """Return the figure beside its goal; `met` is None when the figure is unknown."""
    if actual is None:
        return {kind: goal, "actual": None, "met": None}
    met = actual >= goal if kind == "at_least" else actual <= goal
    return {kind: goal, "actual": round(actual, 1), "met": met}


def _ceiling(actual: float, most: float | None) -> dict[str, object]:
    if most is None:
        return {}
    reason = "with kidney disease never more than a tenth above the target"
    return {"protein": {"ceiling": round(most, 1), "held": actual <= most + ROUNDING, "reason": reason}}


def _floor(actual: float, floor: Mapping[str, object] | None) -> dict[str, object]:
    if floor is None:
        return {}
    return {
        "kcal": {"floor": floor["kcal"], "held": actual >= float(str(floor["kcal"])), "reason": floor.get("reason")}
    }
