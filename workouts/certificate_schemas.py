"""The certificate of a week's sessions as clients read it.

Invariant: all that the judge says is named here; a certificate that the planner makes loses nothing on the way.
"""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field


class MuscleVolume(BaseModel):
    """A muscle's sets of the week, the band that they should be in, and the sessions that train it."""

    sets: float
    band: Annotated[list[float], Field(min_length=2, max_length=2)]
    sessions: int


class DeclaredCheck(BaseModel):
    """What was declared, and what broke it: nothing, in a plan that passed."""

    declared: list[str]
    found: list[str]


class EquipmentCheck(BaseModel):
    available: list[str]
    found: list[str]


class RecoveryCheck(BaseModel):
    """The hours that a muscle rests, and where it does not."""

    hours: int
    found: list[str]


class MinutesCheck(BaseModel):
    """The most that a session may last, and how long each does."""

    limit: int
    by_date: dict[str, int]
    found: list[str]


class CardioCheck(BaseModel):
    """Minutes of the week, and what the WHO asks for with this goal."""

    minutes: int
    goal: int


class Effort(BaseModel):
    """The least and the most repetitions in reserve."""

    rir: Annotated[list[int], Field(min_length=2, max_length=2)]


class WorkoutFault(BaseModel):
    """A rule that is not kept; no plan with a hard one is ever served."""

    code: str
    date: dt.date | None
    detail: str
    hard: bool


class Guideline(BaseModel):
    """The ten things that ACSM asks an exercise prescription to say, in words."""

    frequency: str
    intensity: str
    time: str
    type: str
    volume: str
    progression: str
    warm_up_and_cool_down: str
    special_considerations: str
    clearance: str
    contraindications: str


class WorkoutCertificate(BaseModel):
    """What was checked of the seven days that a session belongs to, and how it came out; `passed`: no hard fault."""

    volume: dict[str, MuscleVolume]
    injuries: DeclaredCheck
    equipment: EquipmentCheck
    conditions: DeclaredCheck
    recovery: RecoveryCheck
    minutes: MinutesCheck
    cardio: CardioCheck
    effort: Effort
    faults: list[WorkoutFault]
    passed: bool
    rung: Annotated[str, Field(description="how much had to give way: full is nothing")]
    relaxations: list[str]
    guideline: Guideline
    dates: Annotated[list[dt.date], Field(min_length=2, max_length=2, description="the first and the last")]
    light_week: bool
    notices: list[str]
    clearance: Annotated[bool, Field(description="a guideline asks for a doctor's word before training")]
