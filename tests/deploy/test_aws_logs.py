"""What CloudWatch counts in the log, held against lines that the product really writes.

Invariant: a word or field that the code no longer logs is a failure here, not a silent alarm there.
"""

import json
import logging
import re
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config import logging as product_logging
from config import middleware
from tests.deploy import aws_templates

ROOT = Path(__file__).resolve().parents[2]


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    """Return what the product's own handler writes for a record."""
    (handler,) = [
        handler
        for handler in logging.getLogger().handlers
        if any(isinstance(part, product_logging.RequestIdFilter) for part in handler.filters)
    ]
    handler.filter(record)
    written: dict[str, Any] = json.loads(handler.format(record))
    return written


def matches(pattern: str, line: dict[str, Any]) -> bool:
    """Say whether CloudWatch's pattern, as far as the templates use the language, selects a line."""
    verdicts: dict[str, Callable[[Any, str], bool]] = {
        "=": lambda value, wanted: fnmatch(str(value), wanted),
        ">=": lambda value, wanted: bool(value >= float(wanted)),
        "<": lambda value, wanted: bool(value < float(wanted)),
    }

    def holds(term: str) -> bool:
        found = re.fullmatch(r'\s*\$\.(\w+) (=|>=|<) ("?)(.+?)\3\s*', term)
        assert found, f"not understood: {term}"
        return found[1] in line and verdicts[found[2]](line[found[1]], found[4])

    inner = pattern.strip("{} ")
    return any(all(map(holds, either.split("&&"))) for either in inner.split("||"))


def filters_of(metric: str) -> list[str]:
    return [
        each["FilterPattern"]
        for each in aws_templates.resources("AWS::Logs::MetricFilter")
        if each["MetricTransformations"][0]["MetricName"] == metric
    ]


@pytest.mark.parametrize(("status", "percents"), [(200, ["0"]), (404, ["0"]), (500, ["100"]), (503, ["100"])])
def test_an_answer_is_counted_once_as_failed_or_not(
    status: int, percents: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "regimen.access")
    middleware.observe(lambda request: HttpResponse(status=status))(RequestFactory().get("/"))
    line = line_of(caplog.records[-1])
    counted = [
        each["MetricTransformations"][0]["MetricValue"]
        for each in aws_templates.resources("AWS::Logs::MetricFilter")
        if each["MetricTransformations"][0]["MetricName"] == "FailedPercent" and matches(each["FilterPattern"], line)
    ]

    assert counted == percents
    assert [matches(pattern, line) for pattern in filters_of("RequestMilliseconds")] == [True]
    assert line["ms"] >= 0


def test_an_error_is_counted_and_a_warning_is_not() -> None:
    error, warning = (
        line_of(logging.makeLogRecord({"levelno": level, "levelname": name, "msg": "x"}))
        for level, name in ((40, "ERROR"), (30, "WARNING"))
    )

    for pattern in filters_of("Errors"):
        assert matches(pattern, error)
        assert not matches(pattern, warning)


def test_every_message_that_is_counted_is_one_that_the_code_logs() -> None:
    logged = [
        words
        for app in ("config", "users", "mealplans", "workouts", "progress", "ai", "workers")
        for path in (ROOT / app).rglob("*.py")
        for words in re.findall(r'log\.\w+\(\s*f?"([^"]+)"', path.read_text())
    ]
    counted = re.findall(r'\$\.message = "([^"]+)"', (aws_templates.AWS / "templates" / "logs.yaml").read_text())

    assert len(counted) > 4
    assert [words for words in counted if not any(fnmatch(each, words) for each in logged)] == []
