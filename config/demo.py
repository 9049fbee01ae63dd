"""The main job as a client sees it: register, ask for a plan, follow it live, read the finished day.

Invariant: it uses the public API and nothing else; what it shows is what the API answered.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import math
import time
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

from rich import progress
from rich.console import Console
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from config import demo_tables

Json = dict[str, Any]
SILENCE: Json = {"type": "silence"}
PLAN_SECONDS = 330.0  # a little more than the product's own deadline for a plan
REQUEST_SECONDS = 35.0
RECONNECT_SECONDS = 0.2
DAYS_OF_LOGS = 56
TRAINING_DAYS, WEEKEND = (0, 2, 4), (5, 6)  # as `dt.date.weekday` counts
PERSON: Json = {
    "name": "Noor Jansen",
    "age": 34,
    "sex": "female",
    "height": 168,
    "weight": 71.5,
    "fitness_goal": "lose_weight",
    "activity_level": "moderate",
    "dietary_preferences": ["vegetarian"],
    "allergies": ["peanuts"],
    "equipment": ["dumbbell", "band"],
    "availability": {"days": ["mon", "wed", "fri"], "minutes_per_session": 45},
    "ai_consent": True,
}


class DemoError(Exception):
    """The product did not do its main job; the text is its own reason."""


class Refused(DemoError):  # noqa: N818 - the name of an outcome
    """The API answered with a problem (RFC 9457)."""

    def __init__(self, call: str, status: int, problem: Json) -> None:
        """Keep the problem and say it in words."""
        self.status, self.problem = status, problem
        faults = "".join(f"\n  {fault.get('pointer')}: {fault.get('detail')}" for fault in problem.get("errors") or ())
        words = problem.get("detail") or problem.get("title") or "no reason given"
        super().__init__(f"{call} answered {status} {problem.get('code', '')}: {words}{faults}")


class Client:
    """One person's calls of the API on this machine."""

    def __init__(self, port: int) -> None:
        """Call the server at `port` of 127.0.0.1."""
        self.port = port
        self.access = ""

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Return the answer's JSON.

        :raises Refused: the answer is a problem.
        :raises DemoError: there is no answer.
        """
        headers = {"Content-Type": "application/json"}
        if self.access:
            headers["Authorization"] = f"Bearer {self.access}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=REQUEST_SECONDS)
        with contextlib.closing(connection):
            try:
                connection.request(method, f"/api/v1{path}", json.dumps(body) if body else None, headers)
                response = connection.getresponse()
                answer = json.loads(response.read() or b"{}")
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise DemoError(f"{method} {path} got no answer: {type(error).__name__} {error}") from error
        if response.status >= http.HTTPStatus.BAD_REQUEST:
            raise Refused(f"{method} {path}", response.status, answer)
        return dict(answer)

    def get(self, path: str) -> Json:
        return self.call("GET", path)

    def post(self, path: str, body: Json | None = None) -> Json:
        return self.call("POST", path, body or {})

    def events(self, seconds: float) -> Iterator[Json]:
        """Yield the feed's messages for so long, none twice; a connection that is lost is taken up where it broke.

        `{"type": "silence"}` comes when nothing else did for a second.

        :raises DemoError: the feed cannot be opened at all.
        """
        end, seq = time.monotonic() + seconds, None
        while time.monotonic() < end:
            try:
                with self._socket(seq) as socket:
                    while time.monotonic() < end:
                        message = _receive(socket)
                        if message["type"] != "hello" or seq is None:
                            seq = message.get("seq", seq)
                        yield message
            except (ConnectionClosed, InvalidHandshake, OSError) as error:
                if seq is None:
                    raise DemoError(f"/ws/events cannot be opened: {error}") from error
                time.sleep(RECONNECT_SECONDS)
                yield SILENCE

    def _socket(self, after: int | None) -> ClientConnection:
        place = f"127.0.0.1:{self.port}"
        query = {"ticket": self.post("/ws-ticket")["ticket"], **({} if after is None else {"after": after})}
        # `proxy=None`: a proxy of the environment would not know this machine's own address
        return connect(
            f"ws://{place}/ws/events?{urllib.parse.urlencode(query)}", origin=Origin(f"http://{place}"), proxy=None
        )


def _receive(socket: ClientConnection) -> Json:
    try:
        return dict(json.loads(socket.recv(timeout=1)))
    except TimeoutError:
        return SILENCE


def play(port: int, account: tuple[str, str], console: Console, *, check: Callable[[], None]) -> None:
    """Do the product's main job through its API and show the finished day.

    `account` is email and password; `check` is called while waiting, and raises when waiting is useless.

    :raises DemoError: the product did not do it; the text is its reason.
    """
    client = Client(port)
    if sign_in(client, account):
        log_eight_weeks(client)
    started = time.monotonic()
    with progress_bar(console) as show:
        ready = make_plan(client, show, check)
    console.print(f"\n  A week's plan in {time.monotonic() - started:.1f} s, made by: {ready['source']}")
    show_day(client, ready["dates"], console)


def sign_in(client: Client, account: tuple[str, str]) -> bool:
    """Register the demo person, or log in; return whether the account is new."""
    credentials = dict(zip(("email", "password"), account, strict=True))
    try:
        client.access = client.post("/register", {**PERSON, **credentials})["access"]
    except Refused as refusal:
        if refusal.status != http.HTTPStatus.CONFLICT:
            raise
        client.access = client.post("/login", credentials)["access"]
        client.call("PATCH", "/profile", {"ai_consent": PERSON["ai_consent"]})  # it may be older than the question
        return False
    return True


def log_eight_weeks(client: Client) -> None:
    """Log what such a person would have until yesterday: four kilograms less, with the noise of real scales."""
    today = dt.date.fromisoformat(client.get("/today")["date"])
    for ago in range(DAYS_OF_LOGS, 0, -1):
        date = today - dt.timedelta(days=ago)
        noise = 0.5 * math.sin(ago * 2.3) + 0.3 * math.sin(ago * 0.9)
        trains = date.weekday() in TRAINING_DAYS and ago % 11 != 0
        log = {
            "date": date.isoformat(),
            "weight": round(PERSON["weight"] + 0.07 * ago + noise, 1),
            "calories_consumed": round(1750 + 170 * math.sin(ago * 1.7) + (120 if date.weekday() in WEEKEND else 0)),
            "workouts_completed": int(trains),
            "complete": ago % 9 != 0,
        }
        client.post("/progress", log)


def make_plan(client: Client, show: Callable[[float, str], None], check: Callable[[], None]) -> Json:
    """Ask for a week of meals and workouts and follow it; return what `plan.ready` says."""
    events = client.events(PLAN_SECONDS)
    next(events)  # the feed is open before the first event can come
    job = ask(client)
    for event in events:
        check()
        told = event.get("data") or {}
        if told.get("job_id") != job:
            continue
        match event["type"]:
            case "plan.progress":
                show(told["percent"], told["stage"])
            case "plan.ready":
                show(100, "ready")
                return dict(told)
            case "plan.failed" | "plan.cancelled" as outcome:
                raise DemoError(f"{outcome}: {told.get('detail', 'no reason given')}")
    raise DemoError(f"no plan after {PLAN_SECONDS:.0f} s: {client.get(f'/jobs/{job}')}")


def ask(client: Client) -> str:
    """Ask for a week; return the job's id, or that of the one which is already at it (the last `up` was killed)."""
    try:
        return str(client.post("/generate-plan", {"kind": "both", "days": 7})["id"])
    except Refused as refusal:
        if refusal.problem.get("code") != "already_running":
            raise
        return str(refusal.problem["job_id"])


