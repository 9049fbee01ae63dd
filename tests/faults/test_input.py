"""Faults 1 to 16: what comes in.

Invariant: every refusal is a problem document with the status of the catalogue, and stores nothing.
"""

import itertools
import json
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest

from config import middleware
from tests import factories
from tests.conftest import Api
from tests.database.conftest import AtOnce
from tests.faults import doors
from users.models import Session, User

MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def nothing_changes(owner: User) -> Iterable[None]:
    before = list(User.objects.order_by("pk").values())
    yield
    assert list(User.objects.order_by("pk").values()) == before


def refused(answer: Any, *statuses: int) -> str:
    """Check that an answer is a problem with one of the statuses; return its code."""
    body: dict[str, Any] = json.loads(answer.content)
    assert answer.status_code in statuses, (answer.status_code, body)
    assert answer["Content-Type"] == "application/problem+json"
    assert set(body) >= MEMBERS
    assert body["status"] == answer.status_code
    return str(body["code"])


def send(api_client: Api, name: str, body: bytes | dict[str, Any]) -> Any:
    method, path = doors.address(name)
    return api_client.request(method, path, body)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.WITH_JSON)
@pytest.mark.parametrize("body", [rb'{"a": "x\u0000y"}', rb'{"x\u0000y": 1}', rb'{"a": [{"b": "\u0000"}]}'])
def test_fault_01_nul_in_a_body(as_owner: Api, name: str, body: bytes) -> None:
    assert refused(send(as_owner, name, body), 422) == "unacceptable_json"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.OPERATIONS)
def test_fault_01_nul_in_a_query(as_owner: Api, name: str) -> None:
    method, path = doors.address(name)

    refused(as_owner.request(method, f"{path}?q=a%00b&date=%00"), 422)


@pytest.mark.parametrize("field", ["email", "password"])
def test_fault_01_nul_in_a_login(anonymous: Api, owner: User, field: str) -> None:
    body = {"email": owner.email, "password": factories.PASSWORD, field: "a\x00b"}

    assert refused(anonymous.post("/api/v1/login", body), 422) == "unacceptable_json"


@pytest.mark.parametrize("path", ["/%00", "/api/v1/jobs/%00", "/api/v1/progress/%00"])
def test_fault_01_nul_in_a_path(as_owner: Api, path: str) -> None:
    refused(as_owner.delete(path), 404, 422)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.WITH_JSON)
@pytest.mark.parametrize("body", [rb'{"a": "\ud800"}', rb'{"a": "\udfff x"}', rb'{"\ud800": 1}'])
def test_fault_02_half_a_surrogate_pair(as_owner: Api, name: str, body: bytes) -> None:
    assert refused(send(as_owner, name, body), 422) == "unacceptable_json"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.WITH_JSON)
@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"[-1e400]"])
def test_fault_03_a_number_that_is_none(as_owner: Api, name: str, value: bytes) -> None:
    assert refused(send(as_owner, name, b'{"a": %s}' % value), 422) == "unacceptable_json"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(("name", "field"), doors.fields("number"))
@pytest.mark.parametrize("value", ["nan", "NaN", "Infinity", "12", True, [1], {}])
def test_fault_03_a_text_for_a_number(as_owner: Api, name: str, field: str, value: object) -> None:
    refused(send(as_owner, name, {**doors.EXAMPLES[name], field: value}), 422)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(("name", "field"), doors.fields("integer"))
@pytest.mark.parametrize("value", ["12", True, 12.0, 12.5, 2**31, 2**63, -(2**63), [12]])
def test_fault_04_what_is_no_whole_number(as_owner: Api, name: str, field: str, value: object) -> None:
    refused(send(as_owner, name, {**doors.EXAMPLES[name], field: value}), 422)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(("name", "field"), doors.fields("date"))
@pytest.mark.parametrize(
    "value", [0, 1772409600, True, "2026-03-02T00:00:00", "2026-3-2", "1899-12-31", "2101-01-01", "2026-02-30", ""]
)
def test_fault_05_what_is_no_date(as_owner: Api, name: str, field: str, value: object) -> None:
    refused(send(as_owner, name, {**doors.EXAMPLES[name], field: value}), 422)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize(("name", "field"), doors.fields("string"))
def test_fault_06_a_text_that_is_too_long(as_owner: Api, name: str, field: str) -> None:
    refused(send(as_owner, name, {**doors.EXAMPLES[name], field: "x" * 20_000}), 422)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", [name for name in doors.WITH_JSON if "email" in doors.EXAMPLES[name]])
