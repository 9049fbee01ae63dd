"""The outbox: a letter is sent once, by a real mail server's word, whatever happens in between."""

import datetime as dt
import hashlib
import re
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone
from dramatiq import get_broker

from tests import factories
from tests.config.test_settings import answer as answer_of
from tests.config.test_settings import start
from tests.conftest import Api
from tests.users.smtp_server import Mailbox
from users import letters
from users.models import Letter, LetterKind, User
from workers import clock

Post = Callable[[], Mailbox]
AN_HOUR = dt.timedelta(hours=1)


def write(to: str, kind: LetterKind = LetterKind.RESET_PASSWORD, **about: Any) -> Letter:
    letters.write(kind, to=to, now=timezone.now(), **about)
    return Letter.objects.latest("created_at")


def make_due(letter: Letter) -> None:
    Letter.objects.filter(pk=letter.pk).update(run_after=timezone.now() - AN_HOUR)


def test_a_letter_arrives_with_its_link_and_names_nobody(post: Post, owner: User, settings: LazySettings) -> None:
    settings.PUBLIC_URL, settings.DEFAULT_FROM_EMAIL = "https://app.example.com", "Regimen <post@example.com>"
    letter = write(owner.email)

    [arrived] = post().letters

    token = letters.token_of(letter.pk)
    text = arrived.get_content()
    assert (arrived["To"], arrived["From"]) == (owner.email, "Regimen <post@example.com>")
    assert arrived["Subject"] == "Choose a new password"
    assert arrived["Message-ID"] == f"<{letter.pk.hex}@app.example.com>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert f"https://app.example.com/#reset-password={token}\n" in text.replace("\r\n", "\n")
    assert owner.name not in text
    assert "{" not in text


@pytest.mark.parametrize("kind", LetterKind)
def test_every_kind_of_letter_has_words_and_a_subject_on_one_line(post: Post, owner: User, kind: LetterKind) -> None:
    to = "new@example.org" if kind == LetterKind.CHANGE_EMAIL else owner.email
    write(to, kind, user_id=owner.pk)

    [arrived] = post().letters

    text = arrived.get_content()
    assert 10 < len(arrived["Subject"]) < 60
    assert len(text) > 100
    assert ("#" in text) is (kind in letters.LINKS)
    assert "&amp;" not in text


def test_the_token_is_kept_as_a_hash_alone(post: Post, owner: User) -> None:
    letter = write(owner.email)
    post()

    letter.refresh_from_db()
    token = letters.token_of(letter.pk)
    assert len(token) == 43  # 256 bits
    assert letter.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(Letter.objects.values())
    assert token != letters.token_of(uuid.uuid4())


def test_a_letter_that_was_sent_is_never_sent_again(post: Post, owner: User) -> None:
    letter = write(owner.email)
    mailbox = post()

    make_due(letter)
    letters.deliver(letter.pk)
    letters.send_again()
    letters.deliver(letter.pk)

    assert len(mailbox.letters) == 1


def test_a_letter_that_the_server_refuses_for_now_is_sent_later(post: Post, mailbox: Mailbox, owner: User) -> None:
    mailbox.refusals = ["451 later", "550 no such mailbox"]
    letter = write(owner.email)

    for _ in range(4):
        make_due(letter)
        post()

    letter.refresh_from_db()
    assert (len(mailbox.letters), letter.attempts) == (1, 3)
    assert letter.sent_at is not None


def test_the_waits_between_attempts_grow_and_nobody_tries_before(post: Post, mailbox: Mailbox, owner: User) -> None:
    mailbox.refusals = ["451 later"] * 20
    letter = write(owner.email)
    waits = []

    for _ in range(3):
        make_due(letter)
        post()
        letters.deliver(letter.pk)  # too early
        letter.refresh_from_db()
        waits.append(round((letter.run_after - timezone.now()) / letters.FIRST_WAIT))

    assert waits == [1, 2, 4]
    assert letter.attempts == 3


def test_a_letter_is_given_up_after_ten_attempts(post: Post, mailbox: Mailbox, owner: User) -> None:
    mailbox.refusals = ["451 later"] * 20
    letter = write(owner.email)

    for _ in range(15):
        make_due(letter)
        post()

    assert len(mailbox.refusals) == 20 - letters.MOST_ATTEMPTS


def test_without_a_mail_server_the_letter_waits(post: Post, owner: User, settings: LazySettings) -> None:
    letter = write(owner.email)
    settings.EMAIL_PORT, port = 9, settings.EMAIL_PORT  # nobody listens there
    post()
    settings.EMAIL_PORT = port
    make_due(letter)

    assert len(post().letters) == 1


def test_a_letter_that_has_to_be_sent_twice_is_the_same_letter(post: Post, mailbox: Mailbox, owner: User) -> None:
    mailbox.drops = 1  # the server has taken it, and the worker does not know
    letter = write(owner.email)
    post()
    make_due(letter)
    post()

    first, second = mailbox.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content() == second.get_content()


