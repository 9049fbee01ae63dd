"""What somebody tries who means harm and knows the field's tricks: at the edges that no single app owns.

Invariant: each trick is answered like a mistake, and leaves nothing behind.
"""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.conftest import Api
from tests.faults import doors
from users.models import User

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "users", "mealplans", "workouts", "progress", "ai", "workers")
SOURCES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text())
    for name in PACKAGES
    for path in sorted((ROOT / name).rglob("*.py"))
    if "migrations" not in path.parts
}
MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
FOREIGN = "https://evil.example"
WEAK = {"md5", "sha1", "new"}  # of hashlib; `new` takes a name
READ = [name for name in doors.OPERATIONS if name.startswith("GET ")]


def calls() -> list[tuple[str, str, ast.Call]]:
    """Return each call of the product's own source: file, what is called as it is written, the call."""
    return [
        (file, ast.unparse(node.func), node)
        for file, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def named(*names: str) -> set[tuple[str, str]]:
    return {(file, called) for file, called, _ in calls() if called.rpartition(".")[2] in names}


def is_built(text: ast.expr) -> bool:
    """Say whether a text is put together of anything but constants of ours."""
    if isinstance(text, ast.JoinedStr):
        return not all(
            ast.unparse(part.value).isupper() for part in text.values if isinstance(part, ast.FormattedValue)
        )
    return isinstance(text, ast.BinOp) or (isinstance(text, ast.Call) and ast.unparse(text.func).endswith("'.format"))


def test_no_sql_is_put_together_from_text() -> None:
    asked = {"execute", "executemany", "raw", "extra", "RawSQL"}
    questions = [(file, call) for file, called, call in calls() if called.rpartition(".")[2] in asked and call.args]

    assert questions
    assert {(file, ast.unparse(call)) for file, call in questions if is_built(call.args[0])} == set()


def test_nothing_is_evaluated() -> None:
    modules = {
        (file, alias.name)
        for file, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in [*node.names, ast.alias(getattr(node, "module", None) or "")]
        if alias.name.split(".")[0] in {"pickle", "marshal", "shelve", "yaml", "dill"}
    }

    assert {
        (file, called) for file, called, _ in calls() if called in {"eval", "exec", "compile", "__import__"}
    } == set()
    assert modules == set()


def test_no_template_and_no_markup_is_made_of_text() -> None:
    made = named("Template", "from_string", "SafeString", "SafeText", "mark_safe", "format_html")

    assert made == {("config/admin_site.py", "mark_safe")}  # a picture that we draw ourselves


def test_no_text_but_ours_is_a_format() -> None:
    """What is filled in stands in the code: in place, or under a name in capitals, or as SQL made of identifiers."""
    ours = re.compile(r"'|[A-Z_]+(\.|\[|$)|sql\.SQL\(")
    formats = [
        (file, ast.unparse(call.func.value))
        for file, called, call in calls()
        if called.rpartition(".")[2] in {"format", "format_map"} and isinstance(call.func, ast.Attribute)
    ]
    lines = [
        (file, ast.unparse(call.args[0]))
        for file, called, call in calls()
        if called.startswith("log.") and not isinstance(call.args[0], ast.Constant)
    ]

    assert formats
    assert [(file, text) for file, text in formats if not ours.match(text)] == []
    assert lines == []


def test_no_program_is_started_through_a_shell() -> None:
    shells = {
        (file, called)
        for file, called, call in calls()
        if called in {"os.system", "os.popen"}
        or any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in call.keywords)
    }

    assert shells == set()


def test_no_broken_hash_is_used() -> None:
    assert {(file, called) for file, called in named(*WEAK) if called.startswith("hashlib.")} == set()


def test_nobody_but_the_settings_says_where_a_question_goes() -> None:
    """No field and no parameter of the API is an address that a server would then call."""
    schemas = doors.DOCUMENT["components"]["schemas"]
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"].get("$ref", "").rsplit("/", 1)[-1]
        for operation in doors.WITH_JSON.values()
    }
    fields = {field for name in bodies for field in schemas.get(name, {}).get("properties", {})}
    fields |= {one["name"] for operation in doors.OPERATIONS.values() for one in operation.get("parameters", [])}

    assert len(fields) > 30
    assert {field for field in fields if re.search(r"(^|_)(ur[li]|host|webhook|callback|address)", field)} == set()


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_other_origin_is_let_in_by_cors(as_owner: Api, name: str, method: str) -> None:
    asked = {
        "Origin": FOREIGN,
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "authorization",
    }

    answer = as_owner.request(method, doors.address(name)[1], **asked)

    assert [header for header in answer.headers if header.lower().startswith("access-control-")] == []


@pytest.mark.parametrize("header", ["X_HTTP_Method_Override", "X_Method_Override", "X_HTTP_Method"])
def test_no_header_makes_another_method_of_one(as_owner: Api, owner: User, header: str) -> None:
    answer = as_owner.post("/api/v1/profile", {"password": factories.PASSWORD}, **{header: "DELETE"})

    assert answer.status_code == 405
    assert User.objects.filter(pk=owner.pk).exists()


@pytest.mark.parametrize(
    "header", ["X_Original_URL", "X_Rewrite_URL", "X_Forwarded_Prefix", "X_Script_Name", "Script_Name"]
)
def test_no_header_makes_another_path_of_one(anonymous: Api, header: str) -> None:
    answer = anonymous.get("/healthz", **{header: "/metrics"})

    assert answer.json() == anonymous.get("/healthz").json()


@pytest.mark.parametrize("header", ["X_Forwarded_Host", "Forwarded", "X_Host"])
def test_no_header_leads_anybody_to_another_host(anonymous: Api, header: str) -> None:
    answer = anonymous.get("/admin/", **{header: "evil.example"})

    assert "evil.example" not in answer.headers.get("Location", "")
    assert b"evil.example" not in answer.content


