"""Every setting of the product, and the only reader of the environment.

Invariant: in production nothing secret has a default; a missing or weak secret stops the start.
"""

import os
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from config import providers

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")

MIN_SECRET_LENGTH = 50  # what Django's own deployment check asks for


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, "") or default


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


ENVIRONMENT = env("ENVIRONMENT", "production")
if ENVIRONMENT not in {"development", "test", "production"}:
    raise ImproperlyConfigured("ENVIRONMENT is one of development, test, production")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False


def secret(name: str) -> str:
    value = env(name)
    if len(value) < MIN_SECRET_LENGTH or len(set(value)) < MIN_SECRET_LENGTH // 4:
        raise ImproperlyConfigured(f"{name} needs at least {MIN_SECRET_LENGTH} random characters")
    return value


def required(name: str) -> str:
    value = env(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: see .env.example")
    return value


SECRET_KEY = secret("SECRET_KEY")
JWT_SIGNING_KEY = secret("JWT_SIGNING_KEY")
JWT_PREVIOUS_KEYS = env_list("JWT_PREVIOUS_KEYS")  # still verify, sign nothing
if SECRET_KEY in {JWT_SIGNING_KEY, *JWT_PREVIOUS_KEYS}:
    raise ImproperlyConfigured("JWT_SIGNING_KEY must differ from SECRET_KEY")
if any(len(key) < MIN_SECRET_LENGTH for key in JWT_PREVIOUS_KEYS):
    raise ImproperlyConfigured(f"JWT_PREVIOUS_KEYS needs at least {MIN_SECRET_LENGTH} characters in each key")

# --- the frame -----------------------------------------------------------------------------------
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,testserver")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set: see .env.example")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
WEBSOCKET_ORIGINS = env_list("WEBSOCKET_ORIGINS")  # foreign origins that may open the socket; the own host always may
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
INSTALLED_APPS = [
    "config.admin_app.StaffConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "simple_history",
    "config",
    "ninja",  # serves the API docs' own static files: they work offline
    "users",
    "mealplans",
    "workouts",
    "progress",
    "ai",
    "workers",
]
MIDDLEWARE = [
    "config.middleware.observe",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.headers.Policies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.known_host",
    "config.middleware.head_as_get",
    "config.middleware.strict_json",
    "config.limits.limited",
    "config.hashing.bounded_hashing",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "users.feed_stream.streamed",
    "workers.idempotency.repeatable",  # the endpoint itself, and nothing else, is inside
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
APPEND_SLASH = False
API_ROUTERS = {  # mounted under /api/v1 by config.api, in this order
    "Accounts": "users.api.router",
    "Account care": "users.account_api.router",
    "Meal plans": "mealplans.api.router",
    "Workout plans": "workouts.api.router",
    "Progress": "progress.api.router",
    "Plan generation": "ai.api.router",
}
TODAY_PARTS = {  # what `GET /today` shows, each `(user, date) -> value or None`
    "meal_plan": "mealplans.selectors.meal_plan_or_none",
    "workout_plan": "workouts.selectors.workout_plan_or_none",
    "progress": "progress.selectors.log_or_none",
}
KEPT_ELSEWHERE = {"ai_documents": "ai.documents.find"}  # tables whose rows another store may have: `user_id -> rows`
CACHED_READS = {  # answered by config.reads: route, its one parameter and how that looks, the answer's name
    "/api/v1/profile": ("units", "metric|imperial", "profile"),
    "/api/v1/profile/targets": ("-", "-", "targets"),
    "/api/v1/today": ("date", r"\d{4}-\d\d-\d\d", "today"),
    "/api/v1/meal-plan": ("date", r"\d{4}-\d\d-\d\d", "meal"),
    "/api/v1/workout-plan": ("date", r"\d{4}-\d\d-\d\d", "workout"),
    "/api/v1/jobs/<job_id>": ("job_id", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "job"),
}
KEYLESS_POSTS = {  # take no Idempotency-Key: nobody is signed in, what they answer is a secret, or twice is as once
    f"/api/v1{path}"
    for path in (
        *("/register", "/login", "/token/refresh", "/logout", "/logout-all", "/ws-ticket"),
        *("/email/verify", "/email/verify/confirm", "/email/change"),
        *("/password/reset", "/password/reset/confirm", "/password/change"),
    )
}
CLAIMS_OF_TOKEN = "users.auth.claims_of"  # noqa: S105 - a function's name
MODEL_STATE = "ai.breaker.state"  # of a provider by its name: `/readyz` tells which one rests
METRIC_SOURCES = [  # gauges that are read when Prometheus asks, and speak for all processes
    "ai.selectors.job_metrics",
    "config.health.readiness",
    "config.metrics.certificates",
]
CERTIFIED = ["mealplans.MealPlanVersion", "workouts.WorkoutPlanVersion"]  # every row has its judge's certificate
MAX_BODY_BYTES = 64 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
REQUEST_SECONDS = float(env("REQUEST_SECONDS", "30"))  # from a request's first line to the end of its body
RATE_LIMITS = env("RATE_LIMITS", "0" if ENVIRONMENT == "test" else "1") == "1"  # the table is config.limits.RULES
TRUSTED_PROXIES = int(env("TRUSTED_PROXIES", "0"))  # that add the address they see to X-Forwarded-For
HASHES_AT_ONCE = int(env("HASHES_AT_ONCE") or os.cpu_count() or 1)  # of passwords, in one process

# --- people --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.BCryptSHA256PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCESS_TOKEN_LIFETIME = timedelta(minutes=10)
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
SESSION_LIFETIME = timedelta(days=180)  # however often it is refreshed
REFRESH_GRACE = timedelta(seconds=10)  # a lost answer to a refresh may be asked for again within this time
TICKET_LIFETIME = timedelta(seconds=30)
NINJA_JWT = {  # every key is set: those that are not would be read from the environment
    "ACCESS_TOKEN_LIFETIME": ACCESS_TOKEN_LIFETIME,
    "REFRESH_TOKEN_LIFETIME": REFRESH_TOKEN_LIFETIME,
    "ROTATE_REFRESH_TOKENS": False,
    "BLACKLIST_AFTER_ROTATION": False,
    "UPDATE_LAST_LOGIN": False,
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "VERIFYING_KEY": "",
    "AUDIENCE": "regimen",
    "ISSUER": "regimen",
    "JWK_URL": None,
    "LEEWAY": 5,  # s by which the clocks of two machines may differ: for `iat` and `nbf`; `exp` has none (users.auth)
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "user_id",
    "USER_AUTHENTICATION_RULE": "ninja_jwt.authentication.default_user_authentication_rule",
    "TOKEN_USER_CLASS": "ninja_jwt.models.TokenUser",
    "AUTH_TOKEN_CLASSES": ["ninja_jwt.tokens.AccessToken"],
    "JSON_ENCODER": None,
    "TOKEN_TYPE_CLAIM": "token_type",
    "JTI_CLAIM": "jti",
    "SLIDING_TOKEN_REFRESH_EXP_CLAIM": "refresh_exp",
    "SLIDING_TOKEN_LIFETIME": ACCESS_TOKEN_LIFETIME,
    "SLIDING_TOKEN_REFRESH_LIFETIME": REFRESH_TOKEN_LIFETIME,
    "TOKEN_OBTAIN_PAIR_INPUT_SCHEMA": "ninja_jwt.schema.TokenObtainPairInputSchema",
    "TOKEN_OBTAIN_PAIR_REFRESH_INPUT_SCHEMA": "ninja_jwt.schema.TokenRefreshInputSchema",
    "TOKEN_OBTAIN_SLIDING_INPUT_SCHEMA": "ninja_jwt.schema.TokenObtainSlidingInputSchema",
    "TOKEN_OBTAIN_SLIDING_REFRESH_INPUT_SCHEMA": "ninja_jwt.schema.TokenRefreshSlidingInputSchema",
    "TOKEN_BLACKLIST_INPUT_SCHEMA": "ninja_jwt.schema.TokenBlacklistInputSchema",
    "TOKEN_VERIFY_INPUT_SCHEMA": "ninja_jwt.schema.TokenVerifyInputSchema",
}
AUTHENTICATION_BACKENDS = ["users.roles.Backend"]
LOGIN_URL = "admin:login"
CSRF_FAILURE_VIEW = "config.declined.csrf_failure"
PASSWORD_WAS_SET = "users.lifecycle.password_was_set"  # noqa: S105 - a function's name
STAFF_TOTP = PRODUCTION or env("STAFF_TOTP") == "1"  # the admin asks for a code of an authenticator app
STAFF_SESSION_LIFETIME = timedelta(hours=12)  # however busy it is
STAFF_INVITATION_LIFETIME = timedelta(days=3)  # within which a second factor is to be set up
SESSION_COOKIE_AGE, SESSION_SAVE_EVERY_REQUEST = 60 * 60, True  # s without a request
OTP_TOTP_ISSUER = "Regimen"
AUDIT_DAYS = int(env("AUDIT_DAYS", "730"))  # for which it is kept who of the staff changed and saw what
SIMPLE_HISTORY_REVERT_DISABLED = True
DEMO_EMAIL = "" if PRODUCTION else env("DEMO_EMAIL")  # the page offers "enter as the demo person"
DEMO_PASSWORD = "" if PRODUCTION else env("DEMO_PASSWORD")
STAFF_PASSWORD = "" if PRODUCTION else env("REGIMEN_STAFF_PASSWORD")  # of the demo staff login

# --- letters ---------------------------------------------------------------------------------------
PUBLIC_URL = env("PUBLIC_URL", f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION else "http://127.0.0.1:8000")
_mail = urlsplit(env("EMAIL_URL", "smtp://localhost" if PRODUCTION else "console:"))
if _mail.scheme not in {"console", "smtp", "submission", "smtps"}:
    raise ImproperlyConfigured("EMAIL_URL is console:, or begins with smtp://, submission:// or smtps://")
EMAIL_BACKEND = f"django.core.mail.backends.{'console' if _mail.scheme == 'console' else 'smtp'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or {"submission": 587, "smtps": 465}.get(_mail.scheme, 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "submission", _mail.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", f"Regimen <no-reply@{urlsplit(PUBLIC_URL).hostname}>")

