"""The tables of training and who they hold for: volume, effort, rest, session size, and what is unsafe for whom.

Invariant: a rule only ever gets stricter with age, condition or injury, never looser.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from workouts.planner.values import LEVELS, MUSCLES, Exercise, Trainee

# Weekly fractional sets per muscle, primary 1.0 and secondary 0.5 (Pelland 2024; ACSM position stand 2026).
BANDS = {"beginner": (6.0, 10.0), "intermediate": (10.0, 16.0), "advanced": (12.0, 20.0)}
SESSION_SETS = 10.0  # per muscle and session
HARD_SETS = 6.0  # a session with this many for a muscle needs 48 h before the next such one
TIMES = 2  # sessions a week that train each muscle, where the days allow
TRAINED_SETS = 2.0  # fractional sets that make a session count as training a muscle
MIN_EXERCISES, MAX_EXERCISES = 3, 9  # warm-up and cool-down not counted
WEEKLY_RISE = 1.2  # sets rise by at most a fifth a week
LEEWAY = 2.0  # sets between the least and the most where the last week sets the most
DELOAD_SHARE = (0.5, 0.6)
MIN_MINUTES, MIDDLING, LONG = 15, 40, 60
WHO_MINUTES = {
    "improve_endurance": 150,
    "lose_weight": 150,
    "general_health": 150,
}  # WHO 2020, moderate; vigorous twice
CARDIO_FIRST = frozenset({"improve_endurance", "general_health"})
# Beyond the WHO's least, within its 150-300 minutes, for those who train endurance.
CARDIO_AIM = {"beginner": 150, "intermediate": 200, "advanced": 300}
DEFAULT_DAYS = {
    "beginner": ("mon", "wed", "fri"),
    "intermediate": ("mon", "tue", "thu", "fri"),
    "advanced": ("mon", "tue", "wed", "fri", "sat"),
}
DEFAULT_MINUTES = {"beginner": 45, "intermediate": 60, "advanced": 60}
ELDER, OLD, YOUTH = 65, 75, 16
GENTLE_CONDITIONS = frozenset({"pregnant", "heart_disease", "kidney_disease", "eating_disorder"})
CAREFUL_CONDITIONS = GENTLE_CONDITIONS | {"hypertension", "breastfeeding", "diabetes"}
PULSE_UNRELIABLE = frozenset({"pregnant", "heart_disease", "hypertension"})  # pregnancy and beta blockers shift it
LOW_IMPACT_INJURIES = frozenset({"knee", "ankle", "hip", "lower_back"})
NOT_STRENGTH = frozenset({"cardio", "mobility"})

IMPACT = ("jump", "hop", "burpee", "sprint", "run", "jog", "skip", "plyo", "high_knees", "skater")
EXPLOSIVE = ("jump", "swing", "clean", "snatch", "slam", "throw", "burpee", "push_press", "thruster", "plyo", "jerk")
SUPINE = (
    "band_leg_press", "bench_press", "bicycle", "bridge", "close_grip_dumbbell", "close_grip_floor", "crunch",
    "curl_up", "dead_bug", "dragon_flag", "dumbbell_fly", "figure_four", "floor_fly", "floor_press", "foot_press",
    "glute_bridge", "hanging_knee_raise", "hanging_leg_raise", "heel_dig_hold", "heel_press", "heel_slide",
    "heel_tap", "hip_thrust", "hollow", "lying", "pelvic_tilt", "pullover", "russian_twist", "short_arc", "sit_up",
    "situp", "skull", "sliding_leg_curl", "squeeze_press", "straight_leg_raise", "supine", "tate_press", "turkish",
    "v_up",
)  # fmt: skip
PRONE = (
    "superman", "prone", "chest_supported", "back_extension", "cobra", "snow_angel", "front_plank", "long_lever_plank",
    "plank_shoulder", "knee_plank", "lying_leg_curl", "dumbbell_leg_curl", "rollout",
)  # fmt: skip
HEAD_DOWN = ("handstand", "decline", "headstand", "pike_push", "wall_walk")
FALL_RISK = ("pistol", "box_jump", "handstand", "muscle_up")
BALANCE = ("balance", "tandem", "heel_to_toe", "single_leg_stand", "clock_reach")
LYING = ("lie ", "face down", "on your back")  # how a cue begins
UNBORN = ((SUPINE, "is done lying on the back"), (PRONE, "presses on the belly"), (EXPLOSIVE, "is jerky"))
# Standing on one leg or across the body, where the catalogue offers no balance exercise.
BALANCE_SPARE = ("leg_pendulum", "hip_circle", "standing_hip_extension", "standing_leg_curl", "bird_dog")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The figures that hold for one trainee: bands by muscle (fractional sets a week), effort, reps, time."""

    low: dict[str, float]
    high: dict[str, float]
    rir: tuple[int, int]  # the least and the most repetitions left in reserve
    max_sets: int  # of one exercise in a session
    max_percent: int  # of the e1RM
    max_hold: int  # seconds of an isometric hold
    minutes: int
    days: tuple[str, ...]
    warm_up: int  # seconds
    cool_down: int  # seconds


