"""The settings that mypy's Django plugin reads to learn the models.

Invariant: importing it starts no server, opens no connection and loads the models alone, so plain `mypy` works with
nothing set.
"""

import os

os.environ["DATABASE_URL"] = "postgresql://nobody@localhost/nowhere"
os.environ["REDIS_URL"] = "redis://localhost/0"

from config import settings_test
from config.settings_test import *  # noqa: F403

WITHOUT_DISCOVERY = {"config.admin_app.StaffConfig": "django.contrib.admin.apps.SimpleAdminConfig"}
INSTALLED_APPS = [WITHOUT_DISCOVERY.get(app, app) for app in settings_test.INSTALLED_APPS]
