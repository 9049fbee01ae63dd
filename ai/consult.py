"""Asking the models of AI_PROVIDERS in their order, and keeping the books.

Invariant: nothing leaves without the person's consent, a switch that is on, a breaker that admits it and money set
aside for it; whatever fails ends as a reason, within one deadline.
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
    """One provider's part in a plan: what becomes its row in the ledger."""

    provider: ProviderSettings
    mode: str
    brief: Brief
    outcome: str = ""
    detail: str = ""
    attempts: int = 0
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: Decimal = Decimal(0)
    was_refused: bool = False
    proposal: Proposal | None = None

    @property
    def question(self) -> Question:
        """Return the question in the form of the schema mode."""
        form = prompts.counted if self.mode == "grammar" else prompts.schema
        return Question(*prompts.question(self.brief), form(self.brief))

    @property
    def sent(self) -> bytes:
        """Return all that leaves: the rules, the data and the schema."""
        question = self.question
        schema = json.dumps(question.schema, ensure_ascii=False, separators=(",", ":"))
        return f"{question.system}{question.user}{schema}".encode()

    def skip(self, outcome: str) -> None:
        """Say why it is not asked; once it was, how that came out says more."""
        if not self.attempts:
            self.outcome = outcome

    def step_down(self) -> bool:
        """Take the next laxer schema mode; say whether there is one."""
        lower = SCHEMA_MODES[SCHEMA_MODES.index(self.mode) + 1 :]
        self.mode = lower[0] if lower else self.mode
        return bool(lower)

    def story(self, tokens: tuple[int, int]) -> dict[str, object]:
        """Return who was asked, how, and how the last attempt came out."""
        return {
            "provider": self.provider.name,
            "model": self.provider.model,
            "schema_mode": self.mode,
            "prompt_version": prompts.VERSION,
            "attempt": self.attempts,
            "outcome": self.outcome,
            "detail": self.detail,
            "prompt_tokens": tokens[0],
            "completion_tokens": tokens[1],
        }

    def pay(self, hold: budget.Hold, tokens: tuple[int, int]) -> None:
        if not any(tokens):
            budget.give_back(hold)
            return
        self.usd += budget.settle(hold, budget.cost(self.provider, *tokens))
        self.prompt_tokens += tokens[0]
        self.completion_tokens += tokens[1]


def _ask_in_order(inquiry: Inquiry, chance: random.Random) -> Advice:
    off = set(ProviderSwitch.objects.filter(is_on=False).values_list("name", flat=True))
    reason, was_asked = "timeout", False
    for provider in settings.AI_PROVIDERS:
        if inquiry.left <= 0:
            break
        brief = prompts.narrowed(inquiry.brief, provider.max_choices)
        turn = _Turn(provider=provider, mode=_accepted.get(provider, provider.schema_mode), brief=brief)
        try:
            _take(turn, inquiry, chance, is_off=provider.name in off)
        finally:
            call = _book(turn, inquiry)
        if turn.proposal:
            return Advice(proposal=turn.proposal, call=call, brief=turn.brief)
        if turn.attempts or not was_asked:
            reason = SKIPPED.get(turn.outcome, turn.outcome)
        was_asked |= turn.attempts > 0
    return Advice(fallback_reason=reason)


def _take(turn: _Turn, inquiry: Inquiry, chance: random.Random, *, is_off: bool) -> None:
    """Ask one provider, again where that may help."""
    if is_off:
        turn.skip("off")
        return
    while hold := _admitted(turn, inquiry):
        failure = _attempt(turn, inquiry, hold)
        if failure is None or not _may_try_again(turn, inquiry, failure, chance):
            break
    if turn.proposal and turn.was_refused:
        _accepted[turn.provider] = turn.mode


def _admitted(turn: _Turn, inquiry: Inquiry) -> budget.Hold | None:
    """Return the money for an attempt; None when the breaker or a cap is against it."""
    if not breaker.admits(turn.provider.name):
        turn.skip("open")
        return None
    price = budget.most(turn.provider, len(turn.sent))
    hold = budget.set_aside(inquiry.job.user_id, price, timezone.now())
    if hold is None:
        turn.skip("budget")
    return hold


def _attempt(turn: _Turn, inquiry: Inquiry, hold: budget.Hold) -> ProviderDown | None:
    """Ask once; return what went wrong."""
    turn.attempts += 1
    turn.outcome, turn.detail = "stopped", ""
    started, seconds = time.monotonic(), min(turn.provider.deadline, inquiry.left)
    failure, tokens, text = None, (0, 0), None
    try:
        reply = inquiry.exchange(turn.provider, turn.question, turn.mode, seconds)
        tokens, text = (reply.prompt_tokens, reply.completion_tokens), reply.text
        turn.proposal = proposals.parse(reply.text, turn.brief)
    except ProviderDown as down:
        failure, tokens = down, down.tokens
    except proposals.InvalidProposal as fault:
        failure = ProviderDown("invalid", str(fault), blames=False)
    finally:
        turn.seconds += time.monotonic() - started
        turn.pay(hold, tokens)
    if inquiry.unwanted:
        raise inquiry.unwanted
    turn.outcome, turn.detail = (failure.reason, failure.detail) if failure else ("ok", "")
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
    if turn.attempts >= ATTEMPTS or inquiry.left <= 0:
        return False
    if failure.lower_mode or (failure.reason == "invalid" and not failure.again):
        turn.was_refused |= failure.lower_mode
        return turn.step_down()
    seconds = pause(turn.attempts, failure.retry_after, chance)
    if not failure.again or seconds >= inquiry.left:
        return False
    inquiry.wait(seconds)
    return True


def _book(turn: _Turn, inquiry: Inquiry) -> AICall:
    return AICall.objects.create(
        job=inquiry.job,
        provider=turn.provider.name,
        model=turn.provider.model,
        schema_mode=turn.mode,
        prompt_version=prompts.VERSION,
        prompt_hash=hashlib.sha256(turn.sent).hexdigest(),
        outcome=turn.outcome,
        detail=turn.detail[:200],
        latency_ms=round(turn.seconds * 1000),
        attempts=turn.attempts,
        prompt_tokens=turn.prompt_tokens,
        completion_tokens=turn.completion_tokens,
        usd=turn.usd,
    )
