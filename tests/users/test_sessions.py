"""The life of a session: access, refresh with its grace, reuse and logout."""

import datetime as dt
import re
import uuid
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.utils import timezone

from config.api import api
from tests import factories
from tests.conftest import Api
from users import auth, services
from users.models import Event, Session, User

REFRESH = "/api/v1/token/refresh"
PROFILE = "/api/v1/profile"


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed(claims: dict[str, Any], key: str = "", algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key or settings.JWT_SIGNING_KEY, algorithm=algorithm)


def open_session(user: User, *, at: dt.datetime | None = None) -> tuple[Session, auth.Tokens]:
    now = at or timezone.now()
    session = Session.objects.create(user=user, created_at=now, rotated_at=now)
    return session, auth.issue(session, now=now)


def access(api_client: Api, token: str) -> int:
    return api_client.client.get(PROFILE, headers={"Authorization": f"Bearer {token}"}).status_code


FORGERIES: dict[str, Any] = {
    "expired": lambda claims: signed({**claims, "exp": 1}),
    "another key": lambda claims: signed(claims, key="another key of more than thirty-two characters"),
    "no signature": lambda claims: jwt.encode(claims, "", algorithm="none"),
    "another algorithm": lambda claims: signed(claims, key=settings.JWT_SIGNING_KEY * 2, algorithm="HS512"),
    "another audience": lambda claims: signed({**claims, "aud": "elsewhere"}),
    "another issuer": lambda claims: signed({**claims, "iss": "elsewhere"}),
    "no audience": lambda claims: signed({name: value for name, value in claims.items() if name != "aud"}),
    "no session": lambda claims: signed({name: value for name, value in claims.items() if name != "sid"}),
    "a session that is not": lambda claims: signed({**claims, "sid": str(uuid.uuid4())}),
    "another person's session": lambda claims: signed({**claims, "user_id": claims["user_id"] + 1}),
    "a refresh token's type": lambda claims: signed({**claims, "token_type": "refresh"}),
    "no token": lambda claims: "",
    "garbage": lambda claims: "a.b.c",
    "letters that no token has": lambda claims: "é\x80",
}
NOT_OF_A_REFRESH_TOKEN = ("a refresh token's type", "another person's session", "no token")


