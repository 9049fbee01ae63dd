"""Who asks, as simplejwt finds out.

Invariant: a session that has ended lets nobody in.
"""

from typing import Any

from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed

from bench.peers.rest.models import User


class LiveSession(JWTAuthentication):
    """simplejwt's own, with the session looked up in the query that loads the person."""

    def get_user(self, validated_token: Any) -> User:
        user = User.objects.filter(
            pk=validated_token["user_id"],
            is_active=True,
            sessions__pk=validated_token["sid"],
            sessions__revoked_at__isnull=True,
        ).first()
        if user is None:
            raise AuthenticationFailed
        return user
