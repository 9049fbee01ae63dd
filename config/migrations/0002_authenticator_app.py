"""Staff's apps under a name of our own: the same table.

Invariant: changes no row and no column.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("config", "0001_cache_debt"), ("otp_totp", "0003_add_timestamps")]

    operations = [
        migrations.CreateModel(
            name="AuthenticatorApp",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("otp_totp.totpdevice",),
        ),
    ]
