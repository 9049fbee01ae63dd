"""Twenty orders at once with one left: exactly one is accepted, every time; of the day's quota, and of the rate limit.

Invariant: the orders are for different days, so that nothing but the limit that is measured stands between them.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator

from bench.chaos_client import AWAY, Answer, Client, Stage
from bench.chaos_table import Row, least, none
from config.embedded_process import free_port

PART = "quota"
CROWD, TIMES, SMALL_TIMES = 20, 200, 5
PLANS_PER_DAY = 100  # as shipped
MADE_TODAY = """
INSERT INTO plan_jobs (id, user_id, kind, start_date, days, overrides, seed, params_hash, status, stage, percent,
                       attempts, max_attempts, run_after, deadline_at, cancel_requested)
SELECT gen_random_uuid(), %s, 'meal', date '2025-01-01' + day, 1, '{}', 1, '', 'succeeded', 'done', 100,
       1, 3, now(), now(), false FROM generate_series(1, %s) AS day
"""
LIMIT, WINDOW = 30, 600  # of config.limits: plans, in seconds
KEY = "regimen:limit:generate:{}"  # of config.buckets: the moment at which it is full again

UseUp = Callable[[Stage, Client], object]


def run(stage: Stage) -> Iterator[Row]:
    stage.needs("web1", "worker1", "clock")
    yield from _measured(stage, "the day's quota", "plan_quota", _use_up_the_quota, RATE_LIMITS="0")
    yield from _measured(stage, "the rate limit", "rate_limited", _use_up_the_limit, RATE_LIMITS="1")


def _use_up_the_quota(stage: Stage, person: Client) -> None:
    """Let a person have had all of a day's plans but one."""
    stage.scene.rows(MADE_TODAY, person.id, PLANS_PER_DAY - 1)


def _use_up_the_limit(stage: Stage, person: Client) -> None:
    """Let a person have asked for all plans of ten minutes but one."""
    with stage.scene.store() as store:
        seconds, micros = store.time()
        full = seconds + micros / 1e6 + WINDOW * (LIMIT - 1) / LIMIT
        store.set(KEY.format(person.id), f"{full:.6f}", ex=WINDOW)


def _measured(stage: Stage, name: str, code: str, use_up: UseUp, **settings: str) -> Iterator[Row]:
    times, port = SMALL_TIMES if stage.scale.small else TIMES, free_port()
    stage.scene.add("web9", port=port, **settings)
    stage.scene.wait_for(stage.scene["web9"].ready)
    rounds = []
    for one in stage.people(times):
        use_up(stage, one)
        rounds.append(_round(one, port))
    stage.scene.processes.pop("web9").kill()
    refused = f"429 {code}"
    yield least(PART, f"{name}: times that {CROWD} asked at once with one left", len(rounds), times)
    yield none(PART, f"{name}: times that more than one was accepted", sum(one["202"] > 1 for one in rounds))
    yield none(PART, f"{name}: times that none was accepted", sum(one["202"] == 0 for one in rounds))
    others = sum((one - Counter({"202": CROWD, refused: CROWD}) for one in rounds), Counter[str]())
    named = ", ".join(f"{count} x {answer}" for answer, count in others.items())
    yield none(PART, f"{name}: other answers than 202, and 429 with Retry-After {named}".strip(), others.total())


def _round(person: Client, port: int) -> Counter[str]:
    """Ask twenty times at once, and count the answers by status and code."""
    answers: Counter[str] = Counter()
    start, lock = threading.Barrier(CROWD), threading.Lock()

    def ask(number: int) -> None:
        one = Client(port, person.id, person.access)
        start.wait()
        try:
            body = {"kind": "workout", "start_date": f"2026-03-{number + 1:02}", "days": 1}
            seen = _named(one.post("/generate-plan", body))
        except AWAY as error:
            seen = type(error).__name__
        one.hang_up()
        with lock:
            answers[seen] += 1

    crowd = [threading.Thread(daemon=True, target=ask, args=(number,)) for number in range(CROWD)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    return answers


def _named(answer: Answer) -> str:
    if answer.status < 400:
        return str(answer.status)
    says_when = int(answer.headers.get("retry-after", 0)) > 0
    return f"{answer.status} {answer.body['code']}{'' if says_when else ' without Retry-After'}"
