"""Many at once on a database that commits: a link is used once, and what ends a session is the last word."""

from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from tests import factories
from tests.conftest import Api
from tests.database.conftest import AtOnce
from tests.users.belongings_cast import somebody
from tests.users.smtp_server import Mailbox
from users import erasure, letters, lifecycle, services, sessions
from users.models import Event, Export, Letter, LetterKind, Session, User

CROWD = 20
API = "/api/v1"
NEW = "four blue kettles sing"

pytestmark = pytest.mark.usefixtures("fresh_db")


def statuses(answers: list[Any]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def reset_letter(owner: User) -> str:
    letters.write(LetterKind.RESET_PASSWORD, to=owner.email, now=timezone.now())
    letter = Letter.objects.get()
    letters.deliver(letter.pk)
    return letters.token_of(letter.pk)


def test_of_twenty_refreshes_all_succeed_with_one_successor_and_a_later_replay_ends_the_session(
    at_once: AtOnce, owner: User
) -> None:
    first = Api(owner).tokens.refresh

    answers = at_once([lambda: Api().post(f"{API}/token/refresh", {"refresh": first})] * CROWD)

    successors = {answer.json()["refresh"] for answer in answers}
    assert statuses(answers) == [200] * CROWD
    assert len(successors) == 1
    Session.objects.update(rotated_at=timezone.now() - 2 * settings.REFRESH_GRACE)
    replays = at_once([lambda: Api().post(f"{API}/token/refresh", {"refresh": first})] * CROWD)
    assert statuses(replays) == [401] * CROWD
    assert "token_reused" in {answer.json()["code"] for answer in replays}
    assert Api().post(f"{API}/token/refresh", {"refresh": successors.pop()}).status_code == 401
    assert Event.objects.filter(type="session.revoked").count() == 1


def test_of_twenty_uses_of_one_reset_token_one_sets_the_password(
    at_once: AtOnce, owner: User, mailbox: Mailbox
) -> None:
    token = reset_letter(owner)
    chosen = [f"{NEW} number {number}" for number in range(CROWD)]

    answers = at_once(
        [
            partial(Api().post, f"{API}/password/reset/confirm", {"token": token, "password": password})
            for password in chosen
        ]
    )

    owner.refresh_from_db()
    assert statuses(answers) == [204] + [422] * (CROWD - 1)
    assert [owner.check_password(password) for password in chosen] == [answer.status_code == 204 for answer in answers]


def test_of_twenty_workers_with_one_letter_one_sends_it(at_once: AtOnce, owner: User, mailbox: Mailbox) -> None:
    letters.write(LetterKind.RESET_PASSWORD, to=owner.email, now=timezone.now())
    letter = Letter.objects.get()

    at_once([partial(letters.deliver, letter.pk)] * CROWD)

    assert len(mailbox.letters) == 1


def test_twenty_requests_for_an_export_are_one(at_once: AtOnce, owner: User) -> None:
    api = Api(owner)

    answers = at_once([lambda: api.post(f"{API}/profile/export")] * CROWD)

    assert statuses(answers) == [202] * CROWD
    assert {answer.json()["id"] for answer in answers} == {str(Export.objects.get().pk)}


def test_a_login_with_the_old_password_does_not_outlive_its_change(at_once: AtOnce, owner: User) -> None:
    """Checking a password takes long; by the time that the session opens it may be another one."""
    for number in range(5):
        old, new = (factories.PASSWORD, NEW) if number % 2 == 0 else (NEW, factories.PASSWORD)
        change = {"current_password": old, "password": new}
        logins = [partial(Api().post, f"{API}/login", {"email": owner.email, "password": old})] * 5

        at_once([partial(Api(User.objects.get(pk=owner.pk)).post, f"{API}/password/change", change), *logins])

        live = Session.objects.filter(revoked_at=None).count()
        assert live == 1, "a session of the old password is alive"


def test_a_login_whose_password_was_changed_meanwhile_is_refused(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(**credentials: str) -> User:
        checked = User.objects.get(email=credentials["username"])
        lifecycle.change_password(
            user=with_session(owner), current=factories.PASSWORD, password=NEW, now=timezone.now()
        )
        return checked

    monkeypatch.setattr(services, "authenticate", slow)

    answer = Api().post(f"{API}/login", {"email": owner.email, "password": factories.PASSWORD})

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert not Session.objects.filter(revoked_at=None).exists()


def with_session(owner: User) -> User:
    found = User.objects.get(pk=owner.pk)
    found.session_id = None  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("number", range(3))
def test_everything_at_once_deadlocks_nobody_and_the_erasure_is_the_last_word(at_once: AtOnce, number: int) -> None:
    owner = somebody(f"xanthippe-{number}")
    api = Api(owner)
    now = timezone.now()
    calls = [
        lambda: api.post(f"{API}/token/refresh", {"refresh": api.tokens.refresh}),
        lambda: api.patch(f"{API}/profile", {"weight": 70.5}),
        lambda: api.post(f"{API}/logout", {"refresh": api.tokens.refresh}),
        lambda: api.post(f"{API}/login", {"email": owner.email, "password": factories.PASSWORD}),
        lambda: api.post(f"{API}/progress", {"date": "2026-03-02", "weight": 70}),
        lambda: api.post(f"{API}/profile/export"),
        lambda: api.post(f"{API}/email/change", {"email": "x@example.net", "password": factories.PASSWORD}),
        lambda: api.get(f"{API}/profile"),
        lambda: api.post(f"{API}/logout-all"),
    ]

    answers = at_once([*calls, partial(erasure.erase_person, owner.pk, now), *calls])

    found = [answer for answer in answers if answer is not None]
    assert {type(answer).__name__ for answer in found} == {"HttpResponse"}
    assert [answer.status_code for answer in found if answer.status_code >= 500] == []
    assert not User.objects.exists()
    assert not Session.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM progress_logs")
        assert cursor.fetchone() == (0,)


def test_a_person_may_sign_devices_out_at_once_from_several(at_once: AtOnce, owner: User) -> None:
    devices = [Api(owner) for _ in range(6)]
    ids = list(Session.objects.values_list("pk", flat=True))
    now = timezone.now()

    ended = at_once(
        [partial(sessions.end, owner.pk, one, now) for one in ids]
        + [partial(sessions.end_all, owner.pk, now), partial(sessions.end_all, owner.pk, now)]
    )

    assert sum(int(count) for count in ended) == len(devices)
    assert Event.objects.filter(type="session.revoked").count() == len(devices)
