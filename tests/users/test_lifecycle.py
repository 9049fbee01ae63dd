"""Addresses confirmed and changed, passwords reset and changed, and that asking tells nobody who has an account."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config import settings_test
from tests import factories
from tests.conftest import Api
from tests.users.smtp_server import Mailbox
from users import letters
from users.models import Letter, LetterKind, User

API = "/api/v1"
NEW = "four blue kettles sing"
NEW_ADDRESS = "olga@example.net"
TokenTo = Callable[[str], str]
Post = Callable[[], Mailbox]


def login(email: str, password: str) -> int:
    return Api().post(f"{API}/login", {"email": email, "password": password}).status_code


def is_in(api: Api) -> bool:
    return api.get(f"{API}/profile").status_code == 200


def invalid_token(answer: Any) -> bool:
    """Say whether an answer refuses the token, and nothing else."""
    problem = answer.json()
    found = [(entry["pointer"], entry["code"]) for entry in problem["errors"]]
    return (answer.status_code, problem["code"], found) == (422, "token_invalid", [("/token", "token_invalid")])


# --- what can be asked by address alone --------------------------------------------------------------


@pytest.mark.parametrize("path", ["/password/reset", "/email/verify"])
def test_an_unknown_address_gets_the_same_answer_after_the_same_work(anonymous: Api, owner: User, path: str) -> None:
    verified = factories.user(email="verified@example.org", is_email_verified=True)
    closed = factories.user(email="closed@example.org", is_active=False)
    seen = []

    for email in (owner.email, verified.email, closed.email, "nobody@example.org"):
        with CaptureQueriesContext(connection) as captured:
            answer = anonymous.post(f"{API}{path}", {"email": email})
        work = [query["sql"].split()[0] for query in captured]
        seen.append((answer.status_code, answer.content, sorted(set(answer.headers)), work))

    assert seen[0][0] == 202
    assert seen == [seen[0]] * 4
    assert Letter.objects.count() == 4


def test_asking_hashes_no_password(anonymous: Api, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash for one of them alone would be heard."""
    monkeypatch.setattr(settings_test.QuickBCryptHasher, "encode", lambda *_: pytest.fail("hashed"))

    assert anonymous.post(f"{API}/password/reset", {"email": owner.email}).status_code == 202


@pytest.mark.parametrize("spelling", ["OWNER@example.org", " owner@EXAMPLE.org", "ｏｗｎｅｒ@example.org"])
def test_an_address_is_found_however_it_is_written(anonymous: Api, owner: User, post: Post, spelling: str) -> None:
    anonymous.post(f"{API}/password/reset", {"email": spelling})

    assert [letter["To"] for letter in post().letters] == [owner.email]


# --- confirming an address ----------------------------------------------------------------------------


def test_an_address_is_confirmed_by_the_letter_that_registration_sends(anonymous: Api, token_to: TokenTo) -> None:
    person = anonymous.post(f"{API}/register", factories.REGISTRATION).json()
    bearer = {"Authorization": f"Bearer {person['access']}"}
    assert anonymous.get(f"{API}/profile", **bearer).json()["is_email_verified"] is False

    answer = anonymous.post(f"{API}/email/verify/confirm", {"token": token_to("ada@example.org")})

    assert (answer.status_code, answer.content) == (204, b"")
    assert anonymous.get(f"{API}/profile", **bearer).json()["is_email_verified"] is True


def test_who_has_confirmed_gets_no_more_letters(anonymous: Api, owner: User, token_to: TokenTo, post: Post) -> None:
    anonymous.post(f"{API}/email/verify", {"email": owner.email})
    anonymous.post(f"{API}/email/verify/confirm", {"token": token_to(owner.email)})

    anonymous.post(f"{API}/email/verify", {"email": owner.email})

    assert len(post().letters) == 1


@pytest.mark.parametrize("path", ["/password/reset", "/email/verify"])
def test_a_letter_to_an_earlier_address_opens_nothing(
    anonymous: Api, owner: User, token_to: TokenTo, path: str
) -> None:
    anonymous.post(f"{API}{path}", {"email": owner.email})
    token = token_to(owner.email)
    User.objects.filter(pk=owner.pk).update(email="elsewhere@example.org")  # by staff, say

    answer = anonymous.post(f"{API}{path}/confirm", confirmations(token)[f"{path}/confirm"])

    assert invalid_token(answer)
    assert User.objects.get(pk=owner.pk).is_email_verified is False


# --- tokens -------------------------------------------------------------------------------------------


def confirmations(token: str) -> dict[str, dict[str, str]]:
    return {
        "/password/reset/confirm": {"token": token, "password": NEW},
        "/email/verify/confirm": {"token": token},
    }


@pytest.mark.parametrize("path", ["/password/reset/confirm", "/email/verify/confirm"])
def test_a_token_works_once(anonymous: Api, owner: User, token_to: TokenTo, path: str) -> None:
    anonymous.post(f"{API}{path.removesuffix('/confirm')}", {"email": owner.email})
    body = confirmations(token_to(owner.email))[path]

    first, second = (anonymous.post(f"{API}{path}", body) for _ in range(2))

    assert first.status_code == 204
    assert invalid_token(second)


@pytest.mark.parametrize("path", ["/password/reset/confirm", "/email/verify/confirm"])
def test_a_token_of_another_kind_is_refused(anonymous: Api, owner: User, token_to: TokenTo, path: str) -> None:
    for request in ("/password/reset", "/email/verify"):
        if not path.startswith(request):
            anonymous.post(f"{API}{request}", {"email": owner.email})

    assert invalid_token(anonymous.post(f"{API}{path}", confirmations(token_to(owner.email))[path]))


