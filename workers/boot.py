"""What a Dramatiq worker process imports: Django, the broker with a worker's patience, every actor.

Invariant: importing it twice, or in a test, starts nothing.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import dramatiq  # noqa: E402 - after Django is set up

from config import broker  # noqa: E402
from workers.middleware import MIDDLEWARE  # noqa: E402

worker_broker = broker.build(socket_timeout=30)
for middleware in MIDDLEWARE:
    worker_broker.add_middleware(middleware())
dramatiq.set_broker(worker_broker)

from workers import actors  # noqa: E402

__all__ = ["actors", "worker_broker"]
