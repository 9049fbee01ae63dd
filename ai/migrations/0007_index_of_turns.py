from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ai", "0006_turns")]

    operations = [
        AddIndexConcurrently(
            "planjob", models.Index(fields=["turn"], condition=Q(status="queued"), name="plan_jobs_turns")
        ),
    ]
