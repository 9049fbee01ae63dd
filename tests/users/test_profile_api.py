"""The profile, the targets that follow from it, and the day in one call."""

import datetime as dt
from typing import Any

import pytest

from tests import factories
from tests.conftest import Api
from users import selectors, targets
from users.models import User

PROFILE = "/api/v1/profile"
TARGETS = "/api/v1/profile/targets"
CONTRACT_FIELDS = {
    "id",
    "email",
    "name",
    "age",
    "sex",
    "height",
    "weight",
    "fitness_goal",
    "activity_level",
    "dietary_preferences",
    "allergies",
    "disliked_foods",
    "equipment",
    "injuries",
    "availability",
    "conditions",
    "timezone",
    "units",
    "is_email_verified",
    "created_at",
    "updated_at",
}


def test_the_profile_has_every_field_of_the_contract_and_no_secret(as_owner: Api) -> None:
    body = as_owner.get(PROFILE).json()

    assert set(body) >= CONTRACT_FIELDS
    assert not set(body) & {"password", "is_staff", "is_superuser", "last_seq"}


def test_everybody_reads_their_own_profile(as_owner: Api, as_stranger: Api) -> None:
    emails = [api.get(PROFILE).json()["email"] for api in (as_owner, as_stranger)]

    assert emails == ["owner@example.org", "stranger@example.org"]


def test_a_patch_changes_what_it_names_and_nothing_else(as_owner: Api) -> None:
    before = as_owner.get(PROFILE).json()

    answer = as_owner.patch(PROFILE, {"weight": 70.8, "allergies": ["peanut"]})

    changed = {"weight": 70.8, "allergies": ["peanuts"], "updated_at": answer.json()["updated_at"]}
    assert answer.status_code == 200
    assert answer.json() == as_owner.get(PROFILE).json() == {**before, **changed}


def test_a_change_of_one_person_leaves_the_other_alone(as_owner: Api, as_stranger: Api) -> None:
    before = as_stranger.get(PROFILE).content

    as_owner.patch(PROFILE, {"weight": 100})

    assert as_stranger.get(PROFILE).content == before


def test_a_put_sets_all_and_what_is_not_sent_returns_to_its_default(as_owner: Api) -> None:
    answer = as_owner.put(PROFILE, {"age": 40, "allergies": ["milk"]})

    body = answer.json()
    assert answer.status_code == 200
    assert (body["age"], body["allergies"]) == (40, ["milk"])
    assert (body["weight"], body["equipment"], body["fitness_goal"]) == (None, [], "general_health")
    assert body["name"] == "Olga Owner"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize(
    "body",
    [
        {"is_staff": True},
        {"is_superuser": True},
        {"email": "new@example.org"},
        {"password": "correct horse battery"},
        {"is_email_verified": True},
        {"id": 1},
        {"weight": 60, "wieght": 61},
        {"weight": "60"},
        {"weight": 24},
        {"sex": None},
        {"name": ""},
        {"allergies": ["unicorn"]},
        {"availability": {"days": ["mon"], "hours": 2}},
        [],
        "weight",
        None,
    ],
)
def test_a_change_that_is_not_allowed_changes_nothing(as_owner: Api, owner: User, method: str, body: Any) -> None:
    before = User.objects.filter(pk=owner.pk).values().get()

    answer = as_owner.request(method, PROFILE, b"null" if body is None else body)

    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert User.objects.filter(pk=owner.pk).values().get() == before


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_name_is_never_erased(as_owner: Api, method: str) -> None:
    as_owner.request(method, PROFILE, {"name": None})

    assert as_owner.get(PROFILE).json()["name"] == "Olga Owner"


def test_what_is_not_known_any_more_can_be_cleared(as_owner: Api) -> None:
    answer = as_owner.patch(PROFILE, {"age": None, "body_fat": None})

    assert (answer.json()["age"], answer.json()["body_fat"]) == (None, None)


def test_an_unchanged_profile_is_not_sent_twice(as_owner: Api) -> None:
    first = as_owner.get(PROFILE)

    again = as_owner.get(PROFILE, If_None_Match=first["ETag"])

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]


def test_a_change_gives_the_profile_another_etag(as_owner: Api) -> None:
    first = as_owner.get(PROFILE)

    changed = as_owner.patch(PROFILE, {"weight": 70.8})

    assert changed["ETag"] != first["ETag"]
    assert as_owner.get(PROFILE, If_None_Match=first["ETag"]).status_code == 200
    assert as_owner.get(PROFILE, If_None_Match=changed["ETag"]).status_code == 304


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_write_on_an_old_reading_is_refused_and_changes_nothing(as_owner: Api, method: str) -> None:
    old = as_owner.get(PROFILE)["ETag"]
    as_owner.patch(PROFILE, {"weight": 70.8})

    answer = as_owner.request(method, PROFILE, {"weight": 60}, If_Match=old)

    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert as_owner.get(PROFILE).json()["weight"] == 70.8


