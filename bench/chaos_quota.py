"""Twenty orders at once with one left of the quota: exactly one is accepted, every time.

Invariant: the orders are for different days, so that nothing but the quota stands between them.
"""

import threading
from collections import Counter
from collections.abc import Iterator

from bench.chaos_client import Client, Stage
from bench.chaos_table import Row, least, none
from config.embedded_process import free_port

PART = "quota"
CROWD, TIMES, SMALL_TIMES = 20, 200, 10
QUOTA, WINDOW = 30, 600  # of config.limits: plans, in seconds
KEY = "regimen:limit:generate:{}"  # of config.buckets: the moment at which it is full again


def run(stage: Stage) -> Iterator[Row]:
    times, port = SMALL_TIMES if stage.scale.small else TIMES, free_port()
    stage.needs("web1", "worker1", "clock")
    stage.scene.add("web9", port=port, RATE_LIMITS="1")
    stage.scene.wait_for(stage.scene["web9"].ready)
    rounds = [_round(stage, one, port) for one in stage.people(times)]
    stage.scene.processes.pop("web9").kill()
    yield least(PART, f"times that {CROWD} asked at once with one left", len(rounds), times)
    yield none(PART, "times that more than one was accepted", sum(one[202] > 1 for one in rounds))
    yield none(PART, "times that none was accepted", sum(one[202] == 0 for one in rounds))
    others = sum(one.total() - one[202] - one[429] for one in rounds)
    yield none(PART, "other answers than 202, and 429 with Retry-After", others)


def _round(stage: Stage, person: Client, port: int) -> Counter[int]:
    """Use up all but one, ask twenty times at once, and count the answers."""
    with stage.scene.store() as store:
        seconds, micros = store.time()
        full = seconds + micros / 1e6 + WINDOW * (QUOTA - 1) / QUOTA
        store.set(KEY.format(person.id), f"{full:.6f}", ex=WINDOW)
    answers: Counter[int] = Counter()
    start, lock = threading.Barrier(CROWD), threading.Lock()

    def ask(number: int) -> None:
        one = Client(port, person.id, person.access)
        start.wait()
        answer = one.post("/generate-plan", {"kind": "workout", "start_date": f"2026-03-{number + 1:02}", "days": 1})
        one.hang_up()
        whole = answer.status != 429 or int(answer.headers.get("Retry-After", 0)) > 0
        with lock:
            answers[answer.status if whole else 0] += 1

    crowd = [threading.Thread(daemon=True, target=ask, args=(number,)) for number in range(CROWD)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    return answers
