"""The ladder of relaxations, and the bounds of a day on each of its rungs.

Invariant: a rung widens what a person would rather have; it never touches a diet, an allergen or the energy floor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mealplans.planner.values import Eater
from users.targets import Targets

ENERGY, WIDE_ENERGY = 0.01, 0.03
ROUNDING = 1e-6  # kcal and g that a machine may be off by
MACRO, WIDE_MACRO = 0.10, 0.20
WIDE_PROTEIN, WIDEST_PROTEIN = (0.95, 1.20), (0.80, 1.30)  # of the target
PROTEIN_CEILING = frozenset({"kidney_disease"})  # conditions in which the strict band's most holds on every rung
AMDR: Mapping[str, tuple[float, float]] = {"carbs": (0.45, 0.65), "fat": (0.20, 0.35)}  # IOM 2005, share of energy
KCAL_PER_GRAM: Mapping[str, int] = {"protein": 4, "carbs": 4, "fat": 9}
BY_SUMS = frozenset({"macros", "macro_ranges"})  # relaxations that differ only in how a day's totals are judged
WEEKLY_USES, RELAXED_USES = 2, 7  # of one dish in seven days

RELAXATIONS: Mapping[str, str] = {
    "macros": "protein from 5 % below to 20 % above its target (never above a ceiling), "
    "carbohydrate and fat within 20 %",
    "macro_ranges": "carbohydrate and fat within the accepted ranges, "
    "protein from 20 % below to 30 % above its target (never above a ceiling)",
    "prep_time": "dishes that take longer than the time limit",
    "repetition": "a dish on two days running, or more than twice in a week",
    "budget": "dishes above the budget",
    "energy": "energy within 3 % of its target",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most of a day in kcal and g."""

    kcal: tuple[float, float]
    protein: tuple[float, float]
    carbs: tuple[float, float]
    fat: tuple[float, float]

    def hold(self, kcal: float, protein: float, carbs: float, fat: float) -> bool:
        """Tell whether a day's totals lie within all the bounds."""
        pairs = ((kcal, self.kcal), (protein, self.protein), (carbs, self.carbs), (fat, self.fat))
        return all(low - ROUNDING <= value <= high + ROUNDING for value, (low, high) in pairs)


@dataclass(frozen=True, slots=True)
class Rung:
    """What may give way, by the names of RELAXATIONS."""

    number: int
    allowed: frozenset[str]

    def allows(self, relaxation: str) -> bool:
        """Tell whether this rung has the relaxation."""
        return relaxation in self.allowed


STRICT = Rung(0, frozenset())
LOWEST = Rung(len(RELAXATIONS), frozenset(RELAXATIONS))


def ladder(eater: Eater) -> tuple[Rung, ...]:
    """Return the rungs from the strict one down, each with all that is above it.

    Those that could change nothing for this eater are left out.
    """
    useless = {"prep_time": not eater.max_prep_minutes, "budget": eater.budget is None}
    rungs, allowed = [STRICT], frozenset[str]()
    for number, name in enumerate(RELAXATIONS, start=1):
        if not useless.get(name):
            allowed |= {name}
            rungs.append(Rung(number, allowed))
    return tuple(rungs)


def rung_of(relaxations: Sequence[str]) -> int:
    """Return the number of the highest rung on which a plan with these relaxations can stand."""
    return max((number for number, name in enumerate(RELAXATIONS, start=1) if name in relaxations), default=0)


def bounds(eater: Eater, rung: Rung) -> Bounds:
    """Return the bounds of a day: energy within 1 %, protein -0/+10 %, carbohydrate and fat within 10 %, or wider.

    Where protein has a ceiling it is -10/+10 %, and may only come out lower.
    """
    target = eater.targets
    found = Bounds(
        _energy(target, WIDE_ENERGY if rung.allows("energy") else ENERGY),
        _scaled(target.protein, _protein(eater, rung)),
        _macro("carbs", target, rung),
        _macro("fat", target, rung),
    )
    if "keto" in eater.diets:
        return replace(found, carbs=(0.0, found.carbs[1]))  # ketosis asks for a most, not for a least
    return found


def ceiling(eater: Eater) -> float | None:
    """Return the g of protein that no day may go beyond, where a condition asks for such a limit."""
    return (1 + MACRO) * eater.targets.protein if eater.conditions & PROTEIN_CEILING else None


def _protein(eater: Eater, rung: Rung) -> tuple[float, float]:
    least, most = (1.0, 1 + MACRO)
    if rung.allows("macros"):
        least, most = WIDEST_PROTEIN if rung.allows("macro_ranges") else WIDE_PROTEIN
    return (min(least, 1 - MACRO), 1 + MACRO) if ceiling(eater) else (least, most)


def _macro(name: str, target: Targets, rung: Rung) -> tuple[float, float]:
    """Return the bounds of carbs or fat; one that is meant to lie outside the accepted range stays near its target."""
    own: int = getattr(target, name)
    share = WIDE_MACRO if rung.allows("macros") else MACRO
    around = _scaled(own, (1 - share, 1 + share))
    low, high = _scaled(target.kcal / KCAL_PER_GRAM[name], AMDR[name])
    if rung.allows("macro_ranges") and low * 0.99 <= own <= high * 1.01:
        return min(low, around[0]), max(high, around[1])
    return around


def _energy(target: Targets, share: float) -> tuple[float, float]:
    low, high = _scaled(target.kcal, (1 - share, 1 + share))
    return max(low, floor(target)), high


def floor(target: Targets) -> float:
    """Return the least energy that may ever be planned for this person, kcal a day; 0 when none is set."""
    return float(str((target.floor or {}).get("kcal", 0)))


def _scaled(value: float, shares: tuple[float, float]) -> tuple[float, float]:
    return value * shares[0], value * shares[1]
