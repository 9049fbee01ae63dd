"""One JSON object a line, tied to its request, and silent about what people told us."""

import json
import logging
import logging.config
from typing import Any

import pytest

from config import logging as product_logging
from tests import factories
from tests.conftest import Api
from users import selectors
from users.models import User

ACCESS = "regimen.access"


def access_lines(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [record for record in caplog.records if record.name == ACCESS]


def written(*records: logging.LogRecord) -> list[dict[str, Any]]:
    """Return what the product's own handler makes of log records."""
    (handler,) = [
        handler
        for handler in logging.getLogger().handlers
        if any(isinstance(part, product_logging.RequestIdFilter) for part in handler.filters)
    ]
    lines = []
    for record in records:
        handler.filter(record)
        lines.append(handler.format(record))
    assert not any("\n" in line for line in lines)
    return [json.loads(line) for line in lines]


def test_every_request_leaves_one_line_with_its_route_status_and_time(
    as_owner: Api, caplog: pytest.LogCaptureFixture
) -> None:
    as_owner.get("/api/v1/profile", X_Request_ID="request-0001")

    (line,) = written(*access_lines(caplog))
    assert (line["method"], line["route"], line["status"]) == ("GET", "api/v1/profile", 200)
    assert (line["level"], line["logger"], line["request_id"]) == ("INFO", ACCESS, "request-0001")
    assert line["ms"] >= 0
    assert line["time"]


def test_the_time_of_a_line_is_utc_and_says_so() -> None:
    record = logging.LogRecord("a", logging.INFO, "", 0, "something", None, None)
    record.created = 1_772_409_600.25

    (line,) = written(record)

    assert line["time"] == "2026-03-02T00:00:00.250+00:00"


def test_the_log_goes_to_standard_error_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(logging.config, "dictConfig", asked.append)

    product_logging.configure({"level": "INFO"})

    (handler,) = asked[0]["handlers"].values()
    assert handler["class"] == "logging.StreamHandler"  # whose stream is standard error unless one is named
    assert "stream" not in handler
    assert all("handlers" not in logger for logger in asked[0]["loggers"].values())


def test_the_line_names_the_template_of_a_route_and_not_what_was_asked_for(
    as_owner: Api, caplog: pytest.LogCaptureFixture
) -> None:
    as_owner.delete("/api/v1/progress/2026-03-02")
    as_owner.get("/olga@example.org")

    assert [record.route for record in access_lines(caplog)] == ["api/v1/progress/<date>", "(none)"]


def test_each_request_has_an_id_of_its_own(as_owner: Api) -> None:
    ids = {as_owner.get("/healthz")["X-Request-ID"] for _ in range(5)}

    assert len(ids) == 5


@pytest.mark.parametrize("offered", ["abcdefgh", "A-b_c.9" * 9, "0" * 64])
def test_a_harmless_id_of_the_caller_is_kept(offered: str) -> None:
    assert product_logging.accept_request_id(offered) == offered
    assert product_logging.request_id.get() == offered


@pytest.mark.parametrize(
    "offered", ["", "short", "0" * 65, "with space", 'quote"quote', "new\nlines", "ümlaut-id", "a/b/c/d/e"]
)
def test_any_other_id_is_replaced(offered: str) -> None:
    chosen = product_logging.accept_request_id(offered)

    assert chosen != offered
    assert len(chosen) == 16


def test_a_line_break_in_a_message_cannot_forge_a_line() -> None:
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, 'bad"\n{"level": "ERROR"}', None, None)

    (line,) = written(record)

    assert (line["level"], line["message"]) == ("WARNING", 'bad"\n{"level": "ERROR"}')


def test_an_exception_is_told_within_its_line() -> None:
    error = RuntimeError("broken")
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "it broke", None, (RuntimeError, error, None))

    (line,) = written(record)

    assert "RuntimeError: broken" in line["exc_info"]


def test_no_line_tells_what_a_person_told_us(anonymous: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "regimen")
    person = {**factories.REGISTRATION, "email": "secret.address@example.org", "name": "Secretname", "weight": 77.7125}

    tokens = anonymous.post("/api/v1/register", person).json()
    anonymous.post("/api/v1/register", person)
    anonymous.post("/api/v1/register", {**person, "weight": 1})
    anonymous.post("/api/v1/login", {"email": person["email"], "password": "not the password"})
    anonymous.post("/api/v1/token/refresh", {"refresh": tokens["refresh"]})
    anonymous.headers["Authorization"] = f"Bearer {tokens['access']}"
    anonymous.post("/api/v1/progress", {"date": "2026-03-02", "weight": 77.7125, "note": "Secretnote"})
    anonymous.patch("/api/v1/profile", {"disliked_foods": ["Secretfood"]})
    anonymous.get("/api/v1/profile?email=secret.address@example.org")
    anonymous.post("/api/v1/ws-ticket")

    lines = json.dumps(written(*caplog.records))
    secrets = ["secret", "77.71", "password", factories.PASSWORD, tokens["access"], tokens["refresh"]]
    assert len(access_lines(caplog)) == 9
    assert [secret for secret in secrets if secret.casefold() in lines.casefold()] == []


def test_a_bug_is_logged_with_the_id_that_the_client_was_given(
    as_owner: Api, owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(selectors, "profile", broken)

    answer = as_owner.get("/api/v1/profile", X_Request_ID="request-0002")

    (line,) = [line for line in written(*caplog.records) if line["logger"] == "config.api"]
    assert line["request_id"] == answer.json()["request_id"] == "request-0002"
    assert "RuntimeError: broken" in line["exc_info"]
