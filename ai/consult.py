"""Asking the models of AI_PROVIDERS in their order, and keeping the books.

Invariant: nothing leaves without the person's consent, a switch that is on, a breaker that admits it, money set aside
for it and a row that says so; whatever fails ends as a reason, within one deadline.
"""

import hashlib
import json
import random
import time
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from ai import breaker, budget, documents, prompts, proposals
from ai.inquiry import Inquiry
from ai.models import AICall, PlanJob, ProviderSwitch
from ai.prompts import Brief
from ai.proposals import Proposal
from ai.providers import ProviderDown, Question
from ai.queue import Lease
from config.providers import SCHEMA_MODES, ProviderSettings
from users import selectors as people

ATTEMPTS = 3  # of one provider: a first and two more
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 8.0
FAIR_SHARE = 0.5  # of its deadline: a timeout after less than that says nothing about a provider
SKIPPED = {"off": "unavailable", "open": "unavailable"}  # outcomes in the words of `fallback_reason`
CHANGING = (  # of a row in the ledger, while its provider is asked
    *("schema_mode", "prompt_hash", "outcome", "detail", "latency_ms", "attempts"),
    *("prompt_tokens", "completion_tokens", "usd"),
)

_accepted: dict[ProviderSettings, str] = {}  # the schema mode that served where a stricter one was refused


@dataclass(frozen=True, slots=True)
class Advice:
    """A proposal, or why there is none; `call` is the ledger's row of the provider that made it from `brief`.

    `fallback_reason` is timeout, unavailable, invalid, budget or no_consent; None also when no model is configured.
    """

    proposal: Proposal | None = None
    fallback_reason: str | None = None
    call: AICall | None = None
    brief: Brief | None = None


def consult(job: PlanJob, brief: Brief, lease: Lease) -> Advice:
    """Return what the first provider that answers well proposes.

    :raises Cancelled: when the person asked for that.
    :raises LeaseLost: when the job is no longer ours.
    """
    if not settings.AI_PROVIDERS:
        return Advice()
    if not people.has_consented(job.user_id, "ai"):
        return Advice(fallback_reason="no_consent")
    end = time.monotonic() + settings.AI_DEADLINE.total_seconds()
    chance = random.Random(f"{job.seed} {job.attempts}")  # noqa: S311 - so that a run can be repeated
    return _ask_in_order(Inquiry(job=job, brief=brief, lease=lease, end=end), chance)


def pause(tries: int, retry_after: float | None, chance: random.Random) -> float:
    """Return the seconds to wait after that many tries: what the provider asks for, else anything up to a limit.

    Full jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015): 0 to 0.5 s, doubling up to 8 s.
    """
    if retry_after is not None:
        return max(0.0, retry_after)
    return chance.uniform(0, min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2 ** (tries - 1)))


@dataclass(slots=True, kw_only=True)
class _Turn:
    """One provider's part in a plan. `call` is its row in the ledger, written before anything leaves and afterwards."""

    provider: ProviderSettings
    brief: Brief
    call: AICall
    was_refused: bool = False
    proposal: Proposal | None = None

    @classmethod
    def of(cls, provider: ProviderSettings, inquiry: Inquiry) -> "_Turn":
        call = AICall(
            job=inquiry.job,
            provider=provider.name,
            model=provider.model,
            schema_mode=_accepted.get(provider, provider.schema_mode),
            prompt_version=prompts.VERSION,
            latency_ms=0,
            attempts=0,
            usd=Decimal(0),
        )
        return cls(provider=provider, brief=prompts.narrowed(inquiry.brief, provider.max_choices), call=call)

    @property
    def question(self) -> Question:
        """Return the question in the form of the schema mode."""
        form = prompts.counted if self.call.schema_mode == "grammar" else prompts.schema
        return Question(*prompts.question(self.brief), form(self.brief))

    @property
    def sent(self) -> bytes:
        """Return all that leaves: the rules, the data and the schema."""
        question = self.question
        schema = json.dumps(question.schema, ensure_ascii=False, separators=(",", ":"))
        return f"{question.system}{question.user}{schema}".encode()

    def skip(self, outcome: str) -> None:
        """Say why it is not asked; once it was, how that came out says more."""
        if not self.call.attempts:
            self.call.outcome = outcome

    def step_down(self) -> bool:
        """Take the next laxer schema mode; say whether there is one."""
        lower = SCHEMA_MODES[SCHEMA_MODES.index(self.call.schema_mode) + 1 :]
        self.call.schema_mode = lower[0] if lower else self.call.schema_mode
        return bool(lower)

    def story(self, tokens: tuple[int, int]) -> dict[str, object]:
        """Return who was asked, how, and how the last attempt came out."""
        return {
            "provider": self.provider.name,
            "model": self.provider.model,
            "schema_mode": self.call.schema_mode,
            "prompt_version": prompts.VERSION,
            "attempt": self.call.attempts,
            "outcome": self.call.outcome,
            "detail": self.call.detail,
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
        }

    def begin(self, hold: budget.Hold) -> None:
        """Book an attempt at what it may cost: what stands there should the worker die in it."""
        self.call.attempts += 1
        self.call.outcome, self.call.detail = "stopped", ""
        self.call.usd += hold.usd
        self.book()

    def pay(self, hold: budget.Hold, tokens: tuple[int, int]) -> None:
        """Put what an attempt cost in the place of what it might have cost."""
        price = budget.cost(self.provider, *tokens)
        self.call.usd -= hold.usd
        if any(tokens):
            self.call.usd += budget.settle(hold, price)
        else:
            budget.give_back(hold)
        self.call.prompt_tokens += tokens[0]
        self.call.completion_tokens += tokens[1]

    def book(self) -> None:
        """Write the row, or what has changed of it; one that is gone went with its person."""
        self.call.prompt_hash = hashlib.sha256(self.sent).hexdigest()
        if self.call.pk is None:
            self.call.save()
        else:
            AICall.objects.filter(pk=self.call.pk).update(**{name: getattr(self.call, name) for name in CHANGING})


