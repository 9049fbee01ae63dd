"""Sessions on devices: they begin, and they end.

Invariant: who needs the rows of a person and of a session takes the person's first; a session begins and ends with its
event, and ends with every cached answer, in one transaction, so that the next request finds it ended wherever it is
answered.

The session that begins with an account has no event: no device has read anything yet that it would change. A refresh
has none either: it moves `last_seen` in the list, and begins nothing.
"""

import datetime as dt
import uuid

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from config import cache, errors
from users import auth, events
from users.models import Session, User

DEVICE_LENGTH = 200


class NoSession(errors.NotFound):
    code = "no_session"
    detail = "There is no such session, or it has ended."


def hold(user_id: int) -> User:
    """Return the active person and hold their row until the transaction ends.

    :raises errors.Unauthorized: when they are gone or deactivated.
    """
    found = User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()
    if found is None:
        raise errors.Unauthorized
    return found


def begin(user: User, device: str, now: dt.datetime, *, is_first: bool = False) -> auth.Tokens:
    """Open a session in the current transaction and tell the others, if it is not the first; return its tokens."""
    session = Session.objects.create(user=user, device=device[:DEVICE_LENGTH], created_at=now, rotated_at=now)
    if not is_first:
        events.record(user.pk, events.SessionStarted(session_id=str(session.pk)))
    return auth.issue(session, now=now)


@transaction.atomic
def end(user_id: int, session_id: str | uuid.UUID, now: dt.datetime) -> bool:
    """End a session of this person; say whether it was there and live."""
    hold(user_id)
    return _end([session_id], user_id, now) > 0


@transaction.atomic
def end_all(user_id: int, now: dt.datetime, *, but: str | uuid.UUID | None = None) -> int:
    """End every session of this person, `but` one where that is given; return how many."""
    list(User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk"))
    live = Session.objects.filter(user_id=user_id, revoked_at__isnull=True)
    live = live.exclude(pk=but) if but else live
    return _end(list(live.values_list("pk", flat=True)), user_id, now)


def prune() -> int:
    """Remove sessions whose last tokens have expired, ended or not; return how many. For the clock."""
    return Session.objects.filter(rotated_at__lt=Now() - settings.REFRESH_TOKEN_LIFETIME).delete()[0]


def _end(session_ids: list[uuid.UUID] | list[str | uuid.UUID], user_id: int, now: dt.datetime) -> int:
    cache.forget(user_id)
    live = Session.objects.select_for_update().filter(user_id=user_id, revoked_at__isnull=True, pk__in=session_ids)
    ended = list(live.order_by("pk").values_list("pk", flat=True))
    Session.objects.filter(pk__in=ended).update(revoked_at=now)
    if ended:
        events.record_all(user_id, [events.SessionRevoked(session_id=str(session_id)) for session_id in ended])
    return len(ended)
