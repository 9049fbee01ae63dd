"""Which exercises a trainee may do, and the few of them that the search looks at.

Invariant: nothing that a rule objects to ever enters the pool.
"""

import datetime as dt
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from workouts.planner import minutes, prescription, rules
from workouts.planner.problem import Option
from workouts.planner.values import LEVELS, MUSCLES, Catalogue, Exercise, Item, Trainee

PER_MUSCLE = 9
ENOUGH = 2  # proper exercises of a muscle that make last resorts needless
FAMILIAR = 15.0  # known lifts stay, or there is nothing to progress
JITTER = 3.0
LAST_RESORT = 20.0
TOO_EASY, TECHNICAL, FIRST_TOOL, SECOND_TOOL, NO_TOOL, BIG, EASIEST = 3.0, 4.0, 5.0, 2.0, -2.0, 6.0, 4.0
JERKY = {True: 8.0, False: 2.0}  # speed work builds little muscle
LOADABLE = frozenset({"barbell", "dumbbell", "machine", "cable", "kettlebell", "band"})
REHAB = ("lying_pelvic_tilt", "lying_abdominal_brace", "lying_heel", "seated_knee_lift")
GENTLE = (
    "ankle_pump", "lying_short_arc", "seated_heel_raise", "wall_angel", "wall_triceps_press", "straight_leg_raise",
    "towel_pulldown",
)  # fmt: skip
MOST_ISOLATION = 4  # sets
Liked = tuple[Exercise, float]


def eligible(trainee: Trainee, catalogue: Catalogue) -> tuple[Exercise, ...]:
    """Return what the trainee may do, strength, cardio and mobility alike, by slug."""
    return tuple(found for found in catalogue.exercises.values() if rules.objection(found, trainee) is None)


def strength(allowed: Iterable[Exercise]) -> list[Exercise]:
    """Return the exercises that build muscle."""
    return [found for found in allowed if rules.weights(found) and not rules.has_word(found.slug, rules.BALANCE)]


def liking(exercise: Exercise, trainee: Trainee) -> float:
    """Return how well an exercise suits: familiar, of the trainee's level, with the tools owned, big before small."""
    logged = trainee.history.get(exercise.slug, ())
    total = FAMILIAR if logged or exercise.slug in trainee.e1rm else 0.0
    if logged and logged[-1].pain:
        total = -FAMILIAR
    total += _tool(exercise, trainee) + _challenge(exercise, trainee)
    if exercise.compound and exercise.pattern != "carry":
        total += BIG
    if rules.has_word(exercise.slug, rules.EXPLOSIVE):
        total -= JERKY[trainee.goal == "gain_muscle"]
    return total - LAST_RESORT * is_last_resort(exercise)


def _tool(exercise: Exercise, trainee: Trainee) -> float:
    """Return how well the tool serves: what can be loaded step by step before what cannot."""
    if exercise.load_kind == "external":
        better = trainee.equipment & {"barbell", "dumbbell", "machine", "cable"}
        return SECOND_TOOL if "kettlebell" in exercise.equipment and better else FIRST_TOOL
    return 0.0 if exercise.load_kind == "band" or not trainee.equipment & LOADABLE else NO_TOOL


def _challenge(exercise: Exercise, trainee: Trainee) -> float:
    """Return how well the difficulty fits: no beginner's substitute, no feat where a plain lift can be loaded."""
    gap = LEVELS.index(rules.skill_of(trainee)) - LEVELS.index(exercise.level)
    if exercise.load_kind == "external":
        return -TECHNICAL if exercise.level == "advanced" else -TOO_EASY * max(0, gap - 1)
    frail = rules.is_gentle(trainee) and trainee.age >= rules.YOUTH
    easiest = exercise.regression is None and exercise.progression is not None
    total = -TOO_EASY * max(0, gap) + (EASIEST if frail else -EASIEST) * easiest
    return total - (EASIEST if rules.has_word(exercise.slug, REHAB) and not frail else 0.0)


def is_last_resort(exercise: Exercise) -> bool:
    """Tell whether an exercise is a gentle one that serves where injuries or lack of tools leave nothing better."""
    if exercise.pattern in ("core", "carry"):
        return False
    return exercise.mode == "time" or rules.has_word(exercise.slug, GENTLE)


def menu(trainee: Trainee, allowed: Sequence[Exercise], *, rng: random.Random, keep: Collection[str]) -> list[Liked]:
    """Return what the search chooses from: for every muscle the best-suited few, patterns mixed, plus all in `keep`."""
    likings = {found.slug: liking(found, trainee) + JITTER * rng.random() for found in allowed}
    chosen = {found.slug: found for found in allowed if found.slug in keep}
    for muscle in MUSCLES:
        chosen |= {found.slug: found for found in _best_for(muscle, allowed, likings)}
    return [(chosen[slug], likings[slug]) for slug in sorted(chosen)]


def options(liked: Sequence[Liked], trainee: Trainee, limits: rules.Limits, *, rest: str, on: dt.date) -> list[Option]:
    """Return a menu as the search sees it, timed as it would be prescribed with this style of rest."""
    found: list[Option] = []
    for exercise, likes in liked:
        item = prescription.prescribe(exercise, trainee, limits, sets=1, rest=rest, on=on, ramps=1)
        small = not exercise.compound or exercise.pattern == "carry"
        most = min(limits.max_sets, MOST_ISOLATION) if small else limits.max_sets
        first, more = minutes.item_seconds(item), minutes.set_seconds(item)
        found.append(_option(exercise, first=first, more=more, most=most, likes=likes))
    return found


def fixed_option(item: Item, exercise: Exercise) -> Option:
    """Return an item that must stay as an option that takes exactly its own time; balance work counts as no sets."""
    more = minutes.set_seconds(item)
    first = minutes.item_seconds(item) - (item.sets - 1) * more
    option = _option(exercise, first=first, more=more, most=item.sets, likes=0.0)
    return replace(option, loads=(), primary=frozenset()) if item.role == "balance" else option


def _best_for(muscle: str, allowed: Sequence[Exercise], likings: dict[str, float]) -> list[Exercise]:
    """Return the best-suited exercises of a muscle, patterns mixed; the last resorts only where little else is left."""
    found = [exercise for exercise in allowed if muscle in exercise.primary]
    proper = [exercise for exercise in found if not is_last_resort(exercise)]
    found = proper if len(proper) >= ENOUGH else found or [one for one in allowed if muscle in one.secondary]
    places: dict[str, int] = {}
    scored: list[tuple[float, Exercise]] = []
    for exercise in sorted(found, key=lambda exercise: -likings[exercise.slug]):
        place = places[exercise.pattern] = places.get(exercise.pattern, 0) + 1
        scored.append((likings[exercise.slug] - 1.5 * (place - 1), exercise))
    return [exercise for _, exercise in sorted(scored, key=lambda pair: -pair[0])[:PER_MUSCLE]]


def _option(exercise: Exercise, *, first: int, more: int, most: int, likes: float) -> Option:
    """Return an exercise as an option, its muscles as indices."""
    loads = rules.weights(exercise)
    return Option(
        slug=exercise.slug,
        loads=tuple((MUSCLES.index(muscle), weight) for muscle, weight in loads.items()),
        primary=frozenset(MUSCLES.index(muscle) for muscle in exercise.primary),
        pattern=exercise.pattern,
        first=first,
        more=more,
        most=most,
        liking=likes,
        compound=exercise.compound and exercise.pattern not in ("core", "carry"),
    )
