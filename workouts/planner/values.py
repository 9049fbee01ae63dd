"""The words of a training week: exercises, the trainee, sessions, and what a judge says of them.

Invariant: every value is immutable and plain, so the same inputs always give the same plan.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workouts.progression import LoggedSet

MUSCLES = ("quads", "hams", "glutes", "calves", "chest", "back", "delts", "biceps", "triceps", "abs")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEVELS = ("beginner", "intermediate", "advanced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One movement. `equipment` is needed all together; an empty set means body weight alone."""

    slug: str
    name: str
    pattern: str
    primary: tuple[str, ...]
    secondary: tuple[str, ...]
    equipment: frozenset[str]
    level: str
    contraindications: frozenset[str]
    unilateral: bool
    compound: bool
    mode: str  # "reps" or "time"
    rep_range: tuple[int, int]  # repetitions, or seconds when the mode is time
    load_kind: str  # "external", "bodyweight", "band" or "none"
    met: float
    cues: tuple[str, ...] = ()
    progression: str | None = None
    regression: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The exercises by slug, in a fixed order, and the version of the data."""

    exercises: Mapping[str, Exercise]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainee:
    """Who trains, and with what. No days or minutes given: a default by level serves.

    `e1rm` holds estimated one-repetition maxima (kg) by exercise; `history` the logged sets of each exercise, oldest
    first; `variants` the harder or easier exercise that logged sets put in the place of one (see `planner.past`);
    `last_week` the fractional sets of each muscle in the last trained week, empty when unknown; `deload` makes the
    first week a light one (see `workouts.progression.deload_reason`).
    """

    goal: str
    training_level: str
    age: int
    sex: str = "unspecified"
    weight: float = 70.0
    equipment: frozenset[str] = frozenset()
    injuries: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    days: tuple[str, ...] = ()
    minutes: int | None = None
    disliked: frozenset[str] = frozenset()
    e1rm: Mapping[str, float] = field(default_factory=dict)
    history: Mapping[str, Sequence[LoggedSet]] = field(default_factory=dict)
    variants: Mapping[str, str] = field(default_factory=dict)
    last_week: Mapping[str, float] = field(default_factory=dict)
    activity_level: str = "moderate"
    deload: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RampSet:
    """A warm-up set before the working sets; `load` in kg, or None where the working load is unknown."""

    reps: int
    percent: int  # of the working load
    load: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One exercise of a session as prescribed. Either `reps` or `duration_s` is set, for one set (one side)."""

    exercise_slug: str
    order: int
    role: str  # warm_up, balance, power, compound, isolation, carry, core, cardio, cool_down
    sets: int
    reps: int | None
    duration_s: int | None
    rest_s: int
    load_kind: str  # kg, start_light, bodyweight, band, none, heart_rate (beats a minute), effort (0-10)
    load_value: float | None
    rir: int | None
    per_side: bool = False
    load_percent: int | None = None  # of the e1RM
    warmup: tuple[RampSet, ...] = ()
    superset: str | None = None  # items of one letter are taken in turn, set by set
    locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One date. A rest day has no items."""

    date: dt.date
    title: str
    rest_day: bool
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The sessions of the dates asked for, and what had to give way. `rung` is full, volume, frequency or session."""

    sessions: tuple[Session, ...]
    rung: str
    relaxations: tuple[str, ...]
    seed: int
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One proposed exercise that did not survive; `served` is what stands in its place, if anything."""

    date: dt.date
    proposed: str
    served: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A broken rule. A hard fault forbids storing the plan; a soft one must be named as a relaxation."""

    code: str
    date: dt.date | None
    detail: str
    hard: bool


class Conflict(Exception):
    """Nothing fits: `reasons` say why, `relax` what to change."""

    def __init__(self, reasons: Sequence[str], relax: Sequence[str]) -> None:
        """Keep both lists as tuples of sentences."""
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)
        self.relax = tuple(relax)


def catalogue_from(exercises: Sequence[Mapping[str, Any]], *, version: str | None = None) -> Catalogue:
    """Build the catalogue from rows shaped like `workouts/data/exercises.json`; the version defaults to a content hash.

    :raises KeyError: when a row lacks a field.
    """
    found = {row["slug"]: _exercise(row) for row in exercises}
    return Catalogue(exercises={slug: found[slug] for slug in sorted(found)}, version=version or _digest(exercises))


def _exercise(row: Mapping[str, Any]) -> Exercise:
    """Read one row."""
    low, high = row["rep_range"]
    return Exercise(
        slug=row["slug"],
        name=row["name"],
        pattern=row["pattern"],
        primary=tuple(row["primary"]),
        secondary=tuple(row["secondary"]),
        equipment=frozenset(row["equipment"]),
        level=row["level"],
        contraindications=frozenset(row["contraindications"]),
        unilateral=row["unilateral"],
        compound=row["compound"],
        mode=row["mode"],
        rep_range=(int(low), int(high)),
        load_kind=row["load_kind"],
        met=float(row["met"]),
        cues=tuple(row.get("cues", ())),
        progression=row.get("progression"),
        regression=row.get("regression"),
    )


def _digest(exercises: Sequence[Mapping[str, Any]]) -> str:
    """Return a short hash that changes whenever a row does."""
    rows = sorted((dict(row) for row in exercises), key=lambda row: str(row["slug"]))
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:12]