def _ask_in_order(inquiry: Inquiry, chance: random.Random) -> Advice:
    reason, was_asked = "timeout", False
    for provider in settings.AI_PROVIDERS:
        if inquiry.left <= 0:
            break
        turn = _Turn.of(provider, inquiry)
        try:
            _take(turn, inquiry, chance)
        finally:
            turn.book()
        if turn.proposal:
            return Advice(proposal=turn.proposal, call=turn.call, brief=turn.brief)
        if turn.call.attempts or not was_asked:
            reason = SKIPPED.get(turn.call.outcome, turn.call.outcome)
        was_asked |= turn.call.attempts > 0
    return Advice(fallback_reason=reason)


def _take(turn: _Turn, inquiry: Inquiry, chance: random.Random) -> None:
    """Ask one provider, again where that may help."""
    while hold := _admitted(turn, inquiry):
        failure = _attempt(turn, inquiry, hold)
        if failure is None or not _may_try_again(turn, inquiry, failure, chance):
            break
    if turn.proposal and turn.was_refused:
        _accepted[turn.provider] = turn.call.schema_mode


def _admitted(turn: _Turn, inquiry: Inquiry) -> budget.Hold | None:
    """Return the money for an attempt; None when anything is against it, which may have changed since the last one.

    :raises Cancelled, LeaseLost: when the plan is not wanted any more.
    """
    if against := _objection(turn.provider, inquiry.job):
        turn.skip(against)
        return None
    inquiry.look()
    price = budget.most(turn.provider, len(turn.sent))
    hold = budget.set_aside(inquiry.job.user_id, price, timezone.now())
    if hold is None:
        turn.skip("budget")
    return hold


def _objection(provider: ProviderSettings, job: PlanJob) -> str:
    """Return what is against asking a provider now, as the ledger says it; nothing when nothing is."""
    if not people.has_consented(job.user_id, "ai"):
        return "no_consent"
    if ProviderSwitch.objects.filter(name=provider.name, is_on=False).exists():
        return "off"
    return "" if breaker.admits(provider.name) else "open"


def _attempt(turn: _Turn, inquiry: Inquiry, hold: budget.Hold) -> ProviderDown | None:
    """Ask once; return what went wrong. What it cost is not known after a defect: the money stays set aside then."""
    turn.begin(hold)
    started, seconds = time.monotonic(), min(turn.provider.deadline, inquiry.left)
    failure, text = None, None
    try:
        reply = inquiry.exchange(turn.provider, turn.question, turn.call.schema_mode, seconds)
        tokens, text = (reply.prompt_tokens, reply.completion_tokens), reply.text
        turn.proposal = proposals.parse(reply.text, turn.brief)
    except ProviderDown as down:
        failure, tokens = down, down.tokens
    except proposals.InvalidProposal as fault:
        failure = ProviderDown("invalid", str(fault), blames=False)
    finally:
        turn.call.latency_ms += round((time.monotonic() - started) * 1000)
    turn.pay(hold, tokens)
    if inquiry.unwanted:
        raise inquiry.unwanted
    turn.call.outcome, turn.call.detail = (failure.reason, failure.detail[:200]) if failure else ("ok", "")
    documents.keep_exchange(inquiry.job, turn.question, text, about=turn.story(tokens), at=timezone.now())
    _tell_breaker(turn.provider, failure, seconds)
    return failure


def _tell_breaker(provider: ProviderSettings, failure: ProviderDown | None, seconds: float) -> None:
    fair = FAIR_SHARE * min(provider.deadline, settings.AI_DEADLINE.total_seconds())
    if failure is None or not failure.blames:
        breaker.record(provider.name, failed=False)
    elif failure.reason != "timeout" or seconds >= fair:
        breaker.record(provider.name, failed=True)


def _may_try_again(turn: _Turn, inquiry: Inquiry, failure: ProviderDown, chance: random.Random) -> bool:
    """Step down the schema's ladder, or wait; say whether there is reason and time to ask again."""
    if turn.call.attempts >= ATTEMPTS or inquiry.left <= 0:
        return False
    if failure.lower_mode or (failure.reason == "invalid" and not failure.again):
        turn.was_refused |= failure.lower_mode
        return turn.step_down()
    seconds = pause(turn.call.attempts, failure.retry_after, chance)
    if not failure.again or seconds >= inquiry.left:
        return False
    inquiry.wait(seconds)
    return True