# --- PostgreSQL: the facts -----------------------------------------------------------------------
_database = dj_database_url.parse(required("DATABASE_URL"))
STATEMENT_LIMITS = "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000"
DATABASES: dict[str, Any] = {
    "default": {
        **_database,
        "ENGINE": "config.postgres",  # whose pool does not back off
        "CONN_MAX_AGE": 0,  # the pool keeps connections; anything else leaks them under ASGI
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_database.get("OPTIONS", {}),  # sslmode and the like, from the URL
            "pool": {"min_size": 1, "max_size": int(env("DB_POOL_SIZE", "10")), "timeout": 2},
            "connect_timeout": 3,
            "prepare_threshold": None if env("DB_PREPARE") == "0" else 5,  # for config.postgres.prepared
            "options": STATEMENT_LIMITS,
        },
    }
}
if _replica := env("DATABASE_REPLICA_URL"):
    DATABASES["replica"] = {**DATABASES["default"], **dj_database_url.parse(_replica)}
    DATABASES["replica"]["OPTIONS"] = {**DATABASES["default"]["OPTIONS"], **DATABASES["replica"].get("OPTIONS", {})}
DATABASE_ROUTERS = ["config.replicas.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: the hints ----------------------------------------------------------------------------
REDIS_URL = required("REDIS_URL")


def redis_database(number: int) -> str:
    return urlsplit(REDIS_URL)._replace(path=f"/{number}").geturl()


BROKER_URL = env("BROKER_URL", redis_database(0))
if urlsplit(BROKER_URL).scheme not in {"redis", "rediss", "unix", "amqp", "amqps"}:
    raise ImproperlyConfigured("BROKER_URL begins with redis://, rediss://, unix://, amqp:// or amqps://")
if BROKER_URL.startswith("amqp") and find_spec("pika") is None:
    raise ImproperlyConfigured("BROKER_URL names a RabbitMQ, and pika is not installed: install the extra `rabbitmq`")
BROKER_NAMESPACE = "regimen"
CACHE_URL = env("CACHE_URL", redis_database(1))
CHANNELS_URL = env("CHANNELS_URL", redis_database(2))
LIMITS_URL = env("LIMITS_URL")  # of the rate limits; default: the cache's
CACHE_SECONDS = 300
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "regimen",
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",  # pickle would run what Redis holds
            "SOCKET_TIMEOUT": 0.2,
            "SOCKET_CONNECT_TIMEOUT": 0.2,
        },
    }
}
CHANNEL_LAYERS: dict[str, Any] = {
    "default": {
        "BACKEND": "config.pushes.PushLayer",
        # redis-py 8 closes idle sockets after 5 s unless it is told otherwise
        "CONFIG": {"hosts": [{"address": CHANNELS_URL, "socket_timeout": 15}], "prefix": "regimen"},
    }
}

