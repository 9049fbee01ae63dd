"""From which address a request comes, whatever it says itself."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from config import addresses


def asked_from(peer: str, forwarded: str = "") -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else None
    return addresses.of(RequestFactory(REMOTE_ADDR=peer).get("/", headers=headers))


@pytest.mark.parametrize("forged", ["9.9.9.9", "127.0.0.1", "::1", "a, b, c", "1.1.1.1, 2.2.2.2", "\x00"])
def test_a_forged_forwarded_address_changes_nothing(forged: str) -> None:
    assert asked_from("10.0.0.1", forged) == "10.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "1.1.1.1, 9.9.9.9", "9.9.9.9"),
        (2, "1.1.1.1, 9.9.9.9, 10.0.0.7", "9.9.9.9"),
        (2, "9.9.9.9", "9.9.9.9"),
        (1, "9.9.9.9:1234", "9.9.9.9"),
        (1, "[2001:db8:1:2:3::4]:443", "2001:db8:1:2::/64"),
        (1, "", "10.0.0.1"),
        (1, "1.1.1.1, unknown", "10.0.0.1"),
    ],
)
def test_behind_proxies_the_address_is_the_one_that_the_outermost_of_ours_saw(
    settings: Settings, proxies: int, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert asked_from("10.0.0.1", forwarded) == expected


@pytest.mark.parametrize(
    ("peer", "expected"),
    [("::ffff:9.9.9.9", "9.9.9.9"), ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"), ("", "unknown")],
)
def test_addresses_of_one_customer_are_one(peer: str, expected: str) -> None:
    assert asked_from(peer) == expected
