"""Run the clock until SIGTERM.

Invariant: a signal ends it between two ticks, never within one.
"""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from workers import clock


class Command(BaseCommand):
    help = "Send again what no worker took, and end what is overdue, until SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        clock.run(stop)
