"""Consent: given only in words, to one version of a text, and taken back as easily."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.conftest import Api
from users import schemas, selectors, vocabulary
from users.models import Consent, User

PROFILE = "/api/v1/profile"
CONSENTS = "/api/v1/consents"
NEWER: Mapping[str, tuple[str, str]] = {"ai": ("2", "Another text.")}


def consent_of(api: Api) -> bool:
    """Return what the profile says, which is what decides whether a model is asked."""
    shown = bool(api.get(PROFILE).json()["ai_consent"])
    assert api.user is not None
    assert selectors.has_consented(api.user.pk, "ai") is shown
    return shown


def item_of(api: Api, kind: str = "ai") -> dict[str, Any]:
    """Return a kind's text and history."""
    [item] = [item for item in api.get(CONSENTS).json()["items"] if item["kind"] == kind]
    return dict(item)


def test_nobody_consents_by_doing_nothing(as_owner: Api) -> None:
    assert consent_of(as_owner) is False
    assert Consent.objects.count() == 0


@pytest.mark.parametrize(("said", "given"), [({}, False), ({"ai_consent": False}, False), ({"ai_consent": True}, True)])
def test_a_person_may_consent_when_they_register(anonymous: Api, said: dict[str, bool], *, given: bool) -> None:
    answer = anonymous.post("/api/v1/register", {**factories.REGISTRATION, **said})

    assert (answer.status_code, answer.json()["user"]["ai_consent"]) == (201, given)
    assert Consent.objects.filter(user_id=answer.json()["user"]["id"], version="1").exists() is given


def test_a_yes_is_recorded_with_its_version_and_time(as_owner: Api) -> None:
    answer = as_owner.patch(PROFILE, {"ai_consent": True})

    assert answer.json()["ai_consent"] is consent_of(as_owner) is True
    item = item_of(as_owner)
    assert (item["kind"], item["version"], item["given"]) == ("ai", "1", True)
    assert item["text"] == vocabulary.CONSENTS["ai"][1]
    assert item["history"][0]["given_at"] >= as_owner.user.created_at.isoformat()[:19]  # type: ignore[union-attr]


def test_a_second_yes_changes_nothing(as_owner: Api) -> None:
    as_owner.patch(PROFILE, {"ai_consent": True})
    before = as_owner.get(CONSENTS).json()

    answer = as_owner.patch(PROFILE, {"ai_consent": True})

    assert answer.status_code == 200
    assert as_owner.get(CONSENTS).json() == before


def test_a_no_takes_it_back_and_stays_on_record(as_owner: Api) -> None:
    as_owner.patch(PROFILE, {"ai_consent": True})
    assert consent_of(as_owner) is True

    as_owner.patch(PROFILE, {"ai_consent": False})

    assert consent_of(as_owner) is False
    item = item_of(as_owner)
    assert item["given"] is False
    assert [one["withdrawn_at"] is not None for one in item["history"]] == [True]


def test_yes_no_yes_is_a_history_of_two(as_owner: Api) -> None:
    for said in (True, False, True):
        as_owner.patch(PROFILE, {"ai_consent": said})

    item = item_of(as_owner)

    assert [one["withdrawn_at"] is None for one in item["history"]] == [True, False]


@pytest.mark.parametrize("body", [{}, {"ai_consent": None}, {"age": 40}])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("before", [True, False])
def test_a_profile_that_does_not_speak_of_it_leaves_it_as_it_was(
    as_owner: Api, method: str, body: dict[str, object], *, before: bool
) -> None:
    as_owner.patch(PROFILE, {"ai_consent": before})

    answer = as_owner.request(method, PROFILE, body)

    assert (answer.status_code, answer.json()["ai_consent"]) == (200, before)
    assert consent_of(as_owner) is before


@pytest.mark.parametrize("said", ["yes", 1, "true", []])
def test_only_true_and_false_are_taken(as_owner: Api, said: object) -> None:
    answer = as_owner.patch(PROFILE, {"ai_consent": said})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/ai_consent")
    assert Consent.objects.count() == 0


