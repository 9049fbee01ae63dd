"""Plans that are ordered of the scene, and how they came out by the database's own word.

Invariant: what a test says about an outcome is read from the rows, not from the API that is under test.
"""

from collections.abc import Sequence
from typing import Any

from tests.faults.scene import Scene
from tests.journeys.person import Person

DAY = "2026-03-02"
ENDINGS = "('plan.ready', 'plan.failed', 'plan.cancelled')"


def order(person: Person, **fields: Any) -> dict[str, Any]:
    """Ask for a plan of one day, which must be accepted; return the job."""
    status, job = person.post("/generate-plan", {"kind": "meal", "start_date": DAY, "days": 1, **fields})
    assert status in {200, 202}, job
    return dict(job)


def consenting(scene: Scene, count: int) -> list[Person]:
    """Register people for whom the model may be asked."""
    return [Person(scene.url, ai_consent=True) for _ in range(count)]


def status(scene: Scene, job: dict[str, Any]) -> str:
    return str(scene.rows("SELECT status FROM plan_jobs WHERE id = %s", job["id"])[0][0])


def wait_for(scene: Scene, jobs: Sequence[dict[str, Any]], *wanted: str, attempts: int = 1) -> None:
    """Wait until all jobs have one of these states, in no earlier than this attempt."""
    query = "SELECT count(*) FROM plan_jobs WHERE id::text = ANY(%s) AND status = ANY(%s) AND attempts >= %s"
    ids = [job["id"] for job in jobs]
    scene.wait_for(lambda: scene.rows(query, ids, list(wanted), attempts) == [(len(jobs),)])


def outcome(scene: Scene, job: dict[str, Any]) -> tuple[str, int, int]:
    """Return a job's state, how many plans were stored for it, and how many events say that it ended."""
    plans = scene.rows("SELECT count(*) FROM meal_plan_versions WHERE job_id = %s", job["id"])[0][0]
    query = f"SELECT count(*) FROM events WHERE data->>'job_id' = %s AND type IN {ENDINGS}"  # noqa: S608 - a constant
    return status(scene, job), int(plans), int(scene.rows(query, job["id"])[0][0])


def story(scene: Scene, job: dict[str, Any]) -> tuple[str, str]:
    """Return who made the plan, and why it was not the model."""
    source, reason = scene.rows("SELECT source, fallback_reason FROM plan_jobs WHERE id = %s", job["id"])[0]
    return str(source), str(reason)
