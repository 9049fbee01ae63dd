"""What a person's devices hear of a plan job.

Invariant: every accepted job ends in exactly one of `plan.ready`, `plan.failed`, `plan.cancelled`.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PlanQueued:
    """A plan was asked for."""

    TYPE: ClassVar[str] = "plan.queued"
    job_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """A plan is being made: its stage, and how far it is."""

    TYPE: ClassVar[str] = "plan.progress"
    job_id: str
    stage: str
    percent: int


@dataclass(frozen=True, slots=True)
class PlanReady:
    """The plan is stored and can be read."""

    TYPE: ClassVar[str] = "plan.ready"
    job_id: str
    kind: str
    dates: list[str]
    source: str


@dataclass(frozen=True, slots=True)
class PlanFailed:
    """There is no plan; `code` and `detail` say why."""

    TYPE: ClassVar[str] = "plan.failed"
    job_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class PlanCancelled:
    """The plan is not made, as was asked for."""

    TYPE: ClassVar[str] = "plan.cancelled"
    job_id: str
