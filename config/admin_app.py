"""Django's admin with our site in the place of its own.

Invariant: importing this loads no model, since Django reads it before there are any.
"""

from django.contrib.admin.apps import AdminConfig


class StaffConfig(AdminConfig):
    default_site = "config.admin_site.StaffSite"