@cache
def has_word(slug: str, words: tuple[str, ...]) -> bool:
    """Tell whether a slug speaks of one of the movements; lying on the side is neither supine nor prone."""
    padded = f"_{slug.replace('side_lying', 'side')}"
    return any(f"_{word}" in padded for word in words)


def after_block(trainee: Trainee, sets: Mapping[str, float]) -> Trainee:
    """Return the trainee of the next seven days: no longer light, and with what these seven days trained."""
    known = trainee.last_week if trainee.deload or not trainee.last_week else dict(sets)
    return replace(trainee, deload=False, last_week=known)


def level_of(trainee: Trainee) -> str:
    """Return the level whose volume is right: lower than declared for the young, the old and the gently treated.

    Endurance and health take the volume of the level below: strength serves them, and cardio needs its time.
    """
    level = fitness_of(trainee)
    return LEVELS[max(0, LEVELS.index(level) - (trainee.goal in CARDIO_FIRST))]


def fitness_of(trainee: Trainee) -> str:
    """Return the level of what a trainee can take, of cardio too: as declared, less with age and condition."""
    if is_gentle(trainee):
        return "beginner"
    cap = "intermediate" if trainee.age >= ELDER else "advanced"
    return min(trainee.training_level, cap, key=LEVELS.index)


def cardio_aim(trainee: Trainee) -> int:
    """Return the minutes of moderate activity that a week should bring; 0 where the goal asks for none."""
    least = WHO_MINUTES.get(trainee.goal, 0)
    return max(least, CARDIO_AIM[fitness_of(trainee)]) if trainee.goal == "improve_endurance" else least


def is_gentle(trainee: Trainee) -> bool:
    """Tell whether effort must stay well away from failure."""
    return trainee.age < YOUTH or trainee.age >= OLD or bool(trainee.conditions & GENTLE_CONDITIONS)


def is_careful(trainee: Trainee) -> bool:
    """Tell whether a longer warm-up and a cool-down are due."""
    return trainee.age >= ELDER or bool(trainee.conditions & CAREFUL_CONDITIONS)


def low_impact(trainee: Trainee) -> bool:
    """Tell whether jumps and running stay out."""
    unsafe = trainee.conditions & GENTLE_CONDITIONS or trainee.injuries & LOW_IMPACT_INJURIES
    return trainee.age >= ELDER or bool(unsafe)


def limits(trainee: Trainee) -> Limits:
    """Work out the figures for a trainee."""
    level = level_of(trainee)
    bands = {muscle: band(trainee, muscle) for muscle in MUSCLES}
    minutes = trainee.minutes if trainee.minutes is not None else DEFAULT_MINUTES[trainee.training_level]
    long_enough = minutes >= MIDDLING
    careful = is_careful(trainee)
    gentle = is_gentle(trainee)
    return Limits(
        low={muscle: low for muscle, (low, _) in bands.items()},
        high={muscle: high for muscle, (_, high) in bands.items()},
        rir=rir_range(trainee),
        max_sets={"beginner": 3, "intermediate": 4, "advanced": 5}[level],
        max_percent=70 if gentle else 90,
        max_hold=30 if trainee.conditions & {"heart_disease", "hypertension", "pregnant"} else 120,
        minutes=minutes,
        days=trainee.days or DEFAULT_DAYS[trainee.training_level],
        warm_up=480 if careful and minutes >= LONG else 360 if careful and long_enough else 300,
        cool_down=180 if careful or long_enough else 0,
    )


