"""The end of an account.

Invariant: when the transaction commits nothing of the person is left but the number that they had: no row, no cached
answer, no ticket. Their sessions and sockets end with it.
"""

import datetime as dt
from typing import Any

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from config import cache, errors, second_factor
from users import belongings, passwords, services
from users.models import Erasure, Letter, User


def erase(*, user: User, password: str, now: dt.datetime) -> None:
    """Erase the person who asks for it.

    :raises passwords.WrongPassword: when the password is not theirs.
    """
    passwords.require(password, user)
    erase_person(user.pk, now)


@transaction.atomic
def erase_person(user_id: int, now: dt.datetime) -> None:
    """Erase a person, deactivated or not, and note that it was done.

    :raises errors.Unauthorized: when they are gone already.
    """
    person = User.objects.select_for_update().filter(pk=user_id).first()
    if person is None:
        raise errors.Unauthorized
    cache.forget(user_id)
    if person.is_staff:
        second_factor.sign_out(person)
    Letter.objects.filter(address=person.email).delete()
    for model, path in reversed(belongings.tables()):  # the farthest first
        _erase(belongings.rows(model, path, user_id))
    _erase(User.objects.filter(pk=user_id))
    Erasure.objects.create(user_id=user_id, erased_at=now)
    transaction.on_commit(lambda: services.forget_tickets(user_id), robust=True)


def _erase(rows: QuerySet[Any]) -> None:
    """Delete rows, and what staff's own log says of them but for who deleted them."""
    keys = rows.annotate(_logged_as=Cast("pk", CharField())).values("_logged_as")
    about = ContentType.objects.get_for_model(rows.model)
    LogEntry.objects.filter(content_type=about, object_id__in=keys).exclude(action_flag=DELETION).delete()
    rows.delete()
