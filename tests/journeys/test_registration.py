"""From a stranger to a person with an account: refused until all is well, then signed in on each device they own."""

from collections.abc import Callable

from tests import factories
from tests.conftest import Api
from users.models import User

REGISTER, LOGIN, PROFILE = "/api/v1/register", "/api/v1/login", "/api/v1/profile"
CREDENTIALS = {"email": "ada@example.org", "password": factories.PASSWORD}


def signed_in(tokens: dict[str, str]) -> Api:
    device = Api()
    device.headers["Authorization"] = f"Bearer {tokens['access']}"
    return device


def test_registration_with_an_invalid_email_and_then_a_valid_one(anonymous: Api) -> None:
    refused = anonymous.post(REGISTER, {**factories.REGISTRATION, "email": "ada@nowhere"})
    accepted = anonymous.post(REGISTER, factories.REGISTRATION)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/email")
    assert accepted.status_code == 201
    assert list(User.objects.values_list("email", flat=True)) == ["ada@example.org"]


def test_registration_with_an_invalid_password_and_then_a_valid_one(anonymous: Api) -> None:
    refused = anonymous.post(REGISTER, {**factories.REGISTRATION, "password": "password"})
    early = anonymous.post(LOGIN, {**CREDENTIALS, "password": "password"})
    accepted = anonymous.post(REGISTER, factories.REGISTRATION)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/password")
    assert early.status_code == 401
    assert accepted.status_code == 201


def test_registration_with_an_invalid_email_and_password_names_both(anonymous: Api) -> None:
    answer = anonymous.post(REGISTER, {**factories.REGISTRATION, "email": "ada", "password": ""})

    assert {entry["pointer"] for entry in answer.json()["errors"]} == {"/email", "/password"}
    assert not User.objects.exists()


def test_registration_with_a_duplicate_email_leaves_the_account_as_it_was(anonymous: Api) -> None:
    anonymous.post(REGISTER, factories.REGISTRATION)

    second = anonymous.post(REGISTER, {**factories.REGISTRATION, "password": "another long password", "weight": 90})

    assert (second.status_code, second.json()["code"]) == (409, "email_taken")
    assert "access" not in second.json()
    assert anonymous.post(LOGIN, {**CREDENTIALS, "password": "another long password"}).status_code == 401
    tokens = anonymous.post(LOGIN, CREDENTIALS).json()
    assert signed_in(tokens).get(PROFILE).json()["weight"] == 71.5


def test_a_person_signs_in_on_two_devices_refreshes_one_and_signs_out_of_the_other(anonymous: Api) -> None:
    phone_tokens = anonymous.post(REGISTER, factories.REGISTRATION).json()
    desk_tokens = anonymous.post(LOGIN, CREDENTIALS).json()
    desk = signed_in(desk_tokens)

    renewed = anonymous.post("/api/v1/token/refresh", {"refresh": phone_tokens["refresh"]}).json()
    signed_out = desk.post("/api/v1/logout", {"refresh": desk_tokens["refresh"]})

    assert signed_out.status_code == 204
    assert desk.get(PROFILE).status_code == 401
    assert signed_in(renewed).get(PROFILE).json()["email"] == "ada@example.org"


def test_authentication_errors_on_the_way_never_say_who_has_an_account(anonymous: Api) -> None:
    anonymous.post(REGISTER, factories.REGISTRATION)

    without = anonymous.get(PROFILE)
    wrong = anonymous.post(LOGIN, {**CREDENTIALS, "password": "not the password"})
    unknown = anonymous.post(LOGIN, {**CREDENTIALS, "email": "bob@example.org"})

    assert [answer.status_code for answer in (without, wrong, unknown)] == [401, 401, 401]
    assert wrong.json()["detail"] == unknown.json()["detail"]


def test_two_people_plan_the_same_days_and_each_finds_their_own(anonymous: Api, run_jobs: Callable[[], int]) -> None:
    people = {}
    for name, extra in (("ada", {"dietary_preferences": ["vegan"]}), ("bob", {"allergies": ["milk"], "weight": 95})):
        registration = {**factories.REGISTRATION, **extra, "email": f"{name}@example.org", "name": name.title()}
        people[name] = signed_in(anonymous.post(REGISTER, registration).json())
    for person in people.values():
        assert person.post("/api/v1/generate-plan", {"start_date": "2026-03-02", "days": 2}).status_code == 202

    done = run_jobs()

    plans = {
        name: [person.get(f"/api/v1/meal-plan?date=2026-03-0{day}").json() for day in (2, 3)]
        for name, person in people.items()
    }
    assert done == 2
    assert [[plan["date"] for plan in days] for days in plans.values()] == [["2026-03-02", "2026-03-03"]] * 2
    assert len({plan["id"] for days in plans.values() for plan in days}) == 4
    for name, person in people.items():
        kcal = person.get("/api/v1/profile/targets").json()["kcal"]
        assert {plan["targets"]["kcal"] for plan in plans[name]} == {kcal}
        assert person.get("/api/v1/workout-plan?date=2026-03-02").json()["date"] == "2026-03-02"
        assert person.get("/api/v1/meal-plan?date=2026-03-04").status_code == 404
    eaten = {allergen for plan in plans["ada"] for meal in plan["meals"] for allergen in meal["allergens"]}
    assert eaten & {"milk", "eggs", "fish"} == set()
