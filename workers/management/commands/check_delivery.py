"""Run every check of what is delivered beside the code, and print what was really run.

Invariant: the status is 0 only when every part ran and nothing failed; with --allow-missing a part may be left out.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workers.management.operations import delivery


class Command(BaseCommand):
    help = "Check contracts, containers, AWS, metrics, nginx, migrations, backup …; print a table."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("parts", nargs="*", help="names of the table; default: all")
        parser.add_argument("--allow-missing", action="store_true", help="what cannot be run here is no failure")

    def handle(self, *args: Any, **options: Any) -> None:
        known = {part.name: part for part in delivery.parts()}
        if strange := set(options["parts"]) - known.keys():
            raise CommandError(f"no such part: {', '.join(sorted(strange))}; there are {', '.join(known)}")
        outcomes = []
        for name in options["parts"] or known:
            outcomes.append(delivery.check(known[name]))
            self.stderr.write(f"· {name}: {outcomes[-1].verdict}")
        self._print(outcomes)
        bad = {"failed"} if options["allow_missing"] else {"failed", "not run"}
        if any(each.verdict in bad for each in outcomes):
            sys.exit(1)

    def _print(self, outcomes: list[delivery.Outcome]) -> None:
        table = list(delivery.rows(outcomes))
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        for row in table:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        for each in outcomes:
            for reason in each.reasons:
                self.stdout.write(f"{each.part.name}: {reason}")