def test_a_write_on_the_current_reading_is_taken(as_owner: Api) -> None:
    current = as_owner.get(PROFILE)["ETag"]

    answers = [
        as_owner.patch(PROFILE, {"weight": 70.8}, If_Match=f'"other", {current}'),
        as_owner.patch(PROFILE, {"weight": 70.9}, If_Match="*"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_an_etag_that_was_read_in_imperial_units_guards_a_write_as_well(as_owner: Api) -> None:
    current = as_owner.get(f"{PROFILE}?units=imperial")["ETag"]

    first = as_owner.patch(PROFILE, {"weight": 70.8}, If_Match=current)
    second = as_owner.patch(PROFILE, {"weight": 60}, If_Match=current)

    assert (first.status_code, second.status_code) == (200, 412)


def test_imperial_twins_are_for_display_and_never_touch_what_is_stored(as_owner: Api, owner: User) -> None:
    metric = as_owner.get(PROFILE).json()

    imperial = as_owner.get(f"{PROFILE}?units=imperial").json()

    assert metric["display"] is None
    assert imperial["display"] == {"height_in": 66.1, "weight_lb": 157.6}
    assert {**imperial, "display": None} == metric
    owner.refresh_from_db()
    assert (owner.height, owner.weight) == (168.0, 71.5)


def test_the_profiles_own_units_decide_unless_the_call_names_others(as_owner: Api) -> None:
    as_owner.patch(PROFILE, {"units": "imperial"})

    assert as_owner.get(PROFILE).json()["display"]["weight_lb"] == 157.6
    assert as_owner.get(f"{PROFILE}?units=metric").json()["display"] is None
    assert as_owner.get(f"{PROFILE}?units=cubits").status_code == 422


def test_the_targets_are_those_of_the_formula_for_this_person(as_owner: Api) -> None:
    person = targets.Person(
        age=34,
        sex="female",
        height=168.0,
        weight=71.5,
        fitness_goal="maintain",
        activity_level="moderate",
        conditions=frozenset(),
        diets=frozenset(),
    )

    body = as_owner.get(TARGETS).json()

    expected = targets.targets(person)
    assert (body["kcal"], body["protein"], body["rmr"], body["tdee"], body["formula"]) == (
        expected.kcal,
        expected.protein,
        expected.rmr,
        expected.tdee,
        expected.formula,
    )
    assert body["inputs"]["weight"] == 71.5
    assert {"figure", "value", "unit", "how", "source"} <= set(body["explanation"][0])


def test_the_targets_follow_a_change_of_the_profile_at_once(as_owner: Api) -> None:
    before = as_owner.get(TARGETS).json()["kcal"]

    as_owner.patch(PROFILE, {"activity_level": "very_active"})

    assert as_owner.get(TARGETS).json()["kcal"] > before


@pytest.mark.parametrize("missing", [["age"], ["height", "weight"], ["age", "height", "weight"]])
def test_without_a_body_there_are_no_targets_and_the_answer_names_what_is_missing(
    as_owner: Api, missing: list[str]
) -> None:
    as_owner.patch(PROFILE, dict.fromkeys(missing))

    answer = as_owner.get(TARGETS)

    assert (answer.status_code, answer.json()["code"]) == (422, "profile_incomplete")
    assert [entry["pointer"] for entry in answer.json()["errors"]] == [f"/{field}" for field in missing]


@pytest.mark.parametrize(
    ("zone", "date"),
    [("UTC", "2026-03-02"), ("Pacific/Kiritimati", "2026-03-03"), ("Pacific/Pago_Pago", "2026-03-01")],
)
def test_today_is_the_date_where_the_person_is(zone: str, date: str) -> None:
    now = dt.datetime(2026, 3, 2, 10, 30, tzinfo=dt.UTC)

    assert selectors.today(User(timezone=zone), now) == dt.date.fromisoformat(date)


def test_a_day_before_anything_is_planned_shows_the_targets_and_nothing_else(as_owner: Api) -> None:
    body = as_owner.get("/api/v1/today?date=2026-03-02").json()

    assert (body["date"], body["meal_plan"], body["workout_plan"], body["progress"]) == ("2026-03-02", None, None, None)
    assert body["targets"]["kcal"] == as_owner.get(TARGETS).json()["kcal"]


def test_a_day_of_somebody_whose_body_is_unknown_has_no_targets(as_owner: Api) -> None:
    as_owner.patch(PROFILE, {"weight": None})

    assert as_owner.get("/api/v1/today").json()["targets"] is None


def test_what_is_logged_shows_in_the_day_at_once(as_owner: Api) -> None:
    as_owner.get("/api/v1/today?date=2026-03-02")

    as_owner.post("/api/v1/progress", {"date": "2026-03-02", "weight": 71.2})

    assert as_owner.get("/api/v1/today?date=2026-03-02").json()["progress"]["weight"] == 71.2
    assert as_owner.get("/api/v1/today?date=2026-03-03").json()["progress"] is None


def test_a_profile_of_nothing_but_needed_fields_can_be_read(anonymous: Api) -> None:
    bare = factories.user(age=None, height=None, weight=None, equipment=[], availability={})

    body = Api(bare).get(PROFILE).json()

    assert body["availability"] == {"days": [], "minutes_per_session": 45}
