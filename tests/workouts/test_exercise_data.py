"""The exercise catalogue as data: its format, its links, and that nobody is left without training.

Invariant: whatever the equipment, the level and the injuries, every muscle has a choice of exercises.
"""

import itertools
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

Row = dict[str, Any]

PATH = Path(__file__).parents[2] / "workouts" / "data" / "exercises.json"
DOCUMENT: Row = json.loads(PATH.read_text(encoding="utf-8"))
ROWS: list[Row] = DOCUMENT["exercises"]
BY_SLUG: dict[str, Row] = {row["slug"]: row for row in ROWS}

FIELDS: dict[str, type | tuple[type, ...]] = {
    "slug": str,
    "name": str,
    "pattern": str,
    "primary": list,
    "secondary": list,
    "equipment": list,
    "level": str,
    "contraindications": list,
    "unilateral": bool,
    "compound": bool,
    "mode": str,
    "rep_range": list,
    "load_kind": str,
    "met": float,
    "met_source": str,
    "cues": list,
    "progression": (str, type(None)),
    "regression": (str, type(None)),
}
PATTERNS = frozenset(
    {"squat", "hinge", "lunge", "push_horizontal", "push_vertical", "pull_horizontal", "pull_vertical"}
    | {"isolation", "core", "carry", "cardio", "mobility"}
)
LEVELS = ("beginner", "intermediate", "advanced")
MUSCLES = ("quads", "hams", "glutes", "calves", "chest", "back", "delts", "biceps", "triceps", "abs")
LOADED = frozenset({"dumbbell", "barbell", "kettlebell", "machine", "cable"})
EQUIPMENT = LOADED | {"band", "bench", "pull_up_bar", "cardio_machine"}
INJURIES = ("knee", "shoulder", "lower_back", "wrist", "elbow", "ankle", "hip", "neck")
UNTRAINED = frozenset({"cardio", "mobility"})  # patterns that count no sets for a muscle

KITS = tuple(
    frozenset(kit.split())
    for kit in (
        "",
        "band",
        "pull_up_bar",
        "bench",
        "cardio_machine",
        "dumbbell",
        "dumbbell bench",
        "dumbbell band",
        "kettlebell",
        "kettlebell band pull_up_bar",
        "barbell",
        "barbell bench",
        "barbell dumbbell bench pull_up_bar",
        "machine",
        "cable",
        "machine cable",
        "machine cable cardio_machine",
        " ".join(sorted(EQUIPMENT)),
    )
)
SORE = tuple(frozenset(pair) for size in (0, 1, 2) for pair in itertools.combinations(INJURIES, size))

# What tools cannot load without loading the injury: there the bodyweight and isometric work above steps in.
NOT_LOADABLE: dict[tuple[str, str], frozenset[str]] = {
    ("dumbbell bench", "knee"): frozenset({"quads"}),  # every loaded squat, lunge and step bends the knee under weight
    ("dumbbell bench", "lower_back"): frozenset(),
    ("dumbbell bench", "hip"): frozenset({"quads"}),  # every loaded squat, lunge and step folds the hip deeply
    ("dumbbell bench", "ankle"): frozenset({"calves"}),  # a calf moves nothing but the ankle
    ("dumbbell bench", "elbow"): frozenset({"biceps", "triceps"}),  # these muscles move nothing but the elbow
    ("machine cable", "knee"): frozenset(),
    ("machine cable", "shoulder"): frozenset({"chest"}),  # presses and flies; the wall, floor and holds remain
    ("machine cable", "elbow"): frozenset({"biceps", "triceps"}),
    ("machine cable", "ankle"): frozenset({"calves"}),
    ("machine cable", "hip"): frozenset(),
    ("band", "knee"): frozenset(),
    ("band", "ankle"): frozenset(),
    ("band", "elbow"): frozenset({"biceps", "triceps"}),
}


def served(row: Row, kit: frozenset[str], level: str, sore: frozenset[str]) -> bool:
    """Tell whether a person with this kit, level and these injuries may do the exercise."""
    return (
        kit.issuperset(row["equipment"])
        and LEVELS.index(row["level"]) <= LEVELS.index(level)
        and sore.isdisjoint(row["contraindications"])
    )


def rows_failing(check: Callable[[Row], object]) -> list[str]:
    """Return the slugs of the exercises that a check does not hold for."""
    return [row["slug"] for row in ROWS if not check(row)]


def unique(values: Sequence[object]) -> bool:
    """Tell whether no value occurs twice."""
    return len(set(values)) == len(values)


