"""Put a backup in the place of the database.

Invariant: who was erased since the backup was made is erased again, as far as the database that goes still knows.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseFailure
from django.db import connection

from users import erasure
from users.models import Erasure, User
from workers.management.operations import backup


class Command(BaseCommand):
    help = "Restore a backup as a whole, check every table against its manifest, and empty the cache."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--force", action="store_true", help="remove the tables that are there")
        parser.add_argument("--into", default="", help="another database of the same server, to try a backup")

    def handle(self, *args: Any, **options: Any) -> None:
        database = backup.Database.of_settings(connection.settings_dict, name=options["into"])
        gone = [] if options["into"] else _erasures()
        connection.close()
        try:
            wrong = backup.restore(database, options["folder"], force=options["force"])
        except backup.Refused as reason:
            raise CommandError(str(reason)) from reason
        if wrong:
            raise CommandError(f"restored, but not as it was backed up: {', '.join(wrong)}")
        self.stdout.write("restored: every table is as the manifest says")
        if not options["into"]:
            self.stdout.write(f"erased again: {erase_again(gone)}")
            redis.Redis.from_url(settings.CACHE_URL).flushdb()
            self.stdout.write("the cache is empty; now run `migrate`, then start web, workers and clock")


def _erasures() -> list[tuple[int, dt.datetime]]:
    """Return who was erased and when, as far as there is such a table."""
    try:
        return list(Erasure.objects.values_list("user_id", "erased_at"))
    except DatabaseFailure:
        return []


def erase_again(gone: list[tuple[int, dt.datetime]]) -> int:
    """Erase those who came back, and note again who was gone before; return how many came back."""
    back = [(user_id, at) for user_id, at in gone if User.objects.filter(pk=user_id).exists()]
    for user_id, at in back:
        erasure.erase_person(user_id, at)
    Erasure.objects.bulk_create([Erasure(user_id=user_id, erased_at=at) for user_id, at in gone], ignore_conflicts=True)
    return len(back)
