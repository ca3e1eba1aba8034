"""When a reviewer was last told what waits for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("samsvar_meetings", "0003_what_stood_before")]

    operations = [
        migrations.AddField(model_name="duty", name="told_at", field=models.DateTimeField(blank=True, null=True)),
    ]
