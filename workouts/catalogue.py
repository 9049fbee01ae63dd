"""The exercise catalogue: loaded from the release's data, edited by staff, handed to the planner as values.

Invariant: the planner sees what the table holds now; a retired exercise is not planned any more.
"""

import json
from pathlib import Path

from config.models import load_shipped, shipped_version
from workouts import models, planner

DATA = Path(__file__).parent / "data"

_FIELDS = (
    "slug",
    "name",
    "pattern",
    "primary",
    "secondary",
    "equipment",
    "level",
    "contraindications",
    "unilateral",
    "compound",
    "mode",
    "rep_range",
    "load_kind",
    "met",
    "met_source",
    "cues",
    "progression",
    "regression",
)
_held: planner.Catalogue | None = None


def current() -> planner.Catalogue:
    """Return today's catalogue; it is built again only when the table has changed."""
    global _held  # noqa: PLW0603 - one catalogue a process, replaced whole
    version = shipped_version(models.Exercise)
    if _held is None or _held.version != version:
        rows = models.Exercise.objects.filter(retired=False).values(*_FIELDS)
        _held = planner.catalogue_from(list(rows), version=version)
    return _held


def load() -> int:
    """Bring the release's exercises into the table; return how many entries changed."""
    return load_shipped(models.Exercise, json.loads((DATA / "exercises.json").read_text())["exercises"])
