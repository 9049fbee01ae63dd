"""Many at once on a database that commits: one winner where there must be one, nothing lost where there are many."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import orjson
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from config import cache
from progress.models import ProgressLog
from tests import factories
from tests.conftest import Api
from tests.database.conftest import AtOnce
from users import auth, events, selectors, services
from users.models import Event, Session, User

CROWD = 20
PROFILE = "/api/v1/profile"

pytestmark = pytest.mark.usefixtures("fresh_db")


@dataclass(frozen=True, slots=True)
class Happened:
    TYPE: ClassVar[str] = "thing.happened"
    writer: int
    number: int


def in_background(function: Callable[[], Any]) -> threading.Thread:
    def run() -> None:
        try:
            function()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def wait_for_blocked(count: int) -> None:
    """Return once that many connections wait for a lock."""
    end = time.monotonic() + 2
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0] >= count:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits for the lock")


def test_of_twenty_registrations_with_one_email_one_is_taken(at_once: AtOnce) -> None:
    spellings = ["ada@example.org", "ADA@example.org", " ada@EXAMPLE.org", "ａｄａ@example.org"]

    answers = at_once(
        [
            partial(Api().post, "/api/v1/register", {**factories.REGISTRATION, "email": spellings[number % 4]})
            for number in range(CROWD)
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (CROWD - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"email_taken"}
    assert (User.objects.count(), Session.objects.count()) == (1, 1)


def test_of_twenty_refreshes_with_one_token_all_get_the_same_successor(at_once: AtOnce, owner: User) -> None:
    first = Api(owner).tokens.refresh

    answers = at_once([lambda: Api().post("/api/v1/token/refresh", {"refresh": first})] * CROWD)

    assert [answer.status_code for answer in answers] == [200] * CROWD
    assert len({answer.json()["refresh"] for answer in answers}) == 1
    assert Session.objects.get().counter == 1
    assert Api().post("/api/v1/token/refresh", {"refresh": answers[0].json()["refresh"]}).status_code == 200


def test_of_a_logout_and_twenty_refreshes_the_logout_is_the_last_word(at_once: AtOnce, owner: User) -> None:
    api = Api(owner)
    token = api.tokens.refresh

    at_once(
        [lambda: api.post("/api/v1/logout", {"refresh": token})]
        + [lambda: Api().post("/api/v1/token/refresh", {"refresh": token})] * CROWD
    )

    assert Session.objects.get().revoked_at is not None
    assert Api().post("/api/v1/token/refresh", {"refresh": token}).status_code == 401
    assert Event.objects.filter(type="session.revoked").count() == 1


def test_a_refresh_that_waited_for_a_logout_is_refused(owner: User) -> None:
    token = Api(owner).tokens.refresh
    answers: list[Any] = []

    with transaction.atomic():
        session = Session.objects.select_for_update().get()
        thread = in_background(lambda: answers.append(Api().post("/api/v1/token/refresh", {"refresh": token})))
        wait_for_blocked(1)
        session.revoked_at = timezone.now()
        session.save()
    thread.join()

    assert [answer.status_code for answer in answers] == [401]


def test_events_of_many_writers_have_no_gap_and_a_reader_misses_none(at_once: AtOnce, owner: User) -> None:
    read: list[int] = []
    writing = threading.Event()

    def write(writer: int) -> None:
        for number in range(10):
            with transaction.atomic():
                events.record(owner.pk, Happened(writer, number))
                time.sleep(0.001 * (writer % 3))  # slow and fast transactions overtake each other

    def follow() -> None:
        while not writing.is_set() or events.after(owner.pk, read[-1] if read else 0):
            read.extend(entry["seq"] for entry in events.after(owner.pk, read[-1] if read else 0))

    reader = in_background(follow)
    at_once([partial(write, writer) for writer in range(6)])
    writing.set()
    reader.join()

    assert read == list(range(1, 61))
    assert User.objects.get(pk=owner.pk).last_seq == 60


def test_first_logs_of_one_date_become_one_row_with_all_that_was_said(at_once: AtOnce, owner: User) -> None:
    fields: list[dict[str, Any]] = [
        {"weight": 71.2},
        {"calories_consumed": 1840},
        {"workouts_completed": 1},
        {"note": "x"},
    ]
    api = Api(owner)

    answers = at_once([partial(api.post, "/api/v1/progress", {"date": "2026-03-02", **part}) for part in fields * 2])

    row = ProgressLog.objects.get()
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert (row.weight, row.calories_consumed, row.workouts_completed, row.note) == (71.2, 1840, 1, "x")


def test_of_two_conditional_writes_on_one_reading_one_is_refused(owner: User) -> None:
    """Both are held at the person's row until both have begun: whoever checks before the lock lets both through."""
    api = Api(owner)
    etag = api.get(PROFILE)["ETag"]
    answers: list[Any] = []

    def write(weight: int) -> None:
        answers.append(api.patch(PROFILE, {"weight": weight}, If_Match=etag))

    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        threads = [in_background(partial(write, weight)) for weight in (60, 90)]
        wait_for_blocked(2)
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers) == [200, 412]


