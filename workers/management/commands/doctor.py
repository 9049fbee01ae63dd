"""Examine this installation and say what to do.

Invariant: the status is 1 when something is wrong, and each such line says what to do about it.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from workers.management.operations import doctor


class Command(BaseCommand):
    help = "Check settings, versions, connections, migrations, clocks, processes, disk and Redis; say what to do."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for finding in doctor.examine():
            wrong += bool(finding.advice)
            mark = self.style.ERROR("WRONG") if finding.advice else self.style.SUCCESS("ok   ")
            self.stdout.write(f"{mark}  {finding.part:18}  {finding.found}")
            if finding.advice:
                self.stdout.write(f"{'':27}→ {finding.advice}")
        self.stdout.write(f"{wrong} to mend" if wrong else "all is well")
        if wrong:
            sys.exit(1)
