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
STAPLE, ODD, AWKWARD, LIGHT_ENOUGH, ARMS_FIRST = 3.0, 8.0, 6.0, 8, 5.0
STAPLES = frozenset({
    "arnold_press", "band_curl", "band_floor_press", "band_pallof_press", "band_pull_apart", "band_pushdown",
    "band_row", "band_split_squat", "barbell_back_squat", "barbell_bench_press", "barbell_curl",
    "barbell_hip_thrust", "barbell_overhead_press", "barbell_romanian_deadlift", "barbell_row", "bird_dog",
    "bulgarian_split_squat", "cable_crunch", "cable_curl", "cable_fly", "cable_lateral_raise", "cable_pallof_press",
    "cable_pushdown", "chest_supported_dumbbell_row", "chin_up", "dead_bug", "doorway_row", "dumbbell_bench_press",
    "dumbbell_bulgarian_split_squat", "dumbbell_curl", "dumbbell_floor_press", "dumbbell_lateral_raise",
    "dumbbell_reverse_lunge", "dumbbell_romanian_deadlift", "dumbbell_shoulder_press", "dumbbell_split_squat",
    "dumbbell_step_up", "face_pull", "front_plank", "glute_bridge", "goblet_squat", "hammer_curl",
    "hanging_knee_raise", "incline_dumbbell_press", "incline_push_up", "kettlebell_deadlift",
    "kettlebell_goblet_squat", "kettlebell_press", "kettlebell_row", "knee_push_up", "lat_pulldown",
    "leg_extension", "leg_press", "lying_leg_curl", "machine_chest_press", "machine_pulldown", "machine_row",
    "machine_shoulder_press", "one_arm_dumbbell_row", "pull_up", "push_up", "reverse_crunch", "reverse_lunge",
    "seated_cable_row", "seated_dumbbell_press", "seated_leg_curl", "side_plank", "split_squat",
    "standing_calf_raise", "step_up", "table_row", "walking_lunge",
})  # fmt: skip
ODDITIES = (
    "alternating_kettlebell_floor", "barbell_half_curl", "barbell_suitcase", "cable_march", "close_grip_floor", "cuban",
    "drag_curl", "frog_pump", "gorilla", "kettlebell_around", "kettlebell_halo", "one_arm_kneeling", "prone_ytw",
    "renegade", "tate_press", "towel_", "upright_row", "zercher", "zottman", "narrow_wall_push_up", "landmine_rotation",
    "reverse_nordic", "prone_hip_extension", "paused_bench", "rack_pull",
)  # fmt: skip
FLOOR = (
    "bridge", "floor", "plank", "lying", "prone", "supine", "superman", "dead_bug", "bird_dog", "crunch", "clamshell",
    "donkey_kick", "fire_hydrant", "childs_pose", "figure_four", "cat_camel", "curl_up",
    "rollout", "hollow",
)  # fmt: skip
MOST_ISOLATION = 4  # sets
AGAIN, VARIED, CARRIED = 4.0, 20.0, 3.0
Liked = tuple[Exercise, float]


def eligible(trainee: Trainee, catalogue: Catalogue) -> tuple[Exercise, ...]:
    """Return what the trainee may do, strength, cardio and mobility alike, by slug."""
    return tuple(found for found in catalogue.exercises.values() if rules.objection(found, trainee) is None)


def strength(allowed: Iterable[Exercise]) -> list[Exercise]:
    """Return the exercises that build muscle."""
    return [found for found in allowed if rules.weights(found) and not rules.has_word(found.slug, rules.BALANCE)]


def liking(exercise: Exercise, trainee: Trainee) -> float:
    """Return how well an exercise suits: familiar, of the trainee's level, with the tools owned, big before small."""
    total = _familiarity(exercise, trainee) + _tool(exercise, trainee) + _challenge(exercise, trainee)
    total += _standing(exercise, trainee)
    if exercise.compound and exercise.pattern != "carry":
        total += BIG - ARMS_FIRST * exercise.primary[0].endswith("ceps")
    if rules.has_word(exercise.slug, rules.EXPLOSIVE):
        total -= JERKY[trainee.goal == "gain_muscle"]
    return total - LAST_RESORT * is_last_resort(exercise)


