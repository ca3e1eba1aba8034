"""When participants were told of an evaluation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("samsvar_meetings", "0005_track_colour")]

    operations = [
        migrations.AddField(
            model_name="survey", name="announced_at", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
