"""Try conflict sets on an exact solver: `python bench/conflicts.py --people 2000 --sample 30`.

Invariant: OR-Tools is told what to look for and never how the planner looked. A set is confirmed only when it is proven
that no day meets it on the lowest rung, and minimal only when without any one of its wishes there is such a day.
"""

import argparse
import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench import people  # noqa: E402
from mealplans import planner  # noqa: E402
from mealplans.planner.conflict import Wish, asked, wishes  # noqa: E402
from mealplans.planner.ladder import Bounds  # noqa: E402
from mealplans.planner.menu import menu  # noqa: E402

INSTALLED = importlib.util.find_spec("ortools") is not None
SCALE = 10**6  # millionths of kcal and g: the exact solver counts in whole numbers
MOST = 10**10  # of them in a day: a bound that is as good as none
SECONDS = 60
DAY = people.MONDAY


def sampled(numbers: int, sample: int, seed: int) -> Iterator[tuple[int, planner.Eater, planner.Conflict]]:
    """Yield the first people of that many whose wishes cannot be met, and the planner's word on it.

    Those for whom the planner only says that it found nothing are yielded too, and do not count for the sample.
    """
    found = 0
    for number in range(numbers):
        eater = people.picky(number, seed)
        try:
            planner.compose(eater, people.catalogue(), [DAY], seed=number)
        except planner.Conflict as conflict:
            found += conflict.proven
            yield number, eater, conflict
        if found == sample:
            return


def judged(eater: planner.Eater, conflict: planner.Conflict) -> tuple[str, bool]:
    """Return the exact solver's word on the conflict set, and whether each of its wishes is needed for it.

    Whether they are is not asked of a set that is not said to be one.
    """
    kept = [wish for group in wishes(eater, 0) for wish in group if wish.reason in conflict.reasons]
    fewer = ([other for other in kept if other is not wish] for wish in kept)
    return verdict(eater, kept), conflict.proven and all(verdict(eater, some) == "FEASIBLE" for some in fewer)


def verdict(eater: planner.Eater, wanted: Sequence[Wish]) -> str:
    """Return whether some day meets these wishes: INFEASIBLE, FEASIBLE or UNKNOWN."""
    words = set()
    for alone, bounds in asked(eater, wanted):
        words.add(_solved(alone, bounds))
        if "FEASIBLE" in words:
            return "FEASIBLE"
    return "UNKNOWN" if "UNKNOWN" in words else "INFEASIBLE"


def _solved(eater: planner.Eater, bounds: Bounds) -> str:
    from ortools.sat.python import cp_model  # noqa: PLC0415  (optional)

    model, options = cp_model.CpModel(), menu(eater, people.catalogue(), bounds).options
    picked: list[Any] = []
    uses: dict[str, list[Any]] = {}
    for place, slot in enumerate(eater.slots):
        row = [(model.new_bool_var(f"{place} {i}"), option) for i, option in enumerate(options[slot])]
        model.add_exactly_one([taken for taken, _ in row])
        picked += row
        for taken, option in row:
            uses.setdefault(option.recipe, []).append(taken)
    for same in uses.values():
        model.add_at_most_one(same)
    slack = len(eater.slots)  # what rounding may hide
    for place, (low, high) in enumerate((bounds.kcal, bounds.protein, bounds.carbs, bounds.fat)):
        total = sum(taken * round(float(option[place]) * SCALE) for taken, option in picked)
        model.add_linear_constraint(total, int(low * SCALE) - slack, int(min(high * SCALE, MOST)) + slack)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = SECONDS
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return str(solver.status_name(status))
    day = [option for taken, option in picked if solver.value(taken)]
    return "FEASIBLE" if bounds.hold(*(sum(option[place] for option in day) for place in range(4))) else "UNKNOWN"


def rows(numbers: int, sample: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of the table: what, measured, goal."""
    if not INSTALLED:
        yield "conflict sets confirmed infeasible by OR-Tools", "not installed", f">= {sample}"
        return
    words, doubts, minimal, honest = Counter[str](), Counter[str](), 0, 0
    for number, eater, conflict in sampled(numbers, sample, seed):
        word, needed = judged(eater, conflict)
        if not conflict.proven:
            doubts[word] += 1
            continue
        words[word] += 1
        minimal += needed
        honest += needed or not conflict.minimal
        if word != "INFEASIBLE" or (conflict.minimal and not needed):
            sys.stdout.write(f"picky {number}: {word}, {'' if needed else 'not '}minimal: {conflict}\n")
    count = words.total()
    others = f", {words['UNKNOWN']} unknown, {words['FEASIBLE']} refuted"
    yield "conflict sets confirmed infeasible by OR-Tools", f"{words['INFEASIBLE']} of {count}{others}", f">= {sample}"
    yield "days not found, and said so", f"{doubts.total()}, {doubts['FEASIBLE']} found by OR-Tools", ""
    yield "conflict sets that are minimal", f"{minimal / max(1, count):.1%}", ""
    yield "conflict sets minimal, or said not to be", f"{honest / max(1, count):.1%}", "100%"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows; return 1 when a set is refuted, 2 without OR-Tools."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--sample", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    if not INSTALLED:
        sys.stdout.write("OR-Tools is not installed here: pip install ortools, and run this again.\n")
        return 2
    found = list(rows(options.people, options.sample, options.seed))
    for what, measured, goal in found:
        sys.stdout.write(f"{what:46} {measured:>40}   {goal}\n")
    return int(", 0 refuted" not in found[0][1])


if __name__ == "__main__":
    raise SystemExit(main())
