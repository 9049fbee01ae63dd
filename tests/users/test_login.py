"""Signing in: who gets tokens, and that a refusal tells nothing about who has an account."""

from typing import Any

import pytest

from config import settings_test
from tests import factories
from tests.conftest import Api
from users.models import Session, User

LOGIN = "/api/v1/login"


def credentials(**changes: str) -> dict[str, str]:
    return {"email": "owner@example.org", "password": factories.PASSWORD, **changes}


def without_request_id(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


def test_the_right_password_gives_tokens_that_work(anonymous: Api, owner: User) -> None:
    answer = anonymous.post(LOGIN, credentials())

    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "refresh", "token_type", "expires_in"}
    profile = anonymous.get("/api/v1/profile", Authorization=f"Bearer {answer.json()['access']}")
    assert profile.json()["id"] == owner.pk


@pytest.mark.parametrize("email", ["OWNER@example.org", " owner@EXAMPLE.org ", "ｏｗｎｅｒ@example.org"])
def test_an_email_signs_in_however_it_is_written(anonymous: Api, owner: User, email: str) -> None:
    assert anonymous.post(LOGIN, credentials(email=email)).status_code == 200


def test_each_login_opens_a_session_of_its_own_and_notes_the_device(anonymous: Api, owner: User) -> None:
    for device in ("phone", "x" * 300):
        anonymous.post(LOGIN, credentials(), User_Agent=device)

    devices = owner.sessions.order_by("created_at").values_list("device", flat=True)
    assert list(devices) == ["phone", "x" * 200]


def test_an_unknown_email_a_wrong_password_and_a_closed_account_get_one_and_the_same_answer(
    anonymous: Api, owner: User
) -> None:
    factories.user(email="closed@example.org", is_active=False)

    answers = [
        anonymous.post(LOGIN, credentials(password="wrong password")),
        anonymous.post(LOGIN, credentials(email="nobody@example.org")),
        anonymous.post(LOGIN, credentials(email="closed@example.org")),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    first, *others = [without_request_id(answer.json()) for answer in answers]
    assert first["code"] == "invalid_credentials"
    assert others == [first, first]
    assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}
    assert not Session.objects.exists()


def test_an_unknown_email_costs_as_much_hashing_as_a_wrong_password(
    anonymous: Api, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    encode = settings_test.QuickBCryptHasher.encode

    def counting(self: settings_test.QuickBCryptHasher, password: str, salt: Any) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(settings_test.QuickBCryptHasher, "encode", counting)
    anonymous.post(LOGIN, credentials(password="wrong password 1"))
    anonymous.post(LOGIN, credentials(email="nobody@example.org", password="wrong password 2"))

    assert hashed == ["wrong password 1", "wrong password 2"]


def test_a_long_password_counts_to_its_last_letter(anonymous: Api) -> None:
    long = "correct horse battery staple " * 3 + "and so on."
    anonymous.post("/api/v1/register", {**factories.REGISTRATION, "password": long})

    right = anonymous.post(LOGIN, {"email": "ada@example.org", "password": long})
    wrong = anonymous.post(LOGIN, {"email": "ada@example.org", "password": long[:-1] + "!"})

    assert len(long) > 72  # where plain bcrypt stops reading
    assert (right.status_code, wrong.status_code) == (200, 401)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "owner@example.org"}, "/password"),
        ({"password": "correct horse battery"}, "/email"),
        ({"email": "no address", "password": "correct horse battery"}, "/email"),
        ({"email": "owner@example.org", "password": "x" * 129}, "/password"),
        ({"email": "owner@example.org", "password": 12}, "/password"),
        ({"email": "owner@example.org", "password": "correct horse battery", "otp": "1"}, "/otp"),
    ],
)
def test_a_login_that_makes_no_sense_is_told_why(
    anonymous: Api, owner: User, body: dict[str, Any], pointer: str
) -> None:
    answer = anonymous.post(LOGIN, body)

    assert answer.status_code == 422
    assert [entry["pointer"] for entry in answer.json()["errors"]] == [pointer]


def test_staff_sign_in_to_the_api_like_anybody(anonymous: Api, staff: User) -> None:
    answer = anonymous.post(LOGIN, credentials(email="staff@example.org"))

    assert answer.status_code == 200
    assert "is_staff" not in anonymous.get("/api/v1/profile", Authorization=f"Bearer {answer.json()['access']}").json()
