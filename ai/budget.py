"""What models may cost in a UTC day: each person, and everybody together.

Invariant: what is spent and what is set aside for calls in flight never pass a cap, however many workers ask at once.
Money is set aside before a call and settled after it; a worker that dies in between leaves it set aside.

Both rows are changed in one transaction, the person's before everybody's, so two of them never wait for each other.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from ai.models import AISpending
from config.providers import ProviderSettings

MICRO = Decimal("0.000001")  # of a dollar: what the books can hold
WRAPPING = 1000  # tokens that a provider puts around a question: its chat template, its words about tools


@dataclass(frozen=True, slots=True)
class Hold:
    """Money set aside for one call, in US dollars, in the books of `day`."""

    day: dt.date
    user_id: int
    usd: Decimal


def cost(provider: ProviderSettings, prompt_tokens: int, completion_tokens: int) -> Decimal:
    """Return the price of tokens in US dollars, rounded up to what the books can hold."""
    millionths = provider.price_in * prompt_tokens + provider.price_out * completion_tokens
    return (millionths / 1_000_000).quantize(MICRO, rounding=ROUND_UP)


def most(provider: ProviderSettings, question_bytes: int) -> Decimal:
    """Return the most that one call can cost: a tokenizer makes at most one token of a byte."""
    return cost(provider, question_bytes + WRAPPING, provider.max_tokens)


def set_aside(user_id: int, usd: Decimal, now: dt.datetime) -> Hold | None:
    """Take one call and its money out of what is left of the day; None when a cap would be passed."""
    hold = Hold(now.astimezone(dt.UTC).date(), user_id, usd)
    AISpending.objects.bulk_create(
        [AISpending(day=hold.day, user_id=user_id), AISpending(day=hold.day)], ignore_conflicts=True
    )
    own, everybody = _rows(hold)
    own = own.filter(calls__lt=settings.AI_CALLS_PER_USER, usd__lte=settings.AI_USD_PER_USER - usd)
    everybody = everybody.filter(usd__lte=settings.AI_USD_FOR_ALL - usd)
    with transaction.atomic():
        taken = all(row.update(calls=F("calls") + 1, usd=F("usd") + usd) for row in (own, everybody))
        if not taken:
            transaction.set_rollback(True)
    return hold if taken else None


def settle(hold: Hold, usd: Decimal) -> Decimal:
    """Book what a call cost and give back the rest; return what was booked, never more than was set aside."""
    booked = min(usd, hold.usd)
    with transaction.atomic():
        for row in _rows(hold):
            row.update(usd=F("usd") - (hold.usd - booked))
    return booked


def give_back(hold: Hold) -> None:
    """Undo what was set aside for a call that no model worked on."""
    with transaction.atomic():
        for row in _rows(hold):
            row.update(usd=F("usd") - hold.usd, calls=F("calls") - 1)


def spent(now: dt.datetime) -> Decimal:
    """Return what everybody's calls of the UTC day cost so far, those in flight included, in US dollars."""
    today = AISpending.objects.filter(day=now.astimezone(dt.UTC).date(), user=None).values_list("usd", flat=True)
    return today.first() or Decimal(0)


def _rows(hold: Hold) -> Iterator[QuerySet[AISpending]]:
    """Give the rows in the order in which everybody locks them."""
    for user_id in (hold.user_id, None):
        yield AISpending.objects.filter(day=hold.day, user=user_id)
