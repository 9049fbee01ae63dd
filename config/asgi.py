"""The one entry for servers: HTTP goes to Django, sockets to the consumers that `settings` names.

Invariant: whatever server runs it, no request is held in memory beyond what its path allows.
"""

import os
import sys

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - after Django is set up
from django.urls import path  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from config.body import Bodies  # noqa: E402
from config.reads import Reads  # noqa: E402

if "daphne.cli" in sys.modules:  # it serves this application
    from config import server

    server.bound()

application = ProtocolTypeRouter(
    {
        "http": Reads(Bodies(django_application)),
        "websocket": URLRouter([path("ws/events", import_string("users.consumers.EventFeed").as_asgi())]),
    }
)
