"""Reading a model's answer. Pure.

Invariant: what comes out names only dates and ids that the brief offered; everything else is dropped or refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ai.prompts import Brief, clean

MAX_REASON = 120


class InvalidProposal(Exception):  # noqa: N818 - an outcome
    """The answer is not of the schema that was asked for."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The picks by date: dishes as (slot, id), exercises as ids; and a short reason for each day."""

    dishes: Mapping[str, tuple[tuple[str, str], ...]]
    exercises: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, str]


def parse(text: str, brief: Brief) -> Proposal:
    """Return the picks of an answer.

    :raises InvalidProposal: when it is not JSON of the schema, leaves out a date, or names an id that was not offered.
    """
    days = {_date(day, brief): day for day in _days(text)}
    if set(days) != set(brief.dates):
        raise InvalidProposal("not every date is there once")
    return Proposal(
        dishes={date: tuple(_dishes(day, brief)) for date, day in days.items()} if brief.dishes else {},
        exercises={date: tuple(_exercises(day, brief)) for date, day in days.items() if date in brief.training_dates},
        reasons={date: clean(str(day.get("reason", "")))[:MAX_REASON] for date, day in days.items()},
    )


def _days(text: str) -> Sequence[Mapping[str, Any]]:
    try:
        answer = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InvalidProposal("not JSON") from None
    days = answer.get("days") if isinstance(answer, dict) else None
    if not isinstance(days, list) or not all(isinstance(day, dict) for day in days):
        raise InvalidProposal("no list of days")
    return days


def _refuse(name: str) -> None:
    raise ValueError(name)


def _date(day: Mapping[str, Any], brief: Brief) -> str:
    date = day.get("date")
    if date not in brief.dates:
        raise InvalidProposal("an unknown date")
    return str(date)


def _dishes(day: Mapping[str, Any], brief: Brief) -> list[tuple[str, str]]:
    picks: list[tuple[str, str]] = []
    for slot in dict.fromkeys(brief.slots):
        wanted = brief.slots.count(slot)
        offered = {choice.id for choice in brief.dishes[slot]}
        named = _ids(day.get(slot), offered)
        picks += [(slot, one) for one in named[:wanted]]
    return picks


def _exercises(day: Mapping[str, Any], brief: Brief) -> list[str]:
    return list(dict.fromkeys(_ids(day.get("exercises"), {choice.id for choice in brief.exercises})))


def _ids(value: object, offered: set[str]) -> list[str]:
    named = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) and one in offered for one in named):
        raise InvalidProposal("an id that was not offered")
    return [str(one) for one in named]
