"""The product with `ai/` deleted.

Invariant: a fresh process that cannot import `ai`, nor `workers`, which run it, imports and sets up all the rest.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SURGERY = """
import importlib, json, os, pkgutil, sys

GONE = ("ai", "workers")
UNWANTED = ("config.settings_test", "config.demo", "config.up", "config.rabbit")  # for some machines only


class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in GONE:
            raise ModuleNotFoundError(name)


def stays(dotted):
    return dotted.partition(".")[0] not in GONE


sys.meta_path.insert(0, Gone())
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from config import settings as product

product.INSTALLED_APPS = list(filter(stays, product.INSTALLED_APPS))
product.API_ROUTERS = {tag: router for tag, router in product.API_ROUTERS.items() if stays(router)}
product.METRIC_SOURCES = list(filter(stays, product.METRIC_SOURCES))
product.MIDDLEWARE = list(filter(stays, product.MIDDLEWARE))

import django

django.setup()
packages = [importlib.import_module(name) for name in ("config", "users", "mealplans", "workouts", "progress")]
found = [each.name for root in packages for each in pkgutil.walk_packages(root.__path__, root.__name__ + ".")]
imported = [name for name in found if name not in UNWANTED and importlib.import_module(name)]

from config.api import api

operations = [path for path in api.get_openapi_schema()["paths"]]
print(json.dumps({"imported": imported, "operations": operations, "gone": sorted(set(GONE) & set(sys.modules))}))
"""


@pytest.fixture(scope="module")
def rest() -> dict[str, list[str]]:
    """Return what the process found: modules imported, paths of the API, and whether anything gone came back."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", SURGERY], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_everything_else_imports(rest: dict[str, list[str]]) -> None:
    assert {"users.services", "mealplans.planner", "workouts.api", "progress.selectors", "config.asgi"} <= set(
        rest["imported"]
    )
    assert rest["gone"] == []


def test_people_still_read_their_plans_and_log_their_progress(rest: dict[str, list[str]]) -> None:
    paths = set(rest["operations"])

    assert {"/api/v1/meal-plan", "/api/v1/workout-plan", "/api/v1/progress", "/api/v1/profile/targets"} <= paths
    assert "/api/v1/generate-plan" not in paths
