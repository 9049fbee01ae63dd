"""Traces by OpenTelemetry: a request, the job that it asks for and each question to a model are one.

Invariant: a span holds routes, statuses and ids of jobs: no body, no query, no address, and of an error its type alone.
Nobody outside is told a trace's id, and none is believed from there.

Imported only where `OTEL_EXPORTER_OTLP_ENDPOINT` is set, for its packages are an extra, `otel`.
"""

import threading
from typing import Any

import dramatiq
from django.apps import AppConfig
from django.http import HttpRequest, HttpResponse
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.propagate import set_global_textmap
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

import config.broker  # noqa: F401 - sets the broker that web processes send by
from config import middleware

SERVER_ERROR = 500
LETTER = TraceContextTextMapPropagator()  # how a message carries its trace

tracer = trace.get_tracer("regimen")


class Traced(AppConfig):
    """Stands for the app `config`; starts tracing in every process that sets Django up."""

    name = "config"

    def ready(self) -> None:
        provider = TracerProvider(resource=Resource.create({"service.name": "regimen"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)
        set_global_textmap(CompositePropagator([]))
        HTTPXClientInstrumentor().instrument()
        dramatiq.get_broker().add_middleware(Letters())


def observe(get_response: middleware.Handler) -> middleware.Handler:
    """Have a span for every request but the probes."""

    def traced(request: HttpRequest) -> HttpResponse:
        if request.path in middleware.PROBES:
            return get_response(request)
        with _span(str(request.method), SpanKind.SERVER) as span:
            response = get_response(request)
            route = request.resolver_match.route if request.resolver_match else "(none)"
            span.update_name(f"{request.method} {route}")
            span.set_attribute("http.request.method", str(request.method))
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= SERVER_ERROR:
                span.set_status(StatusCode.ERROR)
            return response

    return traced


class Letters(dramatiq.Middleware):
    """Writes the current trace into each message that is sent."""

    def before_enqueue(self, broker: dramatiq.Broker, message: Any, delay: int | None) -> None:
        LETTER.inject(message.options)


class Jobs(Letters):
    """Has a span for each message that is worked on, in the trace of whoever sent it."""

    def __init__(self) -> None:
        self._open = threading.local()

    def before_process_message(self, broker: dramatiq.Broker, message: Any) -> None:
        span = tracer.start_span(message.actor_name, LETTER.extract(message.options), SpanKind.CONSUMER)
        span.set_attribute("regimen.job", ",".join(map(str, message.args)))
        self._open.span, self._open.token = span, context.attach(trace.set_span_in_context(span))

    def after_process_message(
        self, broker: dramatiq.Broker, message: Any, *, result: Any = None, exception: BaseException | None = None
    ) -> None:
        if exception is not None:
            self._open.span.set_status(StatusCode.ERROR, type(exception).__name__)
        context.detach(self._open.token)
        self._open.span.end()


def _span(name: str, kind: SpanKind) -> Any:
    return tracer.start_as_current_span(name, kind=kind, record_exception=False, set_status_on_exception=False)
