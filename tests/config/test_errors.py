"""Every refusal looks the same, whoever makes it: the domain, the framework, the database or a bug."""

import json
import re
import uuid
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from config import errors, health
from tests import factories
from tests.conftest import Api
from users import selectors
from users.models import User

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}
PROFILE = "/api/v1/profile"


def assert_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body: dict[str, Any] = json.loads(answer.content)
    assert set(body) >= MEMBERS
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:regimen:problem:{code}")
    assert body["request_id"] == answer["X-Request-ID"]
    assert answer["Cache-Control"] == "no-store"
    return body


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/api",
        "/api/v1/",
        "/api/v1/nope",
        "/api/v2/profile",
        "/api/v1/profile/",
        "/healthz/",
        "/ws/events",
        "/%00",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_a_404_problem(as_owner: Api, method: str, path: str) -> None:
    assert_problem(as_owner.request(method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/v1/register", {"POST"}),
        ("GET", "/api/v1/login", {"POST"}),
        ("POST", "/api/v1/profile", {"GET", "PATCH", "PUT"}),
        ("PUT", "/api/v1/progress", {"GET", "POST"}),
        ("POST", "/api/v1/progress/2026-03-02", {"DELETE"}),
        ("PATCH", "/api/v1/meal-plan", {"GET"}),
        ("BREW", "/api/v1/today", {"GET"}),
        ("POST", "/", {"GET", "HEAD"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("DELETE", "/readyz", {"GET", "HEAD"}),
        ("PUT", "/metrics", {"GET", "HEAD"}),
    ],
)
def test_a_wrong_method_is_a_405_problem_that_names_the_right_ones(
    as_owner: Api, method: str, path: str, allowed: set[str]
) -> None:
    answer = as_owner.request(method, path)

    assert_problem(answer, 405, "method_not_allowed")
    assert {name.strip() for name in answer["Allow"].split(",")} >= allowed


@pytest.mark.parametrize(
    "path",
    [
        *("jobs/no-uuid", "jobs/00000000-0000-0000-0000-000000000000", f"jobs/{uuid.UUID(int=7)}"),
        *("progress/2026-03-02", "progress/no-date", "progress/2026-13-01", "progress/1899-12-31"),
    ],
)
def test_an_id_that_is_none_of_yours_is_not_found(as_owner: Api, path: str) -> None:
    answer = as_owner.delete(f"/api/v1/{path}")

    assert_problem(answer, 404, answer.json()["code"])


@pytest.mark.parametrize("path", ["/", "/api/v1/profile", "/api/v1/login", "/nope"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1@evil.example", ".."])
def test_a_host_that_is_not_ours_is_refused(as_owner: Api, path: str, host: str) -> None:
    assert_problem(as_owner.get(path, Host=host), 400, "bad_request")


def test_a_form_from_another_site_is_refused_like_everything_else(staff: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(staff)

    answer = browser.post("/admin/users/user/add/", {"email": "x@example.org"})

    assert_problem(answer, 403, answer.json()["code"])


@pytest.mark.parametrize("header", ["", "<script>", "with space", "short", "x" * 65, "é" * 10, "a\tb" * 5])
def test_an_odd_request_id_is_replaced(as_owner: Api, header: str) -> None:
    answer = as_owner.get("/nope", X_Request_ID=header)

    assert answer["X-Request-ID"] != header
    assert len(assert_problem(answer, 404, "not_found")["request_id"]) == 16


def test_a_callers_request_id_is_kept(as_owner: Api) -> None:
    answer = as_owner.get("/nope", X_Request_ID="Abc-123_4.5")

    assert assert_problem(answer, 404, "not_found")["request_id"] == "Abc-123_4.5"


@pytest.mark.parametrize("path", [PROFILE, "/readyz"])
def test_a_bug_is_a_500_problem_that_gives_nothing_away(
    as_owner: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(selectors, "profile", broken)
    monkeypatch.setattr(health, "_outcome", broken)

    answer = as_owner.get(path)

    assert_problem(answer, 500, "internal_error")
    assert b"secret" not in answer.content
    assert b"Traceback" not in answer.content
    assert "the secret of the house" in caplog.text


def test_an_answer_that_does_not_fit_its_schema_is_a_bug_of_ours_and_not_an_input_error(
    as_owner: Api, owner: User
) -> None:
    User.objects.filter(pk=owner.pk).update(availability={"days": "no list"})

    assert_problem(as_owner.get(PROFILE), 500, "internal_error")


@pytest.mark.parametrize("away", [OperationalError("connection refused"), InterfaceError("the connection is closed")])
def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(
    as_owner: Api, monkeypatch: pytest.MonkeyPatch, away: Exception
) -> None:
    def broken(*args: object) -> None:
        raise away

    monkeypatch.setattr(selectors, "profile", broken)

    answer = as_owner.get(PROFILE)

    assert "connection" not in assert_problem(answer, 503, "unavailable")["detail"]
    assert int(answer["Retry-After"]) >= 1


def test_a_finding_is_named_by_its_pointer_as_rfc_6901_writes_it(as_owner: Api) -> None:
    answer = as_owner.patch(PROFILE, {"a/b~c": 1, "availability": {"days": ["mon", "funday"]}})

    entries = assert_problem(answer, 422, "validation_failed")["errors"]
    assert {entry["pointer"] for entry in entries} == {"/a~1b~0c", "/availability/days/1"}
    assert all(set(entry) == {"pointer", "code", "detail"} for entry in entries)


@pytest.mark.parametrize(
    "changes", [{"email": "nobody"}, {"allergies": ["moonlight"]}, {"timezone": "Mars/Olympus"}, {"weight": "heavy"}]
)
def test_a_finding_is_told_in_words_for_people(anonymous: Api, changes: dict[str, Any]) -> None:
    answer = anonymous.post("/api/v1/register", {**factories.REGISTRATION, **changes})

    (entry,) = assert_problem(answer, 422, "validation_failed")["errors"]
    assert entry["detail"]
    assert "error" not in entry["detail"].casefold()


@pytest.mark.parametrize(
    "field",
    [
        "email",
        "password",
        "name",
        "age",
        "sex",
        "allergies",
        "equipment",
        "availability",
        "timezone",
        "max_prep_minutes",
    ],
)
def test_no_error_repeats_what_a_client_sent(anonymous: Api, field: str) -> None:
    for value in ("swordfish " * 30, ["swordfish"] * 30, {"days": ["swordfish"]}):
        answer = anonymous.post("/api/v1/register", {**factories.REGISTRATION, field: value})

        assert answer.status_code == 422
        assert b"swordfish" not in answer.content


@pytest.mark.parametrize(
    ("value", "code", "detail"),
    [
        ("  ", "string_too_short", "String should have at least 1 characters"),
        ("x" * 121, "string_too_long", "String should have at most 120 characters"),
    ],
)
def test_a_text_is_said_to_have_characters_and_not_items(anonymous: Api, value: str, code: str, detail: str) -> None:
    answer = anonymous.post("/api/v1/register", {**factories.REGISTRATION, "name": value})

    (entry,) = assert_problem(answer, 422, "validation_failed")["errors"]
    assert (entry["pointer"], entry["code"], entry["detail"]) == ("/name", code, detail)


def test_a_problem_asks_no_browser_to_sign_in_with_a_dialog(anonymous: Api) -> None:
    answer = anonymous.get(PROFILE)

    assert_problem(answer, 401, "unauthorized")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_each_error_of_the_domain_has_an_error_status_and_a_code_in_snake_case() -> None:
    found: list[type[errors.AppError]] = []
    kinds = [errors.AppError]
    while kinds:
        kinds = [child for kind in kinds for child in kind.__subclasses__()]
        found += kinds

    assert len(found) >= 12
    assert [kind for kind in found if not 400 <= kind.status < 600] == []
    assert [kind for kind in found if not re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)] == []


@pytest.mark.parametrize("path", ["profile", "profile/targets", "jobs", "meal-plan", "no-such-path"])
def test_head_is_get_without_the_body(as_owner: Api, path: str) -> None:
    get = as_owner.get(f"/api/v1/{path}")

    head = as_owner.request("HEAD", f"/api/v1/{path}")

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head["Content-Type"] == get["Content-Type"]
    assert int(head["Content-Length"]) == len(get.content)
