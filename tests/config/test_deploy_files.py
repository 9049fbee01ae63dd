"""The files that build and run the product elsewhere: lock files, Dockerfile, docker-compose.yml.

Invariant: what can be judged without an engine or a network is judged here; nothing is built or started.
"""

import json
import re
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grimp
import pytest
import yaml

from config import up

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
LOCKS = sorted((ROOT / "config").glob("*.lock"))
FLOORS = {  # the first versions without a hole that is publicly known
    "django": (5, 2, 11),  # CVE-2025-14550, CVE-2026-1287, CVE-2026-1312
    "pyjwt": (2, 15),  # CVE-2026-32597
    "daphne": (4, 2, 2),  # CVE-2026-44545, CVE-2026-44546
}
APPS = ("config", "users", "mealplans", "workouts", "progress", "ai", "workers")
LOCK_NAMES = [lock.name for lock in LOCKS]
WHOLE_LOCKS = [lock for lock in LOCKS if lock.name in {"requirements.lock", "requirements-dev.lock"}]


def instructions(name: str, text: str = DOCKERFILE) -> list[str]:
    """Return what follows this instruction, continued lines joined, in order."""
    return re.findall(rf"^{name} +(.+)$", text.replace("\\\n", " "), re.MULTILINE)


def requirements(lock: Path) -> list[str]:
    """Return the entries of a lock file, each with its hashes."""
    return re.findall(r"^\w.*(?:\n[ \t].*)*", lock.read_text(), re.MULTILINE)


def lowest_version(lock: Path, package: str) -> tuple[int, ...]:
    """Return the version of a package, the lowest where markers choose among several."""
    found = [re.match(rf"{package}(?:\[[\w,-]+\])?==([\d.]+)", entry) for entry in requirements(lock)]
    return min(tuple(int(part) for part in match[1].split(".")) for match in found if match)


def test_the_compose_file_is_valid_against_its_published_schema() -> None:
    validator = Path(sys.executable).with_name("check-jsonschema")
    command = [str(validator), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]

    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=LOCK_NAMES)
def test_a_lock_file_says_nothing_of_the_machine_that_made_it(lock: Path) -> None:
    telling = [line for line in lock.read_text().splitlines() if re.search(r"://|(^|[\s=@])[/~\\]\w|[A-Z]:\\", line)]

    assert telling == []


@pytest.mark.parametrize("lock", LOCKS, ids=LOCK_NAMES)
def test_every_package_of_a_lock_file_has_its_hashes(lock: Path) -> None:
    entries = requirements(lock)

    assert entries != []
    assert [entry.split()[0] for entry in entries if not re.search(r"==\S+.*\\\n    --hash=sha256:", entry)] == []


@pytest.mark.parametrize("lock", WHOLE_LOCKS, ids=lambda lock: lock.name)
@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_no_version_with_a_known_hole_is_locked(lock: Path, package: str, floor: tuple[int, ...]) -> None:
    assert lowest_version(lock, package) >= floor


def test_what_is_tested_is_what_is_shipped() -> None:
    product, development, observed = (
        {entry.split(" \\")[0] for entry in requirements(ROOT / "config" / name)}
        for name in ("requirements.lock", "requirements-dev.lock", "requirements-observed.lock")
    )

    assert product < development
    assert product < observed


def test_the_image_holds_exactly_what_is_locked() -> None:
    installs = [command for command in instructions("RUN") if " install " in command]

    assert len(installs) == 1
    assert {"--require-hashes", "--only-binary", "$LOCK"} <= set(shlex.split(installs[0]))
    assert instructions("ARG") == ["LOCK=config/requirements.lock"]


def test_every_image_is_one_release_and_no_moving_tag() -> None:
    images = [line.split()[0] for line in instructions("FROM")]
    images += [service["image"] for service in SERVICES.values() if service["image"] != "regimen"]

    assert len(images) > 7
    assert [image for image in images if not re.search(r":v?\d+\.\d+(\.\d+)?[\w-]*$", image)] == []
    assert len({line.split()[0] for line in instructions("FROM")}) == 1


def test_the_image_runs_as_a_user_without_rights() -> None:
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]

    assert instructions("USER", last_stage) == ["10001"]
    assert "--uid 10001" in instructions("RUN", last_stage)[0]


def test_the_image_asks_itself_whether_it_lives() -> None:
    (check,) = instructions("HEALTHCHECK")

    assert "/healthz" in json.loads(check.partition("CMD ")[2])[-1]


def test_no_secret_stays_in_the_image() -> None:
    kept = [*instructions("ENV"), *instructions("LABEL")]

    assert kept != []
    assert [line for line in kept if re.search("KEY|PASSWORD|TOKEN|_URL", line)] == []


def test_the_web_server_is_the_one_of_a_development_machine() -> None:
    (image,) = instructions("CMD")

    assert json.loads(image) == ["python", *up.PROCESSES["web"], "--host", "0.0.0.0", "--port", "8000"]  # noqa: S104


