"""A log and the event that tells of it are stored together, or neither is."""

import datetime as dt

import pytest
from django.db import DataError

from progress import services
from progress.models import ProgressLog
from tests.factories import MONDAY
from users import events
from users.models import User


def feed(user: User) -> list[tuple[str, str]]:
    return [(entry["type"], entry["data"]["date"]) for entry in events.after(user.pk, 0)]


def test_a_log_says_whether_it_is_new(owner: User) -> None:
    first, created = services.log_day(user_id=owner.pk, date=MONDAY, fields={"weight": 71.2})
    second, created_again = services.log_day(user_id=owner.pk, date=MONDAY, fields={"calories_consumed": 1800})

    assert (created, created_again) == (True, False)
    assert (second.pk, second.weight, second.calories_consumed) == (first.pk, 71.2, 1800)


def test_each_log_is_told_to_the_persons_devices_by_its_date(owner: User, stranger: User) -> None:
    for day in (0, 1, 0):
        services.log_day(user_id=owner.pk, date=MONDAY + dt.timedelta(days=day), fields={})

    assert feed(owner) == [
        ("progress.logged", "2026-03-02"),
        ("progress.logged", "2026-03-03"),
        ("progress.logged", "2026-03-02"),
    ]
    assert feed(stranger) == []


def test_the_event_names_the_date_and_no_figure(owner: User) -> None:
    services.log_day(user_id=owner.pk, date=MONDAY, fields={"weight": 71.2, "note": "slept badly"})

    assert events.after(owner.pk, 0)[0]["data"] == {"date": "2026-03-02"}


def test_a_log_that_cannot_be_stored_leaves_no_event(owner: User) -> None:
    with pytest.raises(DataError):
        services.log_day(user_id=owner.pk, date=MONDAY, fields={"note": "x" * 501})

    assert feed(owner) == []
    assert not ProgressLog.objects.exists()


def test_deleting_tells_whether_there_was_a_log(owner: User, stranger: User) -> None:
    services.log_day(user_id=owner.pk, date=MONDAY, fields={})

    answers = [services.delete_day(user_id=user.pk, date=MONDAY) for user in (stranger, owner, owner)]

    assert answers == [False, True, False]
    assert [type_ for type_, _ in feed(owner)] == ["progress.logged", "progress.deleted"]
    assert feed(stranger) == []
