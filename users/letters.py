"""Letters: the emails that an account needs, as rows of an outbox that a worker sends.

Invariant: a letter is a committed row before anybody tries to send it; it is tried again until it is sent or too late,
and never again once the mail server has taken it. Its token is kept as a hash, and is good once.

A token is a function of the letter and `SECRET_KEY`, so a letter that has to be sent again says the same; with the same
Message-ID, a mailbox that got it twice (the worker died before it could note the success) shows it once.
"""

import base64
import datetime as dt
import hashlib
import logging
import uuid
from collections.abc import Mapping
from smtplib import SMTPException
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac

from config import errors
from config.broker import nudge
from users.models import Letter, LetterKind, User

ACTOR = "send_letter"
BATCH = 200
LEASE = dt.timedelta(minutes=2)  # longer than a mail server that answers each command late can take
FIRST_WAIT, MOST_ATTEMPTS = dt.timedelta(seconds=15), 10  # waits double: the last attempt comes after 2 hours
MOST_AN_HOUR = 5  # of one kind to one address: a mailbox is not to be flooded from here
GOOD_FOR: Mapping[str, dt.timedelta] = MappingProxyType(
    {
        LetterKind.VERIFY_EMAIL: dt.timedelta(days=3),
        LetterKind.CHANGE_EMAIL: dt.timedelta(days=1),
        LetterKind.RESET_PASSWORD: dt.timedelta(hours=1),
        LetterKind.EMAIL_CHANGED: dt.timedelta(days=1),
        LetterKind.PASSWORD_CHANGED: dt.timedelta(days=1),
    }
)
LINKS: Mapping[str, str] = MappingProxyType(
    {
        LetterKind.VERIFY_EMAIL: "confirm-email",
        LetterKind.CHANGE_EMAIL: "confirm-email",
        LetterKind.RESET_PASSWORD: "reset-password",
    }
)

log = logging.getLogger(__name__)


class TokenInvalid(errors.Invalid):
    code = "token_invalid"
    detail = "This link was used before, or is too old. Ask for a new one."


def write(kind: LetterKind, *, to: str, now: dt.datetime, user_id: int | None = None) -> None:
    """Put a letter into the outbox, in the transaction of its cause.

    Without a person it is for whoever has the address: whether anybody does is looked up by the worker, so that the
    one who asks cannot tell.
    """
    letter = Letter.objects.create(
        user_id=user_id, kind=kind, address=to, created_at=now, run_after=now, expires_at=now + GOOD_FOR[kind]
    )
    nudge(ACTOR, letter.pk)


def deliver(letter_id: uuid.UUID) -> None:
    """Send a letter that is due. May run any number of times, anywhere: the mail server takes it once."""
    taken = _due().filter(pk=letter_id).update(attempts=F("attempts") + 1, run_after=Now() + LEASE)
    if not taken:
        return
    letter = Letter.objects.select_related("user").get(pk=letter_id)
    person = _recipient(letter)
    if person is None or _is_flood(letter):
        letter.delete()
        return
    token = token_of(letter.pk) if letter.kind in LINKS else ""
    if not Letter.objects.filter(pk=letter.pk).update(user=person, token_hash=_hash(token) if token else None):
        return  # the person was erased, or took another way, in between
    try:
        _message(letter, token).send()
    except (SMTPException, OSError, ValueError) as reason:  # ValueError: an address that mail cannot be sent to
        wait = FIRST_WAIT * 2 ** (letter.attempts - 1)
        Letter.objects.filter(pk=letter.pk).update(run_after=Now() + wait)
        log.warning("a letter was not sent: %s", type(reason).__name__, extra={"kind": letter.kind})
        return
    Letter.objects.filter(pk=letter.pk).update(sent_at=Now())
    log.info("letter sent", extra={"kind": letter.kind, "attempt": letter.attempts})


