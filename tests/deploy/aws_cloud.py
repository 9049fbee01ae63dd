"""What the tests of the AWS stack ask of it, and what stands for the product on one of its instances.

Invariant: all of it is on loopback.
"""

import base64
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.aws import check
from deploy.aws.emulator import Cloud

PAGE = """# TYPE regimen_jobs gauge
regimen_jobs{status="queued"} 3.0
regimen_jobs{status="ready"} 70.0
regimen_jobs_oldest_active_seconds 41.5
regimen_websockets 12.0
"""


@contextmanager
def product(status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """Answer as the product's probes do; yield the address, and the tokens that were sent to /metrics."""
    tokens: list[str] = []

    class Probes(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the library's name
            tokens.append(self.headers.get("Authorization", ""))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Probes) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", tokens
        server.shutdown()


def user_data(cloud: Cloud, role: str) -> str:
    """Return what the newest instances of a role would run at their start."""
    (group,) = cloud.aws(
        "autoscaling", "describe-auto-scaling-groups", "--auto-scaling-group-names", f"{check.STACK}-{role}"
    )["AutoScalingGroups"]
    template = group["LaunchTemplate"]
    found = cloud.aws(
        "ec2",
        "describe-launch-template-versions",
        "--launch-template-id",
        template["LaunchTemplateId"],
        "--versions",
        str(template["Version"]),
    )
    return base64.b64decode(found["LaunchTemplateVersions"][0]["LaunchTemplateData"]["UserData"]).decode()


def instance(cloud: Cloud, role: str, root: Path) -> Path:
    """Make the files under /etc that user data writes on an instance, below `root`."""
    writes = user_data(cloud, role).partition("\n. /etc/regimen/host")[0].replace("/etc/regimen", f"{root}/etc/regimen")
    done = cloud.run("bash", "-c", writes)
    assert done.returncode == 0, done.stderr
    return root


def secret(cloud: Cloud, name: str) -> str:
    found = cloud.aws("secretsmanager", "get-secret-value", "--secret-id", f"{check.STACK}/{name}")
    return str(found["SecretString"])


def latest(cloud: Cloud, metric: str) -> float:
    """Return the largest value that CloudWatch has of a metric of the stack."""
    span = ("--start-time", "2020-01-01T00:00:00Z", "--end-time", "2100-01-01T00:00:00Z", "--period", "3600")
    named = ("--namespace", check.STACK, "--metric-name", metric, "--statistics", "Maximum")
    points = cloud.aws("cloudwatch", "get-metric-statistics", *named, *span)["Datapoints"]
    return max(float(point["Maximum"]) for point in points)
