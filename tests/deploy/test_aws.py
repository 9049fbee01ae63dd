"""What deploys to AWS, read as files: held against the product that it runs, and against what must never be in it.

Invariant: nothing is started here; what CloudFormation makes of the templates is in test_aws_stack.py.
"""

import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from ai import selectors
from tests.deploy import aws_templates

ROOT = Path(__file__).resolve().parents[2]
AWS = aws_templates.AWS
HOST = AWS / "host"
WORKFLOW = (ROOT / ".github" / "workflows" / "deploy.yml").read_text()
SERVE = (ROOT / "config" / "serve.py").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
MAX_LINES = 300
SECRETS = ["SECRET_KEY", "JWT_SIGNING_KEY", "METRICS_TOKEN", "DATABASE_URL", "REDIS_URL", "CACHE_URL"]


def script(name: str) -> str:
    return (HOST / name).read_text()


def attributes(listed: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["Key"]: each["Value"] for each in listed}


@pytest.mark.parametrize("path", aws_templates.FILES, ids=lambda path: path.stem)
def test_a_template_is_short_and_says_what_it_is_for_and_what_every_parameter_means(path: Path) -> None:
    template = aws_templates.TEMPLATES[path.stem]

    assert len(path.read_text().splitlines()) < MAX_LINES
    assert "\n# Invariant: " in path.read_text()
    assert len(template["Description"]) > 30
    assert [name for name, each in template.get("Parameters", {}).items() if not each.get("Description")] == []


def test_no_secret_is_a_parameter_or_written_down() -> None:
    texts = {path: path.read_text() for path in [*aws_templates.FILES, *HOST.iterdir(), AWS / "release"]}

    assert [
        name
        for each in aws_templates.TEMPLATES.values()
        for name in each.get("Parameters", {})
        if re.search("Key$|Token$|Password$", name) and "ARN" not in each["Parameters"][name]["Description"]
    ] == []
    assert [
        path for path, text in texts.items() if re.search(r"AKIA[0-9A-Z]{16}|-----BEGIN|(?i:password|token)=\w", text)
    ] == []


@pytest.mark.parametrize("kind", ["AWS::IAM::Role", "AWS::IAM::ManagedPolicy"])
def test_nobody_may_do_everything(kind: str) -> None:
    policies = [each["PolicyDocument"] for each in aws_templates.resources(kind) if "PolicyDocument" in each]
    for role in aws_templates.resources(kind):
        for policy in role.get("Policies", []):
            policies.append((policy["If"][1] if "If" in policy else policy)["PolicyDocument"])
    actions = [
        action
        for document in policies
        for each in document["Statement"]
        if each["Effect"] == "Allow"
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    ]

    assert len(actions) > 20
    assert [action for action in actions if action in {"*", "iam:*", "sts:*", "kms:*"}] == []


def test_every_role_but_the_two_that_deploy_has_the_boundary() -> None:
    free = [
        name
        for name, template in aws_templates.TEMPLATES.items()
        for each in template["Resources"].values()
        if each["Type"] == "AWS::IAM::Role" and each["Properties"].get("PermissionsBoundary") != {"Ref": "Boundary"}
    ]

    assert sorted(free) == ["foundation", "github"]


def test_what_the_containers_are_told_are_settings_of_the_product() -> None:
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    settings = aws_templates.TEMPLATES["settings"]
    told = set(re.findall(r"^([A-Z_]+)=", settings["Resources"]["Text"]["Properties"]["Value"]["Sub"], re.MULTILINE))
    secret = settings["Outputs"]["SecretNames"]["Value"]["Sub"].split()[:-1]

    assert secret == SECRETS
    assert {"ENVIRONMENT", "ALLOWED_HOSTS"} < told
    assert told | set(secret) <= offered


def test_each_secret_that_a_container_needs_is_made_by_a_template() -> None:
    names = {each["Name"]["Sub"] for each in aws_templates.resources("AWS::SecretsManager::Secret")}

    assert {f"${{Name}}/env/{name}" for name in SECRETS} <= names


def test_the_image_carries_the_files_that_start_it() -> None:
    left_out = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    carried = [path.relative_to(ROOT).as_posix() for path in HOST.iterdir()]

    assert len(carried) > 5
    assert [path for path in carried for line in left_out if fnmatch(path, line) or path.startswith(f"{line}/")] == []


@pytest.mark.parametrize("part", ["worker", "clock"])
def test_a_part_runs_as_it_does_in_the_compose_file(part: str) -> None:
    command = " ".join(COMPOSE[part]["command"])

    assert f"command=({command})" in script("run")


