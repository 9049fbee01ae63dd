"""The numbers that Prometheus reads at `/metrics`.

Invariant: labels are routes, states and codes, never a person.

Counters, histograms and sockets speak for the web server that was asked: where it has several processes, for all of
them; the pool speaks for the process that answers. What concerns workers and the clock is read from where they leave
it, rows and signs of life, so any web process can tell it; of several telling the same, take one.
"""

import hmac
import ipaddress
import logging
from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from config import errors, replicas

NEWEST = 500  # versions of each kind of plan whose certificates are looked at

log = logging.getLogger(__name__)

requests = Histogram(
    "regimen_request_seconds",
    "Time to answer, by route template.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
cache_reads = Counter("regimen_cache_reads_total", "Reads through the cache.", ["outcome"])
sockets = Gauge("regimen_websockets", "Open WebSockets of this server.", multiprocess_mode="livesum")
event_lag = Histogram(
    "regimen_event_lag_seconds",
    "Time from an event's record to its sending to a socket that was open already.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class FromSources(Collector):
    """Asks each of `settings.METRIC_SOURCES` for its gauges when scraped, so that they speak for every process."""

    def describe(self) -> Iterator[Metric]:
        return iter(())  # nothing to name before the database can be asked

    def collect(self) -> Iterator[Metric]:
        for path in settings.METRIC_SOURCES:
            try:
                with replicas.may_be_late():
                    found = list(import_string(path)())
                yield from found
            except DatabaseFailure as error:
                log.warning("the gauges of %s are missing: %s", path, type(error).__name__)


class PoolUse(Collector):
    """The connections to PostgreSQL of this process, as psycopg's pool counts them."""

    def describe(self) -> Iterator[Metric]:
        return iter(())  # there is no pool before the first query

    def collect(self) -> Iterator[Metric]:
        stats = connection.pool.get_stats()  # type: ignore[attr-defined]  # of Django's PostgreSQL backend
        size, idle = stats["pool_size"], stats["pool_available"]
        states = GaugeMetricFamily("regimen_db_connections", "Connections by state.", labels=["state"])
        states.add_metric(["idle"], idle)
        states.add_metric(["used"], size - idle)
        yield states
        yield GaugeMetricFamily("regimen_db_connections_max", "Connections at most.", value=stats["pool_max"])
        yield GaugeMetricFamily("regimen_db_waiting", "Who waits for one now.", value=stats["requests_waiting"])
        waited = stats.get("requests_wait_ms", 0) / 1000
        yield CounterMetricFamily("regimen_db_wait_seconds", "Time spent waiting for one.", value=waited)
        gave_up = stats.get("requests_errors", 0)
        yield CounterMetricFamily("regimen_db_wait_failures", "Who waited for one in vain.", value=gave_up)


def certificates() -> Iterator[GaugeMetricFamily]:
    """Yield how many of the newest plans lack a certificate that says they passed: the judge lets none through."""
    failed = GaugeMetricFamily(
        "regimen_certificates_failed", f"Plans without a passed certificate, of the newest {NEWEST}.", labels=["plan"]
    )
    for label in settings.CERTIFIED:
        newest = apps.get_model(label)._default_manager.order_by("-pk")[:NEWEST]
        verdicts = newest.values_list("certificate__passed", flat=True)
        failed.add_metric([label.partition(".")[0]], sum(verdict is not True for verdict in verdicts))
    yield failed


REGISTRY.register(FromSources())
REGISTRY.register(PoolUse())


@require_safe
def view(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus: with the token where one is set, else loopback only, and in production nobody."""
    if not _may_read(request):
        return errors.not_found(request)
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)


def _registry() -> CollectorRegistry:
    """Return what is told: this process's own, or what its sisters have left in the folder that they share."""
    if values.ValueClass is values.MutexValue:  # else `config.several` has named a folder
        return REGISTRY
    found = CollectorRegistry()
    multiprocess.MultiProcessCollector(found)  # type: ignore[no-untyped-call]
    for own in (FromSources(), PoolUse()):
        found.register(own)
    return found


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    address = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - not a bind: the address nobody has
    return not settings.PRODUCTION and ipaddress.ip_address(address).is_loopback
