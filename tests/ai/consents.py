"""A yes to models.

Invariant: it is one to the text of today.
"""

from django.utils import timezone

from users import vocabulary
from users.models import Consent, User


def agree(user: User) -> Consent:
    """Record that somebody says yes to being planned for by models."""
    version, _ = vocabulary.CONSENTS["ai"]
    return Consent.objects.create(user=user, kind="ai", version=version, given_at=timezone.now())