def find(token: str, *kinds: LetterKind, now: dt.datetime) -> tuple[Letter, User]:
    """Return the letter of one of these kinds whose link holds the token, and whom it was sent to.

    :raises TokenInvalid: when there is none that is still good.
    """
    still_theirs = Q(address=F("user__email")) | Q(kind=LetterKind.CHANGE_EMAIL)
    letter = (
        Letter.objects.select_related("user")
        .filter(still_theirs, token_hash=_hash(token), kind__in=kinds, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if letter is None or letter.user is None:
        raise TokenInvalid.field("/token", TokenInvalid.code, TokenInvalid.detail)
    return letter, letter.user


def burn(letter: Letter) -> None:
    """Use a letter's token up. The caller holds the person's row.

    :raises TokenInvalid: when somebody else has just used it.
    """
    if not Letter.objects.filter(pk=letter.pk).delete()[0]:
        raise TokenInvalid.field("/token", TokenInvalid.code, TokenInvalid.detail)


def void(person: User) -> None:
    """Make every link useless that was sent, or is to be sent, to this person to change email or password."""
    theirs = Q(user=person) | Q(user=None, address=person.email)
    Letter.objects.filter(theirs, kind__in=[LetterKind.RESET_PASSWORD, LetterKind.CHANGE_EMAIL]).delete()


def send_again() -> int:
    """Nudge the workers for letters that are due and that nobody took; return how many. For the clock."""
    late = _due().filter(run_after__lte=Now() - settings.JOB_RESEND)
    due = list(late.order_by("run_after").values_list("pk", flat=True)[:BATCH])
    for letter_id in due:
        nudge(ACTOR, letter_id)
    Letter.objects.filter(pk__in=due, attempts__lt=MOST_ATTEMPTS, run_after__lte=Now()).update(run_after=Now())
    return len(due)


def prune() -> int:
    """Remove letters that are good for nothing any more; return how many. For the clock."""
    return Letter.objects.filter(expires_at__lte=Now()).delete()[0]


def token_of(letter_id: uuid.UUID) -> str:
    """Return the token of a letter's link: 256 bits that only we can reckon."""
    digest = salted_hmac(__name__, letter_id.hex, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _due() -> Any:
    return Letter.objects.filter(
        sent_at__isnull=True, run_after__lte=Now(), expires_at__gt=Now(), attempts__lt=MOST_ATTEMPTS
    )


def _recipient(letter: Letter) -> User | None:
    """Return whom the letter is for; None when there is nobody, or nothing to say to them."""
    with_address = User.objects.filter(email=letter.address)
    if letter.kind == LetterKind.CHANGE_EMAIL and with_address.exists():
        return None  # somebody has it: they are not to be bothered, and who asked is not to know
    if letter.user is not None:
        return letter.user if letter.user.is_active else None
    unknown = {"is_email_verified": False} if letter.kind == LetterKind.VERIFY_EMAIL else {}
    return with_address.filter(is_active=True, **unknown).first()


def _is_flood(letter: Letter) -> bool:
    an_hour_ago = letter.created_at - dt.timedelta(hours=1)
    sent = Letter.objects.filter(kind=letter.kind, address=letter.address, sent_at__gt=an_hour_ago)
    return sent.count() >= MOST_AN_HOUR


def _message(letter: Letter, token: str) -> EmailMessage:
    """Return the letter in words. It repeats nothing that a person has typed: it may go to a stranger."""
    link = f"{settings.PUBLIC_URL}/#{LINKS[letter.kind]}={token}" if token else ""
    context = {"link": link, "token": token, "hours": round(GOOD_FOR[letter.kind].total_seconds() / 3600)}
    subject, _, body = render_to_string(f"users/email/{letter.kind}.txt", context).partition("\n\n")
    headers = {
        "Message-ID": f"<{letter.pk.hex}@{urlsplit(settings.PUBLIC_URL).hostname}>",
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[letter.address], headers=headers)
