"""Invite somebody of the staff to set up their second factor.

Invariant: the code is shown here and nowhere else; it opens once, within three days, beside their password.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import second_factor, staff_log
from users.models import User


class Command(BaseCommand):
    help = "Print a code with which somebody of the staff sets up their second factor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        staff = User.objects.filter(email=options["email"].casefold(), is_staff=True, is_active=True).first()
        if staff is None:
            raise CommandError("no member of staff has this address")
        if second_factor.is_enrolled(staff):
            raise CommandError("they have a second factor; `reset_second_factor` forgets a lost one")
        code = second_factor.invite(staff)
        staff_log.note(staff, "Was invited by the command invite_staff.")
        self.stdout.write(code)
