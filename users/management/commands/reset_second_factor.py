"""Let a member of staff who lost their authenticator app and recovery codes set up another.

Invariant: they are signed out of the admin, and nobody gets in with their password alone: `invite_staff` comes next.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import second_factor, staff_log
from users.models import User


class Command(BaseCommand):
    help = "Forget a staff member's lost second factor; `invite_staff` lets them set up another."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = User.objects.filter(email=options["email"].casefold(), is_staff=True).first()
        if staff is None:
            raise CommandError("no member of staff has this address")
        had = second_factor.reset(staff)
        staff_log.note(staff, "Their second factor was forgotten by the command reset_second_factor.")
        self.stdout.write("forgotten" if had else "there was none")
