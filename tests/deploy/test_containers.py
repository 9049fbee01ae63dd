"""The image and the compose file, as far as they can be tried without an engine.

Invariant: what runs here is what the files say: the commands, the variables and the files that a container would have.
"""

import contextlib
import json
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import redis
import yaml

from config import embedded_redis
from config.embedded import Servers
from config.embedded_process import Child, free_port
from tests.deploy import running

DOCKERFILE = (running.ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE_FILE = running.ROOT / "docker-compose.yml"
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())["services"]
LEFT_OUT = [line for line in (running.ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
HOST = "api.example.com"
GIVEN = {
    "SECRET_KEY": secrets.token_urlsafe(48),
    "JWT_SIGNING_KEY": secrets.token_urlsafe(48),
    "ALLOWED_HOSTS": HOST,
    "POSTGRES_PASSWORD": "letters",
    "REDIS_PASSWORD": "digits",
    "METRICS_TOKEN": secrets.token_urlsafe(24),
}


def last(instruction: str) -> str:
    """Return what follows this instruction where it stands last."""
    return str(re.findall(rf"^{instruction} +(.+)$", DOCKERFILE, re.MULTILINE)[-1])


def is_left_out(path: PurePosixPath) -> bool:
    """Say whether a path, as seen from the checkout, is kept from the image."""
    for pattern in LEFT_OUT:
        if pattern.startswith("**/"):
            if PurePosixPath(path.name).match(pattern[3:]):
                return True
        elif len(path.parts) == len(PurePosixPath(pattern).parts) and path.match(pattern):
            return True
    return False


def filled_in(text: str) -> str:
    """Do what compose does with variables."""
    return re.sub(r"\$\{(\w+)[^}]*\}", lambda found: GIVEN.get(found[1], found[0].rpartition(":-")[2][:-1]), text)


@dataclass(frozen=True, slots=True)
class Image:
    """What /app would hold, and the environment that the image and the compose file give."""

    app: Path
    environment: dict[str, str]

    def environment_of(self, service: str) -> dict[str, str]:
        """Return a service's variables; where its servers are is the test's."""
        own = {name: filled_in(value) for name, value in SERVICES[service]["environment"].items()}
        return {**own, **self.environment}

    def start(self, service: str, command: list[str]) -> Child:
        return Child(*command, log=self.app.parent / f"{service}.log", cwd=self.app, env=self.environment_of(service))

    def files(self) -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in self.app.rglob("*")}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """Do the steps of the Dockerfile that need no engine, with the packages of this environment."""
    app = tmp_path_factory.mktemp("image") / "app"

    def ignore(folder: str, names: list[str]) -> set[str]:
        inside = PurePosixPath(Path(folder).relative_to(running.ROOT).as_posix())
        return {name for name in names if is_left_out(inside / name)}

    shutil.copytree(running.ROOT, app, ignore=ignore)
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    build = re.findall(r"^RUN +(.*collectstatic.*)$", DOCKERFILE, re.MULTILINE)[0]
    done = subprocess.run(
        ["/bin/sh", "-c", build], cwd=app, env={"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    stage = DOCKERFILE.rpartition("\nFROM ")[2]
    set_there = " ".join(re.findall(r"^ENV +(.+)$", stage, re.MULTILINE))
    variables = dict(pair.split("=", 1) for pair in set_there.split())
    with running.servers() as (_, environment):
        servers = {"DATABASE_URL": environment["DATABASE_URL"], "REDIS_URL": environment["REDIS_URL"]}
        servers["CACHE_URL"] = embedded_database(servers["REDIS_URL"])
        yield Image(app, {**variables, "PATH": path, "HOME": "/nonexistent", **servers})


def embedded_database(url: str) -> str:
    return f"{url.rpartition('/')[0]}/1"


@pytest.fixture(scope="module")
def port(image: Image) -> Iterator[int]:
    """Run the commands of all services of the product in the compose file's order; give the web server's port."""
    before = image.files()
    migrate = image.start("migrate", SERVICES["migrate"]["command"])
    assert migrate.process.wait(120) == 0, migrate.tail()
    port = free_port()
    web = [part.replace("8000", str(port)).replace("0.0.0.0", "127.0.0.1") for part in json.loads(last("CMD"))]  # noqa: S104
    commands = {"web": web, **{name: SERVICES[name]["command"] for name in ("worker", "clock")}}
    with contextlib.ExitStack() as cleanup:
        children = []
        for name, command in commands.items():
            children.append(image.start(name, command))
            cleanup.callback(children[-1].stop)
        assert children[0].becomes(lambda: running.answers(port, "/readyz")), [child.tail() for child in children]
        yield port
    assert [child.process.returncode for child in children[1:]] == [0, 0], [child.tail() for child in children]
    assert image.files() == before, "the product wrote beside /tmp"


def ask(port: int, path: str, **headers: str) -> running.Answer:
    return running.ask(port, "GET", path, None, Host=HOST, **headers)


def test_hadolint_finds_nothing() -> None:
    command = [running.tool("hadolint"), "Dockerfile"]

    checked = subprocess.run(command, cwd=running.ROOT, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout


def test_docker_compose_understands_the_file_and_fills_it_in(tmp_path: Path) -> None:
    shutil.copy(COMPOSE_FILE, tmp_path)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in GIVEN.items()))
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}

    checked = subprocess.run(
        [running.find("docker-compose"), "config"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
    merged = yaml.safe_load(checked.stdout)["services"]
    assert merged["worker"]["environment"]["CACHE_URL"] == "redis://:digits@cache:6379/0"
    assert merged["worker"]["environment"]["DB_POOL_SIZE"] == "20"
    assert merged["web"]["environment"].keys() < merged["worker"]["environment"].keys()


def test_documents_go_to_mongodb_by_three_names_in_env(tmp_path: Path) -> None:
    more = {"DOCUMENT_STORE": "mongodb", "MONGO_PASSWORD": "both", "LOCK": "config/requirements-observed.lock"}
    shutil.copy(COMPOSE_FILE, tmp_path)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in (GIVEN | more).items()))

    said = subprocess.run(
        [running.find("docker-compose"), "config"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    services = yaml.safe_load(said.stdout)["services"]
    clock, mongo = services["clock"], services["mongo"]["environment"]
    assert (clock["build"]["args"]["LOCK"], clock["environment"]["DOCUMENT_STORE"]) == (more["LOCK"], "mongodb")
    assert clock["environment"]["MONGODB_URL"] == "mongodb://regimen:both@mongo:27017/regimen?authSource=admin"
    assert (mongo["MONGO_INITDB_ROOT_USERNAME"], mongo["MONGO_INITDB_ROOT_PASSWORD"]) == ("regimen", "both")
    assert "\npymongo==" in (running.ROOT / more["LOCK"]).read_text()


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_docker_compose_refuses_to_go_on_without_a_secret(tmp_path: Path, missing: str) -> None:
    shutil.copy(COMPOSE_FILE, tmp_path)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in GIVEN.items() if name != missing))
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}

    checked = subprocess.run(
        [running.find("docker-compose"), "config", "-q"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )

    assert checked.returncode != 0


@pytest.mark.parametrize(
    "path",
    ["tests/conftest.py", ".env", ".git", "config/embedded.py", "config/up.py", "users/__pycache__", "deploy/nginx"],
)
def test_an_image_does_not_hold(path: str) -> None:
    assert any(is_left_out(part) for part in [PurePosixPath(path), *PurePosixPath(path).parents])


def test_an_image_holds_the_product_and_its_static_files(image: Image) -> None:
    held = {path.name for path in image.app.iterdir()}

    assert {"ai", "config", "manage.py", "mealplans", "progress", "staticfiles", "users", "workers", "workouts"} <= held
    assert not held & {"tests", "docs", "bench", "Dockerfile"}
    assert list((image.app / "config").glob("*.lock")) == []
    assert (image.app / "staticfiles" / "admin").is_dir()


def test_the_image_has_no_secret_of_its_own(image: Image) -> None:
    started = image.start("web", ["python", "manage.py", "check"])
    bare = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=image.app, env=image.environment, capture_output=True, check=False
    )

    assert started.process.wait(60) == 0, started.tail()
    assert bare.returncode != 0
    assert b"SECRET_KEY" in bare.stderr


