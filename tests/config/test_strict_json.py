"""The one gate of every body: sound JSON passes unchanged, everything else is refused before a view sees it."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from config import middleware
from tests import factories
from tests.conftest import Api
from users.models import User

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)

BODIES = {  # every operation that takes a body, with a field of it that is text
    "/api/v1/register": ("POST", "name"),
    "/api/v1/login": ("POST", "password"),
    "/api/v1/token/refresh": ("POST", "refresh"),
    "/api/v1/logout": ("POST", "refresh"),
    "/api/v1/profile": ("PATCH", "name"),
    "/api/v1/progress": ("POST", "note"),
    "/api/v1/generate-plan": ("POST", "notes"),
    "/api/v1/meal-plan/swap": ("POST", "recipe_id"),
    "/api/v1/workout-plan/swap": ("POST", "exercise_id"),
}
POISON = {
    "NUL": (rb'{"%s": "a\u0000b"}', 422, "unacceptable_json"),
    "NUL in a name": (rb'{"%s": "ab", "\u0000": 1}', 422, "unacceptable_json"),
    "first half of a pair": (rb'{"%s": "\ud800"}', 422, "unacceptable_json"),
    "second half of a pair": (rb'{"%s": "\udfff!"}', 422, "unacceptable_json"),
    "NaN": (b'{"%s": NaN}', 422, "unacceptable_json"),
    "Infinity": (b'{"%s": [1, Infinity]}', 422, "unacceptable_json"),
    "a number beyond floats": (b'{"%s": -1e400}', 422, "unacceptable_json"),
    "twenty-one levels": (b'{"%s": ' + b"[" * 20 + b"1" + b"]" * 20 + b"}", 422, "unacceptable_json"),
    "five thousand levels": (b'{"%s": ' + b"[" * 5000 + b"]" * 5000 + b"}", 422, "unacceptable_json"),
    "five thousand digits": (b'{"%s": ' + b"1" * 5000 + b"}", 400, "malformed_json"),
    "a doubled name": (b'{"%s": "a", "x": 1, "x": 2}', 400, "malformed_json"),
    "no UTF-8": (b'{"%s": "\xff"}', 400, "malformed_json"),
    "half an object": (b'{"%s": "a"', 400, "malformed_json"),
}


def levels(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(levels, inner), default=0)


def nested(depth: int, core: Any) -> Any:
    for number in range(depth):
        core = [core] if number % 2 else {"a": core}
    return core


@given(values)
def test_sound_json_comes_through_unchanged(value: Any) -> None:
    assert middleware.parse(json.dumps(value).encode()) == value
    assert middleware.parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(
    st.binary(max_size=200) | st.recursive(scalars | st.text(), st.lists).map(lambda value: json.dumps(value).encode())
)
@example(b"")
@example(b"\xef\xbb\xbf{}")
@example(b"-")
def test_any_bytes_are_either_understood_or_declined(body: bytes) -> None:
    try:
        value = middleware.parse(body)
    except (middleware.MalformedJson, middleware.BodyRefused):
        return

    written = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()  # fails on what is no sound JSON
    assert b"\x00" not in written
    assert levels(value) <= 20


@pytest.mark.parametrize("core", [1, "text", None, [], {}])
def test_twenty_levels_are_taken_and_not_one_more(core: Any) -> None:
    own = levels(core)

    assert middleware.parse(json.dumps(nested(20 - own, core)).encode()) == nested(20 - own, core)
    with pytest.raises(middleware.BodyRefused):
        middleware.parse(json.dumps(nested(21 - own, core)).encode())


@pytest.mark.parametrize("path", BODIES)
def test_poison_is_refused_at_every_door_with_the_right_status(as_owner: Api, path: str) -> None:
    method, field = BODIES[path]
    expected = {name: (status, code) for name, (_, status, code) in POISON.items()}

    answers = {
        name: as_owner.request(method, path, body.replace(b"%s", field.encode())) for name, (body, *_) in POISON.items()
    }

    assert {name: (answer.status_code, answer.json()["code"]) for name, answer in answers.items()} == expected
    assert {answer["Content-Type"] for answer in answers.values()} == {"application/problem+json"}


def test_poison_stores_nothing(as_owner: Api, owner: User) -> None:
    before = User.objects.filter(pk=owner.pk).values().get()

    for body, *_ in POISON.values():
        as_owner.request("PATCH", "/api/v1/profile", body.replace(b"%s", b"name"))
        as_owner.request("POST", "/api/v1/register", json.dumps(factories.REGISTRATION).encode()[:-1] + body[1:])

    assert User.objects.values().get() == before


@pytest.mark.parametrize(
    "query",
    [
        "meal-plan?date=%00",
        "meal-plan?date=%FF",
        "meal-plans?from=%00&to=2026-03-02",
        "jobs?cursor=%00",
        "jobs?cursor=2026-03-02T00:00:00%2B00:00_%00",
        "jobs?cursor=0001-01-01T00:00:00-23:59_6f1c2f1e-0f0a-4f5e-9d55-0d6e7c3f3f10",
        "jobs?limit=0",
        "jobs?limit=101",
        f"jobs?limit={2**63}",
        "jobs/%00",
        f"events?after={2**63}",
        "events?after=%C2%B2",
        "profile?units=%00",
        "today?date=%ED%A0%80",
        "foods?q=%00",
        "foods?cursor=%00",
        "recipes?q=%00",
        "recipes?diet=%00",
        "exercises?q=%00",
        "exercises?cursor=%00",
    ],
)
def test_poison_in_an_address_is_refused_as_well(as_owner: Api, query: str) -> None:
    answer = as_owner.get(f"/api/v1/{query}")

    assert answer.status_code in {404, 422}
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "text/json",
    ],
)
def test_a_body_of_another_type_is_refused(as_owner: Api, content_type: str) -> None:
    answer = as_owner.client.generic("PATCH", "/api/v1/profile", b'{"age": 50}', content_type, headers=as_owner.headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_the_character_set_may_be_named(as_owner: Api) -> None:
    answer = as_owner.client.generic(
        "PATCH", "/api/v1/profile", b'{"age": 50}', "application/json; charset=utf-8", headers=as_owner.headers
    )

    assert answer.json()["age"] == 50


def test_a_body_of_64_kib_is_read_and_one_byte_more_is_not(as_owner: Api) -> None:
    body = b'{"age": 50}'

    full = as_owner.patch("/api/v1/profile", body.ljust(64 * 1024))
    more = as_owner.patch("/api/v1/profile", body.ljust(64 * 1024 + 1))

    assert full.status_code == 200
    assert (more.status_code, more.json()["code"]) == (413, "body_too_large")


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(as_owner: Api) -> None:
    answer = as_owner.client.generic(
        "PATCH", "/api/v1/profile", b"{}", "application/json", headers=as_owner.headers, CONTENT_LENGTH=str(2**40)
    )

    assert answer.status_code == 413


def test_a_body_that_does_not_say_how_long_it_is_is_measured() -> None:
    request = AsyncRequestFactory().generic("PATCH", "/api/v1/profile", b"{}".ljust(64 * 1024 + 1), "application/json")
    del request.META["CONTENT_LENGTH"]

    answer = middleware.strict_json(lambda request: HttpResponse())(request)

    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_method_is_a_way_round_the_gate(as_owner: Api, method: str) -> None:
    answer = as_owner.request(method, "/api/v1/profile", b"{")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


def test_a_body_that_is_missing_is_no_json(anonymous: Api) -> None:
    answer = anonymous.request("POST", "/api/v1/login", b"")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1"])
def test_what_is_no_object_is_an_input_error_of_the_body_as_a_whole(anonymous: Api, body: bytes) -> None:
    answer = anonymous.request("POST", "/api/v1/login", body)

    assert answer.status_code == 422
    assert [entry["pointer"] for entry in answer.json()["errors"]] == [""]


@pytest.mark.parametrize(
    "date",
    [
        0,
        1772409600,
        True,
        None,
        "",
        "2026-3-2",
        "20260302",
        "2026-03-02T00:00:00",
        "2026-03-02Z",
        " 2026-03-02",
        "2026-02-30",
        "1899-12-31",
        "2101-01-01",
        "0000-01-01",
        "9999-12-31",
        "２０２６-03-02",
    ],
)
def test_a_date_is_an_iso_date_of_these_two_centuries_or_refused(as_owner: Api, date: object) -> None:
    answer = as_owner.post("/api/v1/progress", {"date": date})

    assert answer.status_code == 422
    assert [entry["pointer"] for entry in answer.json()["errors"]] == ["/date"]
    in_query = as_owner.get(f"/api/v1/meal-plan?date={date}")
    assert in_query.status_code == 422


@pytest.mark.parametrize("value", ["12", 12.0, 12.5, True, "nan", 2**31, 2**63, -1, [12], {"kcal": 12}])
def test_a_whole_number_is_meant_as_one_or_refused(as_owner: Api, value: object) -> None:
    answer = as_owner.post("/api/v1/progress", {"date": "2026-03-02", "calories_consumed": value})

    assert answer.status_code == 422
    assert [entry["pointer"] for entry in answer.json()["errors"]] == ["/calories_consumed"]
