"""Check what deploys to AWS: every template by cfn-lint, and the whole life of the stack on an emulator of AWS.

Invariant: what the emulator does not do is not said to be checked.

    python -m deploy.aws.check

Created, described, updated by deploy/aws/release and deleted on ministack: foundation, github (with a provider that is
there already), main and the eleven templates that it nests. Only linted, because ministack does not know their types:
egress, pipeline, beanstalk, and the provider of github. The rest of what ministack does not do: deploy/aws/emulator.py.
"""

import subprocess
import sys
from pathlib import Path

from deploy.aws import emulator
from deploy.aws.emulator import Broken, Cloud

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE / "templates"
STACK = "regimen"
REPOSITORY = "000000000000.dkr.ecr.us-east-1.amazonaws.com/regimen"
FIRST, SECOND = (f"{REPOSITORY}@sha256:{digit * 64}" for digit in "12")
PARAMETERS = {
    "HostNames": "api.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/example",
    "NatGateways": "0",  # else egress.yaml, which ministack does not know
}


def lint(folder: Path = TEMPLATES) -> int:
    """Hold every template against cfn-lint, nested ones against those that nest them; return how many there are.

    :raises Broken: with what cfn-lint says.
    """
    templates = sorted(str(template) for template in folder.glob("*.yaml"))
    # W3002: a nested template is named by its file until `aws cloudformation package` has uploaded it.
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W3002", "--", *templates]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not templates:
        raise Broken(done.stdout + done.stderr)
    return len(templates)


def create(cloud: Cloud) -> None:
    """Make the foundation, GitHub's role, and the stack as its first creation is: with data, without instances."""
    cloud.create("foundation", TEMPLATES / "foundation.yaml", {})
    ground = cloud.outputs("foundation")
    there = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
    github = {"Repository": "owner/regimen", "Provider": there, "Parts": ground["Parts"]}
    cloud.create("github", TEMPLATES / "github.yaml", {**github, "CloudFormationRole": ground["CloudFormation"]})
    packaged = cloud.package(TEMPLATES / "main.yaml", ground["Parts"])
    given = {**PARAMETERS, "Image": FIRST, "Boundary": ground["Boundary"], "Running": "no"}
    cloud.create(STACK, packaged, given)


def start(cloud: Cloud) -> None:
    """Let the instances run, as the first update does."""
    cloud.update(STACK, {"Running": "yes"})


def release(cloud: Cloud, image: str, address: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run deploy/aws/release for an image, `address` standing for what clients reach, `more` in its environment."""
    ground = cloud.outputs("foundation")
    given = {
        "STACK": STACK,
        "IMAGE": image,
        "PARTS": ground["Parts"],
        "ADDRESS": address,
        "ROLE_ARN": ground["CloudFormation"],
        "RELEASE_PAUSE": "0.2",
        "READY_RETRIES": "0",
    }
    return cloud.run("bash", str(HERE / "release"), **given, **more)


def delete(cloud: Cloud) -> None:
    """Take the protection off, as an update of its own, and delete the stack."""
    cloud.update(STACK, {"DeletionProtection": "no"})
    cloud.delete(STACK)


def stacks(cloud: Cloud) -> dict[str, str]:
    """Return the state of the stack and of every stack that it nests, by name, without those that are gone."""
    found = cloud.aws("cloudformation", "describe-stacks")["Stacks"]
    states = {each["StackName"]: each["StackStatus"] for each in found if each["StackName"].startswith(STACK)}
    return {name: state for name, state in states.items() if state != "DELETE_COMPLETE"}


def count(cloud: Cloud) -> int:
    """Return how many resources the stack and the nested stacks have."""
    listed = [cloud.aws("cloudformation", "list-stack-resources", "--stack-name", name) for name in stacks(cloud)]
    return sum(len(each["StackResourceSummaries"]) for each in listed)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Run every check and print what was really done."""
    say(f"cfn-lint: {lint()} templates are sound")
    with emulator.running() as cloud:
        create(cloud)
        say("created on ministack: foundation, github, main without instances")
        start(cloud)
        say(f"described: {len(stacks(cloud))} stacks with {count(cloud)} resources")
        done = release(cloud, SECOND, f"{cloud.endpoint}/_ministack/health?")  # anything that answers 200
        if done.returncode != 0 or cloud.parameters(STACK)["Image"] != SECOND:
            raise Broken(done.stderr)
        say("updated by deploy/aws/release to a second image")
        delete(cloud)
        say("deleted")


if __name__ == "__main__":
    try:
        main()
    except Broken as reason:
        sys.exit(str(reason))
