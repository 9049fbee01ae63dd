"""A candidate block: sets by option in every slot, what they cost, and what may still be added.

Invariant: a state never breaks an upper limit (a session's sets of a muscle, the week's band, recovery); only needs may
stay unmet, and the cost ranks them in the ladder's order: session minimum, frequency, volume.
"""

from collections.abc import Mapping

from workouts.planner import rules
from workouts.planner.problem import NEAR, SIZE, Option, Problem, Slot

SHORT_SESSION, UNTRAINED, MISSING_SET = 4000.0, 600.0, 150.0  # what an unmet need costs
AIM, EXCESS = 5.0, 0.5  # a set missing between the low end and the aim, a set beyond it
OUT_OF_FOCUS, SAME_PATTERN, NEW_PATTERN, PICKED, KEPT = 25.0, 15.0, 10.0, 105.0, 150.0
SKELETON, THIN, THICK, ONE_MORE = 25.0, 6.0, 4.0, 14.0
SIMILAR = 0.7  # of a repeated movement, where only the pattern is the same
PULLS_A_PUSH, LEANING, GLANCE = 1.5, 40.0, 0.3  # what a set out of balance costs, and how much of it is seen ahead
MOST_PUSHES = 1.5  # a pull; half a set helps nobody
MIN_SETS, MOST_SMALL, EPSILON = 2, 3, 1e-6


