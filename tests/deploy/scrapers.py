"""A Prometheus with the shipped files, and the names that a query reads.

Invariant: what is changed for a test are addresses, paths and the pace.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.deploy import running

PROMETHEUS = running.DEPLOY / "prometheus"
TOKEN = "a token of this test alone"
KEYWORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "bool", "offset"}
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum"), "summary": ("", "_count", "_sum")}


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus that has scraped the product, and what its Alertmanager has told to whom."""

    port: int
    told: list[tuple[str, dict[str, Any]]]

    def ask(self, path: str, **parameters: str) -> Any:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return json.loads(running.get(f"http://127.0.0.1:{self.port}/api/v1/{path}{query}"))["data"]

    def query(self, expression: str) -> list[Any]:
        found: list[Any] = self.ask("query", query=expression.replace("$__rate_interval", "1m"))["result"]
        return found

    def exported(self) -> set[str]:
        """Return the names of all series that the product declares, with or without samples."""
        declared = self.ask("targets/metadata", match_target='{job="regimen"}')
        names = {each["metric"] + suffix for each in declared for suffix in SUFFIXES.get(each["type"], ("",))}
        return names | {"up"}


def names_in(expression: str) -> set[str]:
    """Return the names of the series that a query reads."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]', "", re.sub(r'"[^"]*"', '""', expression))
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    return set(re.findall(r"(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()", bare)) - KEYWORDS


def configured(folder: Path, web: int, alertmanager: int) -> Path:
    """Write Prometheus's configuration for this machine; return it."""
    (folder / "alerts.yml").write_text((PROMETHEUS / "alerts.yml").read_text())
    (folder / "metrics_token").write_text(TOKEN)
    changes = {
        "scrape_interval: 15s": "scrape_interval: 2s",
        "scrape_timeout: 10s": "scrape_timeout: 2s",
        "evaluation_interval: 15s": "evaluation_interval: 1s",
        "alertmanager:9093": f"127.0.0.1:{alertmanager}",
        "/tmp/metrics_token": f"{folder}/metrics_token",  # noqa: S108 - the shipped file's
        "dns_sd_configs:": "static_configs:",
        "{names: [web], type: A, port: 8000, refresh_interval: 15s}": f'{{targets: ["127.0.0.1:{web}"]}}',
    }
    return running.written(PROMETHEUS / "prometheus.yml", changes, folder / "prometheus.yml")
