"""Make or renew the staff login of a development machine.

Invariant: never runs in production, and takes the password from the environment that `up` sets.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from users.models import User


class Command(BaseCommand):
    help = "Create or update the demo staff login (development only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION or not settings.STAFF_PASSWORD:
            raise CommandError("demo_staff is for development machines, with REGIMEN_STAFF_PASSWORD set")
        user = User.objects.filter(email=options["email"].casefold()).first()
        if user is None:
            User.objects.create_superuser(options["email"], settings.STAFF_PASSWORD, name="Demo staff")
        elif not user.check_password(settings.STAFF_PASSWORD):
            user.set_password(settings.STAFF_PASSWORD)
            user.save(update_fields=["password"])
