"""The three roles of staff, as groups to be put into; what each may do is `users.roles`, not rows."""

from django.db import migrations

NAMES = ("support", "coach", "admin")


def add(apps, schema_editor):
    for name in NAMES:
        apps.get_model("auth", "Group").objects.get_or_create(name=name)


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=NAMES).delete()


class Migration(migrations.Migration):

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("users", "0004_staff_audit"),
    ]

    operations = [migrations.RunPython(add, remove)]
