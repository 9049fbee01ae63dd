"""One plan's question while it is asked: what is left of its time, what the person hears, whether it is still wanted.

Invariant: about once a second it is seen whether the plan is wanted. If not, the connection is closed before anything
rises, so that what the exchange cost is known.
"""

import time
from dataclasses import dataclass

from ai import providers
from ai.models import PlanJob
from ai.prompts import Brief
from ai.providers import Question, Reply
from ai.queue import Cancelled, Lease, LeaseLost
from config.providers import ProviderSettings

LOOK_SECONDS = 0.25
REPORT_SECONDS = 1.0
FIRST_PERCENT, LAST_PERCENT = 15, 34
CHARACTERS_A_DAY = 400  # of an answer, roughly: for the percentage alone


@dataclass(slots=True, kw_only=True)
class Inquiry:
    """`end` is on the monotonic clock; `unwanted` says why an exchange was broken off."""

    job: PlanJob
    brief: Brief
    lease: Lease
    end: float
    heard: int = 0
    percent: int = 0
    looked_at: float = float("-inf")
    unwanted: Cancelled | LeaseLost | None = None

    @property
    def left(self) -> float:
        return self.end - time.monotonic()

    def exchange(self, provider: ProviderSettings, question: Question, mode: str, seconds: float) -> Reply:
        """Return the provider's reply.

        :raises ProviderDown: when there is none, or `unwanted` is set.
        """
        self.heard = 0
        return providers.build(provider).ask(
            question, mode=mode, seconds=seconds, should_stop=self._is_unwanted, heard=self._hear
        )

    def wait(self, seconds: float) -> None:
        """Wait before the next attempt.

        :raises Cancelled, LeaseLost: as soon as the plan is not wanted any more.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.look()
            time.sleep(min(left, LOOK_SECONDS))

    def _hear(self, characters: int) -> None:
        self.heard = characters

    def _is_unwanted(self) -> bool:
        try:
            self.look()
        except (Cancelled, LeaseLost) as reason:
            self.unwanted = reason
        return self.unwanted is not None

    def look(self) -> None:
        """Report how much was heard, where that is news, and see whether the plan is still wanted.

        :raises Cancelled, LeaseLost: when it is not.
        """
        if self.lease.lost.is_set():
            raise LeaseLost
        if time.monotonic() < self.looked_at + REPORT_SECONDS and not self.lease.cancelled.is_set():
            return
        self.looked_at = time.monotonic()
        share = min(1.0, self.heard / (CHARACTERS_A_DAY * len(self.brief.dates)))
        percent = FIRST_PERCENT + int(share * (LAST_PERCENT - FIRST_PERCENT))
        if percent > self.percent:
            self.percent = percent
            self.lease.report("asking", percent)
        elif PlanJob.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise Cancelled
