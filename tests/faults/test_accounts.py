"""Faults 17 to 25: who gets in, for how long, how often they may guess, and what they find there.

Invariant: whoever is refused is told no more than the catalogue says.
"""

import base64
import datetime as dt
import json
import time
from functools import partial
from typing import Any

import jwt
import pytest
from django.conf import settings as product
from django.contrib.auth import hashers
from django.utils import timezone
from pytest_django import Settings

from tests import factories
from tests.architecture.test_ownership import THINGS, World, world
from tests.conftest import Api
from tests.database.conftest import AtOnce
from tests.faults import doors
from tests.faults.conftest import Server
from tests.journeys.person import Person, receive
from tests.journeys.test_events import close_code
from users import services
from users.models import Session, User

__all__ = ["world"]
LOGIN, REFRESH, PROFILE = "/api/v1/login", "/api/v1/token/refresh", "/api/v1/profile"
NEW_PASSWORD = "four blue kettles sing"
SIGNED_IN = [name for name, operation in doors.OPERATIONS.items() if "security" in operation]


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def forgeries(api_client: Api) -> dict[str, str]:
    """Return tokens that are not good, by what is wrong with them."""
    good, key = claims_of(api_client.tokens.access), product.JWT_SIGNING_KEY
    head, body, signature = api_client.tokens.access.split(".")
    return {
        "none": "",
        "garbage": "a.b.c",
        "expired": jwt.encode({**good, "exp": 1}, key),
        "not signed": jwt.encode(good, "", algorithm="none"),
        "another key": jwt.encode(good, "another key of more than thirty-two characters"),
        "another audience": jwt.encode({**good, "aud": "elsewhere"}, key),
        "another issuer": jwt.encode({**good, "iss": "elsewhere"}, key),
        "a refresh token": api_client.tokens.refresh,
        "another person": f"{head}.{_with(body, user_id=good['user_id'] + 1)}.{signature}",
    }


def _with(body: str, **changes: Any) -> str:
    claims = {**claims_of(f".{body}."), **changes}
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def status(token: str, path: str = PROFILE) -> int:
    return Api().get(path, Authorization=f"Bearer {token}").status_code


def guess(api_client: Api, email: str = "owner@example.org", **headers: str) -> Any:
    return api_client.post(LOGIN, {"email": email, "password": "wrong password"}, **headers)


@pytest.mark.parametrize("name", SIGNED_IN)
def test_fault_17_a_token_that_is_none_opens_no_door(as_owner: Api, name: str) -> None:
    method, path = doors.address(name)

    answers = [
        as_owner.request(method, path, doors.EXAMPLES.get(name), Authorization=f"Bearer {token}")
        for token in forgeries(as_owner).values()
    ]

    assert {(answer.status_code, answer["WWW-Authenticate"]) for answer in answers} == {(401, "Bearer")}
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)


@pytest.mark.parametrize("end", ["deactivated", "deleted"])
def test_fault_18_the_next_request_of_somebody_who_is_gone_is_refused(as_owner: Api, owner: User, end: str) -> None:
    as_owner.get(PROFILE)

    if end == "deleted":
        owner.delete()
    else:
        User.objects.filter(pk=owner.pk).update(is_active=False)

    assert status(as_owner.tokens.access) == 401
    assert Api().post(REFRESH, {"refresh": as_owner.tokens.refresh}).status_code == 401


def test_fault_18_the_socket_of_somebody_who_is_gone_closes_within_five_seconds(server: Server, person: Person) -> None:
    with person.listen() as socket, server.database() as database:
        receive(socket)
        database.execute("UPDATE users SET is_active = false WHERE id = %s", [person.user["id"]])
        started = time.monotonic()

        assert close_code(socket) == 4401
        assert time.monotonic() - started < 5


def test_fault_19_twenty_refreshes_at_once_have_one_successor(at_once: AtOnce, owner: User) -> None:
    token = Api(owner).tokens.refresh

    answers = at_once([partial(Api().post, REFRESH, {"refresh": token})] * 20)

    assert [answer.status_code for answer in answers] == [200] * 20
    assert len({answer.json()["refresh"] for answer in answers}) == 1
    assert Session.objects.get().counter == 1


