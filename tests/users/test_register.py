"""Creating an account: what is taken, what is refused and named, and that a refusal stores nothing."""

from typing import Any

import pytest

from tests import factories
from tests.conftest import Api
from users.models import User

REGISTER = "/api/v1/register"
REGISTRATION = factories.REGISTRATION

PROFILE: dict[str, Any] = {
    "age": 34,
    "sex": "female",
    "height": 168.0,
    "weight": 71.5,
    "body_fat": 24.5,
    "fitness_goal": "lose_weight",
    "goal_rate": 0.5,
    "activity_level": "moderate",
    "training_level": "intermediate",
    "dietary_preferences": ["vegetarian", "low_carb"],
    "allergies": ["milk", "nuts"],
    "disliked_foods": ["okra"],
    "equipment": ["dumbbell", "bench"],
    "injuries": ["knee"],
    "conditions": ["hypertension"],
    "availability": {"days": ["mon", "thu"], "minutes_per_session": 40},
    "meals_per_day": 5,
    "max_prep_minutes": {"mon": 20},
    "budget": 1,
    "leftovers": True,
    "timezone": "Asia/Kathmandu",
    "units": "imperial",
}


def pointers(problem: dict[str, Any]) -> list[str]:
    return [entry["pointer"] for entry in problem["errors"]]


def test_registration_creates_the_person_and_signs_them_in(anonymous: Api) -> None:
    answer = anonymous.post(REGISTER, REGISTRATION)

    body = answer.json()
    assert answer.status_code == 201
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
    assert body["user"]["email"] == "ada@example.org"
    own = anonymous.get("/api/v1/profile", Authorization=f"Bearer {body['access']}").json()
    assert own["id"] == body["user"]["id"] == User.objects.get(email="ada@example.org").pk


def test_every_field_of_the_profile_may_come_along_and_is_stored_as_it_was_answered(anonymous: Api) -> None:
    answer = anonymous.post(REGISTER, {**REGISTRATION, **PROFILE}).json()

    stored = anonymous.get("/api/v1/profile", Authorization=f"Bearer {answer['access']}").json()
    assert {field: stored[field] for field in PROFILE} == PROFILE
    assert {field: answer["user"][field] for field in PROFILE} == PROFILE


def test_email_password_and_name_are_enough(anonymous: Api) -> None:
    answer = anonymous.post(REGISTER, {field: REGISTRATION[field] for field in ("email", "password", "name")})

    assert answer.status_code == 201
    assert (answer.json()["user"]["age"], answer.json()["user"]["sex"]) == (None, "unspecified")


@pytest.mark.parametrize("field", ["email", "password", "name"])
def test_a_registration_that_lacks_a_needed_field_is_told_which(anonymous: Api, field: str) -> None:
    answer = anonymous.post(REGISTER, {name: value for name, value in REGISTRATION.items() if name != field})

    assert answer.status_code == 422
    assert pointers(answer.json()) == [f"/{field}"]