def _familiarity(exercise: Exercise, trainee: Trainee) -> float:
    """Return what logged sets say: known lifts stay, what hurt or gave way to a variant goes, the variant comes."""
    slug, logged = exercise.slug, trainee.history.get(exercise.slug, ())
    if slug in trainee.variants or (logged and logged[-1].pain):
        return -FAMILIAR
    return FAMILIAR if logged or slug in trainee.e1rm or slug in trainee.variants.values() else 0.0


def _standing(exercise: Exercise, trainee: Trainee) -> float:
    """Return how usual an exercise is, and how well it becomes those who must be careful."""
    slug = exercise.slug
    total = STAPLE * (slug in STAPLES) - ODD * rules.has_word(slug, ODDITIES)
    if trainee.age >= rules.OLD and rules.has_word(slug, FLOOR):
        total -= AWKWARD
    return total - AWKWARD * (_is_heavy(exercise) and rules.is_gentle(trainee))


def _is_heavy(exercise: Exercise) -> bool:
    """Tell whether an exercise is done for few repetitions only."""
    return exercise.mode == "reps" and exercise.rep_range[1] < LIGHT_ENOUGH


def _tool(exercise: Exercise, trainee: Trainee) -> float:
    """Return how well the tool serves: what can be loaded step by step before what cannot."""
    if exercise.pattern == "carry":
        return -CARRIED
    if exercise.load_kind == "external":
        if exercise.pattern == "core":
            return 0.0
        better = trainee.equipment & {"barbell", "dumbbell", "machine", "cable"}
        return SECOND_TOOL if "kettlebell" in exercise.equipment and better else FIRST_TOOL
    return 0.0 if exercise.load_kind == "band" or not trainee.equipment & LOADABLE else NO_TOOL


def _challenge(exercise: Exercise, trainee: Trainee) -> float:
    """Return how well the difficulty fits: no beginner's substitute, no feat where a plain lift can be loaded."""
    gap = LEVELS.index(rules.skill_of(trainee)) - LEVELS.index(exercise.level)
    if exercise.load_kind == "external":
        return -TECHNICAL if exercise.level == "advanced" else -TOO_EASY * max(0, gap - 1)
    frail = rules.is_gentle(trainee) and trainee.age >= rules.YOUTH and "pregnant" not in trainee.conditions
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
        chosen |= {found.slug: found for found in _best_for(muscle, allowed, likings, trainee.age)}
    return [(chosen[slug], likings[slug]) for slug in sorted(chosen)]


def options(
    liked: Sequence[Liked],
    trainee: Trainee,
    limits: rules.Limits,
    *,
    rest: str,
    on: dt.date,
    keep: Collection[str] = (),
) -> list[Option]:
    """Return a menu as the search sees it, timed as it would be prescribed with this style of rest."""
    found: list[Option] = []
    for exercise, likes in liked:
        item = prescription.prescribe(exercise, trainee, limits, sets=1, rest=rest, on=on, ramps=1)
        small = not exercise.compound or exercise.pattern == "carry" or _is_heavy(exercise)
        most = min(limits.max_sets, MOST_ISOLATION) if small else limits.max_sets
        first, more = minutes.item_seconds(item), minutes.set_seconds(item)
        option = _option(exercise, first=first, more=more, most=most, likes=likes)
        found.append(replace(option, again=_again(exercise), kept=exercise.slug in keep))
    return found


def fixed_option(item: Item, exercise: Exercise) -> Option:
    """Return an item that must stay as an option that takes exactly its own time; balance work counts as no sets."""
    more = minutes.set_seconds(item)
    first = minutes.item_seconds(item) - (item.sets - 1) * more
    option = _option(exercise, first=first, more=more, most=item.sets, likes=0.0)
    return replace(option, loads=(), primary=frozenset()) if item.role == "balance" else option


def _again(exercise: Exercise) -> float:
    """Return what a second time in the week costs: more for carries, and for lifts so heavy that they tire."""
    return VARIED if exercise.pattern == "carry" or _is_heavy(exercise) else AGAIN


def _best_for(muscle: str, allowed: Sequence[Exercise], likings: dict[str, float], age: int) -> list[Exercise]:
    """Return the best-suited exercises of a muscle, patterns mixed.

    The last resorts, and the floor for the old, only where little else is left.
    """
    found = [exercise for exercise in allowed if muscle in exercise.primary]
    upright = [exercise for exercise in found if not rules.has_word(exercise.slug, FLOOR)]
    found = upright if age >= rules.OLD and len(upright) >= ENOUGH else found
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
