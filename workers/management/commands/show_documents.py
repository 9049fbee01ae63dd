"""Print the raw exchanges of one job, wherever they are kept.

Invariant: it only reads; a line of JSON for each document.
"""

import json
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from ai import documents
from ai.models import PlanJob


class Command(BaseCommand):
    help = "Print what was sent to models for a job and what came back, a JSON document a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job", type=uuid.UUID)

    def handle(self, *args: Any, **options: Any) -> None:
        job = PlanJob.objects.filter(pk=options["job"]).first()
        if job is None:
            raise CommandError("There is no such job.")
        try:
            found = documents.find(job.user_id, job_id=job.pk)
        except documents.StoreDown as reason:
            raise CommandError(f"The store does not answer: {reason}") from reason
        for each in found:
            line = {"at": each.at, "kind": each.kind, "body": each.body}
            self.stdout.write(json.dumps(line, cls=DjangoJSONEncoder, ensure_ascii=False))
