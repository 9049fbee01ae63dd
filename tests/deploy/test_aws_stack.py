"""What CloudFormation makes of the templates, tried on an emulator on this machine, and the scripts of an instance.

Invariant: nothing leaves this machine, and what the emulator does not do (deploy/aws/emulator.py) is not tested here.
"""

import json
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import pytest
from redis import ConnectionPool

pytest.importorskip("ministack", reason="the tools that check deploy/aws are not installed")

from deploy.aws import check, emulator  # noqa: E402 - what they run is there now
from deploy.aws.emulator import Broken, Cloud  # noqa: E402
from tests.deploy.aws_cloud import instance, latest, product, secret, user_data  # noqa: E402

HOST = check.HERE / "host"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """The stack as it runs: created without instances, then started."""
    with emulator.running() as cloud:
        check.create(cloud)
        check.start(cloud)
        yield cloud


def test_cfn_lint_finds_nothing() -> None:
    assert check.lint() >= 18


def test_cfn_lint_is_asked_about_what_is_nested_too(tmp_path: Path) -> None:
    shutil.copytree(check.TEMPLATES, tmp_path / "templates")
    web = tmp_path / "templates" / "web.yaml"
    web.write_text(web.read_text().replace("        Image: !Ref Image\n", ""))

    with pytest.raises(Broken, match="Image"):
        check.lint(tmp_path / "templates")


def test_the_whole_is_made(cloud: Cloud) -> None:
    made = check.stacks(cloud)

    assert len(made) == 14
    assert set(made.values()) <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert check.count(cloud) > 100


def test_only_the_balancer_can_be_reached_from_outside(cloud: Cloud) -> None:
    groups = cloud.aws("ec2", "describe-security-groups")["SecurityGroups"]
    mine = [each for each in groups if each["GroupName"].startswith(check.STACK)]
    rules = [rule for each in mine for rule in each["IpPermissions"]]
    public = {rule["FromPort"] for rule in rules if rule["IpRanges"]}  # the others name a group

    assert len(mine) == 5
    assert len(rules) == 7
    assert public == {80, 443}


def test_the_database_is_in_two_zones_encrypted_and_closed(cloud: Cloud) -> None:
    (database,) = cloud.aws("rds", "describe-db-instances")["DBInstances"]

    assert (database["MultiAZ"], database["StorageEncrypted"], database["PubliclyAccessible"]) == (True, True, False)
    assert database["DeletionProtection"]
    assert database["BackupRetentionPeriod"] >= 7


def test_the_product_reads_the_database_url_that_the_template_makes(cloud: Cloud) -> None:
    read = dj_database_url.parse(secret(cloud, "env/DATABASE_URL"))

    assert read["PASSWORD"] == secret(cloud, "database-password")
    assert (read["USER"], read["NAME"], read["PORT"]) == ("regimen", "regimen", 5432)
    assert read["OPTIONS"] == {"sslmode": "verify-full", "sslrootcert": "/etc/regimen/rds.pem"}


@pytest.mark.parametrize(("url", "token"), [("REDIS_URL", "queue-token"), ("CACHE_URL", "cache-token")])
def test_the_product_reads_the_valkey_urls_that_the_template_makes(cloud: Cloud, url: str, token: str) -> None:
    made = secret(cloud, f"env/{url}")

    assert urlsplit(made).scheme == "rediss"
    assert ConnectionPool.from_url(made).connection_kwargs["password"] == secret(cloud, token)


def test_the_queue_drops_nothing_and_the_cache_what_is_old(cloud: Cloud) -> None:
    groups = cloud.aws("elasticache", "describe-cache-parameter-groups")["CacheParameterGroups"]
    policies = [
        parameter["ParameterValue"]
        for name in [
            each["CacheParameterGroupName"]
            for each in groups
            if each["CacheParameterGroupName"].startswith(check.STACK)
        ]
        for parameter in cloud.aws("elasticache", "describe-cache-parameters", "--cache-parameter-group-name", name)[
            "Parameters"
        ]
        if parameter["ParameterName"] == "maxmemory-policy"
    ]
    clusters = cloud.aws("elasticache", "describe-replication-groups")["ReplicationGroups"]

    assert sorted(policies) == ["allkeys-lru", "noeviction"]
    assert [(each["TransitEncryptionEnabled"], each["AuthTokenEnabled"]) for each in clusters] == [(True, True)] * 2


