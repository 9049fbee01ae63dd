"""Which passwords are taken: long ones to their last letter, common ones never."""

import gzip
from pathlib import Path

import pytest
from django.contrib.auth import password_validation

from config import errors
from tests import factories
from tests.conftest import Api
from users import passwords
from users.models import User

COMMON = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
MOST_COMMON = 3000


def common() -> list[str]:
    with gzip.open(COMMON, "rt", encoding="utf-8") as file:
        return [line.strip() for line in file]


def is_taken(password: str) -> bool:
    """Say whether the rules behind the schema's own take the password."""
    try:
        passwords.check_new(password, User(email="ada@example.org", name="Ada"))
    except errors.Invalid:
        return False
    return True


def test_none_of_the_most_common_passwords_is_taken_however_it_is_written() -> None:
    listed = common()
    listed += [one.upper() for one in listed[::7]] + [f" {one} " for one in listed[::7]]

    taken = [one for one in listed if is_taken(one)]

    assert len(listed) >= MOST_COMMON
    assert taken == []


def test_length_alone_is_not_why_they_are_refused() -> None:
    long = [one for one in common() if len(one) >= 10 and not one.isdigit()]

    assert len(long) > 50
    assert not any(is_taken(one) for one in long)
    assert all(is_taken(f"{one} and kettles") for one in long)


@pytest.mark.parametrize("password", ["x y z " * 21 + "xx", "pässwörter sind schön", "🏋️" * 40, "correct horse battery"])
def test_long_and_unusual_passwords_work(anonymous: Api, password: str) -> None:
    answer = anonymous.post("/api/v1/register", {**factories.REGISTRATION, "password": password})

    assert answer.status_code == 201
    for given, status in ((password, 200), (password[:-1], 401)):
        assert anonymous.post("/api/v1/login", {"email": "ada@example.org", "password": given}).status_code == status


def test_a_password_counts_past_the_72_bytes_that_bcrypt_reads(anonymous: Api) -> None:
    first = "correct horse battery staple " * 3 + "one way of ending"
    other = first.replace("one way", "another")
    anonymous.post("/api/v1/register", {**factories.REGISTRATION, "password": first})

    statuses = [
        anonymous.post("/api/v1/login", {"email": "ada@example.org", "password": password}).status_code
        for password in (first, other)
    ]

    assert first[:72] == other[:72]
    assert statuses == [200, 401]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/register", {**factories.REGISTRATION, "password": "y" * 129}),
        ("/login", {"email": "ada@example.org", "password": "y" * 129}),
        ("/password/reset/confirm", {"token": "x", "password": "y" * 129}),
    ],
)
def test_a_password_of_more_than_128_characters_is_refused_before_it_is_hashed(
    anonymous: Api, path: str, body: dict[str, object]
) -> None:
    answer = anonymous.post(f"/api/v1{path}", body)

    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/password", "string_too_long")]
