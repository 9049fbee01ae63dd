"""Ruin and recreate: build a block by need and fit, then tear out a little and rebuild it, keeping what is better.

Invariant: bounded by rebuilds and driven by one random generator, so the same seed gives the same block anywhere.
"""

import math
import random
from collections.abc import Iterator

from workouts.planner import rules
from workouts.planner.problem import SIZE, Problem
from workouts.planner.state import EPSILON, MIN_SETS, MISSING_SET, UNTRAINED, State

POLISH = 80  # rebuilds once every need is met
PATIENCE = 250  # rebuilds without progress while one is not
MOST = 800
PRICE = 0.012  # cost of a second once needs are met: no padding
HEAT = 20.0
HASTE = 0.5
JITTER, COOLING = 3.0, 0.94
WHOLE, WORST, NOISE = 0.15, 0.6, 30.0


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
        if cost < current_cost + HEAT * rng.random() * COOLING**done:
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
            room = len(state.picks[s]) < slot.items and state.seconds(s, i, MIN_SETS) <= state.left[s]
            if room and state.fits(s, i, MIN_SETS):
                state.add(s, i, MIN_SETS)
    return state


def ruin(state: State, rng: random.Random) -> None:
    """Tear out one whole session, or a few exercises: any, or those that suit least and their neighbours."""
    reach = state.problem.reach
    free = [(s, i) for s, picks in enumerate(state.picks) for i in picks if i < reach]
    if not free:
        return
    kind, count = rng.random(), min(len(free), rng.randint(1, 4))
    if kind < WHOLE:
        at = rng.randrange(len(state.picks))
        torn = [(s, i) for s, i in free if s == at]
    elif kind < WORST:
        torn = sorted(free, key=lambda one: state.burden(*one) + NOISE * rng.random())[-count:]
    else:
        torn = rng.sample(free, count)
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
    problem, week, times = state.problem, state.week, state.times
    found, most = None, 0.0
    for m in range(SIZE):
        if m in blocked or (week[m] >= problem.aim[m] - EPSILON and times[m] >= problem.times):
            continue
        need = problem.aim[m] - week[m]
        if week[m] < problem.low[m]:
            need += MISSING_SET * (problem.low[m] - week[m])
        if times[m] < problem.times:
            need += UNTRAINED * (problem.times - times[m])
        need *= 0.7 + 0.6 * rng.random()
        if need > most:
            found, most = m, need
    return found


def _best_move(state: State, m: int, rng: random.Random) -> tuple[int, int, int] | None:
    """Return the best addition for a muscle as (slot, option, sets): what suits, and what meets needs fast.

    The less time there is to spare, the more the needs met per minute weigh.
    """
    needy = state.week[m] < state.problem.low[m] - EPSILON or state.times[m] < state.problem.times
    haste = HASTE * state.problem.tightness**2
    best, most = None, -math.inf
    for s, i, sets in _moves(state, m):
        seconds = state.seconds(s, i, sets)
        met, suits = state.gain(s, i, sets)
        price = PRICE * seconds
        if met + suits <= price:
            continue
        worth = suits - price + (haste * met * 60 / (seconds + 60) if needy else met) + JITTER * rng.random()
        if worth > most:
            best, most = (s, i, sets), worth
    return best


def _moves(state: State, m: int) -> Iterator[tuple[int, int, int]]:
    """Yield what fits for a muscle: one more set of what is there, or something new with two sets, three if needed."""
    options, found = state.problem.options, state.problem.by_muscle[m]
    lacking = state.problem.low[m] - state.week[m]
    for s, picks in enumerate(state.picks):
        left, closed = state.left[s], len(picks) >= state.problem.slots[s].items
        for i in found:
            option = options[i]
            if i in picks:
                if picks[i] < option.most + state.problem.extra and option.more <= left and state.fits(s, i, 1):
                    yield s, i, 1
            elif not closed and option.first + option.more <= left:
                three = lacking > MIN_SETS and option.most > MIN_SETS and option.first + 2 * option.more <= left
                if three and state.fits(s, i, MIN_SETS + 1):
                    yield s, i, MIN_SETS + 1
                elif state.fits(s, i, MIN_SETS):
                    yield s, i, MIN_SETS


def _fill_short(state: State, rng: random.Random) -> None:
    """Bring sessions up to the minimum of exercises where anything still fits."""
    for s, picks in enumerate(state.picks):
        while len(picks) < min(rules.MIN_EXERCISES, state.problem.slots[s].items):
            choices = [
                (sum(state.gain(s, i, MIN_SETS)) + rng.random(), i)
                for i in range(state.problem.reach)
                if i not in picks and state.seconds(s, i, MIN_SETS) <= state.left[s] and state.fits(s, i, MIN_SETS)
            ]
            if not choices:
                break
            state.add(s, max(choices)[1], MIN_SETS)
