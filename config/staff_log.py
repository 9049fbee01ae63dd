"""What staff did that changed no row of anybody's: signing in, and failing to.

Invariant: an entry names a member of staff; who is none leaves a line in the log, and no row that anybody could make
many of. The entries are those of Django's own admin log, which goes after AUDIT_DAYS.
"""

import logging
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType

log = logging.getLogger(__name__)


def note(staff: Any, what: str) -> None:
    """Record what somebody of the staff did, or what was tried in their name."""
    LogEntry.objects.create(
        user_id=staff.pk,
        content_type=ContentType.objects.get_for_model(get_user_model()),
        object_id=str(staff.pk),
        object_repr=str(staff),
        action_flag=CHANGE,
        change_message=what,
    )
    log.info("staff: %s", what, extra={"user": staff.pk})


def note_attempt(email: str, what: str) -> None:
    """Record what was tried with an address, if it is that of somebody of the staff."""
    staff = get_user_model()._default_manager.filter(email=email.strip().casefold(), is_staff=True).first()
    if staff is None:
        log.warning("staff: %s", what)
    else:
        note(staff, what)
