"""What staff see of the models and what they cost, and how they switch one off."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from ai import breaker, budget
from ai.models import AICall, AISpending, ProviderSwitch
from config.providers import ProviderSettings
from tests import factories
from tests.admin.pages import address, filled_in
from users.models import User


@pytest.fixture
def two_providers(settings: Any) -> list[str]:
    names = ["admin-main", "admin-spare"]
    settings.AI_PROVIDERS = tuple(
        ProviderSettings(name=name, adapter="openai_compatible", model="m", base_url="http://127.0.0.1:1/v1")
        for name in names
    )
    return names


def ledger(owner: User, *rows: tuple[str, str, int, str], at: dt.datetime | None = None) -> None:
    job = factories.job(owner, status="succeeded")
    for provider, outcome, latency_ms, usd in rows:
        row = AICall.objects.create(
            job=job, provider=provider, model="m", outcome=outcome, latency_ms=latency_ms, usd=Decimal(usd)
        )
        AICall.objects.filter(pk=row.pk).update(created_at=at or timezone.now())


def test_the_list_of_calls_is_headed_by_todays_figures(as_staff: Client, owner: User, settings: Any) -> None:
    settings.AI_USD_FOR_ALL = Decimal(50)
    budget.set_aside(owner.pk, Decimal("0.4"), timezone.now())
    ledger(owner, ("main", "ok", 1000, "0.10"), ("main", "ok", 3000, "0.20"), ("spare", "timeout", 20_000, "0"))

    page = as_staff.get(address(AICall, "changelist")).content.decode()

    assert "Today (UTC): 0.40 of 50.00 USD" in page
    assert "main: 2 ok; p50 2.0 s, p95 2.9 s; 0.30 USD" in page
    assert "spare: 1 timeout; p50 20.0 s, p95 20.0 s; 0.00 USD" in page


def test_yesterday_is_not_today(as_staff: Client, owner: User) -> None:
    ledger(owner, ("main", "ok", 1000, "0.10"), at=timezone.now() - dt.timedelta(days=1))

    assert "main: 1 ok" not in as_staff.get(address(AICall, "changelist")).content.decode()


def test_the_books_show_what_each_person_and_everybody_spent_of_which_cap(as_staff: Client, owner: User) -> None:
    budget.set_aside(owner.pk, Decimal("0.25"), timezone.now())

    page = as_staff.get(address(AISpending, "changelist")).content.decode()
    totals = as_staff.get(f"{address(AISpending, 'changelist')}?user__isempty=1").content.decode()

    assert owner.email in page
    assert "everybody" in page
    assert "0.250000" in totals
    assert owner.email not in totals


def test_nobody_resets_a_cap_by_deleting_its_row(as_staff: Client, owner: User) -> None:
    row = AISpending.objects.create(user=owner, day=factories.MONDAY, calls=20)

    answer = as_staff.post(address(AISpending, "delete", row.pk), {"post": "yes"})
    as_staff.post(
        address(AISpending, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    )

    assert answer.status_code == 403
    assert AISpending.objects.filter(pk=row.pk).exists()


def test_a_persons_books_go_with_the_person(as_staff: Client, owner: User) -> None:
    budget.set_aside(owner.pk, Decimal("0.25"), timezone.now())

    answer = as_staff.post(address(User, "delete", owner.pk), {"post": "yes"})

    assert answer.status_code == 302
    assert AISpending.objects.get().user is None


def test_every_configured_provider_has_a_switch_by_itself(as_staff: Client, two_providers: list[str]) -> None:
    answer = as_staff.get(address(ProviderSwitch, "changelist"))

    assert [row.name for row in answer.context["cl"].result_list] == two_providers[::-1]
    assert ProviderSwitch.objects.filter(is_on=True).count() == 2


def test_a_provider_is_switched_off_with_a_reason_and_on_again(as_staff: Client, two_providers: list[str]) -> None:
    as_staff.get(address(ProviderSwitch, "changelist"))
    page = address(ProviderSwitch, "change", two_providers[0])

    answer = filled_in(as_staff, page, is_on=False, reason="answers in Latin")
    off = ProviderSwitch.objects.get(name=two_providers[0])
    filled_in(as_staff, page, is_on=True)

    assert answer.status_code == 302
    assert (off.is_on, off.reason) == (False, "answers in Latin")
    assert ProviderSwitch.objects.get(name=two_providers[0]).is_on


def test_a_switch_is_neither_added_nor_deleted_nor_renamed(as_staff: Client, two_providers: list[str]) -> None:
    as_staff.get(address(ProviderSwitch, "changelist"))

    added = as_staff.post(address(ProviderSwitch, "add"), {"name": "invented", "is_on": "on"})
    deleted = as_staff.post(address(ProviderSwitch, "delete", two_providers[0]), {"post": "yes"})
    filled_in(as_staff, address(ProviderSwitch, "change", two_providers[0]), name="renamed")

    assert (added.status_code, deleted.status_code) == (403, 403)
    assert set(ProviderSwitch.objects.values_list("name", flat=True)) == set(two_providers)


def test_who_may_only_look_cannot_switch(two_providers: list[str], db: None) -> None:
    reader = factories.user(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_providerswitch"))
    browser = Client()
    browser.force_login(reader)
    browser.get(address(ProviderSwitch, "changelist"))

    answer = browser.post(address(ProviderSwitch, "change", two_providers[0]), {"reason": "mine"})

    assert answer.status_code == 403
    assert ProviderSwitch.objects.get(name=two_providers[0]).is_on


def test_the_switches_show_which_breaker_is_open(as_staff: Client, two_providers: list[str]) -> None:
    for _ in range(breaker.FAILURES):
        breaker.record(two_providers[0], failed=True)

    page = as_staff.get(address(ProviderSwitch, "changelist")).content.decode()

    assert page.count('<td class="field-breaker">open</td>') == 1
    assert page.count('<td class="field-breaker">closed</td>') == 1