def test_fault_06_an_email_that_grows_too_long_in_its_normal_form(as_owner: Api, name: str) -> None:
    """One letter becomes three in Unicode's form NFKC: it fits what may be sent, and not what can be stored."""
    body = {**doors.EXAMPLES[name], "email": "\N{LATIN SMALL LIGATURE FFI}" * 200 + "@example.org"}

    assert refused(send(as_owner, name, body), 422) == "validation_failed"


@pytest.mark.parametrize("name", doors.WITH_JSON)
def test_fault_07_thousands_of_extra_fields_are_not_told_one_by_one(as_owner: Api, name: str) -> None:
    body = {f"k{number}": 1 for number in range(4000)}

    answer = send(as_owner, name, body)

    assert refused(answer, 422) == "validation_failed"
    assert len(answer.json()["errors"]) <= 100


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.WITH_JSON)
@pytest.mark.parametrize("field", ["is_staff", "is_superuser", "user_id", "id", "is_email_verified", "__proto__"])
def test_fault_07_an_extra_field(as_owner: Api, name: str, field: str) -> None:
    refused(send(as_owner, name, {**doors.EXAMPLES[name], field: True}), 422)


@pytest.mark.parametrize("name", doors.WITH_JSON)
@pytest.mark.parametrize("level", [b"[", b'{"a":'])
def test_fault_08_twenty_one_levels(as_owner: Api, name: str, level: bytes) -> None:
    closing = b"]" if level == b"[" else b"}"

    answer = send(
        as_owner, name, b'{"a": ' + level * middleware.MAX_DEPTH + b"1" + closing * middleware.MAX_DEPTH + b"}"
    )

    assert refused(answer, 422) == "unacceptable_json"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.WITH_JSON)
def test_fault_09_a_body_of_one_byte_too_many(as_owner: Api, name: str) -> None:
    assert refused(send(as_owner, name, b"{}".ljust(64 * 1024 + 1)), 413) == "body_too_large"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.WITH_JSON)
@pytest.mark.parametrize(
    "body",
    [b"{", b"{'a': 1}", b'{"a": 1,}', b'{"a": "\xff"}', b'{"a": %s}' % (b"1" * 5000), b'{"a": 1, "a": 2}'],
    ids=["half", "quotes", "comma", "no UTF-8", "5000 digits", "doubled"],
)
def test_fault_10_what_is_no_json(as_owner: Api, name: str, body: bytes) -> None:
    assert refused(send(as_owner, name, body), 400) == "malformed_json"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.WITH_JSON)
def test_fault_10_what_is_five_thousand_levels_deep(as_owner: Api, name: str) -> None:
    assert refused(send(as_owner, name, b"[" * 5000 + b"]" * 5000), 422) == "unacceptable_json"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.WITH_JSON)
def test_fault_10_nothing_at_all(as_owner: Api, name: str) -> None:
    assert refused(send(as_owner, name, b""), 400) == "malformed_json"


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("name", doors.WITH_JSON)
@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1"])
def test_fault_10_json_that_is_no_object(as_owner: Api, name: str, body: bytes) -> None:
    refused(send(as_owner, name, body), 422)


@pytest.mark.parametrize("name", doors.WITH_JSON)
@pytest.mark.parametrize("kind", ["text/plain", "", "application/x-www-form-urlencoded", "text/json"])
def test_fault_11_another_content_type(as_owner: Api, name: str, kind: str) -> None:
    method, path = doors.address(name)

    answer = as_owner.client.generic(method, path, b'{"a": 1}', kind, headers=as_owner.headers)

    assert refused(answer, 415) == "unsupported_media_type"


@pytest.mark.parametrize("path", doors.DOCUMENT["paths"])
@pytest.mark.parametrize("method", [*METHODS, "BREW", "TRACE"])
def test_fault_12_another_method(as_owner: Api, path: str, method: str) -> None:
    offered = {known.upper() for known in doors.DOCUMENT["paths"][path]}
    if method in offered:
        return  # it is one of this path

    answer = as_owner.request(method, doors.address(f"{method} {path}")[1])

    assert refused(answer, 405) == "method_not_allowed"
    assert {known.strip() for known in answer["Allow"].split(",")} >= offered


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/nope", "/api/v1/nope", "/api/v1/profile/", "/api/v1/jobs/", "/api/v1/%2e%2e/admin"])
def test_fault_13_a_path_that_is_not_there(as_owner: Api, method: str, path: str) -> None:
    assert refused(as_owner.request(method, path), 404) == "not_found"