def test_the_password_is_kept_as_a_bcrypt_hash_and_never_shown(anonymous: Api) -> None:
    answer = anonymous.post(REGISTER, REGISTRATION)

    assert User.objects.get(email="ada@example.org").password.startswith("bcrypt_sha256$")
    assert factories.PASSWORD not in answer.content.decode()
    assert "password" not in answer.json()["user"]


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "ada@@example.org",
        "ada@example..org",
        "ada..lovelace@example.org",
        "ada@.example.org",
        "ada@example.org.",
        "ada lovelace@example.org",
        "ada@exam ple.org",
        "ada@example.org\nbcc: all@example.org",
        "ada,bob@example.org",
        "Ada <ada@example.org>",
        "<ada@example.org>",
        "ada\u200b@example.org",
        "ada\x07@example.org",
        "ada@-example.org",
        "a" * 250 + "@example.org",
        42,
        None,
        ["ada@example.org"],
    ],
)
def test_an_invalid_email_is_refused_and_nothing_is_stored(anonymous: Api, email: object) -> None:
    answer = anonymous.post(REGISTER, {**REGISTRATION, "email": email})

    assert answer.status_code == 422
    assert pointers(answer.json()) == ["/email"]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "email",
    [
        "a@example.org",
        "ada+gym@mail.example.org",
        "o'neil@example.org",
        "jörg@müller.example",
        "अजय@डाटा.भारत",
        "1@2.example",
        "a_b-c@x-y.io",
    ],
)
def test_unusual_but_valid_emails_are_welcome(anonymous: Api, email: str) -> None:
    assert anonymous.post(REGISTER, {**REGISTRATION, "email": email}).status_code == 201


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-1!", "string_too_short"),
        ("qwertyuiop", "password_too_common"),
        ("8675309867530", "password_entirely_numeric"),
        ("ada@example.org", "password_too_similar"),
        ("Augusta Ada King", "password_too_similar"),
        ("x" * 129, "string_too_long"),
        ("", "string_too_short"),
        (1234567890123, "string_type"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason_and_nothing_is_stored(
    anonymous: Api, password: object, code: str
) -> None:
    answer = anonymous.post(REGISTER, {**REGISTRATION, "name": "Augusta Ada King", "password": password})

    assert answer.status_code == 422
    assert {"pointer": "/password", "code": code} in [
        {"pointer": entry["pointer"], "code": entry["code"]} for entry in answer.json()["errors"]
    ]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "email",
    ["ada@example.org", "ADA@Example.ORG", "  ada@example.org ", "ａｄａ＠ｅｘａｍｐｌｅ．ｏｒｇ", "Ada@example.org\t"],
)
def test_a_duplicate_email_is_a_conflict_however_it_is_written(anonymous: Api, email: str) -> None:
    factories.user(email="ada@example.org", name="First")

    answer = anonymous.post(REGISTER, {**REGISTRATION, "email": email, "name": "Second"})

    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert list(User.objects.values_list("name", flat=True)) == ["First"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"age": 12}, "/age"),
        ({"age": 121}, "/age"),
        ({"age": "34"}, "/age"),
        ({"age": 34.0}, "/age"),
        ({"age": True}, "/age"),
        ({"age": 2**63}, "/age"),
        ({"height": 99.9}, "/height"),
        ({"height": 250.1}, "/height"),
        ({"height": "nan"}, "/height"),
        ({"weight": 24.9}, "/weight"),
        ({"weight": 350.1}, "/weight"),
        ({"weight": 10**400}, "/weight"),
        ({"weight": False}, "/weight"),
        ({"body_fat": 2.9}, "/body_fat"),
        ({"goal_rate": 0}, "/goal_rate"),
        ({"goal_rate": 1.1}, "/goal_rate"),
        ({"sex": "f"}, "/sex"),
        ({"fitness_goal": "fly"}, "/fitness_goal"),
        ({"activity_level": "MODERATE"}, "/activity_level"),
        ({"training_level": None}, "/training_level"),
        ({"dietary_preferences": ["x" * 61]}, "/dietary_preferences/0"),
        ({"dietary_preferences": [f"diet{number}" for number in range(21)]}, "/dietary_preferences"),
        ({"dietary_preferences": {"vegan": True}}, "/dietary_preferences"),
        ({"allergies": ["moonlight"]}, "/allergies"),
        ({"disliked_foods": [""]}, "/disliked_foods/0"),
        ({"equipment": ["dumbbell", "sword"]}, "/equipment/1"),
        ({"injuries": ["pride"]}, "/injuries/0"),
        ({"conditions": ["tired"]}, "/conditions/0"),
        ({"availability": {"days": ["funday"]}}, "/availability/days/0"),
        ({"availability": {"minutes_per_session": 14}}, "/availability/minutes_per_session"),
        ({"availability": {"nights": 3}}, "/availability/nights"),
        ({"meals_per_day": 7}, "/meals_per_day"),
        ({"max_prep_minutes": {"mon": 4}}, "/max_prep_minutes/mon"),
        ({"budget": 4}, "/budget"),
        ({"leftovers": "yes"}, "/leftovers"),
        ({"timezone": "Mars/Olympus"}, "/timezone"),
        ({"units": "stone"}, "/units"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 121}, "/name"),
    ],
)
def test_a_field_out_of_range_is_named_and_nothing_is_stored(
    anonymous: Api, changes: dict[str, Any], pointer: str
) -> None:
    answer = anonymous.post(REGISTER, {**REGISTRATION, **changes})

    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert pointers(answer.json()) == [pointer]
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"age": 13, "height": 100, "weight": 25},
        {"age": 120, "height": 250, "weight": 350},
        {"age": None, "height": None, "weight": None},
    ],
)
def test_the_ends_of_the_ranges_are_inside(anonymous: Api, changes: dict[str, Any]) -> None:
    answer = anonymous.post(REGISTER, {**REGISTRATION, **changes})

    assert answer.status_code == 201
    assert {field: answer.json()["user"][field] for field in changes} == changes


@pytest.mark.parametrize(
    "field",
    ["is_staff", "is_superuser", "is_active", "is_email_verified", "id", "user_id", "last_seq", "created_at", "pswd"],
)
def test_a_field_that_is_not_the_clients_to_set_is_refused(anonymous: Api, field: str) -> None:
    answer = anonymous.post(REGISTER, {**REGISTRATION, field: 1})

    assert answer.status_code == 422
    assert [(entry["pointer"], entry["code"]) for entry in answer.json()["errors"]] == [
        (f"/{field}", "extra_forbidden")
    ]
    assert not User.objects.exists()


def test_preferences_and_allergies_may_be_one_string_with_commas(anonymous: Api) -> None:
    words = {"dietary_preferences": "Vegan, Gluten-Free,", "allergies": "dairy-free, tree nuts,Shellfish"}

    person = anonymous.post(REGISTER, {**REGISTRATION, **words}).json()["user"]

    assert person["dietary_preferences"] == ["vegan", "gluten_free"]
    assert person["allergies"] == ["crustaceans", "milk", "nuts", "molluscs"]


def test_a_preference_that_grows_too_long_in_its_normal_form_is_refused_and_not_cut(anonymous: Api) -> None:
    ligature = "\ufdfa"  # one character that NFKC turns into eighteen

    answer = anonymous.post(REGISTER, {**REGISTRATION, "dietary_preferences": [ligature * 20]})

    assert answer.status_code == 422
    assert pointers(answer.json()) == ["/dietary_preferences"]


def test_an_accent_is_the_same_letter_however_it_was_typed(anonymous: Api) -> None:
    person = anonymous.post(REGISTER, {**REGISTRATION, "name": "Zoe\u0308"}).json()["user"]

    assert person["name"] == "Zo\u00eb"
