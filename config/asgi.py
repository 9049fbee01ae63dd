"""The one entry for servers: HTTP goes to Django, sockets to the consumers that `settings` names.

Invariant: whatever server runs it, no request is held in memory beyond what its path allows.
"""

import gc
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - after Django is set up
from django.urls import get_resolver, path  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from config.body import Bodies  # noqa: E402
from config.handler import OneThread  # noqa: E402
from config.hits import Hits  # noqa: E402
from config.reads import Reads  # noqa: E402

if "daphne.cli" in sys.modules:  # it serves this application
    from config import server

    server.bound()

hits = Hits()
application = ProtocolTypeRouter(
    {
        "http": Reads(Bodies(OneThread()), hits),
        "websocket": URLRouter([path("ws/events", import_string("users.consumers.EventFeed").as_asgi())]),
    }
)

get_resolver().check()  # imports every view now, not during the first request
gc.collect()
gc.freeze()  # what lives as long as the process is not looked through again, which made one answer in a hundred slow