@pytest.mark.parametrize("name", [name for name in doors.OPERATIONS if "{" in name])
@pytest.mark.parametrize(
    "value", ["0", "-1", "9" * 40, "x", "00000000-0000-0000-0000-000000000000", "' OR 1=1 --", "%F0%9F%92%A9"]
)
def test_fault_13_an_id_that_is_none(as_owner: Api, name: str, value: str) -> None:
    method, template = name.split(" ")
    path = template.split("{")[0] + value + template.split("}")[1]

    refused(as_owner.request(method, path), 404)


LISTS = [name for name, operation in doors.OPERATIONS.items() if "limit" in str(operation.get("parameters"))]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("value", ["0", "-1", "201", str(2**31), str(2**63), "x", "1.5", "true", "%C2%B2", ""])
def test_fault_14_a_limit_that_makes_no_sense(as_owner: Api, name: str, value: str) -> None:
    answer = as_owner.request(*doors.asked(name, f"limit={value}"))

    refused(answer, 422)
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/limit"]


@pytest.mark.parametrize("name", LISTS)
def test_fault_14_one_more_than_the_most_that_a_list_gives(as_owner: Api, name: str) -> None:
    (limit,) = [one["schema"] for one in doors.OPERATIONS[name]["parameters"] if one["name"] == "limit"]

    most = as_owner.request(*doors.asked(name, f"limit={limit['maximum']}"))

    assert limit["maximum"] in {100, 200}
    assert most.status_code == 200
    refused(as_owner.request(*doors.asked(name, f"limit={limit['maximum'] + 1}")), 422)


PLACES = [
    (name, parameter["name"])
    for name, operation in doors.OPERATIONS.items()
    for parameter in operation.get("parameters", [])
    if parameter["name"] in {"cursor", "after", "offset"}
]


@pytest.mark.parametrize(("name", "parameter"), PLACES)
@pytest.mark.parametrize("value", ["-1", str(2**63), "%00", "a%20b'", "null", "%ED%A0%80", "x" * 3000])
def test_fault_14_a_place_in_a_list_that_makes_no_sense(as_owner: Api, name: str, parameter: str, value: str) -> None:
    answer = as_owner.request(*doors.asked(name, f"{parameter}={value}"))

    if answer.status_code != 200:  # the catalogue's cursors are slugs: a place after every item is an empty page
        refused(answer, 422)
    else:
        assert answer.json()["items"] == [] or parameter == "cursor"


@pytest.mark.parametrize("name", [name for name in doors.OPERATIONS if name.startswith("GET ")])
def test_fault_14_a_query_of_thousands_of_fields(as_owner: Api, name: str) -> None:
    answer = as_owner.request(*doors.asked(name, "&".join(f"a{number}=1" for number in range(2000))))

    if answer.status_code in {400, 422}:  # those without a parameter do not look at the query
        refused(answer, 400, 422)
    else:
        assert answer.status_code < 500


@pytest.mark.parametrize("name", doors.OPERATIONS)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example"])
def test_fault_15_another_host(as_owner: Api, name: str, host: str) -> None:
    method, path = doors.address(name)

    assert refused(as_owner.request(method, path, Host=host), 400) == "bad_request"


@pytest.mark.parametrize(
    "spelling", ["OWNER@EXAMPLE.ORG", " owner@example.org ", "ｏｗｎｅｒ@example.org", "owner@example.org"]
)
def test_fault_16_one_email_in_another_spelling(anonymous: Api, owner: User, spelling: str) -> None:
    taken = anonymous.post("/api/v1/register", {**factories.REGISTRATION, "email": spelling})
    entered = anonymous.post("/api/v1/login", {"email": spelling, "password": factories.PASSWORD})

    assert refused(taken, 409) == "email_taken"
    assert entered.status_code == 200


def test_fault_16_twenty_registrations_of_one_email_at_once(at_once: AtOnce) -> None:
    spellings = itertools.cycle(["ada@example.org", "ADA@example.org", " ada@EXAMPLE.org", "ａｄａ@example.org"])
    bodies = [{**factories.REGISTRATION, "email": email} for email in itertools.islice(spellings, 20)]

    answers = at_once([partial(Api().post, "/api/v1/register", body) for body in bodies])

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert (User.objects.count(), Session.objects.count()) == (1, 1)
