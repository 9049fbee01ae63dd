"""What is scraped, alerted and drawn: Prometheus and Alertmanager with the shipped files, on the running product.

Invariant: a query that names what the product does not export is a failure here, not an empty panel there.
"""

import http.server
import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, LiteralString

import psycopg
import pytest
import yaml

from config import health
from config.embedded_process import free_port
from tests.deploy import running
from tests.deploy.scrapers import PROMETHEUS, TOKEN, Prometheus, configured, names_in
from tests.journeys.person import Person, is_terminal, receive, until
from tests.product import Stack

ALERTMANAGER = running.DEPLOY / "alertmanager" / "alertmanager.yml"
RUNBOOK = running.ROOT / "docs" / "operating" / "alerts.md"
RULES: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"][0]["rules"]
CASES: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())["tests"]
DASHBOARD: dict[str, Any] = json.loads((running.DEPLOY / "grafana" / "regimen.json").read_text())
NAMES = sorted(rule["alert"] for rule in RULES)
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
PATIENCE = 60  # seconds: two scrapes and an evaluation, on a busy machine


def eventually(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"not within {PATIENCE} s: {what}"
        time.sleep(0.2)


def execute(stack: Stack, statement: LiteralString) -> None:
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Run the product with a model that cannot be reached, so that the models' numbers have something to tell."""
    for program in ("prometheus", "prometheus-alertmanager"):
        running.find(program)
    provider = {"model": "nobody", "name": "nobody", "base_url": f"http://127.0.0.1:{free_port()}/v1"}
    with running.stack(METRICS_TOKEN=TOKEN, AI_PROVIDERS=json.dumps([provider])) as started:
        yield started


@pytest.fixture(scope="module")
def pager() -> Iterator[tuple[int, list[tuple[str, dict[str, Any]]]]]:
    """Be the webhook of Alertmanager; give the port and what comes, each with its path."""
    told: list[tuple[str, dict[str, Any]]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1], told
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def prometheus(
    stack: Stack, pager: tuple[int, list[tuple[str, dict[str, Any]]]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """Run both programs with the shipped files; what is changed are addresses, paths and the pace."""
    folder = tmp_path_factory.mktemp("prometheus")
    webhook, told = pager
    routing = running.written(
        ALERTMANAGER,
        {"http://pager:8080": f"http://127.0.0.1:{webhook}", "group_wait: 10s": "group_wait: 1s"},
        folder / "alertmanager.yml",
    )

    def alertmanager(port: int) -> list[str]:
        return [
            running.find("prometheus-alertmanager"),
            *(f"--config.file={routing}", f"--storage.path={folder}/alertmanager"),
            *(f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="),
        ]

    with running.program(alertmanager, "/-/ready", folder) as alerts:
        configuration = configured(folder, stack.port, alerts)

        def server(port: int) -> list[str]:
            return [
                running.find("prometheus"),
                *(f"--config.file={configuration}", f"--storage.tsdb.path={folder}/data"),
                f"--web.listen-address=127.0.0.1:{port}",
            ]

        with running.program(server, "/-/ready", folder) as port:
            started = Prometheus(port, told)
            use(stack, started)
            yield started


def use(stack: Stack, prometheus: Prometheus) -> None:
    """Have plans made, reads, events and some failures, until Prometheus has seen two scrapes of them."""
    eventually(lambda: prometheus.query('up{job="regimen"} == 1') != [], "a first scrape")
    person = Person(stack.url, ai_consent=True)
    with person.listen() as socket:
        receive(socket)
        for start in ("2026-03-02", "2026-03-16"):
            person.post("/generate-plan", {"kind": "both", "days": 2, "start_date": start})
            assert until(socket, is_terminal)[-1]["type"] == "plan.ready"
        execute(
            stack,
            "UPDATE plan_jobs SET status = 'failed', error = '{\"code\": \"internal_error\"}' "
            "WHERE start_date = '2026-03-16'",
        )

        def seen() -> bool:
            for path in ("/today?date=2026-03-02", "/profile", "/meal-plan?date=2026-03-02", "/nope"):
                person.get(path)
            return prometheus.query('sum(rate(regimen_request_seconds_count{route="api/v1/profile"}[1m])) > 0') != []

        eventually(seen, "requests counted in two scrapes")
        eventually(lambda: prometheus.query("regimen_job_seconds") != [], "a job that was made")


def run(*command: str) -> str:
    program, *arguments = command
    done = subprocess.run([running.find(program), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_promtool_accepts_the_configuration_and_the_rules() -> None:
    run("promtool", "check", "config", "--syntax-only", str(PROMETHEUS / "prometheus.yml"))
    checked = run("promtool", "check", "rules", str(PROMETHEUS / "alerts.yml"))

    assert f"SUCCESS: {len(RULES)} rules found" in checked


def test_every_alert_is_told_when_it_should_be_and_not_before() -> None:
    said = run("promtool", "test", "rules", str(PROMETHEUS / "alerts_test.yml"))

    assert "SUCCESS" in said
    for case in CASES:
        expectations = [bool(moment["exp_alerts"]) for moment in case["alert_rule_test"]]
        assert sorted(expectations) == [False, True], case["name"]
    assert sorted(case["name"] for case in CASES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_says_what_is_wrong_and_what_to_do(name: str) -> None:
    (rule,) = [rule for rule in RULES if rule["alert"] == name]
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    section = re.search(rf"^## {name}$(.+?)(?=^## |\Z)", RUNBOOK.read_text(), re.MULTILINE | re.DOTALL)

    assert (running.ROOT / page, anchor) == (RUNBOOK, name.lower())
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    assert section is not None
    assert "**Look**" in section[1]
    assert "**Do**" in section[1]


def test_every_part_that_readiness_looks_at_has_an_alert() -> None:
    told = {part for rule in RULES for part in re.findall(r'regimen_ready\{part="(\w+)"\}\)? == 0', rule["expr"])}

    assert told == set(health.CHECKS)


def test_the_runbook_tells_of_no_alert_that_is_gone() -> None:
    assert sorted(re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.MULTILINE)) == NAMES


def test_amtool_accepts_the_routing_and_pages_somebody_for_what_is_urgent() -> None:
    run("amtool", "check-config", str(ALERTMANAGER))
    routed = {
        severity: run("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", f"severity={severity}")
        for severity in ("page", "ticket")
    }

    assert {severity: answer.strip() for severity, answer in routed.items()} == {"page": "page", "ticket": "ticket"}


def test_only_alerts_that_exist_are_held_back_and_for_one_that_exists() -> None:
    rules = yaml.safe_load(ALERTMANAGER.read_text())["inhibit_rules"]
    text = "".join(matcher for rule in rules for matchers in rule.values() for matcher in matchers)
    named = {name for quoted in re.findall(r'"([^"]+)"', text) for name in quoted.split("|")}

    assert named <= set(NAMES)
    assert len(named) > 5


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('sum by (le) (rate(a_bucket{x="b_c"}[5m])) > 0.5', {"a_bucket"}),
        ("max(a) / on (job) group_left (b) max(c) or vector(0)", {"a", "c"}),
        ("histogram_quantile(0.95, sum(d)) and e unless f", {"d", "e", "f"}),
    ],
)
def test_the_names_in_a_query_are_found(expression: str, found: set[str]) -> None:
    assert names_in(expression) == found


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_of_the_dashboard_shows_what_the_product_exports(prometheus: Prometheus, query: str) -> None:
    assert names_in(query) - prometheus.exported() == set()
    assert prometheus.query(query) != []


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_reads_what_the_product_exports(prometheus: Prometheus, rule: dict[str, Any]) -> None:
    assert names_in(rule["expr"]) - prometheus.exported() == set()


def test_every_number_of_the_product_is_drawn_or_alerted(prometheus: Prometheus) -> None:
    used = {name for text in [*QUERIES, *(rule["expr"] for rule in RULES)] for name in names_in(text)}
    own = {each["metric"] for each in prometheus.ask("targets/metadata", match_target='{job="regimen"}')}

    assert {
        name
        for name in own
        if name.startswith("regimen_")
        and not name.endswith("_created")
        and not any(name + suffix in used for suffix in ("", "_bucket", "_count"))
    } == set()


def test_all_rules_are_judged_without_an_error(prometheus: Prometheus) -> None:
    rules = [rule for group in prometheus.ask("rules")["groups"] for rule in group["rules"]]

    assert sorted(rule["name"] for rule in rules) == NAMES
    assert [rule["name"] for rule in rules if rule["health"] != "ok"] == []


def test_a_plan_without_a_certificate_wakes_somebody(prometheus: Prometheus, stack: Stack) -> None:
    execute(stack, "UPDATE meal_plan_versions SET certificate = '{}' WHERE date = '2026-03-03'")

    def told() -> bool:
        return any(
            alert["labels"]["alertname"] == "CertificateFailed"
            for path, message in list(prometheus.told)
            if path == "/page" and message["status"] == "firing"
            for alert in message["alerts"]
        )

    eventually(told, "an alert at the pager")
    (message,) = [
        message for path, message in prometheus.told if message["groupLabels"]["alertname"] == "CertificateFailed"
    ]
    assert message["alerts"][0]["annotations"]["runbook"] == "docs/operating/alerts.md#certificatefailed"
    assert message["alerts"][0]["labels"]["plan"] == "mealplans"


def test_a_healthy_product_is_silent_but_for_what_was_broken(prometheus: Prometheus) -> None:
    active = {alert["labels"]["alertname"] for alert in prometheus.ask("alerts")["alerts"]}

    assert active <= {"CertificateFailed", "JobsFail", "AiBreakerOpen"}
