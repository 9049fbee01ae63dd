"""Run every check of what is delivered beside the code, or read how it went, and print what was really run.

Invariant: the status is 0 only when every part ran and nothing failed; with --allow-missing a part may be left out.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workers.management.operations import delivery, tools


class Command(BaseCommand):
    help = "Check contracts, containers, AWS, metrics, nginx, migrations, backup …; print a table."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("parts", nargs="*", help="names of the table; default: all")
        parser.add_argument("--report", type=Path, help="run nothing: read what `pytest --junitxml` wrote of all tests")
        parser.add_argument("--allow-missing", action="store_true", help="what cannot be run here is no failure")

    def handle(self, *args: Any, **options: Any) -> None:
        known = {part.name: part for part in delivery.parts()}
        if strange := set(options["parts"]) - known.keys():
            raise CommandError(f"no such part: {', '.join(sorted(strange))}; there are {', '.join(known)}")
        wanted = [known[name] for name in options["parts"] or known]
        if report := options["report"]:
            outcomes = [delivery.read(part, delivery.cases(report)) for part in wanted]
        else:
            outcomes = list(self._run(wanted))
        self._print(outcomes)
        bad = {"failed"} if options["allow_missing"] else {"failed", "not run"}
        if any(each.verdict in bad for each in outcomes):
            sys.exit(1)

    def _run(self, wanted: list[delivery.Part]) -> Iterator[delivery.Outcome]:
        if not tools.install():
            self.stderr.write("· not every tool could be installed: what needs one of them is not run")
        for part in wanted:
            yield (outcome := delivery.check(part))
            self.stderr.write(f"· {part.name}: {outcome.verdict}")

    def _print(self, outcomes: list[delivery.Outcome]) -> None:
        table = list(delivery.rows(outcomes))
        widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
        for row in table:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        for each in outcomes:
            for reason in each.reasons:
                self.stdout.write(f"{each.part.name}: {reason}")