def test_a_yes_to_an_older_text_is_none_to_the_newer(as_owner: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    as_owner.patch(PROFILE, {"ai_consent": True})

    monkeypatch.setattr(vocabulary, "CONSENTS", NEWER)

    assert as_owner.user is not None
    assert selectors.has_consented(as_owner.user.pk, "ai") is False
    assert selectors.user_out(as_owner.user).ai_consent is False


def test_a_yes_to_the_newer_text_ends_the_one_to_the_older(as_owner: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    as_owner.patch(PROFILE, {"ai_consent": True})
    monkeypatch.setattr(vocabulary, "CONSENTS", NEWER)

    as_owner.patch(PROFILE, {"ai_consent": True})

    item = item_of(as_owner)
    assert (item["version"], item["given"]) == ("2", True)
    assert [(one["version"], one["withdrawn_at"] is None) for one in item["history"]] == [("2", True), ("1", False)]


def test_consent_to_the_use_of_health_data_is_one_of_its_own(anonymous: Api) -> None:
    said = {**factories.REGISTRATION, "health_consent": True}

    answer = anonymous.post("/api/v1/register", said).json()

    person = Api(User.objects.get(pk=answer["user"]["id"]))
    assert (answer["user"]["health_consent"], answer["user"]["ai_consent"]) == (True, False)
    item = item_of(person, "health")
    assert (item["version"], item["text"], item["given"]) == (*vocabulary.CONSENTS["health"], True)
    person.patch(PROFILE, {"health_consent": False})
    assert (person.get(PROFILE).json()["health_consent"], item_of(person, "health")["given"]) == (False, False)


def test_every_consent_has_a_field_of_the_profile() -> None:
    assert set(vocabulary.CONSENT_FIELDS.values()) == set(vocabulary.CONSENTS)
    assert set(vocabulary.CONSENT_FIELDS) <= set(schemas.Profile.model_fields) & set(schemas.User.model_fields)


def test_what_one_person_says_is_not_the_others(as_owner: Api, as_stranger: Api) -> None:
    as_owner.patch(PROFILE, {"ai_consent": True})

    assert consent_of(as_stranger) is False
    assert as_stranger.get(CONSENTS).json()["items"][0]["history"] == []


def test_a_stale_profile_does_not_change_a_consent(as_owner: Api) -> None:
    stale = as_owner.get(PROFILE)["ETag"]
    as_owner.patch(PROFILE, {"weight": 70})

    answer = as_owner.patch(PROFILE, {"ai_consent": True}, If_Match=stale)

    assert answer.status_code == 412
    assert consent_of(as_owner) is False


def test_a_consent_changes_the_profiles_etag(as_owner: Api) -> None:
    before = as_owner.get(PROFILE)["ETag"]

    as_owner.patch(PROFILE, {"ai_consent": True}, If_Match=before)

    assert as_owner.get(PROFILE)["ETag"] != before


def test_the_history_costs_one_query_however_long_it_is(owner: User) -> None:
    for version in ("1", "2", "3"):
        Consent.objects.create(
            user=owner, kind="ai", version=version, given_at=owner.created_at, withdrawn_at=owner.created_at
        )

    with CaptureQueriesContext(connection) as captured:
        selectors.consents(owner)

    assert len([query for query in captured if '"consents"' in query["sql"]]) == 1


def test_without_a_token_there_is_nothing_to_read(anonymous: Api) -> None:
    assert anonymous.get(CONSENTS).status_code == 401


def test_staff_see_what_somebody_said_yes_to_and_cannot_say_it_for_them(as_owner: Api, as_staff: Client) -> None:
    as_owner.patch(PROFILE, {"ai_consent": True})
    assert as_owner.user is not None

    page = as_staff.get(f"/admin/users/user/{as_owner.user.pk}/change/").content.decode()

    assert "ai 1:" in page
    assert 'name="consent' not in page
