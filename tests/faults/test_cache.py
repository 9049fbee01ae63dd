"""Faults 50 to 52: readings through a cache that stalls, comes back empty, is cold for a crowd, or holds nonsense.

Invariant: web servers that really run, and a Redis that is really stopped; what was written is what is read.
"""

from collections.abc import Callable

import pytest

from config import cache_hash
from tests.faults.scene import Scene
from tests.faults.test_jobs import together
from tests.journeys.person import Person

CROWD, WRITES, READERS = 200, 10, 4
READINGS = ("/profile", "/profile/targets", "/today?date=2026-03-02")


@pytest.fixture
def reader(scene: Scene) -> Person:
    """A person whose requests go to either of two web servers, as the kernel pleases."""
    scene.add("web2")
    scene.wait_for(scene["web2"].ready)
    return Person(scene.url)


def counted(scene: Scene, outcome: str) -> float:
    """Return how many readings came out so, by the one web server that is asked."""
    wanted = f'regimen_cache_reads_total{{outcome="{outcome}"}}'
    return next((float(line.split()[1]) for line in scene.text("/metrics").splitlines() if line.startswith(wanted)), 0)


def kept(scene: Scene, person: Person, path: str) -> str:
    """Return the key under which the person's answers are kept, once there is one: nothing is while debts are open."""
    key = cache_hash.key(person.user["id"])
    with scene.store() as store:
        scene.wait_for(lambda: person.get(path)[0] == 200 and bool(store.exists(key)))
    return key


def stale(reader: Person, between: Callable[[int], None]) -> list[tuple[int, list[str]]]:
    """Write and read, in turn; return what was read though something newer had been written."""
    found = []
    for number in range(WRITES):
        status, _ = reader.request("PATCH", "/profile", {"name": f"number {number}"})
        assert status == 200
        between(number)
        names = together(lambda _: reader.get("/profile")[1]["name"], READERS)
        if set(names) != {f"number {number}"}:
            found.append((number, names))
    return found


def test_fault_50_what_was_written_is_what_either_server_shows(reader: Person) -> None:
    assert stale(reader, lambda _: None) == []


def test_fault_50_also_when_redis_hangs_during_every_other_write(scene: Scene, reader: Person) -> None:
    def write(number: int) -> None:
        reader.get("/profile")  # something is kept that will be old
        with scene.redis.held_still():
            status, _ = reader.request("PATCH", "/profile", {"name": f"number {number}"})
        assert status == 200

    assert stale(reader, lambda number: write(number) if number % 2 else None) == []


def test_fault_50_also_when_redis_ends_and_starts_empty(scene: Scene, reader: Person) -> None:
    def restart(number: int) -> None:
        if number % 3 == 0:
            scene.redis.kill()
            scene.redis.start_again()

    assert stale(reader, restart) == []


def test_fault_50_also_when_the_server_that_wrote_is_killed(scene: Scene, reader: Person) -> None:
    def kill(number: int) -> None:
        if number % 4 == 0:
            scene["web2"].kill()
            scene["web2"].start_again()

    assert stale(reader, kill) == []


def test_fault_51_of_a_crowd_before_a_cold_cache_one_loads(scene: Scene, someone: Person) -> None:
    with scene.store() as store:
        store.flushdb()
    before = counted(scene, "miss")

    answers = together(lambda _: someone.get("/profile"), CROWD)

    loads = counted(scene, "miss") - before
    assert [status for status, _ in answers] == [200] * CROWD
    assert len({str(profile) for _, profile in answers}) == 1
    assert loads <= 2 * 2  # the reading, and that the session lives: each by one, by two where a lock was lost


@pytest.mark.parametrize("path", READINGS)
@pytest.mark.parametrize("nonsense", [b"", b"\x00\xff", b"[]", b'{"id": 1}', b"0" * 60])
def test_fault_52_nonsense_in_the_cache_is_loaded_again(
    scene: Scene, someone: Person, path: str, nonsense: bytes
) -> None:
    expected = someone.get(path)
    with scene.store() as store:
        key = kept(scene, someone, path)
        for field in store.hkeys(key):
            store.hset(key, field, nonsense)

    assert someone.get(path) == expected


@pytest.mark.parametrize("kind", ["text", "list", "set"])
def test_fault_52_something_else_in_the_place_of_the_answers_is_survived(
    scene: Scene, someone: Person, kind: str
) -> None:
    expected = someone.get("/profile")
    with scene.store() as store:
        key = kept(scene, someone, "/profile")
        store.delete(key)
        {"text": store.set, "list": store.lpush, "set": store.sadd}[kind](key, "nonsense")

    answers = [someone.get("/profile") for _ in range(3)]
    written, _ = someone.request("PATCH", "/profile", {"name": "Ada Byron"})

    assert answers == [expected] * 3
    assert (written, someone.get("/profile")[1]["name"]) == (200, "Ada Byron")