def band(trainee: Trainee, muscle: str) -> tuple[float, float]:
    """Return the least and the most weekly fractional sets of a muscle.

    A known last week allows a fifth more, and whoever did less than a beginner's least may begin with that.
    """
    low, high = BANDS[level_of(trainee)]
    if muscle in trainee.last_week:
        high = min(high, max(BANDS["beginner"][0], WEEKLY_RISE * trainee.last_week[muscle]))
        low = min(low, high - LEEWAY)
    if trainee.deload:
        return DELOAD_SHARE[0] * low, DELOAD_SHARE[1] * high
    return low, high


def rir_range(trainee: Trainee) -> tuple[int, int]:
    """Return the repetitions in reserve: 2-4 for beginners, 1-3 after, 3-5 where effort must stay low or is light."""
    if is_gentle(trainee) or trainee.deload:
        return 3, 5
    if level_of(trainee) == "beginner" or is_careful(trainee):
        return 2, 4
    return 1, 3


def objection(exercise: Exercise, trainee: Trainee) -> str | None:
    """Say in a few words why an exercise must not be served to a trainee, or None when it may."""
    sore = sorted(exercise.contraindications & trainee.injuries)
    if sore:
        return f"loads the injured {sore[0].replace('_', ' ')}"
    missing = sorted(exercise.equipment - trainee.equipment)
    if missing:
        return f"needs a {missing[0].replace('_', ' ')}"
    if exercise.slug in trainee.disliked:
        return "is disliked"
    if LEVELS.index(exercise.level) > LEVELS.index(skill_of(trainee)) and not is_earned(exercise, trainee):
        return f"is for the {exercise.level}"
    return condition_objection(exercise, trainee)


def is_light(exercise: Exercise) -> bool:
    """Tell whether a compound asks so little that a short rest will do: a beginner's, with body weight alone."""
    plain = exercise.load_kind == "bodyweight" and not exercise.equipment
    return exercise.compound and plain and exercise.level == "beginner"


def skill_of(trainee: Trainee) -> str:
    """Return the hardest level of movement: as declared, but nothing advanced for the young, the old, the gentle."""
    return (
        min(trainee.training_level, "intermediate", key=LEVELS.index) if is_gentle(trainee) else trainee.training_level
    )


def is_earned(exercise: Exercise, trainee: Trainee) -> bool:
    """Tell whether logged sets opened an exercise of the next level: its easier form was outgrown, or it was done."""
    known = exercise.slug in trainee.variants.values() or exercise.slug in trainee.history
    return known and LEVELS.index(exercise.level) - LEVELS.index(skill_of(trainee)) == 1 and not is_gentle(trainee)


def condition_objection(exercise: Exercise, trainee: Trainee) -> str | None:
    """Say what age or condition forbids."""
    slug, pregnant = exercise.slug, "pregnant" in trainee.conditions
    if low_impact(trainee) and has_word(slug, IMPACT):
        return "has impact"
    if pregnant and (why := _pregnancy_objection(exercise)):
        return f"{why}, which pregnancy rules out"
    if trainee.conditions & PULSE_UNRELIABLE and has_word(slug, HEAD_DOWN):
        return "is done head down"
    if (trainee.age >= ELDER or pregnant) and has_word(slug, FALL_RISK):
        return "risks a fall"
    return None


def _pregnancy_objection(exercise: Exercise) -> str | None:
    """Say what speaks against an exercise in pregnancy (ACOG 2020), by its name or by how its cues begin."""
    for words, why in UNBORN:
        if has_word(exercise.slug, words):
            return why
    cues = (cue.lower() for cue in exercise.cues)
    lying = any(cue.startswith(LYING) and "side" not in cue for cue in cues)
    return "is done lying down" if lying and exercise.pattern not in NOT_STRENGTH else None


def weights(exercise: Exercise) -> dict[str, float]:
    """Return the fractional sets one set counts for: primary 1.0, secondary 0.5; cardio and mobility count none."""
    if exercise.pattern in NOT_STRENGTH:
        return {}
    return dict.fromkeys(exercise.secondary, 0.5) | dict.fromkeys(exercise.primary, 1.0)
