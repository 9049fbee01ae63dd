"""Ruin and recreate: build a block by need per minute, then tear out a little and rebuild it, keeping what is better.

Invariant: bounded by iterations and driven by one random generator, so the same seed gives the same block on any machine.
"""

import math
import random

from workouts.planner import rules
from workouts.planner.search import MIN_SETS, MISSING_SET, SIZE, UNTRAINED, Problem, State

POLISH = 30  # rebuilds once every need is met
PATIENCE = 70  # rebuilds without progress while one is not
MOST = 240
PRICE = 0.012  # cost of a second once needs are met: no padding
HEAT = 12.0


def solve(problem: Problem, *, rng: random.Random, effort: float = 1.0) -> State:
    """Return the best block found; `effort` scales the number of rebuilds."""
    best = current = recreate(_picked(problem), rng)
    best_cost = current_cost = best.cost()
    since = done = 0
    full = best.needs() == 0
    while done < MOST * effort and since < (POLISH if full else PATIENCE) * effort:
        trial = current.copy()
        ruin(trial, rng)
        recreate(trial, rng)
        cost = trial.cost()
        done, since = done + 1, since + 1
        if cost < current_cost + HEAT * rng.random() / done:
            current, current_cost = trial, cost
        if cost < best_cost - 1e-9:
            since = since if full else 0
            best, best_cost = trial, cost
            full = full or best.needs() == 0
    return best


def _picked(problem: Problem) -> State:
    """Start from the locked items and as many of the picked ones as fit."""
    state = State(problem)
    for s, slot in enumerate(problem.slots):
        for i in sorted(slot.wanted):
            if i not in state.picks[s] and state.fits(s, i, MIN_SETS):
                state.add(s, i, MIN_SETS)
    return state


def ruin(state: State, rng: random.Random) -> None:
    """Tear out one whole session, or a few exercises of any."""
    fixed = [{i for i, _ in slot.fixed} for slot in state.problem.slots]
    free = [(s, i) for s, picks in enumerate(state.picks) for i in picks if i not in fixed[s]]
    if not free:
        return
    if rng.random() < 0.2:
        at = rng.randrange(len(state.picks))
        torn = [(s, i) for s, i in free if s == at]
    else:
        torn = rng.sample(free, min(len(free), rng.randint(1, 4)))
    for s, i in torn:
        state.add(s, i, -state.picks[s][i])


def recreate(state: State, rng: random.Random) -> State:
    """Insert by the greatest need until nothing that helps fits any more."""
    blocked: set[int] = set()
    while (m := _neediest(state, blocked, rng)) is not None:
        move = _best_move(state, m, rng)
        if move is None:
            blocked.add(m)
        else:
            state.add(*move)
    _fill_short(state, rng)
    return state


def _neediest(state: State, blocked: set[int], rng: random.Random) -> int | None:
    """Return the muscle that lacks most, or None when all have reached their aim or cannot."""
    problem = state.problem
    found, most = None, 0.0
    for m in range(SIZE):
        if m in blocked:
            continue
        need = MISSING_SET * max(0.0, problem.low[m] - state.week[m])
        need += UNTRAINED * max(0, problem.times - state.times[m])
        need += max(0.0, problem.aim[m] - state.week[m])
        if need > 1e-6 and need * (weight := 0.7 + 0.6 * rng.random()) > most:
            found, most = m, need * weight
    return found


def _best_move(state: State, m: int, rng: random.Random) -> tuple[int, int, int] | None:
    """Return the addition for a muscle that gains most per second, as (slot, option, sets)."""
    needy = state.week[m] < state.problem.low[m] - 1e-6 or state.times[m] < state.problem.times
    best, most = None, 0.0
    for i in state.problem.by_muscle[m]:
        for s in range(len(state.picks)):
            sets = _sets(state, s, i, m)
            if not sets:
                continue
            seconds = state.seconds(s, i, sets)
            gain = state.gain(s, i, sets) - PRICE * seconds
            if gain <= 0:
                continue
            worth = (gain / (seconds + 60) if needy else gain) * (0.9 + 0.2 * rng.random())
            if worth > most:
                best, most = (s, i, sets), worth
    return best


def _sets(state: State, s: int, i: int, m: int) -> int:
    """Return how many sets to add: one more of an exercise that is there, else two to four by need, if they fit."""
    option = state.problem.options[i]
    if i in state.picks[s]:
        return 1 if state.picks[s][i] < option.most and state.fits(s, i, 1) else 0
    lacking = math.ceil(state.problem.low[m] - state.week[m])
    sets = max(MIN_SETS, min(option.most, 3, lacking if lacking > 0 else MIN_SETS))
    while sets >= MIN_SETS:
        if state.fits(s, i, sets):
            return sets
        sets -= 1
    return 0


def _fill_short(state: State, rng: random.Random) -> None:
    """Bring sessions up to the minimum of exercises where anything still fits."""
    for s, picks in enumerate(state.picks):
        while len(picks) < rules.MIN_EXERCISES:
            choices = [
                (state.gain(s, i, MIN_SETS) + rng.random(), i)
                for i in range(state.problem.reach)
                if i not in picks and state.fits(s, i, MIN_SETS)
            ]
            if not choices:
                break
            state.add(s, max(choices)[1], MIN_SETS)
