# One image for web, worker and clock; the command says which (docker-compose.yml names all three).
# It holds the product and the packages of a lock file, runs as a user without rights and from a file system that may be
# read-only (only /tmp must be writable), and contains no secret.
# To send traces or errors away, keep documents in MongoDB or have RabbitMQ carry the messages:
# docker build --build-arg LOCK=config/requirements-observed.lock .
#
# hadolint and the tests in tests/config and tests/deploy have read this file; there is no engine here to build it with.
# The tags name one release each; write the digest behind them when you pull for the first time.
FROM python:3.13.14-slim-trixie AS build
ARG LOCK=config/requirements.lock
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY config/*.lock config/
RUN python -m venv --without-pip /venv \
 && pip --python /venv/bin/python install --require-hashes --only-binary :all: -r "$LOCK"
ENV PATH=/venv/bin:$PATH
COPY . .
# The settings refuse to load without secrets: these two live as long as this line.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    JWT_SIGNING_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    DATABASE_URL=postgresql://build/build REDIS_URL=redis://build ENVIRONMENT=production ALLOWED_HOSTS=build \
    python manage.py collectstatic --no-input \
 && rm config/*.lock \
 && python -m compileall -q .

FROM python:3.13.14-slim-trixie
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ENVIRONMENT=production
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin regimen
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", "import http.client; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=2); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["python", "-m", "config.serve", "--host", "0.0.0.0", "--port", "8000"]
