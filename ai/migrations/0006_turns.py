import datetime as dt

from django.db import migrations, models
from django.db.models.functions import Now

HELP = "of the jobs that wait, the lowest is begun first"
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)  # a constant, so that no row is written: jobs that wait now go first


class Migration(migrations.Migration):
    dependencies = [("ai", "0005_changes_by_staff")]

    operations = [
        migrations.AddField("planjob", "turn", models.DateTimeField(db_default=LONG_AGO, help_text=HELP)),
        migrations.AlterField("planjob", "turn", models.DateTimeField(db_default=Now(), help_text=HELP)),
        migrations.AlterField("planjob", "created_at", models.DateTimeField(db_default=Now(), editable=False)),
    ]