def test_the_services_commands_serve_in_production_from_what_the_image_holds(port: int) -> None:
    status, _, body = ask(port, "/readyz")

    assert (status, json.loads(body)["status"]) == (200, "ok")


def test_the_healthcheck_passes_while_it_serves_and_fails_when_it_does_not(image: Image, port: int) -> None:
    command = json.loads(last("HEALTHCHECK").partition("CMD ")[2])

    def outcome(number: int) -> int:
        asked = [part.replace("8000", str(number)) for part in command]
        return subprocess.run(asked, env=image.environment, capture_output=True, check=False).returncode

    assert outcome(port) == 0
    assert outcome(free_port()) != 0


def test_plain_http_is_sent_to_https_and_static_files_are_served(port: int) -> None:
    redirected, headers, _ = ask(port, "/admin/login/", X_Forwarded_Proto="http")
    page, secure, body = ask(port, "/admin/login/", X_Forwarded_Proto="https")
    (style,) = set(re.findall(rb'href="(/static/admin/css/base[^"]*\.css)"', body))
    css, _, _ = ask(port, style.decode(), X_Forwarded_Proto="https")

    assert (redirected, headers["Location"]) == (301, f"https://{HOST}/admin/login/")
    assert (page, css) == (200, 200)
    assert "max-age=31536000" in secure["Strict-Transport-Security"]