def test_an_address_that_mail_cannot_be_sent_to_harms_nobody(post: Post, db: None) -> None:
    odd = factories.user(email="jörg@müller.example").email
    worse = factories.user(email=f"x@{'ü' * 63}.example").email
    for address in (odd, worse):
        write(address)

    post()

    assert {letter.attempts for letter in Letter.objects.all()} == {1}


def test_an_address_of_nobody_gets_no_letter_and_leaves_no_row(post: Post, db: None) -> None:
    factories.user(email="closed@example.org", is_active=False)
    for address in ("nobody@example.org", "closed@example.org"):
        write(address)

    mailbox = post()

    assert mailbox.letters == []
    assert not Letter.objects.exists()


def test_an_address_is_not_flooded(post: Post, owner: User, stranger: User) -> None:
    for _ in range(letters.MOST_AN_HOUR + 5):
        write(owner.email)
        post()
    write(stranger.email)
    write(owner.email, LetterKind.VERIFY_EMAIL)

    mailbox = post()

    assert len(mailbox.to(owner.email)) == letters.MOST_AN_HOUR + 1
    assert len(mailbox.to(stranger.email)) == 1


def test_a_letter_that_nobody_took_is_sent_again_by_the_clock(owner: User, settings: LazySettings) -> None:
    lost, fresh = write(owner.email), write(owner.email)
    Letter.objects.filter(pk=lost.pk).update(run_after=timezone.now() - settings.JOB_RESEND)

    found = letters.send_again()

    assert (found, letters.send_again()) == (1, 0)  # and not with every tick
    assert not Letter.objects.filter(attempts__gt=0).exists()
    assert fresh.pk != lost.pk


def test_a_letter_whose_worker_died_is_taken_back(post: Post, owner: User) -> None:
    letter = write(owner.email)
    Letter.objects.filter(pk=letter.pk).update(attempts=1, run_after=timezone.now() + letters.LEASE)
    letters.deliver(letter.pk)  # somebody holds it
    assert Letter.objects.get().sent_at is None

    Letter.objects.filter(pk=letter.pk).update(run_after=timezone.now() - dt.timedelta(minutes=1))

    assert letters.send_again() == 1
    assert len(post().letters) == 1


def test_what_is_too_late_is_neither_sent_nor_kept(post: Post, owner: User) -> None:
    late, sent = write(owner.email), write(owner.email)
    Letter.objects.filter(pk=late.pk).update(expires_at=timezone.now())

    mailbox = post()

    assert len(mailbox.letters) == 1
    assert letters.prune() == 1
    assert Letter.objects.get().pk == sent.pk


def test_the_clock_removes_what_is_too_late(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    late, stop = write(owner.email), threading.Event()
    Letter.objects.filter(pk=late.pk).update(expires_at=timezone.now())
    monkeypatch.setattr(clock, "TEND_EVERY", dt.timedelta(0))
    monkeypatch.setattr("ai.documents.tend", lambda _: stop.set())
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own

    clock.tend(stop)

    assert Letter.objects.count() == 0


def test_writing_nudges_a_worker_once_the_row_is_there(
    owner: User, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(get_broker(), "enqueue", sent.append)

    with django_capture_on_commit_callbacks(execute=True):
        letter = write(owner.email)
        assert sent == []

    assert [(message.actor_name, message.args) for message in sent] == [("send_letter", (str(letter.pk),))]


def test_registration_writes_to_the_new_address(anonymous: Api, post: Post) -> None:
    anonymous.post("/api/v1/register", factories.REGISTRATION)

    [arrived] = post().letters

    assert (arrived["To"], arrived["Subject"]) == ("ada@example.org", "Confirm your email address")
    assert re.search(r"#confirm-email=[\w-]{43}\s", arrived.get_content())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ["smtp", "mail.example", 25, "", "", False, False]),
        ("submission://me%40x:p%2Fw@mail.example", ["smtp", "mail.example", 587, "me@x", "p/w", True, False]),
        ("smtps://mail.example:2465", ["smtp", "mail.example", 2465, "", "", False, True]),
        ("console:", ["console", None, 25, "", "", False, False]),
        ("", ["smtp", "localhost", 25, "", "", False, False]),
    ],
)
def test_where_letters_go_is_read_from_the_environment(url: str, expected: list[object]) -> None:
    code = """
from config.settings import *
print(json.dumps([EMAIL_BACKEND.split(".")[-2], EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD,
                  EMAIL_USE_TLS, EMAIL_USE_SSL]))
"""

    assert answer_of(code, EMAIL_URL=url) == expected


def test_development_writes_letters_to_the_log_and_production_links_to_its_own_host() -> None:
    code = (
        "print(json.dumps([settings.EMAIL_BACKEND.split('.')[-2], settings.PUBLIC_URL, settings.DEFAULT_FROM_EMAIL]))"
    )

    assert answer_of(code) == ["smtp", "https://api.example.com", "Regimen <no-reply@api.example.com>"]
    assert answer_of(code, ENVIRONMENT="development") == [
        "console",
        "http://127.0.0.1:8000",
        "Regimen <no-reply@127.0.0.1>",
    ]


def test_a_mistyped_mail_server_stops_the_start() -> None:
    assert "ImproperlyConfigured: EMAIL_URL" in start(EMAIL_URL="mail.example.com").stderr