@pytest.mark.parametrize(
    ("kind", "life"),
    [(LetterKind.RESET_PASSWORD, dt.timedelta(hours=1)), (LetterKind.VERIFY_EMAIL, dt.timedelta(days=3))],
)
def test_a_token_expires(anonymous: Api, owner: User, token_to: TokenTo, kind: LetterKind, life: dt.timedelta) -> None:
    letters.write(kind, to=owner.email, now=timezone.now())
    token = token_to(owner.email)
    letter = Letter.objects.get()
    path = "/password/reset/confirm" if kind == LetterKind.RESET_PASSWORD else "/email/verify/confirm"

    Letter.objects.update(expires_at=timezone.now())

    assert letter.expires_at - letter.created_at == life
    assert invalid_token(anonymous.post(f"{API}{path}", confirmations(token)[path]))


@pytest.mark.parametrize("token", ["x", "x" * 43, "é" * 43, "' OR 1=1 --", " "])
def test_a_guess_is_refused(anonymous: Api, owner: User, token: str) -> None:
    assert invalid_token(anonymous.post(f"{API}/email/verify/confirm", {"token": token}))


def test_a_token_of_a_closed_account_is_refused(anonymous: Api, owner: User, token_to: TokenTo) -> None:
    anonymous.post(f"{API}/password/reset", {"email": owner.email})
    body = {"token": token_to(owner.email), "password": NEW}

    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert invalid_token(anonymous.post(f"{API}/password/reset/confirm", body))


# --- a new password -----------------------------------------------------------------------------------


def test_a_reset_password_opens_the_account_and_ends_every_session(
    as_owner: Api, owner: User, token_to: TokenTo, post: Post
) -> None:
    as_owner.post(f"{API}/password/reset", {"email": owner.email})

    answer = Api().post(f"{API}/password/reset/confirm", {"token": token_to(owner.email), "password": NEW})

    assert (answer.status_code, answer.content) == (204, b"")
    assert (login(owner.email, NEW), login(owner.email, factories.PASSWORD)) == (200, 401)
    assert not is_in(as_owner)
    assert as_owner.post(f"{API}/token/refresh", {"refresh": as_owner.tokens.refresh}).status_code == 401
    assert post().to(owner.email)[-1]["Subject"] == "Your password was changed"
    assert User.objects.get(pk=owner.pk).is_email_verified is True


@pytest.mark.parametrize("weak", ["short", "qwertyuiop", "8675309867530", "owner@example.org", "x" * 129])
def test_a_weak_new_password_is_refused_and_the_token_stays_good(
    anonymous: Api, owner: User, token_to: TokenTo, weak: str
) -> None:
    anonymous.post(f"{API}/password/reset", {"email": owner.email})
    token = token_to(owner.email)

    refused = anonymous.post(f"{API}/password/reset/confirm", {"token": token, "password": weak})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/password")
    assert anonymous.post(f"{API}/password/reset/confirm", {"token": token, "password": NEW}).status_code == 204


def test_a_new_password_makes_every_letter_that_could_change_it_useless(
    as_owner: Api, owner: User, token_to: TokenTo
) -> None:
    for _ in range(2):
        as_owner.post(f"{API}/password/reset", {"email": owner.email})
    token_to(owner.email)
    tokens = [letters.token_of(pk) for pk in Letter.objects.values_list("pk", flat=True)]
    as_owner.post(f"{API}/email/change", {"email": NEW_ADDRESS, "password": factories.PASSWORD})
    tokens.append(token_to(NEW_ADDRESS))

    as_owner.post(f"{API}/password/change", {"current_password": factories.PASSWORD, "password": NEW})

    for token in tokens:
        for path, body in confirmations(token).items():
            assert invalid_token(Api().post(f"{API}{path}", body))


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(as_owner: Api, owner: User, post: Post) -> None:
    phone = Api(owner)
    phone.get(f"{API}/profile")

    answer = as_owner.post(f"{API}/password/change", {"current_password": factories.PASSWORD, "password": NEW})

    assert (answer.status_code, answer.content) == (204, b"")
    assert (is_in(as_owner), is_in(phone)) == (True, False)
    assert as_owner.post(f"{API}/token/refresh", {"refresh": as_owner.tokens.refresh}).status_code == 200
    assert phone.post(f"{API}/token/refresh", {"refresh": phone.tokens.refresh}).status_code == 401
    assert (login(owner.email, NEW), login(owner.email, factories.PASSWORD)) == (200, 401)
    assert [letter["Subject"] for letter in post().letters] == ["Your password was changed"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/password/change", {"current_password": "wrong password", "password": NEW}),
        ("POST", "/email/change", {"email": NEW_ADDRESS, "password": "wrong password"}),
        ("DELETE", "/profile", {"password": "wrong password"}),
    ],
)
def test_what_matters_most_needs_the_password_again(
    as_owner: Api, owner: User, method: str, path: str, body: dict[str, str]
) -> None:
    answer = as_owner.request(method, f"{API}{path}", body)

    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_password")
    assert is_in(as_owner)
    assert not Letter.objects.exists()
    assert login(owner.email, factories.PASSWORD) == 200


def test_a_weak_password_is_refused_in_a_change_too(as_owner: Api, owner: User) -> None:
    body = {"current_password": factories.PASSWORD, "password": "Olga Owner 1"}

    answer = as_owner.post(f"{API}/password/change", body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "password_too_similar")
    assert login(owner.email, factories.PASSWORD) == 200
