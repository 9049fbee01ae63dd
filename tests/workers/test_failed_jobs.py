"""Staff and the jobs that ended without a plan: they see why, and ask once more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from ai.models import JobStatus, PlanJob
from tests import factories
from users import events
from users.models import User

pytestmark = pytest.mark.django_db

PAGE = "/admin/workers/deadjob/"
TERMINAL = {"plan.ready", "plan.failed", "plan.cancelled"}


def dead(owner: User, **fields: Any) -> PlanJob:
    """Return a job that failed as the last attempt of a poison job does."""
    values = {
        "status": JobStatus.FAILED,
        "attempts": 3,
        "finished_at": timezone.now(),
        "error": {"code": "internal_error", "detail": "The plan could not be made."},
        **fields,
    }
    return factories.job(owner, **values)


def ask_again(browser: Client, *jobs: PlanJob) -> list[str]:
    """Choose the action for these jobs; return what staff are told."""
    chosen = {"action": "ask_again", "_selected_action": [str(job.pk) for job in jobs]}
    answer = browser.post(PAGE, chosen, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in get_messages(answer.wsgi_request)] or [
        str(message) for message in answer.context["messages"]
    ]


def endings(user: User) -> list[tuple[str, str]]:
    return [(entry["data"]["job_id"], entry["type"]) for entry in events.after(user.pk, 0) if entry["type"] in TERMINAL]


def test_staff_see_failed_jobs_and_why_and_no_others(as_staff: Client, owner: User) -> None:
    failed = dead(owner)
    fine = factories.job(owner, status=JobStatus.SUCCEEDED)

    page = as_staff.get(PAGE).content.decode()

    assert str(failed.pk) in page
    assert "internal_error" in page
    assert str(fine.pk) not in page


def test_a_plan_that_is_asked_for_again_is_a_new_job_with_one_end_of_its_own(
    as_staff: Client, owner: User, run_jobs: Callable[[], int]
) -> None:
    failed = dead(owner, overrides={"dietary_preferences": ["vegan"]})

    ask_again(as_staff, failed)
    again = PlanJob.objects.exclude(pk=failed.pk).get()
    run_jobs()

    failed.refresh_from_db()
    again.refresh_from_db()
    assert (failed.status, again.status) == (JobStatus.FAILED, JobStatus.SUCCEEDED)
    assert (again.kind, again.start_date, again.days, again.overrides) == (
        failed.kind,
        failed.start_date,
        failed.days,
        failed.overrides,
    )
    assert endings(owner) == [(str(again.pk), "plan.ready")]


def test_what_is_being_made_already_is_not_asked_for_twice(as_staff: Client, owner: User) -> None:
    failed = dead(owner)
    factories.job(owner)

    told = ask_again(as_staff, failed)

    assert PlanJob.objects.count() == 2
    assert told[0] == "0 of 1 asked for again."
    assert str(failed.pk) in told[1]


def test_several_are_asked_for_at_once_and_each_counts_alone(as_staff: Client, owner: User, stranger: User) -> None:
    told = ask_again(as_staff, dead(owner), dead(stranger), dead(owner))

    assert told[0] == "2 of 3 asked for again."
    assert PlanJob.objects.filter(status=JobStatus.QUEUED).count() == 2


def test_who_may_not_steer_jobs_may_not_here(owner: User) -> None:
    browser = Client()
    browser.force_login(factories.user(email="reader@example.org", is_staff=True))
    failed = dead(owner)

    answer = browser.post(PAGE, {"action": "ask_again", "_selected_action": [str(failed.pk)]})

    assert answer.status_code in {302, 403}
    assert PlanJob.objects.count() == 1