def test_fault_20_a_replay_after_the_grace_ends_the_whole_session(
    as_owner: Api, owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    later = timezone.now() + product.REFRESH_GRACE + dt.timedelta(seconds=1)
    successor = as_owner.post(REFRESH, {"refresh": as_owner.tokens.refresh}).json()

    with pytest.raises(services.TokenReused):
        services.refresh(token=as_owner.tokens.refresh, now=later)

    assert status(successor["access"]) == 401
    assert Api().post(REFRESH, {"refresh": successor["refresh"]}).status_code == 401
    (told,) = [vars(line) for line in caplog.records if line.getMessage() == "a refresh token was used again"]
    assert (told["levelname"], told["user"]) == ("WARNING", owner.pk)


def test_fault_21_a_logout_ends_access_and_refresh_at_once(as_owner: Api, owner: User) -> None:
    elsewhere = Api(owner)
    as_owner.get(PROFILE)

    as_owner.post("/api/v1/logout", {"refresh": as_owner.tokens.refresh})

    assert status(as_owner.tokens.access) == 401
    assert Api().post(REFRESH, {"refresh": as_owner.tokens.refresh}).status_code == 401
    assert status(elsewhere.tokens.access) == 200


def test_fault_21_logging_out_everywhere_ends_every_session(as_owner: Api, owner: User) -> None:
    devices = [as_owner, Api(owner), Api(owner)]

    as_owner.post("/api/v1/logout-all")

    assert [status(device.tokens.access) for device in devices] == [401] * 3
    assert [Api().post(REFRESH, {"refresh": device.tokens.refresh}).status_code for device in devices] == [401] * 3


def test_fault_21_a_new_password_ends_the_other_sessions(as_owner: Api, owner: User) -> None:
    elsewhere = Api(owner)
    body = {"current_password": factories.PASSWORD, "password": NEW_PASSWORD}

    changed = as_owner.post("/api/v1/password/change", body)

    assert changed.status_code == 204
    assert status(elsewhere.tokens.access) == 401
    assert Api().post(REFRESH, {"refresh": elsewhere.tokens.refresh}).status_code == 401
    assert status(as_owner.tokens.access) == 200


def test_fault_22_the_sixth_bad_login_of_an_account_is_too_many(
    anonymous: Api, owner: User, settings: Settings
) -> None:
    settings.RATE_LIMITS = True

    answers = [guess(anonymous) for _ in range(6)]
    right = anonymous.post(LOGIN, {"email": owner.email, "password": factories.PASSWORD})

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 0 < int(answers[5]["Retry-After"]) <= 180
    assert right.status_code == 429


def test_fault_22_a_made_up_origin_of_the_request_changes_nothing(
    anonymous: Api, owner: User, settings: Settings
) -> None:
    settings.RATE_LIMITS = True
    headers = ("X_Forwarded_For", "X_Real_IP", "Forwarded", "X_Client_IP", "True_Client_IP", "CF_Connecting_IP")

    answers = [guess(anonymous, **dict.fromkeys(headers, f"10.1.1.{number}")) for number in range(7)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2


def test_fault_22_forty_bad_logins_at_once_are_five(at_once: AtOnce, owner: User, settings: Settings) -> None:
    settings.RATE_LIMITS = True

    answers = at_once([partial(guess, Api())] * 40)

    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 35


def test_fault_23_a_long_password_counts_to_its_last_letter(anonymous: Api) -> None:
    password = "correct horse battery staple " * 4
    anonymous.post("/api/v1/register", {**factories.REGISTRATION, "password": password})

    def enter(tried: str) -> int:
        return anonymous.post(LOGIN, {"email": factories.REGISTRATION["email"], "password": tried}).status_code

    assert enter(password) == 200
    assert enter(password[:72] + "X" + password[73:]) == 401
    assert enter(password[:-1] + "X") == 401


@pytest.mark.parametrize("path", ["/api/v1/register", LOGIN])
def test_fault_23_a_password_of_more_than_128_letters_is_refused_unhashed(anonymous: Api, path: str) -> None:
    body = {**(factories.REGISTRATION if "register" in path else {"email": "a@example.org"}), "password": "aB3 " * 33}

    answer = anonymous.post(path, body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/password")


@pytest.mark.parametrize("password", ["password123", "1234567890", "qwertyuiop", "iloveyou12", "basketball"])
def test_fault_23_a_common_password_is_refused(anonymous: Api, password: str) -> None:
    answer = anonymous.post("/api/v1/register", {**factories.REGISTRATION, "password": password})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/password")


def test_fault_24_the_ids_of_somebody_else_lead_nowhere(world: World, as_stranger: Api) -> None:
    """Every operation, the admin and the socket are in `tests/architecture/test_ownership.py`."""
    asked = {name: (name.split(" ")[0], *question(world)) for name, question in THINGS.items()}

    answers = {
        name: as_stranger.request(method, f"/api/v1{path}", body).status_code
        for name, (method, path, body) in asked.items()
    }

    assert answers == dict.fromkeys(THINGS, 404)


def test_fault_25_an_unknown_email_costs_as_many_hashes_as_a_wrong_password(
    anonymous: Api, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = type(hashers.get_hasher())
    hashed: list[str] = []
    encode = hasher.encode

    def noted(*arguments: Any) -> str:
        hashed.append("once")
        return encode(*arguments)

    monkeypatch.setattr(hasher, "encode", noted)
    counts = []
    for email in (owner.email, "nobody@example.org"):
        hashed.clear()
        answer = guess(anonymous, email)
        counts.append((answer.status_code, answer.json()["code"], len(hashed)))

    assert counts == [(401, "invalid_credentials", 1)] * 2