@contextlib.contextmanager
def progress_bar(console: Console) -> Iterator[Callable[[float, str], None]]:
    """Give a function that shows percent and stage: as a moving bar in a terminal, else as lines."""
    if not console.is_terminal:
        yield lambda percent, stage: console.print(f"         {percent:3.0f} %  {stage}")
        return
    columns = (
        "        ",
        progress.BarColumn(40),
        progress.TaskProgressColumn(),
        progress.TextColumn("{task.description}"),
    )
    with progress.Progress(*columns, console=console) as bar:
        task = bar.add_task("asked for", total=100)
        yield lambda percent, stage: bar.update(task, completed=percent, description=stage)


def show_day(client: Client, dates: list[str], console: Console) -> None:
    """Print the first day's meals against its targets, and its session or the next one."""
    day = client.get(f"/today?date={dates[0]}")["date"]
    targets = client.get("/profile/targets")
    console.print(demo_tables.meals(client.get(f"/meal-plan?date={day}"), targets))
    sessions = client.get(f"/workout-plans?from={dates[0]}&to={dates[-1]}")["items"]
    training = next((session for session in sessions if not session["rest_day"]), None)
    if client.get(f"/workout-plan?date={day}")["rest_day"]:
        console.print("\n  Today is a rest day; the next session:")
    if training:
        console.print(demo_tables.session(training))
