"""The numbers that Prometheus reads at `/metrics`.

Invariant: labels are routes, states and codes, never a person.
"""

import hmac
import ipaddress
import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from config import errors

log = logging.getLogger(__name__)

requests = Histogram(
    "regimen_request_seconds",
    "Time to answer, by route template.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
cache_reads = Counter("regimen_cache_reads_total", "Reads through the cache.", ["outcome"])
sockets = Gauge("regimen_websockets", "Open WebSockets of this process.")


class FromDatabase(Collector):
    """Asks each of `settings.METRIC_SOURCES` for its gauges when scraped, so that they speak for every process."""

    def describe(self) -> Iterator[Metric]:
        return iter(())  # nothing to name before the database can be asked

    def collect(self) -> Iterator[Metric]:
        try:
            for path in settings.METRIC_SOURCES:
                yield from import_string(path)()
        except DatabaseFailure as error:
            log.warning("the database's gauges are missing: %s", type(error).__name__)


REGISTRY.register(FromDatabase())


@require_safe
def view(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus: with the token where one is set, else loopback only, and in production nobody."""
    if not _may_read(request):
        return errors.not_found(request)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    address = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - not a bind: the address nobody has
    return not settings.PRODUCTION and ipaddress.ip_address(address).is_loopback