def test_a_worker_has_the_compose_files_room_there_too() -> None:
    worker = COMPOSE["worker"]["environment"]
    beanstalk = yaml.safe_load((AWS / "beanstalk" / "docker-compose.yml").read_text())["services"]

    for name in ("dramatiq_queue_prefetch", "DB_POOL_SIZE"):
        assert f"--env {name}={worker[name]}" in script("run")
        assert beanstalk["worker"]["environment"][name] == worker[name]
    assert beanstalk["worker"]["command"] == COMPOSE["worker"]["command"]
    assert beanstalk["clock"]["command"] == COMPOSE["clock"]["command"]


def test_a_container_may_do_as_little_as_in_the_compose_file() -> None:
    limits = script("run")

    for limit in (
        "--read-only",
        "--cap-drop ALL",
        "no-new-privileges:true",
        "--memory 1g",
        "--pids-limit 256",
        "--init",
    ):
        assert limit in limits


def test_whoever_is_told_to_end_has_more_time_than_what_it_waits_for() -> None:
    worker = int(COMPOSE["worker"]["command"][-1]) / 1000
    container = int(re.findall(r"--stop-timeout (\d+)", script("run"))[0])
    unit = int(re.findall(r"TimeoutStopSec=(\d+)", script("regimen@.service"))[0])
    hook = next(aws_templates.resources("AWS::AutoScaling::LifecycleHook"))["HeartbeatTimeout"]

    assert worker < container < unit < hook


def test_the_balancer_gives_up_an_idle_connection_after_two_pings_and_before_the_server_does() -> None:
    balancer = next(aws_templates.resources("AWS::ElasticLoadBalancingV2::LoadBalancer"))
    idle = int(attributes(balancer["LoadBalancerAttributes"])["idle_timeout.timeout_seconds"])
    ping, keep = (int(re.findall(rf"^{name} = (\d+)", SERVE, re.MULTILINE)[0]) for name in ("PING", "KEEP_ALIVE"))
    (beanstalk,) = [
        each["Value"]
        for each in next(aws_templates.resources("AWS::ElasticBeanstalk::Environment"))["OptionSettings"]
        if each["OptionName"] == "IdleTimeout"
    ]

    assert 2 * ping < idle < keep
    assert int(beanstalk) == idle


def test_the_facts_outlive_the_stack_and_what_was_exported_does_not_outlive_a_week() -> None:
    database = aws_templates.TEMPLATES["database"]["Resources"]["Instance"]
    exports = aws_templates.TEMPLATES["storage"]["Resources"]["Exports"]["Properties"]

    assert (database["DeletionPolicy"], database["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert exports["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 7


def test_a_web_server_is_replaced_for_its_own_faults_and_released_on_the_wholes_health() -> None:
    target = next(aws_templates.resources("AWS::ElasticLoadBalancingV2::TargetGroup"))

    assert target["HealthCheckPath"] == "/healthz"
    assert "/readyz" in script("ready")
    assert "/readyz" in (AWS / "release").read_text()


@pytest.mark.django_db
def test_the_numbers_that_scale_and_alarm_are_numbers_that_the_product_has() -> None:
    read = set(re.findall(r'name\["(\w+)', script("metrics")))
    sent = set(re.findall(r'= "(\w+),Unit', script("metrics")))
    served = {each.name for each in selectors.job_metrics()} | {"regimen_websockets"}
    scaled = {
        each["MetricName"]
        for each in aws_templates.resources("AWS::CloudWatch::Alarm")
        if each["MetricName"].startswith("Queue")
    }

    assert read <= served
    assert scaled <= sent


def test_every_alarm_of_the_product_is_on_a_number_that_something_sends() -> None:
    filtered = {
        change["MetricName"]
        for each in aws_templates.resources("AWS::Logs::MetricFilter")
        for change in each["MetricTransformations"]
    }
    sent = set(re.findall(r'= "(\w+),Unit', script("metrics")))
    watched = {
        each["MetricName"]
        for each in aws_templates.resources("AWS::CloudWatch::Alarm")
        if each["Namespace"] == {"Ref": "Name"}
    }

    assert len(watched) > 4
    assert watched <= filtered | sent


def test_the_deploy_takes_a_role_for_minutes_and_has_no_key() -> None:
    workflow = yaml.safe_load(WORKFLOW)
    (job,) = workflow["jobs"].values()
    trust = aws_templates.TEMPLATES["github"]["Resources"]["Deploy"]["Properties"]["AssumeRolePolicyDocument"][
        "Statement"
    ][0]

    assert "secrets." not in WORKFLOW
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert job["environment"] == "production"
    assert trust["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"] == {
        "Sub": "repo:${Repository}:environment:production"
    }
    assert re.findall(r"uses: \S+@(?![0-9a-f]{40}\b)", WORKFLOW) == []


def test_both_ways_to_deploy_run_the_same_program() -> None:
    pipeline = (AWS / "templates" / "pipeline.yaml").read_text()

    assert yaml.safe_load(WORKFLOW)["jobs"]["release"]["steps"][-1]["run"] == "deploy/aws/release"
    assert "commands: [deploy/aws/release]" in pipeline
