"""The certificate of a day's meals as clients read it.

Invariant: all that the judge says is named here; a certificate that the planner makes loses nothing on the way.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Aim(BaseModel):
    """A figure beside its target, and how far it is off, in %."""

    target: int
    actual: float
    delta_pct: float


class AtLeast(BaseModel):
    """A figure beside its goal; null where a food's figure is not known."""

    at_least: int
    actual: float | None
    met: bool | None


class AtMost(BaseModel):
    """A figure beside its limit; null where a food's figure is not known."""

    at_most: int
    actual: float | None
    met: bool | None


class AllergenCheck(BaseModel):
    """What was kept out, and what of it was found all the same: nothing, in a plan that passed."""

    excluded: list[str]
    found: list[str]


class DietCheck(BaseModel):
    """The diets that were kept, and what broke them: nothing, in a plan that passed."""

    kept: list[str]
    found: list[str]


class ConditionCheck(BaseModel):
    """The conditions that were taken care of, and what is unsafe with them: nothing, in a plan that passed."""

    kept: list[str]
    found: list[str]


class CeilingCheck(BaseModel):
    """What no day may go beyond, and whether this one keeps below it."""

    ceiling: float
    held: bool
    reason: str | None


class FloorCheck(BaseModel):
    """A safety floor that the targets were raised to, and whether the day holds it."""

    floor: int
    held: bool
    reason: str | None


class Relaxation(BaseModel):
    """What had to give way, and what that means."""

    code: str
    meaning: str


class Deviation(BaseModel):
    """What is off by a little, without being unsafe."""

    code: str
    detail: str


class MealCertificate(BaseModel):
    """What was checked of a day and how it came out, recomputed from the catalogue; `passed`: no hard fault."""

    kcal: Aim
    protein: Aim
    carbs: Aim
    fat: Aim
    fibre: AtLeast
    sodium: AtMost
    sat_fat: AtMost
    allergens: AllergenCheck
    diets: DietCheck
    conditions: ConditionCheck = ConditionCheck(kept=[], found=[])
    ceilings: dict[Literal["protein"], CeilingCheck] = {}
    floors: dict[Literal["kcal"], FloorCheck]
    rung: Annotated[int, Field(description="how much had to give way: 0 is nothing")]
    relaxations: list[Relaxation]
    deviations: list[Deviation]
    passed: bool
    notices: list[str] = []
    not_enforced: Annotated[list[str], Field(description="preferences that no rule of ours stands for")] = []