def test_the_workers_scale_by_the_age_of_the_queue(cloud: Cloud) -> None:
    policies = {each["PolicyARN"]: each for each in cloud.aws("autoscaling", "describe-policies")["ScalingPolicies"]}
    alarms = cloud.aws("cloudwatch", "describe-alarms")["MetricAlarms"]
    scaling = [
        (each["MetricName"], policies[action]["AutoScalingGroupName"])
        for each in alarms
        for action in each["AlarmActions"]
        if action in policies and each["Namespace"] == check.STACK
    ]

    assert scaling == [("QueueAge", f"{check.STACK}-worker")] * 2
    assert [
        each["AutoScalingGroupName"] for each in policies.values() if each["PolicyType"] == "TargetTrackingScaling"
    ] == [f"{check.STACK}-web"]


@pytest.mark.parametrize("role", ["web", "worker"])
def test_an_instance_starts_with_a_script_that_bash_reads_and_that_holds_no_secret(cloud: Cloud, role: str) -> None:
    text = user_data(cloud, role)
    read = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)  # noqa: S607 - bash

    assert read.returncode == 0, read.stderr
    assert f"ROLE='{role}'" in text
    assert [
        name
        for name in ("SECRET_KEY", "JWT_SIGNING_KEY", "METRICS_TOKEN", "DATABASE_URL")
        if secret(cloud, f"env/{name}") in text
    ] == []


@pytest.mark.parametrize(
    "path",
    [*sorted(path for path in HOST.iterdir() if not path.suffix), check.HERE / "release"],
    ids=lambda path: path.name,
)
def test_a_script_can_be_run_and_stops_at_its_first_failure(path: Path) -> None:
    read = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)  # noqa: S607 - bash

    assert read.returncode == 0, read.stderr
    assert path.stat().st_mode & stat.S_IXUSR
    assert "\nset -euo pipefail\n" in path.read_text()


def test_containers_are_told_their_settings_and_the_secrets_as_they_are_now(cloud: Cloud, tmp_path: Path) -> None:
    root = instance(cloud, "worker", tmp_path)

    done = cloud.run("bash", str(HOST / "environment"), REGIMEN_ROOT=str(root))

    assert done.returncode == 0, done.stderr
    written = root / "run/regimen/env"
    told = dict(line.split("=", 1) for line in written.read_text().splitlines())
    assert written.stat().st_mode & 0o077 == 0
    assert told["ALLOWED_HOSTS"] == "api.example.com"
    assert told["SECRET_KEY"] == secret(cloud, "env/SECRET_KEY")
    assert {"DATABASE_URL", "REDIS_URL", "CACHE_URL", "JWT_SIGNING_KEY", "ENVIRONMENT", "BEHIND_TLS_PROXY"} <= set(told)


def test_without_one_of_its_secrets_a_container_is_told_nothing(cloud: Cloud, tmp_path: Path) -> None:
    root = instance(cloud, "worker", tmp_path)
    host = root / "etc/regimen/host"
    host.write_text(host.read_text().replace("SECRET_KEY", "SECRET_KEY NOT_STORED"))

    done = cloud.run("bash", str(HOST / "environment"), REGIMEN_ROOT=str(root))

    assert done.returncode != 0
    assert list((root / "run/regimen").iterdir()) == []


