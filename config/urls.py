"""Every path of the product.

Invariant: what is not named here is answered by `config.errors.not_found`.
"""

from django.conf import settings
from django.contrib import admin
from django.urls import path
from django.views.generic import TemplateView

from config import asyncapi, health, metrics
from config.api import api

demo = {"demo_email": settings.DEMO_EMAIL, "demo_password": settings.DEMO_PASSWORD}

urlpatterns = [
    path("", TemplateView.as_view(template_name="index.html", extra_context=demo)),
    path("healthz", health.live),
    path("readyz", health.ready),
    path("metrics", metrics.view),
    path("api/v1/", api.urls),
    path("asyncapi.json", asyncapi.view),
    path("admin/", admin.site.urls),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
