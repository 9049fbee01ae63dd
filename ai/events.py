"""What a person's devices hear of a plan job.

Invariant: every accepted job ends in exactly one of `plan.ready`, `plan.failed`, `plan.cancelled`.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class PlanQueued:
    TYPE: ClassVar[str] = "plan.queued"
    job_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class PlanProgress:
    TYPE: ClassVar[str] = "plan.progress"
    job_id: str
    stage: str
    percent: int


@dataclass(frozen=True, slots=True)
class PlanReady:
    TYPE: ClassVar[str] = "plan.ready"
    job_id: str
    kind: str
    dates: list[str]
    source: str


@dataclass(frozen=True, slots=True)
class PlanFailed:
    TYPE: ClassVar[str] = "plan.failed"
    job_id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class PlanCancelled:
    TYPE: ClassVar[str] = "plan.cancelled"
    job_id: str
