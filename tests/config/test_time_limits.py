"""The time limits of models: what cannot be kept stops the start."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import embedded_model, providers
from workers import actors


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("0.5", 0.5), ("110", 110)])
def test_a_limit_is_a_number_of_seconds(text: str, seconds: float) -> None:
    assert providers.time_limit("AI_DEADLINE_SECONDS", text) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "0", "-1", "110.1", "nan", "inf", "1e400"])
def test_what_is_none_or_cannot_be_kept_stops_the_start(text: str) -> None:
    said = re.escape("AI_DEADLINE_SECONDS must be a number of seconds, more than 0 and at most 110")

    with pytest.raises(ImproperlyConfigured, match=said):
        providers.time_limit("AI_DEADLINE_SECONDS", text)


def test_a_worker_outlives_the_longest_wait_for_models_and_the_planner_after_it() -> None:
    assert providers.MAX_WAIT + 5 <= actors.TIME_LIMIT_MS / 1000


def test_the_local_models_limits_can_be_kept() -> None:
    for name, seconds in embedded_model.DEADLINES.items():
        assert providers.time_limit(name, seconds)
