"""Write a backup of the database into a new folder.

Invariant: what it prints is what the manifest holds.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from workers.management.operations import backup


class Command(BaseCommand):
    help = "Back up PostgreSQL with pg_dump into a new folder, with a manifest of every table's rows and hash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        database = backup.Database.of_settings(connection.settings_dict)
        try:
            manifest = backup.make(database, options["folder"], timezone.now())
        except backup.Refused as reason:
            raise CommandError(str(reason)) from reason
        rows = sum(each.rows for each in manifest.tables.values())
        self.stdout.write(
            f"{options['folder']}: {len(manifest.tables)} tables, {rows} rows, {manifest.bytes} bytes, "
            f"PostgreSQL {manifest.server} by pg_dump {manifest.pg_dump}"
        )
