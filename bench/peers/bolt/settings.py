"""The shared settings, with django-bolt.

Invariant: see `bench.peers.settings`.
"""

from bench.peers.settings import *  # noqa: F403

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_bolt",
    "bench.peers.rest",
]
ROOT_URLCONF = "bench.peers.bolt.api"
BOLT_API = ["bench.peers.bolt.api:api"]
