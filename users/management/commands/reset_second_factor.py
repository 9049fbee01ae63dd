"""Let a member of staff who lost their authenticator app and recovery codes set up another.

Invariant: until they have, nobody gets in with their password alone but to that page; they are signed out everywhere.
"""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import second_factor
from users.models import User

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Forget a staff member's lost second factor; their next sign-in sets up another."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = User.objects.filter(email=options["email"].casefold(), is_staff=True).first()
        if staff is None:
            raise CommandError("no member of staff has this address")
        had = second_factor.reset(staff)
        log.warning("a second factor was reset", extra={"user": staff.pk})
        self.stdout.write("forgotten" if had else "there was none")
