"""The problem as the search sees it: exercises as options, sessions as slots, needs and limits as figures.

Invariant: muscles are indices into `MUSCLES` and times are seconds, so that a state is a few small lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from workouts.planner.values import MUSCLES

SIZE = len(MUSCLES)
MAIN_PATTERNS = frozenset(
    {"squat", "hinge", "lunge", "push_horizontal", "push_vertical", "pull_horizontal", "pull_vertical", "core"}
)
PUSH_PULL = frozenset({"push", "pull"})
TOO_TIGHT, EASE = 0.85, 4.0  # where the balance of pushes and pulls counts nothing, and how fast it then counts more
NEAR = 2  # days: less is under 48 hours


@dataclass(slots=True, kw_only=True)
class Option:
    """One exercise: muscle indices with weights, seconds, and how well it suits the trainee."""

    slug: str
    loads: tuple[tuple[int, float], ...]
    primary: frozenset[int]
    pattern: str
    first: int  # seconds of one set with all that is around it
    more: int  # seconds of each further set
    most: int  # sets
    liking: float
    compound: bool = True
    again: float = 4.0  # what a second time in the week costs
    kept: bool = False  # trained of late, so that it should go on


@dataclass(slots=True, kw_only=True)
class Slot:
    """One strength session: its ordinal date, what it may hold, and what it must."""

    day: int
    focus: frozenset[int]
    seconds: int
    items: int
    foreign: frozenset[str] = frozenset()  # patterns that belong to another day
    skeleton: tuple[frozenset[str], ...] = ()  # groups of patterns, of each of which a compound should be there
    wanted: frozenset[int] = frozenset()  # options somebody picked for it
    fixed: tuple[tuple[int, int], ...] = ()  # locked options with their sets
    banned: frozenset[int] = frozenset()  # options that may not come here


@dataclass(slots=True, kw_only=True)
class Problem:
    """A block of up to seven days; the `base_` figures and `hard_days` come from sessions that stand already."""

    options: Sequence[Option]
    slots: Sequence[Slot]
    reach: int  # options below this index may be chosen freely; the rest are fixed items
    low: Sequence[float]
    high: Sequence[float]
    aim: Sequence[float]
    times: int  # sessions a week that should train each muscle
    extra: int = 0  # sets of an exercise beyond its usual most, where sessions are few
    tightness: float = 0.0  # the least time that the bands need over the time there is
    leisure: float = 1.0  # 0-1: how much the balance of pushes and pulls counts, nothing where time is too short
    base_week: Sequence[float] = (0.0,) * SIZE
    base_times: Sequence[int] = (0,) * SIZE
    hard_days: Sequence[frozenset[int]] = (frozenset(),) * SIZE
    by_muscle: list[list[int]] = field(default_factory=list)
    near: list[list[int]] = field(default_factory=list)
    patterns: frozenset[str] = frozenset()
    sides: list[str] = field(default_factory=list)  # by option: push, pull or nothing

    def __post_init__(self) -> None:
        """Index options by the muscle they train first, and slots by those less than 48 hours away."""
        free = list(enumerate(self.options[: self.reach]))
        self.by_muscle = [[i for i, o in free if m in o.primary] for m in range(SIZE)]
        for m, found in enumerate(self.by_muscle):
            if not found:
                found.extend(i for i, o in free if any(m == n for n, _ in o.loads))
        self.near = [
            [j for j, other in enumerate(self.slots) if j != i and abs(other.day - slot.day) < NEAR]
            for i, slot in enumerate(self.slots)
        ]
        sides = [option.pattern.split("_")[0] if option.compound else "" for option in self.options]
        self.sides = [side if side in PUSH_PULL and set(sides) >= PUSH_PULL else "" for side in sides]
        self.tightness = self._tightness()
        self.leisure = max(0.0, min(1.0, EASE * (TOO_TIGHT - self.tightness)))
        self.patterns = MAIN_PATTERNS & {option.pattern for option in self.options}

    def _tightness(self) -> float:
        """Return the least time that the bands need, by the most economical exercises, over the time."""
        rates = [0.0] * SIZE
        for option in self.options[: self.reach]:
            rate = (option.first + 2 * option.more) / (3 * sum(weight for _, weight in option.loads))
            for m, _ in option.loads:
                rates[m] = min(rates[m] or rate, rate)
        needed = sum(max(0.0, self.low[m] - self.base_week[m]) * rates[m] for m in range(SIZE))
        return needed / max(1, sum(slot.seconds for slot in self.slots))
