"""What schemathesis needs to know of this API to ask well: whose token, which ids are there, what a refusal looks like.

Invariant: an operation that ends a session, an account or a profile has an account of its own, which is replaced as
soon as it is spent; so the other operations are asked by somebody who is always signed in and has everything.

Loaded by schemathesis itself: `bench/contract_cases.py` starts it. CONTRACT_BASE is the address of the stack,
CONTRACT_LETTERS holds tokens of unopened letters, CONTRACT_SEEN is the file that says what was asked and answered.
"""

import atexit
import itertools
import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import AuthContext, Case, CheckContext, GenerationMode, HookContext, Response

BASE, SEEN = os.environ["CONTRACT_BASE"], Path(os.environ["CONTRACT_SEEN"])
LETTERS: dict[str, list[str]] = json.loads(os.environ["CONTRACT_LETTERS"])
API = "/api/v1"
PASSWORD = "four blue kettles sing"  # noqa: S105 - of accounts that last as long as the run
DAY = "2026-03-02"  # of the examples in the document
RENEW = 8 * 60  # s; access tokens last ten minutes
PROFILE = {"age": 34, "sex": "female", "height": 168, "weight": 71.5, "equipment": ["dumbbell", "bench"]}
SPEND = {  # what ends with a success: the session, the account, its password, its token; each may come twice
    f"POST {API}/token/refresh",
    f"POST {API}/logout",
    f"POST {API}/logout-all",
    f"POST {API}/password/change",
    f"DELETE {API}/profile",
    f"DELETE {API}/sessions/{{session_id}}",
    f"DELETE {API}/jobs/{{job_id}}",
}
CHANGE = {f"PUT {API}/profile", f"PATCH {API}/profile", f"POST {API}/email/change", f"POST {API}/profile/export"}
MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}
# Why a body that fits its schema may be refused: rules that JSON Schema has no words for.
BEYOND_SCHEMA = {
    *("range_reversed", "range_too_long", "profile_incomplete", "token_invalid", "idempotency_key_reused"),
    *("unknown_exercise", "password_too_common", "password_too_similar", "password_entirely_numeric"),
    "value_error",  # a vocabulary, a time zone, an address
    "int_type",  # 9.0 is no whole number here
    "unacceptable_json",  # NUL in a text
    "string_too_short",  # blanks around a text do not count
}


class Account:
    """Somebody who is signed in."""

    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.email = f"contract{os.getpid()}-{next(self._numbers)}@example.org"
        body = {"email": self.email, "password": PASSWORD, "name": "Ada", **PROFILE}
        self._took(ask("POST", "/register", body))

    @property
    def access(self) -> str:
        with lock:
            if time.monotonic() - self._since > RENEW:
                self._renew()
            return self._access

    def _renew(self) -> None:
        try:
            self._took(ask("POST", "/token/refresh", {"refresh": self.refresh}))
        except urllib.error.HTTPError:  # a check of schemathesis asked again by itself, and ended the session
            self._begin()

    def _took(self, answer: dict[str, Any]) -> None:
        self._access, self.refresh, self._since = str(answer["access"]), str(answer["refresh"]), time.monotonic()


class Resident(Account):
    """Somebody who has one of everything, by the names that paths and bodies use."""

    def __init__(self) -> None:
        super().__init__()
        job = ask("POST", "/generate-plan", {"kind": "both", "days": 7, "start_date": DAY}, self.access)
        while ask("GET", f"/jobs/{job['id']}", token=self.access)["status"] in {"queued", "running"}:
            time.sleep(0.2)
        week = ask("GET", f"/workout-plans?from={DAY}&to=2026-03-08", token=self.access)
        session = next(one for one in week["items"] if one["exercises"])
        self.has = {
            "job_id": job["id"],
            "export_id": ask("POST", "/profile/export", token=self.access)["id"],
            "exercise_id": session["exercises"][0]["exercise_id"],
            "date": session["date"],
        }


