"""The workout planner: composes, repairs and judges training weeks from plain values.

Invariant: pure; time, chance and data come in as arguments, and the same arguments give the same plan.
"""

from workouts.planner.certificate import certificate
from workouts.planner.compose import compose, outline
from workouts.planner.judge import blocks, faults
from workouts.planner.ladder import assess
from workouts.planner.minutes import estimated_minutes
from workouts.planner.past import light_start, trained_week, variants
from workouts.planner.pool import eligible
from workouts.planner.repair import candidates, repair
from workouts.planner.swap import swap
from workouts.planner.values import (
    MUSCLES,
    WEEKDAYS,
    Catalogue,
    Conflict,
    Exercise,
    Fault,
    Item,
    RampSet,
    Repair,
    Session,
    Trainee,
    Week,
    catalogue_from,
)
from workouts.planner.words import exercise_json, items_from, needs_clearance, notices

__all__ = [
    "MUSCLES",
    "WEEKDAYS",
    "Catalogue",
    "Conflict",
    "Exercise",
    "Fault",
    "Item",
    "RampSet",
    "Repair",
    "Session",
    "Trainee",
    "Week",
    "assess",
    "blocks",
    "candidates",
    "catalogue_from",
    "certificate",
    "compose",
    "eligible",
    "estimated_minutes",
    "exercise_json",
    "faults",
    "items_from",
    "light_start",
    "needs_clearance",
    "notices",
    "outline",
    "repair",
    "swap",
    "trained_week",
    "variants",
]
