"""What the tests of `ai.consult` share: providers that do as their script says, and how they are asked.

Invariant: only `providers.build` is taken over; consent, breakers, money and the ledger are the product's own.
"""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from ai import consult, queue
from ai.consult import Advice
from ai.models import AISpending, PlanJob
from ai.prompts import Brief, Choice
from ai.providers import ProviderDown, Question, Reply
from ai.queue import Lease
from config.providers import ProviderSettings
from tests import factories
from users.models import User

DAY = "2026-03-02"
BRIEF = Brief(dates=(DAY,), slots=("lunch",), dishes={"lunch": [Choice("soup", "Soup", "15 min")]})
GOOD = json.dumps({"days": [{"date": DAY, "reason": "Warm.", "lunch": "soup"}]})
POOR = json.dumps({"days": [{"date": DAY, "reason": "Warm.", "lunch": "peanut_surprise"}]})
TOKENS = 900, 80
PRICE_IN, PRICE_OUT = Decimal("2.50"), Decimal(10)
_numbers = itertools.count(1)


@dataclass(slots=True)
class Asked:
    """What a provider was asked, and what it may call."""

    question: Question
    mode: str
    seconds: float
    should_stop: Callable[[], bool]
    heard: Callable[[int], None]


class Step(Protocol):
    def __call__(self, asked: Asked) -> Reply: ...


@dataclass(slots=True)
class Scripted:
    """A provider that does what its script says, one step a call; the last step goes on for ever."""

    script: list[str | ProviderDown | Step]
    asked: list[Asked] = field(default_factory=list)

    def ask(self, question: Question, **how: Any) -> Reply:
        self.asked.append(Asked(question, **how))
        step = self.script[0] if len(self.script) == 1 else self.script.pop(0)
        if isinstance(step, ProviderDown):
            raise step
        return Reply(step, *TOKENS) if isinstance(step, str) else step(self.asked[-1])

    @property
    def modes(self) -> list[str]:
        return [one.mode for one in self.asked]


class Cast:
    """The providers of a test, in their order."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.scripted: dict[str, Scripted] = {}

    def has(self, *script: str | ProviderDown | Step, **fields: Any) -> Scripted:
        """Add a provider to AI_PROVIDERS."""
        values: dict[str, Any] = {
            "name": f"model-{next(_numbers)}",
            "adapter": "openai_compatible",
            "model": "test-model",
            "base_url": "http://127.0.0.1:1/v1",
            "price_in": PRICE_IN,
            "price_out": PRICE_OUT,
            **fields,
        }
        one = ProviderSettings(**values)
        self.settings.AI_PROVIDERS = (*self.settings.AI_PROVIDERS, one)
        self.scripted[one.name] = Scripted(list(script))
        return self.scripted[one.name]

    def names(self) -> list[str]:
        return list(self.scripted)

    def build(self, settings: ProviderSettings) -> Scripted:
        return self.scripted[settings.name]


def lease_of(owner: User) -> Lease:
    job = queue.claim(factories.job(owner).pk)
    assert job
    return Lease.of(job)


def ask(owner: User, brief: Brief = BRIEF) -> Advice:
    lease = lease_of(owner)
    try:
        return consult.consult(lease.job, brief, lease)
    finally:
        PlanJob.objects.filter(pk=lease.job.pk).update(status="succeeded")  # so that there may be another


def down(reason: str = "unavailable", **fields: Any) -> ProviderDown:
    return ProviderDown(reason, "as the script says", **fields)


# --- what it costs -------------------------------------------------------------------------------


def spending(owner: User | None) -> tuple[int, Decimal]:
    row = AISpending.objects.get(user=owner)
    return row.calls, row.usd