# --- jobs ----------------------------------------------------------------------------------------
JOB_LEASE = timedelta(seconds=float(env("JOB_LEASE_SECONDS", "30")))
JOB_HEARTBEAT = JOB_LEASE / 3
JOB_RESEND = timedelta(seconds=float(env("JOB_RESEND_SECONDS", "10")))  # a queued job that nobody took is sent again
JOB_DEADLINE = timedelta(minutes=5)  # from acceptance to a terminal state, attempts and waits included
JOB_MAX_ATTEMPTS = 3
PLANS_PER_DAY = int(env("PLANS_PER_DAY", "100"))  # that a person may ask for in 24 hours
CLOCK_INTERVAL = timedelta(seconds=float(env("CLOCK_SECONDS", "2")))
DRAIN = timedelta(seconds=float(env("DRAIN_SECONDS", "40")))  # after SIGTERM, for a web server to end requests
EVENT_AGE, EVENTS_KEPT = timedelta(days=7), 1000  # of each person; who asks for older ones is told to read anew
WEB_SERVER = env("WEB_SERVER", "uvicorn")  # what `python -m config.serve` runs
if WEB_SERVER not in {"uvicorn", "daphne"}:
    raise ImproperlyConfigured("WEB_SERVER is uvicorn or daphne")
WORKER_ALIVE = timedelta(seconds=15)  # readiness: the last sign of life may be this old

