"""Where a person is signed in: seen, ended one by one or all at once, and gone with the next request."""

import base64
import datetime as dt
import hmac
import json
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client, override_settings
from django.utils import timezone

from tests import factories
from tests.admin.pages import address, filled_in
from tests.config.test_settings import GOOD, start
from tests.config.test_settings import answer as answer_of
from tests.conftest import Api
from users import auth, lifecycle, services, sessions
from users.models import Event, Session, User

SESSIONS = "/api/v1/sessions"
PROFILE = "/api/v1/profile"
OTHER_KEY = "another key of more than fifty characters: 0123456789abcdef"


def listed(api: Api) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(SESSIONS).json()["items"]
    return items


def is_in(api: Api) -> bool:
    """Say whether access token and refresh token still work, which they must do together."""
    statuses = {
        api.get(PROFILE).status_code,
        Api().post("/api/v1/token/refresh", {"refresh": api.tokens.refresh}).status_code,
    }
    assert len(statuses) == 1
    return statuses == {200}


def test_a_person_sees_each_device_once_and_which_is_this(as_owner: Api, as_stranger: Api, owner: User) -> None:
    phone = Api()
    phone.post("/api/v1/login", {"email": owner.email, "password": factories.PASSWORD}, User_Agent="Regimen (phone)")

    items = listed(as_owner)

    assert [(item["device"], item["current"]) for item in items] == [("Regimen (phone)", False), ("", True)]
    assert set(items[0]) == {"id", "device", "created_at", "last_seen", "current"}
    assert {item["id"] for item in items} == {str(pk) for pk in owner.sessions.values_list("pk", flat=True)}


def test_a_sign_in_is_told_to_the_other_devices_and_nothing_else_of_it(as_owner: Api, owner: User) -> None:
    Api().post("/api/v1/login", {"email": owner.email, "password": "not theirs"})
    Api().post("/api/v1/login", {"email": owner.email, "password": factories.PASSWORD}, User_Agent="Regimen (phone)")

    [told] = as_owner.get("/api/v1/events").json()["items"]

    [phone] = [item["id"] for item in listed(as_owner) if item["device"] == "Regimen (phone)"]
    assert (told["seq"], told["type"], told["data"]) == (1, "session.started", {"session_id": phone})


def test_the_session_that_begins_with_an_account_is_told_to_nobody_for_nobody_is_there(anonymous: Api) -> None:
    body = {"email": "new@example.org", "password": factories.PASSWORD, "name": "Ada"}
    phone = Api()
    phone.headers["Authorization"] = f"Bearer {anonymous.post('/api/v1/register', body).json()['access']}"

    assert phone.get("/api/v1/events").json() == {"items": [], "seq": 0}


def test_a_refresh_is_a_sign_of_life(as_owner: Api, owner: User) -> None:
    later = timezone.now() + dt.timedelta(minutes=9)
    services.refresh(token=as_owner.tokens.refresh, now=later)

    [item] = listed(as_owner)

    assert dt.datetime.fromisoformat(item["last_seen"]) == later
    assert item["created_at"] < item["last_seen"]


def test_what_has_ended_or_cannot_be_refreshed_any_more_is_not_listed(as_owner: Api, owner: User) -> None:
    now = timezone.now()
    for created, used, ended in (
        (now, now, now),
        (now - dt.timedelta(days=60), now - settings.REFRESH_TOKEN_LIFETIME, None),
        (now - settings.SESSION_LIFETIME, now, None),
    ):
        Session.objects.create(user=owner, created_at=created, rotated_at=used, revoked_at=ended)

    assert [item["current"] for item in listed(as_owner)] == [True]


def test_ending_a_session_signs_that_device_out_and_no_other(as_owner: Api, owner: User) -> None:
    phone = Api(owner)
    [session_id] = [item["id"] for item in listed(as_owner) if not item["current"]]
    phone.get(PROFILE)

    answer = as_owner.delete(f"{SESSIONS}/{session_id}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert (is_in(phone), is_in(as_owner)) == (False, True)
    assert Event.objects.get(user=owner, type="session.revoked").data == {"session_id": session_id}
    again = as_owner.delete(f"{SESSIONS}/{session_id}")
    assert (again.status_code, again.json()["code"]) == (404, "no_session")


def test_nobody_ends_or_sees_somebody_elses_session(as_owner: Api, as_stranger: Api) -> None:
    [theirs] = [item["id"] for item in listed(as_owner)]

    answers = [as_stranger.delete(f"{SESSIONS}/{one}") for one in (theirs, "5d3f7c1e-0f5e-4a38-9a52-0d4f3c1a2b10")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "no_session")] * 2
    assert is_in(as_owner)
    assert theirs not in {item["id"] for item in listed(as_stranger)}


def test_logging_out_everywhere_ends_every_session_with_an_event_each(as_owner: Api, owner: User) -> None:
    devices = [Api(owner), Api(owner), as_owner]
    bystander = Api(factories.user())

    answer = as_owner.post("/api/v1/logout-all")

    assert answer.status_code == 204
    assert [is_in(device) for device in devices] == [False] * 3
    assert is_in(bystander)
    assert Event.objects.filter(user=owner, type="session.revoked").count() == 3


def test_deactivation_ends_every_session_for_good(as_owner: Api, owner: User) -> None:
    lifecycle.deactivate(user_id=owner.pk, now=timezone.now())
    User.objects.filter(pk=owner.pk).update(is_active=True)  # staff think again

    assert not is_in(as_owner)
    assert Event.objects.filter(user=owner, type="session.revoked").count() == 1