def test_the_token_that_the_forgeries_start_from_is_good(as_owner: Api) -> None:
    again = signed(claims_of(as_owner.tokens.access))

    assert access(as_owner, again) == 200


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_bad_access_token_is_an_authentication_error_that_says_no_more(
    as_owner: Api, stranger: User, forgery: str
) -> None:
    token = FORGERIES[forgery](claims_of(as_owner.tokens.access))

    answer = as_owner.client.get(PROFILE, headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert (answer.json()["code"], answer.json()["detail"]) == ("unauthorized", "A valid access token is needed.")


@pytest.mark.parametrize("header", ["", "Basic b3duZXI6cHc=", "Bearer", "Token abc", "bearer"])
def test_another_scheme_is_an_authentication_error_too(anonymous: Api, header: str) -> None:
    answer = anonymous.get(PROFILE, Authorization=header)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_every_operation_but_those_for_who_cannot_sign_in_asks_for_a_token_before_anything_else(
    anonymous: Api,
) -> None:
    answers = {
        f"{method.upper()} {path}": anonymous.request(method.upper(), re.sub(r"{\w+}", "no-id", path)).status_code
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method in operations
    }

    open_to_all = {name for name, status in answers.items() if status != 401}
    assert open_to_all == {
        "POST /api/v1/register",
        "POST /api/v1/login",
        f"POST {REFRESH}",
        "POST /api/v1/email/verify",
        "POST /api/v1/email/verify/confirm",
        "POST /api/v1/password/reset",
        "POST /api/v1/password/reset/confirm",
    }


def test_a_refresh_gives_a_new_pair_and_the_new_one_works(anonymous: Api, owner: User) -> None:
    _, first = open_session(owner)

    answer = anonymous.post(REFRESH, {"refresh": first.refresh})

    second = answer.json()
    assert answer.status_code == 200
    assert second["refresh"] != first.refresh
    assert access(anonymous, second["access"]) == 200
    assert anonymous.post(REFRESH, {"refresh": second["refresh"]}).status_code == 200


def test_a_refresh_whose_answer_got_lost_may_be_asked_for_again_within_the_grace(owner: User) -> None:
    _, first = open_session(owner)
    now = timezone.now()

    once = services.refresh(token=first.refresh, now=now)
    again = services.refresh(token=first.refresh, now=now + settings.REFRESH_GRACE - dt.timedelta(seconds=1))

    assert again.refresh == once.refresh


def test_a_refresh_token_used_again_after_the_grace_ends_its_whole_session(as_owner: Api, owner: User) -> None:
    session, first = open_session(owner)
    now = timezone.now()
    second = services.refresh(token=first.refresh, now=now)

    with pytest.raises(services.TokenReused):
        services.refresh(token=first.refresh, now=now + settings.REFRESH_GRACE)

    assert access(as_owner, second.access) == 401
    assert as_owner.post(REFRESH, {"refresh": second.refresh}).status_code == 401
    assert access(as_owner, as_owner.tokens.access) == 200  # the other device stays
    revoked = Event.objects.get(user=owner, type="session.revoked")
    assert revoked.data == {"session_id": str(session.pk)}


def test_a_token_of_two_refreshes_ago_is_a_reuse_even_within_the_grace(anonymous: Api, owner: User) -> None:
    _, first = open_session(owner)
    second = anonymous.post(REFRESH, {"refresh": first.refresh}).json()
    anonymous.post(REFRESH, {"refresh": second["refresh"]})

    answer = anonymous.post(REFRESH, {"refresh": first.refresh})

    assert (answer.status_code, answer.json()["code"]) == (401, "token_reused")


@pytest.mark.parametrize("forgery", [name for name in FORGERIES if name not in NOT_OF_A_REFRESH_TOKEN])
def test_a_bad_refresh_token_is_an_authentication_error(anonymous: Api, owner: User, forgery: str) -> None:
    _, tokens = open_session(owner)

    answer = anonymous.post(REFRESH, {"refresh": FORGERIES[forgery](claims_of(tokens.refresh))})

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_an_access_token_is_no_refresh_token(as_owner: Api) -> None:
    answer = as_owner.post(REFRESH, {"refresh": as_owner.tokens.access})

    assert answer.status_code == 401


def test_the_next_request_of_a_deactivated_person_is_refused(as_owner: Api, owner: User) -> None:
    as_owner.get(PROFILE)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert access(as_owner, as_owner.tokens.access) == 401
    assert as_owner.post(REFRESH, {"refresh": as_owner.tokens.refresh}).status_code == 401


def test_the_next_request_of_a_deleted_person_is_refused(as_owner: Api, owner: User) -> None:
    as_owner.get(PROFILE)
    owner.delete()

    assert access(as_owner, as_owner.tokens.access) == 401
    assert as_owner.post(REFRESH, {"refresh": as_owner.tokens.refresh}).status_code == 401


def test_logout_ends_this_session_at_once_and_no_other(as_owner: Api, owner: User) -> None:
    _, elsewhere = open_session(owner)

    answer = as_owner.post("/api/v1/logout", {"refresh": as_owner.tokens.refresh})

    assert (answer.status_code, answer.content) == (204, b"")
    assert access(as_owner, as_owner.tokens.access) == 401
    assert as_owner.post(REFRESH, {"refresh": as_owner.tokens.refresh}).status_code == 401
    assert access(as_owner, elsewhere.access) == 200
    assert Event.objects.filter(user=owner, type="session.revoked").count() == 1


def test_ending_a_session_that_has_ended_is_fine_and_tells_nobody_again(as_owner: Api, owner: User) -> None:
    _, elsewhere = open_session(owner)

    answers = [as_owner.post("/api/v1/logout", {"refresh": elsewhere.refresh}).status_code for _ in range(2)]

    assert answers == [204, 204]
    assert Event.objects.filter(user=owner, type="session.revoked").count() == 1


def test_nobody_ends_the_session_of_somebody_else(as_owner: Api, as_stranger: Api) -> None:
    answer = as_stranger.post("/api/v1/logout", {"refresh": as_owner.tokens.refresh})

    assert answer.status_code == 401
    assert access(as_owner, as_owner.tokens.access) == 200


@pytest.mark.parametrize(
    "body", [{}, {"refresh": ""}, {"refresh": 1}, {"refresh": "x" * 2001}, {"refresh": "x", "all": True}]
)
def test_a_refresh_that_makes_no_sense_is_refused(anonymous: Api, body: dict[str, Any]) -> None:
    assert anonymous.post(REFRESH, body).status_code == 422


def test_an_access_token_lives_ten_minutes_and_a_refresh_token_thirty_days(owner: User) -> None:
    now = timezone.now().replace(microsecond=0)
    _, tokens = open_session(owner, at=now)

    lives = [claims_of(token)["exp"] - now.timestamp() for token in (tokens.access, tokens.refresh)]

    assert lives == [10 * 60, 30 * 24 * 3600]
    assert tokens.expires_in == lives[0]


def test_a_session_may_listen_while_it_lives(owner: User, stranger: User) -> None:
    session, tokens = open_session(owner)

    before = services.is_live(owner.pk, session.pk)
    services.logout(token=tokens.refresh, user_id=owner.pk, now=timezone.now())

    assert before is True
    assert services.is_live(stranger.pk, session.pk) is False
    assert services.is_live(owner.pk, session.pk) is False


def test_a_deactivated_person_may_not_listen(owner: User) -> None:
    session, _ = open_session(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert services.is_live(owner.pk, session.pk) is False


def test_a_person_s_password_is_not_in_their_tokens(anonymous: Api) -> None:
    tokens = anonymous.post("/api/v1/register", factories.REGISTRATION).json()

    names = set(claims_of(tokens["access"])) | set(claims_of(tokens["refresh"]))

    assert names == {"token_type", "exp", "iat", "jti", "user_id", "sid", "aud", "iss", "ctr"}
