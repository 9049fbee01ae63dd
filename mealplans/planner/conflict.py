"""Why nothing fits: the smallest set of wishes that cannot be met together, and the ways out.

Invariant: every wish in the set is needed for the conflict: without any one of them a day comes out. Where finding
that out would take too long, the set is larger and says so.
"""

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mealplans.planner.deep import settled
from mealplans.planner.ladder import LOWEST, Bounds, bounds
from mealplans.planner.reach import reachable
from mealplans.planner.rules import BY_PREFERENCE, BY_TARGETS, refusal
from mealplans.planner.search import search
from mealplans.planner.table import Table
from mealplans.planner.traits import traits
from mealplans.planner.values import Catalogue, Conflict, Dish, Eater

ANY = (0.0, 1e9)
PATIENCE = 200  # tables that are laid to find out which wishes clash …
LONG = 15  # … and for how many of them a long search counts
OTHER_SHARES = "share the energy out otherwise"


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing asked for: in words, what giving it up means, and the two ways to name it."""

    kind: str
    name: str
    reason: str
    relax: str


def refuse_locks(eater: Eater, catalogue: Catalogue, locked: Mapping[dt.date, Sequence[Dish]]) -> None:
    """Refuse locked dishes that break a hard rule.

    :raises Conflict: naming each of them.
    """
    known = traits(catalogue)
    broken = {}
    for dish in (dish for date in sorted(locked) for dish in locked[date]):
        why = refusal(known[dish.recipe_slug], eater) if dish.recipe_slug in known else "is no longer served"
        if why:
            broken[f"{dish.recipe_slug} (locked, but {why})"] = f"unlock {dish.recipe_slug}"
    if broken:
        raise Conflict(list(broken), list(broken.values()))


def unproven(table: Table, date: dt.date) -> Conflict:
    """Return the conflict of a date that no day was found for, though there may be one: all the wishes."""
    kept = [wish for group in wishes(table.eater, len(table.locked.get(date, ()))) for wish in group]
    return Conflict([wish.reason for wish in kept], [wish.relax for wish in kept], minimal=False, proven=False)


def explained(table: Table, date: dt.date) -> Conflict:
    """Return the conflict, of which it is proven that there is one: of all the wishes, those that it needs.

    What is easily given up is doubted first.
    """
    dear, easy = wishes(table.eater, len(table.locked.get(date, ())))
    inquiry = Inquiry(table, date, PATIENCE)
    kept = inquiry.needed(dear, easy, doubtful=True)
    kept = inquiry.needed(kept, dear, doubtful=bool(kept)) + kept
    if not inquiry.certain:
        kept = inquiry.tried_singly(kept)
    kept = kept or [Wish("energy", "", f"{table.eater.targets.kcal:,} kcal a day", "change the energy target")]
    return Conflict(
        [wish.reason for wish in kept], [wish.relax for wish in kept], minimal=inquiry.certain and inquiry.patience > 0
    )


@dataclass(slots=True)
class Inquiry:
    """Questions whether wishes clash on a date. Each costs patience; without it, and where it is not `certain`, no."""

    table: Table
    date: dt.date
    patience: int
    certain: bool = True

    def needed(self, kept: list[Wish], doubted: list[Wish], *, doubtful: bool) -> list[Wish]:
        """Return those of the doubted wishes that clash with the kept ones, where all of them together do.

        None can be left out of them while patience lasts (QuickXplain, Junker 2004).
        """
        if doubtful and self.clash(kept):
            return []
        if len(doubted) <= 1:
            return doubted
        first, second = doubted[: len(doubted) // 2], doubted[len(doubted) // 2 :]
        later = self.needed(kept + first, second, doubtful=True)
        return self.needed(kept + later, first, doubtful=bool(later)) + later

    def tried_singly(self, kept: list[Wish]) -> list[Wish]:
        """Drop each wish without which it is sure that the others clash; `certain` then tells of those that stay."""
        self.certain = True
        for wish in list(kept):
            fewer = [other for other in kept if other is not wish]
            if self.clash(fewer):
                kept = fewer
        return kept

    def clash(self, wanted: Sequence[Wish]) -> bool:
        """Tell whether it is sure that no day meets these wishes alone, on the lowest rung."""
        locked = self.table.locked if any(wish.kind == "locks" for wish in wanted) else {}
        return not any(self._may_come_out(eater, widest, locked) for eater, widest in asked(self.table.eater, wanted))

    def _may_come_out(self, eater: Eater, widest: Bounds, locked: Mapping[dt.date, Sequence[Dish]]) -> bool:
        """Tell whether a day comes out, or it would take too long to find out."""
        if self.patience <= 0:
            return True
        self.patience -= 1
        table = Table(eater, self.table.catalogue, self.table.seed, locked, {}, widest=widest)
        task = replace(table.task(self.date, LOWEST), bounds=widest)
        if not reachable(task.slots, task.fixed, task.bounds):
            return False
        rng = random.Random(f"{table.seed} conflict")
        found = search(task, rng)
        if found is None or found.fits:
            return found is not None
        self.patience -= LONG
        deeper, sure = settled(task, found, rng)
        self.certain &= sure
        return deeper is not None or not sure


def hopeless(table: Table, date: dt.date) -> bool:
    """Tell whether it is proven that not even the lowest rung can fill the date."""
    task = table.task(date, LOWEST)
    return not reachable(task.slots, task.fixed, bounds(table.eater, LOWEST))


def wishes(eater: Eater, locks: int) -> tuple[list[Wish], list[Wish]]:
    """Return everything the eater asks for that a day can fail on: what is dear, and what is easily given up.

    The number of meals comes first, to be doubted last: without it there is four times as much to try.
    """
    energy = f"{eater.targets.kcal:,} kcal"
    dear = [Wish("meals", "", f"{eater.meals_per_day} meals a day with {energy}", "have another number of meals")]
    free = [(name, f"{name.removesuffix('s')}-free") for name in sorted(eater.allergens)]
    dear += [Wish("allergens", name, reason, f"allow {name}") for name, reason in free]
    diets = sorted(eater.diets - BY_TARGETS - BY_PREFERENCE)
    dear += [Wish("diets", name, _plain(name), f"give up {_plain(name)}") for name in diets]
    protein = f"{eater.targets.protein} g protein at {energy}"
    dear += [Wish("protein", "", protein, "change the protein or energy target"), _fuel(eater, energy)]
    easy = [Wish("disliked", name, f"no {name}", f"allow {name}") for name in sorted(eater.disliked)]
    return dear, easy + ([Wish("locks", "", "the locked dishes of the day", "unlock a dish")] if locks else [])


def _fuel(eater: Eater, energy: str) -> Wish:
    """Return carbohydrate and fat as one wish, under the name of the diet that sets them."""
    target, diet = eater.targets, " and ".join(sorted(eater.diets & BY_TARGETS))
    amounts = f"{target.carbs} g carbohydrate and {target.fat} g fat at {energy}"
    reason, relax = (f"{_plain(diet)} ({amounts})", f"give up {_plain(diet)}") if diet else (amounts, OTHER_SHARES)
    return Wish("fuel", "", reason, relax)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def asked(eater: Eater, wanted: Sequence[Wish]) -> list[tuple[Eater, Bounds]]:
    """Return who asks for these wishes alone and the bounds of a day then: one for each number of meals left open."""
    names = {kind: frozenset(w.name for w in wanted if w.kind == kind) for kind in ("disliked", "diets", "allergens")}
    kinds = {wish.kind for wish in wanted}
    alone = replace(
        eater,
        disliked=names["disliked"],
        diets=names["diets"] | (eater.diets & BY_TARGETS),
        allergens=names["allergens"],
    )
    sizes = [eater.meals_per_day] if "meals" in kinds else [3, 4, 5, 6]
    return [(replace(alone, meals_per_day=size), _bounds(alone, kinds)) for size in sizes]


def _bounds(eater: Eater, kinds: set[str]) -> Bounds:
    found = bounds(eater, LOWEST)
    return Bounds(
        kcal=found.kcal,
        protein=found.protein if "protein" in kinds else ANY,
        carbs=found.carbs if "fuel" in kinds else ANY,
        fat=found.fat if "fuel" in kinds else ANY,
    )