class State:
    """A candidate block: sets by option in every slot, with running sums."""

    __slots__ = ("left", "patterns", "picks", "problem", "sides", "times", "uses", "volume", "week")

    def __init__(self, problem: Problem) -> None:
        """Start from the locked items alone."""
        self.problem = problem
        self.picks: list[dict[int, int]] = [{} for _ in problem.slots]
        self.volume = [[0.0] * SIZE for _ in problem.slots]
        self.week = list(problem.base_week)
        self.times = list(problem.base_times)
        self.left = [slot.seconds for slot in problem.slots]
        self.uses = [0] * len(problem.options)
        self.patterns: dict[str, int] = {}
        self.sides = {"push": 0, "pull": 0, "": 0}  # sets of compounds
        for s, slot in enumerate(problem.slots):
            for i, sets in slot.fixed:
                self.add(s, i, sets)

    def copy(self) -> "State":
        """Return an independent twin."""
        twin = object.__new__(State)
        twin.problem = self.problem
        twin.picks = [dict(found) for found in self.picks]
        twin.volume = [list(sums) for sums in self.volume]
        twin.week, twin.times = list(self.week), list(self.times)
        twin.left, twin.uses, twin.patterns = list(self.left), list(self.uses), dict(self.patterns)
        twin.sides = dict(self.sides)
        return twin

    def add(self, s: int, i: int, sets: int) -> None:
        """Add sets of an option to a slot; a negative number takes them away."""
        option, picks = self.problem.options[i], self.picks[s]
        before = picks.get(i, 0)
        after = before + sets
        change = (after > 0) - (before > 0)
        self.left[s] -= sets * option.more + change * (option.first - option.more)
        self.uses[i] += change
        self.sides[self.problem.sides[i]] += sets
        self.patterns[option.pattern] = self.patterns.get(option.pattern, 0) + change
        if after:
            picks[i] = after
        else:
            del picks[i]
        volume, week, times = self.volume[s], self.week, self.times
        for m, weight in option.loads:
            was = volume[m] >= rules.TRAINED_SETS
            volume[m] += weight * sets
            week[m] += weight * sets
            times[m] += (volume[m] >= rules.TRAINED_SETS) - was

    def chosen(self) -> list[list[tuple[str, int]]]:
        """Return the slugs with their sets of every slot, the fixed items aside."""
        options, reach = self.problem.options, self.problem.reach
        return [[(options[i].slug, sets) for i, sets in sorted(picks.items()) if i < reach] for picks in self.picks]

    def seconds(self, s: int, i: int, sets: int) -> int:
        """Return the seconds that these sets would add."""
        option = self.problem.options[i]
        return sets * option.more if i in self.picks[s] else option.first + (sets - 1) * option.more

    def fits(self, s: int, i: int, sets: int) -> bool:
        """Tell whether muscles allow more sets of an option: in the session, the week, for recovery; not the time."""
        problem = self.problem
        volume, week, high = self.volume[s], self.week, problem.high
        for m, weight in problem.options[i].loads:
            added = weight * sets
            total = volume[m] + added
            if total > rules.SESSION_SETS or week[m] + added > high[m] + EPSILON:
                return False
            if total >= rules.HARD_SETS > volume[m] and self._recovering(s, m):
                return False
        return i not in problem.slots[s].banned

    def _recovering(self, s: int, m: int) -> bool:
        """Tell whether a session less than 48 hours away already works a muscle hard."""
        problem, day = self.problem, self.problem.slots[s].day
        if any(self.volume[j][m] >= rules.HARD_SETS for j in problem.near[s]):
            return True
        return any(abs(day - other) < NEAR for other in problem.hard_days[m])

    def gain(self, s: int, i: int, sets: int) -> tuple[float, float]:
        """Return by how much sets of an option would lower the cost: what needs it meets, and how well it suits."""
        problem, week, volume = self.problem, self.week, self.volume[s]
        met = 0.0
        for m, weight in problem.options[i].loads:
            added = weight * sets
            met += self._volume_cost(m, week[m]) - self._volume_cost(m, week[m] + added)
            if self.times[m] < problem.times and volume[m] < rules.TRAINED_SETS <= volume[m] + added:
                met += UNTRAINED
        option, before = problem.options[i], self.picks[s].get(i, 0)
        suits = shape(option, before) - shape(option, before + sets) - self._tilt(problem.sides[i], sets)
        if before:
            return met, suits
        if len(self.picks[s]) < rules.MIN_EXERCISES:
            met += SHORT_SESSION
        return met, suits + self._welcome(s, i)

    def _volume_cost(self, m: int, sets: float) -> float:
        """Return what a muscle's weekly sets cost: dear below the band, cheap up to the aim, a little beyond it."""
        problem = self.problem
        low, aim = problem.low[m], problem.aim[m]
        if sets < low:
            return MISSING_SET * (low - sets) + AIM * (aim - low)
        return AIM * (aim - sets) if sets < aim else EXCESS * (sets - aim)

    def _tilt(self, side: str, sets: int) -> float:
        """Return by how much sets of a push or a pull would worsen the balance of the two."""
        if not side:
            return 0.0
        after = {**self.sides, side: self.sides[side] + sets}
        return GLANCE * self.problem.leisure * (imbalance(after) - imbalance(self.sides))

    def _welcome(self, s: int, i: int) -> float:
        """Return how welcome a new exercise is in a slot, its muscles aside."""
        problem, slot, picks = self.problem, self.problem.slots[s], self.picks[s]
        option = problem.options[i]
        total = option.liking - ONE_MORE - option.again * self.uses[i] + (PICKED if i in slot.wanted else 0.0)
        total += KEPT * (option.kept and not self.uses[i])
        total -= OUT_OF_FOCUS * is_stray(option, slot)
        total -= SAME_PATTERN * sum(self._likeness(i, j) for j in picks)
        if option.compound:
            have = {problem.options[j].pattern for j in picks if problem.options[j].compound}
            total += SKELETON * sum(option.pattern in group and not group & have for group in slot.skeleton)
        if option.pattern in problem.patterns and not self.patterns.get(option.pattern):
            total += NEW_PATTERN
        return total

    def _likeness(self, i: int, j: int) -> float:
        """Return how alike two exercises are: the same movement for the same muscle, or big lifts of one pattern."""
        one, other = self.problem.options[i], self.problem.options[j]
        if one.pattern != other.pattern:
            return 0.0
        return 1.0 if one.primary & other.primary else SIMILAR * (one.compound and other.compound)

    def needs(self) -> float:
        """Return the cost of unmet needs alone; 0 when the block is full."""
        problem = self.problem
        short = sum(max(0, rules.MIN_EXERCISES - len(picks)) for picks in self.picks)
        rare = sum(max(0, problem.times - times) for times in self.times)
        missing = sum(max(0.0, low - sets) for low, sets in zip(problem.low, self.week, strict=True))
        return SHORT_SESSION * short + UNTRAINED * rare + MISSING_SET * (missing if missing > EPSILON else 0.0)

    def is_lopsided(self) -> bool:
        """Tell whether the week presses far more than it pulls."""
        return self.sides["push"] > MOST_PUSHES * self.sides["pull"] + 1

    def cost(self) -> float:
        """Return the whole cost of the state; lower is better."""
        problem = self.problem
        short = sum(max(0, rules.MIN_EXERCISES - len(picks)) for picks in self.picks)
        rare = sum(max(0, problem.times - times) for times in self.times)
        total = SHORT_SESSION * short + UNTRAINED * rare + self.problem.leisure * imbalance(self.sides)
        total += sum(self._volume_cost(m, sets) for m, sets in enumerate(self.week))
        for option, used in zip(problem.options, self.uses, strict=True):
            total += option.again * used * (used - 1) / 2 + KEPT * (option.kept and not used)
        total += NEW_PATTERN * sum(not self.patterns.get(pattern) for pattern in problem.patterns)
        return total + sum(self._slot_cost(s) for s in range(len(self.picks)))

    def burden(self, s: int, i: int) -> float:
        """Return what one exercise costs where it is, its muscles aside."""
        slot, option = self.problem.slots[s], self.problem.options[i]
        total = shape(option, self.picks[s][i]) + ONE_MORE - option.liking - (PICKED if i in slot.wanted else 0.0)
        total += SAME_PATTERN / 2 * sum(self._likeness(i, j) for j in self.picks[s] if j != i)
        return total + OUT_OF_FOCUS * is_stray(option, slot)

    def _slot_cost(self, s: int) -> float:
        """Return what the choice of exercises in one slot costs."""
        options, picks = self.problem.options, self.picks[s]
        have = {options[i].pattern for i in picks if options[i].compound}
        missing = sum(not group & have for group in self.problem.slots[s].skeleton)
        return SKELETON * missing + sum(self.burden(s, i) for i in picks)


def is_stray(option: Option, slot: Slot) -> bool:
    """Tell whether an exercise belongs to another day: its muscles or its movement."""
    return not option.primary & slot.focus or option.pattern in slot.foreign


def imbalance(sides: Mapping[str, int]) -> float:
    """Return what the lean of the week's pushes and pulls costs; as many pulls or a few more is what shoulders like."""
    push, pull = sides["push"], sides["pull"]
    return LEANING * (max(0.0, push - pull) + max(0.0, pull - PULLS_A_PUSH * push - MOST_SMALL))


def shape(option: Option, sets: int) -> float:
    """Return what a number of sets costs: a big lift deserves three or four, a small one at most three."""
    if not option.compound:
        return THICK * max(0, sets - MOST_SMALL)
    return THIN if sets == MIN_SETS else THICK * max(0, sets - MOST_SMALL - 1)
