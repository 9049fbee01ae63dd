"""Tokens that somebody made who knows how ours look, and some that only we could have made and never would.

Invariant: each is refused like any other bad token; none is a defect.
"""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings

from tests.conftest import Api

Claims = dict[str, Any]
PATHS = ("/api/v1/profile", "/api/v1/jobs")  # one that the thin layer answers too, and one that it does not
OTHER_KEY = "k" * 64


def claims_of(api_client: Api) -> Claims:
    return dict(jwt.decode(api_client.tokens.access, options={"verify_signature": False}))


def kid_of(api_client: Api) -> str:
    return str(jwt.get_unverified_header(api_client.tokens.access)["kid"])


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def statuses(token: str) -> set[int]:
    return {Api().get(path, Authorization=f"Bearer {token}").status_code for path in PATHS}


def test_the_token_that_these_start_from_is_good(as_owner: Api) -> None:
    good = jwt.encode(claims_of(as_owner), settings.JWT_SIGNING_KEY, headers={"kid": kid_of(as_owner)})

    assert statuses(good) == {200}


@pytest.mark.parametrize(
    ("claim", "from_now", "status"),
    [
        ("iat", 3, 200),  # the clock of the machine that issued it is a little ahead
        ("nbf", 3, 200),
        ("iat", 60, 401),
        ("nbf", 60, 401),
        ("exp", 60, 200),
        ("exp", -1, 401),  # an end is an end
    ],
)
def test_clocks_may_differ_by_seconds_at_the_beginning_of_a_token_and_not_at_its_end(
    as_owner: Api, claim: str, from_now: int, status: int
) -> None:
    claims = {**claims_of(as_owner), claim: int(time.time()) + from_now}
    token = jwt.encode(claims, settings.JWT_SIGNING_KEY, headers={"kid": kid_of(as_owner)})

    assert statuses(token) == {status}


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_a_token_in_another_algorithm_is_refused(as_owner: Api, algorithm: str) -> None:
    token = jwt.encode(claims_of(as_owner), settings.JWT_SIGNING_KEY, algorithm=algorithm)

    assert statuses(token) == {401}


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "", "HS256 ", "RS256", None, 1, ["HS256"]])
def test_a_token_that_says_it_needs_no_signature_of_ours_is_refused(as_owner: Api, algorithm: object) -> None:
    token = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims_of(as_owner))}."

    assert statuses(token) == {401}


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "../../../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": ""},
        {"jwk": {"kty": "oct", "k": base64.urlsafe_b64encode(OTHER_KEY.encode()).decode()}},
        {"jku": "http://127.0.0.1/keys", "x5u": "http://127.0.0.1/keys"},
        {"crit": ["exp"]},
    ],
    ids=str,
)
def test_a_token_that_brings_its_own_key_is_refused(as_owner: Api, header: dict[str, Any]) -> None:
    token = jwt.encode(claims_of(as_owner), OTHER_KEY, headers={"kid": kid_of(as_owner)} | header)

    assert statuses(token) == {401}


@pytest.mark.parametrize("kid", [1, None, [], {}, True])
def test_a_key_s_name_that_is_no_text_is_refused(as_owner: Api, kid: object) -> None:
    assert statuses(f"{part({'alg': 'HS256', 'kid': kid})}.{part(claims_of(as_owner))}.AAAA") == {401}


@pytest.mark.parametrize(
    "change",
    [
        lambda good: good | {"sid": "nobody's"},
        lambda good: good | {"sid": None},
        lambda good: good | {"sid": [good["sid"]]},
        lambda good: good | {"sid": good["sid"].upper().replace("-", "")},
        lambda good: good | {"user_id": str(good["user_id"])},
        lambda good: good | {"user_id": {"gt": 0}},
        lambda good: good | {"user_id": 10**30},
        lambda good: good | {"user_id": good["user_id"] + 1},
        lambda good: good | {"exp": 10**18},
        lambda good: good | {"exp": "never"},
        lambda good: good | {"nbf": int(time.time()) + 3600},
        lambda good: {key: value for key, value in good.items() if key != "exp"},
        lambda good: {key: value for key, value in good.items() if key != "token_type"},
    ],
)
def test_a_signed_token_with_claims_that_we_never_write_is_refused_and_no_defect(
    as_owner: Api, change: Callable[[Claims], Claims]
) -> None:
    token = jwt.encode(change(claims_of(as_owner)), settings.JWT_SIGNING_KEY, headers={"kid": kid_of(as_owner)})

    assert statuses(token) == {401}


@pytest.mark.parametrize("scheme", ["Bearer ", "Basic", "Token", "Bearer,"])
def test_only_one_bearer_token_is_taken(as_owner: Api, scheme: str) -> None:
    answers = {
        Api().get(path, Authorization=f"{scheme} {as_owner.tokens.access}{tail}").status_code
        for path in PATHS
        for tail in ("", " x", ",Bearer x")
    }

    assert answers == {401}
