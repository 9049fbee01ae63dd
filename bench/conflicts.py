"""Confirm sampled conflict sets with an exact solver: `python bench/conflicts.py --people 2000 --sample 30`.

Invariant: OR-Tools is asked whether some day meets all the wishes on the planner's lowest rung; a conflict is
confirmed only when it proves that none does. It is no dependency of the product: `pip install ortools` beside it.
"""

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import plans  # noqa: E402
from mealplans import planner  # noqa: E402
from mealplans.planner.ladder import LOWEST, bounds  # noqa: E402
from mealplans.planner.menu import menu  # noqa: E402

SCALE = 100  # hundredths of kcal and g: the exact solver counts in whole numbers
SECONDS = 60


def verdict(eater: planner.Eater, catalogue: planner.Catalogue) -> str:
    """Return the exact solver's word on one day for this person: INFEASIBLE, FEASIBLE, OPTIMAL or UNKNOWN."""
    from ortools.sat.python import cp_model  # noqa: PLC0415  (optional)

    model, options = cp_model.CpModel(), menu(eater, catalogue).options
    picked: list[Any] = []
    uses: dict[Any, list[Any]] = {}
    for place, slot in enumerate(eater.slots):
        row = [(model.new_bool_var(f"{place} {i}"), option) for i, option in enumerate(options[slot])]
        model.add_exactly_one([taken for taken, _ in row])
        picked += row
        for taken, option in row:
            uses.setdefault(option.recipe, []).append(taken)
    for same in uses.values():
        model.add_at_most_one(same)
    limits = bounds(eater, LOWEST)
    for place, (low, high) in enumerate((limits.kcal, limits.protein, limits.carbs, limits.fat)):
        total = sum(taken * round(float(option[place]) * SCALE) for taken, option in picked)
        slack = len(eater.slots)  # what rounding to hundredths may hide
        model.add_linear_constraint(total, int(low * SCALE) - slack, int(high * SCALE) + slack)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = SECONDS
    return str(solver.status_name(solver.solve(model)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the verdict on each sampled conflict; return 1 when one is refuted, 2 without OR-Tools."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--sample", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("ortools") is None:
        sys.stdout.write("OR-Tools is not installed here: pip install ortools, and run this again.\n")
        return 2
    verdicts: list[str] = []
    for number in range(options.people):
        if len(verdicts) == options.sample:
            break
        reason = plans.plan(number, options.seed).conflict
        if reason is not None:
            verdicts.append(verdict(plans.someone(number, options.seed).eater, plans.catalogue()))
            sys.stdout.write(f"{number}: {verdicts[-1]}: {reason}\n")
    confirmed = verdicts.count("INFEASIBLE")
    sys.stdout.write(f"{confirmed} of {len(verdicts)} conflict sets are proven to have no plan\n")
    return int(any(word in {"FEASIBLE", "OPTIMAL"} for word in verdicts))


if __name__ == "__main__":
    raise SystemExit(main())