def ask(method: str, path: str, body: Any = None, token: str = "") -> Any:
    """Return the JSON of an answer that is no error."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE}{API}{path}", data, method=method)  # noqa: S310 - loopback
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.loads(answer.read() or b"null")


lock = threading.RLock()
accounts: dict[str, Any] = {}
turns: Counter[str] = Counter()
seen: defaultdict[str, Counter[str]] = defaultdict(Counter)


def name_of(case: Case[Any]) -> str:
    return f"{case.operation.method.upper()} {case.operation.path}"


def account(name: str) -> Any:
    """Return who asks for an operation."""
    key = name if name in SPEND | CHANGE else "everything else"
    with lock:
        if key not in accounts:
            accounts[key] = Account() if key in SPEND | CHANGE else Resident()
        return accounts[key]


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """Every case has its account's token; `ignored_auth` takes it away again."""

    def get(self, case: Case[Any], context: AuthContext) -> str:
        return str(account(name_of(case)).access)

    def set(self, case: Case[Any], data: str, context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Have every third sound case name something that is there: chance finds no id and no password."""
    name = name_of(case)
    with lock:
        turns[name] += is_sound(case)
        if not is_sound(case) or turns[name] % 3:
            return
    for place in (case.path_parameters, case.body if isinstance(case.body, dict) else {}):
        for field in place:
            if field in THERE and (value := THERE[field](name)) is not None:
                place[field] = value


def _had(field: str) -> Callable[[str], Any]:
    return lambda name: account("").has.get(field) if name not in SPEND else None


def _of_own(field: str) -> Callable[[str], Any]:
    return lambda name: getattr(account(name), field)


def _password(name: str) -> str | None:
    return None if name in {f"POST {API}/register", f"POST {API}/password/reset/confirm"} else PASSWORD


def _email(name: str) -> str | None:
    return str(account("").email) if name == f"POST {API}/login" else None


def _date(name: str) -> str | None:
    """Return the date of a session for what changes one, and of a log that is there for what deletes it."""
    if name == f"DELETE {API}/progress/{{date}}":
        ask("POST", "/progress", {"date": DAY, "weight": 71.0}, account(name).access)
        return DAY
    return str(account("").has["date"]) if "/workout-plan/" in name else None


def _token(name: str) -> str | None:
    """Return the token of a letter that nobody has opened yet."""
    kind = "reset_password" if "/password/" in name else "verify_email"
    return str(LETTERS[kind].pop()) if LETTERS.get(kind) else None


def _session(name: str) -> str:
    listed = ask("GET", "/sessions", token=account(name).access)
    return str(listed["items"][0]["id"])


def _job(name: str) -> str:
    if name not in SPEND:
        return str(account("").has["job_id"])
    return str(
        ask("POST", "/generate-plan", {"kind": "meal", "days": 14, "start_date": DAY}, account(name).access)["id"]
    )


THERE: dict[str, Callable[[str], Any]] = {
    "job_id": _job,
    "export_id": _had("export_id"),
    "exercise_id": _had("exercise_id"),
    "session_id": _session,
    "refresh": _of_own("refresh"),
    "current_password": lambda name: PASSWORD,
    "password": _password,
    "email": _email,
    "date": _date,
    "token": _token,
}


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    name, kind = name_of(case), response.headers.get("content-type", ["nothing"])[0].partition(";")[0]
    with lock:
        seen[name][f"{response.status_code} {kind}"] += 1
        if name in SPEND and response.status_code < 300:
            accounts.pop(name, None)


@schemathesis.check
def every_error_is_a_problem(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """RFC 9457, whoever refuses: the API, the framework, the server."""
    if response.status_code < 400:
        return
    kind = response.headers.get("content-type", ["nothing"])[0]
    assert kind == "application/problem+json", f"an error as {kind}"
    body = response.json()
    assert set(body) >= MEMBERS, f"a problem without {MEMBERS - set(body)}"
    assert body["status"] == response.status_code


@schemathesis.check
def sound_data_is_refused_for_a_reason(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Refuse what fits the schema by a rule beyond it, which the problem names, or not at all."""
    if not is_sound(case) or response.status_code != 422:
        return
    problem = response.json()
    reasons = {entry["code"] for entry in problem.get("errors", [])} or {problem["code"]}
    assert reasons <= BEYOND_SCHEMA, f"refused for {sorted(reasons - BEYOND_SCHEMA)}: {problem}"


def is_sound(case: Case[Any]) -> bool:
    """Say whether a case was made to fit its schema."""
    return case.meta is None or case.meta.generation.mode == GenerationMode.POSITIVE


@atexit.register
def tell() -> None:
    SEEN.write_text(json.dumps(seen))