@pytest.mark.parametrize(
    "goal",
    [
        FOREIGN,
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "\thttps://evil.example",
    ],
)
def test_the_admins_login_leads_nowhere_else(staff: User, goal: str) -> None:
    browser = Client()

    answer = browser.post("/admin/login/", {"username": staff.email, "password": factories.PASSWORD, "next": goal})
    while answer.status_code in {301, 302}:
        assert answer["Location"].startswith("/")
        assert not answer["Location"].startswith(("//", "/\\"))
        if not answer["Location"].startswith("/admin/second-factor"):
            return
        answer = browser.get(answer["Location"])


def test_a_name_full_of_markup_is_shown_as_text_in_the_admin(as_staff: Client) -> None:
    person = factories.user(email="markup@example.org", name=MARKUP, disliked_foods=["<b>nuts</b>"])

    pages = [as_staff.get("/admin/users/user/"), as_staff.get(f"/admin/users/user/{person.pk}/change/")]
    texts = [page.content.decode() for page in pages]

    assert [page.status_code for page in pages] == [200, 200]
    assert any("&lt;script&gt;" in text for text in texts)
    assert all("<script>alert(1)" not in text and "<img src=x" not in text and "<b>nuts" not in text for text in texts)


WEB = ROOT / "web"
PAGE = (WEB / "templates" / "index.html").read_text()
SCRIPTS = {path.name: path.read_text() for path in (WEB / "static" / "js").rglob("*.js")}


def test_no_page_needs_a_plug_in() -> None:
    pages = [PAGE, *(path.read_text() for path in ROOT.glob("config/templates/**/*.html"))]

    assert len(pages) > 5
    assert [page for page in pages if re.search(r"<(object|embed|applet|bgsound)\b|x-java|activex", page, re.I)] == []


@pytest.mark.parametrize("path", ["/admin/", "/admin/users/user/", "/admin/users/user/add/"])
def test_signing_out_is_in_sight(as_staff: Client, path: str) -> None:
    page = as_staff.get(path).content.decode()

    assert re.search(r'<form[^>]* action="/admin/logout/"', page)
    assert re.search(r'<button[^>]* id="sign-out"[^>]*>Sign out</button>', PAGE)
    assert '"#sign-out"' in "".join(SCRIPTS.values())


@pytest.mark.parametrize("path", ["/static/", "/static/css/", "/static/admin/", "/static/../config/", "/api/v1/"])
def test_no_folder_is_listed(as_owner: Api, path: str) -> None:
    assert as_owner.get(path).status_code == 404


@pytest.mark.parametrize("name", READ)
def test_reading_writes_nothing(as_owner: Api, name: str) -> None:
    path = doors.address(name)[1]

    with CaptureQueriesContext(connection) as asked:
        answer = as_owner.get(f"{path}?from=2026-03-02&to=2026-03-03" if "plans" in path or "list" in path else path)

    verbs = {query["sql"].lstrip().split(maxsplit=1)[0].upper() for query in asked}
    assert answer.status_code in {200, 404, 422}
    assert verbs & {"INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"} == set()


def test_nobody_is_asked_for_the_name_of_their_first_pet() -> None:
    schemas = doors.DOCUMENT["components"]["schemas"]
    fields = {field for schema in schemas.values() for field in schema.get("properties", {})}

    assert len(fields) > 50
    assert {field for field in fields if re.search(r"question|answer|hint|maiden|birth|secret", field)} == set()


def test_the_page_writes_text_as_text() -> None:
    dangerous = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"

    assert SCRIPTS
    assert {name for name, text in SCRIPTS.items() if re.search(dangerous, text)} == set()
    assert re.search(r"\son\w+=|javascript:", PAGE) is None


def test_passwords_are_typed_into_fields_that_hide_them_and_take_a_paste() -> None:
    fields = re.findall(r"<input [^>]*name=\"password\"[^>]*>", PAGE)

    assert fields
    assert all('type="password"' in field and 'autocomplete="' in field for field in fields)
    assert all("paste" not in text for text in [PAGE, *SCRIPTS.values()])


def test_the_page_keeps_nothing_but_tokens_in_the_browser() -> None:
    kept = [
        text for name in SCRIPTS for text in re.findall(r"(?:local|session)Storage\.setItem\((.*)\)", SCRIPTS[name])
    ]

    assert kept
    assert [text for text in kept if "{ access, refresh }" not in text] == []
    assert all("indexedDB" not in text and "document.cookie" not in text for text in SCRIPTS.values())


def test_a_name_that_comes_twice_in_a_query_has_one_meaning(as_owner: Api) -> None:
    twice = as_owner.get("/api/v1/today?date=2026-03-02&date=2026-03-03").json()

    assert twice == as_owner.get("/api/v1/today?date=2026-03-03").json()


def test_a_person_s_words_never_come_back_as_anything_but_json(as_owner: Api) -> None:
    as_owner.patch("/api/v1/profile", {"name": MARKUP})

    answer = as_owner.get("/api/v1/profile")

    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/json", "nosniff")
    assert json.loads(answer.content)["name"] == MARKUP


def test_who_signs_in_and_who_fails_to_is_logged_without_their_address(
    anonymous: Api, owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    for password in (factories.PASSWORD, "wrong password"):
        anonymous.post("/api/v1/login", {"email": owner.email, "password": password})
    lines: list[Any] = [line for line in caplog.records if line.name == "users.services"]

    assert [line.getMessage() for line in lines] == ["signed in", "sign-in refused"]
    assert lines[0].user == owner.pk
    assert lines[0].account == lines[1].account
    assert all(owner.email not in str(vars(line)) for line in caplog.records)
