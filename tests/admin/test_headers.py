"""What browsers are told with every answer, by the product alone and through nginx: each once, and nothing too much."""

from collections.abc import Iterator
from http.client import HTTPMessage

import pytest
from django.test import Client
from pytest_django import Settings

from config import headers
from tests.config.test_settings import answer as in_production
from tests.conftest import Api
from tests.deploy import running, ways_in
from tests.product import Stack

NOTHING = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": headers.PERMISSIONS,
}
ANSWERS = {  # one of every kind: method, path, status
    "the page": ("GET", "/", 200),
    "the docs": ("GET", "/api/v1/docs", 200),
    "the document": ("GET", "/api/v1/openapi.json", 200),
    "a refusal": ("GET", "/api/v1/profile", 401),
    "a wrong method": ("DELETE", "/api/v1/login", 405),
    "no path": ("GET", "/nope", 404),
    "a wrong body": ("POST", "/api/v1/login", 415),
    "the admin's door": ("GET", "/admin/login/", 200),
    "a page of the admin": ("GET", "/admin/users/user/", 302),
    "a static file": ("GET", "/static/css/base.css", 200),
    "a probe": ("GET", "/healthz", 200),
}
KINDS = pytest.mark.parametrize("kind", ANSWERS)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running.stack() as started:
        yield started


@pytest.fixture(scope="module")
def ports(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """The ways to the product: straight, and through nginx."""
    with ways_in.nginx(tmp_path_factory.mktemp("nginx"), stack.port) as before:
        yield {"straight": stack.port, "nginx": before.port}


def policy(text: str) -> dict[str, str]:
    return {name: sources for name, _, sources in (part.partition(" ") for part in text.split("; "))}


@KINDS
@pytest.mark.parametrize("way", ["straight", "nginx"])
def test_every_answer_has_each_header_once(ports: dict[str, int], way: str, kind: str) -> None:
    method, path, expected = ANSWERS[kind]

    status, found, _ = running.ask(ports[way], method, path, b"{}" if method == "POST" else None)

    assert status == expected
    assert told(found) == {name: [value] for name, value in ALWAYS.items()}
    assert len(found.get_all("Content-Security-Policy") or []) == 1
    assert found.get_all("Server") in (None, ["nginx"], ["daphne"])


REFUSED_UNSEEN = {  # by the server, before any middleware: method, path, body, status
    "a path that is too long": ("GET", "/" + "a" * 20_000, None, 414),
    "a body that is too large": ("POST", "/api/v1/login", bytes(2 * 1024 * 1024), 413),
    "a body that the API does not take": ("POST", "/api/v1/login", bytes(70 * 1024), 413),
}


@pytest.mark.parametrize("kind", REFUSED_UNSEEN)
def test_what_the_server_refuses_by_itself_has_each_header_once_too(ports: dict[str, int], kind: str) -> None:
    method, path, body, expected = REFUSED_UNSEEN[kind]

    status, found, _ = running.ask(ports["straight"], method, path, body)

    assert status == expected
    assert told(found) == {name: [value] for name, value in ALWAYS.items()}
    (said,) = found.get_all("Content-Security-Policy") or []
    assert policy(said) == NOTHING


def test_behind_tls_the_server_s_own_refusals_ask_for_it_too() -> None:
    code = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from config import body
print(json.dumps(body.refusal(body.BodyTooLarge())["Strict-Transport-Security"]))
"""

    assert in_production(code, BEHIND_TLS_PROXY="1") == "max-age=31536000; includeSubDomains; preload"


def told(found: HTTPMessage) -> dict[str, list[str]]:
    return {name: found.get_all(name) or [] for name in ALWAYS}


@KINDS
def test_only_pages_may_load_anything(client: Client, db: None, kind: str) -> None:
    method, path, _ = ANSWERS[kind]

    answer = client.generic(method, path)
    answer.close()  # a static file is one that is open

    found = policy(answer["Content-Security-Policy"])
    assert found.items() >= {name: NOTHING[name] for name in ("default-src", "base-uri", "frame-ancestors")}.items()
    is_page = kind in {"the page", "the docs", "the admin's door", "a page of the admin"}
    assert (set(found) > set(NOTHING)) is is_page


@pytest.mark.parametrize("path", ["/", "/api/v1/docs", "/admin/login/"])
def test_no_page_runs_what_stands_in_it_or_asks_others(client: Client, db: None, path: str) -> None:
    found = policy(client.get(path)["Content-Security-Policy"])

    sources = {source for each in found.values() for source in each.split()}
    assert found["script-src"] == found["style-src"] == "'self'"
    assert sources <= {"'none'", "'self'", "data:", "ws://testserver", "wss://testserver"}
    assert ("data:" in sources) is (path == "/api/v1/docs")


def test_the_page_may_open_the_socket_of_its_own_host_alone(client: Client) -> None:
    found = policy(client.get("/", headers={"host": "localhost:8123"})["Content-Security-Policy"])

    assert found["connect-src"].split() == ["'self'", "ws://localhost:8123", "wss://localhost:8123"]


def test_a_foreign_host_gets_into_no_policy(client: Client) -> None:
    client.raise_request_exception = False

    answer = client.get("/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "evil" not in answer["Content-Security-Policy"]


def test_the_page_says_its_policy_in_the_header_alone(client: Client) -> None:
    assert "Content-Security-Policy" not in client.get("/").content.decode()


def test_a_wrong_method_keeps_what_other_answers_have(anonymous: Api, settings: Settings) -> None:
    settings.RATE_LIMITS = True

    answer = anonymous.request("DELETE", "/api/v1/login")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "RateLimit" in answer.headers
    assert answer["Content-Type"] == "application/problem+json"


def test_production_asks_browsers_to_come_by_tls_alone(settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD = 60, True, True
    code = """
names = ["SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
         "SESSION_COOKIE_HTTPONLY", "SECURE_SSL_REDIRECT", "STAFF_TOTP"]
from django.conf import global_settings
print(json.dumps([getattr(settings, name, getattr(global_settings, name, None)) for name in names]))
"""

    answer = Client().get("/", secure=True)

    assert answer["Strict-Transport-Security"] == "max-age=60; includeSubDomains; preload"
    assert in_production(code, STAFF_TOTP="0") == [31_536_000, True, True, True, True, True, True]