def test_cloudwatch_hears_the_age_of_the_queue(cloud: Cloud, tmp_path: Path) -> None:
    root = instance(cloud, "web", tmp_path)
    (root / "run/regimen").mkdir(parents=True)
    (root / "run/regimen/env").write_text("METRICS_TOKEN=token-of-metrics\n")

    with product() as (address, tokens):
        done = cloud.run("bash", str(HOST / "metrics"), REGIMEN_ROOT=str(root), WEB_URL=address)

    assert done.returncode == 0, done.stderr
    assert tokens == ["Bearer token-of-metrics"]
    heard = {name: latest(cloud, name) for name in ("QueueAge", "QueueLength", "Sockets")}
    assert heard == {"QueueAge": 41.5, "QueueLength": 3.0, "Sockets": 12.0}


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_a_web_instance_is_ready_when_readyz_says_so(cloud: Cloud, tmp_path: Path, status: int, code: int) -> None:
    root = instance(cloud, "web", tmp_path)

    with product(status) as (address, _):
        done = cloud.run(
            "bash", str(HOST / "ready"), REGIMEN_ROOT=str(root), WEB_URL=address, READY_TRIES="2", READY_PAUSE="0"
        )

    assert done.returncode == code


def test_a_release_replaces_the_image_once_it_has_migrated(cloud: Cloud) -> None:
    with product() as (address, _):
        done = check.release(cloud, check.SECOND, address)

    assert done.returncode == 0, done.stderr
    assert "SUCCEEDED" in done.stderr
    assert cloud.parameters(check.STACK)["Image"] == check.SECOND
    assert f"IMAGE='{check.SECOND}'" in user_data(cloud, "web")
    assert f"IMAGE='{check.SECOND}'" in user_data(cloud, "worker")


def test_a_release_that_does_not_get_ready_is_taken_back(cloud: Cloud) -> None:
    before, third = cloud.parameters(check.STACK)["Image"], f"{check.REPOSITORY}@sha256:{'3' * 64}"

    with product(503) as (address, _):
        done = check.release(cloud, third, address)

    assert done.returncode == 1
    assert f"stack on {third}: UPDATE_COMPLETE" in done.stderr
    assert cloud.parameters(check.STACK)["Image"] == before
    assert f"IMAGE='{before}'" in user_data(cloud, "web")


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("batch-get-builds) echo FAILED", "nothing was replaced"),
        ("deploy) exit 254", f"stays on {check.REPOSITORY}"),
        ("execute-change-set) exit 254", f"stays on {check.REPOSITORY}"),
    ],
)
def test_a_release_that_a_step_fails_says_so_and_replaces_nothing(
    cloud: Cloud, tmp_path: Path, failure: str, words: str
) -> None:
    before, third = cloud.parameters(check.STACK)["Image"], f"{check.REPOSITORY}@sha256:{'3' * 64}"
    client = tmp_path / "aws"
    client.write_text(f'#!/bin/sh\ncase "$2" in {failure} ;; *) exec {cloud.folder}/bin/aws "$@" ;; esac\n')
    client.chmod(0o755)

    with product() as (address, _):
        done = check.release(cloud, third, address, PATH=f"{tmp_path}:{cloud.environment['PATH']}")

    assert done.returncode == 1
    assert words in done.stderr
    assert cloud.parameters(check.STACK)["Image"] == before


def test_the_exports_are_closed_to_the_public_and_to_plain_http(cloud: Cloud) -> None:
    bucket = ("--bucket", cloud.outputs(check.STACK)["Exports"])
    closed = cloud.aws("s3api", "get-public-access-block", *bucket)["PublicAccessBlockConfiguration"]
    policy = json.loads(cloud.aws("s3api", "get-bucket-policy", *bucket)["Policy"])

    assert list(closed.values()) == [True] * 4
    assert policy["Statement"][0]["Effect"] == "Deny"
    assert policy["Statement"][0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert cloud.aws("s3api", "get-bucket-encryption", *bucket)["ServerSideEncryptionConfiguration"]["Rules"]


def test_deleting_takes_everything_away(cloud: Cloud) -> None:  # the last test: nothing is left for another
    check.delete(cloud)

    assert check.stacks(cloud) == {}
    assert cloud.aws("rds", "describe-db-instances")["DBInstances"] == []
    assert cloud.aws("autoscaling", "describe-auto-scaling-groups")["AutoScalingGroups"] == []
    assert cloud.aws("elbv2", "describe-load-balancers")["LoadBalancers"] == []
