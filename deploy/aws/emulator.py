"""An AWS on this machine to try templates on: ministack, as deploy/aws/emulated.py mends it, and Amazon's own client.

Invariant: nothing leaves this machine. Every call names the emulator's loopback address, with made-up keys, in an
environment that has nothing of the caller's; what heeds neither `--endpoint-url` (`cloudformation package`) nor
AWS_ENDPOINT_URL (`rds` in us-east-1) would meet a proxy that is not there.

What ministack 1.5 does not do: it starts no instance, so user data, signals, rolling updates and scaling do not
happen; it evaluates no alarm, metric filter or IAM policy; it runs no build, and calls each one a success; in nested
stacks it heeds no DeletionPolicy; of a bucket it keeps no lifecycle; it knows no NatGateway, EIP, OIDCProvider,
CodePipeline or ElasticBeanstalk, no alarm on metric math, and no attribute CidrBlock of a VPC.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds


class Broken(Exception):
    """A template, or what was made of it, is not as it must be."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """The emulator at `endpoint`, and a folder of ours whose `bin/aws` can reach nothing else."""

    endpoint: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """Return an environment in which `aws` is the emulator's, and nothing is the caller's."""
        return {
            "PATH": f"{self.folder / 'bin'}:{os.defpath}",
            "HOME": str(self.folder),
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_PAGER": "",
            "HTTPS_PROXY": "http://127.0.0.1:1",
            "NO_PROXY": "127.0.0.1",
        }

    def aws(self, *arguments: str) -> Any:
        """Return the JSON answer of an `aws` command, None when it has none.

        :raises Broken: when it fails, with its own words.
        """
        done = self.run(str(self.folder / "bin" / "aws"), *arguments, "--output", "json")
        if done.returncode != 0:
            raise Broken(f"aws {' '.join(arguments[:2])}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in this cloud's environment, `more` added to it."""
        environment = {**self.environment, **more}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def stack(self, name: str) -> dict[str, Any]:
        """Return a stack as CloudFormation describes it."""
        found: dict[str, Any] = self.aws("cloudformation", "describe-stacks", "--stack-name", name)["Stacks"][0]
        return found

    def outputs(self, name: str) -> dict[str, str]:
        return {each["OutputKey"]: each["OutputValue"] for each in self.stack(name).get("Outputs", [])}

    def parameters(self, name: str) -> dict[str, str]:
        return {each["ParameterKey"]: each["ParameterValue"] for each in self.stack(name)["Parameters"]}

    def settle(self, name: str, wanted: str) -> None:
        """Wait until a stack has come to rest.

        :raises Broken: when that is not in the `wanted` state, with the reasons.
        """
        give_up = time.monotonic() + PATIENCE
        while (status := self.stack(name)["StackStatus"]).endswith("_IN_PROGRESS"):
            if time.monotonic() > give_up:
                raise Broken(f"{name} is still {status}")
        if status != wanted:
            raise Broken(f"{name} is {status}: {'; '.join(self._reasons(name))}")

    def create(self, name: str, template: Path, parameters: dict[str, str]) -> None:
        """Create a stack and wait for it."""
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        self._change("create", name, given, "--template-body", f"file://{template}")

    def update(self, name: str, parameters: dict[str, str]) -> None:
        """Update some parameters of a stack, keep all else, and wait for it."""
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        kept = [
            {"ParameterKey": key, "UsePreviousValue": True} for key in self.parameters(name) if key not in parameters
        ]
        self._change("update", name, [*given, *kept], "--use-previous-template")

    def delete(self, name: str) -> None:
        """Delete a stack and wait until it is gone."""
        found = self.stack(name)["StackId"]
        self.aws("cloudformation", "delete-stack", "--stack-name", name)
        self.settle(found, "DELETE_COMPLETE")

    def package(self, template: Path, bucket: str) -> Path:
        """Upload what a template nests; return the template that names the uploads."""
        packaged = self.folder / template.name
        aws = str(self.folder / "bin" / "aws")
        done = self.run(
            aws, "cloudformation", "package", "--template-file", str(template), "--s3-bucket", bucket,
            "--output-template-file", str(packaged),
        )  # fmt: skip
        if done.returncode != 0:
            raise Broken(done.stderr)
        return packaged

    def _change(self, verb: str, name: str, parameters: list[dict[str, Any]], *more: str) -> None:
        capabilities = ("--capabilities", "CAPABILITY_NAMED_IAM", "--parameters", json.dumps(parameters))
        self.aws("cloudformation", f"{verb}-stack", "--stack-name", name, *more, *capabilities)
        self.settle(name, f"{verb.upper()}_COMPLETE")

    def _reasons(self, name: str) -> Iterator[str]:
        events = self.aws("cloudformation", "describe-stack-events", "--stack-name", name)["StackEvents"]
        for event in events:
            if "FAILED" in event["ResourceStatus"]:
                yield f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"


@contextmanager
def running() -> Iterator[Cloud]:
    """Run ministack on a free loopback port, with nothing in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cloud = Cloud(f"http://127.0.0.1:{free_port()}", folder)
        write_client(cloud)
        port = cloud.endpoint.rpartition(":")[2]
        environment = {
            "PATH": os.defpath, "HOME": name, "GATEWAY_PORT": port, "S3_DATA_DIR": f"{name}/s3", "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        command = [sys.executable, "-m", "hypercorn", "deploy.aws.emulated:app", "--bind", f"127.0.0.1:{port}"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
            try:
                wait_for(server, int(port))
                yield cloud
            finally:
                server.terminate()
                server.wait()


def write_client(cloud: Cloud) -> None:
    """Make the `aws` that the checks and the scripts under test find: Amazon's, bound to this endpoint."""
    client = cloud.folder / "bin" / "aws"
    client.parent.mkdir()
    client.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m awscli --endpoint-url {cloud.endpoint} "$@"\n')
    client.chmod(0o755)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(server: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait until the emulator answers.

    :raises Broken: when it ended, or has not answered in time.
    """
    give_up = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < give_up:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise Broken("ministack does not answer")
