"""What the progress app tells a person's devices.

Invariant: an event names the date, never a figure.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ProgressLogged:
    """A day's log was stored."""

    TYPE: ClassVar[str] = "progress.logged"
    date: str


@dataclass(frozen=True, slots=True)
class ProgressDeleted:
    """A day's log was deleted."""

    TYPE: ClassVar[str] = "progress.deleted"
    date: str