def test_the_metrics_are_there_for_prometheus_alone(port: int) -> None:
    with_token, _, body = ask(port, "/metrics", Authorization=f"Bearer {GIVEN['METRICS_TOKEN']}")

    assert ask(port, "/metrics")[0] == 404
    assert with_token == 200
    assert b'regimen_ready{part="clock"} 1.0' in body


@pytest.mark.parametrize(("service", "value"), [("queue", b"b"), ("cache", None)])
def test_the_queue_survives_a_restart_and_the_cache_comes_back_empty(
    tmp_path: Path, service: str, value: bytes | None
) -> None:
    with Servers(throwaway=True) as servers:
        binary = embedded_redis.find(servers.place).path
    port = free_port()
    own = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path)]
    command = [str(binary), *(filled_in(part) for part in SERVICES[service]["command"][1:]), *own]
    client = redis.Redis(port=port, password=GIVEN["REDIS_PASSWORD"])

    def started() -> Child:
        child = Child(*command, log=tmp_path.parent / f"{service}.log", cwd=tmp_path)
        assert child.becomes(lambda: is_there(client)), child.tail()
        return child

    first = started()
    client.set("a", "b")
    first.stop()
    left = [path.name for path in tmp_path.iterdir()]
    second = started()
    found = client.get("a")
    second.stop()

    assert found == value
    assert (left != []) == (value is not None)


def is_there(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_what_the_compose_file_mounts_is_there() -> None:
    volumes = [volume for service in SERVICES.values() for volume in service.get("volumes", ())]
    mounted = [volume.split(":")[0] for volume in volumes if volume.startswith(".")]

    assert len(mounted) == 3
    assert [path for path in mounted if not (running.ROOT / path).exists()] == []


def test_prometheus_gets_its_token_and_the_files_that_are_mounted() -> None:
    shell = SERVICES["prometheus"]["entrypoint"][-1].replace("$$", "$")
    scraped = yaml.safe_load((running.DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"][0]

    assert scraped["authorization"]["credentials_file"] in shlex.split(shell)
    assert "--config.file=/etc/prometheus/prometheus.yml" in shlex.split(shell)
    assert subprocess.run(["/bin/sh", "-n", "-c", shell], check=False).returncode == 0