def test_a_session_ends_however_often_it_is_refreshed(as_owner: Api, owner: User) -> None:
    Session.objects.update(created_at=timezone.now() - settings.SESSION_LIFETIME)

    answer = as_owner.post("/api/v1/token/refresh", {"refresh": as_owner.tokens.refresh})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_sessions_that_nobody_can_come_back_to_are_removed(as_owner: Api, owner: User) -> None:
    long_ago = timezone.now() - settings.REFRESH_TOKEN_LIFETIME - dt.timedelta(seconds=1)
    for ended in (None, long_ago):
        Session.objects.create(user=owner, created_at=long_ago, rotated_at=long_ago, revoked_at=ended)
    fresh = Session.objects.create(
        user=owner, created_at=long_ago, rotated_at=timezone.now(), revoked_at=timezone.now()
    )

    assert sessions.prune() == 2

    assert Session.objects.filter(pk=fresh.pk).exists()
    assert is_in(as_owner)


def test_a_token_names_the_key_that_signed_it(as_owner: Api) -> None:
    headers = [jwt.get_unverified_header(token) for token in (as_owner.tokens.access, as_owner.tokens.refresh)]

    assert [header["kid"] for header in headers] == [auth.key_id(settings.JWT_SIGNING_KEY)] * 2
    assert settings.JWT_SIGNING_KEY not in str(headers)


def test_a_key_may_be_changed_without_signing_anybody_out(as_owner: Api, owner: User) -> None:
    old = settings.JWT_SIGNING_KEY
    with override_settings(JWT_SIGNING_KEY=OTHER_KEY, JWT_PREVIOUS_KEYS=[old]):
        assert is_in(as_owner)
        renewed = services.refresh(token=as_owner.tokens.refresh, now=timezone.now())

    assert jwt.get_unverified_header(renewed.access)["kid"] == auth.key_id(OTHER_KEY)
    with override_settings(JWT_SIGNING_KEY=OTHER_KEY, JWT_PREVIOUS_KEYS=[]):
        assert as_owner.get(PROFILE).status_code == 401  # the old key's time is over
        assert as_owner.get(PROFILE, Authorization=f"Bearer {renewed.access}").status_code == 200


def signed(header: dict[str, Any], token: str) -> str:
    """Return the token under another header, signed with today's key."""
    first = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", **header}).encode()).rstrip(b"=").decode()
    said = f"{first}.{token.split('.')[1]}"
    mac = hmac.digest(settings.JWT_SIGNING_KEY.encode(), said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    ("header", "status"),
    [({}, 200), ({"kid": "unknown"}, 401), ({"kid": ""}, 401), ({"kid": 7}, 401), ({"kid": ["a"]}, 401)],
)
def test_a_token_of_a_key_that_is_not_in_the_ring_is_refused(
    as_owner: Api, header: dict[str, Any], status: int
) -> None:
    token = signed(header, as_owner.tokens.access)

    assert as_owner.get(PROFILE, Authorization=f"Bearer {token}").status_code == status


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ("short", "JWT_PREVIOUS_KEYS needs at least 50 characters"),
        (f"{OTHER_KEY},{GOOD['SECRET_KEY']}", "JWT_SIGNING_KEY must differ from SECRET_KEY"),
    ],
)
def test_production_refuses_a_weak_previous_key_and_one_that_signs_cookies(keys: str, reason: str) -> None:
    started = start(JWT_PREVIOUS_KEYS=keys)

    assert started.returncode != 0
    assert f"ImproperlyConfigured: {reason}" in started.stderr


def test_previous_keys_are_read_from_the_environment() -> None:
    code = (
        "print(json.dumps([settings.JWT_PREVIOUS_KEYS, settings.NINJA_JWT['SIGNING_KEY'] == settings.JWT_SIGNING_KEY]))"
    )

    assert answer_of(code, JWT_PREVIOUS_KEYS=f"{OTHER_KEY}, {OTHER_KEY[::-1]}") == [
        [OTHER_KEY, OTHER_KEY[::-1]],
        True,
    ]


def test_when_staff_close_an_account_its_devices_are_out(as_staff: Client, as_owner: Api, owner: User) -> None:
    answer = filled_in(as_staff, address(User, "change", owner.pk), is_active=False)

    assert answer.status_code == 302, answer.context["errors"]
    assert not is_in(as_owner)
    assert Session.objects.get(user=owner).revoked_at is not None


def test_when_staff_set_a_password_the_devices_are_out(as_staff: Client, as_owner: Api, owner: User) -> None:
    new = {"password1": "four blue kettles sing", "password2": "four blue kettles sing", "usable_password": "true"}

    answer = as_staff.post(f"{address(User, 'change', owner.pk).removesuffix('change/')}password/", new)

    owner.refresh_from_db()
    assert (answer.status_code, owner.check_password(new["password1"])) == (302, True)
    assert not is_in(as_owner)


def test_staff_sign_people_out_everywhere(as_staff: Client, as_owner: Api, as_stranger: Api, owner: User) -> None:
    chosen = {"action": "sign_out", "_selected_action": [owner.pk]}

    as_staff.post(address(User, "changelist"), chosen)

    assert (is_in(as_owner), is_in(as_stranger)) == (False, True)


def test_an_edit_that_closes_nothing_ends_nothing(as_staff: Client, as_owner: Api, owner: User) -> None:
    Group.objects.create(name="coaches")

    filled_in(as_staff, address(User, "change", owner.pk), name="Olga Other")

    assert is_in(as_owner)
