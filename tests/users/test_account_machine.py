"""Accounts and sessions against a small model of what must hold, in every order that Hypothesis can think of.

Invariant: PostgreSQL commits, Redis is real, and every answer is asked for through the thin layer first, as a client's
would be: a session that the model calls dead is dead there too.
"""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.signals import request_finished
from django.utils import timezone
from django_redis import get_redis_connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from config import reads
from config.cache_trust import trust
from config.hits import Hits
from tests import factories
from tests.conftest import Api
from tests.database.test_reads import Counting, ask
from tests.users.account_model import Account, Clock, Device
from users import account_api, letters, lifecycle
from users import api as users_api
from users.models import Erasure, Letter, Session, User

API = "/api/v1"
EMAILS = ("ada@example.org", "bob@example.org")
PASSWORDS = ("correct horse battery", "four blue kettles sing", "seven green teapots hum")
GRACE = dt.timedelta(seconds=10)


numbers = st.integers(0, 9)
MOSTLY = 8


class Accounts(RuleBasedStateMachine):
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.accounts: dict[str, Account] = {}
        self.erased: list[tuple[int, Device]] = []
        self.hits = Hits()
        self.thin = reads.Reads(Counting(), self.hits)
        self.clock.__init__()  # type: ignore[misc]

    def teardown(self) -> None:
        self.hits.close()
        request_finished.send(sender=None)
        User.objects.all().delete()
        Erasure.objects.all().delete()
        Letter.objects.all().delete()
        get_redis_connection("default").flushdb()
        trust.forget()

    # --- who and what ------------------------------------------------------------------------------

    def send(self, method: str, path: str, body: Any = None, device: Device | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {device.access}"} if device else {}
        answer = Api().request(method, f"{API}{path}", body, **headers)
        return answer.status_code, answer.json() if answer.content else None

    def chosen(self, number: int) -> tuple[Account, Device]:
        """Return a device and whose it is: mostly one that is signed in."""
        found = [(account, device) for account in self.accounts.values() for device in account.devices]
        live = [(account, device) for account, device in found if device.live and account.active]
        among = live if live and number < MOSTLY else found
        return among[number % len(among)]

    def has_devices(self) -> bool:
        return any(account.devices for account in self.accounts.values())

    def opened(self, tokens: dict[str, Any]) -> Device:
        return Device(tokens["access"], [tokens["refresh"]], self.clock.time)

    # --- what people do ----------------------------------------------------------------------------

    @rule(email=st.sampled_from(EMAILS), password=st.sampled_from(PASSWORDS))
    def register(self, email: str, password: str) -> None:
        body = {**factories.REGISTRATION, "email": email.upper(), "password": password}

        status, answer = self.send("POST", "/register", body)

        if email in self.accounts:
            assert (status, answer["code"]) == (409, "email_taken")
            return
        assert status == 201
        self.accounts[email] = Account(answer["user"]["id"], password, devices=[self.opened(answer)])

    @rule(email=st.sampled_from(EMAILS), password=st.sampled_from(PASSWORDS))
    def login(self, email: str, password: str) -> None:
        status, answer = self.send("POST", "/login", {"email": email, "password": password})

        account = self.accounts.get(email)
        if account and account.active and account.password == password:
            assert status == 200
            account.devices.append(self.opened(answer))
        else:
            assert (status, answer["code"]) == (401, "invalid_credentials")

    @precondition(has_devices)
    @rule(number=numbers, times=st.integers(0, 2), pause=st.booleans(), back=st.integers(0, 2))
    def refresh(self, number: int, times: int, pause: bool, back: int) -> None:  # noqa: FBT001
        """Trade a device's newest refresh token a few times, and then it, or one that was traded before."""
        account, device = self.chosen(number)
        for _ in range(times):
            self.trade(account, device, 0)
        if pause:
            self.wait()
        self.trade(account, device, back)

    def trade(self, account: Account, device: Device, back: int) -> None:
        back = min(back, len(device.refresh) - 1)
        in_grace = back == 1 and self.clock.time - device.refreshed < GRACE

        status, answer = self.send("POST", "/token/refresh", {"refresh": device.refresh[-1 - back]})

        if not (device.live and account.active):
            assert status == 401
        elif back == 0:
            assert status == 200
            device.refresh.append(answer["refresh"])
            device.access, device.refreshed = answer["access"], self.clock.time
        elif in_grace:
            assert (status, answer["refresh"]) == (200, device.refresh[-1])
        else:
            assert (status, answer["code"]) == (401, "token_reused")
            device.live = False

    @rule()
    def wait(self) -> None:
        self.clock.time = min(self.clock.time + GRACE, timezone.now())

    @precondition(has_devices)
    @rule(number=numbers, everywhere=st.booleans())
    def logout(self, number: int, everywhere: bool) -> None:  # noqa: FBT001
        account, device = self.chosen(number)
        path, body = ("/logout-all", None) if everywhere else ("/logout", {"refresh": device.refresh[-1]})

        status, _ = self.send("POST", path, body, device)

        assert status == (204 if device.live and account.active else 401)
        if status == 204 and everywhere:
            account.end_all()
        elif status == 204:
            device.live = False

    @precondition(has_devices)
    @rule(number=numbers, password=st.sampled_from(PASSWORDS), new=st.sampled_from(PASSWORDS))
    def change_password(self, number: int, password: str, new: str) -> None:
        account, device = self.chosen(number)

        status, answer = self.send("POST", "/password/change", {"current_password": password, "password": new}, device)

        if not (device.live and account.active):
            assert (status, answer["code"]) == (401, "unauthorized")
        elif password != account.password:
            assert (status, answer["code"]) == (401, "wrong_password")
        else:
            assert status == 204
            account.password = new
            account.end_all(but=device)

    @rule(email=st.sampled_from(EMAILS), new=st.sampled_from(PASSWORDS))
    def reset_password(self, email: str, new: str) -> None:
        assert self.send("POST", "/password/reset", {"email": email})[0] == 202
        letter = Letter.objects.filter(kind="reset_password").latest("created_at")
        mail.outbox.clear()
        letters.deliver(letter.pk)
        account = self.accounts.get(email)
        is_theirs = bool(account and account.active)
        assert [message.to for message in mail.outbox] == ([[email]] if is_theirs else [])

        status, _ = self.send(
            "POST", "/password/reset/confirm", {"token": letters.token_of(letter.pk), "password": new}
        )

        assert status == (204 if is_theirs else 422)
        if account and is_theirs:
            account.password = new
            account.end_all()

    @precondition(has_devices)
    @rule(number=numbers)
    def end_another_device(self, number: int) -> None:
        account, device = self.chosen(number)
        if not (device.live and account.active):
            assert self.send("GET", "/sessions", device=device)[0] == 401
            return
        _, answer = self.send("GET", "/sessions", device=device)
        assert len(answer["items"]) == sum(one.live for one in account.devices)

        for other in [one["id"] for one in answer["items"] if not one["current"]]:
            assert self.send("DELETE", f"/sessions/{other}", device=device)[0] == 204

        account.end_all(but=device)

    @precondition(lambda self: self.accounts)
    @rule(number=numbers)
    def deactivate(self, number: int) -> None:
        account = list(self.accounts.values())[number % len(self.accounts)]
        lifecycle.deactivate(user_id=account.user_id, now=self.clock.time)
        account.active = False
        account.end_all()

    @precondition(lambda self: self.accounts)
    @rule(number=numbers)
    def reactivate(self, number: int) -> None:
        """Staff think again: nobody is signed in by that."""
        account = list(self.accounts.values())[number % len(self.accounts)]
        User.objects.filter(pk=account.user_id).update(is_active=True)
        account.active = True

    @precondition(has_devices)
    @rule(number=numbers, password=st.sampled_from(PASSWORDS))
    def erase(self, number: int, password: str) -> None:
        account, device = self.chosen(number)

        status, _ = self.send("DELETE", "/profile", {"password": password}, device)

        if device.live and account.active and password == account.password:
            assert status == 204
            self.erased += [(account.user_id, one) for one in account.devices]
            self.accounts = {email: one for email, one in self.accounts.items() if one is not account}
        else:
            assert status == 401

    # --- what must hold ----------------------------------------------------------------------------

    def answered(self, device: Device) -> int:
        headers = [("host", "testserver"), ("authorization", f"Bearer {device.access}")]
        return ask(self.thin, "GET", f"{API}/profile", "", headers).status

    @invariant()
    def a_live_session_is_answered_and_an_ended_one_is_not(self) -> None:
        for account in self.accounts.values():
            for device in account.devices:
                assert self.answered(device) == (200 if device.live and account.active else 401)
        for _, device in self.erased:
            assert self.answered(device) == 401

    @invariant()
    def the_database_says_the_same(self) -> None:
        live = {account.user_id: sum(device.live for device in account.devices) for account in self.accounts.values()}
        stored = {
            user_id: Session.objects.filter(user_id=user_id, revoked_at=None).count()
            for user_id in User.objects.values_list("pk", flat=True)
        }
        assert stored == live
        gone = {user_id for user_id, _ in self.erased}
        assert set(Erasure.objects.values_list("user_id", flat=True)) == gone
        assert not Letter.objects.filter(user_id__in=gone).exists()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(users_api, "timezone", clock)
    monkeypatch.setattr(account_api, "timezone", clock)
    return clock


@pytest.mark.usefixtures("fresh_db")
def test_accounts_and_sessions_are_what_the_model_says_in_every_order(clock: Clock) -> None:
    run_state_machine_as_test(
        type("Machine", (Accounts,), {"clock": clock}),
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            phases=[
                Phase.explicit,
                Phase.reuse,
                Phase.generate,
            ],  # to shrink a failure takes minutes; 20 steps are read
            suppress_health_check=list(HealthCheck),
        ),
    )