# --- the models: with no AI_PROVIDERS the planner serves --------------------------------------------
AI_ATTEMPT = providers.time_limit("AI_ATTEMPT_SECONDS", env("AI_ATTEMPT_SECONDS", "20"))  # one question to one provider
AI_DEADLINE = providers.time_limit("AI_DEADLINE_SECONDS", env("AI_DEADLINE_SECONDS", "30"))  # all for one plan
AI_CONNECT = providers.time_limit("AI_CONNECT_SECONDS", env("AI_CONNECT_SECONDS", "2"))
AI_FIRST_BYTE = providers.time_limit("AI_FIRST_BYTE_SECONDS", env("AI_FIRST_BYTE_SECONDS", "10"))
AI_PROVIDERS = providers.parse(env("AI_PROVIDERS"), key=env, deadline=AI_ATTEMPT.total_seconds())
AI_CALLS_PER_USER = int(env("AI_DAILY_CALLS_PER_USER", "20"))  # of a day in UTC; over a cap the planner serves
AI_USD_PER_USER = Decimal(env("AI_DAILY_USD_PER_USER", "0.50"))
AI_USD_FOR_ALL = Decimal(env("AI_DAILY_USD", "50"))

# --- documents: raw exchanges with models, and edits of plans; only with consent, and for a while ------
EDIT_JOURNAL = "ai.documents.note_edit"  # takes (user_id, edit) in the edit's transaction; empty: nobody
DOCUMENT_STORE = env("DOCUMENT_STORE", "postgresql")
MONGODB_URL = env("MONGODB_URL")
DOCUMENT_DAYS = int(env("DOCUMENT_DAYS", "30"))  # 0: nothing is kept
if DOCUMENT_STORE not in {"postgresql", "mongodb"}:
    raise ImproperlyConfigured("DOCUMENT_STORE is postgresql or mongodb")
if DOCUMENT_STORE == "mongodb" and not MONGODB_URL:
    raise ImproperlyConfigured("DOCUMENT_STORE is mongodb, and MONGODB_URL is not set: see .env.example")

# --- what operators see ----------------------------------------------------------------------------
METRICS_TOKEN = env("METRICS_TOKEN")  # without it /metrics answers loopback only, and nobody in production
OTLP_ENDPOINT = env("OTEL_EXPORTER_OTLP_ENDPOINT")  # set: requests, jobs and questions to models are traced
JOB_MIDDLEWARE = ["config.tracing.Jobs"] if OTLP_ENDPOINT else []
if OTLP_ENDPOINT:
    INSTALLED_APPS[INSTALLED_APPS.index("config")] = "config.tracing.Traced"
    MIDDLEWARE.insert(0, "config.tracing.observe")
SENTRY_DSN = env("SENTRY_DSN")
if SENTRY_DSN:  # exceptions, without what a person told us
    import_module("sentry_sdk").init(
        dsn=SENTRY_DSN,
        environment=ENVIRONMENT,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        trace_propagation_targets=[],
        integrations=[import_module("sentry_sdk.integrations.dramatiq").DramatiqIntegration()],
    )
LOG_LEVEL = env("LOG_LEVEL", "INFO")
LOGGING_CONFIG = "config.logging.configure"
LOGGING = {"level": LOG_LEVEL}

# --- browsers --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None  # elsewhere the finders serve
STATICFILES_DIRS = [BASE_DIR / "web" / "static"]
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION  # a page that is being edited is served as it is
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env("BEHIND_TLS_PROXY") == "1" else None
SECURE_SSL_REDIRECT = PRODUCTION and env("SSL_REDIRECT", "1") == "1"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked for by probes inside the network
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "regimen_staff", "regimen_csrf"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
_own, _none = ["'self'"], ["'none'"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {"default-src": _none, "base-uri": _none, "form-action": _none, "frame-ancestors": _none}
}
PAGE_POLICIES: dict[str, dict[str, list[str]]] = {  # what a page may load over that; /* is all that begins so
    "/": {"script-src": _own, "style-src": _own, "font-src": _own, "img-src": _own, "connect-src": _own},
    "/api/v1/docs": {"script-src": _own, "style-src": _own, "img-src": [*_own, "data:"], "connect-src": _own},
    "/admin/*": {"script-src": _own, "style-src": _own, "img-src": _own, "form-action": _own},
}
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
