"""Give a person a role on the staff's pages, or take every role away.

Invariant: one role a person; without one they are no staff any more, unless they are a superuser.
"""

from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from config import history, second_factor
from users import roles
from users.models import User

NONE = "none"


class Command(BaseCommand):
    help = "Make somebody support, coach or admin on the staff's pages; none takes it away."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role", choices=[*roles.ROLES, NONE])

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.select_for_update().filter(email=options["email"].casefold()).first()
        if person is None:
            raise CommandError("nobody has this address")
        role = options["role"]
        history.keep_as_it_is(person)
        with history.staff_acting(None):
            person._change_reason = "by the command staff_role"  # type: ignore[attr-defined]  # noqa: SLF001 - documented
            person.groups.set([] if role == NONE else [Group.objects.get_or_create(name=role)[0]])
            person.is_staff = role != NONE or person.is_superuser
            person.save(update_fields=["is_staff", "updated_at"])
        if not person.is_staff:
            second_factor.sign_out(person)
        self.stdout.write(f"{person.email}: {role}")
