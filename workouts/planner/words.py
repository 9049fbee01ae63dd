"""What the plan says to a person: titles, notices with their sources, and the JSON of a session.

Invariant: every word is made from the plan's own numbers, so text and numbers cannot disagree.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from workouts.planner import aerobic, rules
from workouts.planner.values import Catalogue, Item, RampSet, Session, Trainee

REST_DAY = "Rest day"
TITLES = {
    "full": "Full body",
    "upper": "Upper body",
    "lower": "Lower body",
    "push": "Push",
    "pull": "Pull",
    "legs": "Legs",
    "cardio": "Cardio",
}
SCREENING = (
    "If you have chest pain, faint, or lose your breath in daily life, see a doctor before you begin (PAR-Q+); stop a "
    "session when you feel any of it."
)
STOP = "Stop with chest pain, dizziness, unusual breathlessness, or pain that grows."
NEEDED = ("heart_disease", "kidney_disease", "diabetes", "pregnant", "eating_disorder")
VIGOROUS = (
    "Some bouts are vigorous: with {age} years or more, ask a doctor first unless you are used to such effort; begin "
    "each easily and let it rise (ACSM)."
)
CLEARANCE = {
    "heart_disease": "Known heart disease: get your doctor's clearance before you begin (ACSM, Riebe 2015).",
    "kidney_disease": "Known kidney disease: get your doctor's clearance before you begin (ACSM, Riebe 2015).",
    "diabetes": (
        "Diabetes: get your doctor's clearance first if you have not been active; check glucose before and after, keep "
        "fast carbohydrates near, look after your feet (ACSM/ADA 2022)."
    ),
    "hypertension": "High blood pressure: have it checked first, breathe out on effort and never hold your breath.",
    "pregnant": (
        "Pregnant: ask your obstetric provider first (ACOG 2020). Stop for bleeding, fluid, dizziness, chest pain, "
        "contractions or calf pain. Stay able to talk, cool and hydrated."
    ),
    "breastfeeding": "After birth: begin once your provider agrees, and build the pelvic floor first.",
    "eating_disorder": "Train only with your care team's agreement, and eat enough for it; rest days belong to it.",
}
INACTIVE = (
    "Over {age} and inactive so far: a doctor's check before vigorous exercise is wise; begin with easy effort (ACSM)."
)
INACTIVE_AGES = {"male": 45, "female": 55, "unspecified": 45}
YOUNG = "Under 16: learn each movement with a qualified adult watching; no maximal lifts (NSCA, Faigenbaum 2009)."
ELDER = "65 and over: balance work is part of each strength session (WHO 2020); keep a wall or chair near."
INJURED = "Injured {parts}: exercises that load it are left out. Train pain-free; pain that grows or stays means stop."
HOW = (
    "Keep {least}-{most} repetitions in reserve, and end holds before form goes. When every set reaches the top of its "
    "range in two sessions running, add load or take the harder variant."
)
LIGHT = "Light week: about half the sets, further from failure, so that the next block can build."


def notices(trainee: Trainee) -> tuple[str, ...]:
    """Return what the trainee should read before the first session, medical clearance first."""
    light = (LIGHT,) if trainee.deload else ()
    least, most = rules.rir_range(trainee)
    return (*clearances(trainee), *considerations(trainee), *light, HOW.format(least=least, most=most))


def clearances(trainee: Trainee) -> tuple[str, ...]:
    """Return what to settle with a doctor first: known disease, inactivity, vigorous effort, and for all a screening.

    ACSM's preparticipation screening (Riebe 2015) asks by activity, disease and intensity; age is kept as a caution.
    """
    age = INACTIVE_AGES.get(trainee.sex, INACTIVE_AGES["unspecified"])
    found = [CLEARANCE[condition] for condition in sorted(trainee.conditions) if condition in CLEARANCE]
    if trainee.activity_level == "sedentary" and trainee.age >= age:
        found.append(INACTIVE.format(age=age))
    if trainee.age >= age and aerobic.may_go_hard(trainee):
        found.append(VIGOROUS.format(age=age))
    return (*found, SCREENING)


def considerations(trainee: Trainee) -> tuple[str, ...]:
    """Return what a trainee's injuries and age ask for."""
    found = []
    if trainee.injuries:
        found.append(INJURED.format(parts=", ".join(sorted(part.replace("_", " ") for part in trainee.injuries))))
    if trainee.age < rules.YOUTH:
        found.append(YOUNG)
    if trainee.age >= rules.ELDER:
        found.append(ELDER)
    return tuple(found)


def needs_clearance(trainee: Trainee) -> bool:
    """Tell whether a guideline asks for a doctor's word before training."""
    age = INACTIVE_AGES.get(trainee.sex, INACTIVE_AGES["unspecified"])
    inactive = trainee.activity_level == "sedentary" and trainee.age >= age
    return bool(trainee.conditions & set(NEEDED)) or inactive


def title(focus: str, items: Sequence[Item], catalogue: Catalogue, *, light: bool, letter: str = "") -> str:
    """Return the session's name: its emphasis, with a letter where the week has several, or its cardio."""
    name = f"{TITLES[focus]} {letter}".rstrip()
    moving = [catalogue.exercises[item.exercise_slug].name for item in items if item.role == "cardio"]
    if focus == "cardio" and moving:
        name = f"{name}: {moving[0].lower()}"
    elif moving:
        name = f"{name} and cardio"
    return f"Light week: {name[0].lower()}{name[1:]}" if light else name


def exercise_json(session: Session, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return the contract's `exercises` of a session."""
    return [_item_json(item, catalogue) for item in session.items]


def items_from(exercises: Sequence[Mapping[str, Any]]) -> tuple[Item, ...]:
    """Return the items that `exercise_json` was made of, so that a stored session can be judged, swapped and kept."""
    return tuple(_item_from(row) for row in exercises)


def _item_json(item: Item, catalogue: Catalogue) -> dict[str, Any]:
    """Return one item with what the catalogue knows of it."""
    exercise = catalogue.exercises[item.exercise_slug]
    return {
        "exercise_id": exercise.slug,
        "name": exercise.name,
        "order": item.order,
        "role": item.role,
        "sets": item.sets,
        "reps": item.reps,
        "duration_s": item.duration_s,
        "per_side": item.per_side,
        "rest_s": item.rest_s,
        "load": {"kind": item.load_kind, "value": item.load_value, "percent_e1rm": item.load_percent},
        "rir": item.rir,
        "warmup": [{"reps": ramp.reps, "percent": ramp.percent, "load": ramp.load} for ramp in item.warmup],
        "superset": item.superset,
        "muscles": [*exercise.primary, *exercise.secondary],
        "equipment": sorted(exercise.equipment),
        "locked": item.locked,
        "cues": list(exercise.cues),
    }


def _item_from(row: Mapping[str, Any]) -> Item:
    """Read one item back."""
    load = row["load"]
    return Item(
        exercise_slug=row["exercise_id"],
        order=row["order"],
        role=row["role"],
        sets=row["sets"],
        reps=row["reps"],
        duration_s=row["duration_s"],
        rest_s=row["rest_s"],
        load_kind=load["kind"],
        load_value=load["value"],
        rir=row["rir"],
        per_side=row["per_side"],
        load_percent=load["percent_e1rm"],
        warmup=tuple(RampSet(**ramp) for ramp in row["warmup"]),
        superset=row["superset"],
        locked=row["locked"],
    )