def test_there_are_at_least_190_exercises_of_every_pattern_and_level() -> None:
    assert len(ROWS) >= 190
    assert {row["pattern"] for row in ROWS} == PATTERNS
    assert {row["level"] for row in ROWS} == set(LEVELS)
    assert DOCUMENT.keys() == {"version", "source", "exercises"}
    assert all(DOCUMENT.values())


def test_slugs_and_names_are_unique() -> None:
    assert unique([row["slug"] for row in ROWS])
    assert unique([row["name"].casefold() for row in ROWS])


def test_every_exercise_keeps_the_format() -> None:
    assert rows_failing(lambda row: row.keys() == FIELDS.keys()) == []
    assert rows_failing(lambda row: all(isinstance(row[field], kind) for field, kind in FIELDS.items())) == []
    assert rows_failing(lambda row: re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", row["slug"])) == []
    assert rows_failing(lambda row: row["name"] == row["name"].strip() and row["name"][0].isupper()) == []


def test_every_exercise_speaks_the_vocabulary() -> None:
    assert rows_failing(lambda row: set(row["equipment"]) <= EQUIPMENT and unique(row["equipment"])) == []
    assert rows_failing(lambda row: set(row["contraindications"]) <= set(INJURIES)) == []
    assert rows_failing(lambda row: unique(row["contraindications"])) == []
    assert rows_failing(lambda row: row["pattern"] in PATTERNS and row["level"] in LEVELS) == []
    assert rows_failing(lambda row: row["primary"] and set(row["primary"] + row["secondary"]) <= set(MUSCLES)) == []
    assert rows_failing(lambda row: unique(row["primary"] + row["secondary"])) == []


def test_the_dose_of_an_exercise_fits_its_mode() -> None:
    limits = {"reps": (1, 30), "time": (5, 3600)}

    def fits(row: Row) -> bool:
        least, most = row["rep_range"]
        low, high = limits[row["mode"]]
        return bool(low <= least < most <= high)

    assert rows_failing(fits) == []
    assert rows_failing(lambda row: row["mode"] == "time" or row["pattern"] != "cardio") == []


def test_the_load_of_an_exercise_comes_from_its_equipment() -> None:
    sources = {"external": LOADED, "band": frozenset({"band"})}

    loaded = [row for row in ROWS if row["load_kind"] in sources]
    assert [row["slug"] for row in loaded if not sources[row["load_kind"]] & set(row["equipment"])] == []
    assert rows_failing(lambda row: row["load_kind"] in {"external", "band", "bodyweight", "none"}) == []
    assert rows_failing(lambda row: row["pattern"] != "mobility" or row["load_kind"] == "none") == []


def test_cues_are_two_to_four_short_lines_of_its_own() -> None:
    texts = [tuple(row["cues"]) for row in ROWS]

    assert rows_failing(lambda row: 2 <= len(row["cues"]) <= 4) == []
    assert rows_failing(lambda row: all(12 <= len(cue) <= 100 for cue in row["cues"])) == []
    assert rows_failing(lambda row: all(cue[0].isupper() and cue.endswith(".") for cue in row["cues"])) == []
    assert unique(texts)


def test_a_met_names_the_edition_and_code_it_comes_from() -> None:
    source = re.compile(r"(2011|2024) Adult Compendium of Physical Activities, code \d{5} \(.+\)(; category value)?")

    assert rows_failing(lambda row: 1 <= row["met"] <= 12) == []
    assert rows_failing(lambda row: source.fullmatch(row["met_source"])) == []


def test_one_compendium_code_has_one_met() -> None:
    figures: dict[str, set[float]] = {}
    for row in ROWS:
        figures.setdefault(row["met_source"].split("(")[0], set()).add(row["met"])

    assert {code: found for code, found in figures.items() if len(found) > 1} == {}


def test_links_lead_to_exercises_that_exist_and_go_both_ways() -> None:
    for row in ROWS:
        for forth, back in (("progression", "regression"), ("regression", "progression")):
            assert row[forth] is None or BY_SLUG[row[forth]][back] == row["slug"], row["slug"]


def test_a_progression_keeps_pattern_and_muscle_and_is_never_of_an_easier_level() -> None:
    steps = [(row, BY_SLUG[row["progression"]]) for row in ROWS if row["progression"]]

    assert len(steps) >= 150
    assert [easy["slug"] for easy, hard in steps if easy["pattern"] != hard["pattern"]] == []
    assert [easy["slug"] for easy, hard in steps if not set(easy["primary"]) & set(hard["primary"])] == []
    assert [easy["slug"] for easy, hard in steps if LEVELS.index(easy["level"]) > LEVELS.index(hard["level"])] == []


def test_no_chain_of_progressions_returns_to_itself() -> None:
    for row in ROWS:
        chain = [row["slug"]]
        while (following := BY_SLUG[chain[-1]]["progression"]) is not None:
            assert following not in chain
            chain.append(following)


@pytest.mark.parametrize("sore", SORE, ids=lambda sore: "+".join(sorted(sore)) or "sound")
def test_every_kit_level_and_injury_pair_has_two_exercises_for_every_muscle(sore: frozenset[str]) -> None:
    for kit, level in itertools.product(KITS, LEVELS):
        able = [row for row in ROWS if row["pattern"] not in UNTRAINED and served(row, kit, level, sore)]
        thin = [muscle for muscle in MUSCLES if sum(muscle in row["primary"] for row in able) < 2]

        assert not thin, f"{sorted(kit)}, {level}, {sorted(sore)}: {thin}"


def test_even_with_every_joint_injured_a_beginner_without_tools_can_train_every_muscle() -> None:
    able = [row for row in ROWS if served(row, frozenset(), "beginner", frozenset(INJURIES))]

    trained = [muscle for row in able if row["pattern"] not in UNTRAINED for muscle in row["primary"]]
    assert {muscle for muscle in MUSCLES if trained.count(muscle) < 2} == set()
    assert [row for row in able if row["pattern"] == "cardio"]


@pytest.mark.parametrize("sore", SORE, ids=lambda sore: "+".join(sorted(sore)) or "sound")
def test_everybody_has_a_choice_of_cardio_and_warm_up(sore: frozenset[str]) -> None:
    for pattern in ("cardio", "mobility"):
        assert sum(row["pattern"] == pattern and served(row, frozenset(), "beginner", sore) for row in ROWS) >= 2


def test_a_bad_knee_ankle_hip_or_back_is_never_made_to_jump_or_run() -> None:
    impact = re.compile(r"_(jump|hop|burpee|run|jog|skater_step|high_knees|jumping)")
    jarring = [row for row in ROWS if impact.search("_" + row["slug"]) or "hop " in row["name"].casefold()]

    assert len(jarring) >= 8
    assert [row["slug"] for row in jarring if not {"knee", "ankle", "hip"} <= set(row["contraindications"])] == []


@pytest.mark.parametrize(
    ("pattern", "injury"),
    [
        ("squat", "knee"),
        ("lunge", "knee"),
        ("lunge", "hip"),
        ("push_vertical", "shoulder"),
        ("pull_vertical", "shoulder"),
    ],
)
def test_a_pattern_that_always_loads_a_joint_says_so(pattern: str, injury: str) -> None:
    silent = [row["slug"] for row in ROWS if row["pattern"] == pattern and injury not in row["contraindications"]]

    assert silent == (["lying_band_leg_press"] if pattern == "squat" else [])  # no body weight on the knee


@pytest.mark.parametrize(
    ("needs", "injury"),
    [
        ("barbell_deadlift", "lower_back"),
        ("front_plank", "shoulder"),
        ("barbell_back_squat", "neck"),
        ("push_up", "wrist"),
    ],
)
def test_known_risks_are_declared(needs: str, injury: str) -> None:
    assert injury in BY_SLUG[needs]["contraindications"]


@pytest.mark.parametrize(("kit", "injury"), list(NOT_LOADABLE), ids=lambda value: str(value).replace(" ", "_"))
def test_tools_load_every_muscle_that_an_injury_leaves_free(kit: str, injury: str) -> None:
    tools, sore = frozenset(kit.split()), frozenset({injury})
    able = [row for row in ROWS if row["equipment"] and row["pattern"] not in UNTRAINED]
    able = [row for row in able if served(row, tools, "advanced", sore)]

    bare = {muscle for muscle in MUSCLES if not any(muscle in row["primary"] for row in able)}
    assert bare == NOT_LOADABLE[kit, injury]


@pytest.mark.parametrize("kit", ["dumbbell", "kettlebell", "barbell bench", "machine cable", "band"])
def test_a_beginner_loads_every_muscle_with_one_tool(kit: str) -> None:
    tools = frozenset(kit.split())
    able = [row for row in ROWS if row["pattern"] not in UNTRAINED and row["load_kind"] in {"external", "band"}]
    able = [row for row in able if served(row, tools, "beginner", frozenset())]

    assert {muscle for muscle in MUSCLES if not any(muscle in row["primary"] for row in able)} == set()