def test_nothing_in_the_image_imports_what_the_image_leaves_out() -> None:
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line.endswith(".py")]
    graph = grimp.build_graph(*APPS, cache_dir=None)
    files = {name: f"{name.replace('.', '/')}.py" for name in graph.modules}
    left_out = {name for name, file in files.items() if any(fnmatch(file, pattern) for pattern in patterns)}

    assert "config.embedded" in left_out
    assert {user for name in left_out for user in graph.find_modules_that_directly_import(name)} - left_out == set()


@pytest.mark.parametrize("service", ["web", "worker", "clock", "migrate"])
def test_the_products_processes_are_one_image_that_may_do_little(service: str) -> None:
    process = SERVICES[service]

    assert process["image"] == "regimen"
    assert process["read_only"]
    assert process["cap_drop"] == ["ALL"]
    assert process["environment"]["ENVIRONMENT"] == "production"


def test_web_worker_and_clock_wait_for_the_migration_and_the_servers() -> None:
    for service in ("web", "worker", "clock"):
        assert {name: wait["condition"] for name, wait in SERVICES[service]["depends_on"].items()} == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "queue": "service_healthy",
            "cache": "service_healthy",
        }


def test_every_service_has_time_to_end_what_it_is_doing() -> None:
    worker = SERVICES["worker"]["command"]
    patience = int(worker[worker.index("--worker-shutdown-timeout") + 1]) / 1000

    assert {service["stop_grace_period"] for service in SERVICES.values()} == {"60s"}
    assert patience < 60


def test_a_worker_fetches_no_more_messages_than_it_has_threads() -> None:
    command, environment = SERVICES["worker"]["command"], SERVICES["worker"]["environment"]

    assert command[:6] == ["python", "-m", "dramatiq", "workers.boot", "--processes", "1"]
    assert environment["dramatiq_queue_prefetch"] == command[command.index("--threads") + 1]


def test_the_stack_refuses_to_start_without_its_secrets() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    used = re.findall(r"\$\{(\w+)(:\?)?", text)

    assert {name for name, refuses in used if refuses} == {
        "SECRET_KEY",
        "JWT_SIGNING_KEY",
        "ALLOWED_HOSTS",
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "METRICS_TOKEN",
    }
    assert {name for name, refuses in used if not refuses} == {
        "BEHIND_TLS_PROXY",
        "DOCUMENT_STORE",
        "LOCK",
        "MONGO_PASSWORD",
    }


def redis_option(service: str, name: str) -> str:
    command: list[str] = SERVICES[service]["command"]
    return command[command.index(name) + 1]


def test_the_queue_keeps_messages_and_never_drops_one_for_room() -> None:
    assert redis_option("queue", "--appendonly") == "yes"
    assert redis_option("queue", "--maxmemory-policy") == "noeviction"
    assert SERVICES["queue"]["volumes"] == ["queue:/data"]


def test_the_cache_keeps_nothing_over_a_restart_and_drops_what_is_used_least() -> None:
    assert (redis_option("cache", "--appendonly"), redis_option("cache", "--save")) == ("no", "")
    assert redis_option("cache", "--maxmemory-policy") == "allkeys-lru"
    assert (SERVICES["cache"].get("volumes"), SERVICES["cache"]["tmpfs"]) == (None, ["/data"])


def test_messages_and_answers_are_in_two_servers() -> None:
    environment = SERVICES["web"]["environment"]

    assert urlsplit(environment["REDIS_URL"].replace("?", "")).hostname == "queue"
    assert urlsplit(environment["CACHE_URL"].replace("?", "")).hostname == "cache"


def test_only_the_way_in_and_prometheus_can_be_reached_and_only_from_their_own_machine() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "nginx": ["127.0.0.1:8000:8080"],
        "prometheus": ["127.0.0.1:9090:9090"],
    }
    assert COMPOSE["networks"]["data"]["internal"]
    assert COMPOSE["networks"]["front"]["internal"]
    assert [SERVICES[name]["networks"] for name in ("postgres", "queue", "cache", "mongo")] == [["data"]] * 4
    assert "data" not in SERVICES["nginx"]["networks"]


@pytest.mark.parametrize("service", ["nginx", "prometheus", "alertmanager", "queue", "cache"])
def test_the_programs_of_others_may_do_little_too(service: str) -> None:
    process = SERVICES[service]

    assert process["read_only"]
    assert process["cap_drop"] == ["ALL"]
    assert process["security_opt"] == ["no-new-privileges:true"]


def test_what_is_optional_starts_only_when_asked_for() -> None:
    assert {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service} == {
        "alertmanager": ["alerts"],
        "mongo": ["mongo"],
    }


def test_nginx_is_the_one_proxy_that_the_product_believes() -> None:
    environment = SERVICES["web"]["environment"]
    nginx = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text()

    assert environment["TRUSTED_PROXIES"] == "1"
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in nginx
    assert "X-Forwarded-For $proxy_add_x_forwarded_for" not in nginx