def test_a_reader_that_is_slower_than_a_write_does_not_put_the_old_row_back(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, written = threading.Event(), threading.Event()
    shown = selectors.user_out

    def slow(user: User, units: str | None = None) -> Any:
        found = shown(user, units)
        loaded.set()
        written.wait(5)
        return found

    api = Api(owner)
    with monkeypatch.context() as patched:
        patched.setattr(selectors, "user_out", slow)
        reader = in_background(lambda: api.get(PROFILE))
        loaded.wait(5)
        services.update_profile(owner, {"weight": 70.8})
        written.set()
        reader.join()

    assert api.get(PROFILE).json()["weight"] == 70.8


def test_a_reading_between_a_write_and_its_commit_does_not_outlive_the_commit(owner: User) -> None:
    api = Api(owner)
    read: list[float] = []

    with transaction.atomic():
        services.update_profile(owner, {"weight": 70.8})
        in_background(lambda: read.append(api.get(PROFILE).json()["weight"])).join()

    assert read == [71.5]  # the write was not committed yet
    assert api.get(PROFILE).json()["weight"] == 70.8


def test_readers_and_a_writer_at_once_never_show_an_older_weight_after_a_newer(at_once: AtOnce, owner: User) -> None:
    """After each completed write a reading shows it, whatever other readers are doing meanwhile."""
    stale: list[tuple[float, float]] = []
    done = threading.Event()

    def write() -> None:
        for number in range(25):
            services.update_profile(owner, {"weight": 50.0 + number})
            shown = float(_weight(owner))
            if shown != 50.0 + number:
                stale.append((50.0 + number, shown))
        done.set()

    def read() -> None:
        while not done.is_set():
            _weight(owner)

    results = at_once([write, read, read, read])

    assert results == [None] * 4
    assert stale == []


def test_a_cache_that_is_cold_for_a_crowd_gives_everybody_the_same(at_once: AtOnce, owner: User) -> None:
    answers = at_once([lambda: selectors.profile(owner)] * CROWD)

    assert {type(answer) for answer in answers} == {cache.Answer}
    assert len({answer.etag for answer in answers}) == 1


def test_a_refresh_and_a_change_of_the_profile_do_not_wait_for_each_other_for_ever(
    at_once: AtOnce, owner: User
) -> None:
    now = timezone.now()
    sessions = [Session.objects.create(user=owner, created_at=now, rotated_at=now) for _ in range(5)]
    tokens = [auth.issue(session, now=now).refresh for session in sessions]
    api = Api(owner)

    answers = at_once(
        [partial(api.post, "/api/v1/logout", {"refresh": token}) for token in tokens]
        + [partial(api.patch, PROFILE, {"weight": 60 + number}) for number in range(5)]
        + [partial(api.post, "/api/v1/progress", {"date": f"2026-03-0{day}"}) for day in range(1, 6)]
    )

    assert [answer.status_code for answer in answers] == [204] * 5 + [200] * 5 + [201] * 5
    seqs = list(Event.objects.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def _weight(user: User) -> float:
    weight: float = orjson.loads(selectors.profile(user).body)["weight"]
    return weight
